"""Assets and checks on a real Dagster instance: what people see of a step's outcome."""

from __future__ import annotations

import os
import signal

import dagster as dg
import pytest
from duckdb.sqltypes import BIGINT

from nba_backfill.core.window import Window
from nba_backfill.warehouse.ledger import Status
from nba_backfill_tests.core.toy_league import (
    GAMES,
    SEASON_POINTS,
    TEAM_POINTS,
    TOY,
    day,
    toy_definitions,
)


@pytest.fixture
def instance(tmp_path):
    with dg.DagsterInstance.local_temp(str(tmp_path)) as instance:
        yield instance


def materialize(league, instance, first=0, last=5, tables=TOY):
    return (
        toy_definitions(league)
        .resolve_implicit_global_asset_job_def()
        .execute_in_process(
            instance=instance,
            asset_selection=[dg.AssetKey(t.name) for t in tables],
            tags={
                "dagster/asset_partition_range_start": str(day(first)),
                "dagster/asset_partition_range_end": str(day(last)),
            },
            raise_on_error=False,
        )
    )


def materialized(instance, table):
    return instance.get_materialized_partitions(dg.AssetKey(table.name))


def checks(result):
    return {
        (e.asset_key.to_user_string(), e.check_name): e
        for e in result.get_asset_check_evaluations()
    }


def test_a_range_materializes_every_day_with_its_row_count_and_outcome(league, instance):
    assert materialize(league, instance).success
    for table in TOY:
        assert materialized(instance, table) == {str(day(n)) for n in range(6)}
    event = instance.get_latest_data_version_record(
        dg.AssetKey("team_points"), partition_key=str(day(2))
    )
    metadata = event.asset_materialization.metadata
    assert metadata["dagster/partition_row_count"].value == 4
    assert metadata["nba/outcome"].value == "complete"


def failures(result):
    return {
        e.step_key: e.step_failure_data.user_failure_data for e in result.get_step_failure_events()
    }


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_inside_a_statement_ends_the_run_after_it_and_nothing_is_half_written(
    league, instance, monkeypatch, number
):
    league.warehouse.connection.create_function(
        "interrupting", lambda points: os.kill(os.getpid(), number) or points, [BIGINT], BIGINT
    )
    interrupting = TEAM_POINTS.sql.replace("s.points", "interrupting(s.points) AS points")
    assert interrupting != TEAM_POINTS.sql
    monkeypatch.setitem(TEAM_POINTS.__dict__, "sql", interrupting)
    result = materialize(league, instance)
    assert not result.success
    run = instance.get_run_by_id(result.run_id)
    assert run.status is dg.DagsterRunStatus.FAILURE
    assert "was interrupted" in str(result.all_events[-1].message)
    assert league.status(GAMES, 0) is Status.COMPLETE
    for table in (TEAM_POINTS, SEASON_POINTS):
        assert league.rows(table) == []
        assert [league.status(table, n) for n in league.GAME_DAYS] == [None] * 5
    assert league.status(SEASON_POINTS, 3) is None  # not even begun
    monkeypatch.undo()
    assert materialize(league, instance).success


def test_a_range_that_ends_before_it_begins_fails_and_says_how_to_turn_it_round(league, instance):
    result = materialize(league, instance, first=5, last=1)
    assert not result.success
    said = {failure.description for failure in failures(result).values()}
    assert said == {
        f"nothing was computed: the range {day(5)}...{day(1)} ends before it begins; turn it"
        f" round: --partition-range {day(1)}...{day(5)}"
    }
    assert materialized(instance, TEAM_POINTS) == set()
    assert league.record(TEAM_POINTS, 2) is None


def test_a_range_of_days_without_games_succeeds_and_says_that_there_were_none(league, instance):
    result = materialize(league, instance, first=3, last=3)
    assert result.success
    assert league.status(TEAM_POINTS, 3) is Status.NO_GAMES
    messages = [e.user_message for e in instance.all_logs(result.run_id)]
    assert any("team_points 2023-24: 1 days (1 no_games), 0 rows" in m for m in messages)


def test_a_rejected_day_fails_the_run_but_the_good_days_of_all_tables_are_materialized(
    league, instance
):
    materialize(league, instance)
    instance.wipe_assets([dg.AssetKey(t.name) for t in TOY])
    league.spoil(1, "ATL", "CHI")
    result = materialize(league, instance)
    assert not result.success
    assert materialized(instance, TEAM_POINTS) == {str(day(n)) for n in (0, 2, 3, 4, 5)}
    assert materialized(instance, SEASON_POINTS) == {str(day(n)) for n in range(6)}


def test_a_withheld_game_fails_the_run_and_its_day_is_materialized_saying_so(league, instance):
    league.spoil(1, "ATL")
    result = materialize(league, instance)
    assert not result.success
    assert materialized(instance, TEAM_POINTS) == {str(day(n)) for n in range(6)}
    event = instance.get_latest_data_version_record(
        dg.AssetKey("team_points"), partition_key=str(day(1))
    )
    metadata = event.asset_materialization.metadata
    assert metadata["nba/outcome"].value == "unavailable"
    [withheld] = metadata["nba/withheld"].value.records
    assert withheld.data["unit"] == "BOS_ATL"
    assert "points=400" in withheld.data["what"]
    evaluation = checks(result)["team_points", "ranges"]
    assert not evaluation.passed
    assert evaluation.severity is dg.AssetCheckSeverity.ERROR
    assert "withheld BOS_ATL" in evaluation.description


