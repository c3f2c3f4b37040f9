"""Dagster's record of runs and events in PostgreSQL, for a deployment of several processes.

`dagster-postgres` writes batches of one kind of event only, and plans a range day by day; these
storages keep its tables and rows, and write whole batches in one transaction. It needs the extra
``production``. Select both in dagster.yaml, beside the stock PostgresScheduleStorage; the scheme
names the driver, because SQLAlchemy's own choice is one that dagster-postgres does not install:

    run_storage:
      module: nba_backfill.core.postgres
      class: OriginatedPostgresRunStorage
      config: {postgres_db: {..., scheme: postgresql+psycopg2}}
    event_log_storage:
      module: nba_backfill.core.postgres
      class: BatchedPostgresEventLogStorage
      config: {postgres_db: {..., scheme: postgresql+psycopg2}}
"""

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

from dagster._core.events.log import EventLogEntry
from dagster._core.storage.event_log.schema import AssetKeyTable, SqlEventLogStorageTable
from dagster._serdes import ConfigurableClassData
from dagster_postgres import PostgresEventLogStorage, PostgresRunStorage
from dagster_postgres.utils import get_token_provider_from_config, pg_url_from_config
from sqlalchemy.dialects import postgresql
from sqlalchemy.engine import Connection

from nba_backfill.core.event_batches import EventBatches, batch_by_default
from nba_backfill.core.run_origin import OriginatedRuns


def _arguments(config_value: Mapping[str, Any]) -> dict[str, Any]:
    """What a stock Postgres storage is made with, from its part of dagster.yaml."""
    return {
        "postgres_url": pg_url_from_config(config_value),
        "should_autocreate_tables": config_value.get("should_autocreate_tables", True),
        "token_provider": get_token_provider_from_config(config_value),
    }


class OriginatedPostgresRunStorage(OriginatedRuns, PostgresRunStorage):
    """Stock Postgres run storage in which a run without an origin is one of our code location."""

    @classmethod
    def from_config_value(
        cls, inst_data: ConfigurableClassData | None, config_value: Mapping[str, Any]
    ) -> "OriginatedPostgresRunStorage":
        """Build the storage named in dagster.yaml; the stock method would build the stock class."""
        return cls(inst_data=inst_data, **_arguments(config_value))


class BatchedPostgresEventLogStorage(EventBatches, PostgresEventLogStorage):
    """Stock Postgres event log with batched writes; what UI and daemon read stays the same."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        batch_by_default()
        self._existing_tables: set[str] = set()
        self._open_batch = threading.local()
        super().__init__(*args, **kwargs)

    @classmethod
    def from_config_value(
        cls, inst_data: ConfigurableClassData | None, config_value: Mapping[str, Any]
    ) -> "BatchedPostgresEventLogStorage":
        """Build the storage named in dagster.yaml; the stock method would build the stock class."""
        return cls(inst_data=inst_data, **_arguments(config_value))

    def store_event_batch(self, events: Sequence[EventLogEntry]) -> None:
        """Store events in one transaction, with every side effect of `store_event`.

        An error rolls all of it back, so Dagster's fallback of storing the events one by one does
        not duplicate them.
        """
        # Serialized before a connection is taken. What Dagster only tells its hosted service of an
        # asset that failed is kept by no log of one's own.
        rows = [
            pair
            for event in events
            if not (event.dagster_event and event.dagster_event.is_asset_failed_to_materialize)
            for pair in self._index_rows(event, self._event_to_row(event))
        ]
        if not rows:
            return
        insert = SqlEventLogStorageTable.insert().returning(
            SqlEventLogStorageTable.c.id, sort_by_parameter_order=True
        )
        with self._batch() as connection:
            ids = connection.execute(insert, [row for _, row in rows]).scalars().all()
            stored = [(event, id_) for (event, _), id_ in zip(rows, ids, strict=True)]
            self._store_index_details(connection, stored)

    def index_connection(self) -> AbstractContextManager[Connection]:
        """A connection; while a batch is stored, the batch's own, which stock helpers then join."""
        of_batch = getattr(self._open_batch, "connection", None)
        return nullcontext(of_batch) if of_batch is not None else super().index_connection()

    @contextmanager
    def _batch(self) -> Iterator[Connection]:
        with self.index_transaction() as connection:
            self._open_batch.connection = connection
            try:
                yield connection
            finally:
                self._open_batch.connection = None

    def _put_asset_row(
        self, connection: Connection, asset_key: str, values: Mapping[str, Any]
    ) -> None:
        row = postgresql.insert(AssetKeyTable).values(asset_key=asset_key, **values)
        connection.execute(
            row.on_conflict_do_update(index_elements=[AssetKeyTable.c.asset_key], set_=dict(values))
        )
