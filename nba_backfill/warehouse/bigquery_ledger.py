"""The ledger on BigQuery: append-only records behind a view, and the operators' decisions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TypeVar
from uuid import uuid4

from nba_backfill.warehouse import bigquery_texts as texts
from nba_backfill.warehouse.acceptance import ACCEPTANCE_COLUMNS, AcceptanceEvent, Acceptances
from nba_backfill.warehouse.bigquery_errors import MissingError
from nba_backfill.warehouse.bigquery_jobs import Jobs
from nba_backfill.warehouse.bigquery_tables import Tables
from nba_backfill.warehouse.bigquery_values import Parameters, parameter, rows_parameter
from nba_backfill.warehouse.ledger import LEDGER_COLUMNS, DayHistory, PartitionRecord

T = TypeVar("T")
MOST_RECORD_BYTES = 4_000_000
"""Ledger records of one job, roughly: a request may have ten megabytes, and the REST messages of
an array of structs repeat every field's name with its value."""

FIELD_BYTES = 1500
"""What the names and frames around one record's values take in a request, about."""


class BigQueryLedger:
    """What a warehouse in BigQuery remembers of days and decisions."""

    jobs: Jobs
    tables: Tables

    def __init__(self, most_partitions: int) -> None:
        self._most_partitions = most_partitions
        self._histories: dict[str, DayHistory] = {}
        self._acceptances: Acceptances | None = None
        self._assumed: list[PartitionRecord] = []
        self._found_none = False
        self._asked_together: frozenset[str] = frozenset()

    def forget(self, together: Iterable[str] = ()) -> None:
        """Read the ledger anew from now on; ``together``: tables it will be asked for."""
        self._histories.clear()
        self._acceptances = None
        self._asked_together = frozenset(together)

    def _rows(self, sql: str, values: Parameters, what: str) -> list[tuple]:
        return self.jobs.rows(sql, values, what, lambda found: [tuple(r.values()) for r in found])

    def _ledger_rows(self, sql: str, values: Parameters, what: str) -> list[tuple]:
        """Rows of a SELECT over the ledger; none where there is no ledger yet.

        One that is there and is not found, say in another location, is no empty one: the error
        stands.
        """
        try:
            return self._rows(sql, values, what)
        except MissingError:
            if self.tables.stored(self.tables.ledger, "the ledger") is not None:
                raise
            self._found_none = True
            return []

    def with_ledger(self, act: Callable[[], T]) -> T:
        """Write to the ledger; where it is not there yet, make it first."""
        if self._found_none:
            # Whoever was killed while making it left its table without the view that is read.
            self.tables.make_ledger()
            self._found_none = False
        try:
            return act()
        except MissingError:
            if self.tables.has_ledger:
                raise
            self.tables.make_ledger()
            return act()

    def histories(self, names: Iterable[str]) -> Mapping[str, DayHistory]:
        """The ledger's records of the named tables, as they were when this step first asked."""
        wanted = set(names)
        unread = wanted - set(self._histories)
        if unread:
            unread |= self._asked_together - set(self._histories)
            rows = self._ledger_rows(
                texts.histories(self.tables.ledger),
                [parameter("names", sorted(unread))],
                "the ledger: reading",
            )
            records: dict[str, dict[dt.date, PartitionRecord]] = {name: {} for name in unread}
            for record in (*map(PartitionRecord.from_row, rows), *self._assumed):
                if record.table_name in records:
                    records[record.table_name][record.day] = record
            self._histories |= {n: DayHistory(n, r.values()) for n, r in records.items()}
        return {name: self._histories[name] for name in wanted}

    def assume(self, records: Iterable[PartitionRecord]) -> None:
        """Let the ledger be read as if these records were written; they are not."""
        self._assumed += records
        self._histories.clear()

    def recorded_tables(self) -> dict[str, int]:
        """Every table that has records, with the rows they account for."""
        text = texts.recorded_tables(self.tables.ledger)
        found = self._ledger_rows(text, [], "the ledger: reading")
        return {name: int(rows) for name, rows in found}

    def write_records(self, records: Iterable[PartitionRecord]) -> None:
        """Write ledger records alone, over those of the same table and day."""
        for _, some in self.portions([], list(records)):
            text = texts.append_records(self.tables.records)
            self.write(text, [], some, f"the ledger: {range_of([], some)}", "records")

    def write(
        self,
        sql: str,
        values: list,
        records: Sequence[PartitionRecord],
        what: str,
        operation: str,
    ) -> None:
        """Run a script that appends these records, if any, with whatever else it does."""
        if records:
            columns = {c.name: c.type for c in LEDGER_COLUMNS}
            values += [
                rows_parameter("records", columns, (r.as_row() for r in records)),
                parameter("operation", uuid4().hex),
            ]
        named = {record.table_name for record in records}
        known = {name: self._histories.pop(name) for name in named & set(self._histories)}
        self.with_ledger(lambda: self.jobs.script(sql, values, what, operation))
        for name, history in known.items():
            new = {record.day: record for record in records if record.table_name == name}
            self._histories[name] = DayHistory(name, (history.by_day | new).values())

    def portions(
        self, days: Sequence[dt.date], records: Sequence[PartitionRecord]
    ) -> Iterator[tuple[list[dt.date], list[PartitionRecord]]]:
        """Days with their records, in day order, in portions that a job can take."""
        of_day: dict[dt.date, list[PartitionRecord]] = {day: [] for day in set(days)}
        for record in records:
            of_day.setdefault(record.day, []).append(record)
        some: list[dt.date] = []
        size = 0

        def portion() -> tuple[list[dt.date], list[PartitionRecord]]:
            chosen = [day for day in some if day in wanted]
            return chosen, [record for day in some for record in of_day[day]]

        wanted = set(days)
        for day in sorted(of_day):
            more = sum(_size(record) for record in of_day[day])
            if some and (len(some) >= self._most_partitions or size + more > MOST_RECORD_BYTES):
                yield portion()
                some, size = [], 0
            some.append(day)
            size += more
        if some:
            yield portion()

    def acceptances(self) -> Acceptances:
        """What operators accepted."""
        if self._acceptances is None:
            text = texts.acceptances(self.tables.acceptances)
            rows = self._ledger_rows(text, [], "acceptances: reading")
            self._acceptances = Acceptances(AcceptanceEvent.from_row(row) for row in rows)
        return self._acceptances

    def record_acceptances(self, events: Iterable[AcceptanceEvent]) -> None:
        """Add acceptances or revocations; nothing is overwritten."""
        self._acceptances = None
        columns = {c.name: c.type for c in ACCEPTANCE_COLUMNS}
        rows = [event.as_row() for event in events]
        if rows:
            text = texts.append_acceptances(self.tables.acceptances)
            values = [rows_parameter("events", columns, rows)]
            self.with_ledger(
                lambda: self.jobs.script(text, values, "acceptances: recording", "accept")
            )


def _size(record: PartitionRecord) -> int:
    """Roughly the bytes of a record in a request."""
    return FIELD_BYTES + sum(len(v.encode()) for v in record.as_row() if isinstance(v, str))


def range_of(days: Sequence[dt.date], records: Sequence[PartitionRecord]) -> str:
    """Days and recorded days in words."""
    named = [*days, *(record.day for record in records)]
    return f"{min(named)}..{max(named)}"
