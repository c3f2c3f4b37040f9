"""Quick hits: which differences are told, how they are ordered, and what games are counted."""

import datetime as dt

import pytest

from nba_backfill.publishing.overs import Overs
from nba_backfill.publishing.snapshots.quick_hits import REFRESH_NOTE, TABLE, trend_of
from nba_backfill_tests.publishing.player_rows import DAY, played
from nba_backfill_tests.publishing.trend_rows import decided, document, shaped


def games(n, overs, *, weekday=0, rest=None, home=True, tier="bench"):
    """A gathered row of so many decided games."""
    return {
        "as_of_date": DAY,
        "weekday": weekday,
        "rest": rest,
        "is_home": home,
        "tier": tier,
        "games": n,
        "overs": overs,
    }


def told(*rows):
    return {stat["id"]: stat for stat in shaped(TABLE, rows)["stats"]}


def of_games(rows):
    found = document(TABLE, player_game_summary=rows)
    return {stat["id"]: (stat["stat"], stat["sample_size"]) for stat in found["stats"]}


@pytest.mark.parametrize(("overs", "is_told"), [(540, True), (539, False)])
def test_a_weekday_is_told_two_points_from_the_mean_of_weekdays(overs, is_told):
    # With two of them the mean is halfway: four points apart is two from the mean.
    found = told(games(1000, overs, weekday=1), games(9000, 4500, weekday=4))
    assert ("day_tuesday" in found, "day_friday" in found) == (is_told, is_told)
    if is_told:
        assert found["day_tuesday"]["context"] == "Mean of the weekdays: 52.0%"


@pytest.mark.parametrize(("overs", "is_told"), [(530, True), (529, False)])
def test_rest_is_told_a_point_and_a_half_from_all_games(overs, is_told):
    found = told(games(1000, overs, rest="b2b"), games(1000, 500, rest="rested"))
    # 53.0 against 51.5; or 52.9 against 51.5 (51.45, halves up).
    assert ("rest_b2b" in found) is is_told


@pytest.mark.parametrize(("overs", "is_told"), [(520, True), (519, False)])
def test_of_the_sides_the_better_is_told_from_two_points_on(overs, is_told):
    found = told(games(1000, 500, home=True), games(1000, overs, home=False))
    assert set(found) == ({"side_away"} if is_told else set())


def test_the_better_side_is_never_a_bad_sign():
    found = told(games(1000, 400, home=True), games(1000, 430, home=False))["side_away"]
    assert (found["stat"], found["trend"]) == ("43.0%", "neutral")


@pytest.mark.parametrize(("overs", "is_told"), [(540, True), (539, False)])
def test_a_tier_is_told_two_points_from_all_players(overs, is_told):
    found = told(games(1000, overs, tier="stars"), games(1000, 500, tier="bench"))
    # 54.0 against 52.0; 53.9 against 52.0 (51.95, halves up).
    assert ("tier_stars" in found) is is_told


def test_fifty_games_are_a_sample_and_forty_nine_are_none():
    rest = games(1000, 500, rest="rested")
    assert "rest_b2b" in told(rest, games(50, 40, rest="b2b"))
    assert "rest_b2b" not in told(rest, games(49, 40, rest="b2b"))


@pytest.mark.parametrize(
    ("overs", "trend"),
    [(521, "positive"), (520, "neutral"), (480, "neutral"), (479, "negative"), (0, "negative")],
)
def test_a_trend_is_positive_above_52_and_negative_below_48(overs, trend):
    assert trend_of(Overs(1000, overs)) == trend


def test_a_rate_of_zero_is_a_rate():
    assert told(games(100, 0, rest="b2b"), games(100, 50, rest="rested"))["rest_b2b"]["stat"] == (
        "0.0%"
    )


def test_the_eight_farthest_from_even_are_told_and_all_are_counted():
    rows = [
        games(100, overs, weekday=day, rest=("b2b", "one_day", "rested")[day % 3], tier=tier)
        for day, (overs, tier) in enumerate(
            [(10, "stars"), (20, "scorers"), (30, "rotation"), (50, "bench")] + [(90, "bench")] * 3
        )
    ]
    found = shaped(TABLE, rows)
    far = [abs(float(stat["stat"].rstrip("%")) - 50) for stat in found["stats"]]
    assert len(found["stats"]) == 8 < found["total_available"]
    assert far == sorted(far, reverse=True)
    equal = [s["id"] for s in found["stats"] if s["stat"] == "90.0%"]
    assert equal == sorted(equal)


def test_rest_is_measured_between_all_games_not_between_those_with_a_line():
    lined = [decided(1 + n, 5, f"p{n}") for n in range(60)]
    without = [played(r["game_date"] - dt.timedelta(1), r["player_lookup"]) for r in lined]
    others = [decided(1 + n, -5, f"q{n}") for n in range(60)]
    days_before = [
        played(r["game_date"] - dt.timedelta(2), r["player_lookup"], points=9) for r in others
    ]
    found = of_games([*lined, *without, *others, *days_before])
    assert found["rest_b2b"] == ("100.0%", 60)
    assert found["rest_one_day"] == ("0.0%", 60)
    assert "rest_rested" not in found


def test_pushes_and_games_without_a_line_are_no_sample():
    rows = [decided(1 + n % 7, (5, 0)[n % 2], f"p{n}", home=False) for n in range(120)]
    rows += [decided(1, -5, f"q{n}") for n in range(60)] + [played(DAY, "zoe", points=9)]
    assert of_games(rows)["side_away"] == ("100.0%", 60)


def test_a_weekday_is_that_of_the_calendar():
    # The 14th of January 2024 was a Sunday.
    rows = [decided(1, 5, f"p{n}") for n in range(60)]
    rows += [decided(2, -5, f"q{n}") for n in range(60)]
    found = of_games(rows)
    assert (found["day_sunday"], found["day_saturday"]) == (("100.0%", 60), ("0.0%", 60))


def test_a_player_is_of_the_tier_of_all_his_points():
    # 25 with a line, 19 without: 22 on average.
    rows = [row for n in range(60) for row in (decided(1, 5, f"p{n}"), played(DAY, f"p{n}", 19))]
    rows += [decided(1, -5, f"q{n}") for n in range(60)]
    found = of_games(rows)
    assert (found["tier_stars"], found["tier_scorers"]) == (("100.0%", 60), ("0.0%", 60))
    rows[1] |= {"points": 18}
    assert of_games(rows)["tier_stars"] == ("100.0%", 59)


def test_the_window_is_the_day_and_the_ninety_before_it():
    rows = [decided(90, 5, f"p{n}", home=False) for n in range(50)]
    rows += [decided(91, 5, f"q{n}", home=False) for n in range(50)]
    rows += [decided(0, -5, f"r{n}") for n in range(50)]
    assert of_games(rows)["side_away"] == ("100.0%", 50)


def test_a_day_without_games_has_the_full_empty_document():
    assert document(TABLE) == {
        "as_of_date": "2024-01-15",
        "stats": [],
        "total_available": 0,
        "refresh_note": REFRESH_NOTE,
    }
