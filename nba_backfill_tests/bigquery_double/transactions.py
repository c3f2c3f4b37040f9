"""Transactions that conflict as the service's do: by table, for DML that changes rows.

Inserts never conflict. A transaction that changes rows of a table which another one is changing,
or changed since this one began, is aborted.
"""

from __future__ import annotations

import threading
import time

import duckdb

from nba_backfill_tests.bigquery_double.errors import ServiceError

Key = tuple[str, str]


class Transactions:
    """Who changes which table, and when each was changed last."""

    def __init__(self, project: str) -> None:
        self._project = project
        self._lock = threading.Lock()
        self._holders: dict[Key, Transaction] = {}
        self._changed: dict[Key, int] = {}
        self._clock = 0

    def begin(self, cursor: duckdb.DuckDBPyConnection) -> Transaction:
        """A transaction on a connection of its own."""
        with self._lock:
            cursor.execute("BEGIN")
            return Transaction(self, cursor, self._clock)

    def conflict(self, key: Key) -> ServiceError:
        """The error of a transaction that lost."""
        return ServiceError(
            "invalidQuery",
            "Transaction is aborted due to concurrent update against table"
            f" {self._project}:{key[0]}.{key[1]}",
        )

    def claim(self, transaction: Transaction, key: Key) -> None:
        """Let a transaction change a table, or abort it."""
        with self._lock:
            holder = self._holders.get(key)
            if holder not in (None, transaction) or self._changed.get(key, 0) > transaction.since:
                raise self.conflict(key)
            self._holders[key] = transaction

    def end(self, transaction: Transaction, *, commit: bool) -> None:
        """Commit or roll back, and let go of the tables."""
        with self._lock:
            try:
                transaction.cursor.execute("COMMIT" if commit else "ROLLBACK")
            finally:
                self._clock += 1
                for key, holder in list(self._holders.items()):
                    if holder is transaction:
                        del self._holders[key]
                        if commit:
                            self._changed[key] = self._clock


class Transaction:
    """One transaction; ``changes`` are the tables it changed or added rows to."""

    def __init__(self, all_: Transactions, cursor: duckdb.DuckDBPyConnection, since: int) -> None:
        self._all = all_
        self.cursor = cursor
        self.since = since
        self.changes: set[Key] = set()
        self.is_open = True

    def claim(self, key: Key, patience: float) -> None:
        """Take the right to change a table; statements of their own wait for it."""
        deadline = time.monotonic() + patience
        while True:
            try:
                self._all.claim(self, key)
            except ServiceError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.02)
            else:
                return

    def end(self, *, commit: bool) -> None:
        """Commit or roll back."""
        if self.is_open:
            self.is_open = False
            self._all.end(self, commit=commit)
