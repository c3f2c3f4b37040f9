"""The questions put to a relation's rows, as GoogleSQL statements.

First those that count offences by day, cheap and asked of every relation; then those that name
the game behind an offence and show its values, asked only where there is one.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from nba_backfill.core.table import GAME, Column, Reconciliation, Table
from nba_backfill.warehouse.dialect import (
    END,
    START,
    AnyTable,
    Statement,
    refused_parameter,
    without_days,
)

COVERAGE, NULL_RATES, DUPLICATES, RANGES = "coverage", "null_rates", "duplicates", "ranges"
EXAMPLE_COLUMNS = 8
"""Columns shown of the first offending row, the grain's first."""


@dataclass(frozen=True, slots=True)
class Offence:
    """A question put to every row: which check asks, what it finds, and for which rows."""

    check: str
    what: str
    condition: str
    blocking: bool = True
    contradiction: bool = False


def literal(value: object) -> str:
    """A value as GoogleSQL text."""
    return "'" + str(value).replace("'", "\\'") + "'" if isinstance(value, str) else str(value)


def _column_offences(column: Column) -> Iterable[Offence]:
    """What can be wrong with the value of one column."""
    name = f"`{column.name}`"
    if column.required:
        yield Offence(NULL_RATES, f"{column.name} is NULL", f"{name} IS NULL")
    if column.between:
        low, high = column.between
        yield Offence(
            RANGES,
            f"{column.name} outside {low:g}..{high:g}",
            f"{name} < {low} OR {name} > {high}",
        )
    if column.one_of:
        values = ", ".join(literal(value) for value in column.one_of)
        yield Offence(
            RANGES,
            f"{column.name} not one of {', '.join(column.one_of)}",
            f"{name} NOT IN ({values})",
        )


def row_offences(table: Table) -> list[Offence]:
    """Every question put to the rows of a table: its columns' first, then its rules."""
    found = [offence for column in table.columns for offence in _column_offences(column)]
    for rule in table.rules:
        broken = f"NOT ({rule.holds})"
        if rule.contradiction:
            found.append(Offence(COVERAGE, rule.description, broken, False, True))
        else:
            what = f"rule {rule.name} broken: {rule.description}"
            found.append(Offence(RANGES, what, broken, rule.blocking))
    return found


def rows_between(table: Table, relation: str) -> str:
    """FROM and WHERE of the rows of the days asked about."""
    return f"FROM {relation} WHERE `{table.date_column}` BETWEEN @{START} AND @{END}"


def profile_statement(table: Table, relation: str, first: dt.date, last: dt.date) -> Statement:
    """One query per table and range that feeds the row checks: counts by day.

    Columns: day, rows, then one count per offence, then (NULLs, base) per budget, in the order
    of :func:`row_offences` and :func:`budgets`.
    """
    counts = [f"COUNTIF({offence.condition})" for offence in row_offences(table)]
    for column in budgets(table):
        base = column.null_rate_where or "TRUE"
        counts += [f"COUNTIF(({base}) AND `{column.name}` IS NULL)", f"COUNTIF({base})"]
    named = [f"{count} AS n_{at}" for at, count in enumerate(counts)]
    select = ",\n  ".join([f"`{table.date_column}` AS day", "COUNT(*) AS n", *named])
    return Statement(
        f"SELECT\n  {select}\n{rows_between(table, relation)}\nGROUP BY day",
        {START: first, END: last},
    )


def budgets(table: Table) -> list[Column]:
    """Columns with a budget of NULLs."""
    return [c for c in table.columns if c.max_null_rate is not None]


