"""The tables of a DuckDB file: made as declared, brought up to it, changed all or nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import duckdb

from nba_backfill.core.table import Column, Table
from nba_backfill.warehouse.dialect import AnyTable, duckdb_ddl, duckdb_type
from nba_backfill.warehouse.ledger import COLUMNS_CHANGED, LEDGER, DayHistory


class DuckDBTables:
    """What a warehouse in DuckDB does with its tables as such; their rows are the warehouse's."""

    connection: duckdb.DuckDBPyConnection
    _ensured: set[str]
    _histories: dict[str, DayHistory]

    @contextmanager
    def transaction(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """All or nothing: whatever is raised inside undoes what was done inside."""
        self.connection.execute("BEGIN")
        try:
            yield self.connection
        except BaseException:
            self.connection.execute("ROLLBACK")
            self._histories.clear()
            raise
        self.connection.execute("COMMIT")

    def ensure(self, dataset: str, relation: str, columns: Sequence[Column]) -> None:
        """Make a table of our own, empty, where there is none."""
        self.connection.execute(f"CREATE SCHEMA IF NOT EXISTS {dataset}")
        self.connection.execute(duckdb_ddl(relation, columns))

    def add_columns(self, relation: str, columns: Sequence[Column]) -> None:
        """Bring a table of an earlier version up to date; older records say nothing or 0 there."""
        stored = self.stored_columns(relation)
        for column in columns:
            if column.name not in stored:
                kind = duckdb_type(column.type)
                default = "''" if kind == "VARCHAR" else "0"
                self.connection.execute(
                    f'ALTER TABLE {relation} ADD COLUMN "{column.name}" {kind} DEFAULT {default}'
                )

    def ensure_table(self, table: AnyTable) -> None:
        """Create a table, empty, where it does not exist yet.

        A computed table whose stored columns differ from the declaration is brought up to it:
        columns are added, and retyped where their values can be cast. Days that lose or lack a
        value by that are marked stale: only computation fills a column. Columns no longer declared
        stay where they are.
        """
        if table.relation in self._ensured:
            return
        with self.transaction():
            self.ensure(table.dataset, table.relation, table.columns)
            if isinstance(table, Table):
                self._follow_declaration(table)
        self._ensured.add(table.relation)

    def stored_columns(self, relation: str) -> dict[str, str]:
        """Columns of a table as it is, with DuckDB's types."""
        described = self.connection.execute(f"DESCRIBE {relation}").fetchall()
        return {name: kind for name, kind, *_ in described}

    def forget(self, table: AnyTable) -> None:
        """Read the ledger's records of a table anew from now on."""
        self._histories.pop(table.relation, None)

    def _follow_declaration(self, table: Table) -> None:
        stored = self.stored_columns(table.relation)
        wanted = {c.name: duckdb_type(c.type) for c in table.columns}
        differing = {name: kind for name, kind in wanted.items() if stored.get(name) != kind}
        if not differing:
            return
        self._mark_stale(table, stored, differing)
        for name, kind in differing.items():
            if name in stored:
                change = f'ALTER COLUMN "{name}" TYPE {kind} USING TRY_CAST("{name}" AS {kind})'
            else:
                change = f'ADD COLUMN "{name}" {kind}'
            self.connection.execute(f"ALTER TABLE {table.relation} {change}")

    def _mark_stale(
        self, table: Table, stored: Mapping[str, str], differing: Mapping[str, str]
    ) -> None:
        """Mark the days of which a row will lack a value of a column that was added or retyped."""
        lacking = [
            f'"{name}" IS NOT NULL AND TRY_CAST("{name}" AS {kind}) IS NULL'
            if name in stored
            else "TRUE"
            for name, kind in differing.items()
        ]
        self.connection.execute(
            f"UPDATE {LEDGER} SET inputs_fingerprint = ? WHERE table_name = ? AND day IN"
            f' (SELECT DISTINCT "{table.date_column}" FROM {table.relation}'
            f" WHERE {' OR '.join(f'({one})' for one in lacking)})",
            [COLUMNS_CHANGED, table.relation],
        )
        self._histories.pop(table.relation, None)
