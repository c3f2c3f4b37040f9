"""What BigQuery costs in calls, and its client in time: counted on the double of its REST service.

    python -m benchmarks.bigquery

API calls per table for a season and for a week of it (the same, if the number of days does not
matter), and the wall time of the week on the double ÷ on DuckDB. The double answers at once and on
this machine, so the ratio says what client, messages and double cost, not what the service takes.
"""

from __future__ import annotations

import datetime as dt
import os
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.orchestration import season_days
from nba_backfill.core.derived import keep_derived_in
from nba_backfill.core.table import Layer, Table
from nba_backfill.definitions import CATALOGUE
from nba_backfill.materialization.step import Step
from nba_backfill.raw.contracts import RAW_TABLES
from nba_backfill.raw.demo_league import DEMO_SEASONS, write_demo_league
from nba_backfill.raw.in_place import observe
from nba_backfill.raw.loader import load_raw
from nba_backfill.warehouse.bigquery import BigQueryWarehouse
from nba_backfill.warehouse.duckdb import DuckDBWarehouse
from nba_backfill.warehouse.files import LocalFiles
from nba_backfill.warehouse.protocol import Warehouse
from nba_backfill_tests.bigquery.raw_tables import put_raw
from nba_backfill_tests.bigquery_double import Double

SEASON = DEMO_SEASONS[-1]
MOST_CALLS = 12
LAYERS = (Layer.STAGING, Layer.ANALYTICS, Layer.PRECOMPUTE)
WEEK = 7


def seconds(warehouse: Warehouse, tables: Sequence[Table], days: Sequence[dt.date]) -> float:
    """Wall time of computing tables for days."""
    started = time.perf_counter()
    for table in tables:
        Step(table, CATALOGUE, warehouse).run(days)
    return time.perf_counter() - started


def calls(
    double: Double, warehouse: Warehouse, tables: Sequence[Table], days: Sequence[dt.date]
) -> dict[str, int]:
    """API calls of each table's step."""
    found = {}
    for table in tables:
        double.reset()
        Step(table, CATALOGUE, warehouse).run(days)
        found[table.name] = len(double.log())
    return found


def main() -> None:
    """Print the calls of every table and the ratio."""
    tables = [table for table in CATALOGUE if table.layer in LAYERS]
    season = season_days(SEASON)
    middle = len(season) // 3
    week = season[middle : middle + WEEK]
    with tempfile.TemporaryDirectory() as folder, Double() as double:
        home = Path(folder)
        keep_derived_in(Path(os.environ.get("NBA_CACHE_DIR", home / "cache")))
        write_demo_league(home / "raw", [SEASON])
        embedded = DuckDBWarehouse(home / "w.duckdb")
        load_raw(embedded, home / "raw", RAW_TABLES)
        put_raw(double.client(), embedded)
        cloud = BigQueryWarehouse(double.client(), files=LocalFiles(home / "exports"))
        cloud.write_records(observe(cloud, RAW_TABLES))
        first = calls(double, cloud, tables, season)
        of_week = calls(double, cloud, tables, week)
        of_season = calls(double, cloud, tables, season)
        print(f"API calls for {SEASON} ({len(season)} days), for a week of it, for the first time:")
        for name, count in of_season.items():
            print(f"  {name:32} {count:3} {of_week[name]:3} {first[name]:3}")
        worst = max(of_season.values())
        verdict = "within" if worst <= MOST_CALLS else "OVER"
        print(f"most for a season: {worst}, {verdict} the limit of {MOST_CALLS}")
        seconds(embedded, tables, season)
        on_cloud, on_file = (seconds(home, tables, week) for home in (cloud, embedded))
        print(
            f"a week of {len(tables)} tables: {on_cloud:.1f} s on the double,"
            f" {on_file:.1f} s on DuckDB, ratio {on_cloud / on_file:.1f}"
        )
        embedded.close()


if __name__ == "__main__":
    main()
