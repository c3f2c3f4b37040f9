"""Carrying out: days by table become rows, records and Dagster events, upstream first.

The carrying of an asset's step and a plan run from the command line both end here.
"""

import datetime as dt
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence

import dagster as dg

from nba_backfill.backfill.closure import DaysByTable, due_days, upstream_days
from nba_backfill.backfill.plan import Plan
from nba_backfill.backfill.world import Reason, World
from nba_backfill.core.events import log_events, log_planned
from nba_backfill.core.interrupts import checkpoint, stopping_at_checkpoints
from nba_backfill.core.partitions import DAYS, day_ranges
from nba_backfill.core.table import Table
from nba_backfill.materialization.asset import (
    CARRIED,
    CARRY,
    OFF,
    asset_key,
    raise_if_refused,
    tell,
)
from nba_backfill.materialization.catalogue import Catalogue
from nba_backfill.materialization.checks import results
from nba_backfill.materialization.step import Step
from nba_backfill.warehouse.ledger import PartitionRecord
from nba_backfill.warehouse.protocol import Warehouse

CARRY_TAG = "nba/carry"
SILENT_SECONDS = 3.0
"""Longer than this nobody is left without a line."""

PLAN_JOB, PLAN_OP = "run_plan", "run_planned_days"
IF_DUE = (Reason.STALE_INPUT, Reason.FOLLOWS)
"""Reasons that are asked again before a day is computed: its inputs may have come out unchanged."""


def lacking(
    catalogue: Catalogue,
    warehouse: Warehouse,
    table: Table,
    days: Sequence[dt.date],
    run_id: str,
) -> dict[str, dict[dt.date, Reason]]:
    """Upstream days that must be built before ``days`` of a table can be computed.

    Days that this run has computed already need nothing, whatever became of them.
    """
    world = World.look(catalogue, warehouse, days, catalogue.upstream(table))
    needed = upstream_days(world, {table.name: days}) | {table.name: set()}

    def reason_of(upstream: Table, day: dt.date) -> Reason | None:
        record = world.histories[upstream.name].get(day)
        if record is not None and record.run_id == run_id:
            return None
        return world.due(upstream, day)

    found = due_days(world, needed, reason_of)
    return {name: dict(due) for name, due in found.items() if due}


def build(
    due: DaysByTable,
    catalogue: Catalogue,
    warehouse: Warehouse,
    *,
    run_id: str,
    progress: Callable[[str], None],
    tell: Callable[[Table, Sequence[PartitionRecord]], None],
    announce: Callable[[Mapping[str, Sequence[dt.date]]], None] = lambda _: None,
) -> dict[str, list[PartitionRecord]]:
    """Compute the days of each table, upstream first, and return what became of them.

    A day that is due only because an input was to be computed again is left alone when that
    input came out as it was: a restatement stops where content does not change. ``announce`` hears
    of every day before it is computed, ``tell`` what became of it.
    """
    warehouse.check_schemas(table for table in catalogue if due.get(table.name))
    sure = {name: [d for d, why in days.items() if why not in IF_DUE] for name, days in due.items()}
    announce(sure)
    done: dict[str, list[PartitionRecord]] = {}
    total, finished = sum(len(days) for days in due.values()), 0
    started = time.perf_counter()
    for table in catalogue:
        days = due.get(table.name)
        if not days:
            continue
        changed = _still_due(catalogue, warehouse, table, days)
        announce({table.name: sorted(set(changed).difference(sure[table.name]))})
        records = (
            Step(
                table,
                catalogue,
                warehouse,
                run_id=run_id,
                progress=progress,
                checkpoint=checkpoint,
            ).run(changed)
            if changed
            else []
        )
        tell(table, records)
        done[table.name] = records
        finished += len(days)
        if skipped := len(days) - len(changed):
            progress(f"{table.name}: {skipped} days stand, their inputs came out unchanged")
        left = (time.perf_counter() - started) / finished * (total - finished)
        then = f"about {left:.0f} s left" if finished < total else "now the checks"
        progress(f"{finished} of {total} table-days done, {then}")
    return done


