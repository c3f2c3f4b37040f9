"""Bouncing back: who fell short, and a history that knows no later game than each of its own."""

import datetime as dt

import pytest

from nba_backfill.publishing.snapshots.bounce_back import TABLE, significance
from nba_backfill_tests.publishing.player_rows import before, played, scheduled
from nba_backfill_tests.publishing.trend_rows import document

STEADY = [21] * 10
FELL_SHORT = [*STEADY, 10]
"""Average 20 of 11 games, the last of them 10 below: the least shortfall that counts."""


def season(*points, player="ann", first=dt.date(2023, 10, 25), **more):
    """A season's games every second day, the oldest first."""
    return [
        played(first + dt.timedelta(2 * nth), player, n, **more) for nth, n in enumerate(points)
    ]


def back(*seasons, **more):
    rows = [row for found in seasons for row in found]
    return document(TABLE, player_game_summary=rows, **more)


def only(*seasons, **more):
    (found,) = back(*seasons, **more)["bounce_back_candidates"]
    return found


def earlier(*points, player="ann", year=2022):
    return season(*points, player=player, first=dt.date(year, 10, 25))


def test_ten_points_below_the_average_make_a_candidate_and_less_do_not():
    found = only(season(*FELL_SHORT))
    assert (found["season_average"], found["shortfall"]) == (20.0, 10.0)
    assert found["last_game"] == {
        "date": "2023-11-14",
        "result": 10,
        "opponent": "NYK",
        "margin": -10.0,
    }
    assert back(season(*STEADY, 11))["total_candidates"] == 0


def test_ten_games_of_the_season_are_needed():
    assert back(season(*[30] * 9, 0))["total_candidates"] == 1
    assert back(season(*[30] * 8, 0))["total_candidates"] == 0
    assert back(earlier(*[30] * 20), season(*[30] * 8, 0))["total_candidates"] == 0


def test_only_the_newest_game_makes_a_candidate():
    assert back(season(*FELL_SHORT, 20))["total_candidates"] == 0


def test_a_game_of_zero_points_is_a_result():
    assert only(season(*[30] * 9, 0))["last_game"]["result"] == 0


def test_below_three_games_of_history_there_is_no_rate():
    # The season's average is 20, 19.9 ... after each: 40 makes up for it, 12 does not.
    two = earlier(*FELL_SHORT, 40, 3, 40)
    found = only(two, season(*FELL_SHORT))
    assert (found["bounce_back_rate"], found["bounce_back_sample"]) == (0.5, 0)
    three = earlier(*FELL_SHORT, 40, 3, 40, 3, 12)
    found = only(three, season(*FELL_SHORT))
    assert (found["bounce_back_rate"], found["bounce_back_sample"]) == (0.667, 3)


def test_just_the_average_is_a_bounce():
    # Three times down to 10 from an average that is 20 then, and 20 next.
    history = [earlier(*FELL_SHORT, 20, year=year) for year in (2021, 2022)]
    found = only(*history, season(*FELL_SHORT, 20, 5))
    assert (found["bounce_back_rate"], found["bounce_back_sample"]) == (1.0, 3)


def test_a_game_is_held_against_its_own_season():
    # 10 points were his average then; held against today's 20 they would all be shortfalls.
    found = back(earlier(*[10] * 30), season(*FELL_SHORT))
    assert found["league_baseline"]["sample_size"] == 0


def test_a_game_is_held_against_the_average_up_to_it_not_a_later_one():
    # Ten points were no shortfall in November, and the average of 22 in March makes them none.
    assert back(season(*[12] * 10, 10, *[30] * 10))["league_baseline"]["sample_size"] == 0


def test_nothing_after_the_day_is_known():
    day = dt.date(2023, 11, 14)
    rows = season(*FELL_SHORT, 40)
    found = document(TABLE, day, player_game_summary=rows, games=[scheduled(day)])
    assert found["total_candidates"] == 1
    assert found["league_baseline"] == {"avg_bounce_back_rate": None, "sample_size": 0}


def test_the_next_season_is_no_next_game():
    assert back(earlier(*FELL_SHORT), season(40, 40))["league_baseline"]["sample_size"] == 0


def test_the_league_is_all_shortfalls_of_all_players_and_seasons():
    found = back(earlier(*FELL_SHORT, 40, player="bob"), earlier(*FELL_SHORT, 4, year=2021))
    assert found["league_baseline"] == {"avg_bounce_back_rate": 0.5, "sample_size": 2}


@pytest.mark.parametrize(
    ("rate", "sample", "worth"),
    [
        (0.7, 10, "high"),
        (0.69, 10, "medium"),
        (0.7, 9, "medium"),
        (0.6, 5, "medium"),
        (0.59, 5, "low"),
        (0.6, 4, "low"),
    ],
)
def test_a_rate_is_worth_what_its_sample_is(rate, sample, worth):
    assert significance(rate, sample) == worth


def test_no_history_ranks_last_and_equal_rates_by_shortfall_then_name():
    bad = earlier(*FELL_SHORT, 4, 3, 3, 3, player="low")
    rows = [
        season(*FELL_SHORT, player="low"),
        season(*FELL_SHORT, player="bob"),
        season(*FELL_SHORT, player="ann"),
        season(*[30] * 9, 0, player="zoe"),
    ]
    found = back(bad, *rows)["bounce_back_candidates"]
    assert [(c["player_lookup"], c["rank"]) for c in found] == [
        ("low", 1),
        ("zoe", 2),
        ("ann", 3),
        ("bob", 4),
    ]


def test_a_traded_player_is_one_candidate_of_his_newest_club_with_its_game():
    rows = [*season(*STEADY, club="WAS"), played(before(1), points=10, club="BOS")]
    found = only(rows)
    assert (found["team_abbr"], found["playing_tonight"]) == ("BOS", True)
    assert found["tonight"] == {"opponent": "NYK", "game_time": "7:30 PM ET", "home": True}


def test_a_day_without_games_before_it_has_the_full_empty_document():
    assert back() == {
        "as_of_date": "2024-01-15",
        "shortfall_threshold": 10,
        "total_candidates": 0,
        "bounce_back_candidates": [],
        "league_baseline": {"avg_bounce_back_rate": None, "sample_size": 0},
    }
