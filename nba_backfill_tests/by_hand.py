"""Tables computed from a few rows written by hand."""

import duckdb

from nba_backfill.definitions import CATALOGUE
from nba_backfill.warehouse.dialect import duckdb_ddl, select_statement, to_duckdb


def computed(table, first, last=None, **inputs):
    """The rows of a table for a day or some, as dicts; input rows name only what matters."""
    with duckdb.connect() as memory:
        memory.execute("SET TimeZone = 'UTC'")
        tables = CATALOGUE.inputs(table)
        for name, source in tables.items():
            memory.execute(f"CREATE SCHEMA IF NOT EXISTS {source.dataset}")
            memory.execute(duckdb_ddl(source.relation, source.columns))
            for row in inputs.get(name, []):
                names, places = ", ".join(row), ", ".join("?" * len(row))
                memory.execute(
                    f"INSERT INTO {source.relation} ({names}) VALUES ({places})", [*row.values()]
                )
        statement = select_statement(table, tables, first, last or first)
        found = memory.execute(to_duckdb(statement.sql), dict(statement.parameters))
        names = [column[0] for column in found.description]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]
