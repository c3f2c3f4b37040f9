"""Rows that another hand wrote twice: shown by key, and gone once the days are replaced."""

from __future__ import annotations

from dataclasses import replace

import pytest
from rich.text import Text

from nba_backfill.backfill.repeated import SHOWN_KEYS, repeated_keys, repeated_lines
from nba_backfill.materialization.step import Step
from nba_backfill_tests.core.toy_league import TEAM_POINTS, TOY, day

SEASON = [day(n) for n in range(6)]


@pytest.fixture
def computed(league):
    for table in TOY:
        Step(table, TOY, league.warehouse).run(SEASON)
    return league


def insert_again(league, replaced="*", where="true"):
    league.warehouse.connection.execute(
        f"INSERT INTO {TEAM_POINTS.relation} SELECT {replaced} FROM {TEAM_POINTS.relation}"
        f" WHERE {where}"
    )


def test_a_row_that_is_there_twice_is_shown_with_its_key(computed):
    insert_again(computed, where=f"game_date = '{day(1)}' AND team_abbr = 'BOS'")
    [found] = repeated_keys(TEAM_POINTS, computed.warehouse, SEASON)
    assert str(found) == "2 rows of game_date=2023-10-25, team_abbr=BOS: alike in every column"
    assert repeated_keys(TEAM_POINTS, computed.warehouse, SEASON[2:]) == []


def test_of_rows_that_differ_the_values_are_shown(computed):
    insert_again(
        computed,
        "* REPLACE (points + 1 AS points)",
        f"game_date = '{day(1)}' AND team_abbr = 'BOS'",
    )
    [found] = repeated_keys(TEAM_POINTS, computed.warehouse, SEASON)
    assert sorted(found.differing["points"]) == [112, 113]
    assert str(found).startswith("2 rows of game_date=2023-10-25, team_abbr=BOS: points 11")


def test_another_key_than_the_grain_is_looked_at_too(computed):
    other = replace(TEAM_POINTS, unique=(("game_date", "points"),))
    computed.warehouse.connection.execute(
        f"INSERT INTO {TEAM_POINTS.relation} SELECT * REPLACE ('NYK' AS team_abbr)"
        f" FROM {TEAM_POINTS.relation} WHERE game_date = '{day(1)}' AND team_abbr = 'BOS'"
    )
    [found] = repeated_keys(other, computed.warehouse, SEASON)
    assert sorted(found.differing["team_abbr"]) == ["BOS", "NYK"]


def test_no_more_keys_are_printed_than_one_reads_and_replacing_the_days_mends_them(computed):
    before = computed.rows(TEAM_POINTS)
    insert_again(computed)
    found = repeated_keys(TEAM_POINTS, computed.warehouse, SEASON)
    first, *lines = [Text.from_markup(s).plain for s in repeated_lines(TEAM_POINTS, found)]
    assert first == (
        "written twice team_points: 40 rows have only 20 keys (game_date, team_abbr); replace the"
        " days: nba-backfill rerun --from team_points --dates 2023-10-24...2023-10-29"
    )
    assert len(lines) == SHOWN_KEYS + 1
    assert lines[-1] == "  and 15 more keys"
    Step(TEAM_POINTS, TOY, computed.warehouse).run(SEASON)
    assert computed.rows(TEAM_POINTS) == before
    assert repeated_keys(TEAM_POINTS, computed.warehouse, SEASON) == []