def duplicate_statements(
    table: Table, relation: str, first: dt.date, last: dt.date
) -> dict[tuple[str, ...], Statement]:
    """For each key: rows beyond the first of their key, by day."""
    statements = {}
    for key in table.keys:
        columns = ", ".join(f"`{name}`" for name in key)
        by = columns if table.date_column in key else f"{columns}, `{table.date_column}`"
        statements[key] = Statement(
            f"SELECT day, SUM(n - 1) AS n FROM (SELECT `{table.date_column}` AS day, COUNT(*) AS n"
            f" {rows_between(table, relation)} GROUP BY {by}) WHERE n > 1 GROUP BY day",
            {START: first, END: last},
        )
    return statements


def _example(table: Table, condition: str) -> str:
    """GoogleSQL text of what identifies a row and of the values a condition is about."""
    shown = [name for name in table.grain if name not in (table.date_column, GAME)]
    asked = [c for c in table.columns if re.search(rf"\b{c.name}\b", condition)]
    shown += [c.name for c in asked if not c.type.startswith("ARRAY") and c.name not in shown]
    parts = [
        f"'{name}=', COALESCE(CAST(`{name}` AS STRING), 'NULL')" for name in shown[:EXAMPLE_COLUMNS]
    ]
    separated = ", ', ', ".join(parts)
    return f"CONCAT({separated})" if parts else "''"


def offending_units_statement(
    table: Table, relation: str, condition: str, first: dt.date, last: dt.date
) -> Statement:
    """By day and unit: rows for which a condition is TRUE, and the first of them in words."""
    return Statement(
        f"SELECT `{table.date_column}` AS day, {table.unit} AS unit, COUNT(*) AS n,"
        f" MIN({_example(table, condition)}) AS example"
        f" {rows_between(table, relation)} AND ({condition}) GROUP BY day, unit ORDER BY day, unit",
        {START: first, END: last},
    )


def duplicate_units_statement(
    table: Table, key: tuple[str, ...], relation: str, first: dt.date, last: dt.date
) -> Statement:
    """By day and unit: rows beyond the first of their key; unit NULL where a key spans several."""
    columns = ", ".join(f"`{name}`" for name in key)
    by = columns if table.date_column in key else f"{columns}, `{table.date_column}`"
    return Statement(
        "SELECT day, IF(lowest = highest AND unnamed = 0, lowest, NULL) AS unit, SUM(n - 1) AS n,"
        f" MIN(example) AS example FROM (SELECT `{table.date_column}` AS day, COUNT(*) AS n,"
        f" MIN({table.unit}) AS lowest, MAX({table.unit}) AS highest,"
        f" COUNTIF({table.unit} IS NULL) AS unnamed, MIN({_example(table, columns)}) AS example"
        f" {rows_between(table, relation)} GROUP BY {by}) WHERE n > 1 GROUP BY day, unit"
        " ORDER BY day, unit",
        {START: first, END: last},
    )


def reconciliation_statement(
    reconciliation: Reconciliation,
    tables: Mapping[str, AnyTable],
    relations: Mapping[str, str],
    first: dt.date,
    last: dt.date,
    refused: Mapping[str, Sequence[dt.date]] | None = None,
) -> Statement:
    """The reconciliation's query over the given relations, limited to first..last.

    Days of other tables that must not be read (``refused``) are left out of it too.
    """
    scopes = []
    parameters: dict = {START: first, END: last}
    for name in reconciliation.reads:
        table, since, until = tables[name], START, END
        if (window := reconciliation.windows.get(name)) is not None:
            since, until = f"{name}_from", f"{name}_to"
            parameters[since], parameters[until] = window.span(first, last)
        conditions = without_days(table, unread := (refused or {}).get(name, ()))
        if unread:
            parameters[refused_parameter(table)] = list(unread)
        if table.date_column:
            conditions.insert(0, f"`{table.date_column}` BETWEEN @{since} AND @{until}")
        where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
        scopes.append(f"`{name}` AS (SELECT * FROM {relations[name]}{where})")
    return Statement(
        f"WITH {', '.join(scopes)}\nSELECT * FROM (\n{reconciliation.sql}\n) ORDER BY day",
        parameters,
    )
