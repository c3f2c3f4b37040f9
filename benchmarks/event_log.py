"""Seconds that Dagster's event log costs per table and day: stock SQLite log against ours.

    python -m benchmarks.event_log [--days 120] [--tables 11]

Both logs record the same ranged run of empty tables, in which each step reports its days with
their metadata, so that all of the time is orchestration. The stock log is slow: 910 days of
11 tables take minutes.
"""

import argparse
import logging
import os
import tempfile
import time
import warnings
from datetime import date, timedelta
from pathlib import Path

import dagster as dg

from nba_backfill.core.event_batches import BATCH_SIZE_VARIABLE
from nba_backfill.core.events import WITHOUT_AUTOMATIC_EVENTS, log_materializations

FIRST_DAY = date(2021, 10, 1)
LOGS = {
    "stock": None,
    "batched": {
        "module": "nba_backfill.core.event_log",
        "class": "BatchedSqliteEventLogStorage",
    },
}


def empty_table(number: int, days: dg.DailyPartitionsDefinition) -> dg.AssetsDefinition:
    """Return a table that reads the one before it, holds nothing and reports all of its days."""

    @dg.asset(
        name=f"table_{number}",
        deps=[f"table_{number - 1}"] if number else [],
        partitions_def=days,
        backfill_policy=dg.BackfillPolicy.single_run(),
    )
    def table(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
        log_materializations(
            context,
            [
                dg.AssetMaterialization(
                    context.asset_key,
                    partition=day,
                    metadata={"dagster/partition_row_count": 12, "window": "10 of 10 games"},
                    tags={"dagster/data_version": f"0123456789abcdef-{day}"},
                )
                for day in context.partition_keys
            ],
        )
        return dg.MaterializeResult(metadata=WITHOUT_AUTOMATIC_EVENTS)

    return table


def seconds_of_run(log: str, tables: int, days: int) -> float:
    """Return the seconds of one ranged run, planned and executed, on a new instance."""
    os.environ.pop(BATCH_SIZE_VARIABLE, None)
    last_day = FIRST_DAY + timedelta(days=days - 1)
    definition = dg.DailyPartitionsDefinition(
        FIRST_DAY.isoformat(), end_date=(last_day + timedelta(days=1)).isoformat()
    )
    assets = [empty_table(number, definition) for number in range(tables)]
    with tempfile.TemporaryDirectory() as home:
        storage = LOGS[log]
        overrides = (
            {"event_log_storage": {**storage, "config": {"base_dir": str(Path(home, "log"))}}}
            if storage
            else {}
        )
        with dg.DagsterInstance.local_temp(home, overrides=overrides) as instance:
            started = time.perf_counter()
            dg.materialize(
                assets,
                instance=instance,
                run_config={"loggers": {"console": {"config": {"log_level": "ERROR"}}}},
                tags={
                    "dagster/asset_partition_range_start": FIRST_DAY.isoformat(),
                    "dagster/asset_partition_range_end": last_day.isoformat(),
                },
            )
            seconds = time.perf_counter() - started
            stored = instance.get_materialized_partitions(assets[-1].key)
    if len(stored) != days:
        raise RuntimeError(f"{log} log holds {len(stored)} of {days} days")
    return seconds


def main() -> None:
    """Measure both logs in turn and print seconds per table and day, and the ratio."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--days", type=int, default=120)
    parser.add_argument("--tables", type=int, default=11)
    size = parser.parse_args()
    warnings.simplefilter("ignore")
    logging.disable(logging.INFO)

    per_table_day = {}
    for log in LOGS:
        seconds = seconds_of_run(log, size.tables, size.days)
        per_table_day[log] = seconds / (size.tables * size.days)
        print(f"{log:8} {seconds:8.2f} s in all, {per_table_day[log]:.6f} s per table and day")
    print(f"ratio    {per_table_day['stock'] / per_table_day['batched']:8.1f}")


if __name__ == "__main__":
    main()
