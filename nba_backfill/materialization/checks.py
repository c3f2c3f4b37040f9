"""Asset checks of a table: the judge's questions, put to the stored rows and shown per day.

A check is about a table, so its result is the verdict over every day in the ledger, whichever days
the run computed: Dagster shows the latest result only, and that of three good days would hide what
is wrong with the season. All days are judged anew; a verdict kept from when a day was written would
not know what became of the tables it is reconciled with, and all days of all tables cost twice what
three days do. The specs name no partitions definition: Dagster can run a partitioned check only for
partitions, and a range's result carries no partition anyway, so the days are in the result's table,
offending ones first. Days that were refused are reported by the findings that refused them, since
their rows were never stored.
"""

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from statistics import median

import dagster as dg

from nba_backfill.core.season import GameCalendar, Season
from nba_backfill.core.table import Per, Table
from nba_backfill.materialization.asset import asset_key, checks_step, raise_if_refused
from nba_backfill.materialization.catalogue import Catalogue, seasons_of
from nba_backfill.materialization.gate import is_excused
from nba_backfill.materialization.judge import (
    STANDARD_CHECKS,
    WINDOW_STATUS_COLUMN,
    WINDOWS,
    WINDOWS_DESCRIPTION,
    DayProfile,
    Finding,
    Judge,
)
from nba_backfill.materialization.other_code import days_by_other_code
from nba_backfill.materialization.questions import COVERAGE, NULL_RATES
from nba_backfill.materialization.refusal import Court, Ruling
from nba_backfill.warehouse.acceptance import Acceptances
from nba_backfill.warehouse.ledger import LOAD, Cause, DayHistory, PartitionRecord
from nba_backfill.warehouse.protocol import Warehouse

TRUNCATED_BUDGET = 0.10
"""Share of rows whose window may lack games we should have. Play-in games have no player rows in
any source, which alone truncates a quarter of the windows of the play-offs, a tenth of a season."""

ROWS_TOLERANCE, ROWS_COMPARED = 0.30, 10
"""A day's rows per game may stray this far from the median of so many game days before it."""

DAYS_SHOWN, DAYS_SAID = 400, 3
"""Offending days, at most, in a check's table and in its one sentence."""


@dataclass(frozen=True, slots=True)
class CheckReport:
    """The verdict of one check over some days."""

    check: str
    findings: tuple[Finding, ...]
    by_day: tuple[dict, ...]
    summary: dict
    other_code: Mapping[str, int] = field(default_factory=dict)
    """Of coverage: table -> days that code other than its code now computed, of the table and of
    what it reads."""

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
    return STANDARD_CHECKS | windows | {r.name: r.description for r in table.reconciliations}


def _has_windows(table: Table) -> bool:
    return WINDOW_STATUS_COLUMN in {c.name for c in table.columns}


def examine(
    table: Table,
    catalogue: Catalogue,
    warehouse: Warehouse,
    days: Sequence[dt.date] | None = None,
    *,
    listed: Collection[dt.date] | None = None,
) -> list[CheckReport]:
    """Judge a table's stored rows on ``days`` (None: every day in the ledger).

    ``listed``: the days that the reports list although nothing was found (None: all of them).
    """
    warehouse.ensure_table(table)
    history = warehouse.histories([table.relation])[table.relation]
    accepted = warehouse.acceptances()
    days = sorted(days if days is not None else history.by_day)
    profiles: dict[dt.date, DayProfile] = {}
    findings: list[Finding] = []
    for season in seasons_of(days):
        chosen = [day for day in days if Season.of(day) == season]
        calendar = catalogue.calendar(warehouse, [season])
        stored = Judge(table, catalogue, warehouse, calendar).profiles(table.relation, chosen)
        rulings = Court(table, warehouse, calendar, accepted).rule(table.relation, stored)
        profiles |= stored
        for day, profile in stored.items():
            if (record := history.get(day)) is not None:
                findings += _of_record(record, profile, rulings[day], accepted)
            elif calendar.games(day):
                findings.append(Finding(COVERAGE, day, 1, "missing: never computed", False))
        findings += _unusual_row_counts(table, history, calendar, stored)
    findings += _over_budget(table, profiles.values())
    findings += _truncated(profiles.values())
    return [
        CheckReport(
            name,
            tuple(f for f in findings if f.check == name),
            tuple(_by_day(history, profiles, [f for f in findings if f.check == name], listed)),
            _summary(table, name, days, profiles, history),
            days_by_other_code(table, catalogue, warehouse, days) if name == COVERAGE else {},
        )
        for name in check_names(table)
    ]


def _of_record(
    record: PartitionRecord, profile: DayProfile, ruling: Ruling, accepted: Acceptances
) -> Iterator[Finding]:
    """What is wrong with a day: its stored rows', and what was refused when it was computed.

    Accepted findings are still told, as warnings with who accepted them and why. Of units that
    were withheld the refusal is told, not what their older rows look like beside newer inputs.
    """
    day = record.day
    refusals = record.refusals
    if record.status.is_readable:
        withheld = {refusal["unit"] for refusal in refusals}
        events = {refusal.finding: event for refusal, event in ruling.accepted}
        for finding in profile.findings:
            if finding in events:
                said = f"accepted by {events[finding].said_by}: {events[finding].because}"
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
    for day in calendar.games_by_day:
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