def test_the_run_says_the_first_cause_once_and_in_the_step_where_it_was_found(
    league, instance, monkeypatch
):
    reads = dict(SEASON_POINTS.reads) | {"team_points": Window.season_to_date(before=False)}
    monkeypatch.setitem(SEASON_POINTS.__dict__, "reads", reads)
    league.spoil(1, "ATL", "CHI")
    result = materialize(league, instance)
    assert league.status(SEASON_POINTS, 1) is Status.FAILED
    assert set(failures(result)) == {"team_points_checks"}
    said = failures(result)["team_points_checks"].description
    assert said.startswith("refused: team_points 2023-10-25: ranges: ranges refuses 2 of")
    assert "points outside 50..200 (team_abbr=ATL, points=400)" in said
    assert "stored rows stay" in said


def test_an_asset_run_without_its_checks_raises_by_itself(league, instance):
    league.spoil(1, "ATL", "CHI")
    definitions = toy_definitions(league)
    result = (
        dg.Definitions(assets=definitions.assets, resources=definitions.resources)
        .resolve_implicit_global_asset_job_def()
        .execute_in_process(
            instance=instance,
            asset_selection=[dg.AssetKey("games"), dg.AssetKey("team_points")],
            tags={
                "dagster/asset_partition_range_start": str(day(0)),
                "dagster/asset_partition_range_end": str(day(5)),
            },
            raise_on_error=False,
        )
    )
    assert [e.step_key for e in result.get_step_failure_events()] == ["team_points"]
    assert materialized(instance, TEAM_POINTS) == {str(day(n)) for n in (0, 2, 3, 4, 5)}


def test_all_checks_pass_on_good_data(league, instance):
    found = checks(materialize(league, instance))
    assert {name for table, name in found if table == "team_points"} == {
        "coverage",
        "null_rates",
        "duplicates",
        "ranges",
        "points_equal_raw",
    }
    assert all(e.passed for e in found.values())


BAD_CASES = {
    "coverage": "DELETE FROM nba_analytics.team_points WHERE game_date = '{day}' AND team_abbr = 'ATL'",
    "null_rates": "UPDATE nba_analytics.team_points SET points = NULL WHERE team_abbr = 'ATL'",
    "duplicates": "INSERT INTO nba_analytics.team_points FROM nba_analytics.team_points WHERE game_date = '{day}' LIMIT 1",
    "ranges": "UPDATE nba_analytics.team_points SET points = 300 WHERE game_date = '{day}' AND team_abbr = 'ATL'",
    "points_equal_raw": "UPDATE nba_analytics.team_points SET points = 102 WHERE game_date = '{day}' AND team_abbr = 'ATL'",
}


@pytest.mark.parametrize("check", BAD_CASES)
def test_each_check_run_alone_fails_on_rows_that_are_bad(league, instance, check):
    materialize(league, instance)
    league.warehouse.connection.execute(BAD_CASES[check].format(day=day(2)))
    job = dg.define_asset_job(
        "checks_only",
        selection=dg.AssetSelection.checks(dg.AssetCheckKey(dg.AssetKey("team_points"), check)),
    )
    definitions = toy_definitions(league)
    result = (
        dg.Definitions(
            assets=definitions.assets,
            asset_checks=definitions.asset_checks,
            resources=definitions.resources,
            jobs=[job],
        )
        .resolve_job_def("checks_only")
        .execute_in_process(instance=instance)
    )
    [evaluation] = result.get_asset_check_evaluations()
    assert evaluation.check_name == check
    assert not evaluation.passed
    offending = [
        r.data for r in evaluation.metadata["by_day"].value.records if r.data["verdict"] == "failed"
    ]
    assert str(day(2)) in {r["day"] for r in offending} or check == "null_rates"


def test_a_rejected_day_fails_the_check_that_refused_it_and_its_table_names_the_day(
    league, instance
):
    league.spoil(1, "ATL", "CHI")
    result = materialize(league, instance)
    evaluation = checks(result)["team_points", "ranges"]
    assert not evaluation.passed
    assert evaluation.severity is dg.AssetCheckSeverity.ERROR
    by_day = {r.data["day"]: r.data for r in evaluation.metadata["by_day"].value.records}
    assert by_day[str(day(1))]["verdict"] == "failed"
    assert "rejected: 1 rows: points outside 50..200" in by_day[str(day(1))]["found"]
    assert by_day[str(day(2))]["verdict"] == "passed"


def test_a_single_day_can_be_materialized_again(league, instance):
    materialize(league, instance)
    rows = league.rows(TEAM_POINTS)
    result = (
        toy_definitions(league)
        .resolve_implicit_global_asset_job_def()
        .execute_in_process(
            instance=instance,
            partition_key=str(day(2)),
            asset_selection=[dg.AssetKey("team_points")],
        )
    )
    assert result.success
    assert league.rows(TEAM_POINTS) == rows
