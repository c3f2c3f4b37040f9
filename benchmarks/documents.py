"""What documents cost: every dated document, and every player's profile, into an empty store.

    python -m benchmarks.documents                        one demo season, computed first
    python -m benchmarks.documents --warehouse nba.duckdb  a copy of one that is computed already

Each is measured twice in one run: the whole life of a step (gate, judge, write, ledger) and the
same documents only shaped, nothing written. The ratio is what to quote; wall and CPU seconds depend
on the machine.
"""

from __future__ import annotations

import datetime as dt
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import click

from benchmarks.orchestration import season_days
from nba_backfill.core.publication import Kind
from nba_backfill.core.table import Layer, Table
from nba_backfill.definitions import CATALOGUE
from nba_backfill.materialization.computation import stage_days
from nba_backfill.materialization.step import Step
from nba_backfill.raw.contracts import RAW_TABLES
from nba_backfill.raw.demo_league import DEMO_SEASONS, write_demo_league
from nba_backfill.raw.loader import load_raw
from nba_backfill.warehouse.duckdb import DuckDBWarehouse
from nba_backfill.warehouse.files import LocalFiles

DATED = [t for t in CATALOGUE if t.publication and t.publication.kind is Kind.DATED]
PROFILES = CATALOGUE.table("player_profiles")


def computed(path: Path, seasons: int) -> None:
    """A warehouse with everything that documents are made of, over demo seasons."""
    chosen = list(DEMO_SEASONS[:seasons])
    days = [day for season in chosen for day in season_days(season)]
    write_demo_league(path.parent / "league", chosen)
    warehouse = DuckDBWarehouse(path)
    load_raw(warehouse, path.parent / "league", RAW_TABLES)
    for table in CATALOGUE:
        if table.layer is not Layer.PUBLISHING:
            Step(table, CATALOGUE, warehouse).run(days)
    warehouse.close()


def measured(work: Callable[[], None]) -> tuple[float, float]:
    """Wall and CPU seconds (of all threads) of some work."""
    wall, processor = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - wall, time.process_time() - processor


def compare(
    what: str, warehouse: DuckDBWarehouse, tables: Sequence[Table], days: list[dt.date]
) -> None:
    """Print how many documents, and what they cost with and without what surrounds shaping."""

    def shape() -> None:
        for table in tables:
            warehouse.drop_staged(stage_days(table, CATALOGUE, warehouse, days))

    def step() -> None:
        for table in tables:
            for record in Step(table, CATALOGUE, warehouse).run(days):
                if not record.status.is_readable:
                    raise SystemExit(f"{table.name} {record.day}: {record.reason}")

    bare_wall, bare_cpu = measured(shape)
    wall, processor = measured(step)
    prefixes = [p.prefix for t in tables for p in t.publication.patterns]
    count = len({name for prefix in prefixes for name in warehouse.files.names(prefix)})
    print(
        f"{what}: {count} documents in {wall:.1f} s ({processor:.1f} s CPU), shaped alone"
        f" {bare_wall:.1f} s ({bare_cpu:.1f} s CPU), ratio {wall / bare_wall:.1f}"
    )


@click.command()
@click.option("--warehouse", "given", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--seasons", type=int, default=1, show_default=True)
def main(given: Path | None, seasons: int) -> None:
    """Print wall and CPU seconds of all dated documents, and of all players' profiles."""
    with tempfile.TemporaryDirectory() as temporary:
        path = Path(temporary) / "league.duckdb"
        if given:
            shutil.copy(given, path)
        else:
            computed(path, seasons)
        warehouse = DuckDBWarehouse(path, files=LocalFiles(Path(temporary) / "store"))
        rows = warehouse.connection.execute(
            "SELECT DISTINCT game_date FROM nba_staging.games WHERE is_final ORDER BY 1"
        ).fetchall()
        days = [day for (day,) in rows]
        compare(f"dated, {len(days)} game dates", warehouse, DATED, days)
        compare("profiles", warehouse, [PROFILES], days[-1:])
        warehouse.close()


if __name__ == "__main__":
    sys.exit(main())
