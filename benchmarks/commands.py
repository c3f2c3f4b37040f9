"""What looking and a small run cost beside loading the definitions, which every command does.

    python -m benchmarks.commands

Over one computed demo season: `status` of the season and a run of Phases 3 and 4 on one warm day ÷
start-up (Python loads the definitions and does nothing). Each is a process of its own, the best of
three. The ratios are what to quote, those of processor time on a busy machine; seconds depend on
the machine.
"""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.orchestration import PROJECT, Spent, season_days
from nba_backfill.definitions import CATALOGUE
from nba_backfill.materialization.step import Step
from nba_backfill.raw.contracts import RAW_TABLES
from nba_backfill.raw.demo_league import DEMO_SEASONS, write_demo_league
from nba_backfill.raw.loader import load_raw
from nba_backfill.warehouse.duckdb import DuckDBWarehouse
from nba_backfill.warehouse.files import LocalFiles

SEASON = DEMO_SEASONS[3]
DAY = f"{SEASON.year + 1}-01-15"
TIMES = 3
PHASES = ("phase3_analytics", "phase4_precompute")
TABLES = [table for table in CATALOGUE if table.layer.value in PHASES]
PYTHON = [sys.executable, "-m", "nba_backfill"]
COMMANDS = {
    "start-up": [sys.executable, "-c", "from nba_backfill.definitions import defs; defs()"],
    "status of a season": [*PYTHON, "status", "--season", str(SEASON)],
    f"{len(TABLES)} tables, one warm day": [*PYTHON, "run", *PHASES, "--dates", DAY],
}


def spent_on(command: list[str], folder: Path, environment: dict[str, str]) -> Spent:
    """Seconds of a process; SystemExit if it fails, whose time means nothing."""
    started, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    wall, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {done.returncode}: {done.stderr}")
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Spent(wall, cpu)


def main() -> None:
    """Print the seconds of each command and its ratio to start-up."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        write_demo_league(folder / "league", [SEASON])
        shutil.copy(PROJECT / "dagster.yaml", folder / "dagster.yaml")
        warehouse = DuckDBWarehouse(
            folder / "league.duckdb", files=LocalFiles(folder / ".nba_backfill" / "exports")
        )
        load_raw(warehouse, folder / "league", RAW_TABLES)
        for table in CATALOGUE:
            Step(table, CATALOGUE, warehouse).run(season_days(SEASON))
        warehouse.close()
        environment = os.environ | {
            "NBA_RAW_DIR": str(folder / "league"),
            "NBA_DUCKDB_PATH": str(folder / "league.duckdb"),
            "NBA_CACHE_DIR": str(folder / "cache"),
            "PYTHONPATH": str(PROJECT),
        }
        spent_on(COMMANDS["status of a season"], folder, environment)
        start_up = None
        for name, command in COMMANDS.items():
            each = [spent_on(command, folder, environment) for _ in range(TIMES)]
            best = min(each, key=lambda spent: spent.cpu)
            start_up = start_up or best
            print(
                f"{name}: {best}, ratio {best.wall / start_up.wall:.1f}"
                f" (CPU {best.cpu / start_up.cpu:.2f})"
            )


if __name__ == "__main__":
    main()
