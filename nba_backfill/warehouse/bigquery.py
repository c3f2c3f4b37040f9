"""The production warehouse: BigQuery datasets, through the real client library.

Rows are staged once into a table that expires, judged there, and put in place of the old ones by
one script in one transaction with their ledger records. The ledger is append-only, so that workers
on different tables never wait for each other; a view shows the newest record of each table and day.
"""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from uuid import uuid4

import duckdb
import pandas as pd
from google.cloud import bigquery

from nba_backfill.core.table import Table
from nba_backfill.warehouse import bigquery_texts as texts
from nba_backfill.warehouse.acceptance import ACCEPTANCE_COLUMNS, AcceptanceEvent, Acceptances
from nba_backfill.warehouse.bigquery_jobs import Jobs, Patience
from nba_backfill.warehouse.bigquery_tables import Tables
from nba_backfill.warehouse.bigquery_values import (
    Parameters,
    field,
    parameter,
    parameters,
    rows_parameter,
    to_frame,
    to_parquet,
)
from nba_backfill.warehouse.dialect import AnyTable, Statement
from nba_backfill.warehouse.files import FileStore
from nba_backfill.warehouse.ledger import LEDGER_COLUMNS, DayHistory, PartitionRecord
from nba_backfill.warehouse.protocol import StatementError, Unit

MOST_PARTITIONS = 4000
"""Partitions that one job may change."""

MOST_RECORD_BYTES = 4_000_000
"""Ledger records of one job, as JSON: a request may have ten megabytes, and the REST messages of
an array of structs say every name of a field with its value."""

PRICE_PER_TIB = 6.25
"""US dollars per TiB on demand in the US multi-region; others are a little dearer."""


