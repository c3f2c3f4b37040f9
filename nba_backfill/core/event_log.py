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

import threading
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import groupby
from typing import Any

import sqlalchemy as db
from dagster._core.events import (
    ASSET_CHECK_EVENTS,
    ASSET_EVENTS,
    EVENT_TYPE_TO_PIPELINE_RUN_STATUS,
    DagsterEventType,
)
from dagster._core.events.log import EventLogEntry
from dagster._core.storage.event_log.schema import (
    AssetKeyTable,
    SqlEventLogStorageTable,
)
from dagster._core.storage.event_log.sqlite.sqlite_event_log import (
    INDEX_SHARD_NAME,
    SqliteEventLogStorage,
)
from dagster._core.storage.sql import create_engine
from dagster._core.storage.sqlite import SQLITE_BUSY_TIMEOUT_SECONDS
from dagster._serdes import ConfigurableClassData
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.pool import NullPool

from nba_backfill.core.event_batches import PLANNED, EventBatches, batch_by_default, planned_subset

MAX_CACHED_ENGINES = 64
"""The webserver reads every run's file over its life; without a limit it would keep them all."""

INDEXED_EVENTS = {*ASSET_EVENTS, *ASSET_CHECK_EVENTS, *EVENT_TYPE_TO_PIPELINE_RUN_STATUS}


class BatchedSqliteEventLogStorage(EventBatches, SqliteEventLogStorage):
    """Stock SQLite event log with batched writes; what UI and daemon read stays the same.

    One row differs: a ranged run's own log holds one planned event per asset, carrying the whole
    range, in place of one per partition. The cross-run index keeps a row per partition, because
    from those rows Dagster tells which partitions are in progress or have failed.
    """

    def __init__(self, base_dir: str, inst_data: ConfigurableClassData | None = None):
        batch_by_default()
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

    def _put_asset_row(
        self, connection: Connection, asset_key: str, values: Mapping[str, Any]
    ) -> None:
        own_row = AssetKeyTable.c.asset_key == asset_key
        update = AssetKeyTable.update().values(**values).where(own_row)
        if not connection.execute(update).rowcount:
            connection.execute(AssetKeyTable.insert().values(asset_key=asset_key, **values))

    def get_asset_partitions_for_run(self, run_id, of_type=None):
        """Return the assets and partitions of a run's events, planned ranges spelled out."""
        found = super().get_asset_partitions_for_run(run_id, of_type)
        types = {of_type} if isinstance(of_type, DagsterEventType) else of_type
        if types and PLANNED not in types:
            return found
        partitions_by_asset = {asset: set(partitions) for asset, partitions in found.items()}
        for record in self.get_records_for_run(run_id, of_type=PLANNED).records:
            subset = planned_subset(record.event_log_entry)
            if subset is not None:
                asset = record.event_log_entry.get_dagster_event().asset_key
                if types == {PLANNED}:
                    partitions_by_asset[asset].discard(None)
                partitions_by_asset[asset].update(subset.get_partition_keys())
        return partitions_by_asset

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
