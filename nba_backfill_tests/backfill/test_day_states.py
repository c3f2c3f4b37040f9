"""How each day stands, over the toy league: four clubs, three tables, game days 0, 1, 2, 4, 5."""

from __future__ import annotations

import pytest

from nba_backfill.backfill.day_states import DayState, day_states, gaps
from nba_backfill.backfill.world import World
from nba_backfill.materialization.step import Step
from nba_backfill_tests.core.toy_league import SEASON_POINTS, TEAM_POINTS, TOY, day

DAYS = [day(n) for n in range(6)]


def cells(league):
    world = World.look(TOY, league.warehouse, DAYS)
    return day_states(world, TOY, DAYS)


def states(league, table):
    return [cells(league)[table.name][d].state for d in DAYS]


@pytest.fixture
def computed(league):
    for table in TOY:
        Step(table, TOY, league.warehouse).run(DAYS)
    return league


def test_an_empty_warehouse_misses_its_game_days_and_nothing_else(league):
    found = states(league, TEAM_POINTS)
    assert found[3] is DayState.NO_GAMES
    assert set(found[:3] + found[4:]) == {DayState.MISSING}


def test_a_computed_league_has_nothing_to_mend(computed):
    assert set(states(computed, TEAM_POINTS)) == {DayState.COMPLETE, DayState.NO_GAMES}
    assert gaps(cells(computed), DAYS) == []


def test_a_corrected_score_is_stale_where_it_is_read_and_what_reads_that_follows(computed):
    computed.score(2, "ATL", 144)
    assert states(computed, TEAM_POINTS)[2] is DayState.STALE
    assert states(computed, SEASON_POINTS)[4] is DayState.FOLLOWS
    [gap] = gaps(cells(computed), DAYS)
    assert gap.tables == ("team_points",)
    assert gap.command == f"nba-backfill run team_points --dates {day(2)} --missing-only"


def test_a_game_that_a_check_refused_is_told_from_one_without_a_source(computed):
    computed.spoil(1, "ATL")
    computed.raw(
        f"DELETE FROM nba_raw.scores WHERE game_date = '{day(4)}' AND team_abbr IN ('ATL', 'BOS')"
    )
    Step(TEAM_POINTS, TOY, computed.warehouse).run(DAYS)
    found = cells(computed)["team_points"]
    assert found[day(1)].state is DayState.WITHHELD
    assert "400" in found[day(1)].reason
    assert found[day(4)].state is DayState.UNAVAILABLE


def test_a_game_that_is_not_over_is_to_come_and_no_gap(league):
    league.raw(
        f"UPDATE nba_raw.fixtures SET final = false WHERE game_date = '{day(5)}';"
        f"DELETE FROM nba_raw.scores WHERE game_date = '{day(5)}'"
    )
    assert states(league, TEAM_POINTS)[5] is DayState.TO_COME


def test_gaps_are_told_worst_first_and_their_days_bridge_days_without_games(computed):
    computed.warehouse.connection.execute(
        "DELETE FROM nba_orchestration.partition_ledger WHERE table_name ="
        f" 'nba_analytics.season_points' AND day >= '{day(2)}'"
    )
    computed.score(0, "ATL", 144)
    found = gaps(cells(computed), [d for d in DAYS if d != day(3)])
    assert [gap.state for gap in found] == [DayState.MISSING, DayState.STALE]
    assert found[0].ranges == f"{day(2)}...{day(5)}"
