"""The life of one step: settle, gate, stage, judge, replace, one season at a time.

Knows no Dagster: a step takes a table and days and returns what became of each day. Telling
people is :mod:`nba_backfill.core.asset`'s part.
"""

from __future__ import annotations

import datetime as dt
import json
import time
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from nba_backfill.core.catalogue import Catalogue, seasons_of
from nba_backfill.core.computation import stage_days
from nba_backfill.core.judge import DayProfile, Judge
from nba_backfill.core.season import GameCalendar, Season
from nba_backfill.core.settle import settled_status
from nba_backfill.core.table import RawTable, Table
from nba_backfill.warehouse.dialect import AnyTable
from nba_backfill.warehouse.ledger import (
    DayHistory,
    PartitionRecord,
    Status,
    inputs_fingerprint,
)
from nba_backfill.warehouse.protocol import StatementError, Warehouse

REASON_LENGTH = 600


def day_ranges(days: Iterable[dt.date], game_days: Sequence[dt.date] | None = None) -> str:
    """Days as ranges: ``2024-01-01...2024-01-07, 2024-02-03``.

    With ``game_days``, which hold all the days, a range bridges the days between two games that
    have none: a hole of a month is one range.
    """
    place = dt.date.toordinal if game_days is None else list(game_days).index
    ranges: list[list[dt.date]] = []
    for day in sorted(days):
        if ranges and place(day) - place(ranges[-1][1]) == 1:
            ranges[-1][1] = day
        else:
            ranges.append([day, day])
    return ", ".join(f"{a}...{b}" if a != b else f"{a}" for a, b in ranges)


@dataclass(frozen=True, slots=True)
class Gate:
    """Which input days must not be read, and how complete a day's windows are.

    ``closed`` maps an input to its game days without a readable record; raw inputs have no
    gate: what they lack shows in coverage.
    """

    table: Table
    calendar: GameCalendar
    histories: Mapping[str, DayHistory]
    closed: Mapping[str, Sequence[dt.date]]

    @classmethod
    def of(
        cls,
        table: Table,
        inputs: Mapping[str, AnyTable],
        calendar: GameCalendar,
        histories: Mapping[str, DayHistory],
    ) -> Gate:
        """The gate of a table as the ledger stands."""
        closed = {}
        for name, upstream in inputs.items():
            if isinstance(upstream, RawTable):
                continue
            history = histories[name]
            closed[name] = [
                day
                for day in calendar.games_by_day
                if (record := history.get(day)) is None or not record.status.is_readable
            ]
        return cls(table, calendar, histories, closed)

    def _within(self, name: str, days: Sequence[dt.date], day: dt.date) -> Sequence[dt.date]:
        first, last = self.table.reads[name].required_bounds(day)
        return days[bisect_left(days, first) : bisect_right(days, last)]

    def closed_for(self, day: dt.date) -> dict[str, Sequence[dt.date]]:
        """Input -> days inside the window of ``day`` that must not be read."""
        found = {name: self._within(name, days, day) for name, days in self.closed.items()}
        return {name: days for name, days in found.items() if days}

    def explain(self, closed: Mapping[str, Iterable[dt.date]]) -> str:
        """Which input days keep the gate shut, why, and the command that supplies them."""
        parts = []
        for name, days in closed.items():
            by_reason: dict[str, list[dt.date]] = {}
            for day in days:
                record = self.histories[name].get(day)
                by_reason.setdefault(record.status if record else "missing", []).append(day)
            said = "; ".join(f"{why}: {day_ranges(which)}" for why, which in by_reason.items())
            first, last = min(d for d in days), max(d for d in days)
            parts.append(
                f"{name} is not readable ({said}); supply it with: dagster asset materialize"
                f" -m nba_backfill.definitions --select {name} --partition-range {first}...{last}"
            )
        return " | ".join(parts)

    def window_counts(self, day: dt.date) -> tuple[int, int]:
        """Input game days in the windows of ``day``, and those of them that are complete."""
        game_days = list(self.calendar.games_by_day)
        wanted = found = 0
        for name in self.closed:
            for seen in self._within(name, game_days, day):
                record = self.histories[name].get(seen)
                wanted += 1
                found += record is not None and record.status is Status.COMPLETE
        return wanted, found

    def notes(self, day: dt.date) -> list[str]:
        """What an input was unable to supply for the day itself."""
        noted = []
        for name, history in self.histories.items():
            record = history.get(day)
            if record is not None and record.status is Status.UNAVAILABLE:
                noted.append(f"{name}: {record.reason}")
        return noted


