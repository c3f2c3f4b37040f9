"""The embedded warehouse: one DuckDB file, BigQuery datasets as schemas.

One process writes at a time (DuckDB's rule), through one connection; every change of rows and
their ledger records is one transaction, so a killed process leaves the last committed state.
"""

from __future__ import annotations

import datetime as dt
import shutil
import tempfile
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pandas as pd

from nba_backfill.core.table import RawTable, Table
from nba_backfill.warehouse.acceptance import (
    ACCEPTANCE_COLUMNS,
    ACCEPTANCES,
    AcceptanceEvent,
    Acceptances,
)
from nba_backfill.warehouse.dialect import (
    AnyTable,
    Statement,
    duckdb_type,
    expression_to_duckdb,
    to_duckdb,
)
from nba_backfill.warehouse.duckdb_kept import DuckDBKept
from nba_backfill.warehouse.duckdb_tables import DuckDBTables
from nba_backfill.warehouse.files import FileStore, LocalFiles
from nba_backfill.warehouse.ledger import (
    LEDGER,
    LEDGER_COLUMNS,
    LEDGER_DATASET,
    SNAPSHOT_DAY,
    DayHistory,
    PartitionRecord,
)
from nba_backfill.warehouse.opening import connect
from nba_backfill.warehouse.protocol import StatementError, Unit

LOCK_PATIENCE_SECONDS = 20.0