class BigQueryWarehouse:
    """A :class:`~nba_backfill.warehouse.protocol.Warehouse` in BigQuery.

    ``max_bytes_billed`` is the cap on each query, ``labels`` go with every job. ``dataset_prefix``
    and ``raw_dataset_prefix`` stand before the names of our datasets and of raw ones.
    ``accept_schema_change``: retypes, drops and changes of tables that others made are done;
    without it they raise SchemaChangeError before anything is changed.
    """

    def __init__(
        self,
        client: bigquery.Client,
        *,
        files: FileStore | None,
        location: str = "US",
        dataset_prefix: str = "",
        raw_dataset_prefix: str = "",
        max_bytes_billed: int | None = None,
        labels: Mapping[str, str] | None = None,
        accept_schema_change: bool = False,
        price_per_tib: float = PRICE_PER_TIB,
        patience: Patience | None = None,
        most_partitions: int = MOST_PARTITIONS,
    ) -> None:
        self.client = client
        self.files = files
        self.price_per_tib = price_per_tib
        self._labels = dict(labels or {})
        self._most_partitions = most_partitions
        self.jobs = Jobs(
            client,
            location,
            max_bytes=max_bytes_billed,
            labels=self._labels,
            patience=patience or Patience(),
        )
        self.tables = Tables(
            self.jobs,
            prefix=dataset_prefix,
            raw_prefix=raw_dataset_prefix,
            accept_change=accept_schema_change,
            default_project=client.project,
        )
        self._histories: dict[str, DayHistory] = {}
        self._acceptances: Acceptances | None = None
        self._assumed: list[PartitionRecord] = []
        self._working_on = ""

    @property
    def place(self) -> str:
        """The project and the location of its data."""
        return f"{self.client.project} ({self.jobs.location})"

    @property
    def bytes_billed(self) -> int:
        """What all statements since opening were charged for."""
        return self.jobs.bytes_billed

    def close(self) -> None:
        """Close the client's connections."""
        self.client.close()

    def begin(self, table: Table, run_id: str = "") -> None:
        """A step of a table begins: what was read of the ledger may have been written since.

        Its jobs are labelled with table, phase and run.
        """
        self._histories.clear()
        self._acceptances = None
        self._working_on = table.relation
        said = {"table": table.name, "phase": str(table.layer), "run": run_id}
        self.jobs.labels = self._labels | {k: label(v) for k, v in said.items() if v}

    def _what(self, sql: str, doing: str) -> str:
        """How an error names what was asked: the table at work, else those that the text reads."""
        tables = ", ".join(self.tables.mentioned(sql)) or "a query"
        if self._working_on and self._working_on not in tables:
            return f"{self._working_on}: {doing} {tables}"
        return f"{tables}: {doing}"

    # Reading

    def _rows(self, sql: str, values: Parameters, what: str) -> list[tuple]:
        return self.jobs.rows(sql, values, what, lambda found: [tuple(r.values()) for r in found])

    def query(self, statement: Statement) -> list[tuple]:
        """Rows of a SELECT."""
        sql = self.tables.text(statement.sql)
        return self._rows(sql, parameters(statement.parameters), self._what(sql, "reading"))

    def named_rows(self, statement: Statement) -> list[dict[str, object]]:
        """Rows of a SELECT, each by the names of its columns."""
        sql = self.tables.text(statement.sql)
        return self.jobs.rows(
            sql,
            parameters(statement.parameters),
            self._what(sql, "reading"),
            lambda found: [dict(row.items()) for row in found],
        )

    def frame(self, statement: Statement) -> pd.DataFrame:
        """Rows of a SELECT as a frame; arrays are NumPy arrays."""
        sql = self.tables.text(statement.sql)
        rows = self.jobs.rows(
            sql,
            parameters(statement.parameters),
            self._what(sql, "reading"),
            lambda found: found.to_arrow(create_bqstorage_client=False),
        )
        return to_frame(rows)

    def scan_bytes(self, statement: Statement) -> int:
        """Bytes that a SELECT would be charged for, without running it."""
        sql = self.tables.text(statement.sql)
        what = self._what(sql, "estimating")
        return self.jobs.dry_run(sql, parameters(statement.parameters), what)

    # Tables

    def ensure_table(self, table: AnyTable) -> None:
        """See that a table is there and as declared.

        A computed one is made, and gets columns that it lacks; days of which a row lacks a value by
        that are marked stale. Raises SchemaChangeError for anything else that differs.
        """
        self.tables.ensure(table)
        if isinstance(table, Table):
            self._histories.pop(table.relation, None)

    def check_schemas(self, tables: Iterable[Table]) -> None:
        """Raise SchemaChangeError that names everything that differs; nothing is changed."""
        self.tables.check(tables)

    # Staging

    def _staging_name(self, table: Table) -> str:
        self.tables.make_staged()
        return f"{self.tables.staged}.{table.name}_{uuid4().hex[:12]}"

    def stage(self, table: Table, statement: Statement) -> str:
        """Run a table's SELECT once into a staging table and return its name."""
        name = self._staging_name(table)
        destination = self.jobs.into_table(
            self.tables.text(statement.sql),
            parameters(statement.parameters),
            f"{table.relation}: computing",
            f"stage-{table.name}",
            lambda attempt: f"{self.client.project}.{name}_{attempt}",
        )
        return destination.partition(".")[2]

    def stage_frame(self, table: Table, frame: pd.DataFrame) -> str:
        """Load computed rows into a staging table of the declared types; return its name.

        Raises StatementError when a column is missing or does not fit its type.
        """
        try:
            content = to_parquet(frame, table.columns)
        except duckdb.Error as error:
            raise StatementError(f"{table.relation}: {error}") from error
        name = self._staging_name(table)
        config = bigquery.LoadJobConfig(
            source_format=bigquery.SourceFormat.PARQUET,
            write_disposition=bigquery.WriteDisposition.WRITE_TRUNCATE,
            schema=[field(column) for column in table.columns],
            labels=self.jobs.labels,
        )
        config.parquet_options = bigquery.format_options.ParquetOptions()
        # Without it a list arrives as a struct of structs.
        config.parquet_options.enable_list_inference = True

        def load(job_id: str) -> bigquery.LoadJob:
            attempt = job_id.rpartition("-")[2]
            return self.client.load_table_from_file(
                io.BytesIO(content),
                f"{self.client.project}.{name}_{attempt}",
                size=len(content),
                num_retries=0,
                job_id=job_id,
                location=self.jobs.location,
                job_config=config,
            )

        job = self.jobs.run(load, f"{table.relation}: staging", f"load-{table.name}")
        return f"{name}_{job.job_id.rpartition('-')[2]}"

    def drop_staged(self, staged: str) -> None:
        """Nothing: a staging table expires by itself, which costs no call and outlives no kill."""

    def withhold(
        self,
        table: Table,
        staged: str,
        unit: str,
        refused: Collection[Unit],
        retained: Collection[Unit],
    ) -> dict[Unit, int]:
        """Take refused units out of a staging table and put back stored rows of some.

        The table is written anew from itself in one job, so that a job asked twice does it once.
        """
        if not refused:
            return {}
        named = {"refused": sorted(set(refused)), "retained": sorted(set(retained))}
        values = [
            rows_parameter(name, texts.UNIT_TYPES, units) for name, units in named.items() if units
        ]
        stored = None
        if retained:
            stored = self.tables.text(f"`{table.dataset}`.`{table.name}`")
            days = [day for day, _ in retained]
            values += [parameter("first", min(days)), parameter("last", max(days))]
        what = f"{table.relation}: withholding"
        self.jobs.into_table(
            texts.without_refused(table, staged, unit, retaining=stored),
            values,
            what,
            f"withhold-{table.name}",
            lambda _: f"{self.client.project}.{staged}",
        )
        if stored is None:
            return {}
        values = [value for value in values if value.name != "refused"]
        found = self._rows(texts.retained_counts(table, stored, unit), values, what)
        return {(day, name): count for day, name, count in found}

    # Content

    def fingerprints(
        self, table: AnyTable, relation: str, days: Collection[dt.date] | None = None
    ) -> dict[dt.date, tuple[int, str]]:
        """Row count and content hash of each day in a relation, whatever the row order."""
        if days is not None and not days:
            return {}
        values = {"days": sorted(days), "first": min(days), "last": max(days)} if days else {}
        sql = self.tables.text(texts.fingerprints(table, relation, of_days=bool(days)))
        found = self._rows(sql, parameters(values), f"{table.relation}: fingerprints")
        return {day: (count, text) for day, count, text in found}

    def unit_contents(
        self, table: Table, relation: str, unit: str, days: Collection[dt.date]
    ) -> dict[tuple[dt.date, str | None], tuple[int, str]]:
        """Row count and content hash by day and unit; ``unit`` is a GoogleSQL expression."""
        if not days:
            return {}
        sql = self.tables.text(texts.unit_contents(table, relation, unit))
        values = parameters({"days": list(days), "first": min(days), "last": max(days)})
        found = self._rows(sql, values, f"{table.relation}: contents")
        return {(day, name): (count, text) for day, name, count, text in found}

    # Writing

    def replace_days(
        self,
        table: Table,
        staged: str | None,
        days: Sequence[dt.date],
        records: Iterable[PartitionRecord],
    ) -> None:
        """Replace the rows of ``days`` and write the records, day by day all or nothing.

        One transaction per range that fits the limits of a job; a day and its record are in one.
        Raises a WarehouseError that names the days that were written, where some were.
        """
        self.ensure_table(table)
        target = self.tables.text(f"`{table.dataset}`.`{table.name}`")
        done: list[dt.date] = []
        for some_days, some_records in self._portions(days, list(records)):
            first, last = (min(some_days), max(some_days)) if some_days else (None, None)
            said = f" ({len(done)} days to {done[-1]} were replaced before)" if done else ""
            self._write(
                texts.replace_days(
                    table,
                    target,
                    staged,
                    self.tables.records,
                    rows=bool(some_days),
                    recording=bool(some_records),
                ),
                parameters({"days": some_days, "first": first, "last": last} if some_days else {}),
                some_records,
                f"{table.relation}: replacing {_range(some_days, some_records)}{said}",
                f"replace-{table.name}",
            )
            done += some_days

    def write_records(self, records: Iterable[PartitionRecord]) -> None:
        """Write ledger records alone, over those of the same table and day."""
        for _, some in self._portions([], list(records)):
            text = texts.append_records(self.tables.records)
            self._write(text, [], some, f"the ledger: {_range([], some)}", "records")

    def _write(
        self,
        sql: str,
        values: list,
        records: Sequence[PartitionRecord],
        what: str,
        operation: str,
    ) -> None:
        self.tables.make_ledger()
        if records:
            columns = {c.name: c.type for c in LEDGER_COLUMNS}
            values += [
                rows_parameter("records", columns, (r.as_row() for r in records)),
                parameter("operation", uuid4().hex),
            ]
        for name in {record.table_name for record in records}:
            self._histories.pop(name, None)
        self.jobs.script(sql, values, what, operation)

    def _portions(
        self, days: Sequence[dt.date], records: Sequence[PartitionRecord]
    ) -> Iterator[tuple[list[dt.date], list[PartitionRecord]]]:
        """Days with their records, in day order, in portions that a job can take."""
        of_day: dict[dt.date, list[PartitionRecord]] = {day: [] for day in sorted(set(days))}
        for record in sorted(records, key=lambda record: record.day):
            of_day.setdefault(record.day, []).append(record)
        wanted = set(days)
        some_days: list[dt.date] = []
        some_records: list[PartitionRecord] = []
        size = 0
        for day in sorted(of_day):
            more = sum(_size(record) for record in of_day[day])
            if some_days or some_records:
                full = len(some_days) >= self._most_partitions or size + more > MOST_RECORD_BYTES
                if full:
                    yield some_days, some_records
                    some_days, some_records, size = [], [], 0
            some_days += [day] if day in wanted else []
            some_records += of_day[day]
            size += more
        if some_days or some_records:
            yield some_days, some_records

    # The ledger

    def histories(self, names: Iterable[str]) -> Mapping[str, DayHistory]:
        """The ledger's records of the named tables, as they were when this step first asked."""
        wanted = set(names)
        unread = sorted(wanted - set(self._histories))
        if unread:
            self.tables.make_ledger()
            rows = self._rows(
                texts.histories(self.tables.ledger), [parameter("names", unread)], "the ledger"
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
        self.tables.make_ledger()
        found = self._rows(texts.recorded_tables(self.tables.ledger), [], "the ledger")
        return {name: int(rows) for name, rows in found}

    def acceptances(self) -> Acceptances:
        """What operators accepted."""
        if self._acceptances is None:
            self.tables.make_ledger()
            rows = self._rows(texts.acceptances(self.tables.acceptances), [], "acceptances")
            self._acceptances = Acceptances(AcceptanceEvent.from_row(row) for row in rows)
        return self._acceptances

    def record_acceptances(self, events: Iterable[AcceptanceEvent]) -> None:
        """Add acceptances or revocations; nothing is overwritten."""
        self.tables.make_ledger()
        self._acceptances = None
        columns = {c.name: c.type for c in ACCEPTANCE_COLUMNS}
        rows = [event.as_row() for event in events]
        if rows:
            self.jobs.script(
                texts.append_acceptances(self.tables.acceptances),
                [rows_parameter("events", columns, rows)],
                "acceptances: recording",
                "accept",
            )


def _size(record: PartitionRecord) -> int:
    """Roughly the bytes of a record in a request: its texts, and the names around them."""
    texts_of = (v for v in record.as_row() if isinstance(v, str))
    return 1500 + sum(len(text.encode()) for text in texts_of)


def _range(days: Sequence[dt.date], records: Sequence[PartitionRecord]) -> str:
    named = [*days, *(record.day for record in records)]
    return f"{min(named)}..{max(named)}" if named else "no day"


def label(text: str) -> str:
    """A text as BigQuery takes it for a label's value."""
    kept = "".join(c if c.isascii() and (c.isalnum() or c in "-_") else "-" for c in text.lower())
    return kept[:63]
