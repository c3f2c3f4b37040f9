"""Planning: which days of which tables, and why."""

from __future__ import annotations

import pytest

from nba_backfill.backfill.losses import with_losses
from nba_backfill.backfill.plan import Plan, PlanError, plan
from nba_backfill.backfill.world import Reason, World
from nba_backfill.materialization.step import Step
from nba_backfill.warehouse.ledger import Status
from nba_backfill_tests.core.toy_league import GAMES, SEASON_POINTS, TEAM_POINTS, TOY, day

ALL_DAYS = [day(n) for n in range(6)]


def run_all(league, days=ALL_DAYS, tables=TOY):
    for table in tables:
        Step(table, TOY, league.warehouse).run(days)


def planned(league, targets, days=ALL_DAYS, **options):
    """The plan's days by table, as day numbers with reasons."""
    world = World.look(TOY, league.warehouse, days)
    made = plan(world, targets, days, **options)
    return {
        p.table: {(d - day(0)).days: reason.value for d, reason in p.days.items()}
        for p in made.tables
    }


def test_an_empty_warehouse_needs_exactly_the_game_days_inside_the_windows(league):
    assert planned(league, ["season_points"], [day(4)]) == {
        "games": dict.fromkeys((0, 1, 2, 4), "missing"),
        "team_points": dict.fromkeys((0, 1, 2), "missing"),
        "season_points": {4: "missing"},
    }


def test_a_day_without_games_needs_nothing_upstream(league):
    assert planned(league, ["season_points"], [day(3)]) == {"season_points": {3: "missing"}}


def test_nothing_is_missing_after_a_run_and_what_is_asked_for_is_said_to_be_requested(league):
    run_all(league)
    assert planned(league, ["season_points"], missing_only=True) == {}
    assert planned(league, ["season_points"], [day(2)]) == {"season_points": {2: "requested"}}


def test_a_corrected_score_makes_stale_exactly_the_days_whose_windows_hold_it(league):
    run_all(league)
    league.raw(
        f"UPDATE nba_raw.scores SET points = 150 WHERE game_date = '{day(2)}' AND team_abbr = 'ATL'"
    )
    assert planned(league, list(TOY.order), missing_only=True) == {
        "team_points": {2: "stale_input"},
        "season_points": {4: "if_inputs_change", 5: "if_inputs_change"},
    }


def test_downstream_lists_the_computed_days_of_other_tables_that_read_the_target(league):
    run_all(league)
    assert planned(league, ["team_points"], [day(4)], downstream=True) == {
        "team_points": {4: "requested"},
        "season_points": {5: "if_inputs_change"},
    }


def test_a_postponed_game_restates_its_old_day_its_new_day_and_what_read_them(league):
    run_all(league)
    league.raw(
        f"UPDATE nba_raw.fixtures SET game_date = '{day(3)}' WHERE game_date = '{day(2)}' AND home = 'ATL';"
        f"UPDATE nba_raw.scores SET game_date = '{day(3)}' WHERE game_date = '{day(2)}' AND team_abbr IN ('ATL', 'BOS')"
    )
    found = planned(league, list(TOY.order), missing_only=True)
    assert found == {
        "games": {2: "stale_input", 3: "schedule_changed"},
        "team_points": {2: "stale_input", 3: "schedule_changed"},
        "season_points": {
            2: "if_inputs_change",
            3: "schedule_changed",
            4: "if_inputs_change",
            5: "if_inputs_change",
        },
    }


def test_a_refused_day_is_planned_again_only_once_something_about_it_has_changed(league):
    run_all(league)
    league.spoil(4, "ATL", "CHI")
    assert planned(league, list(TOY.order), missing_only=True) == {
        "team_points": {4: "stale_input"},
        "season_points": {5: "if_inputs_change"},
    }
    run_all(league)
    assert league.status(TEAM_POINTS, 4) is Status.REJECTED
    assert planned(league, list(TOY.order), missing_only=True) == {}
    league.score(4, "CHI", 144)
    assert planned(league, list(TOY.order), missing_only=True) == {
        "team_points": {4: "rejected"},
        "season_points": {5: "if_inputs_change"},
    }


def test_changed_code_is_a_reason_for_targets_only(league, monkeypatch):
    run_all(league)
    monkeypatch.setitem(TEAM_POINTS.__dict__, "code_version", "new")
    assert planned(league, ["team_points"], [day(0)], missing_only=True) == {
        "team_points": {0: "code_changed"}
    }
    assert planned(league, ["season_points"], missing_only=True) == {}


def test_upstream_tables_say_for_whom_they_are_carried(league):
    world = World.look(TOY, league.warehouse, ALL_DAYS)
    made = plan(world, ["season_points"], [day(4)])
    assert [(p.table, p.carried_for) for p in made.tables] == [
        ("games", ("season_points",)),
        ("team_points", ("season_points",)),
        ("season_points", ()),
    ]


def test_a_plan_survives_saving_and_knows_when_the_world_has_moved(league, tmp_path):
    world = World.look(TOY, league.warehouse, ALL_DAYS)
    made = plan(world, ["season_points"], ALL_DAYS)
    made.save(tmp_path / "plan.json")
    read = Plan.from_json((tmp_path / "plan.json").read_text())
    assert read == made
    assert read.world == world.fingerprint()
    run_all(league, [day(0)], [GAMES])
    moved = World.look(TOY, league.warehouse, ALL_DAYS)
    assert read.world != moved.fingerprint()


def test_a_file_that_is_no_plan_is_refused():
    for text in ("", "{}", "[1]", '{"targets": 1}'):
        with pytest.raises(PlanError, match="Nothing was run"):
            Plan.from_json(text)


def test_expected_rows_come_from_the_tables_own_history(league):
    run_all(league)
    world = World.look(TOY, league.warehouse, ALL_DAYS)
    [only] = plan(world, ["team_points"], [day(0), day(1)]).tables
    assert only.expected_rows == 8
    assert only.reasons == {Reason.REQUESTED: 2}
    assert league.status(SEASON_POINTS, 0) is Status.COMPLETE


def test_a_plan_says_how_many_stored_rows_it_is_expected_to_take_away(league):
    run_all(league)
    league.raw(f"DELETE FROM nba_raw.fixtures WHERE game_date = '{day(2)}'")
    world = World.look(TOY, league.warehouse, ALL_DAYS)
    made = with_losses(plan(world, list(TOY.order), [day(2)]), world, league.warehouse)
    assert {p.table: p.lost_rows for p in made.tables} == {
        "games": 2,
        "team_points": 4,
        "season_points": 4,
    }
    assert Plan.from_json(made.to_json()) == made


def test_a_game_withheld_from_the_schedule_is_planned_again_once_the_schedule_is_mended(league):
    run_all(league)
    league.raw(f"INSERT INTO nba_raw.fixtures VALUES ('{day(2)}', 'ATL', 'BOS', true)")
    run_all(league)
    assert league.record(GAMES, 2).retained_rows == 1
    league.raw(f"DELETE FROM nba_raw.fixtures WHERE game_date = '{day(2)}' AND home = 'ATL'")
    league.raw(f"INSERT INTO nba_raw.fixtures VALUES ('{day(2)}', 'ATL', 'BOS', true)")
    assert planned(league, ["games"], missing_only=True) == {"games": {2: "stale_input"}}
    run_all(league)
    assert league.status(GAMES, 2) is Status.COMPLETE
