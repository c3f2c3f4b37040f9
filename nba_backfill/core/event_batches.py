"""What every event log of ours does with a batch, whatever database keeps it.

Dagster records each partition of a ranged run as its own events: one when the run plans it, one
when the step delivers it. The stock logs open and commit a transaction per event and buffer most
kinds not at all, so a history of seasons spends its minutes in the log. :class:`EventBatches` takes
in whole batches of any kind, asks Dagster for one planned event per table and run, and leaves rows
that the UI, the daemon and Dagster's own code read as before. How a step hands over such a batch is
in :mod:`nba_backfill.core.events`.
"""

import json
import os
from abc import abstractmethod
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

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
from dagster._core.storage.event_log import SqlEventLogStorage
from dagster._core.storage.event_log.schema import AssetCheckExecutionsTable
from dagster._serdes import serialize_value
from sqlalchemy.engine import Connection

BATCH_SIZE_VARIABLE = "DAGSTER_EVENT_BATCH_SIZE"
DEFAULT_BATCH_SIZE = 2000
"""Events per transaction: years of days of one table, yet well under a second of write lock."""

PARTITION_PLACEHOLDER = "nba_backfill/partition"
PLANNED = DagsterEventType.ASSET_MATERIALIZATION_PLANNED
CLOSING_EVENTS = {
    DagsterEventType.STEP_SUCCESS,
    DagsterEventType.STEP_FAILURE,
    DagsterEventType.STEP_UP_FOR_RETRY,
    *EVENT_TYPE_TO_PIPELINE_RUN_STATUS,
}


def batch_by_default() -> None:
    """Switch Dagster's batching on in this process and the step processes it starts.

    Dagster reads the variable anew for every event. A value set by the user wins; 0 turns batching
    off.
    """
    os.environ.setdefault(BATCH_SIZE_VARIABLE, str(DEFAULT_BATCH_SIZE))


class EventBatches(SqlEventLogStorage):
    """A stock event log with batched writes; a database's own class stands beside it as a base.

    That class gives ``_existing_tables`` and, while a batch is open, its connection as
    ``index_connection``.
    """

    _existing_tables: set[str]

    @property
    def supports_partition_subset_in_asset_materialization_planned_events(self) -> bool:
        """Ask Dagster for one planned event per asset and run; the index expands it."""
        return True

    def store_event(self, event: EventLogEntry) -> None:
        """Store one event; one that closes a step or a run first brings in what is buffered."""
        if event.dagster_event_type in CLOSING_EVENTS and self.has_instance:
            self._store_buffered_events(event.run_id)
        self.store_event_batch([event])

    def _index_rows(
        self, event: EventLogEntry, row: Mapping[str, Any]
    ) -> Iterable[tuple[EventLogEntry, Mapping[str, Any]]]:
        """Yield the rows of an event in the index: a planned range has one for each partition."""
        subset = planned_subset(event)
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
        # In one order, so that two writers of several rows never wait for each other.
        for asset_key, values in sorted(values_by_asset.items()):
            if values:
                self._put_asset_row(connection, asset_key, values)

    @abstractmethod
    def _put_asset_row(
        self, connection: Connection, asset_key: str, values: Mapping[str, Any]
    ) -> None:
        """Update an asset's row in the index, or make it."""

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

    def has_table(self, table_name: str) -> bool:
        """Tell whether the index has a table; asked per event, so a yes is remembered."""
        if table_name not in self._existing_tables and super().has_table(table_name):
            self._existing_tables.add(table_name)
        return table_name in self._existing_tables

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


def planned_subset(event: EventLogEntry) -> PartitionsSubset | None:
    """The partitions that a planned event of a whole range stands for; None for any other event."""
    if event.dagster_event_type is not PLANNED:
        return None
    return event.get_dagster_event().asset_materialization_planned_data.partitions_subset


def _planned_for_partition(event: EventLogEntry, partition: str) -> EventLogEntry:
    dagster_event = event.get_dagster_event()
    data = AssetMaterializationPlannedData(dagster_event.asset_key, partition=partition)
    return event._replace(dagster_event=dagster_event._replace(event_specific_data=data))
