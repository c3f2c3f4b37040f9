"""Rows that repeat a key of their table: what another hand wrote twice, row by row.

No step writes such rows, since a check refuses them; they come from outside.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from rich.markup import escape

from nba_backfill.backfill.mending import dates_in_words
from nba_backfill.core.table import Table
from nba_backfill.warehouse.dialect import Statement
from nba_backfill.warehouse.protocol import Warehouse

MOST_ROWS = 1000
"""Rows that are looked at; more are not told apart."""
SHOWN_KEYS, SHOWN_COLUMNS = 5, 3


@dataclass(frozen=True, slots=True)
class RepeatedKey:
    """A key that several rows of a table have.

    ``differing``: columns in which the rows differ, each with its values in the order of the rows;
    empty where the rows are copies of each other.
    """

    day: dt.date
    key: Mapping[str, object]
    rows: int
    differing: Mapping[str, Sequence[object]]

    def __str__(self) -> str:
        """How many rows of which key, and in what they differ."""
        said = ", ".join(f"{name}={value}" for name, value in self.key.items())
        columns = list(self.differing.items())
        parts = [f"{name} {' | '.join(map(str, v))}" for name, v in columns[:SHOWN_COLUMNS]]
        if more := len(columns) - SHOWN_COLUMNS:
            parts += [f"and {more} more columns"] * (more > 0)
        return f"{self.rows} rows of {said}: {', '.join(parts) or 'alike in every column'}"


def repeated_keys(table: Table, warehouse: Warehouse, days: Sequence[dt.date]) -> list[RepeatedKey]:
    """Keys that several stored rows of some days have, in order.

    Those of the first of the table's keys that any rows repeat; at most :data:`MOST_ROWS` rows are
    looked at.
    """
    for key in table.keys if days else ():
        rows = warehouse.named_rows(_repeating(table, key, days))
        by_key: dict[tuple, list[Mapping[str, object]]] = {}
        for row in rows:
            by_key.setdefault(tuple(row[name] for name in key), []).append(row)
        if by_key:
            return [_described(table, key, alike) for alike in by_key.values()]
    return []


def _repeating(table: Table, key: Sequence[str], days: Sequence[dt.date]) -> Statement:
    columns = ", ".join(f"`{c.name}`" for c in table.columns)
    of_key = ", ".join(f"`{name}`" for name in key)
    day = f"`{table.date_column}`"
    return Statement(
        f"SELECT {columns} FROM (SELECT {columns}, COUNT(*) OVER (PARTITION BY {of_key})"
        f" AS rows_of_key FROM {table.relation}"
        f" WHERE {day} BETWEEN @first AND @last AND {day} IN UNNEST(@days)) AS counted"
        f" WHERE rows_of_key > 1 ORDER BY {of_key} LIMIT {MOST_ROWS}",
        {"first": min(days), "last": max(days), "days": list(days)},
    )


def _described(
    table: Table, key: Sequence[str], rows: Sequence[Mapping[str, object]]
) -> RepeatedKey:
    values = {c.name: [row[c.name] for row in rows] for c in table.columns if c.name not in key}
    return RepeatedKey(
        rows[0][table.date_column],
        {name: rows[0][name] for name in key},
        len(rows),
        {name: found for name, found in values.items() if len(set(map(str, found))) > 1},
    )


def repeated_lines(table: Table, found: Sequence[RepeatedKey]) -> Iterator[str]:
    """The first of the repeated keys with their rows, and the command that replaces the days."""
    if not found:
        return
    rows = sum(one.rows for one in found)
    at_least = "at least " * (rows >= MOST_ROWS)
    yield (
        f"[red]written twice[/] {table.name}: {at_least}{rows} rows have only {len(found)} keys"
        f" ({', '.join(found[0].key)}); replace the days: {replacing(table, found)}"
    )
    for one in found[:SHOWN_KEYS]:
        yield f"  {escape(str(one))}"
    if more := len(found) - SHOWN_KEYS:
        yield from [f"  and {more} more keys"] * (more > 0)


def replacing(table: Table, found: Iterable[RepeatedKey]) -> str:
    """The command that puts the rows as computed in place of all rows of the days."""
    days = [one.day for one in found]
    return (
        f"nba-backfill rerun --from {table.name} --dates {dates_in_words((min(days), max(days)))}"
    )