def _still_due(
    catalogue: Catalogue, warehouse: Warehouse, table: Table, days: Mapping[dt.date, Reason]
) -> list[dt.date]:
    if not set(IF_DUE) & set(days.values()):
        return sorted(days)
    world = World.look(catalogue, warehouse, days, [table.name])
    return sorted(
        day
        for day, reason in days.items()
        if reason not in IF_DUE or world.due(table, day) is not None
    )


def carry(
    context: dg.AssetExecutionContext,
    table: Table,
    catalogue: Catalogue,
    warehouse: Warehouse,
    days: Sequence[dt.date],
) -> dg.MetadataValue | None:
    """Build what a step needs upstream and log it as materializations of its own assets.

    Returns a table of what was carried, or None if nothing was lacking. With the run tag
    ``nba/carry: off``, or ``carry: off`` in the asset's config, raises a Failure instead, before
    anything is read, that names each table, its days and the command that would supply them.
    """
    run_id = context.run.run_id
    due = lacking(catalogue, warehouse, table, days, run_id)
    if not due:
        return None
    if OFF in (context.run.tags.get(CARRY_TAG), context.op_execution_context.op_config[CARRY]):
        raise dg.Failure(refusal(table, due), allow_retries=False)
    for name, found in due.items():
        context.log.info(
            f"carrying {name} for {table.name}: {len(found)} days from {min(found)} to {max(found)}"
        )
    done = build(
        due,
        catalogue,
        warehouse,
        run_id=run_id,
        progress=context.log.info,
        tell=lambda carried, records: tell(
            context, carried, records, warehouse, carried_for=table.name
        ),
        announce=lambda planned: announce_days(context, planned),
    )
    check_all(context, catalogue, warehouse, done)
    return carried_table(due, done)


def carried_table(
    due: DaysByTable, done: Mapping[str, Sequence[PartitionRecord]]
) -> dg.MetadataValue | None:
    """What was carried, a line per table: its days, their rows, why, and what became of them."""
    lines = []
    for name, records in done.items():
        if not records:
            continue
        why = Counter(due[name][record.day] for record in records)
        became = Counter(record.status for record in records)
        lines.append(
            {
                "table": name,
                "days": len(records),
                "which": day_ranges({record.day for record in records}),
                "rows": sum(record.row_count for record in records),
                "why": ", ".join(f"{n} {reason}" for reason, n in why.most_common()),
                "became": ", ".join(f"{n} {status}" for status, n in became.most_common()),
            }
        )
    return dg.MetadataValue.table([dg.TableRecord(line) for line in lines]) if lines else None


def refusal(table: Table, due: DaysByTable) -> str:
    """What a step that may not carry says: what is lacking and how to supply it."""
    parts = [
        f"{name} ({len(days)} days: {day_ranges(days)}), supplied by: dagster asset materialize"
        f" -m nba_backfill.definitions --select {name} --partition-range {min(days)}...{max(days)}"
        for name, days in due.items()
    ]
    return (
        f"{table.name} was not computed and nothing was read: carrying is off ({CARRY_TAG}=off)"
        f" and it needs {'; '.join(parts)}"
    )


