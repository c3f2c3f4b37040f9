"""Dagster's record made to agree with the ledger, in both directions.

What the ledger has and Dagster does not show is told anew. What Dagster shows and the ledger does
not have, because the warehouse is a new one or was restored from a copy, is taken back.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Self

import dagster as dg
from dagster._core.storage.partition_status_cache import AssetPartitionStatus

from nba_backfill.backfill.apply import announce_days, check_all
from nba_backfill.core.interrupts import checkpoint, stopping_at_checkpoints
from nba_backfill.core.partitions import DAYS, day_ranges
from nba_backfill.core.table import Table
from nba_backfill.materialization.asset import (
    RECORDED_AT,
    asset_key,
    raise_if_refused,
    recorded_at,
    tell,
)
from nba_backfill.materialization.catalogue import Catalogue
from nba_backfill.warehouse.ledger import DayHistory, PartitionRecord
from nba_backfill.warehouse.protocol import Warehouse

SYNC_JOB = "sync_record"


@dataclass(frozen=True, slots=True)
class Disagreement:
    """How Dagster's record of one table differs from the ledger.

    ``untold``: readable days that Dagster does not show as the ledger has them. ``unmarked``:
    refused days that it does not show as failed. ``unfounded``: partition keys it shows as
    materialized that the ledger does not have.
    """

    untold: tuple[PartitionRecord, ...]
    unmarked: tuple[PartitionRecord, ...]
    unfounded: Collection[str]

    @classmethod
    def of(cls, instance: dg.DagsterInstance, table: Table, history: DayHistory) -> Self:
        """Compare what Dagster shows of a table now with the ledger's records."""
        key = asset_key(table)
        days = [day.isoformat() for day in history.by_day]
        shown = instance.get_status_by_partition(key, days, DAYS) or {}
        told = _told(instance, key)

        def is_shown(record: PartitionRecord) -> bool:
            day = record.day.isoformat()
            if not record.status.is_readable:
                return shown.get(day) is AssetPartitionStatus.FAILED
            is_green = shown.get(day) is AssetPartitionStatus.MATERIALIZED
            return is_green and told.get(day) == recorded_at(record)

        differing = [record for record in history.by_day.values() if not is_shown(record)]
        return cls(
            tuple(record for record in differing if record.status.is_readable),
            tuple(record for record in differing if not record.status.is_readable),
            instance.get_materialized_partitions(key).difference(days),
        )


def _told(instance: dg.DagsterInstance, key: dg.AssetKey) -> dict[str, str]:
    """Partition -> which record its latest materialization is about."""
    latest = instance.event_log_storage.get_latest_storage_id_by_partition(
        key, dg.DagsterEventType.ASSET_MATERIALIZATION
    )
    if not latest:
        return {}
    found = instance.fetch_materializations(
        dg.AssetRecordsFilter(key, storage_ids=list(latest.values())), limit=len(latest)
    )
    events = [record.asset_materialization for record in found.records]
    return {e.partition: e.metadata[RECORDED_AT].value for e in events if RECORDED_AT in e.metadata}


def build_sync_job(catalogue: Catalogue) -> dg.JobDefinition:
    """The job behind ``nba-backfill sync``.

    It fails, as the runs before it did, while the ledger holds something refused: that, and
    nothing else, is how Dagster comes to show a day as failed.
    """

    @dg.op(required_resource_keys={"warehouse"}, out=dg.Out(dg.Nothing))
    def log_ledger(context: dg.OpExecutionContext) -> None:
        warehouse: Warehouse = context.resources.warehouse.warehouse
        told: dict[str, list[PartitionRecord]] = {}
        refused: list[PartitionRecord] = []
        with stopping_at_checkpoints():
            for table in catalogue:
                checkpoint()
                history = warehouse.histories([table.relation])[table.relation]
                refused += [record for record in history.by_day.values() if record.is_refused]
                told[table.name] = _agree(context, table, history, warehouse)
            check_all(context, catalogue, warehouse, told)
        raise_if_refused(refused)

    @dg.job(name=SYNC_JOB, description="Makes Dagster's record agree with the ledger.")
    def sync_record() -> None:
        log_ledger()

    return sync_record


def _agree(
    context: dg.OpExecutionContext, table: Table, history: DayHistory, warehouse: Warehouse
) -> list[PartitionRecord]:
    """Make Dagster show a table as the ledger has it; return the days that were told anew."""
    found = Disagreement.of(context.instance, table, history)
    if found.unfounded:
        # No storage of Dagster's that is embedded can forget single partitions.
        context.instance.wipe_assets([asset_key(table)])
        context.log.info(
            f"{table.name}: {len(found.unfounded)} days taken back that the ledger does not have:"
            f" {min(found.unfounded)} to {max(found.unfounded)}"
        )
        found = Disagreement.of(context.instance, table, history)
    announce_days(context, {table.name: [r.day for r in found.unmarked]})
    tell(context, table, found.untold, warehouse)
    if found.unmarked:
        refused = day_ranges({record.day for record in found.unmarked})
        context.log.info(f"{table.name}: shown as failed: {refused}")
    context.log.info(f"{table.name}: {len(found.untold)} days recorded anew")
    return [*found.untold, *found.unmarked]