class DuckDBWarehouse(DuckDBTables):
    """A :class:`~nba_backfill.warehouse.protocol.Warehouse` in one DuckDB file.

    ``files`` keeps what is not a row; default: the folder ``exports`` beside the file. What the
    newest ``keep_runs`` runs displace is kept, so that they can be rolled back. Raises
    WarehouseBusyError when another process still holds the file after ``patience`` seconds (None:
    LOCK_PATIENCE_SECONDS), and WarehouseError when the file is not a DuckDB database.
    """

    bytes_billed = 0
    price_per_tib = 0.0
    keep_runs = 0

    def __init__(
        self,
        path: Path,
        *,
        files: FileStore | None = None,
        patience: float | None = None,
        keep_runs: int = 0,
    ) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self.files = files or LocalFiles(path.parent / "exports")
        self.keep_runs = keep_runs
        self._begin(connect(path, LOCK_PATIENCE_SECONDS if patience is None else patience))

    def _begin(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Take a connection, and make sure of the tables every warehouse has."""
        self.connection = connection
        self.connection.execute("SET TimeZone = 'UTC'")
        self._ensured: set[str] = set()
        # While we hold the file nobody else can write it, so what was read of the ledger stays
        # true until we write. Every step asks for the histories of all that lies upstream.
        self._histories: dict[str, DayHistory] = {}
        self._acceptances: Acceptances | None = None
        self.kept = DuckDBKept(self, self.keep_runs)
        self.ensure(LEDGER_DATASET, LEDGER, LEDGER_COLUMNS)
        self.add_columns(LEDGER, LEDGER_COLUMNS)
        self.ensure(LEDGER_DATASET, ACCEPTANCES, ACCEPTANCE_COLUMNS)

    @property
    def place(self) -> str:
        """The file."""
        return str(self.path)

    def close(self) -> None:
        """Release the file."""
        self.connection.close()

    @contextmanager
    def scratch(self) -> Iterator[DuckDBWarehouse]:
        """A copy of the file as it is now, which the system's clean-up removes after a kill."""
        with tempfile.TemporaryDirectory(prefix="nba-backfill-") as folder:
            self.connection.execute("CHECKPOINT")
            copy = DuckDBWarehouse(Path(shutil.copy(self.path, folder)), files=self.files)
            try:
                yield copy
            finally:
                copy.close()

    def begin(self, table: Table, run_id: str = "", reads: Iterable[str] = ()) -> None:
        """Nothing to do: nobody else writes the file while it is open here."""

    def scan_bytes(self, statement: Statement) -> None:
        """None: reading a file costs nothing, whatever the statement."""

    @contextmanager
    def rolled_back(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """Undo at the end whatever is done inside: for trying what would be."""
        self._histories.clear()
        self.connection.execute("BEGIN")
        try:
            yield self.connection
        finally:
            self.connection.execute("ROLLBACK")
            self._histories.clear()

    def _run(self, statement: Statement) -> duckdb.DuckDBPyConnection:
        return self.connection.execute(to_duckdb(statement.sql), dict(statement.parameters))

    def query(self, statement: Statement) -> list[tuple]:
        """Rows of a SELECT."""
        return self._run(statement).fetchall()

    def named_rows(self, statement: Statement) -> list[dict[str, object]]:
        """Rows of a SELECT, each by the names of its columns."""
        found = self._run(statement)
        names = [name for name, *_ in found.description]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]

    def answers(self, statements: Sequence[Statement]) -> list[list[dict[str, object]]]:
        """Rows of several SELECTs, each by the names of its columns."""
        return [self.named_rows(statement) for statement in statements]

    def frame(self, statement: Statement) -> pd.DataFrame:
        """Rows of a SELECT as a frame; arrays are NumPy arrays."""
        try:
            found = self._run(statement)
            sums = [name for name, kind, *_ in found.description if str(kind) == "HUGEINT"]
            rows = found.df()
        except duckdb.Error as error:
            raise StatementError(str(error)) from error
        # GoogleSQL sums whole numbers to whole numbers, DuckDB's frame has floats for them.
        return rows.astype({n: "Int64" if rows[n].hasnans else "int64" for n in sums})

    def own(self, table: AnyTable) -> None:
        """Make sure that a table can be changed here; in the file's own warehouse it can."""
        self.ensure_table(table)

    def check_schemas(self, tables: Iterable[Table]) -> None:
        """Nothing: in a file of ours every table follows its declaration by itself."""

    def stage(self, table: Table, statement: Statement) -> str:
        """Run a table's SELECT once into a temporary table and return its name."""
        staged = f"staged_{table.name}"
        try:
            self.connection.execute(
                f"CREATE OR REPLACE TEMP TABLE {staged} AS {to_duckdb(statement.sql)}",
                dict(statement.parameters),
            )
        except duckdb.Error as error:
            raise StatementError(f"{table.relation}: {error}") from error
        return staged

    def stage_frame(self, table: Table, frame: pd.DataFrame) -> str:
        """Put computed rows into a temporary table of the declared types; return its name.

        Raises StatementError when a column is missing or does not fit its type.
        """
        staged = f"staged_{table.name}"
        casts = ", ".join(
            f'CAST("{c.name}" AS {duckdb_type(c.type)}) AS "{c.name}"' for c in table.columns
        )
        self.connection.register("computed_rows", frame)
        try:
            self.connection.execute(
                f"CREATE OR REPLACE TEMP TABLE {staged} AS SELECT {casts} FROM computed_rows"
            )
        except duckdb.Error as error:
            raise StatementError(f"{table.relation}: {error}") from error
        finally:
            self.connection.unregister("computed_rows")
        return staged

    def drop_staged(self, staged: str) -> None:
        """Remove a staging table."""
        self.connection.execute(f"DROP TABLE IF EXISTS {staged}")

    def fingerprints(
        self, table: AnyTable, relation: str, days: Collection[dt.date] | None = None
    ) -> dict[dt.date, tuple[int, str]]:
        """Row count and content hash of each day in a relation, whatever the row order."""
        day = f'"{table.date_column}"' if table.date_column else f"DATE '{SNAPSHOT_DAY}'"
        of_days = "" if days is None else f" WHERE list_contains($days, {day})"
        found = self.connection.execute(
            f"SELECT {day}, count(*), {_content(table)} FROM {relation}{of_days} GROUP BY ALL",
            {} if days is None else {"days": list(days)},
        )
        return {day: (count, text) for day, count, text in found.fetchall()}

    def unit_contents(
        self, table: Table, relation: str, unit: str, days: Collection[dt.date]
    ) -> dict[tuple[dt.date, str | None], tuple[int, str]]:
        """Row count and content hash by day and unit; ``unit`` is a GoogleSQL expression."""
        found = self.connection.execute(
            f'SELECT "{table.date_column}", {expression_to_duckdb(unit)}, count(*),'
            f" {_content(table)} FROM {relation}"
            f' WHERE list_contains($days, "{table.date_column}") GROUP BY ALL',
            {"days": list(days)},
        )
        return {(day, name): (count, text) for day, name, count, text in found.fetchall()}

    def withhold(
        self,
        table: Table,
        staged: str,
        unit: str,
        refused: Collection[Unit],
        retained: Collection[Unit],
    ) -> dict[Unit, int]:
        """Take refused units out of a staging table and put back stored rows of some."""
        if not refused:
            return {}
        own = (
            f'CAST(named.day AS DATE) = "{table.date_column}"'
            f" AND named.unit = {expression_to_duckdb(unit)}"
        )
        with self._named_units(refused):
            self.connection.execute(
                f"DELETE FROM {staged}"
                f" WHERE EXISTS (SELECT 1 FROM named_units AS named WHERE {own})"
            )
        if not retained:
            return {}
        with self._named_units(retained):
            here = f"FROM {table.relation} JOIN named_units AS named ON {own}"
            columns = ", ".join(f'"{c.name}"' for c in table.columns)
            self.connection.execute(f"INSERT INTO {staged} BY NAME SELECT {columns} {here}")
            counted = self.connection.execute(
                f"SELECT CAST(named.day AS DATE), named.unit, count(*) {here} GROUP BY ALL"
            )
            return {(day, name): count for day, name, count in counted.fetchall()}

    @contextmanager
    def _named_units(self, units: Collection[Unit]) -> Iterator[None]:
        """Days and units as the relation ``named_units``."""
        once = pd.DataFrame(sorted(set(units)), columns=["day", "unit"])
        self.connection.register("named_units", once)
        try:
            yield
        finally:
            self.connection.unregister("named_units")

    def replace_days(
        self,
        table: Table,
        staged: str | None,
        days: Sequence[dt.date],
        records: Iterable[PartitionRecord],
    ) -> None:
        """Replace the rows of ``days`` and write the records in one transaction."""
        self.ensure_table(table)
        records = list(records)
        with self.transaction():
            self.kept.keep(table, days, records)
            if days:
                self.connection.register("days_to_replace", pd.DataFrame({"day": list(days)}))
                in_days = (
                    f'WHERE "{table.date_column}" IN (SELECT CAST(day AS DATE)'
                    " FROM days_to_replace)"
                )
                self.connection.execute(f"DELETE FROM {table.relation} {in_days}")
                if staged is not None:
                    self.connection.execute(
                        f"INSERT INTO {table.relation} BY NAME FROM {staged} {in_days}"
                    )
                self.connection.unregister("days_to_replace")
            self.write_records(records)

    def write_records(self, records: Iterable[PartitionRecord]) -> None:
        """Write ledger records over those of the same table and day; call in a transaction."""
        rows = [record.as_row() for record in records]
        if not rows:
            return
        for table_name in {row[0] for row in rows}:
            self._histories.pop(table_name, None)
        frame = pd.DataFrame(rows, columns=[c.name for c in LEDGER_COLUMNS])
        self.connection.register("new_records", frame)
        self.connection.execute(
            f"DELETE FROM {LEDGER} WHERE EXISTS (SELECT 1 FROM new_records AS n WHERE"
            f" n.table_name = {LEDGER}.table_name AND CAST(n.day AS DATE) = {LEDGER}.day)"
        )
        self.connection.execute(f"INSERT INTO {LEDGER} BY NAME SELECT * FROM new_records")
        self.connection.unregister("new_records")

    def histories(self, names: Iterable[str]) -> Mapping[str, DayHistory]:
        """The ledger's records of the named tables."""
        wanted = set(names)
        unread = sorted(wanted - set(self._histories))
        if unread:
            # A time with its zone costs more to hand over than all the rest of a record.
            columns = ", ".join(
                f"{c.name} AT TIME ZONE 'UTC'" if c.type == "TIMESTAMP" else c.name
                for c in LEDGER_COLUMNS
            )
            rows = self.connection.execute(
                f"SELECT {columns} FROM {LEDGER} WHERE list_contains($names, table_name)",
                {"names": unread},
            ).fetchall()
            records: dict[str, list[PartitionRecord]] = {name: [] for name in unread}
            for row in rows:
                records[row[0]].append(PartitionRecord.from_row(row))
            self._histories |= {name: DayHistory(name, found) for name, found in records.items()}
        return {name: self._histories[name] for name in wanted}

    def recorded_tables(self) -> dict[str, int]:
        """Every table that has records, with the rows they account for."""
        found = self.connection.execute(
            f"SELECT table_name, sum(row_count) FROM {LEDGER} GROUP BY table_name"
        )
        return {name: int(rows) for name, rows in found.fetchall()}

    def acceptances(self) -> Acceptances:
        """What operators accepted."""
        if self._acceptances is None:
            columns = ", ".join(c.name for c in ACCEPTANCE_COLUMNS)
            rows = self.connection.execute(f"SELECT {columns} FROM {ACCEPTANCES}").fetchall()
            self._acceptances = Acceptances(AcceptanceEvent.from_row(row) for row in rows)
        return self._acceptances

    def record_acceptances(self, events: Iterable[AcceptanceEvent]) -> None:
        """Add acceptances or revocations; nothing is overwritten."""
        marks = ", ".join("?" for _ in ACCEPTANCE_COLUMNS)
        self._acceptances = None
        with self.transaction():
            for event in events:
                self.connection.execute(
                    f"INSERT INTO {ACCEPTANCES} VALUES ({marks})", list(event.as_row())
                )

    def replace_raw(self, table: RawTable, loaded: str, records: Iterable[PartitionRecord]) -> None:
        """Put a loaded raw table in place of the old one; call in a transaction."""
        self.connection.execute(f"CREATE SCHEMA IF NOT EXISTS {table.dataset}")
        self.connection.execute(f"CREATE OR REPLACE TABLE {table.relation} AS FROM {loaded}")
        self.connection.execute(f"DELETE FROM {LEDGER} WHERE table_name = ?", [table.relation])
        self._histories.pop(table.relation, None)
        self.write_records(records)


def _content(table: AnyTable) -> str:
    """Hash of a group of rows, whatever their order: a row doubled or dropped changes it.

    The sum of the rows' 64-bit hashes.
    """
    columns = ", ".join(f'"{c.name}"' for c in table.columns)
    return f"format('{{:x}}', sum(hash({columns}))::UHUGEINT)"
