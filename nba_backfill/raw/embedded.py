"""The embedded warehouse: a DuckDB file, its raw tables loaded from a folder of Parquet files."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import ClassVar

from nba_backfill.raw.contracts import RAW_TABLES
from nba_backfill.raw.demo_league import DEMO_SEASONS, write_demo_league
from nba_backfill.raw.home import Say, WarehouseResource
from nba_backfill.raw.loader import load_raw, moved_tables
from nba_backfill.raw.source import OtherRawFolderError, refuse_another, source_of, use_folder
from nba_backfill.warehouse.duckdb import DuckDBWarehouse
from nba_backfill.warehouse.duckdb_reader import DuckDBReader
from nba_backfill.warehouse.files import FileStore
from nba_backfill.warehouse.homes import EMBEDDED, Home
from nba_backfill.warehouse.stores import file_store


class EmbeddedWarehouse(WarehouseResource):
    """A DuckDB file.

    ``raw_dir`` None: the demo league in ``demo_dir``, written there when it is not yet.
    ``export_url``: absolute path or gs:// URL of the export store, where model files go too.
    ``keep_runs``: of how many runs displaced rows are kept.
    """

    home: ClassVar[Home] = EMBEDDED
    duckdb_path: str
    raw_dir: str | None
    demo_dir: str
    export_url: str
    keep_runs: int = 0

    @property
    def _files(self) -> FileStore:
        return file_store(self.export_url)

    def _open(self, say: Say, *, raw_is_known: bool = False) -> DuckDBWarehouse:
        warehouse = DuckDBWarehouse(
            Path(self.duckdb_path), files=self._files, keep_runs=self.keep_runs
        )
        try:
            refuse_another(warehouse, self.raw_folder, is_demo=self.raw_dir is None)
            if self.raw_dir is None and not self.raw_folder.is_dir():
                say(f"NBA_RAW_DIR is not set: writing the demo league to {self.raw_folder}")
                write_demo_league(self.raw_folder, DEMO_SEASONS[-1:], progress=say)
            self._load(warehouse, say)
        except BaseException:
            warehouse.close()
            raise
        return warehouse

    def read(self, say: Say, *, bring_up: bool = False, elsewhere: bool = False) -> DuckDBReader:
        """Open what was committed last; see :class:`DuckDBReader`.

        ``bring_up``: with the raw files as they are now, loaded in memory. Raises
        OtherRawFolderError then if a run would refuse them, unless ``elsewhere``: the raw tables
        are then shown as they were loaded, and a line says so. RawContractError if there are none.
        """
        reader = DuckDBReader(Path(self.duckdb_path), files=self._files, say=say)
        try:
            if bring_up:
                self._bring_up(reader, say, elsewhere=elsewhere)
            elif source_of(reader) == self.raw_folder.resolve() and self.raw_folder.is_dir():
                moved = [table.name for table in moved_tables(reader, self.raw_folder, RAW_TABLES)]
                if moved:
                    say(
                        f"raw files have changed since they were loaded: {', '.join(moved)}; the"
                        " next run loads them"
                    )
        except BaseException:
            reader.close()
            raise
        return reader

    def _bring_up(self, reader: DuckDBReader, say: Say, *, elsewhere: bool) -> None:
        try:
            refuse_another(reader, self.raw_folder, is_demo=self.raw_dir is None)
        except OtherRawFolderError as other:
            if not elsewhere:
                raise
            say(f"shown with the raw tables as they were loaded, for {other}")
        else:
            self._load(reader, lambda line: say(f"{line} (in memory, for this command)"))

    @contextmanager
    def unloaded(self) -> Iterator[DuckDBWarehouse]:
        """The warehouse to be changed, its raw tables as they were loaded last."""
        warehouse = DuckDBWarehouse(
            Path(self.duckdb_path), files=self._files, keep_runs=self.keep_runs
        )
        try:
            yield warehouse
        finally:
            warehouse.close()

    def take_raw_from_here(self, by: str) -> str:
        """Take raw tables from the folder that NBA_RAW_DIR names now."""
        with self.unloaded() as warehouse:
            before = source_of(warehouse)
            use_folder(warehouse, self.raw_folder, by)
        return f"{self.raw_folder.resolve()} from now on (before: {before})"

    def _load(self, warehouse: DuckDBWarehouse, say: Say) -> None:
        for loaded in load_raw(warehouse, self.raw_folder, RAW_TABLES):
            unreadable = f", {loaded.unreadable_values} unreadable values"
            said = unreadable * bool(loaded.unreadable_values)
            say(f"loaded {loaded.relation}: {loaded.rows:,} rows{said}")
            for record in loaded.held_back:
                say(f"HELD BACK {loaded.relation} {record.day}: {record.first_cause.what}")

    @property
    def has_raw_tables(self) -> bool:
        """Whether the folder is there: the demo league is written by the first run."""
        return self.raw_folder.is_dir()

    def raw_token(self, warehouse: DuckDBWarehouse) -> str:
        """Changes when a raw file does; no file is opened to tell."""
        return files_token(self.raw_folder)

    @property
    def raw_folder(self) -> Path:
        """The folder raw tables are read from; of the demo league it may not be there yet."""
        return Path(self.raw_dir or self.demo_dir)


def files_token(folder: Path) -> str:
    """Changes when a raw file is added, removed or written; no file is opened to tell."""
    digest = hashlib.blake2b(digest_size=10)
    for file in sorted(folder.glob("*/*/*.parquet")):
        stat = file.stat()
        digest.update(f"{file.relative_to(folder)}{stat.st_size}{stat.st_mtime_ns}".encode())
    return digest.hexdigest()
