"""Handing a plan to Dagster's daemon as one backfill with exactly the plan's days per asset.

Everything here is private to Dagster 1.13: no public call launches an asset backfill with other
days for each asset. It is kept in this one module, under a test that runs it.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterable, Iterator

import dagster as dg
from dagster._core.definitions.selector import (
    PartitionRangeSelector,
    PartitionsByAssetSelector,
    PartitionsSelector,
)
from dagster._core.execution.backfill import PartitionBackfill
from dagster._core.utils import make_new_backfill_id

from nba_backfill.backfill.plan import Plan
from nba_backfill.backfill.world import World
from nba_backfill.core.season import GameCalendar, Season
from nba_backfill.materialization.asset import asset_key


def submit(
    plan: Plan, world: World, definitions: dg.Definitions, instance: dg.DagsterInstance
) -> str:
    """Store the plan as a requested backfill and return its id; a running daemon executes it.

    Days without games between two planned days are asked for as well: Dagster makes a run of each
    unbroken stretch, and a season is broken 40 times by days that cost nothing to settle.
    """
    backfill = PartitionBackfill.from_partitions_by_assets(
        backfill_id=make_new_backfill_id(),
        asset_graph=definitions.resolve_asset_graph(),
        backfill_timestamp=time.time(),
        tags={"nba/plan": plan.world},
        dynamic_partitions_store=instance,
        partitions_by_assets=[
            PartitionsByAssetSelector(
                asset_key=asset_key(world.catalogue.table(planned.table)),
                partitions=PartitionsSelector(
                    [
                        PartitionRangeSelector(first.isoformat(), last.isoformat())
                        for first, last in stretches(planned.days, world.calendar)
                    ]
                ),
            )
            for planned in plan.tables
        ],
        title=f"{', '.join(plan.targets[:3])} {plan.days[0]}...{plan.days[-1]}",
        description="Submitted by nba-backfill run --via daemon",
        run_config=None,
    )
    instance.add_backfill(backfill)
    return backfill.backfill_id


def stretches(days: Iterable[dt.date], calendar: GameCalendar) -> Iterator[tuple[dt.date, dt.date]]:
    """First and last day of each run of planned days that no other game day interrupts."""
    stretch: list[dt.date] = []
    for day in sorted(days):
        if stretch:
            between = calendar.game_days(stretch[-1], day)
            within_season = Season.of(stretch[-1]) == Season.of(day)
            if not within_season or set(between) - {stretch[-1], day}:
                yield stretch[0], stretch[-1]
                stretch = []
        stretch.append(day)
    if stretch:
        yield stretch[0], stretch[-1]
