"""Where a warehouse's raw tables come from: one folder, until an operator names another.

Another folder is another league, or the same with other days: taking it silently would replace
every raw row and, with the next run, empty days of derived tables.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from nba_backfill.raw.loader import FILES
from nba_backfill.warehouse.duckdb import DuckDBWarehouse
from nba_backfill.warehouse.ledger import LEDGER_DATASET

SOURCES = f"{LEDGER_DATASET}.raw_sources"


class OtherRawFolderError(ValueError):
    """The raw folder is not the one the warehouse was filled from; nothing was loaded."""


def source_of(warehouse: DuckDBWarehouse) -> Path | None:
    """The folder that was named last, else the one the loaded files lie in; None if none are."""
    connection = warehouse.connection
    known = {
        name for (name,) in connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()
    }
    if SOURCES.rpartition(".")[2] in known:
        named = connection.execute(f"SELECT arg_max(folder, said_at) FROM {SOURCES}").fetchone()[0]
        if named is not None:
            return Path(named)
    if FILES.rpartition(".")[2] not in known:
        return None
    found = connection.execute(f"SELECT min(path) FROM {FILES}").fetchone()[0]
    # <folder>/<dataset>/<table>/<file>
    return Path(found).parents[2] if found else None


def refuse_another(warehouse: DuckDBWarehouse, folder: Path, *, is_demo: bool) -> None:
    """Raise OtherRawFolderError if raw tables would come from another folder than before."""
    source = source_of(warehouse)
    if source is None or source == folder.resolve():
        return
    said = "NBA_RAW_DIR is not set, so they would come from the demo league in" * is_demo
    raise OtherRawFolderError(
        f"the raw tables of {warehouse.path} come from {source};"
        f" {said or 'NBA_RAW_DIR now names'} {folder.resolve()}. Nothing was loaded or changed. Set"
        f" NBA_RAW_DIR={source} again; or, if the warehouse is to take its raw tables from there"
        " from now on: nba-backfill use-raw"
    )


def use_folder(warehouse: DuckDBWarehouse, folder: Path, by: str) -> None:
    """Record that raw tables come from another folder from now on; the next run loads them."""
    warehouse.connection.execute(
        f"CREATE TABLE IF NOT EXISTS {SOURCES}"
        " (folder VARCHAR, said_by VARCHAR, said_at TIMESTAMP WITH TIME ZONE)"
    )
    warehouse.connection.execute(
        f"INSERT INTO {SOURCES} VALUES (?, ?, ?)",
        [str(folder.resolve()), by, dt.datetime.now(dt.UTC)],
    )
