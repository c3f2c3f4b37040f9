"""Asset checks of a table: the judge's questions, put to the stored rows and shown per day.

A check is about a table, so its result is the verdict over every day in the ledger, whichever
days the run computed: Dagster shows the latest result only, and that of three good days would
hide what is wrong with the season. With the asset, whose step has just judged the rows it wrote,
what the ledger says of each day is taken; alone, from the UI, the rows of all days are asked
anew. The specs name no partitions definition: Dagster can run a partitioned check only for
partitions, and a range's result carries no partition anyway, so the days are in the result's
table, offending ones first. Days that were refused are reported by the findings that refused
them, since their rows were never stored.
"""

import datetime as dt
from collections.abc import Collection, Iterator, Mapping, Sequence

import dagster as dg

from nba_backfill.core.interrupts import stopping_at_checkpoints
from nba_backfill.core.partitions import today
from nba_backfill.core.season import Season
from nba_backfill.core.table import Table
from nba_backfill.materialization.asset import (
    asked_days,
    asset_key,
    checks_step,
    raise_if_refused,
)
from nba_backfill.materialization.catalogue import Catalogue, seasons_of
from nba_backfill.materialization.judge import Finding, Judge
from nba_backfill.materialization.other_code import days_by_other_code
from nba_backfill.materialization.questions import COVERAGE
from nba_backfill.materialization.recorded import Ground, recorded_profile
from nba_backfill.materialization.refusal import Court
from nba_backfill.materialization.verdict import (
    DAYS_SAID,
    CheckReport,
    JudgedDay,
    check_names,
    verdict,
)
from nba_backfill.warehouse.ledger import LOAD, Cause, DayHistory, PartitionRecord
from nba_backfill.warehouse.protocol import Warehouse


def examine(
    table: Table,
    catalogue: Catalogue,
    warehouse: Warehouse,
    days: Sequence[dt.date] | None = None,
    *,
    recorded: Collection[dt.date] | None = (),
    listed: Collection[dt.date] | None = None,
) -> list[CheckReport]:
    """Judge a table's stored rows on ``days`` (None: every day in the ledger).

    Of the days ``recorded`` (None: all of them) the verdict in the ledger is taken where it still
    stands, and only the rows of the others are asked; whoever wants to find rows that were changed
    behind the platform's back leaves it empty. ``listed``: the days that the reports list although
    nothing was found (None: all of them).
    """
    warehouse.ensure_table(table)
    history = warehouse.histories([table.relation])[table.relation]
    accepted = warehouse.acceptances()
    days = sorted(days if days is not None else history.by_day)
    calendar = catalogue.calendar(warehouse, seasons_of(days))
    ground = Ground.of(table, catalogue, warehouse, calendar)
    judged: dict[dt.date, JudgedDay] = {}
    for day in set(days) if recorded is None else set(days) & set(recorded):
        record = history.get(day)
        profile = recorded_profile(table, day, record, ground)
        if profile is not None:
            judged[day] = JudgedDay.recorded(profile, record, accepted)
    unanswered = [day for day in days if day not in judged]
    for season in seasons_of(unanswered):
        chosen = [day for day in unanswered if Season.of(day) == season]
        profiles = Judge(table, catalogue, warehouse, calendar).profiles(table.relation, chosen)
        rulings = Court(table, warehouse, calendar, accepted).rule(table.relation, profiles)
        for day, profile in profiles.items():
            events = {refusal.finding: event for refusal, event in rulings[day].accepted}
            judged[day] = JudgedDay(profile, events)
    outside = _published(table, catalogue, warehouse, history, days)
    return verdict(table, judged, history, calendar, accepted, listed, outside)


def _published(
    table: Table,
    catalogue: Catalogue,
    warehouse: Warehouse,
    history: DayHistory,
    days: Sequence[dt.date],
) -> list[Finding]:
    """What is wrong with what is published of a table, beside its rows."""
    if table.publication is None:
        return []
    stored = [day for day in days if (record := history.get(day)) and record.row_count]
    calendar = catalogue.calendar(warehouse, seasons_of([*stored, today()]))
    found = table.publication.examine(table, warehouse, stored, list(calendar.games_by_day))
    return [Finding(check, day, 1, what, wrong) for check, day, what, wrong in found]


def results(
    table: Table,
    catalogue: Catalogue,
    warehouse: Warehouse,
    *,
    recorded: Collection[dt.date] | None = (),
    listed: Collection[dt.date] | None = None,
) -> list[dg.AssetCheckResult]:
    """What Dagster is told of every check of a table over every day in the ledger.

    ``recorded`` and ``listed`` as for :func:`examine`.
    """
    reports = examine(table, catalogue, warehouse, recorded=recorded, listed=listed)
    other_code = days_by_other_code(table, catalogue, warehouse)
    return [
        as_result(table, report, other_code if report.check == COVERAGE else {})
        for report in reports
    ]


def as_result(
    table: Table, report: CheckReport, other_code: Mapping[str, int]
) -> dg.AssetCheckResult:
    """A report as Dagster's check result, with its per-day table.

    ``other_code``: table -> days that code other than its code now computed.
    """
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
    if other_code:
        counted = [{"table": name, "days": count} for name, count in other_code.items()]
        metadata["computed_by_other_code"] = dg.MetadataValue.table(
            [dg.TableRecord(row) for row in counted]
        )
        named = ", ".join(f"{name} {count} days" for name, count in other_code.items())
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
        days = asked_days(context) if partitioned else None
        selected = {key.name for key in context.selected_asset_check_keys}
        # What a run writes it judges on the way; a check run alone asks the rows.
        recorded = None if _is_written_by(table, warehouse, context.run.run_id) else ()
        with stopping_at_checkpoints():
            found = results(table, catalogue, warehouse, recorded=recorded, listed=days)
        for result in found:
            if result.check_name in selected:
                yield result
        raise_if_refused(_told_here(context, table, catalogue, warehouse, days or ()))

    return run_checks


def _is_written_by(table: Table, warehouse: Warehouse, run_id: str) -> bool:
    history = warehouse.histories([table.relation])[table.relation]
    return any(record.run_id == run_id for record in history.by_day.values())


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
