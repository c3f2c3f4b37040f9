"""The verdict of a table's checks over some days, from what was measured on each of them.

Pure: it does not matter whether a day's profile was measured on its rows just now or read from the
ledger (:mod:`nba_backfill.materialization.recorded`); the same rule judges both. What is judged
over all days together (NULL budgets, windows cut short) needs the profile of every one of them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from statistics import median

import dagster as dg

from nba_backfill.core.season import GameCalendar, Season
from nba_backfill.core.table import Per, Table
from nba_backfill.materialization.gate import is_excused
from nba_backfill.materialization.judge import (
    STANDARD_CHECKS,
    WINDOW_STATUS_COLUMN,
    WINDOWS,
    WINDOWS_DESCRIPTION,
    DayProfile,
    Finding,
)
from nba_backfill.materialization.questions import COVERAGE, NULL_RATES
from nba_backfill.warehouse.acceptance import AcceptanceEvent, Acceptances
from nba_backfill.warehouse.ledger import DayHistory, PartitionRecord

TRUNCATED_BUDGET = 0.10
"""Share of rows whose window may lack games we should have. Play-in games have no player rows in
any source, which alone truncates a quarter of the windows of the play-offs, a tenth of a season."""

ROWS_TOLERANCE, ROWS_COMPARED = 0.30, 10
"""A day's rows per game may stray this far from the median of so many game days before it."""

DAYS_SHOWN, DAYS_SAID = 400, 3
"""Days, at most, in a check's table, offending ones first, and in its one sentence."""


@dataclass(frozen=True, slots=True)
class CheckReport:
    """The verdict of one check over some days."""

    check: str
    findings: tuple[Finding, ...]
    by_day: tuple[dict, ...]
    summary: dict

    @property
    def passed(self) -> bool:
        """Whether nothing was found."""
        return not self.findings

    @property
    def severity(self) -> dg.AssetCheckSeverity:
        """ERROR for wrong rows, WARN for missing ones."""
        wrong = any(f.blocking for f in self.findings)
        return dg.AssetCheckSeverity.ERROR if wrong else dg.AssetCheckSeverity.WARN


def check_names(table: Table) -> dict[str, str]:
    """Check name -> description, standard ones first."""
    windows = {WINDOWS: WINDOWS_DESCRIPTION} if _has_windows(table) else {}
    published = table.publication.checks if table.publication else {}
    reconciled = {r.name: r.description for r in table.reconciliations}
    return STANDARD_CHECKS | windows | reconciled | dict(published)


def _has_windows(table: Table) -> bool:
    return WINDOW_STATUS_COLUMN in {c.name for c in table.columns}


@dataclass(frozen=True, slots=True)
class JudgedDay:
    """A day's profile, and which of its findings an operator accepted, exactly so."""

    profile: DayProfile
    accepted: Mapping[Finding, AcceptanceEvent] = field(default_factory=dict)

    @classmethod
    def recorded(
        cls, profile: DayProfile, record: PartitionRecord | None, accepted: Acceptances
    ) -> JudgedDay:
        """A day whose profile comes from its record, with what is still accepted of it."""
        applied = {
            (said["unit"], said["check"], said["what"]): event
            for said in _acceptances_applied(record)
            if (event := accepted.find(record.table_name, record.day, said["content"]))
        }
        found = {
            finding: applied[key]
            for finding in (profile.findings if applied else ())
            if (key := (finding.unit or "", finding.check, finding.what)) in applied
        }
        return cls(profile, found)


def _acceptances_applied(record: PartitionRecord | None) -> Sequence[Mapping]:
    """What of a day was accepted when it was written; few of the thousands of records say so."""
    if record is None or '"accepted"' not in record.profile:
        return ()
    return record.measured.get("accepted", ())


