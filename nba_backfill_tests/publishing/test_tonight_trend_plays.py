"""Tonight's plays: each type on both sides of its bounds, one per player, games before D only."""

import pytest

from nba_backfill.publishing.pregame.tonight_trend_plays import TABLE, trend_of
from nba_backfill_tests.publishing.player_rows import DAY, before, expected, played, scheduled
from nba_backfill_tests.publishing.trend_rows import TONIGHT, decided, document, run, shaped


def plays(rows, pool=None, **more):
    pool = [expected(DAY)] if pool is None else pool
    return document(TABLE, player_game_summary=rows, upcoming_player_game_context=pool, **more)


def play(rows, **more):
    (found,) = plays(rows, **more)["trend_plays"]
    return found


def details(rows, **more):
    return play(rows, **more)["trend_details"]


def gathered(**figures):
    """A player's gathered row: nothing of note, but for the figures that matter."""
    none = dict.fromkeys(("run_games", "margin_sum", "over_run", "under_run"), 0)
    none |= dict.fromkeys(("last_10_games", "last_10_overs", "games_5", "points_5"), 0)
    none |= dict.fromkeys(("games_15", "points_15", "overall_games", "overall_points"), 0)
    none |= dict.fromkeys(("fresh_games", "fresh_points", "tired_games", "tired_points"), 0)
    none |= {"game_date": DAY, "game_id": "20240115_NYK_BOS", "team_abbr": "BOS"}
    none |= {"opponent_team_abbr": "NYK", "is_home": True, "tip_minute": 1170}
    return none | {"player_lookup": "ann", "player_full_name": "Ann", "days_rest": 2} | figures


def streak(length, **figures):
    return gathered(over_run=length, run_games=10, margin_sum=20.0, last_10_games=10, **figures)


def momentum(last_5, last_15, games_5=5, games_15=15):
    return gathered(games_5=games_5, points_5=last_5, games_15=games_15, points_15=last_15)


def rest(days, fresh=(10, 200), tired=(10, 200), overall=(100, 2000)):
    """``fresh``, ``tired`` and ``overall``: games and points."""
    figures = {"fresh": fresh, "tired": tired, "overall": overall}
    row = gathered(days_rest=days)
    for name, (games, points) in figures.items():
        row |= {f"{name}_games": games, f"{name}_points": points}
    return row


def side_of(row):
    found = trend_of(row)
    return found and found[:2]


def is_sure(row):
    return trend_of(row)[3]


def test_three_on_one_side_are_a_run_two_are_none_and_five_are_sure():
    assert side_of(streak(2)) is None
    assert (side_of(streak(3)), is_sure(streak(4))) == (("streak", "over"), False)
    assert is_sure(streak(5))
    assert side_of(gathered(under_run=3, run_games=3, last_10_games=3)) == ("streak", "under")


def test_a_run_is_of_thirty_days_before_the_day():
    assert details([*run(1, 1), decided(30, 1)])["streak_length"] == 3
    assert plays([*run(1, 1), decided(31, 1)])["trend_plays"] == []
    assert plays([*run(1, 1), decided(0, 1)])["trend_plays"] == [], "the game itself"


def test_a_push_neither_continues_a_run_nor_breaks_it():
    assert details(run(1, 0, 1, 1, -1))["streak_length"] == 3
    assert plays(run(1, 0, 1, -1, 1))["trend_plays"] == []


def test_a_runs_margin_is_that_of_the_window_and_its_rate_that_of_ten_games():
    found = details(run(-1, -1, -1, 3, 3, 3, 3, 3, 3, 3, 0, 5, 5))
    assert found == {"streak_length": 3, "avg_margin": 2.3, "hit_rate_l10": 0.7}


def test_zero_overs_of_ten_are_a_rate():
    assert details(run(-1, -1, -1))["hit_rate_l10"] == 0.0


@pytest.mark.parametrize(
    ("last_5", "side"),
    [
        (115, ("momentum", "over")),
        (114, None),
        (85, ("momentum", "under")),
        (86, None),
        (0, ("momentum", "under")),
    ],
)
def test_fifteen_percent_are_a_change_of_form(last_5, side):
    assert side_of(momentum(last_5, 300)) == side  # 20 points a game


@pytest.mark.parametrize(("last_5", "sure"), [(125, True), (124, False), (75, True), (76, False)])
def test_a_change_of_a_quarter_is_sure(last_5, sure):
    assert is_sure(momentum(last_5, 300)) is sure


def test_form_needs_five_games_and_ten_of_the_longer_stretch():
    assert side_of(momentum(200, 200, games_15=10)) == ("momentum", "over")
    assert side_of(momentum(200, 180, games_15=9)) is None
    assert side_of(momentum(160, 200, games_5=4, games_15=10)) is None
    assert side_of(momentum(0, 0)) is None


def test_form_is_of_forty_five_days_with_or_without_a_line():
    rows = [played(before(n), points=30) for n in range(1, 6)]
    rows += [played(before(n), points=10) for n in range(6, 10)]
    assert details([*rows, played(before(45), points=10)]) == {
        "momentum_type": "surging",
        "l5_avg": 30.0,
        "l15_avg": 20.0,
        "pct_change": 50.0,
        "ppg_change": 10.0,
    }
    assert play([*rows, played(before(46), points=10)])["trend_type"] == "rest"