def _by_day(
    history: DayHistory,
    profiles: dict[dt.date, DayProfile],
    findings: Sequence[Finding],
    listed: Collection[dt.date] | None,
) -> Iterator[dict]:
    found: dict[dt.date, list[Finding]] = {}
    for finding in findings:
        found.setdefault(finding.day, []).append(finding)
    asked = profiles if listed is None else sorted(profiles.keys() & listed)
    rest = [d for d in asked if d not in found and (profiles[d].rows or profiles[d].expected_units)]
    for day in [*sorted(found), *rest][:DAYS_SHOWN]:
        record = history.get(day)
        yield {
            "day": str(day),
            "verdict": "failed" if day in found else "passed",
            "status": record.status.value if record else "missing",
            "rows": profiles[day].rows,
            "units_covered": f"{profiles[day].covered_units} of {profiles[day].expected_units}",
            "input_days": f"{record.window_found} of {record.window_wanted}" if record else "",
            **({"windows": _said(profiles[day].windows)} if profiles[day].windows else {}),
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


def as_result(table: Table, report: CheckReport) -> dg.AssetCheckResult:
    """A report as Dagster's check result, with its per-day table."""
    metadata = dict(report.summary)
    if report.by_day:
        metadata["by_day"] = dg.MetadataValue.table([dg.TableRecord(row) for row in report.by_day])
    by_day: dict[dt.date, list[Finding]] = {}
    for finding in report.findings:
        by_day.setdefault(finding.day, []).append(finding)
    said = "; ".join(
        f"{day}: {first.what}" + (f" (and {len(others)} more)" if others else "")
        for day, (first, *others) in sorted(by_day.items())[:DAYS_SAID]
    )
    metadata["days_with_findings"] = len(by_day)
    more = f"; and {len(by_day) - DAYS_SAID} more days" if len(by_day) > DAYS_SAID else ""
    description = said + more or f"{report.summary['days_checked']} days in order"
    if report.other_code:
        counted = [{"table": name, "days": count} for name, count in report.other_code.items()]
        metadata["computed_by_other_code"] = dg.MetadataValue.table(
            [dg.TableRecord(row) for row in counted]
        )
        named = ", ".join(f"{name} {count} days" for name, count in report.other_code.items())
        description += f"; computed by other code and read as they are: {named}"
    return dg.AssetCheckResult(
        passed=report.passed,
        asset_key=asset_key(table),
        check_name=report.check,
        severity=report.severity,
        description=description,
        metadata=metadata,
    )


def build_checks(table: Table, catalogue: Catalogue) -> dg.AssetChecksDefinition:
    """All checks of a table, computed together from one profile of its rows."""

    @dg.multi_asset_check(
        name=checks_step(table.name),
        specs=[
            dg.AssetCheckSpec(name, asset=asset_key(table), description=said)
            for name, said in check_names(table).items()
        ],
        can_subset=True,
        required_resource_keys={"warehouse"},
        pool="warehouse",
    )
    def run_checks(context: dg.AssetCheckExecutionContext) -> Iterator[dg.AssetCheckResult]:
        warehouse: Warehouse = context.resources.warehouse.warehouse
        partitioned = context.has_partition_key or context.has_partition_key_range
        days = (
            [dt.date.fromisoformat(key) for key in context.partition_keys] if partitioned else None
        )
        selected = {key.name for key in context.selected_asset_check_keys}
        for report in examine(table, catalogue, warehouse, listed=days):
            if report.check in selected:
                yield as_result(table, report)
        raise_if_refused(_told_here(context, table, catalogue, warehouse, days or ()))

    return run_checks


def _told_here(
    context: dg.AssetCheckExecutionContext,
    table: Table,
    catalogue: Catalogue,
    warehouse: Warehouse,
    days: Collection[dt.date],
) -> list[PartitionRecord]:
    """The records of this run that no other step of it reports: its own, and those carried for it.

    A day that follows from a table whose checks run here too is that step's to explain, and a load
    held back that of the tables which read it.
    """
    step = context.op_execution_context.get_step_execution_context()
    steps = step.execution_plan.step_keys_to_execute
    elsewhere = {name for name in catalogue.order if checks_step(name) in steps} - {table.name}
    own = [name for name in (*catalogue.upstream(table), table.name) if name not in elsewhere]
    relations = [catalogue.table(name).relation for name in own]
    histories = warehouse.histories(relations)
    this_run = [
        record
        for relation in relations
        for record in histories[relation].by_day.values()
        if record.run_id == context.run.run_id
    ]
    readers = {r for name in own for r in catalogue.table(name).reads}

    def is_told_here(cause: Cause | None) -> bool:
        if cause is None:
            return True
        if cause.check == LOAD:
            return cause.table in readers
        return cause.table not in elsewhere or cause.day not in days

    return [record for record in this_run if is_told_here(record.first_cause)]
