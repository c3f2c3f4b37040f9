"""A table computed a second time, in memory, over inputs that a test may have changed."""

import duckdb

from nba_backfill.core.season import Season
from nba_backfill.definitions import CATALOGUE
from nba_backfill.warehouse.dialect import duckdb_ddl, select_statement, to_duckdb


def recompute(real_warehouse, table, first, last, *, edits=None, limited=True):
    """Rows of ``table`` for first..last as a DataFrame, sorted by its grain.

    ``edits`` maps an input to the SELECT that takes the place of its season's rows; it reads the
    input as ``{rows}``.
    """
    inputs = CATALOGUE.inputs(table)
    season = Season.of(first)
    with duckdb.connect() as memory:
        memory.execute("SET TimeZone = 'UTC'")
        for name, source in inputs.items():
            rows = (
                f"(SELECT * FROM {source.relation} WHERE {source.date_column}"
                f" BETWEEN '{season.first_day}' AND '{season.last_day}')"
            )
            edit = (edits or {}).get(name, "SELECT * FROM {rows}").format(rows=rows)
            copied = real_warehouse.warehouse.connection.sql(edit).to_arrow_table()
            memory.execute(f"CREATE SCHEMA IF NOT EXISTS {source.dataset}")
            memory.execute(duckdb_ddl(source.relation, source.columns))
            memory.register("copied", copied)
            memory.execute(f"INSERT INTO {source.relation} SELECT * FROM copied")
            memory.unregister("copied")
        statement = select_statement(table, inputs, first, last, limited=limited)
        order = ", ".join(table.grain)
        return memory.execute(
            f"SELECT * FROM ({to_duckdb(statement.sql)}) ORDER BY {order}",
            dict(statement.parameters),
        ).df()


def stored(real_warehouse, table, first, last):
    """The stored rows of first..last, sorted by the grain."""
    order = ", ".join(table.grain)
    return real_warehouse.warehouse.connection.execute(
        f"SELECT * FROM {table.relation} WHERE {table.date_column} BETWEEN ? AND ?"
        f" ORDER BY {order}",
        [first, last],
    ).df()