def carry_out(
    context: dg.OpExecutionContext, plan: Plan, catalogue: Catalogue, warehouse: Warehouse
) -> list[PartitionRecord]:
    """Compute the days of a plan inside an op, tell Dagster, and return what became of them."""
    due = _days_of(plan)
    readers = {p.table: p.carried_for for p in plan.tables}
    told: dict[str, Sequence[PartitionRecord]] = {}

    def tell_planned(table: Table, records: Sequence[PartitionRecord]) -> None:
        needed = {name: told[name] for name in told if table.name in readers[name]}
        told[table.name] = records
        tell(
            context,
            table,
            records,
            warehouse,
            carried_for=", ".join(readers[table.name]) or None,
            carried=carried_table(due, needed),
        )

    with stopping_at_checkpoints():
        done = build(
            due,
            catalogue,
            warehouse,
            run_id=context.run.run_id,
            progress=context.log.info,
            tell=tell_planned,
            announce=lambda planned: announce_days(context, planned),
        )
        check_all(context, catalogue, warehouse, done)
    carried = carried_table(due, {name: done[name] for name in done if readers[name]})
    if carried is not None:
        context.add_output_metadata({CARRIED: carried})
    return [record for records in done.values() for record in records]


def build_plan_job(catalogue: Catalogue) -> dg.JobDefinition:
    """The job behind ``nba-backfill run``."""

    @dg.op(
        name=PLAN_OP,
        required_resource_keys={"warehouse"},
        config_schema={"plan": dg.Field(str, description="A plan as saved by nba-backfill plan.")},
        out=dg.Out(dg.Nothing),
    )
    def run_planned_days(context: dg.OpExecutionContext) -> None:
        warehouse: Warehouse = context.resources.warehouse.warehouse
        plan = Plan.from_json(context.op_config["plan"])
        raise_if_refused(carry_out(context, plan, catalogue, warehouse))

    @dg.job(
        name=PLAN_JOB,
        description="Computes exactly the days of a plan, table by table.",
        # One step, in the process of the command that waits for it.
        executor_def=dg.in_process_executor,
    )
    def run_plan() -> None:
        run_planned_days()

    return run_plan


def _days_of(plan: Plan) -> dict[str, dict[dt.date, Reason]]:
    """The days of a plan with their reasons.

    Days that were asked for by name are computed in any case, as they are by every other door:
    left alone because they stand, they would go on showing what an earlier run left in Dagster.
    """
    only_what_is_due = plan.options["missing_only"] or plan.options["code_changed"]
    asked = set() if only_what_is_due else {(t, day) for t in plan.targets for day in plan.days}
    return {
        p.table: {
            day: Reason.REQUESTED if why in IF_DUE and (p.table, day) in asked else why
            for day, why in p.days.items()
        }
        for p in plan.tables
    }


def announce_days(
    context: dg.OpExecutionContext | dg.AssetExecutionContext,
    planned: Mapping[str, Sequence[dt.date]],
) -> None:
    """Record that this run is about to compute days, as Dagster does for what it launches itself.

    Without it a refused day of a run that was launched for no asset, or for others, would go on
    showing what the run before it left there. ``planned`` is by name of computed tables.
    """
    days = {
        dg.AssetKey([name]): [d.isoformat() for d in chosen] for name, chosen in planned.items()
    }
    log_planned(context, {key: chosen for key, chosen in days.items() if chosen}, DAYS)


def check_all(
    context: dg.OpExecutionContext | dg.AssetExecutionContext,
    catalogue: Catalogue,
    warehouse: Warehouse,
    done: Mapping[str, Sequence[PartitionRecord]],
) -> None:
    """Record what the checks of every table that was computed say of all days held.

    The days just computed were judged when they were written, and the others when they were.
    """
    began = time.perf_counter()
    to_check = [name for name, records in done.items() if records]
    for place, name in enumerate(to_check):
        checkpoint()
        if time.perf_counter() - began > SILENT_SECONDS:
            began = time.perf_counter()
            context.log.info(f"checked {place} of {len(to_check)} tables")
        records, table = done[name], catalogue.table(name)
        found = results(table, catalogue, warehouse, recorded=None, listed={r.day for r in records})
        log_events(
            context,
            [
                dg.AssetCheckEvaluation(
                    asset_key=asset_key(table),
                    check_name=result.check_name,
                    passed=result.passed,
                    metadata=result.metadata,
                    severity=result.severity,
                    description=result.description,
                )
                for result in found
            ],
        )