def verdict(
    table: Table,
    judged: Mapping[dt.date, JudgedDay],
    history: DayHistory,
    calendar: GameCalendar,
    accepted: Acceptances,
    listed: Collection[dt.date] | None = None,
    outside: Sequence[Finding] = (),
) -> list[CheckReport]:
    """A report for each check of a table over the days judged.

    ``history`` is the table's whole; ``calendar`` covers the seasons of the days. ``listed``: the
    days that the reports list although nothing was found (None: all of them). ``outside``: what
    was found in what is published.
    """
    days = sorted(judged)
    profiles = {day: judged[day].profile for day in days}
    findings: list[Finding] = [*outside]
    for day in days:
        if (record := history.get(day)) is not None:
            findings += _of_record(record, judged[day], accepted)
        elif calendar.games(day):
            findings.append(Finding(COVERAGE, day, 1, "missing: never computed", False))
    findings += _unusual_row_counts(table, history, calendar, profiles)
    findings += _over_budget(table, profiles.values())
    findings += _truncated(profiles.values())
    shown = _shown(history, profiles)
    return [
        CheckReport(
            name,
            tuple(f for f in findings if f.check == name),
            tuple(_by_day(shown, profiles, [f for f in findings if f.check == name], listed)),
            _summary(table, name, days, profiles, history),
        )
        for name in check_names(table)
    ]


def _of_record(
    record: PartitionRecord, judged: JudgedDay, accepted: Acceptances
) -> Iterator[Finding]:
    """What is wrong with a day: its stored rows', and what was refused when it was computed.

    Accepted findings are still told, as warnings with who accepted them and why. Of units that
    were withheld the refusal is told, not what their older rows look like beside newer inputs.
    """
    day = record.day
    refusals = record.refusals
    if record.status.is_readable:
        withheld = {refusal["unit"] for refusal in refusals}
        for finding in judged.profile.findings:
            if (event := judged.accepted.get(finding)) is not None:
                said = f"accepted by {event.said_by}: {event.because}"
                yield replace(finding, what=f"{said}; {finding.what}", blocking=False)
            elif finding.unit is None or finding.unit not in withheld:
                yield finding
    for refusal in refusals:
        unit = refusal["unit"]
        said = f"withheld {unit}: " if unit and record.status.is_readable else "rejected: "
        yield Finding(refusal["check"], day, refusal["count"], said + refusal["what"], True, unit)
    if not refusals and not record.status.is_readable:
        excused = is_excused(record, accepted)
        said = f"{'absence accepted; ' * excused}{record.status}: {record.reason}"
        yield Finding(COVERAGE, day, 1, said, not excused)


def _over_budget(table: Table, profiles: Sequence[DayProfile]) -> Iterator[Finding]:
    """NULL rates are judged over all days together: a day has too few rows to be fair."""
    for column in table.columns:
        if column.max_null_rate is None:
            continue
        with_nulls = [(p.day, *p.nulls[column.name]) for p in profiles if column.name in p.nulls]
        nulls, base = sum(n for _, n, _ in with_nulls), sum(b for *_, b in with_nulls)
        if base and nulls / base > column.max_null_rate:
            worst = max(with_nulls, key=lambda found: (found[1] / max(found[2], 1), found[1]))
            what = (
                f"{column.name} NULL in {nulls / base:.2%} of {base} rows, budget "
                f"{column.max_null_rate:.2%}; worst day {worst[0]}: {worst[1]} of {worst[2]}"
            )
            yield Finding(NULL_RATES, worst[0], nulls, what, False)


def _truncated(profiles: Iterable[DayProfile]) -> Iterator[Finding]:
    """Windows cut short by missing data, judged over all days together."""
    short = [(p.windows.get("truncated", 0), sum(p.windows.values()), p.day) for p in profiles]
    rows, total = sum(n for n, *_ in short), sum(of for _, of, _ in short)
    if total and rows / total > TRUNCATED_BUDGET:
        worst, of, day = max(short, key=lambda found: (found[0] / max(found[1], 1), found[2]))
        what = (
            f"windows truncated in {rows / total:.1%} of {total} rows, budget"
            f" {TRUNCATED_BUDGET:.0%}; worst day {day}: {worst} of {of}"
        )
        yield Finding(WINDOWS, day, rows, what, False)


