"""A player's season: its bounds, its heat, its habits."""

import datetime as dt

import pytest

from nba_backfill.publishing.players.player_season import (
    TABLE,
    current_form,
    key_patterns,
    prop_hit_rates,
    temperature,
)
from nba_backfill_tests.publishing.player_rows import (
    DAY,
    before,
    documents,
    expected,
    graded,
    played,
    registered,
    scheduled,
    verdict,
)

PATH = "players/ann/season/2023-24.json"


@pytest.fixture(scope="module")
def seasons():
    """A season in the middle of others, one player who has not begun, and zones of several days."""
    facts = [
        played(before(300), points=50, line=20.5),
        played(dt.date(2023, 11, 1), points=20, line=20, fg_makes=4, fg_attempts=10, assists=0),
        played(dt.date(2023, 11, 2), points=10, line=20.5, fg_makes=0, fg_attempts=2, assists=3),
        played(dt.date(2024, 1, 2), points=30, line=20.5, home=False, club="MIA"),
        played(before(-1), points=50, line=20.5),
    ]
    grades = [
        graded(before(300), actual_margin=29.5),
        graded(dt.date(2023, 11, 1), pick="OVER", right=None, actual_margin=0),
        graded(dt.date(2023, 11, 2), pick="OVER", right=False, actual_margin=-10.5),
        graded(dt.date(2024, 1, 2), pick="UNDER", right=False, actual_margin=9.5),
        graded(dt.date(2024, 1, 3), pick="OVER", right=True, void=True),
        graded(before(-1), actual_margin=29.5),
    ]
    zones = [
        {"paint_rate_last_10": 60, "mid_range_rate_last_10": 0, "three_pt_rate_last_10": 40},
        {"paint_rate_last_10": 30, "mid_range_rate_last_10": 20, "three_pt_rate_last_10": 50},
        {"paint_rate_last_10": 90, "mid_range_rate_last_10": 0, "three_pt_rate_last_10": 10},
    ]
    dates = [before(10), before(3), before(-2)]
    return documents(
        TABLE,
        games=[scheduled(DAY, "UTA", "DEN"), scheduled(dt.date(2023, 11, 1), score=(90, 100))],
        player_game_summary=facts,
        prediction_accuracy=grades,
        upcoming_player_game_context=[expected(before(1), "ben")],
        player_shot_zone_analysis=[
            {"analysis_date": date, "player_lookup": "ann", **zone}
            for date, zone in zip(dates, zones, strict=True)
        ],
        nba_players_registry=[registered(season=s) for s in ("2022-23", "2023-24")],
    )


def test_hit_rates_are_bounded_by_the_season_on_both_sides(seasons):
    rates = seasons[PATH]["prop_hit_rates"]
    assert rates["points"] == {"games": 2, "overs": 1, "unders": 1, "over_rate": 0.5}
    assert (rates["total_recommendations"], rates["correct"], rates["win_rate"]) == (3, 0, 0.0)


def test_the_season_holds_its_games_up_to_the_day_newest_first(seasons):
    log = seasons[PATH]["game_log"]
    assert [game["date"] for game in log] == ["2024-01-02", "2023-11-02", "2023-11-01"]
    assert [game["result"] for game in log] == ["OVER", "UNDER", "PUSH"]
    assert [game["team_won"] for game in log] == [None, None, False]


def test_means_are_of_games_and_shares_of_shots(seasons):
    averages = seasons[PATH]["averages"]
    assert (averages["games"], averages["ppg"], averages["apg"]) == (3, 20.0, 1.5)
    assert averages["fg_pct"] == 0.333
    assert averages["ft_pct"] is None


def test_zones_are_the_newest_that_were_known(seasons):
    profile = seasons[PATH]["player_profile"]
    assert profile == {
        "position": None,
        "team_abbr": "MIA",
        "player_tier": "starter",
        "shot_profile": "perimeter",
    }


def test_months_come_in_the_order_of_the_season_and_pushes_stand_in_no_rate(seasons):
    assert seasons[PATH]["monthly"] == [
        {"month": "Nov", "games": 2, "ppg": 15.0, "over_rate": 0.0},
        {"month": "Jan", "games": 1, "ppg": 30.0, "over_rate": 1.0},
    ]
    assert seasons[PATH]["splits"]["back_to_back"]["games"] == 1
    assert seasons[PATH]["splits"]["rested"]["games"] == 1


