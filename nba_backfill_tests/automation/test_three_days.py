"""Three simulated days with the automation on: nobody does anything, and all is complete."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import dagster as dg

from nba_backfill.automation.due import MOST_ATTEMPTS, attempts
from nba_backfill.automation.triggers import at_work
from nba_backfill.warehouse.duckdb import DuckDBWarehouse
from nba_backfill.warehouse.ledger import Status
from nba_backfill.warehouse.protocol import StatementError
from nba_backfill_tests.automation.conftest import GAME_DAYS
from nba_backfill_tests.core.toy_league import FIXTURES, SCORES, SEASON_POINTS, TEAM_POINTS, day

EAST = ZoneInfo("America/New_York")


def at(n, hour):
    return dt.datetime.combine(day(n), dt.time(hour), EAST)


def statuses(living, table):
    return {n: r.status.value for n in range(6) if (r := living.record(table, n))}


def test_three_days_with_a_late_a_corrected_a_postponed_and_a_bad_game_end_complete(living):
    # Day 0. Before the tip: what is known before it, and nothing that needs a result.
    living.now = at(0, 11)
    morning = living.run(living.scheduled("before_tip", living.now))
    assert morning.success
    assert living.computed([morning]) == {("games", 0), ("season_points", 0)}
    # The games end, one day's scores are late: the game is over, its rows are not there yet.
    living.now = at(1, 2)
    living.play(0, scores=False)
    living.catch_up()
    assert statuses(living, TEAM_POINTS) == {0: "unavailable"}
    living.report(0)
    assert ("team_points", 0) in living.computed(living.catch_up())
    assert statuses(living, TEAM_POINTS)[0] == "complete"

    # Day 1: a bad game costs its game, is reported, and is not tried again and again.
    living.now = at(2, 2)
    living.play(1, ATL=400)
    runs = living.catch_up()
    assert [run.success for run in runs] == [False]
    assert living.record(TEAM_POINTS, 1).is_refused
    assert living.tick() == "nothing is due"

    # Day 2: the bad game is corrected, and a game of the day is postponed to day 3.
    living.now = at(3, 2)
    living.report(1)
    living.postpone("CHI", 2, to=3)
    living.play(2)
    done = living.computed(living.catch_up())
    assert {("team_points", 1), ("team_points", 2), ("games", 2)} <= done
    living.now = at(4, 2)
    living.play(3)
    living.catch_up()
    assert living.why == "nothing is due"
    assert statuses(living, TEAM_POINTS) == dict.fromkeys(range(4), "complete")
    moved = living.query(f"FROM nba_analytics.team_points WHERE game_date = '{day(3)}'")
    assert len(moved) == 2

    # A correction of day 1 restates what its windows reach, and not one day more.
    living.now = at(5, 2)
    living.play(4)
    living.catch_up()
    living.report(1, BOS=150)
    assert living.computed(living.catch_up()) == {
        ("team_points", 1),
        ("season_points", 2),
        ("season_points", 3),
        ("season_points", 4),
    }
    assert set(statuses(living, SEASON_POINTS).values()) == {"complete"}


def test_a_manual_backfill_upstream_is_followed_as_a_loaded_file_is(living):
    living.now = at(3, 2)
    for n in (0, 1, 2):
        living.play(n)
    living.catch_up()
    living.report(1, BOS=150)
    by_hand = dg.materialize(
        living.definitions.assets,
        selection=["team_points"],
        partition_key=str(day(1)),
        instance=living.instance,
        resources={"warehouse": living.definitions.resources["warehouse"]},
    )
    assert by_hand.success
    # season_points of days that read day 1 were left behind; the ledger says so.
    assert living.computed(living.catch_up()) == {("season_points", 2)}


def test_a_day_that_keeps_breaking_is_tried_a_bounded_number_of_times_then_only_reported(
    living, monkeypatch
):
    living.now = at(1, 2)
    living.play(0)
    real = DuckDBWarehouse.stage

    def breaks(warehouse, table, statement):
        if table.name == "team_points":
            raise StatementError("no space left")
        return real(warehouse, table, statement)

    # The engine itself refuses the statement, as a full disk makes it.
    monkeypatch.setattr(DuckDBWarehouse, "stage", breaks)
    runs = living.catch_up()
    assert len(runs) == MOST_ATTEMPTS
    record = living.record(TEAM_POINTS, 0)
    assert (record.status, attempts(record)) == (Status.FAILED, MOST_ATTEMPTS)
    assert "1 days that broke 3 times" in living.why
    # New content is a new chance.
    monkeypatch.undo()
    living.report(0, ATL=120)
    living.catch_up()
    assert statuses(living, TEAM_POINTS) == {0: "complete"}


def test_nothing_starts_beside_a_run_or_a_backfill_that_is_at_work(living):
    living.now = at(1, 2)
    living.play(0)
    job = living.definitions.resolve_job_def("catch_up")
    run = living.instance.create_run_for_job(job, run_config=living.tick().run_config)
    living.instance.report_run_canceled(run)
    assert isinstance(living.tick(), dg.RunRequest)
    waiting = living.instance.create_run_for_job(job, run_config=living.tick().run_config)
    assert waiting.run_id[:8] in living.tick()
    assert at_work(living.instance)


def test_history_is_healed_in_bounded_batches_oldest_first(living, monkeypatch):
    monkeypatch.setattr("nba_backfill.automation.due.BATCH_GAME_DATES", 2)
    living.now = at(6, 2)
    for n in (0, 1, 2, 4, 5):
        living.play(n)
    runs = living.catch_up()
    days = [{n for _, n in living.computed([run])} for run in runs]
    batches = [sorted(found.intersection(GAME_DAYS)) for found in days]
    assert batches == [[0, 1], [2, 4], [5]]
    assert set(statuses(living, SEASON_POINTS).values()) == {"complete", "no_games"}


def test_raw_days_are_observed_once_for_every_content(living):
    living.now = at(1, 2)
    living.play(0)
    living.catch_up()
    key = dg.AssetKey(["nba_raw", SCORES.name])

    def observed():
        found = living.instance.fetch_observations(key, limit=100).records
        return [r.asset_observation for r in found]

    [first] = observed()
    assert first.partition == str(day(0))
    assert first.metadata["nba/rows"].value == 4
    living.report(0, ATL=120)
    living.catch_up()
    versions = {o.tags["dagster/data_version"] for o in observed()}
    assert len(versions) == len(observed()) == 2
    schedule = living.instance.fetch_observations(dg.AssetKey(["nba_raw", FIXTURES.name]), limit=50)
    assert {r.partition_key for r in schedule.records} >= {str(day(n)) for n in (0, 1, 2, 4, 5)}
