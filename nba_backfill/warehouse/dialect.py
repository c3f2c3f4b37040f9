"""From authored GoogleSQL to an executable statement: scoped inputs, types, DuckDB's dialect.

The authored text is never edited: it becomes a subquery behind one CTE per declared input, so
that a bare table name resolves to only those rows which the declared window allows. BigQuery
receives the statement as it is; DuckDB receives SQLGlot's transpilation of it.
"""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import sqlglot
from sqlglot import exp

from nba_backfill.core.derived import Derivation, source_version
from nba_backfill.core.table import Column, RawTable, Table
from nba_backfill.core.window import Window

AnyTable = Table | RawTable
START, END, BEFORE_TIP = "start_date", "end_date", "tip_date"


@dataclass(frozen=True, slots=True)
class Statement:
    """GoogleSQL text with named parameters and the values bound to them."""

    sql: str
    parameters: Mapping[str, dt.date | int | Sequence[dt.date]]


def relations_named(sql: str) -> set[str]:
    """Tables that a GoogleSQL query reads, without the names it defines itself."""
    tree = sqlglot.parse_one(sql, read="bigquery")
    own = {cte.alias for cte in tree.find_all(exp.CTE)}
    return {table.name for table in tree.find_all(exp.Table) if table.name} - own


def without_days(table: AnyTable, refused: Sequence[dt.date]) -> list[str]:
    """The condition that keeps refused days of an input out of sight; none if there are none."""
    named = f"`{table.date_column}` NOT IN UNNEST(@{refused_parameter(table)})"
    return [named] if refused else []


def refused_parameter(table: AnyTable) -> str:
    """Name of the parameter that holds an input's refused days."""
    return f"{table.name}_refused"


def _scope(
    table: AnyTable,
    window: Window,
    refused: Sequence[dt.date],
    *,
    limited: bool,
    before_tip: bool,
) -> str:
    """The CTE that stands for one input: the rows the window allows, refused days left out."""
    conditions = without_days(table, refused)
    hidden: Sequence[str] = ()
    if before_tip and isinstance(table, Table):
        hidden = table.known_after_tip
        if not table.before_tip:
            conditions.append(f"`{table.date_column}` < @{BEFORE_TIP}")
    columns = ", ".join(
        f"IF(`{table.date_column}` < @{BEFORE_TIP}, `{c.name}`, NULL) AS `{c.name}`"
        if c.name in hidden
        else f"`{c.name}`"
        for c in table.columns
    )
    select = f"SELECT {columns} FROM `{table.dataset}`.`{table.name}`"
    if limited and window.is_dated:
        bounds = f"BETWEEN @{table.name}_from AND @{table.name}_to"
        conditions.insert(0, f"`{table.date_column}` {bounds}")
    if conditions:
        select += f" WHERE {' AND '.join(conditions)}"
    return f"`{table.name}` AS ({select})"


def select_statement(
    table: Table,
    inputs: Mapping[str, AnyTable],
    first: dt.date,
    last: dt.date,
    *,
    limited: bool = True,
    refused: Mapping[str, Sequence[dt.date]] | None = None,
    before_tip_of: dt.date | None = None,
) -> Statement:
    """The statement that computes a table's rows for the days first..last of one season.

    Each input is limited to its window, without its ``refused`` days; ``limited=False`` lets it
    read everything else, which only the proof that the windows are wide enough asks for, and
    ``before_tip_of`` takes away what was not known before the games of a day, which only the proof
    that nothing of them is needed asks for. For a table that Python computes it is the statement
    that gathers what is computed from.
    """
    scopes: list[str] = []
    parameters: dict[str, dt.date | int | Sequence[dt.date]] = {START: first, END: last}
    for name, window in table.reads.items():
        unread = (refused or {}).get(name, ())
        scopes.append(
            _scope(
                inputs[name],
                window,
                unread,
                limited=limited,
                before_tip=before_tip_of is not None,
            )
        )
        if unread:
            parameters[refused_parameter(inputs[name])] = list(unread)
        if limited and window.is_dated:
            parameters[f"{name}_from"], parameters[f"{name}_to"] = window.span(first, last)
        # A range shows more than one day's window, so SQL that reads back a number of days
        # limits each row itself, and asks the declaration how far.
        if f"@{name}_days" in table.sql:
            parameters[f"{name}_days"] = window.back
    if any(f"@{BEFORE_TIP}" in scope for scope in scopes):
        parameters[BEFORE_TIP] = before_tip_of
    if table.compute is not None:
        gather = f"WITH {', '.join(scopes)}\nSELECT * FROM (\n{table.sql}\n)"
        return Statement(gather, {n: v for n, v in parameters.items() if f"@{n}" in gather})
    casts = ",\n  ".join(f"CAST(`{c.name}` AS {c.type}) AS `{c.name}`" for c in table.columns)
    sql = (
        f"WITH {', '.join(scopes)}\nSELECT\n  {casts}\nFROM (\n{table.sql}\n)\n"
        f"WHERE `{table.date_column}` BETWEEN @{START} AND @{END}"
    )
    return Statement(sql, parameters)


