"""A load that would take rows away is held back, day by day, until someone says that it may.

An emptied or cut file looks like any other. So the days on which a table would lose most of its
rows keep what they have: the rest of the load goes in. Rows that only move to another day (a
postponed game) or stood twice are not lost.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from nba_backfill.core.table import RawTable
from nba_backfill.raw.lost import LostRows, content_of, held_back, let_go
from nba_backfill.warehouse.acceptance import Acceptances
from nba_backfill.warehouse.duckdb import DuckDBWarehouse
from nba_backfill.warehouse.ledger import SNAPSHOT_DAY, PartitionRecord


def find_lost_rows(warehouse: DuckDBWarehouse, table: RawTable, loaded: str) -> list[LostRows]:
    """Days on which ``loaded`` lacks most of the rows that the stored table has."""
    stored = warehouse.histories([table.relation])[table.relation].by_day
    contents = warehouse.fingerprints(table, loaded)
    fewer = {
        day: record.row_count
        for day, record in stored.items()
        if 2 * contents.get(day, (0, ""))[0] < record.row_count
    }
    left = _rows_left(warehouse, table, loaded, list(fewer)) if fewer else {}
    return [
        LostRows(day, rows, *content_of(contents.get(day, (0, ""))))
        for day, rows in sorted(fewer.items())
        if 2 * left[day][0] < left[day][1]
    ]


def _rows_left(
    warehouse: DuckDBWarehouse, table: RawTable, loaded: str, days: Sequence[dt.date]
) -> dict[dt.date, tuple[int, int]]:
    """(keys still there, keys stored) of some days; a key that moved to another day is there."""
    names = {c.name for c in table.columns} - {table.date_column}
    key = [name for name in table.grain if name in names] or sorted(names)
    day = f'"{table.date_column}"' if table.date_column else f"DATE '{SNAPSHOT_DAY}'"
    hashed = f"hash({', '.join(f'{chr(34)}{name}{chr(34)}' for name in key)})"
    found = warehouse.connection.execute(
        f"SELECT day, count(*) FILTER (key IN (SELECT {hashed} FROM {loaded})), count(*)"
        f" FROM (SELECT DISTINCT {day} AS day, {hashed} AS key FROM {table.relation}"
        f" WHERE list_contains($days, {day})) GROUP BY day",
        {"days": list(days)},
    )
    return {day: (left, stored) for day, left, stored in found.fetchall()}


def keep_lost_rows(
    warehouse: DuckDBWarehouse,
    table: RawTable,
    loaded: str,
    lost: Sequence[LostRows],
    accepted: Acceptances,
) -> dict[dt.date, PartitionRecord]:
    """Put the stored rows of days that lost theirs back into a load, unless that was accepted.

    Returns a record for each day that lost rows: held back, or with who let them go.
    """
    events = {one.day: accepted.find(table.relation, one.day, one.content) for one in lost}
    held = [one for one in lost if events[one.day] is None]
    if held:
        described = warehouse.connection.execute(f"DESCRIBE {table.relation}").fetchall()
        wanted = {c.name for c in table.columns}
        columns = ", ".join(f'"{name}"' for name, *_ in described if name in wanted)
        day = f'"{table.date_column}"' if table.date_column else f"DATE '{SNAPSHOT_DAY}'"
        named = {"days": [one.day for one in held]}
        of_days = f"WHERE list_contains($days, {day})"
        warehouse.connection.execute(f"DELETE FROM {loaded} {of_days}", named)
        warehouse.connection.execute(
            f"INSERT INTO {loaded} BY NAME SELECT {columns}, [] AS _unreadable"
            f" FROM {table.relation} {of_days}",
            named,
        )
    stored = warehouse.histories([table.relation])[table.relation].by_day
    contents = warehouse.fingerprints(table, loaded)
    return {
        one.day: held_back(table, one, stored[one.day], _what(one))
        if (event := events[one.day]) is None
        else let_go(table, one, contents.get(one.day, (0, "")), event)
        for one in lost
    }


def _what(lost: LostRows) -> str:
    return f"the files hold fewer rows than are stored: {lost}; the stored rows stay"