@pytest.mark.parametrize("days", [0, 2, 8, None])
def test_other_days_of_rest_say_nothing(days):
    assert side_of(rest(days, fresh=(10, 400), tired=(10, 0))) is None


@pytest.mark.parametrize("days", [3, 7])
def test_three_to_seven_days_are_fresh(days):
    assert side_of(rest(days, fresh=(10, 220))) == ("rest", "over")


@pytest.mark.parametrize(
    ("row", "side"),
    [
        (rest(3, fresh=(5, 110)), ("rest", "over")),
        (rest(3, fresh=(4, 400)), None),
        (rest(3, fresh=(10, 219)), None),
        (rest(3, fresh=(10, 180)), ("rest", "under")),
        (rest(3, fresh=(10, 181)), None),
        (rest(1, tired=(3, 54)), ("rest", "under")),
        (rest(1, tired=(2, 0)), None),
        (rest(1, tired=(10, 181)), None),
        (rest(1, tired=(10, 220)), ("rest", "over")),
        (rest(1, tired=(10, 0)), ("rest", "under")),
    ],
)
def test_rest_speaks_from_two_points_and_enough_games_on(row, side):
    assert side_of(row) == side


def test_the_impact_falls_back_on_all_games_where_one_kind_is_missing():
    found = trend_of(rest(3, fresh=(10, 230), tired=(0, 0)))[2]
    assert (found.rest_impact, found.rested_avg, found.b2b_avg) == (3.0, 23.0, None)


def test_ten_games_and_an_impact_of_three_points_are_sure():
    assert is_sure(rest(3, fresh=(10, 230)))
    assert not is_sure(rest(3, fresh=(9, 270)))
    assert not is_sure(rest(3, fresh=(10, 229)))


def test_rest_is_of_games_since_2022_within_a_season_and_before_the_day():
    def season(first, year, points):
        # Every third day: all fresh, but for the opening night, of zero points.
        rows = [played(before(3 * n, first), points=points, season_year=year) for n in range(1, 7)]
        rows[-1] |= {"points": 0}
        return rows

    now = season(DAY, 2023, 25)
    last = season(before(300), 2022, 20)
    too_old = season(before(700), 2021, 0)
    found = details([*now, *last, *too_old, played(DAY, points=90)])
    assert (found["rest_status"], found["sample_games"]) == ("fresh", 10)
    assert (found["rested_avg"], found["overall_avg"]) == (22.5, 18.8)


def test_a_run_goes_before_form_and_form_before_rest():
    form = {"games_5": 5, "points_5": 200, "games_15": 15, "points_15": 300}
    fresh = rest(3, fresh=(10, 300))
    assert side_of(streak(3) | form)[0] == "streak"
    assert side_of(fresh | form)[0] == "momentum"
    assert side_of(fresh)[0] == "rest"


def test_sure_plays_come_first_then_by_type_then_by_name_and_are_counted_once():
    rows = [
        streak(3) | {"player_lookup": "bob"},
        streak(3) | {"player_lookup": "ann"},
        momentum(125, 300) | {"player_lookup": "cyd"},
        rest(3, fresh=(10, 300)) | {"player_lookup": "dee"},
        # Also a change of form: one play.
        streak(5, games_5=5, points_5=200, games_15=15, points_15=300) | {"player_lookup": "eve"},
        gathered(player_lookup="nobody"),
    ]
    found = shaped(TABLE, rows)
    order = [(p["player_lookup"], p["confidence"]) for p in found["trend_plays"]]
    sure, likely = (
        [("eve", "high"), ("cyd", "high"), ("dee", "high")],
        [
            ("ann", "medium"),
            ("bob", "medium"),
        ],
    )
    assert order == sure + likely
    assert found["by_trend_type"] == {"streak": 3, "momentum": 1, "rest": 1}
    assert found["total_trend_plays"] == 5


def test_a_traded_player_plays_for_his_club_of_now_only():
    rows = run(1, 1, 1, club="LAL")
    games = [*TONIGHT, scheduled(DAY, "LAL", "MIA", score=None)]
    found = play(rows, games=games)
    assert (found["team_abbr"], found["tonight"]["opponent"]) == ("BOS", "NYK")


def test_a_player_who_is_not_expected_has_no_play():
    assert plays(run(1, 1, 1), pool=[])["trend_plays"] == []
    elsewhere = [expected(DAY, club="MIA", against="LAL")]
    assert plays(run(1, 1, 1), pool=elsewhere)["trend_plays"] == []


def test_a_newcomer_without_games_has_no_play():
    assert plays([])["trend_plays"] == []


def test_tonight_is_told_by_the_eastern_clock():
    tonight = {"opponent": "NYK", "game_time": "7:30 PM ET", "home": True}
    assert play(run(1, 1, 1))["tonight"] == tonight


def test_games_are_counted_also_without_plays():
    games = [*TONIGHT, scheduled(DAY, "LAL", "MIA", score=None)]
    assert plays([], pool=[], games=games) == {
        "game_date": "2024-01-15",
        "games_tonight": 2,
        "total_trend_plays": 0,
        "trend_plays": [],
        "by_trend_type": {"streak": 0, "momentum": 0, "rest": 0},
    }


def test_a_day_without_games_has_the_full_empty_document():
    found = plays(run(1, 1, 1), games=[])
    assert (found["games_tonight"], found["trend_plays"]) == (0, [])
