"""A warehouse file as last committed, read without a lock on it; what is done here stays in memory.

Everything that only looks opens the warehouse so: tables are views of the file, which is attached
read-only, and whatever is staged, tried or loaded lives and dies in memory. While another process
writes the file, DuckDB lets nobody else in; then a copy of the file is read instead.
"""

from __future__ import annotations

import datetime as dt
import re
import shutil
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import duckdb

from nba_backfill.core.table import RawTable, Table
from nba_backfill.warehouse.dialect import AnyTable, duckdb_type
from nba_backfill.warehouse.duckdb import DuckDBWarehouse
from nba_backfill.warehouse.files import FileStore, LocalFiles
from nba_backfill.warehouse.ledger import LEDGER_DATASET, PartitionRecord
from nba_backfill.warehouse.opening import damaged
from nba_backfill.warehouse.protocol import WarehouseBusyError

STORED = "stored"
COPY_ATTEMPTS = 20


class DuckDBReader(DuckDBWarehouse):
    """A :class:`DuckDBWarehouse` over the committed state of a file that it never changes.

    A file that does not exist is a warehouse without rows. Raises WarehouseError when the file is
    damaged, and WarehouseBusyError when no consistent copy of a file in use could be taken.
    """

    def __init__(
        self,
        path: Path,
        *,
        files: FileStore | None = None,
        say: Callable[[str], None] = lambda _: None,
    ) -> None:
        self.path = path
        self.files = files or LocalFiles(path.parent / "exports")
        self._copies: tempfile.TemporaryDirectory | None = None
        self._views: set[str] = set()
        connection = duckdb.connect()
        try:
            if path.is_file():
                self._attach(connection, say)
                self._show_stored(connection)
            self._begin(connection)
        except BaseException:
            connection.close()
            raise

    def close(self) -> None:
        """Forget everything, and remove the copy if one was taken."""
        super().close()
        if self._copies is not None:
            self._copies.cleanup()

    @contextmanager
    def scratch(self) -> Iterator[DuckDBReader]:
        """The reader itself: what is changed in it stays in memory anyway."""
        yield self

    def _attach(self, connection: duckdb.DuckDBPyConnection, say: Callable[[str], None]) -> None:
        try:
            connection.execute(f"ATTACH '{_quoted(self.path)}' AS {STORED} (READ_ONLY)")
        except duckdb.IOException as error:
            if "lock" not in str(error).lower():
                raise damaged(self.path, error) from error
            found = re.search(r"PID (\d+)", str(error))
            holder = f"process {found.group(1)}" if found else "another process"
            copied = self._copy()
            connection.execute(f"ATTACH '{_quoted(copied)}' AS {STORED} (READ_ONLY)")
            now = dt.datetime.now().astimezone()
            say(f"{holder} is writing {self.path}: this is what was committed by {now:%H:%M:%S}")
        except duckdb.Error as error:
            raise damaged(self.path, error) from error

    def _copy(self) -> Path:
        """Copy the file and its log of committed transactions, as they stand together.

        Rows committed since the last checkpoint are in the log, to which the writer only appends;
        the file itself changes in a checkpoint. A copy counts if none came in between.
        """
        self._copies = tempfile.TemporaryDirectory(prefix="nba-backfill-")
        copied = Path(self._copies.name) / self.path.name
        log = self.path.with_name(f"{self.path.name}.wal")
        for attempt in range(COPY_ATTEMPTS):
            before = _state(self.path)
            shutil.copyfile(self.path, copied)
            copied_log = copied.with_name(f"{copied.name}.wal")
            copied_log.unlink(missing_ok=True)
            # There is no log when nothing was committed since the checkpoint.
            with suppress(FileNotFoundError):
                shutil.copyfile(log, copied_log)
            if _state(self.path) == before and _opens(copied):
                return copied
            time.sleep(0.1 * (attempt + 1))
        raise WarehouseBusyError(
            f"{self.path} is being written so often that no copy of it could be read. Nothing was"
            " changed; try again in a moment."
        )

    def _show_stored(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Make every stored table visible; the small ones that are asked often are taken over."""
        found = connection.execute(
            "SELECT schema_name, table_name FROM duckdb_tables() WHERE database_name = ?", [STORED]
        ).fetchall()
        for schema, name in found:
            relation = f"{schema}.{name}"
            connection.execute(f"CREATE SCHEMA IF NOT EXISTS {schema}")
            kind = "TABLE" if schema == LEDGER_DATASET else "VIEW"
            connection.execute(f"CREATE {kind} {relation} AS FROM {STORED}.{relation}")
            if kind == "VIEW":
                self._views.add(relation)

    def ensure_table(self, table: AnyTable) -> None:
        """Show a table as declared: what is stored where it can be cast, nothing where it lacks."""
        if table.relation not in self._views:
            super().ensure_table(table)
        elif table.relation not in self._ensured:
            self._show_as_declared(table)
            self._ensured.add(table.relation)

    def _show_as_declared(self, table: AnyTable) -> None:
        stored = self.stored_columns(table.relation)
        wanted = {c.name: duckdb_type(c.type) for c in table.columns}
        differing = {name: kind for name, kind in wanted.items() if stored.get(name) != kind}
        if not differing:
            return
        if isinstance(table, Table):
            self._mark_stale(table, stored, differing)
        columns = ", ".join(
            f'TRY_CAST("{name}" AS {kind}) AS "{name}"'
            if name in stored
            else f'CAST(NULL AS {kind}) AS "{name}"'
            for name, kind in wanted.items()
        )
        self.connection.execute(
            f"CREATE OR REPLACE VIEW {table.relation} AS SELECT {columns}"
            f" FROM {STORED}.{table.relation}"
        )

    def own(self, table: AnyTable) -> None:
        """Copy a table into memory, so that it can be changed."""
        self.ensure_table(table)
        if table.relation in self._views:
            self.connection.execute(
                f"CREATE TEMP TABLE owned_rows AS FROM {table.relation};"
                f" DROP VIEW {table.relation};"
                f" CREATE TABLE {table.relation} AS FROM owned_rows; DROP TABLE owned_rows"
            )
            self._views.discard(table.relation)

    def replace_days(
        self,
        table: Table,
        staged: str | None,
        days: Sequence[dt.date],
        records: Iterable[PartitionRecord],
    ) -> None:
        """Replace days in memory."""
        self.own(table)
        super().replace_days(table, staged, days, records)

    def replace_raw(self, table: RawTable, loaded: str, records: Iterable[PartitionRecord]) -> None:
        """Put a loaded raw table in place of the stored one, in memory."""
        if table.relation in self._views:
            self.connection.execute(f"DROP VIEW {table.relation}")
            self._views.discard(table.relation)
        super().replace_raw(table, loaded, records)


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")


def _state(path: Path) -> tuple[int, int]:
    found = path.stat()
    return found.st_size, found.st_mtime_ns


def _opens(path: Path) -> bool:
    """Whether a copied file and its log belong together."""
    try:
        duckdb.connect(path).close()
    except duckdb.Error:
        return False
    return True
