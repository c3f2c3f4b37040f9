"""Raw tables shown in Dagster: what arrived for each day, with the version of its content.

Raw tables are external assets: Dagster runs nothing for them, so it learns of their days from
these observations alone. One is made whenever a day's content is not the one observed last.
"""

from __future__ import annotations

import dagster as dg

from nba_backfill.core.events import log_events
from nba_backfill.core.interrupts import checkpoint
from nba_backfill.core.partitions import is_partition
from nba_backfill.core.table import RawTable
from nba_backfill.materialization.asset import asset_key
from nba_backfill.materialization.catalogue import Catalogue
from nba_backfill.warehouse.ledger import SNAPSHOT_DAY, PartitionRecord
from nba_backfill.warehouse.protocol import Warehouse

DATA_VERSION, BY_US = "dagster/data_version", "dagster/data_version_is_user_provided"


def observe_raw(
    context: dg.OpExecutionContext, catalogue: Catalogue, warehouse: Warehouse
) -> dict[str, int]:
    """Observe every raw day whose content Dagster has not seen yet; return how many by table."""
    histories = warehouse.histories(table.relation for table in catalogue.raw)
    seen: dict[str, int] = {}
    for table in catalogue.raw:
        checkpoint()
        known = observed_versions(context.instance, table)
        fresh = [
            record
            for record in histories[table.relation].by_day.values()
            if _is_shown(table, record) and known.get(_partition(record)) != record.fingerprint
        ]
        log_events(context, [_observation(table, record) for record in fresh])
        if fresh:
            seen[table.name] = len(fresh)
    return seen


def observed_versions(instance: dg.DagsterInstance, table: RawTable) -> dict[str | None, str]:
    """Partition (None for a table without dates) -> version of the content observed last."""
    key = asset_key(table)
    log = instance.event_log_storage
    if table.date_column is None:
        found = instance.fetch_observations(key, limit=1).records
    else:
        latest = log.get_latest_storage_id_by_partition(key, dg.DagsterEventType.ASSET_OBSERVATION)
        ids = list(latest.values())
        found = (
            instance.fetch_observations(
                dg.AssetRecordsFilter(key, storage_ids=ids), limit=len(ids)
            ).records
            if ids
            else []
        )
    events = [record.asset_observation for record in found]
    return {e.partition: e.tags[DATA_VERSION] for e in events if DATA_VERSION in e.tags}


def _is_shown(table: RawTable, record: PartitionRecord) -> bool:
    """Whether the record is of a partition: raw tables also hold preseason and summer days."""
    return table.date_column is None or is_partition(record.day)


def _partition(record: PartitionRecord) -> str | None:
    return None if record.day == SNAPSHOT_DAY else record.day.isoformat()


def _observation(table: RawTable, record: PartitionRecord) -> dg.AssetObservation:
    said = {"nba/outcome": record.status.value, "nba/rows": record.row_count}
    if record.reason:
        said["nba/reason"] = record.reason
    if record.written_at:
        said["nba/loaded_at"] = f"{record.written_at:%Y-%m-%d %H:%M:%S} UTC"
    return dg.AssetObservation(
        asset_key(table),
        partition=_partition(record),
        metadata=said,
        tags={DATA_VERSION: record.fingerprint or "empty", BY_US: "true"},
    )