def expression_to_duckdb(expression: str) -> str:
    """DuckDB's text of one GoogleSQL expression."""
    return (
        to_duckdb(f"SELECT {expression} AS value").removeprefix("SELECT ").removesuffix(" AS value")
    )


def to_duckdb(sql: str) -> str:
    """DuckDB's text of one GoogleSQL statement, worked out once for all processes.

    Raises sqlglot.errors.SqlglotError where SQLGlot cannot read or express it.
    """
    return _TRANSLATION(sql)


def _translated(sql: str) -> str:
    tree = sqlglot.parse_one(sql, read="bigquery")
    # Innermost first: a rewritten expression holds operands that are already rewritten.
    for node in reversed(list(tree.walk())):
        if (rewritten := _as_duckdb_means_it(node)) is not node:
            node.replace(rewritten)
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
    if isinstance(node, exp.Literal) and node.is_number and "." in node.this:
        # 0.44 is FLOAT64; DuckDB would take it for an exact decimal and round halves otherwise.
        return exp.cast(node.copy(), exp.DType.DOUBLE)
    if isinstance(node, exp.Cast) and node.to.is_type("decimal") and node.to.expressions:
        # A float becomes NUMERIC by way of nine decimals: 1.005, stored a little lower, is 1.01.
        # Eighteen digits hold it where the target has up to nine before the point, and are twenty
        # times faster than thirty-eight.
        precision, *scale = (int(size.name) for size in node.to.expressions)
        digits = 18 if precision - sum(scale) <= 9 else 38
        step = exp.DataType.build(f"DECIMAL({digits}, 9)")
        node.set("this", type(node)(this=node.this.copy(), to=step))
    if isinstance(node, exp.DateAdd | exp.DateSub):
        # DuckDB makes a timestamp of a date and an interval.
        return exp.cast(node.copy(), exp.DType.DATE)
    if isinstance(node, exp.TimestampDiff):
        # Whole hours or days gone by, not boundaries crossed.
        part = exp.Literal.string(node.text("unit").lower())
        operands = [part, node.expression.copy(), node.this.copy()]
        return exp.Anonymous(this="date_sub", expressions=operands)
    if isinstance(node, exp.Extract) and node.name.upper() == "DAYOFWEEK":
        # GoogleSQL's week starts with Sunday = 1, DuckDB's with Sunday = 0.
        return exp.paren(exp.Add(this=node.copy(), expression=exp.Literal.number(1)))
    return node


_TRANSLATION = Derivation(
    "duckdb", _translated, (sqlglot.__version__, source_version(sys.modules[__name__]))
)


@lru_cache(maxsize=64)
def duckdb_type(google_type: str) -> str:
    """DuckDB's name of a GoogleSQL type, as its DESCRIBE prints it."""
    name = exp.DataType.build(google_type, dialect="bigquery").sql(dialect="duckdb")
    name = name.replace("TEXT", "VARCHAR").replace("TIMESTAMPTZ", "TIMESTAMP WITH TIME ZONE")
    return name.replace(", ", ",")


def duckdb_ddl(relation: str, columns: Sequence[Column]) -> str:
    """CREATE TABLE for DuckDB; nullability is judged before writing, not by the engine."""
    body = ", ".join(f'"{c.name}" {duckdb_type(c.type)}' for c in columns)
    return f"CREATE TABLE IF NOT EXISTS {relation} ({body})"
