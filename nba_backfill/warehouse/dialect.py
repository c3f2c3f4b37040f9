"""From authored GoogleSQL to an executable statement: scoped inputs, types, DuckDB's dialect.

The authored text is never edited: it becomes a subquery behind one CTE per declared input, so
that a bare table name resolves to only those rows which the declared window allows. BigQuery
receives the statement as it is; DuckDB receives SQLGlot's transpilation of it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import sqlglot
from sqlglot import exp

from nba_backfill.core.table import Column, RawTable, Table
from nba_backfill.core.window import Window

AnyTable = Table | RawTable
START, END = "start_date", "end_date"


@dataclass(frozen=True, slots=True)
class Statement:
    """GoogleSQL text with named parameters and the values bound to them."""

    sql: str
    parameters: Mapping[str, dt.date]


def relations_named(sql: str) -> set[str]:
    """Tables that a GoogleSQL query reads, without the names it defines itself."""
    tree = sqlglot.parse_one(sql, read="bigquery")
    own = {cte.alias for cte in tree.find_all(exp.CTE)}
    return {table.name for table in tree.find_all(exp.Table) if table.name} - own


def _scope(table: AnyTable, window: Window, first: dt.date, last: dt.date, *, limited: bool) -> str:
    """The CTE that stands for one input: the rows the window allows for days first..last."""
    columns = ", ".join(f"`{column.name}`" for column in table.columns)
    select = f"SELECT {columns} FROM `{table.dataset}`.`{table.name}`"
    if limited and window.is_dated:
        select += f" WHERE `{table.date_column}` BETWEEN @{table.name}_from AND @{table.name}_to"
    return f"`{table.name}` AS ({select})"


def select_statement(
    table: Table,
    inputs: Mapping[str, AnyTable],
    first: dt.date,
    last: dt.date,
    *,
    limited: bool = True,
) -> Statement:
    """The statement that computes a table's rows for the days first..last of one season.

    Each input is limited to its window; ``limited=False`` lets it read everything, which only
    the proof that the windows are wide enough asks for.
    """
    scopes, parameters = [], {START: first, END: last}
    for name, window in table.reads.items():
        scopes.append(_scope(inputs[name], window, first, last, limited=limited))
        if limited and window.is_dated:
            parameters[f"{name}_from"], parameters[f"{name}_to"] = window.span(first, last)
    casts = ",\n  ".join(f"CAST(`{c.name}` AS {c.type}) AS `{c.name}`" for c in table.columns)
    sql = (
        f"WITH {', '.join(scopes)}\nSELECT\n  {casts}\nFROM (\n{table.sql}\n)\n"
        f"WHERE `{table.date_column}` BETWEEN @{START} AND @{END}"
    )
    return Statement(sql, parameters)


@lru_cache(maxsize=512)
def to_duckdb(sql: str) -> str:
    """DuckDB's text of one GoogleSQL statement.

    Raises sqlglot.errors.SqlglotError where SQLGlot cannot read or express it.
    """
    tree = sqlglot.parse_one(sql, read="bigquery").transform(_as_duckdb_means_it)
    return tree.sql(dialect="duckdb", unsupported_level=sqlglot.ErrorLevel.RAISE)


def _as_duckdb_means_it(node: exp.Expression) -> exp.Expression:
    """Rewrite what SQLGlot would pass on with another meaning, silently."""
    if isinstance(node, exp.Normalize) and node.text("form").upper() == "NFD":
        # DuckDB cannot decompose accented letters, but it can drop the accents, which is what
        # decomposing is for: without this, no name with an accent would be found.
        return exp.func("strip_accents", node.this)
    if isinstance(node, exp.CountIf):
        # Over conditions that are all NULL, DuckDB counts NULL and GoogleSQL 0.
        node.set("this", exp.func("COALESCE", node.this.copy(), exp.false()))
    if isinstance(node, exp.IntDiv):
        # DIV(a - b, c) would lose its parentheses and become a - b // c.
        for side in ("this", "expression"):
            if isinstance(node.args[side], exp.Binary):
                node.set(side, exp.paren(node.args[side].copy()))
    return node


def duckdb_type(google_type: str) -> str:
    """DuckDB's name of a GoogleSQL type."""
    return exp.DataType.build(google_type, dialect="bigquery").sql(dialect="duckdb")


def duckdb_ddl(relation: str, columns: Sequence[Column]) -> str:
    """CREATE TABLE for DuckDB; nullability is judged before writing, not by the engine."""
    body = ", ".join(f'"{c.name}" {duckdb_type(c.type)}' for c in columns)
    return f"CREATE TABLE IF NOT EXISTS {relation} ({body})"
