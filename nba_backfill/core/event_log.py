"""Dagster's SQLite event log, written in batches.

Dagster records each partition of a ranged run as its own events: one when the run plans it, one
when the step delivers it. The stock SQLite storage opens, commits and closes two databases per
event, about 13 ms per partition and asset, so a history of seasons spends its minutes in the log.
`BatchedSqliteEventLogStorage` keeps the same files, tables and rows, and writes a whole batch in
one transaction per file. How a step hands over such a batch is in :mod:`nba_backfill.core.events`.

Select the storage in dagster.yaml:

    event_log_storage:
      module: nba_backfill.core.event_log
      class: BatchedSqliteEventLogStorage
      config: {base_dir: history/runs}
"""

import json
import os
import threading
from collections import OrderedDict, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import groupby
from typing import Any

import sqlalchemy as db
from dagster._core.definitions.partitions.subset import PartitionsSubset
from dagster._core.events import (
    ASSET_CHECK_EVENTS,
    ASSET_EVENTS,
    EVENT_TYPE_TO_PIPELINE_RUN_STATUS,
    AssetMaterializationPlannedData,
    DagsterEventBatchMetadata,
    DagsterEventType,
)
from dagster._core.events.log import EventLogEntry
from dagster._core.storage.event_log.schema import (
    AssetCheckExecutionsTable,
    AssetKeyTable,
    SqlEventLogStorageTable,
)
from dagster._core.storage.event_log.sqlite.sqlite_event_log import (
    INDEX_SHARD_NAME,
    SqliteEventLogStorage,
)
from dagster._core.storage.sql import create_engine
from dagster._core.storage.sqlite import SQLITE_BUSY_TIMEOUT_SECONDS
from dagster._serdes import ConfigurableClassData, serialize_value
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.pool import NullPool

BATCH_SIZE_VARIABLE = "DAGSTER_EVENT_BATCH_SIZE"
DEFAULT_BATCH_SIZE = 2000
"""Events per transaction: years of days of one table, yet well under a second of write lock."""

MAX_CACHED_ENGINES = 64
"""The webserver reads every run's file over its life; without a limit it would keep them all."""

PARTITION_PLACEHOLDER = "nba_backfill/partition"
PLANNED = DagsterEventType.ASSET_MATERIALIZATION_PLANNED
CLOSING_EVENTS = {
    DagsterEventType.STEP_SUCCESS,
    DagsterEventType.STEP_FAILURE,
    DagsterEventType.STEP_UP_FOR_RETRY,
    *EVENT_TYPE_TO_PIPELINE_RUN_STATUS,
}
INDEXED_EVENTS = {*ASSET_EVENTS, *ASSET_CHECK_EVENTS, *EVENT_TYPE_TO_PIPELINE_RUN_STATUS}


