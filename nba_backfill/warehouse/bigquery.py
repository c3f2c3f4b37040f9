"""The production warehouse: BigQuery datasets, through the real client library.

Rows are staged once into a table that expires, judged there, and put in place of the old ones by
one script in one transaction with their ledger records. The ledger is append-only, so that workers
on different tables never wait for each other; a view shows the newest record of each table and day.
"""

from __future__ import annotations

import datetime as dt
import io
import json
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TypeVar
from uuid import uuid4

import duckdb
import pandas as pd
from google.cloud import bigquery

from nba_backfill.core.table import Table
from nba_backfill.warehouse import bigquery_texts as texts
from nba_backfill.warehouse.bigquery_errors import MissingError
from nba_backfill.warehouse.bigquery_jobs import Jobs, Patience
from nba_backfill.warehouse.bigquery_ledger import BigQueryLedger, range_of
from nba_backfill.warehouse.bigquery_reader import ReadTables
from nba_backfill.warehouse.bigquery_scratch import ScratchTables
from nba_backfill.warehouse.bigquery_tables import Tables
from nba_backfill.warehouse.bigquery_values import (
    field,
    parameter,
    parameters,
    rows_parameter,
    to_frame,
    to_parquet,
)
from nba_backfill.warehouse.dialect import AnyTable, Statement
from nba_backfill.warehouse.files import FileStore
from nba_backfill.warehouse.ledger import PartitionRecord
from nba_backfill.warehouse.protocol import StatementError, Unit

T = TypeVar("T")
MOST_PARTITIONS = 4000
"""Partitions that one job may change."""

PRICE_PER_TIB = 6.25
"""US dollars per TiB on demand in the US multi-region; others are a little dearer."""