def _unusual_row_counts(
    table: Table,
    history: DayHistory,
    calendar: GameCalendar,
    profiles: Mapping[dt.date, DayProfile],
) -> Iterator[Finding]:
    """Days with far more or fewer rows per game than the game days before them."""
    if table.expects is None:
        return
    per_day = table.expects.per is Per.DAY
    if per_day and table.expects.at_most is None:
        # Any number of rows a day is right, so none is unusual.
        return
    before: list[float] = []
    season = None
    for day in calendar.games_by_day:
        if Season.of(day) != season:
            season, before = Season.of(day), []
        record = history.get(day)
        rows = profiles[day].rows if day in profiles else record.row_count if record else 0
        if not rows:
            continue
        rate = rows if per_day else rows / len(calendar.games(day))
        if day in profiles and len(before) >= ROWS_COMPARED:
            typical = median(before[-ROWS_COMPARED:])
            if abs(rate - typical) > ROWS_TOLERANCE * typical:
                unit = "" if per_day else " per game"
                what = f"{rate:.0f} rows{unit}, the game days before had {typical:.0f}"
                yield Finding(COVERAGE, day, 1, what, False)
        before.append(rate)


def _shown(history: DayHistory, profiles: Mapping[dt.date, DayProfile]) -> dict[dt.date, dict]:
    """What every check says of each day, findings aside."""
    shown = {}
    for day, profile in profiles.items():
        record = history.get(day)
        shown[day] = {
            "status": record.status.value if record else "missing",
            "rows": profile.rows,
            "units_covered": f"{profile.covered_units} of {profile.expected_units}",
            "input_days": f"{record.window_found} of {record.window_wanted}" if record else "",
            **({"windows": _said(profile.windows)} if profile.windows else {}),
        }
    return shown


def _by_day(
    shown: Mapping[dt.date, dict],
    profiles: Mapping[dt.date, DayProfile],
    findings: Sequence[Finding],
    listed: Collection[dt.date] | None,
) -> Iterator[dict]:
    found: dict[dt.date, list[Finding]] = {}
    for finding in findings:
        found.setdefault(finding.day, []).append(finding)
    asked = profiles if listed is None else sorted(profiles.keys() & set(listed))
    rest = [d for d in asked if d not in found and (profiles[d].rows or profiles[d].expected_units)]
    for day in [*sorted(found), *rest][:DAYS_SHOWN]:
        yield {
            "day": str(day),
            "verdict": "failed" if day in found else "passed",
            **shown[day],
            "found": "; ".join(f.what for f in found.get(day, [])),
        }


def _said(windows: Mapping[str, int]) -> str:
    return ", ".join(f"{n} {status}" for status, n in sorted(windows.items()))


def _summary(
    table: Table,
    check: str,
    days: Sequence[dt.date],
    profiles: dict[dt.date, DayProfile],
    history: DayHistory,
) -> dict:
    """Figures of the check as a whole."""
    said: dict = {
        "days_checked": len(days),
        "rows_checked": sum(p.rows for p in profiles.values()),
    }
    if check == COVERAGE:
        expected = sum(p.expected_units for p in profiles.values())
        said["units_expected"] = expected
        said["units_covered"] = sum(p.covered_units for p in profiles.values())
        said["game_days_covered"] = sum(
            p.expected_units > 0 and p.covered_units == p.expected_units for p in profiles.values()
        )
        said["expects"] = str(table.expects or "rows as they come")
        records = [record for day in days if (record := history.get(day)) is not None]
        said["input_days_wanted"] = sum(r.window_wanted for r in records)
        said["input_days_found"] = sum(r.window_found for r in records)
    if check == WINDOWS:
        for status in sorted({status for p in profiles.values() for status in p.windows}):
            said[f"rows_{status}"] = sum(p.windows.get(status, 0) for p in profiles.values())
    if check == NULL_RATES:
        rates = []
        for column in table.columns:
            if column.max_null_rate is None:
                continue
            pairs = [p.nulls.get(column.name, (0, 0)) for p in profiles.values()]
            nulls, base = sum(n for n, _ in pairs), sum(b for _, b in pairs)
            rates.append(
                {
                    "column": column.name,
                    "nulls": nulls,
                    "rows": base,
                    "rate": round(nulls / base, 5) if base else 0.0,
                    "budget": column.max_null_rate,
                    "of_rows_where": column.null_rate_where or "all",
                }
            )
        if rates:
            said["null_rates"] = dg.MetadataValue.table([dg.TableRecord(r) for r in rates])
    return said
