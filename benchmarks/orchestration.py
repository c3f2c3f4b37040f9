"""What orchestration costs: a Dagster range run ÷ the same statements on bare DuckDB.

    python -m benchmarks.orchestration             one demo season and all of them
    python -m benchmarks.orchestration --seasons 1
    python -m benchmarks.orchestration --until phase3_analytics

Both sides start from a warehouse whose raw tables are loaded, compute every table for the same
days and run in the same process, one after the other. The ratio is what to quote; seconds
depend on the machine.
"""

from __future__ import annotations

import datetime as dt
import logging
import os
import shutil
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import click
import dagster as dg

from nba_backfill.core.partitions import partitions_between
from nba_backfill.core.season import HISTORY_START, Season
from nba_backfill.core.table import Layer, Table
from nba_backfill.definitions import CATALOGUE, defs
from nba_backfill.materialization.computation import stage_days
from nba_backfill.raw.contracts import RAW_TABLES
from nba_backfill.raw.demo_league import DEMO_SEASONS, write_demo_league
from nba_backfill.raw.loader import load_raw
from nba_backfill.warehouse.duckdb import DuckDBWarehouse

PROJECT = Path(__file__).parents[1]


def season_days(season: Season) -> list[dt.date]:
    """Partition days of a season, October to June."""
    return partitions_between(max(season.first_day, HISTORY_START), dt.date(season.year + 1, 6, 30))


@dataclass(frozen=True)
class Spent:
    """Seconds by the clock, and of the processor: the latter count on a busy machine."""

    wall: float
    cpu: float

    @classmethod
    def since(cls, before: Spent | None = None) -> Spent:
        """What was spent since ``before``; without it, the two clocks as they stand."""
        now = cls(time.perf_counter(), time.process_time())
        return cls(now.wall - before.wall, now.cpu - before.cpu) if before else now

    def __str__(self) -> str:
        """Both, in seconds."""
        return f"{self.wall:.1f} s ({self.cpu:.1f} s CPU)"


def bare(path: Path, seasons: list[Season], tables: list[Table]) -> Spent:
    """Seconds for every table's SELECT over every season, inserted and nothing else."""
    warehouse = DuckDBWarehouse(path)
    for table in tables:
        warehouse.ensure_table(table)
    started = Spent.since()
    for table in tables:
        for season in seasons:
            staged = stage_days(table, CATALOGUE, warehouse, season_days(season))
            warehouse.connection.execute(f"INSERT INTO {table.relation} BY NAME FROM {staged}")
    spent = Spent.since(started)
    warehouse.close()
    return spent


def orchestrated(
    path: Path, raw: Path, seasons: list[Season], home: Path, tables: list[Table]
) -> tuple[Spent, int]:
    """Seconds of one Dagster range run over the same days, and its partition count."""
    os.environ |= {"NBA_DUCKDB_PATH": str(path), "NBA_RAW_DIR": str(raw)}
    home.mkdir(parents=True)
    shutil.copy(PROJECT / "dagster.yaml", home / "dagster.yaml")
    here = Path.cwd()
    os.chdir(home)
    days = [day for season in seasons for day in season_days(season)]
    try:
        with dg.DagsterInstance.from_config(str(home)) as instance:
            job = defs().resolve_implicit_global_asset_job_def()
            started = Spent.since()
            result = job.execute_in_process(
                instance=instance,
                asset_selection=[dg.AssetKey(table.name) for table in tables],
                tags={
                    "dagster/asset_partition_range_start": days[0].isoformat(),
                    "dagster/asset_partition_range_end": days[-1].isoformat(),
                },
            )
            spent = Spent.since(started)
    finally:
        os.chdir(here)
    if not result.success:
        raise SystemExit("the run failed; its time means nothing")
    return spent, len(days) * len(tables)


@click.command()
@click.option("--seasons", type=int, multiple=True, help="How many seasons; default 1 and all.")
@click.option(
    "--until",
    type=click.Choice([layer.value for layer in Layer]),
    default=Layer.PRECOMPUTE.value,
    show_default=True,
    help="Leave out the layers below this one; benchmarks.predictions measures Phase 5.",
)
def main(seasons: tuple[int, ...], until: str) -> None:
    """Print, for each size, both times, their ratio and the cost per partition."""
    logging.disable(logging.INFO)
    layers = list(Layer)
    last = layers.index(Layer(until))
    tables = [table for table in CATALOGUE if layers.index(table.layer) <= last]
    sizes = seasons or (1, len(DEMO_SEASONS))
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        raw = folder / "league"
        write_demo_league(raw, DEMO_SEASONS[: max(sizes)])
        loaded = folder / "loaded.duckdb"
        warehouse = DuckDBWarehouse(loaded)
        load_raw(warehouse, raw, RAW_TABLES)
        warehouse.close()
        for size in sizes:
            chosen = list(DEMO_SEASONS[:size])
            one, other = folder / f"bare{size}.duckdb", folder / f"orchestrated{size}.duckdb"
            shutil.copy(loaded, one)
            shutil.copy(loaded, other)
            floor = bare(one, chosen, tables)
            home = folder / f"home{size}"
            ours, partitions = orchestrated(other, raw, chosen, home, tables)
            print(
                f"{size} season(s), {len(tables)} tables, {partitions} partitions: bare"
                f" {floor}, orchestrated {ours}, ratio {ours.wall / floor.wall:.1f}"
                f" (CPU {ours.cpu / floor.cpu:.1f}),"
                f" overhead {1000 * (ours.cpu - floor.cpu) / partitions:.2f} ms CPU per partition"
            )


if __name__ == "__main__":
    sys.exit(main())