class BatchedSqliteEventLogStorage(SqliteEventLogStorage):
    """Stock SQLite event log with batched writes; what UI and daemon read stays the same.

    One row differs: a ranged run's own log holds one planned event per asset, carrying the whole
    range, in place of one per partition. The cross-run index keeps a row per partition, because
    from those rows Dagster tells which partitions are in progress or have failed.
    """

    def __init__(self, base_dir: str, inst_data: ConfigurableClassData | None = None):
        # Dagster batches only if this variable is set, and reads it anew for every event, so this
        # is early enough for this process and the step processes it starts. A value set by the
        # user wins; 0 turns batching off.
        os.environ.setdefault(BATCH_SIZE_VARIABLE, str(DEFAULT_BATCH_SIZE))
        self._engines: OrderedDict[str, Engine] = OrderedDict()
        self._existing_tables: set[str] = set()
        self._open_batch = threading.local()
        super().__init__(base_dir, inst_data)

    @classmethod
    def from_config_value(
        cls, inst_data: ConfigurableClassData | None, config_value: Mapping[str, Any]
    ) -> "BatchedSqliteEventLogStorage":
        """Build the storage named in dagster.yaml; the stock method would build the stock class."""
        return cls(inst_data=inst_data, **config_value)

    @property
    def supports_partition_subset_in_asset_materialization_planned_events(self) -> bool:
        """Ask Dagster for one planned event per asset and run; the index expands it."""
        return True

    def store_event(self, event: EventLogEntry) -> None:
        """Store one event; one that closes a step or a run first brings in what is buffered."""
        if event.dagster_event_type in CLOSING_EVENTS and self.has_instance:
            self._store_buffered_events(event.run_id)
        self.store_event_batch([event])

    def store_event_batch(self, events: Sequence[EventLogEntry]) -> None:
        """Store events in one transaction per database, with every side effect of `store_event`.

        An error before the commits rolls both back, so Dagster's fallback of storing the events
        one by one does not duplicate them.
        """
        for run_id, run_events in groupby(events, key=lambda event: event.run_id):
            self._store_events_of_run(run_id, list(run_events))

    def _store_events_of_run(self, run_id: str, events: Sequence[EventLogEntry]) -> None:
        # Serialized before a lock is taken, so that other writers wait for SQLite only.
        rows = [self._event_to_row(event) for event in events]
        mirrored = [
            pair
            for event, row in zip(events, rows, strict=True)
            if event.dagster_event_type in INDEXED_EVENTS
            for pair in self._index_rows(event, row)
        ]
        if not mirrored:
            with self.run_connection(run_id) as run_connection:
                run_connection.execute(SqlEventLogStorageTable.insert(), rows)
            return

        with self._batch(run_id) as (run_connection, index_connection):
            run_connection.execute(SqlEventLogStorageTable.insert(), rows)
            index_connection.execute(SqlEventLogStorageTable.insert(), [row for _, row in mirrored])
            # The write lock is held since the insert, so the newest ids are this batch's own.
            last_id = index_connection.execute(
                db.select(db.func.max(SqlEventLogStorageTable.c.id))
            ).scalar_one()
            first_id = last_id - len(mirrored) + 1
            self._store_index_details(
                index_connection,
                [(event, first_id + offset) for offset, (event, _) in enumerate(mirrored)],
            )

    def _index_rows(
        self, event: EventLogEntry, row: Mapping[str, Any]
    ) -> Iterable[tuple[EventLogEntry, Mapping[str, Any]]]:
        """Yield the rows of an event in the index: a planned range has one for each partition."""
        subset = _planned_subset(event)
        if subset is None:
            yield event, row
            return
        # The rows differ in the partition only. To serialize each would double the time.
        template = self._event_to_row(_planned_for_partition(event, PARTITION_PLACEHOLDER))
        before, _, after = template["event"].partition(json.dumps(PARTITION_PLACEHOLDER))
        for partition in subset.get_partition_keys():
            text = before + json.dumps(partition) + after
            yield event, {**template, "partition": partition, "event": text}

    def _store_index_details(
        self, connection: Connection, stored: Sequence[tuple[EventLogEntry, int]]
    ) -> None:
        asset_events = [pair for pair in stored if pair[0].dagster_event_type in ASSET_EVENTS]
        if asset_events:
            self._store_asset_event_tags(
                connection, [event for event, _ in asset_events], [id_ for _, id_ in asset_events]
            )
            self._store_asset_entries(connection, asset_events)
        for event, event_id in stored:
            if event.dagster_event_type in ASSET_CHECK_EVENTS:
                self.store_asset_check_event(event, event_id)

    def _store_asset_entries(
        self, connection: Connection, stored: Sequence[tuple[EventLogEntry, int]]
    ) -> None:
        """Leave each asset's index row as storing the events one after the other would.

        Events of one type write the same columns, so only the last of each type counts.
        """
        last_by_type: dict[tuple[str, DagsterEventType], tuple[EventLogEntry, int]] = {}
        for event, event_id in stored:
            dagster_event = event.get_dagster_event()
            if dagster_event.asset_key:
                slot = (dagster_event.asset_key.to_string(), dagster_event.event_type)
                last_by_type.pop(slot, None)  # keeps the order of the last occurrences
                last_by_type[slot] = (event, event_id)

        has_index_columns = self._has_asset_key_index_cols_on_connection(connection)
        values_by_asset: dict[str, dict[str, Any]] = defaultdict(dict)
        for (asset_key, _), (event, event_id) in last_by_type.items():
            values_by_asset[asset_key].update(
                self._get_asset_entry_values(event, event_id, has_index_columns)
            )
        for asset_key, values in values_by_asset.items():
            if not values:
                continue
            own_row = AssetKeyTable.c.asset_key == asset_key
            update = AssetKeyTable.update().values(**values).where(own_row)
            if not connection.execute(update).rowcount:
                connection.execute(AssetKeyTable.insert().values(asset_key=asset_key, **values))

    def _store_asset_check_evaluation_planned(
        self, event: EventLogEntry, event_id: int | None
    ) -> None:
        # Stock serializes the same event anew for each partition and compiles one statement of all
        # rows: a fifth of a second per check of 910 days, while every other process waits.
        planned = event.get_dagster_event().asset_check_planned_data
        subset = planned.partitions_subset
        row = {
            "asset_key": planned.asset_key.to_string(),
            "check_name": planned.check_name,
            "run_id": event.run_id,
            "execution_status": "PLANNED",
            "evaluation_event": serialize_value(event),
            "evaluation_event_timestamp": self._event_insert_timestamp(event),
            "evaluation_event_storage_id": event_id,
        }
        partitions = subset.get_partition_keys() if subset else [None]
        with self.index_connection() as connection:
            connection.execute(
                AssetCheckExecutionsTable.insert(),
                [{**row, "partition": partition} for partition in partitions],
            )

    def get_asset_partitions_for_run(self, run_id, of_type=None):
        """Return the assets and partitions of a run's events, planned ranges spelled out."""
        found = super().get_asset_partitions_for_run(run_id, of_type)
        types = {of_type} if isinstance(of_type, DagsterEventType) else of_type
        if types and PLANNED not in types:
            return found
        partitions_by_asset = {asset: set(partitions) for asset, partitions in found.items()}
        for record in self.get_records_for_run(run_id, of_type=PLANNED).records:
            subset = _planned_subset(record.event_log_entry)
            if subset is not None:
                asset = record.event_log_entry.get_dagster_event().asset_key
                if types == {PLANNED}:
                    partitions_by_asset[asset].discard(None)
                partitions_by_asset[asset].update(subset.get_partition_keys())
        return partitions_by_asset

    def has_table(self, table_name: str) -> bool:
        """Tell whether the index has a table; asked per event, so a yes is remembered."""
        if table_name not in self._existing_tables and super().has_table(table_name):
            self._existing_tables.add(table_name)
        return table_name in self._existing_tables

    @contextmanager
    def _connect(self, shard: str) -> Iterator[Connection]:
        """Connect as stock does, but keep the engine, and with it its compiled statements.

        Engines pool nothing: each connection is opened and closed here, as stock does, which keeps
        the files free for other processes and tells the log watchers of the webserver.
        """
        batch_connection = getattr(self._open_batch, "index_connection", None)
        if batch_connection is not None and shard == INDEX_SHARD_NAME:
            yield batch_connection
            return
        with self._db_lock, self._engine(shard).begin() as connection:
            yield connection

    @contextmanager
    def _batch(self, run_id: str) -> Iterator[tuple[Connection, Connection]]:
        """Open the run's file and the index together; stock helpers join the index transaction.

        The run's file is written and committed first, in stock order: after a crash in between,
        the index lacks the events and the partitions count as not done, never the reverse.
        """
        with (
            self._db_lock,
            self._engine(INDEX_SHARD_NAME).begin() as index_connection,
            self._engine(run_id).begin() as run_connection,
        ):
            self._open_batch.index_connection = index_connection
            try:
                yield run_connection, index_connection
            finally:
                self._open_batch.index_connection = None

    def _engine(self, shard: str) -> Engine:
        """Return the shard's engine, making its tables at first use; the caller holds the lock."""
        engine = self._engines.pop(shard, None) or create_engine(
            self.conn_string_for_shard(shard),
            poolclass=NullPool,
            connect_args={"timeout": SQLITE_BUSY_TIMEOUT_SECONDS},
        )
        self._engines[shard] = engine
        if len(self._engines) > MAX_CACHED_ENGINES:
            self._engines.popitem(last=False)
        if shard not in self._initialized_dbs:
            self._initdb(engine)
            self._initialized_dbs.add(shard)
        return engine

    def _store_buffered_events(self, run_id: str) -> None:
        """Store what Dagster still buffers of a run, through its own door so that listeners hear.

        Dagster flushes a batch at its last event only. Where a step ends before that (an error
        between two events, an interrupt), the earlier events would never reach the log.
        """
        for batch_id, events in list(self._instance._event_buffer.items()):
            if events and events[-1].run_id == run_id:
                last = events.pop()
                self._instance.handle_new_event(
                    last, batch_metadata=DagsterEventBatchMetadata(batch_id, is_end=True)
                )


def _planned_subset(event: EventLogEntry) -> PartitionsSubset | None:
    if event.dagster_event_type is not PLANNED:
        return None
    return event.get_dagster_event().asset_materialization_planned_data.partitions_subset


def _planned_for_partition(event: EventLogEntry, partition: str) -> EventLogEntry:
    dagster_event = event.get_dagster_event()
    data = AssetMaterializationPlannedData(dagster_event.asset_key, partition=partition)
    return event._replace(dagster_event=dagster_event._replace(event_specific_data=data))
