"""What Phase 5 costs: training by month, and predicting, grading and feedback with models given.

    python -m benchmarks.predictions               all demo seasons
    python -m benchmarks.predictions --seasons 1

The second part is measured twice in one run: the whole life of a step (gate, judge, ledger) and
the same statements bare. The ratio is what to quote; seconds depend on the machine.
"""

from __future__ import annotations

import datetime as dt
import sys
import tempfile
import time
from pathlib import Path

import click

from benchmarks.orchestration import season_days
from nba_backfill.core.season import Season
from nba_backfill.core.table import Layer, Table
from nba_backfill.definitions import CATALOGUE
from nba_backfill.materialization.computation import stage_days
from nba_backfill.materialization.settle import settled_status
from nba_backfill.materialization.step import Step
from nba_backfill.raw.contracts import RAW_TABLES
from nba_backfill.raw.demo_league import DEMO_SEASONS, write_demo_league
from nba_backfill.raw.loader import load_raw
from nba_backfill.warehouse.duckdb import DuckDBWarehouse

GIVEN = ("challenger_features", "points_models")
PHASE_5 = (Layer.PREDICTIONS, Layer.GRADING, Layer.FEEDBACK)


def stepped(warehouse: DuckDBWarehouse, tables: list[Table], days: list[dt.date]) -> float:
    """Seconds of the tables' steps over the days."""
    started = time.perf_counter()
    for table in tables:
        refused = [
            r for r in Step(table, CATALOGUE, warehouse).run(days) if not r.status.is_readable
        ]
        if refused:
            raise SystemExit(f"{table.name} {refused[0].day}: {refused[0].reason}")
    return time.perf_counter() - started


def bare(warehouse: DuckDBWarehouse, tables: list[Table], seasons: list[Season]) -> float:
    """Seconds of the tables' statements over the same days, their rows thrown away."""
    started = time.perf_counter()
    for table in tables:
        for season in seasons:
            calendar = CATALOGUE.calendar(warehouse, [season])
            days = [d for d in season_days(season) if settled_status(table, calendar, d) is None]
            warehouse.drop_staged(stage_days(table, CATALOGUE, warehouse, days))
    return time.perf_counter() - started


@click.command()
@click.option("--seasons", type=int, default=len(DEMO_SEASONS), show_default=True)
def main(seasons: int) -> None:
    """Print the seconds of training, and of the rest of Phase 5 with its ratio to bare."""
    chosen = list(DEMO_SEASONS[:seasons])
    days = [day for season in chosen for day in season_days(season)]
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        write_demo_league(folder / "league", chosen)
        warehouse = DuckDBWarehouse(folder / "league.duckdb")
        load_raw(warehouse, folder / "league", RAW_TABLES)
        phase_5 = [table for table in CATALOGUE if table.layer in PHASE_5]
        before = [t for t in CATALOGUE if t not in phase_5] + [CATALOGUE.table(GIVEN[0])]
        stepped(warehouse, before, days)
        training = stepped(warehouse, [CATALOGUE.table(GIVEN[1])], days)
        tables = [table for table in phase_5 if table.name not in GIVEN]
        ours = stepped(warehouse, tables, days)
        floor = bare(warehouse, tables, chosen)
        game_days = len(CATALOGUE.calendar(warehouse, chosen).games_by_day)
        warehouse.close()
    print(
        f"{seasons} season(s), {game_days} game days: training {training:.1f} s;"
        f" {len(tables)} tables with models given {ours:.1f} s, bare {floor:.1f} s,"
        f" ratio {ours / floor:.1f}"
    )


if __name__ == "__main__":
    sys.exit(main())