class BigQueryWarehouse(BigQueryLedger):
    """A :class:`~nba_backfill.warehouse.protocol.Warehouse` in BigQuery.

    ``max_bytes_billed`` is the cap on each query, ``labels`` go with every job. ``dataset_prefix``
    and ``raw_dataset_prefix`` stand before the names of our datasets and of raw ones.
    ``accept_schema_change``: retypes, drops and changes of tables that others made are done;
    without it they raise SchemaChangeError before anything is changed. ``only_reads``: no table is
    made or changed because somebody looked; what is not there is read as empty.
    """

    kept = None

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
        only_reads: bool = False,
    ) -> None:
        super().__init__(most_partitions)
        self.client = client
        self.files = files
        self.price_per_tib = price_per_tib
        self._labels = dict(labels or {})
        self.jobs = Jobs(
            client,
            location,
            max_bytes=max_bytes_billed,
            labels=self._labels,
            patience=patience or Patience(),
        )
        self.tables = (ReadTables if only_reads else Tables)(
            self.jobs,
            prefix=dataset_prefix,
            raw_prefix=raw_dataset_prefix,
            accept_change=accept_schema_change,
        )
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

    @contextmanager
    def scratch(self) -> Iterator[BigQueryWarehouse]:
        """What is here, with changes kept in a dataset that is removed on leaving, or expires."""
        own, self.tables = self.tables, ScratchTables(self.tables)
        self.forget()
        try:
            self.tables.open()
            yield self
        finally:
            self.tables.remove()
            self.tables = own
            self.forget()

    def begin(self, table: Table, run_id: str = "", reads: Iterable[str] = ()) -> None:
        """A step of a table begins: what was read of the ledger may have been written since.

        Its jobs are labelled with table, phase and run. ``reads``: tables whose records it will
        ask for, which are read together.
        """
        self.forget(reads)
        self._working_on = table.relation
        said = {"table": table.name, "phase": str(table.layer), "run": run_id}
        self.jobs.labels = self._labels | {k: label(v) for k, v in said.items() if v}

    def _what(self, sql: str, doing: str) -> str:
        """How an error names what was asked: the table at work, and those that the text reads."""
        tables = ", ".join(self.tables.mentioned(sql)) or "a query"
        if self._working_on and self._working_on not in tables:
            return f"{self._working_on}: {doing} {tables}"
        return f"{tables}: {doing}"

    # Reading

    def _ask(self, sql: str, act: Callable[[], T]) -> T:
        """Run a statement; when it is refused, see to the tables it names and run it again."""
        try:
            return act()
        except (StatementError, MissingError):
            if not self.tables.look_again(sql):
                raise
            return act()

    def _select(self, statement: Statement, take: Callable[[bigquery.table.RowIterator], T]) -> T:
        sql, values = statement.sql, parameters(statement.parameters)
        what = self._what(sql, "reading")
        return self._ask(sql, lambda: self.jobs.rows(self.tables.text(sql), values, what, take))

    def query(self, statement: Statement) -> list[tuple]:
        """Rows of a SELECT."""
        return self._select(statement, lambda found: [tuple(row.values()) for row in found])

    def named_rows(self, statement: Statement) -> list[dict[str, object]]:
        """Rows of a SELECT, each by the names of its columns."""
        return self._select(statement, lambda found: [dict(row.items()) for row in found])

    def answers(self, statements: Sequence[Statement]) -> list[list[dict[str, object]]]:
        """Rows of several SELECTs, asked in one; see the protocol for what their values are."""
        asked, values = [], {}
        for at, statement in enumerate(statements):
            sql = statement.sql
            for name, value in statement.parameters.items():
                named = name
                if values.get(name, value) != value:
                    named = f"{name}_{at}"
                    sql = re.sub(rf"@{name}\b", f"@{named}", sql)
                values[named] = value
            asked.append(sql)
        found: list[list[dict[str, object]]] = [[] for _ in statements]
        for at, row in self.query(Statement(texts.together(asked), values)):
            named = json.loads(row)
            if named.get("day") is not None:
                named["day"] = dt.date.fromisoformat(named["day"])
            found[at].append(named)
        return found

    def frame(self, statement: Statement) -> pd.DataFrame:
        """Rows of a SELECT as a frame; arrays are NumPy arrays."""
        rows = self._select(statement, lambda found: found.to_arrow(create_bqstorage_client=False))
        return to_frame(rows)

    def scan_bytes(self, statement: Statement) -> int:
        """Bytes that a SELECT would be charged for, without running it."""
        sql, values = statement.sql, parameters(statement.parameters)
        what = self._what(sql, "estimating")
        return self._ask(sql, lambda: self.jobs.dry_run(self.tables.text(sql), values, what))

    # Tables

    def ensure_table(self, table: AnyTable) -> None:
        """Know a table; it is made, or brought up to its declaration, when it is first needed."""
        self.tables.declare(table)

    def check_schemas(self, tables: Iterable[Table]) -> None:
        """Raise SchemaChangeError that names everything that differs; nothing is changed."""
        self.tables.check(tables)

    # Staging

    def _staging_name(self, table: Table) -> str:
        return f"{self.tables.staged}.{table.name}_{uuid4().hex[:12]}"

    def _with_staging(self, act: Callable[[], T]) -> T:
        """Do what needs the dataset of staging tables; where it is not there yet, make it first."""
        try:
            return act()
        except MissingError as error:
            if self.tables.staged not in str(error):
                raise
            self.tables.make_staged()
            return act()

    def stage(self, table: Table, statement: Statement) -> str:
        """Run a table's SELECT once into a staging table and return its name.

        First the table itself is seen to: what would stop its rows from being written stops it
        before anything is computed.
        """
        self.tables.ensure(table)
        name = self._staging_name(table)
        destination = self._ask(
            statement.sql,
            lambda: self._with_staging(
                lambda: self.jobs.into_table(
                    self.tables.text(statement.sql),
                    parameters(statement.parameters),
                    f"{table.relation}: computing",
                    f"stage-{table.name}",
                    lambda attempt: f"{self.client.project}.{name}_{attempt}",
                )
            ),
        )
        return destination.partition(".")[2]

    def stage_frame(self, table: Table, frame: pd.DataFrame) -> str:
        """Load computed rows into a staging table of the declared types; return its name.

        Raises StatementError when a column is missing or does not fit its type.
        """
        self.tables.ensure(table)
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

        job = self._with_staging(
            lambda: self.jobs.run(load, f"{table.relation}: staging", f"load-{table.name}")
        )
        return f"{name}_{job.job_id.rpartition('-')[2]}"

    def drop_staged(self, staged: str) -> None:
        """Nothing: a staging table expires by itself, which costs no call and survives no kill."""

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
        text = texts.fingerprints(table, relation, of_days=days is not None)
        values = _of_days(days) if days else {}
        return {day: (count, text) for day, count, text in self.query(Statement(text, values))}

    def unit_contents(
        self, table: Table, relation: str, unit: str, days: Collection[dt.date]
    ) -> dict[tuple[dt.date, str | None], tuple[int, str]]:
        """Row count and content hash by day and unit; ``unit`` is a GoogleSQL expression."""
        if not days:
            return {}
        asked = Statement(texts.unit_contents(table, relation, unit), _of_days(days))
        return {(day, name): (count, text) for day, name, count, text in self.query(asked)}

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
        Raises a WarehouseError that says which days were written before, if any.
        """
        records = list(records)
        if not days and not records:
            return
        self.tables.ensure(table)
        self.tables.change(table)
        target = self.tables.text(f"`{table.dataset}`.`{table.name}`")
        done: list[dt.date] = []
        for some_days, some_records in self.portions(days, records):
            said = f" ({len(done)} days to {done[-1]} were replaced before)" if done else ""
            self.write(
                texts.replace_days(
                    table,
                    target,
                    staged,
                    self.tables.records,
                    rows=bool(some_days),
                    recording=bool(some_records),
                ),
                parameters(_of_days(some_days)) if some_days else [],
                some_records,
                f"{table.relation}: replacing {range_of(some_days, some_records)}{said}",
                f"replace-{table.name}",
            )
            done += some_days


def _of_days(days: Collection[dt.date]) -> dict[str, object]:
    """Parameters of :func:`texts.within`."""
    return {"days": sorted(days), "first": min(days), "last": max(days)}


def label(text: str) -> str:
    """A text as BigQuery takes it for a label's value."""
    kept = "".join(c if c.isascii() and (c.isalnum() or c in "-_") else "-" for c in text.lower())
    return kept[:63]
