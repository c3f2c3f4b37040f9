"""What carrying costs: one mid-season day of the feature store, cold ÷ warm, and with history.

    python -m benchmarks.carrying

Cold: an empty warehouse with raw tables loaded, so everything upstream is carried. Warm: the same
day again. With history: the warm day where one season is computed ÷ where all are. The ratios are
what to quote; seconds depend on the machine.
"""

from __future__ import annotations

import datetime as dt
import logging
import os
import shutil
import tempfile
import time
from pathlib import Path

import dagster as dg

from benchmarks.orchestration import PROJECT, season_days
from nba_backfill.backfill.apply import lacking
from nba_backfill.definitions import CATALOGUE, defs
from nba_backfill.materialization.checks import examine
from nba_backfill.materialization.step import Step
from nba_backfill.raw.contracts import RAW_TABLES
from nba_backfill.raw.demo_league import DEMO_SEASONS, write_demo_league
from nba_backfill.raw.loader import load_raw
from nba_backfill.warehouse.duckdb import DuckDBWarehouse

TARGET = "ml_feature_store_v2"
SEASON = DEMO_SEASONS[3]
DAY = f"{SEASON.year + 1}-01-15"


def materialize(path: Path, raw: Path, home: Path, tables: list[str]) -> float:
    """Seconds of a Dagster run of tables on DAY, its start-up left out."""
    os.environ |= {"NBA_DUCKDB_PATH": str(path), "NBA_RAW_DIR": str(raw)}
    home.mkdir(parents=True, exist_ok=True)
    shutil.copy(PROJECT / "dagster.yaml", home / "dagster.yaml")
    here = Path.cwd()
    os.chdir(home)
    try:
        with dg.DagsterInstance.from_config(str(home)) as instance:
            job = defs().resolve_implicit_global_asset_job_def()
            started = time.perf_counter()
            result = job.execute_in_process(
                instance=instance,
                asset_selection=[dg.AssetKey(name) for name in tables],
                tags={
                    "dagster/asset_partition_range_start": DAY,
                    "dagster/asset_partition_range_end": DAY,
                },
            )
            seconds = time.perf_counter() - started
    finally:
        os.chdir(here)
    if not result.success:
        raise SystemExit("the run failed; its time means nothing")
    return seconds


def own_work(path: Path, tables: list[str]) -> float:
    """Seconds of our steps and checks for the tables on DAY, without Dagster around them."""
    warehouse = DuckDBWarehouse(path)
    day = dt.date.fromisoformat(DAY)
    started = time.perf_counter()
    for name in tables:
        table = CATALOGUE.table(name)
        lacking(CATALOGUE, warehouse, table, [day], run_id="")
        Step(table, CATALOGUE, warehouse).run([day])
        examine(table, CATALOGUE, warehouse, [day])
    seconds = time.perf_counter() - started
    warehouse.close()
    return seconds


def main() -> None:
    """Print the times and their ratios."""
    logging.disable(logging.INFO)
    tables = [t.name for t in CATALOGUE if t.layer.value.startswith("phase")]
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        raw, home = folder / "league", folder / "home"
        write_demo_league(raw, DEMO_SEASONS)
        cold_path, full_path = folder / "cold.duckdb", folder / "full.duckdb"
        warehouse = DuckDBWarehouse(cold_path)
        load_raw(warehouse, raw, RAW_TABLES)
        warehouse.close()
        shutil.copy(cold_path, full_path)
        cold = materialize(cold_path, raw, home, [TARGET])
        warm = materialize(cold_path, raw, home, [TARGET])
        print(f"{TARGET} on {DAY}: cold {cold:.1f} s, warm {warm:.1f} s, ratio {cold / warm:.1f}")

        warehouse = DuckDBWarehouse(full_path)
        for table in CATALOGUE:
            days = [day for season in DEMO_SEASONS for day in season_days(season)]
            Step(table, CATALOGUE, warehouse).run(days)
        warehouse.close()
        one = materialize(cold_path, raw, home, tables)
        all_of_it = materialize(full_path, raw, home, tables)
        print(
            f"{len(tables)} tables, one warm day: {one:.1f} s where a part of one season is"
            f" computed, {all_of_it:.1f} s where {len(DEMO_SEASONS)} seasons are, ratio"
            f" {all_of_it / one:.2f}; our own part of it {own_work(full_path, tables):.1f} s"
        )


if __name__ == "__main__":
    main()
