"""Opening a DuckDB file: patience with whoever holds it, and words for one that is damaged."""

from __future__ import annotations

import time
from pathlib import Path

import duckdb

from nba_backfill.warehouse.protocol import WarehouseBusyError, WarehouseError


def connect(path: Path, patience: float) -> duckdb.DuckDBPyConnection:
    """Open the file, waiting up to ``patience`` seconds for another process to let go of it.

    Raises WarehouseBusyError when it does not, and WarehouseError when the file is no database.
    """
    deadline = time.monotonic() + patience
    while True:
        try:
            return duckdb.connect(path)
        except duckdb.IOException as error:
            if "lock" not in str(error).lower():
                raise damaged(path, error) from error
            if time.monotonic() > deadline:
                raise WarehouseBusyError(
                    f"{path} is in use by another process: {error}. Nothing was changed; wait "
                    "for the other run to end, or point NBA_DUCKDB_PATH at another file."
                ) from error
        except duckdb.Error as error:
            raise damaged(path, error) from error
        time.sleep(0.25)


def damaged(path: Path, error: duckdb.Error) -> WarehouseError:
    """What to say of a file that is no database, or no longer one."""
    [first, *_] = str(error).splitlines()
    return WarehouseError(
        f"{path} cannot be read as a DuckDB database: {first}. Nothing was changed. Restore the"
        " file from a copy; or move it away (or point NBA_DUCKDB_PATH elsewhere) and run again,"
        " which computes everything anew from the raw tables."
    )