class Step:
    """Computes one table for some days. ``progress`` is told about each season."""

    def __init__(
        self,
        table: Table,
        catalogue: Catalogue,
        warehouse: Warehouse,
        *,
        run_id: str = "",
        progress: Callable[[str], None] = lambda _: None,
    ) -> None:
        self.table = table
        self.catalogue = catalogue
        self.warehouse = warehouse
        self.run_id = run_id
        self.progress = progress

    def run(self, days: Sequence[dt.date]) -> list[PartitionRecord]:
        """Bring every day to a recorded status and return the records, in day order.

        Each season is committed on its own, so a killed run keeps the seasons it finished.
        """
        for table in (self.table, *self.catalogue.inputs(self.table).values()):
            self.warehouse.ensure_table(table)
        records: list[PartitionRecord] = []
        for season in seasons_of(days):
            chosen = sorted(day for day in days if Season.of(day) == season)
            started = time.perf_counter()
            done = self._season(season, chosen)
            records += done
            counts = {s: sum(r.status is s for r in done) for s in Status}
            said = ", ".join(f"{n} {s}" for s, n in counts.items() if n)
            rows = sum(r.row_count for r in done)
            self.progress(
                f"{self.table.name} {season}: {len(done)} days ({said}), {rows:,} rows,"
                f" {time.perf_counter() - started:.1f} s"
            )
        return records

    def _season(self, season: Season, days: Sequence[dt.date]) -> list[PartitionRecord]:
        """Settle days without games, gate the others and compute those whose gate is open."""
        calendar = self.catalogue.calendar(
            self.warehouse, self.catalogue.seasons_read([self.table], [season])
        )
        inputs = self.catalogue.inputs(self.table)
        by_relation = self.warehouse.histories(
            [self.table.relation, *(t.relation for t in inputs.values())]
        )
        gate = Gate.of(
            self.table,
            inputs,
            calendar,
            {name: by_relation[t.relation] for name, t in inputs.items()},
        )
        before = by_relation[self.table.relation]
        idle = {
            day: status for day in days if (status := settled_status(self.table, calendar, day))
        }
        shut = {day: found for day in days if day not in idle and (found := gate.closed_for(day))}
        ready = [day for day in days if day not in idle and day not in shut]

        settled = [
            self._record(day, status, "", 0, "", gate, seconds=0.0) for day, status in idle.items()
        ]
        blocked = [
            self._kept(day, Status.FAILED, gate.explain(closed), before, gate)
            for day, closed in shut.items()
        ]
        self.warehouse.replace_days(self.table, None, list(idle), [*settled, *blocked])
        computed = self._compute(ready, calendar, before, gate) if ready else []
        return sorted([*settled, *blocked, *computed], key=lambda record: record.day)

    def _compute(
        self,
        days: Sequence[dt.date],
        calendar: GameCalendar,
        before: DayHistory,
        gate: Gate,
    ) -> list[PartitionRecord]:
        """Stage, judge and replace.

        A statement that breaks is halved until the day is found that breaks it, so that one bad
        day does not take the season with it.
        """
        started = time.perf_counter()
        try:
            staged = stage_days(self.table, self.catalogue, self.warehouse, days, say=self.progress)
        except StatementError as error:
            if len(days) > 1:
                middle = len(days) // 2
                return [
                    *self._compute(days[:middle], calendar, before, gate),
                    *self._compute(days[middle:], calendar, before, gate),
                ]
            failed = self._kept(days[0], Status.FAILED, str(error), before, gate)
            self.warehouse.replace_days(self.table, None, [], [failed])
            return [failed]
        profiles = Judge(self.table, self.catalogue, self.warehouse, calendar).profiles(
            staged, days
        )
        contents = self.warehouse.fingerprints(self.table, staged)
        seconds = (time.perf_counter() - started) / len(days)
        records = [
            self._kept(day, Status.REJECTED, _said(profile.blocking), before, gate, profile)
            if profile.blocking
            else self._passed(day, profile, contents.get(day, (0, "")), gate, seconds)
            for day, profile in profiles.items()
        ]
        passed = [r.day for r in records if r.status.is_readable]
        self.warehouse.replace_days(self.table, staged, passed, records)
        self.warehouse.drop_staged(staged)
        return records

    def _passed(
        self,
        day: dt.date,
        profile: DayProfile,
        content: tuple[int, str],
        gate: Gate,
        seconds: float,
    ) -> PartitionRecord:
        """The record of a day whose rows are right: complete, or unavailable if some lack."""
        missing = profile.missing()
        status = Status.UNAVAILABLE if missing else Status.COMPLETE
        reason = "; ".join(part for part in (_said(missing), *gate.notes(day)) if part)
        return self._record(
            day, status, reason, *content, gate, seconds=seconds, profile=_measured(profile)
        )

    def _kept(
        self,
        day: dt.date,
        status: Status,
        reason: str,
        before: DayHistory,
        gate: Gate,
        profile: DayProfile | None = None,
    ) -> PartitionRecord:
        """The record of a day that was not written: the rows of before stay, and are described."""
        old = before.get(day)
        measured = _measured(profile) if profile else "{}"
        rows, fingerprint = (old.row_count, old.fingerprint) if old else (0, "")
        return self._record(
            day, status, reason, rows, fingerprint, gate, seconds=0.0, profile=measured
        )

    def _record(
        self,
        day: dt.date,
        status: Status,
        reason: str,
        rows: int,
        fingerprint: str,
        gate: Gate,
        *,
        seconds: float,
        profile: str = "{}",
    ) -> PartitionRecord:
        wanted, found = gate.window_counts(day)
        return PartitionRecord(
            table_name=self.table.relation,
            day=day,
            status=status,
            reason=reason if len(reason) <= REASON_LENGTH else reason[: REASON_LENGTH - 3] + "...",
            row_count=rows,
            fingerprint=fingerprint,
            code_version=self.table.code_version,
            inputs_fingerprint=inputs_fingerprint(self.table.reads, gate.histories, day),
            window_wanted=wanted,
            window_found=found,
            profile=profile,
            run_id=self.run_id,
            seconds=seconds,
            written_at=dt.datetime.now(dt.UTC),
        )


def _said(findings: Iterable) -> str:
    return "; ".join(f"{f.check}: {f.what}" for f in findings)


def _measured(profile: DayProfile) -> str:
    """What the ledger keeps of a profile, as JSON."""
    kept = {
        "rows": profile.rows,
        "expected_units": profile.expected_units,
        "covered_units": profile.covered_units,
        "nulls": {name: list(pair) for name, pair in profile.nulls.items() if pair[0]},
        "findings": [
            {"check": f.check, "count": f.count, "what": f.what, "blocking": f.blocking}
            for f in profile.findings
        ],
    }
    return json.dumps(kept, sort_keys=True)