def test_whoever_has_not_played_yet_has_all_keys_and_an_error(seasons):
    unplayed = seasons["players/ben/season/2023-24.json"]
    assert unplayed["error"] == "no game of 2023-24 with him"
    assert set(unplayed) == set(seasons[PATH])
    assert unplayed["averages"] is None
    assert unplayed["game_log"] == []
    assert seasons[PATH]["error"] is None


def form(*games):
    """Games, newest first, as (points, line)."""
    return [{"points": points, "over_under": verdict(points, line)} for points, line in games]


def test_the_hit_rate_is_of_those_of_the_last_ten_that_had_a_line():
    games = form((30, 20.5), (10, None), (20, 20), (10, 20.5), *[(15, None)] * 6, (10, 20.5))
    assert current_form(games)["hit_rate_l10"] == 0.5


def test_heat_is_half_hits_a_quarter_run_and_a_quarter_margin():
    games = form((30, 20.5), (20, None), (20, 20), (25, 20.5), (10, 20.5), (15, 20.5))
    # 2 overs of 4; a run of 2, over the push and the lineless game; (21 - 20 + 10) / 20.
    found = current_form(games)
    assert found["heat_score"] == round(10 * (0.5 * 0.5 + 0.25 * 0.2 + 0.25 * 11 / 20), 1)
    assert (found["current_streak"], found["streak_direction"]) == (2, "over")


def test_a_run_of_unders_makes_nobody_hot():
    found = current_form(form(*[(10, 20.5)] * 10))
    assert (found["current_streak"], found["streak_direction"]) == (10, "under")
    assert found["heat_score"] == 1.2  # Only (0 + 10) / 20 of the margin.
    assert found["temperature"] == "cold"


def test_without_a_line_there_is_no_heat():
    found = current_form(form((10, None), (12, 12)))
    assert (found["heat_score"], found["temperature"], found["hit_rate_l10"]) == (None, None, None)
    assert (found["l5_avg"], found["current_streak"]) == (11.0, 0)


@pytest.mark.parametrize(
    ("heat", "word"),
    [
        (8, "hot"),
        (7.9, "warm"),
        (6.5, "warm"),
        (6.4, "neutral"),
        (4.5, "neutral"),
        (4.4, "cool"),
        (3, "cool"),
        (2.9, "cold"),
    ],
)
def test_temperatures(heat, word):
    assert temperature(heat) == word


def habit(rested, back_to_back, home, away):
    """Four games with these points a game; place and rest do not mix."""
    return [
        {"points": rested, "days_since_last": 2, "is_home": None},
        {"points": back_to_back, "days_since_last": 1, "is_home": None},
        {"points": home, "days_since_last": None, "is_home": True},
        {"points": away, "days_since_last": None, "is_home": False},
    ]


@pytest.mark.parametrize(
    ("games", "found"),
    [
        (habit(22.5, 20, 20, 20), [("rest_sensitive", "moderate")]),
        (habit(22.4, 20, 20, 20), []),
        (habit(24, 20, 20, 20), [("rest_sensitive", "strong")]),
        (habit(20, 23.9, 20, 20), [("b2b_performer", "moderate")]),
    ],
)
def test_rest_is_a_pattern_from_two_and_a_half_points_on(games, found):
    rest_only = [game | {"is_home": True} for game in games[:2]]
    assert [(p["pattern"], p["strength"]) for p in key_patterns(rest_only)] == found


@pytest.mark.parametrize(
    ("home", "away", "found"),
    [
        (22.5, 20, [("home_performer", "moderate")]),
        (20, 22.4, []),
        (20, 24, [("road_warrior", "strong")]),
    ],
)
def test_place_is_a_pattern_from_two_and_a_half_points_on(home, away, found):
    games = habit(0, 0, home, away)[2:]
    assert [(p["pattern"], p["strength"]) for p in key_patterns(games)] == found


def test_a_season_of_pushes_has_no_rates():
    pushes = [{"graded_margin": 0, "recommendation": "OVER", "prediction_correct": None}]
    rates = prop_hit_rates(pushes)
    assert rates["points"] == {"games": 0, "overs": 0, "unders": 0, "over_rate": None}
    assert (rates["total_recommendations"], rates["win_rate"]) == (1, None)
