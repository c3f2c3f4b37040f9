"""Seconds that Dagster's event log costs per table and day: stock logs against ours.

    python -m benchmarks.event_log [--days 120] [--tables 11]

SQLite as it comes and batched, PostgreSQL as dagster-postgres batches it and as we do. All record
the same ranged run of empty tables, in which each step reports its days with their metadata, so
that all of the time is orchestration. The stock logs are slow: 910 days of 11 tables take minutes.
An event is one planned or one delivered day of a table. PostgreSQL is the one that pip installs for
tests, asked through its socket.
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

from nba_backfill.core.event_batches import BATCH_SIZE_VARIABLE, DEFAULT_BATCH_SIZE
from nba_backfill.core.events import WITHOUT_AUTOMATIC_EVENTS, log_materializations
from nba_backfill_tests.postgres import Postgres, running_postgres

FIRST_DAY = date(2021, 10, 1)
OURS = "nba_backfill.core"
LOGS = {
    "SQLite, stock": None,
    "SQLite, batched": (f"{OURS}.event_log", "BatchedSqliteEventLogStorage"),
    "PostgreSQL, stock": ("dagster_postgres", "PostgresEventLogStorage"),
    "PostgreSQL, batched": (f"{OURS}.postgres", "BatchedPostgresEventLogStorage"),
}
PLANNED_AND_DELIVERED = 2


def overrides(log: str, home: str, postgres: Postgres) -> dict:
    """The storages of an instance that keeps its events, and what belongs to them, in a log."""
    storage = LOGS[log]
    if storage is None:
        return {}
    module, name = storage
    if "PostgreSQL" not in log:
        where = {"base_dir": str(Path(home, "log"))}
        return {"event_log_storage": {"module": module, "class": name, "config": where}}
    where = {"postgres_url": postgres.new_database()}
    return {
        "event_log_storage": {"module": module, "class": name, "config": where},
        **{
            f"{kind.lower()}_storage": {
                "module": "dagster_postgres",
                "class": f"Postgres{kind}Storage",
                "config": where,
            }
            for kind in ("Run", "Schedule")
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


def seconds_of_run(log: str, tables: int, days: int, postgres: Postgres) -> float:
    """Return the seconds of one ranged run, planned and executed, on a new instance."""
    os.environ.pop(BATCH_SIZE_VARIABLE, None)
    if log == "PostgreSQL, stock":
        os.environ[BATCH_SIZE_VARIABLE] = str(DEFAULT_BATCH_SIZE)
    last_day = FIRST_DAY + timedelta(days=days - 1)
    definition = dg.DailyPartitionsDefinition(
        FIRST_DAY.isoformat(), end_date=(last_day + timedelta(days=1)).isoformat()
    )
    assets = [empty_table(number, definition) for number in range(tables)]
    with (
        tempfile.TemporaryDirectory() as home,
        dg.DagsterInstance.local_temp(home, overrides=overrides(log, home, postgres)) as instance,
    ):
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
    """Measure the logs in turn; print seconds per table and day, events per second, ratios."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--days", type=int, default=120)
    parser.add_argument("--tables", type=int, default=11)
    size = parser.parse_args()
    warnings.simplefilter("ignore")
    logging.disable(logging.INFO)

    per_second = {}
    with running_postgres() as postgres:
        for log in LOGS:
            seconds = seconds_of_run(log, size.tables, size.days, postgres)
            table_days = size.tables * size.days
            per_second[log] = PLANNED_AND_DELIVERED * table_days / seconds
            print(
                f"{log:20} {seconds:8.2f} s in all, {seconds / table_days:.6f} s per table and day,"
                f" {per_second[log]:7,.0f} events/s"
            )
    for log, other in (
        ("SQLite, batched", "SQLite, stock"),
        ("PostgreSQL, batched", "PostgreSQL, stock"),
        ("PostgreSQL, batched", "SQLite, batched"),
    ):
        ratio = per_second[log] / per_second[other]
        print(f"events per second, {log} / {other}: {ratio:.2f}")


if __name__ == "__main__":
    main()
