"""What UI and daemon read must not depend on whether SQLite or PostgreSQL keeps it."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
import sqlalchemy as db
from dagster._core.events import DagsterEventType

from nba_backfill.core.event_batches import BATCH_SIZE_VARIABLE
from nba_backfill.core.event_log import INDEXED_EVENTS
from nba_backfill.core.postgres import BatchedPostgresEventLogStorage
from nba_backfill.core.run_origin import LOCATION
from nba_backfill_tests.core import test_event_log as sqlite
from nba_backfill_tests.core.test_event_log import (
    ALL_DAYS,
    REJECTED_TAG,
    SCENARIOS,
    STAGED,
    no_batching_by_environment,
    partition_statuses,
    ranged,
)
from nba_backfill_tests.postgres import Postgres, running_postgres

__all__ = ["no_batching_by_environment"]
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def postgres() -> Iterator[Postgres]:
    with running_postgres() as running:
        yield running


def on_postgres(url: str) -> dict[str, Any]:
    """An instance's overrides that keep everything in a database."""
    ours = "nba_backfill.core.postgres"
    storages = {
        "run_storage": (ours, "OriginatedPostgresRunStorage"),
        "event_log_storage": (ours, "BatchedPostgresEventLogStorage"),
        "schedule_storage": ("dagster_postgres", "PostgresScheduleStorage"),
    }
    return {
        name: {"module": module, "class": class_name, "config": {"postgres_url": url}}
        for name, (module, class_name) in storages.items()
    }


@pytest.fixture
def instance(postgres: Postgres, tmp_path: Path) -> Iterator[dg.DagsterInstance]:
    overrides = on_postgres(postgres.new_database())
    with dg.DagsterInstance.local_temp(str(tmp_path), overrides=overrides) as opened:
        yield opened


def index_of_events(instance: dg.DagsterInstance) -> Counter:
    """As its namesake for SQLite says it, of the one table that is log and index at once."""
    kinds = [kind.value for kind in INDEXED_EVENTS]
    rows = db.text(
        "select event, dagster_event_type, asset_key, partition from event_logs"
        " where dagster_event_type = any(:kinds)"
    )
    tags = db.text(
        "select t.asset_key, t.key, t.value, e.partition"
        " from asset_event_tags t join event_logs e on e.id = t.event_id"
    )
    counted: Counter = Counter()
    with instance.event_log_storage.index_connection() as connection:
        for text, *columns in connection.execute(rows, {"kinds": kinds}):
            event = dg.EventLogEntry.from_json(text).dagster_event
            counted[(*columns, event.event_type_value, str(event.asset_key), event.partition)] += 1
        counted.update(map(tuple, connection.execute(tags)))
    return counted


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_both_databases_give_equal_answers_after(
    scenario: str, instance, tmp_path, monkeypatch, capsys
) -> None:
    (tmp_path / "sqlite").mkdir()
    with sqlite.open_instance(tmp_path / "sqlite", "batched") as embedded:
        for arguments in SCENARIOS[scenario]:
            sqlite.run(embedded, **arguments)
        expected = sqlite.all_answers(embedded)
    for arguments in SCENARIOS[scenario]:
        sqlite.run(instance, **arguments)
    monkeypatch.setattr(sqlite, "index_of_events", index_of_events)
    assert sqlite.all_answers(instance) == expected
    assert "Falling back" not in capsys.readouterr().err


def test_an_error_within_a_batch_leaves_no_part_of_it(
    instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = instance.event_log_storage
    whole = BatchedPostgresEventLogStorage._store_asset_entries
    broken = []

    def break_once(*arguments: Any) -> None:
        whole(*arguments)
        if not broken:
            broken.append(True)
            raise db.exc.OperationalError("insert", {}, Exception("the server went away"))

    monkeypatch.setattr(BatchedPostgresEventLogStorage, "_store_asset_entries", break_once)
    assert sqlite.run(instance, tags=ranged()).success
    assert broken
    latest = log.get_latest_storage_id_by_partition(STAGED, DagsterEventType.ASSET_MATERIALIZATION)
    assert sorted(latest) == ALL_DAYS
    assert len(instance.fetch_materializations(STAGED, limit=100).records) == len(ALL_DAYS)


def test_runs_at_once_do_not_wait_for_each_other_for_ever(instance: dg.DagsterInstance) -> None:
    days = ["2024-01-02", "2024-01-05", "2024-01-09"]
    results: list[bool] = []
    runs = [
        threading.Thread(
            target=lambda day=day: results.append(
                sqlite.run(instance, tags=ranged(day, day)).success
            )
        )
        for day in days
    ]
    for run in runs:
        run.start()
    for run in runs:
        run.join(timeout=120)
    assert results == [True] * 3
    assert partition_statuses(instance, STAGED)["materialized"] == days


def test_a_run_without_an_origin_is_one_of_our_location(instance: dg.DagsterInstance) -> None:
    sqlite.run(instance, tags={**ranged(), REJECTED_TAG: "2024-01-03"})
    [record] = instance.get_run_records()
    assert record.dagster_run.remote_job_origin.repository_origin.code_location_origin == (
        dg._core.remote_origin.RegisteredCodeLocationOrigin(LOCATION)
    )


def test_a_batch_size_set_by_the_user_wins(postgres, tmp_path, monkeypatch) -> None:
    monkeypatch.setenv(BATCH_SIZE_VARIABLE, "0")
    overrides = on_postgres(postgres.new_database())
    with dg.DagsterInstance.local_temp(str(tmp_path), overrides=overrides) as instance:
        assert sqlite.run(instance, tags=ranged()).success
        assert partition_statuses(instance, STAGED)["materialized"] == ALL_DAYS
