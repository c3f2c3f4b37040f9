"""The life of a step: settle, gate, stage, judge, rule, replace, one season at a time.

Knows no Dagster: a step takes a table and days and returns what became of each day. Telling
people is :mod:`nba_backfill.materialization.asset`'s part.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Iterable, Mapping, Sequence

from nba_backfill.core.season import GameCalendar, Season
from nba_backfill.core.table import Table
from nba_backfill.materialization.catalogue import CALENDAR_TABLE, Catalogue, seasons_of
from nba_backfill.materialization.computation import ComputationError, stage_days
from nba_backfill.materialization.gate import Gate
from nba_backfill.materialization.judge import DayProfile, Finding, Judge
from nba_backfill.materialization.recorded import (
    STANDS_ON,
    STORED,
    Ground,
    Outcome,
    stored_verdict,
    to_keep,
)
from nba_backfill.materialization.refusal import (
    Court,
    Refusal,
    Ruling,
    own_findings,
    since,
    withheld_in_words,
    withhold,
)
from nba_backfill.materialization.settle import made_days, settled_status
from nba_backfill.warehouse.ledger import (
    ERROR,
    SCHEDULE,
    Cause,
    DayHistory,
    PartitionRecord,
    Status,
    inputs_fingerprint,
)
from nba_backfill.warehouse.protocol import StatementError, Unit, Warehouse

REASON_LENGTH = 600


class Step:
    """Computes one table for some days.

    ``progress`` is told about each season; ``checkpoint`` is called between statements, outside of
    transactions, and ends the step by raising if someone wants it to stop. Without ``publish`` only
    the warehouse is written: for scratch copies of it.
    """

    def __init__(
        self,
        table: Table,
        catalogue: Catalogue,
        warehouse: Warehouse,
        *,
        run_id: str = "",
        progress: Callable[[str], None] = lambda _: None,
        checkpoint: Callable[[], None] = lambda: None,
        publish: bool = True,
    ) -> None:
        self.table = table
        self.catalogue = catalogue
        self.warehouse = warehouse
        self.run_id = run_id
        self.progress = progress
        self.checkpoint = checkpoint
        self.publication = table.publication if publish else None
        self.accepted = warehouse.acceptances()

    def run(self, days: Sequence[dt.date]) -> list[PartitionRecord]:
        """Bring every day to a recorded status and return the records, in day order.

        Each season is committed on its own, so a killed run keeps the seasons it finished.
        """
        for table in (self.table, *self.catalogue.inputs(self.table).values()):
            self.warehouse.ensure_table(table)
        records: list[PartitionRecord] = []
        asked = self.catalogue.calendar(self.warehouse, seasons_of(days))
        days = made_days(self.table, asked, days)
        for season in seasons_of(days):
            self.checkpoint()
            chosen = sorted(day for day in days if Season.of(day) == season)
            started = time.perf_counter()
            done = self._season(season, chosen)
            records += done
            counts = {s: sum(r.status is s for r in done) for s in Status}
            said = ", ".join(f"{n} {s}" for s, n in counts.items() if n)
            rows = sum(r.row_count for r in done)
            withheld = sum(r.withheld_rows for r in done)
            refused = f", {withheld:,} rows withheld" if withheld else ""
            self.progress(
                f"{self.table.name} {season}: {len(done)} days ({said}), {rows:,} rows{refused},"
                f" {time.perf_counter() - started:.1f} s"
            )
        return records

    def _say(self, line: str) -> None:
        """Tell how far long work in Python has come, and stop it there if asked to."""
        self.progress(line)
        self.checkpoint()

    def _season(self, season: Season, days: Sequence[dt.date]) -> list[PartitionRecord]:
        """Settle days without games, gate the others and compute those whose gate is open."""
        calendar = self.catalogue.calendar(
            self.warehouse, self.catalogue.seasons_read([self.table], [season])
        )
        inputs = self.catalogue.inputs(self.table)
        upstream_first = sorted(inputs, key=self.catalogue.place)
        by_relation = self.warehouse.histories(
            [self.table.relation, *(t.relation for t in inputs.values())]
        )
        gate = Gate.of(
            self.table,
            {name: inputs[name] for name in upstream_first},
            calendar,
            {name: by_relation[inputs[name].relation] for name in upstream_first},
            self.accepted,
        )
        before = by_relation[self.table.relation]
        idle = {
            day: status for day in days if (status := settled_status(self.table, calendar, day))
        }
        shut = {day: found for day in days if day not in idle and (found := gate.shut_for(day))}
        ready = [day for day in days if day not in idle and day not in shut]

        settled = [
            self._record(day, self._settled(day, status, calendar), gate)
            for day, status in idle.items()
        ]
        blocked = []
        for day, found in shut.items():
            reason, cause = gate.explain(found)
            blocked.append(self._kept(day, Status.FAILED, reason, cause, before, gate))
        self.warehouse.replace_days(self.table, None, list(idle), [*settled, *blocked])
        emptied = [day for day in idle if (old := before.get(day)) and old.row_count]
        if emptied and self.publication:
            self.publication.withdraw(self.table, self.warehouse, None, emptied)
        computed = self._compute(ready, calendar, before, gate) if ready else []
        return sorted([*settled, *blocked, *computed], key=lambda record: record.day)

    def _settled(self, day: dt.date, status: Status, calendar: GameCalendar) -> Outcome:
        """A day that has its status without rows; why, where that is not the schedule's word."""
        if status is not Status.UNAVAILABLE:
            return Outcome(status)
        what = calendar.unknown(day)
        cause = Cause(CALENDAR_TABLE, day, SCHEDULE, what, refused=False, contradiction=True)
        return Outcome(status, what, cause=cause)

    def _compute(
        self,
        days: Sequence[dt.date],
        calendar: GameCalendar,
        before: DayHistory,
        gate: Gate,
    ) -> list[PartitionRecord]:
        """Stage, judge, rule and replace.

        A statement or a function that breaks is given half of the days until the day is found that
        breaks it, so that one bad day does not take the season with it.
        """
        self.checkpoint()
        started = time.perf_counter()
        try:
            staged = stage_days(self.table, self.catalogue, self.warehouse, days, say=self._say)
        except (StatementError, ComputationError) as error:
            if len(days) > 1:
                middle = len(days) // 2
                return [
                    *self._compute(days[:middle], calendar, before, gate),
                    *self._compute(days[middle:], calendar, before, gate),
                ]
            cause = Cause(self.table.name, days[0], ERROR, _short(str(error)))
            failed = self._kept(days[0], Status.FAILED, str(error), cause, before, gate)
            self.warehouse.replace_days(self.table, None, [], [failed])
            return [failed]
        self.checkpoint()
        judge = Judge(self.table, self.catalogue, self.warehouse, calendar)
        profiles = judge.profiles(staged, days)
        rulings = Court(self.table, self.warehouse, calendar, self.accepted).rule(staged, profiles)
        returned = withhold(self.table, self.warehouse, staged, rulings.values(), before.by_day)
        if trimmed := [day for day, ruling in rulings.items() if ruling.withholding]:
            profiles |= judge.profiles(staged, trimmed)
        self.checkpoint()
        contents = self.warehouse.fingerprints(self.table, staged)
        published = self._publish(staged, rulings.values(), contents, before)
        ground = self._ground(calendar, rulings.values(), contents)
        seconds = (time.perf_counter() - started) / len(days)
        records = [
            self._rejected(ruling, profiles[day], before, gate)
            if ruling.rejecting
            else self._written(
                ruling,
                profiles[day],
                {STANDS_ON: ground(day), **published.get(day, {})},
                contents.get(day, (0, "")),
                returned,
                before,
                gate,
                seconds,
            )
            for day, ruling in rulings.items()
        ]
        written = [r.day for r in records if r.status.is_readable]
        self.warehouse.replace_days(self.table, staged, written, records)
        self.warehouse.drop_staged(staged)
        if published:
            self.publication.withdraw(self.table, self.warehouse, max(published), ())
        return records

    def _publish(
        self,
        staged: str,
        rulings: Iterable[Ruling],
        contents: Mapping[dt.date, tuple[int, str]],
        before: DayHistory,
    ) -> Mapping[dt.date, Mapping[str, object]]:
        """Write what passed to where it is published; by day what the record says of that.

        Before the commit: a kill between the two leaves whole documents under a record that says
        missing or stale, and the next run finds them equal.
        """
        if self.publication is None:
            return {}
        passed = {r.day: contents.get(r.day, (0, ""))[1] for r in rulings if not r.rejecting}
        return self.publication.publish(self.table, self.warehouse, staged, passed, before)

    def _written(
        self,
        ruling: Ruling,
        profile: DayProfile,
        also_said: Mapping[str, object],
        content: tuple[int, str],
        returned: Mapping[Unit, int],
        before: DayHistory,
        gate: Gate,
        seconds: float,
    ) -> PartitionRecord:
        """The record of a day that was written: complete, or unavailable if games of it lack."""
        day = ruling.day
        missing, follows = profile.missing(), gate.follows(day)
        refusals = [
            refusal.as_json()
            | {
                "retained": returned.get((day, refusal.finding.unit or ""), 0),
                "since": since(before.get(day), refusal.finding.unit or ""),
            }
            for refusal in ruling.withholding
        ]
        accepted = [
            refusal.as_json()
            | {
                "acceptance": event.acceptance_id,
                "accepted_by": event.said_by,
                "because": event.because,
            }
            for refusal, event in ruling.accepted
        ]
        said = [withheld_in_words(refusal) for refusal in refusals]
        said += [
            f"accepted by {event.said_by} on {event.said_at:%Y-%m-%d}: {event.because}"
            f" ({f'{event.unit}, ' if event.unit else ''}{event.check_name}: {event.what})"
            for _, event in ruling.accepted
        ]
        said += [f"{f.check}: {f'{f.unit}: ' if f.unit else ''}{f.what}" for f in missing]
        if follows is not None:
            said.append(f"follows from {follows}")
        retained = {r["unit"]: r["retained"] for r in refusals}
        status = Status.UNAVAILABLE if missing or refusals else Status.COMPLETE
        outcome = Outcome(
            status,
            "; ".join(said),
            *content,
            cause=self._cause(ruling.withholding, missing, follows),
            seconds=seconds,
            profile=to_keep(self.table, profile, own_findings(ruling, profile))
            | also_said
            | ({"refusals": refusals, "judged_by": self.table.judged_by} if refusals else {})
            | ({"accepted": accepted} if accepted else {}),
            withheld=sum(ruling.withheld.values()),
            retained=sum(retained.values()),
        )
        return self._record(day, outcome, gate)

    def _ground(
        self,
        calendar: GameCalendar,
        rulings: Iterable[Ruling],
        contents: Mapping[dt.date, tuple[int, str]],
    ) -> Ground:
        """What the verdicts of this step stand on; of its own days, those that are written."""
        written = [r.day for r in rulings if not r.rejecting and r.day in contents]
        own = DayHistory(
            self.table.relation,
            (
                PartitionRecord(self.table.relation, day, Status.COMPLETE, "", *contents[day])
                for day in written
            ),
        )
        return Ground.of(self.table, self.catalogue, self.warehouse, calendar, own)

    def _cause(
        self, refusals: Sequence[Refusal], missing: Sequence[Finding], follows: Cause | None
    ) -> Cause | None:
        """The first cause of what a written day lacks: its own refusal, what it follows from."""
        if refusals:
            return self._cause_of(refusals[0].finding)
        own = [f for f in missing if f.contradiction] or ([] if follows else missing)
        return self._cause_of(own[0]) if own else follows

    def _cause_of(self, finding: Finding) -> Cause:
        return Cause(
            self.table.name,
            finding.day,
            finding.check,
            _short(finding.what),
            finding.unit or "",
            refused=finding.blocking,
            contradiction=finding.contradiction,
        )

    def _rejected(
        self, ruling: Ruling, profile: DayProfile, before: DayHistory, gate: Gate
    ) -> PartitionRecord:
        """The record of a day refused as a whole."""
        first = ruling.rejecting[0].finding
        cause = self._cause_of(first)
        if ruling.majority:
            cause = Cause(
                self.table.name, ruling.day, first.check, f"{ruling.majority}; {_short(first.what)}"
            )
        said = [ruling.majority] if ruling.majority else []
        said += [f"{r.finding.check}: {r.finding.what}" for r in ruling.rejecting]
        measured = to_keep(self.table, profile, profile.findings) | {
            "refusals": [refusal.as_json() for refusal in ruling.rejecting],
            "judged_by": self.table.judged_by,
        }
        return self._kept(
            ruling.day, Status.REJECTED, "; ".join(said), cause, before, gate, measured
        )

    def _kept(
        self,
        day: dt.date,
        status: Status,
        reason: str,
        cause: Cause,
        before: DayHistory,
        gate: Gate,
        profile: Mapping[str, object] | None = None,
    ) -> PartitionRecord:
        """The record of a day that was not written: the rows of before stay, and are described."""
        old = before.get(day)
        rows, fingerprint = (old.row_count, old.fingerprint) if old else (0, "")
        profile = dict(profile or {}) | ({"since": since(old, "")} if old else {})
        if stored := stored_verdict(old):
            profile[STORED] = stored
        return self._record(
            day, Outcome(status, reason, rows, fingerprint, cause, 0.0, profile), gate
        )

    def _record(self, day: dt.date, outcome: Outcome, gate: Gate) -> PartitionRecord:
        wanted, found = gate.window_counts(day)
        return PartitionRecord.of_profile(
            outcome.profile or {},
            table_name=self.table.relation,
            day=day,
            status=outcome.status,
            reason=_short(outcome.reason, REASON_LENGTH),
            row_count=outcome.rows,
            fingerprint=outcome.fingerprint,
            code_version=self.table.code_version,
            inputs_fingerprint=inputs_fingerprint(self.table.reads, gate.histories, day),
            window_wanted=wanted,
            window_found=found,
            run_id=self.run_id,
            seconds=outcome.seconds,
            written_at=dt.datetime.now(dt.UTC),
            withheld_rows=outcome.withheld,
            retained_rows=outcome.retained,
            cause=outcome.cause.to_json() if outcome.cause else "",
        )


def _short(text: str, length: int = 300) -> str:
    return text if len(text) <= length else text[: length - 3] + "..."
