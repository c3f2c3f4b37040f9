"""What the market says beside a line: prices and probabilities, on offers made by hand."""

from __future__ import annotations

import datetime as dt

import pytest

from nba_backfill.staging.prop_lines import TABLE
from nba_backfill_tests.by_hand import computed

DAY = dt.date(2024, 3, 2)
TIP = dt.datetime(2024, 3, 3, 0, tzinfo=dt.UTC)
GAME = {
    "game_date": DAY,
    "game_id": "20240302_BOS_ATL",
    "home_team_abbr": "ATL",
    "away_team_abbr": "BOS",
    "tip_at": TIP,
}
NAME = {"game_date": DAY, "player_name": "Him", "player_lookup": "him"}
ROSTER = {"game_date": DAY, "player_lookup": "him", "team_abbr": "BOS"}
OFFER = {
    "game_date": DAY,
    "home_team_abbr": "ATL",
    "away_team_abbr": "BOS",
    "game_start_time": TIP,
    "snapshot_timestamp": TIP - dt.timedelta(hours=1),
    "bookmaker": "draftkings",
    "player_name": "Him",
    "points_line": 20.5,
    "over_price_american": -110,
    "under_price_american": -110,
}
SIDE = {
    "game_date": DAY,
    "player_name": "Him",
    "player_team": "BOS",
    "bookmaker": "BetRivers",
    "points_line": 20.5,
    "is_active": True,
    "bookmaker_last_update": TIP - dt.timedelta(hours=1),
}


def the_line(*offers, sides=()):
    """The one line of the player, from offers that say only what they have otherwise."""
    [row] = computed(
        TABLE,
        DAY,
        **{
            "games": [GAME],
            "player_names": [NAME],
            "rosters": [ROSTER],
            "odds_api_player_points_props": [OFFER | offer for offer in offers],
            "bettingpros_player_points_props": [SIDE | side for side in sides],
        },
    )
    return row


def before(hours):
    return TIP - dt.timedelta(hours=hours)


@pytest.mark.parametrize(
    ("over", "under", "probability"),
    [
        # -110 breaks even at 110 / 210, as does the other side: half each.
        (-110, -110, 0.5),
        # 120 / 220 = 0.5455 against 100 / 200 = 0.5, together 1.0455.
        (-120, 100, 0.521739),
        # 100 / 250 = 0.4 against 180 / 280 = 0.6429, together 1.0429.
        (150, -180, 0.383562),
        (-100, 100, 0.5),
        # 10000 / 10100 = 0.9901 against 100 / 2600 = 0.0385, together 1.0286.
        (-10000, 2500, 0.962606),
    ],
)
def test_two_prices_make_a_probability_without_the_margin(over, under, probability):
    row = the_line({"over_price_american": over, "under_price_american": under})
    assert row["over_probability"] == probability
    assert (row["over_price_american"], row["under_price_american"]) == (over, under)


@pytest.mark.parametrize("price", [None, 0, 50, -50, 99, -99, 2])
@pytest.mark.parametrize("side", ["over_price_american", "under_price_american"])
def test_a_price_that_is_none_is_unknown_and_so_is_the_probability(side, price):
    row = the_line({side: price})
    assert row[side] is row["over_probability"] is row["opening_over_probability"] is None
    [other] = {"over_price_american", "under_price_american"} - {side}
    assert row[other] == -110
    assert float(row["points_line"]) == 20.5


@pytest.mark.parametrize("book", ["Underdog", "prizepicks", "pick6"])
def test_a_book_that_pays_every_line_alike_has_a_line_and_no_market(book):
    row = the_line({"bookmaker": book, "over_price_american": -137, "under_price_american": -137})
    assert float(row["points_line"]) == 20.5
    assert row["over_price_american"] is row["under_price_american"] is None
    assert row["over_probability"] is row["opening_over_probability"] is None


def test_the_consensus_of_books_is_nobodys_price():
    row = the_line(
        sides=[
            {"bet_side": side, "odds_american": -110, "bookmaker": "BettingPros Consensus"}
            for side in ("over", "under")
        ]
    )
    assert row["bookmaker"] == "bettingpros consensus"
    assert row["over_price_american"] is row["over_probability"] is None


def test_the_second_vendors_two_sides_are_the_two_prices():
    row = the_line(
        sides=[
            {"bet_side": "over", "odds_american": 150},
            {"bet_side": "under", "odds_american": -180},
        ]
    )
    assert (row["over_price_american"], row["under_price_american"]) == (150, -180)
    assert row["over_probability"] == 0.383562


def test_opening_and_closing_are_the_first_and_last_look_at_one_book():
    row = the_line(
        {"snapshot_timestamp": before(9), "over_price_american": 100, "under_price_american": -120},
        {"snapshot_timestamp": before(5), "points_line": 22.5},
        {"snapshot_timestamp": before(1), "points_line": 21.5, "over_price_american": -120,
         "under_price_american": 100},
        {"snapshot_timestamp": before(-1), "points_line": 30.5},
        {"snapshot_timestamp": before(12), "bookmaker": "fanduel", "points_line": 10.5},
    )  # fmt: skip
    assert (float(row["opening_line"]), float(row["points_line"])) == (20.5, 21.5)
    assert (row["opening_at"], row["closing_at"]) == (before(9), before(1))
    assert (row["opening_over_probability"], row["over_probability"]) == (0.478261, 0.521739)


def test_with_one_look_opening_and_closing_are_the_same_quote():
    row = the_line({})
    assert row["opening_at"] == row["closing_at"]
    assert row["opening_over_probability"] == row["over_probability"] == 0.5


@pytest.mark.parametrize(
    ("stated", "opening_at", "probability"),
    [
        # The vendor's word is what was seen: the price seen then is that of the opening.
        ({"opening_line": 20.5, "opening_timestamp": before(9)}, before(9), 0.5),
        ({"opening_line": 20.5}, before(9), 0.5),
        ({}, before(9), 0.5),
        # An earlier opening than was seen: nobody knows at what price.
        ({"opening_line": 20.5, "opening_timestamp": before(12)}, before(12), None),
        ({"opening_line": 18.5, "opening_timestamp": before(12)}, before(12), None),
        ({"opening_line": 18.5}, None, None),
    ],
)
def test_an_opening_that_only_the_vendor_tells_of_has_no_price(stated, opening_at, probability):
    row = the_line(
        sides=[
            {"bet_side": side, "odds_american": -115, "bookmaker_last_update": before(hours)}
            | stated
            for side in ("over", "under")
            for hours in (9, 1)
        ]
    )
    assert float(row["opening_line"]) == stated.get("opening_line", 20.5)
    assert row["opening_at"] == opening_at
    assert row["opening_over_probability"] == probability
    assert row["over_probability"] == 0.5


def test_of_a_ladder_the_price_is_that_of_the_line_taken():
    row = the_line(
        {"points_line": 15.5, "over_price_american": -400, "under_price_american": 300},
        {"points_line": 19.5, "over_price_american": -120, "under_price_american": 100},
        {"points_line": 25.5, "over_price_american": 300, "under_price_american": -400},
    )
    assert float(row["points_line"]) == 19.5
    assert (row["over_price_american"], row["over_probability"]) == (-120, 0.521739)
