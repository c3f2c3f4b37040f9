"""The rows a table's SELECT makes of rows written by hand, in a DuckDB of their own."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

import duckdb

from nba_backfill.core.table import Table
from nba_backfill.definitions import CATALOGUE
from nba_backfill.warehouse.dialect import duckdb_ddl, select_statement, to_duckdb


def computed(
    table: Table, first: dt.date, last: dt.date, inputs: Mapping[str, Sequence[Mapping]]
) -> list[dict]:
    """The rows of a table for ``first``..``last`` as dicts; input rows name only what matters."""
    sources = CATALOGUE.inputs(table)
    with duckdb.connect() as memory:
        memory.execute("SET TimeZone = 'UTC'")
        for source in sources.values():
            memory.execute(f"CREATE SCHEMA IF NOT EXISTS {source.dataset}")
            memory.execute(duckdb_ddl(source.relation, source.columns))
        for name, made in inputs.items():
            for row in made:
                names, places = ", ".join(row), ", ".join("?" * len(row))
                memory.execute(
                    f"INSERT INTO {sources[name].relation} ({names}) VALUES ({places})",
                    [*row.values()],
                )
        statement = select_statement(table, sources, first, last)
        found = memory.execute(to_duckdb(statement.sql), dict(statement.parameters))
        names = [column[0] for column in found.description]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]
