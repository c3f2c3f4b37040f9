"""The deep dive: a number that is counted, or none."""

import datetime as dt

import pytest

from nba_backfill.publishing.snapshots.deep_dive import TABLE
from nba_backfill_tests.publishing.player_rows import DAY, played, scheduled
from nba_backfill_tests.publishing.trend_rows import decided, document

DECEMBER = dt.date(2023, 12, 20)


def dive(rows=(), day=DAY):
    return document(TABLE, day, player_game_summary=rows, games=[scheduled(day)])


def test_the_number_of_a_month_is_counted_from_its_games_without_pushes():
    rows = [decided(1, 5), decided(3, -5), decided(5, 5), decided(7, 0), decided(20, -5)]
    hero = dive([*rows, played(DAY, points=9)])["hero_stat"]
    assert (hero["value"], hero["context"]) == ("66.7%", "2 of 3 games, pushes left out")


def test_other_games_make_another_number():
    values = {
        dive([decided(1, 5), decided(3, by), decided(5, by)])["hero_stat"]["value"]
        for by in (5, -5)
    }
    assert values == {"100.0%", "33.3%"}


def test_zero_percent_is_a_number():
    assert dive([decided(1, -5)])["hero_stat"]["value"] == "0.0%"


def test_without_games_there_is_no_number():
    assert dive()["hero_stat"] is None
    assert dive([decided(1, 0)])["hero_stat"] is None
    assert dive([decided(20, 5)])["hero_stat"] is None, "of December"


def test_the_same_month_of_another_year_is_another_month():
    assert dive([decided(365, 5)])["hero_stat"] is None


def test_in_december_it_is_what_rest_is_worth():
    # Rest counts games without a line, so the 5th is no rested game.
    rows = [decided(n, by, day=DECEMBER) for n, by in ((1, 5), (2, -5), (5, 5), (12, 5))]
    rows += [played(DECEMBER - dt.timedelta(6), points=9)]
    found = dive(rows, DECEMBER)
    # Newest first: the day after a game; rested (3 days); the day after a game; nothing before.
    assert found["hero_stat"]["value"] == "0.0%"
    assert found["hero_stat"]["context"].startswith("100.0% on back-to-backs; 1 and 2 games")


@pytest.mark.parametrize("only", ["rested", "tired"])
def test_rest_is_compared_with_something_or_not_told(only):
    gap = 5 if only == "rested" else 1
    rows = [decided(1, 5, day=DECEMBER), decided(1 + gap, 5, day=DECEMBER)]
    assert dive(rows, DECEMBER)["hero_stat"] is None


@pytest.mark.parametrize(
    ("month", "slug"),
    [
        (1, "schedule-density-january-2024"),
        (2, "all-star-break-february-2024"),
        (3, "playoff-race-march-2024"),
        (4, "season-end-april-2024"),
        (5, "rest-impact-may-2024"),
        (6, "rest-impact-june-2024"),
        (10, "season-start-october-2024"),
        (11, "early-season-november-2024"),
        (12, "rest-impact-december-2024"),
    ],
)
def test_each_month_has_its_topic(month, slug):
    assert dive(day=dt.date(2024, month, 20))["slug"] == slug


def test_a_day_without_games_before_it_has_every_key():
    found = dive()
    assert found.pop("hero_stat") is None
    assert set(found) == {"as_of_date", "month", "title", "subtitle", "teaser", "slug", "cta"}
    assert all(found.values())
    assert found["month"] == "January 2024"
