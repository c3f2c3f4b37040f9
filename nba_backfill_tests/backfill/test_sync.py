"""Dagster's record made to agree with the ledger: of a lost instance, and of another warehouse."""

from __future__ import annotations

import dagster as dg
import pytest
from dagster._core.storage.partition_status_cache import AssetPartitionStatus

from nba_backfill.backfill.sync import SYNC_JOB, build_sync_job
from nba_backfill.core.partitions import DAYS
from nba_backfill.materialization.step import Step
from nba_backfill.warehouse.ledger import LEDGER
from nba_backfill_tests.core.test_event_log import no_batching_by_environment, open_instance
from nba_backfill_tests.core.toy_league import GAMES, TEAM_POINTS, TOY, day, toy_definitions

__all__ = ["no_batching_by_environment"]
GREEN, RED = AssetPartitionStatus.MATERIALIZED, AssetPartitionStatus.FAILED
SEASON = [day(n) for n in range(6)]


@pytest.fixture
def instance(tmp_path):
    with open_instance(tmp_path, "batched") as opened:
        yield opened


@pytest.fixture
def computed(league):
    """The toy league computed by no run that Dagster knows of; day 1 of team_points is refused."""
    league.spoil(1, "ATL", "CHI")
    for table in TOY:
        Step(table, TOY, league.warehouse).run(SEASON)
    return league


def sync(league, instance):
    resources = toy_definitions(league).resources
    definitions = dg.Definitions(jobs=[build_sync_job(TOY)], resources=resources)
    job = definitions.resolve_job_def(SYNC_JOB)
    return job.execute_in_process(instance=instance, raise_on_error=False)


def colours(instance, table):
    """Status of each day as the partition page shows it."""
    keys = [str(d) for d in SEASON]
    found = instance.get_status_by_partition(dg.AssetKey(table.name), keys, DAYS)
    return [found[key] for key in keys]


def ledger(league, sql):
    """Change the ledger as another process would."""
    with league.warehouse.rolled_back():
        pass  # It forgets what it has read.
    league.warehouse.connection.execute(sql)


def told(instance, result):
    """Days told anew, by table."""
    found = instance.event_log_storage.get_asset_partitions_for_run(
        result.run_id, dg.DagsterEventType.ASSET_MATERIALIZATION
    )
    return {key.to_user_string(): sorted(days) for key, days in found.items()}


def outcome(instance, table, n):
    found = instance.fetch_materializations(
        dg.AssetRecordsFilter(dg.AssetKey(table.name), asset_partitions=[str(day(n))]), limit=1
    )
    return found.records[0].asset_materialization.metadata["nba/outcome"].value


def test_a_lost_record_is_rebuilt_with_what_is_refused_shown_as_failed(computed, instance):
    result = sync(computed, instance)
    assert colours(instance, TEAM_POINTS) == [GREEN, RED, GREEN, GREEN, GREEN, GREEN]
    assert colours(instance, GAMES) == [GREEN] * 6
    [failure] = result.get_step_failure_events()
    said = failure.step_failure_data.user_failure_data.description
    assert said.startswith("refused: team_points 2023-10-25: ranges:")
    check = dg.AssetCheckKey(dg.AssetKey("team_points"), "ranges")
    latest = instance.event_log_storage.get_latest_asset_check_execution_by_key([check])
    assert latest[check].status.value == "FAILED"


def test_where_all_agree_nothing_is_told_anew(computed, instance):
    assert set(told(instance, sync(computed, instance))) == set(TOY.order)
    assert told(instance, sync(computed, instance)) == {}


def test_days_of_another_warehouse_are_taken_back(computed, instance):
    sync(computed, instance)
    ledger(
        computed,
        f"DELETE FROM {LEDGER} WHERE table_name = '{TEAM_POINTS.relation}' AND day > '{day(2)}'",
    )
    sync(computed, instance)
    assert colours(instance, TEAM_POINTS) == [GREEN, RED, GREEN, None, None, None]
    assert colours(instance, GAMES) == [GREEN] * 6


def test_a_day_that_is_restored_to_an_older_outcome_of_the_same_rows_shows_it(computed, instance):
    sync(computed, instance)
    assert outcome(instance, TEAM_POINTS, 2) == "complete"
    ledger(
        computed,
        f"UPDATE {LEDGER} SET status = 'unavailable', written_at = written_at - INTERVAL 1 HOUR"
        f" WHERE table_name = '{TEAM_POINTS.relation}' AND day = '{day(2)}'",
    )
    assert told(instance, sync(computed, instance)) == {"team_points": [str(day(2))]}
    assert outcome(instance, TEAM_POINTS, 2) == "unavailable"


def test_a_day_that_was_refused_since_turns_from_green_to_red(computed, instance):
    sync(computed, instance)
    ledger(
        computed,
        f"UPDATE {LEDGER} SET status = 'rejected'"
        f" WHERE table_name = '{TEAM_POINTS.relation}' AND day = '{day(4)}'",
    )
    sync(computed, instance)
    assert colours(instance, TEAM_POINTS)[4] is RED
