"""How many stored rows a plan is expected to take away, said before it runs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

from nba_backfill.backfill.plan import Plan
from nba_backfill.backfill.world import World
from nba_backfill.core.season import Season
from nba_backfill.core.table import RawTable, Table
from nba_backfill.materialization.catalogue import seasons_of
from nba_backfill.warehouse.dialect import Statement, select_statement
from nba_backfill.warehouse.protocol import Warehouse


def with_losses(plan: Plan, world: World, warehouse: Warehouse) -> Plan:
    """The plan with the rows each table is expected to lose.

    Days that have no games any more lose all. Tables that read raw rows which were let go are
    counted as they would come out now. What reads those in turn is not guessed.
    """
    tables = []
    for planned in plan.tables:
        table = world.catalogue.table(planned.table)
        stored = {
            day: record.row_count
            for day in planned.days
            if (record := world.histories[table.name].get(day)) and record.row_count
        }
        emptied = [day for day in stored if world.settled_status(table, day) is not None]
        thinned = [
            day for day in stored if day not in emptied and _raw_rows_went(world, table, day)
        ]
        left = _rows_now(world, warehouse, table, thinned)
        lost = sum(stored[day] for day in emptied)
        lost += sum(max(stored[day] - left.get(day, 0), 0) for day in thinned)
        tables.append(replace(planned, lost_rows=lost))
    return replace(plan, tables=tuple(tables))


def _raw_rows_went(world: World, table: Table, day: dt.date) -> bool:
    """Whether a load took away raw rows of the day that a table reads, with someone's consent."""
    for name in table.reads:
        if isinstance(world.catalogue.by_name[name], RawTable):
            record = world.histories[name].get(day)
            if record is not None and "lost" in record.measured:
                return True
    return False


def _rows_now(
    world: World, warehouse: Warehouse, table: Table, days: Sequence[dt.date]
) -> dict[dt.date, int]:
    """Rows by day as the table's SELECT would give them now."""
    counts: dict[dt.date, int] = {}
    for season in seasons_of(days):
        chosen = [day for day in days if Season.of(day) == season]
        statement = select_statement(table, world.catalogue.inputs(table), min(chosen), max(chosen))
        counts |= dict(
            warehouse.query(
                Statement(
                    f"SELECT `{table.date_column}`, COUNT(*) FROM ({statement.sql})"
                    f" GROUP BY `{table.date_column}`",
                    statement.parameters,
                )
            )
        )
    return counts
