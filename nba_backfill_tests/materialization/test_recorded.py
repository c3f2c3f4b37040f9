"""The ledger's verdict is the rows' verdict, as long as nobody changes rows behind its back."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from nba_backfill.definitions import CATALOGUE
from nba_backfill.materialization.catalogue import seasons_of
from nba_backfill.materialization.checks import examine
from nba_backfill.materialization.recorded import Ground, recorded_profile
from nba_backfill.materialization.step import Step
from nba_backfill.warehouse.ledger import Status
from nba_backfill_tests.backfill.test_accepting import accepted, run_all
from nba_backfill_tests.backfill.test_one_truth import A_RUN, CHANGES, DAYS, LEAGUE, PROFILE, Life
from nba_backfill_tests.conftest import HISTORICAL
from nba_backfill_tests.core.toy_league import GAMES, SEASON_POINTS, TEAM_POINTS, TOY, day

SEASON = [day(n) for n in range(6)]


def unanswered(table, catalogue, warehouse, days):
    """Days for which the ledger has no verdict that still stands."""
    calendar = catalogue.calendar(warehouse, seasons_of(days))
    ground = Ground.of(table, catalogue, warehouse, calendar)
    history = warehouse.histories([table.relation])[table.relation]
    return [d for d in days if recorded_profile(table, d, history.get(d), ground) is None]


def assert_one_verdict(table, catalogue, warehouse, days):
    by_ledger = examine(table, catalogue, warehouse, days, recorded=days)
    assert by_ledger == examine(table, catalogue, warehouse, days)
    return by_ledger


@pytest.mark.parametrize("name", [table.name for table in HISTORICAL])
def test_over_the_demo_league_the_ledger_says_what_the_rows_say(demo_warehouse, name):
    table, warehouse = CATALOGUE.table(name), demo_warehouse.warehouse
    assert_one_verdict(table, CATALOGUE, warehouse, demo_warehouse.days)
    calendar = CATALOGUE.calendar(warehouse, seasons_of(demo_warehouse.days))
    with_games = [d for d in demo_warehouse.days if calendar.games(d)]
    assert unanswered(table, CATALOGUE, warehouse, with_games) == []


@settings(max_examples=12, derandomize=True, **PROFILE)
@given(st.lists(st.one_of(CHANGES, A_RUN), min_size=1, max_size=6))
def test_after_any_history_the_ledger_says_what_the_rows_say(history):
    code = {table.name: table.code_version for table in LEAGUE}
    with tempfile.TemporaryDirectory() as folder:
        life = Life(Path(folder))
        try:
            life.settle()
            for kind, *said in history:
                if kind == "code":
                    LEAGUE.table(said[0]).__dict__["code_version"] = "other"
                elif kind in ("plan", "carry", "killed"):
                    life.run(kind, *said)
                else:
                    life.change(kind, *said)
                for table in LEAGUE:
                    reports = assert_one_verdict(table, LEAGUE, life.warehouse, DAYS)
                    if not all(report.passed for report in reports):
                        event("something was found")
        finally:
            life.close()
            for name, version in code.items():
                LEAGUE.table(name).__dict__["code_version"] = version


def test_refused_kept_and_accepted_rows_are_told_alike(league):
    def agree():
        for table in TOY:
            assert_one_verdict(table, TOY, league.warehouse, SEASON)

    run_all(league)
    agree()
    league.spoil(1, "ATL")
    run_all(league)
    agree()
    accepted(league, TEAM_POINTS, 1)
    agree()
    run_all(league)
    assert "accepted by ops" in league.record(TEAM_POINTS, 1).reason
    agree()
    league.spoil(1, "CHI")
    run_all(league)
    agree()
    league.spoil(2, "ATL", "CHI")
    run_all(league)
    assert league.status(TEAM_POINTS, 2) is Status.REJECTED
    agree()
    run_all(league)
    agree()


def test_a_refused_day_counts_with_the_rows_that_stay(league):
    run_all(league)
    unreadable = replace(league.record(GAMES, 1), status=Status.REJECTED, reason="as a test says")
    with league.warehouse.transaction():
        league.warehouse.write_records([unreadable])
    Step(TEAM_POINTS, TOY, league.warehouse).run(SEASON)
    assert league.status(TEAM_POINTS, 1) is Status.FAILED
    assert unanswered(TEAM_POINTS, TOY, league.warehouse, SEASON) == []
    [coverage, *_] = assert_one_verdict(TEAM_POINTS, TOY, league.warehouse, SEASON)
    assert coverage.summary["rows_checked"] == 4 * len(league.GAME_DAYS)


def test_a_table_it_was_reconciled_with_changing_makes_the_rows_be_asked(league):
    run_all(league)
    assert unanswered(TEAM_POINTS, TOY, league.warehouse, SEASON) == []
    league.score(1, "ATL", 90)
    assert unanswered(TEAM_POINTS, TOY, league.warehouse, SEASON) == [day(1)]
    assert unanswered(SEASON_POINTS, TOY, league.warehouse, SEASON) == []
    [found] = [
        f
        for report in assert_one_verdict(TEAM_POINTS, TOY, league.warehouse, SEASON)
        for f in report.findings
    ]
    assert (found.check, found.day) == ("points_equal_raw", day(1))


def test_a_record_of_an_earlier_version_makes_the_rows_be_asked(league):
    Step(GAMES, TOY, league.warehouse).run(SEASON)
    league.warehouse.connection.execute(
        "UPDATE nba_orchestration.partition_ledger SET profile = '{}' WHERE table_name = ?",
        [GAMES.relation],
    )
    league.warehouse._histories.clear()
    assert unanswered(GAMES, TOY, league.warehouse, SEASON) == [day(n) for n in league.GAME_DAYS]
    assert_one_verdict(GAMES, TOY, league.warehouse, SEASON)


def test_rows_changed_behind_the_platforms_back_are_seen_only_by_asking_them(league):
    run_all(league)
    league.warehouse.connection.execute(
        f"UPDATE {TEAM_POINTS.relation} SET points = 400 WHERE game_date = '{day(1)}'"
    )
    by_ledger = examine(TEAM_POINTS, TOY, league.warehouse, SEASON, recorded=SEASON)
    assert all(report.passed for report in by_ledger)
    by_rows = examine(TEAM_POINTS, TOY, league.warehouse, SEASON)
    assert {r.check for r in by_rows if not r.passed} == {"ranges", "points_equal_raw"}
