"""One player's evening: his streak, his factors, his form, from games before the day only."""

import pytest

from nba_backfill.publishing.pregame.tonight_player import TABLE, factors
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


@pytest.fixture(scope="module")
def files():
    """A player with a season, one with last season's games only, and one with none."""
    facts = [
        played(before(400), points=50, line=10.5),
        played(before(20), points=30, line=20.5, against="MIA", home=False),
        played(before(10), points=20, line=20.5, ft_makes=0, ft_attempts=2),
        played(before(9), points=10, line=20.5, ft_makes=0, ft_attempts=0),
        played(before(5), points=12, line=12),
        played(before(1), points=11, line=11.5),
        played(DAY, points=60, line=20.5),
        *[played(before(400 + n), "old", points=8, line=7.5) for n in range(6)],
    ]
    return documents(
        TABLE,
        games=[scheduled(DAY, score=None)],
        player_game_summary=facts,
        upcoming_player_game_context=[
            expected(DAY, current_points_line=20.5, days_rest=1, back_to_back=True),
            expected(DAY, "old"),
            expected(DAY, "new"),
        ],
        player_prop_predictions=[forecast(DAY, line_margin=2.0, predicted_points=22.5)],
        player_composite_factors=[
            {
                "game_date": DAY,
                "player_lookup": "ann",
                "fatigue_score": 70,
                "fatigue_context_json": '{"days_rest": 1, "back_to_back": true, "player_age": null}',
            }
        ],
        team_defense_zone_analysis=[
            {
                "analysis_date": before(age),
                "team_abbr": club,
                "opponent_points_per_game": points,
            }
            for club, age, points in (("NYK", 0, 110.04), ("NYK", 3, 90), ("MIA", 5, 100))
        ],
        nba_players_registry=[registered()],
    )


def test_everybody_expected_has_a_file(files):
    assert set(files) == {f"tonight/player/{p}.json" for p in ("ann", "old", "new")}


def test_margins_keep_their_half_points(files):
    form = files["tonight/player/ann.json"]["recent_form"]
    assert [game["margin"] for game in form] == [-0.5, 0.0, -10.5, -0.5, 9.5, 39.5]
    assert [game["ft"] for game in form[2:4]] == [None, "0/2"]


def test_a_run_of_unders_lasts_over_a_push(files):
    assert files["tonight/player/ann.json"]["current_streak"] == {"type": "under", "length": 3}
    assert files["tonight/player/old.json"]["current_streak"] == {"type": "over", "length": 6}
    assert files["tonight/player/new.json"]["current_streak"] == {"type": None, "length": 0}


def test_context_of_fatigue_is_an_object(files):
    fatigue = files["tonight/player/ann.json"]["fatigue"]
    context = {"days_rest": 1, "back_to_back": True, "player_age": None}
    assert fatigue == {"score": 70.0, "level": "tired", "context": context}
    unknown = {"score": None, "level": "normal", "context": None}
    assert files["tonight/player/new.json"]["fatigue"] == unknown


def test_numbers_of_the_season_are_of_games_before_the_day(files):
    ann = files["tonight/player/ann.json"]
    assert ann["quick_numbers"] == {
        "season_ppg": 16.6,
        "season_mpg": 30.0,
        "games_played": 5,
        "last_10_ppg": 22.2,
        "last_10_mpg": 30.0,
        "last_5_ppg": 16.6,
        "last_5_mpg": 30.0,
    }
    old = files["tonight/player/old.json"]
    assert (old["games_played"], old["quick_numbers"]["season_ppg"]) == (0, None)
    assert old["quick_numbers"]["last_5_ppg"] == 8.0
    assert old["limited_data"] is True


def test_factors_come_in_order_with_what_the_line_did(files):
    found = files["tonight/player/ann.json"]["tonights_factors"]
    assert [(f["factor"], f["direction"], f["vs_line_pct"]) for f in found] == [
        ("back_to_back", "negative", 0.0),
        ("location", "neutral", 0.0),
        ("vs_opponent", "neutral", 0.0),
        ("fatigue", "negative", None),
        ("opponent_defense", "negative", None),
    ]
    assert found[0]["impact"] == -8.2
    # The second of the clubs' newest rows, not of all rows.
    assert (found[-1]["defense_rank"], found[-1]["ppg_allowed"]) == (2, 110.0)


def test_the_forecast_is_there_and_without_one_there_is_none(files):
    assert files["tonight/player/ann.json"]["prediction"] == {
        "predicted_points": 22.5,
        "confidence_score": 0.8,
        "recommendation": "OVER",
        "line": 20.5,
        "edge": 2.0,
        "pace_adjustment": None,
        "similar_games": None,
    }
    assert files["tonight/player/new.json"]["prediction"] is None


def game(points, days_since_last=3, over_under=None, *, home=True, opponent="MIA"):
    """An earlier game of the season."""
    return {
        "points": points,
        "days_since_last": days_since_last,
        "over_under": over_under,
        "is_home": home,
        "opponent": opponent,
    }


TONIGHT = {
    "home_game": True,
    "opponent_team_abbr": "NYK",
    "back_to_back": False,
    "days_rest": 2,
    "fatigue_score": 80,
    "defense_rank": None,
    "points_allowed": 110.0,
}


def named(change, season=()):
    """Factors of an evening as name and direction."""
    return [(f["factor"], f["direction"]) for f in factors(TONIGHT | change, season)]


@pytest.mark.parametrize(
    ("rank", "tier", "direction"),
    [
        (5, "elite", "negative"),
        (6, "good", "negative"),
        (10, "good", "negative"),
        (11, "average", "neutral"),
        (20, "average", "neutral"),
        (21, "weak", "positive"),
    ],
)
def test_tiers_of_defences(rank, tier, direction):
    found = factors(TONIGHT | {"defense_rank": rank}, [])
    assert [(f["defense_tier"], f["direction"]) for f in found] == [(tier, direction)]


@pytest.mark.parametrize(
    ("change", "season", "found"),
    [
        ({}, [game(20)] * 2, []),
        ({}, [game(20)] * 3, [("location", "neutral")]),
        ({}, [game(20, home=False)] * 3, []),
        ({"home_game": False}, [game(20, opponent="NYK")], [("vs_opponent", "neutral")]),
        ({"days_rest": 3}, [], [("well_rested", "positive")]),
        ({"days_rest": None}, [], []),
        ({"fatigue_score": 95}, [], [("fresh", "positive")]),
        ({"fatigue_score": 75}, [], []),
        ({"fatigue_score": 0}, [], [("fatigue", "negative")]),
        ({"back_to_back": True}, [game(20, 1)], []),
        ({"back_to_back": True}, [game(20, 1), game(20)], [("back_to_back", "neutral")]),
        ({"back_to_back": True}, [game(21, 1), game(20)], [("back_to_back", "positive")]),
    ],
)
def test_what_makes_a_factor(change, season, found):
    assert named(change, season) == found
