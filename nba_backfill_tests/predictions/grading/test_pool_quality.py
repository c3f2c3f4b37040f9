"""Whom the predictions were about, counted on a few grades and box scores made by hand."""

import datetime as dt

import pytest
from rich.console import Console

from nba_backfill.core.season import Season
from nba_backfill.definitions import CATALOGUE
from nba_backfill.predictions.grading.pool_quality import pool_quality, pool_table
from nba_backfill.warehouse.duckdb import DuckDBWarehouse

DAY, LAST_SEASON = dt.date(2024, 11, 20), dt.date(2024, 4, 10)
GAME, OTHER, CALLED_OFF, UNGRADED = "BOS_ATL", "NYK_MIA", "LAL_UTA", "DEN_SAC"


def grade(player, game=GAME, day=DAY):
    return {
        "game_date": day,
        "game_id": game,
        "season_year": Season.of(day).year,
        "player_lookup": player,
    }


def fact(player, minutes, game=GAME, day=DAY, **more):
    return grade(player, game, day) | {"minutes_played": minutes, "points": 10} | more


@pytest.fixture
def quality(tmp_path):
    """The pool of the seasons in these grades and facts; each grade stands for two systems."""

    def found(grades, facts):
        warehouse = DuckDBWarehouse(tmp_path / "pool.duckdb")
        for name, rows in (
            ("prediction_accuracy", [g | {"system_id": s} for g in grades for s in "ab"]),
            ("player_game_summary", facts),
        ):
            table = CATALOGUE.table(name)
            warehouse.ensure_table(table)
            for row in rows:
                names, places = ", ".join(row), ", ".join("?" * len(row))
                warehouse.connection.execute(
                    f"INSERT INTO {table.relation} ({names}) VALUES ({places})", [*row.values()]
                )
        pools = pool_quality(warehouse, LAST_SEASON, DAY)
        warehouse.close()
        return pools

    return found


def test_recall_counts_players_and_minutes_and_precision_those_who_sat(quality):
    [pool] = quality(
        [grade("star"), grade("bench"), grade("sat"), grade("listed")],
        [
            fact("star", 36),
            fact("bench", 4),
            fact("listed", 0),
            fact("surprise", 10, points=39, points_line=8.5),
        ],
    )
    assert pool.predicted == 4
    assert pool.precision == 2 / 4
    assert pool.recall == 2 / 3
    assert pool.recall_of_minutes == 40 / 50
    assert (pool.points_missed, pool.lines_missed) == (39, 1)


def test_who_was_predicted_at_his_old_club_is_missed_at_the_new_one(quality):
    [pool] = quality(
        [grade("traded", OTHER), grade("stays", OTHER), grade("mate")],
        [fact("traded", 30), fact("stays", 30, OTHER), fact("mate", 30)],
    )
    assert (pool.played, pool.played_and_predicted, pool.predicted) == (3, 2, 3)


def test_games_called_off_and_games_without_grades_tell_nothing(quality):
    [pool] = quality(
        [grade("star"), grade("waits", CALLED_OFF)], [fact("star", 30), fact("else", 30, UNGRADED)]
    )
    assert (pool.games, pool.predicted, pool.recall, pool.precision) == (1, 1, 1.0, 1.0)


def test_each_season_stands_alone(quality):
    pools = quality(
        [grade("star"), grade("star", day=LAST_SEASON)],
        [fact("star", 30), fact("star", 20, day=LAST_SEASON), fact("other", 20, day=LAST_SEASON)],
    )
    assert [(pool.season, pool.recall) for pool in pools] == [
        (Season(2023), 0.5),
        (Season(2024), 1),
    ]


def test_a_recall_of_minutes_that_is_too_low_is_marked(quality):
    pools = quality([grade("star")], [fact("star", 30), fact("surprise", 10)])
    console = Console(width=160)
    with console.capture() as said:
        console.print(pool_table(pools))
    assert "75.00% !" in said.get()


def test_without_grades_there_is_nothing_to_say(quality):
    assert quality([], [fact("star", 30)]) == []
