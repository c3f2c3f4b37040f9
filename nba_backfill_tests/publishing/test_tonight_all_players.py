"""Everybody expected on a day: games by one id, last reports only, Eastern clocks, and order."""

import datetime as dt

import pandas as pd
import pytest

from nba_backfill.publishing.pregame.tonight_all_players import TABLE, shape
from nba_backfill_tests.publishing.player_rows import (
    DAY,
    before,
    documents,
    expected,
    forecast,
    played,
    registered,
    scheduled,
)

PATH = "tonight/all-players.json"
UTA = {"club": "UTA", "against": "DEN"}


@pytest.fixture(scope="module")
def tonight():
    """Three games, of one of which nobody is expected and no tip-off known."""
    half_past_seven = dt.datetime(2024, 1, 16, 0, 30, tzinfo=dt.UTC)
    noon = dt.datetime(2024, 1, 15, 17, tzinfo=dt.UTC)
    statuses = [("0022300001", 1), ("0022300001", 2), ("0022300002", 3)]
    pool = [
        expected(DAY, "ann", current_points_line=20.5, days_rest=0),
        expected(DAY, "sure", current_points_line=10.5),
        expected(DAY, "doubtful", current_points_line=10.5),
        expected(DAY, "star"),
        expected(DAY, "novice"),
        expected(DAY, "novicetoo"),
        expected(DAY, "other", **UTA),
    ]
    facts = [
        *[played(before(2 + n), points=n, line=[1.5, 1, None][n % 3]) for n in range(10)],
        played(before(400), points=60, line=20.5),
        *[played(before(2 + n), "star", points=30) for n in range(9)],
        played(DAY, points=60),
    ]
    return documents(
        TABLE,
        games=[
            scheduled(DAY, score=None, nba_game_id="0022300001", tip_at=half_past_seven),
            scheduled(DAY, "UTA", "DEN", nba_game_id="0022300002", tip_at=noon),
            scheduled(DAY, "MIA", "CHI", score=None),
        ],
        nbac_schedule=[
            {
                "game_id": game,
                "game_date": DAY,
                "game_status": status,
                "processed_at": noon + dt.timedelta(hours=n),
            }
            for n, (game, status) in enumerate(statuses)
        ],
        player_game_summary=facts,
        upcoming_player_game_context=pool,
        player_prop_predictions=[
            forecast(DAY, "ann"),
            forecast(DAY, "sure", confidence_score=0.95),
            forecast(DAY, "star", line=None, pick="NO_LINE"),
        ],
        player_composite_factors=[
            {"game_date": DAY, "player_lookup": "ann", "fatigue_score": 95},
            {"game_date": DAY, "player_lookup": "sure", "fatigue_score": 74},
            {"game_date": DAY, "player_lookup": "star", "fatigue_score": 0},
        ],
        prop_lines=[
            {
                "game_date": DAY,
                "player_lookup": player,
                "points_line": line,
                "over_price_american": -110,
                "under_price_american": -120,
            }
            for player, line in (("ann", 20.5), ("sure", 11.5))
        ],
        injuries=[
            {"game_date": before(1), "player_lookup": "ann", "injury_status": "out"},
            {
                "game_date": DAY,
                "player_lookup": "doubtful",
                "injury_status": "doubtful",
                "reason": "Knee",
            },
        ],
        nba_players_registry=[registered(club="BOS"), registered(club="MIA")],
    )[PATH]


@pytest.fixture(scope="module")
def players(tonight):
    """The players of the document by lookup."""
    return {p["player_lookup"]: p for game in tonight["games"] for p in game["players"]}


def test_every_game_of_the_day_is_there_with_its_players(tonight):
    assert [(g["game_id"], g["player_count"]) for g in tonight["games"]] == [
        ("20240115_CHI_MIA", 0),
        ("20240115_DEN_UTA", 1),
        ("20240115_NYK_BOS", 6),
    ]
    assert (tonight["total_players"], tonight["total_with_lines"]) == (7, 3)


def test_clocks_are_eastern_and_an_unknown_one_is_null(tonight):
    assert [g["game_time"] for g in tonight["games"]] == [None, "12:00 PM ET", "7:30 PM ET"]


def test_a_status_is_that_of_the_newest_load_of_the_schedule(tonight):
    statuses = [game["game_status"] for game in tonight["games"]]
    assert statuses == ["scheduled", "final", "in_progress"]


def test_those_with_a_line_come_first_by_confidence_then_points(tonight):
    order = [player["player_lookup"] for player in tonight["games"][2]["players"]]
    assert order == ["sure", "ann", "doubtful", "star", "novice", "novicetoo"]


def test_who_was_out_of_an_earlier_game_is_not_out_of_this(players):
    assert players["ann"]["injury_status"] == "available"
    assert players["doubtful"]["injury_status"] == "doubtful"
    assert players["doubtful"]["injury_reason"] == "Knee"


def test_prices_are_those_of_the_line_shown(players):
    prop = {"stat_type": "points", "line": 20.5, "over_odds": -110, "under_odds": -120}
    assert players["ann"]["props"] == [prop]
    assert players["sure"]["props"][0]["over_odds"] is None


def test_form_is_of_games_before_the_day_and_zero_is_a_value(players):
    ann = players["ann"]
    assert ann["last_10_points"] == list(range(10))
    # Lines 1.5, 1, none, and again: a push and a lineless game are dashes.
    assert ann["last_10_results"] == ["U", "-", "-", "O", "O", "-", "O", "O", "-", "O"]
    assert ann["last_10_record"] == "5-1"
    assert (ann["season_ppg"], ann["last_5_ppg"], ann["days_rest"]) == (4.5, 2.0, 0)


def test_ten_games_of_the_season_are_enough_data(players):
    assert (players["ann"]["games_played"], players["ann"]["limited_data"]) == (10, False)
    assert (players["star"]["games_played"], players["star"]["limited_data"]) == (9, True)
    assert players["novice"]["season_ppg"] is None


def test_fatigue_has_three_levels_and_an_unknown_score_is_normal(players):
    levels = {name: (p["fatigue_level"], p["fatigue_score"]) for name, p in players.items()}
    assert levels["ann"] == ("fresh", 95.0)
    assert levels["sure"] == ("tired", 74.0)
    assert levels["star"] == ("tired", 0.0)
    assert levels["novice"] == ("normal", None)


def test_without_a_line_there_is_neither_prop_nor_forecast_nor_result(players):
    star = players["star"]
    assert star["has_line"] is False
    keys = ("props", "prediction", "last_10_results", "last_10_record")
    assert [star[key] for key in keys] == [None] * 4
    assert players["doubtful"]["prediction"] is None


def test_a_player_of_two_clubs_in_the_registry_is_there_once(tonight, players):
    names = [p["name"] for game in tonight["games"] for p in game["players"]]
    assert names.count("Ann Example") == 1
    assert players["star"]["name"] == "star"


def test_a_day_without_games_has_an_empty_document():
    assert shape(DAY, pd.DataFrame()) == {
        PATH: {"game_date": DAY, "total_players": 0, "total_with_lines": 0, "games": []}
    }
