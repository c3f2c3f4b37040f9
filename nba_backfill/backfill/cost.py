"""What a plan would cost where a warehouse charges for what it reads: asked of it, by dry run."""

from __future__ import annotations

from dataclasses import replace

from nba_backfill.backfill.plan import Plan
from nba_backfill.backfill.world import World
from nba_backfill.core.season import Season
from nba_backfill.materialization.catalogue import seasons_of
from nba_backfill.warehouse.dialect import select_statement
from nba_backfill.warehouse.protocol import Warehouse

TIB = 2**40


def with_cost(plan: Plan, world: World, warehouse: Warehouse) -> Plan:
    """The plan, each table with the bytes its SELECTs would scan now, a season at a time.

    The tables are as large as they are before the plan is run: days that it adds upstream are read
    in addition. The plan itself where nothing is charged.
    """
    if not warehouse.price_per_tib:
        return plan
    tables = []
    for planned in plan.tables:
        table = world.catalogue.table(planned.table)
        inputs = world.catalogue.inputs(table)
        scanned = 0
        for season in seasons_of(planned.days):
            chosen = [day for day in planned.days if Season.of(day) == season]
            statement = select_statement(table, inputs, min(chosen), max(chosen))
            scanned += warehouse.scan_bytes(statement) or 0
        tables.append(replace(planned, scanned=scanned))
    return replace(plan, tables=tuple(tables), price_per_tib=warehouse.price_per_tib)


def in_words(scanned: int, price_per_tib: float) -> str:
    """Bytes in the unit they are paid by the most readable, and what they cost in US dollars."""
    size, unit = float(scanned), "B"
    for larger in ("KiB", "MiB", "GiB", "TiB"):
        if size < 1024:
            break
        size, unit = size / 1024, larger
    return f"{size:,.1f} {unit}, ${scanned * price_per_tib / TIB:,.2f}"
