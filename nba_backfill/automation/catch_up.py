"""The run that catches up: loads what arrived, observes it, computes a batch of what is due.

Every trigger requests this one job. What it does is decided when it starts, by the ledger as it is
then, so two requests for the same work cost one of them nothing.
"""

import datetime as dt

import dagster as dg

from nba_backfill.automation.due import Batch, Occasion, counted, look_at_all, next_batch
from nba_backfill.automation.observations import observe_raw
from nba_backfill.backfill.apply import carry_out
from nba_backfill.core.interrupts import stopping_at_checkpoints
from nba_backfill.materialization.asset import raise_if_refused
from nba_backfill.materialization.catalogue import Catalogue
from nba_backfill.warehouse.ledger import PartitionRecord
from nba_backfill.warehouse.protocol import Warehouse

CATCH_UP_JOB, CATCH_UP_OP = "catch_up", "catch_up_with_what_is_due"
BATCH_TAG, OCCASION_TAG = "nba/batch", "nba/occasion"


def op_config(occasion: Occasion) -> dict:
    """The run config that makes the job catch up on an occasion."""
    config = {
        "today": occasion.today.isoformat(),
        "since": occasion.since.isoformat(),
        "before_tip": occasion.before_tip,
    }
    return {"ops": {CATCH_UP_OP: {"config": config}}}


def build_catch_up_job(catalogue: Catalogue) -> dg.JobDefinition:
    """The job behind the sensor and the schedules."""

    @dg.op(
        name=CATCH_UP_OP,
        required_resource_keys={"warehouse"},
        config_schema={
            "today": dg.Field(str, description="The Eastern day it is, like 2024-01-15."),
            "since": dg.Field(str, description="The first day to look at, like 2024-01-14."),
            "before_tip": dg.Field(bool, description="Whether today's first tip is to come."),
        },
        out=dg.Out(dg.Nothing),
    )
    def catch_up_with_what_is_due(context: dg.OpExecutionContext) -> None:
        warehouse: Warehouse = context.resources.warehouse.warehouse
        today, since = (dt.date.fromisoformat(context.op_config[k]) for k in ("today", "since"))
        occasion = Occasion(today, since, context.op_config["before_tip"])
        with stopping_at_checkpoints():
            for name, days in observe_raw(context, catalogue, warehouse).items():
                context.log.info(f"{name}: {days} days have new content")
            batch = next_batch(look_at_all(catalogue, warehouse, today), occasion)
        _say(context, batch)
        if batch.plan.is_empty:
            return
        before = _records(catalogue, warehouse)
        records = carry_out(context, batch.plan, catalogue, warehouse)
        _count_attempts(catalogue, warehouse, before, records)
        raise_if_refused(records)

    @dg.job(
        name=CATCH_UP_JOB,
        description="Loads what arrived, then computes a batch of what is due of any table.",
    )
    def catch_up() -> None:
        catch_up_with_what_is_due()

    return catch_up


def _say(context: dg.OpExecutionContext, batch: Batch) -> None:
    for record in batch.given_up:
        context.log.warning(
            f"{record.table_name} {record.day} broke too often on the same content and is left"
            f" alone until something changes: {record.reason}"
        )
    if batch.plan.is_empty:
        context.log.info("nothing is due")
        return
    planned = sum(len(table.days) for table in batch.plan.tables)
    left = f"; {batch.left} more days are due after it" if batch.left else ""
    context.log.info(f"{planned} table-days of {len(batch.plan.tables)} tables are due{left}")


def _records(
    catalogue: Catalogue, warehouse: Warehouse
) -> dict[tuple[str, dt.date], PartitionRecord]:
    histories = warehouse.histories(table.relation for table in catalogue)
    return {
        (r.table_name, r.day): r for history in histories.values() for r in history.by_day.values()
    }


def _count_attempts(
    catalogue: Catalogue,
    warehouse: Warehouse,
    before: dict[tuple[str, dt.date], PartitionRecord],
    records: list[PartitionRecord],
) -> None:
    """Write into the records of days that broke how often they have been tried."""
    by_table: dict[str, list[PartitionRecord]] = {}
    for record in counted(before, records):
        by_table.setdefault(record.table_name, []).append(record)
    for relation, tried in by_table.items():
        table = catalogue.table(relation.rpartition(".")[2])
        # No rows are touched: only the records of the days that failed are written again.
        warehouse.replace_days(table, None, [], tried)
