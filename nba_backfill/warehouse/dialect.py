"""From authored GoogleSQL to an executable statement: scoped inputs, types, DuckDB's dialect.

The authored text is never edited: it becomes a subquery behind one CTE per declared input, so
that a bare table name resolves to only those rows which the declared window allows. BigQuery
receives the statement as it is; DuckDB receives SQLGlot's transpilation of it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from nba_backfill.core.derived import Derivation
from nba_backfill.core.table import Column, RawTable, Table
from nba_backfill.core.window import Window

AnyTable = Table | RawTable
_TRANSLATION = Derivation.in_module("nba_backfill.warehouse.translation", "to_duckdb", "sqlglot")
_TYPE = Derivation.in_module("nba_backfill.warehouse.translation", "duckdb_type", "sqlglot")
START, END, BEFORE_TIP = "start_date", "end_date", "tip_date"


@dataclass(frozen=True, slots=True)
class Statement:
    """GoogleSQL text with named parameters and the values bound to them."""

    sql: str
    parameters: Mapping[str, dt.date | int | str | Sequence[dt.date] | Sequence[str]]


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


def duckdb_type(google_type: str) -> str:
    """DuckDB's name of a GoogleSQL type, as its DESCRIBE prints it."""
    return _TYPE(google_type)


def duckdb_ddl(relation: str, columns: Sequence[Column]) -> str:
    """CREATE TABLE for DuckDB; nullability is judged before writing, not by the engine."""
    body = ", ".join(f'"{c.name}" {duckdb_type(c.type)}' for c in columns)
    return f"CREATE TABLE IF NOT EXISTS {relation} ({body})"
