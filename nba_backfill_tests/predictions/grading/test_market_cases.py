"""What a grade says of the market, case by case on quotes made by hand."""

import datetime as dt

import pytest

from nba_backfill.predictions.forecasting.learning import POINTS_MODELS
from nba_backfill_tests.predictions.grading.test_grading_cases import (
    DAY,
    GAME,
    OTHER_GAME,
    the_grade,
)

TIP = dt.datetime(2024, 11, 21, 0, tzinfo=dt.UTC)
BLIND, SEEING = "xgboost_v1", ("catboost_v8", "challenger", "ensemble_v1")
QUOTE = {
    "game_date": DAY,
    "player_lookup": "him",
    "game_id": GAME,
    "opening_line": 18.5,
    "points_line": 20.0,
    "opening_at": TIP - dt.timedelta(hours=9),
    "closing_at": TIP - dt.timedelta(hours=1),
}
PRICED = {"opening_over_probability": 0.48, "over_probability": 0.53}


def moved(opening, closing, forecast, quote=None, fact=None, **prediction):
    """The grade of a forecast while the line went from one value to another."""
    given = {
        "system_id": BLIND,
        "current_points_line": closing,
        "predicted_points": forecast,
        "market_over_probability": (quote or {}).get("over_probability"),
    }
    line = QUOTE | {"opening_line": opening, "points_line": closing} | (quote or {})
    return the_grade(given | prediction, fact, prop_lines=[line])


@pytest.mark.parametrize(
    ("opening", "closing", "forecast", "pick", "value"),
    [
        # An over at 18.5 that closes at 20 has a point and a half in hand.
        (18.5, 20.0, 21.5, "OVER", 1.5),
        (20.0, 18.5, 21.5, "OVER", -1.5),
        (20.0, 18.5, 15.0, "UNDER", 1.5),
        (18.5, 20.0, 15.0, "UNDER", -1.5),
        (20.0, 20.0, 21.0, "OVER", 0),
        (20.0, 22.0, 20.9, None, None),
        (20.0, 22.0, 19.1, None, None),
        # At the close it would be an under; the first quote was an over, and the market came.
        (20.0, 23.5, 22.0, "OVER", 3.5),
    ],
)
def test_a_pick_gains_what_the_line_moves_its_way(opening, closing, forecast, pick, value):
    row = moved(opening, closing, forecast)
    assert row["opening_pick"] == pick
    assert row["closing_line_value"] == value
    assert float(row["opening_line_value"]) == opening


@pytest.mark.parametrize(("forecast", "value"), [(25.0, 0.05), (15.0, -0.05)])
def test_on_a_line_that_stood_still_the_price_tells(forecast, value):
    row = moved(20.0, 20.0, forecast, PRICED)
    assert row["closing_line_value"] == 0
    assert row["closing_probability_value"] == pytest.approx(value, abs=1e-9)


@pytest.mark.parametrize(
    "quote",
    [
        PRICED | {"opening_line": 18.5},
        {"opening_over_probability": None, "over_probability": 0.53},
        {"opening_over_probability": 0.48, "over_probability": None},
    ],
    ids=["another line", "no first price", "no last price"],
)
def test_chances_of_different_lines_or_unknown_ones_are_not_compared(quote):
    row = moved(20.0, 20.0, 25.0, quote)
    assert row["closing_line_value"] is not None
    assert row["closing_probability_value"] is None


@pytest.mark.parametrize("system", SEEING)
def test_a_system_that_has_read_the_closing_line_is_not_measured_against_it(system):
    row = moved(18.5, 20.0, 25.0, PRICED, system_id=system)
    assert row["opening_pick"] is row["closing_line_value"] is None
    assert float(row["opening_line_value"]) == 18.5


def test_a_system_that_has_not_is_one_without_the_line_among_its_inputs():
    reads = {model.model_id: "vegas_points_line" in model.features for model in POINTS_MODELS}
    assert reads == {BLIND: False, "catboost_v8": True, "challenger": True}


def test_a_book_looked_at_once_cannot_show_a_move():
    once = {"opening_at": QUOTE["closing_at"]}
    assert moved(20.0, 20.0, 25.0, once)["closing_line_value"] is None


def test_an_opening_by_the_vendors_word_is_before_all_looks():
    assert moved(18.5, 20.0, 25.0, {"opening_at": None})["closing_line_value"] == 1.5


def test_a_void_bet_is_paid_back_and_has_no_closing_value():
    row = moved(18.5, 20.0, 25.0, fact="none")
    assert row["is_voided"]
    assert row["opening_pick"] is row["closing_line_value"] is None


def test_a_line_of_another_game_is_none_of_this_one():
    row = moved(18.5, 20.0, 25.0, {"game_id": OTHER_GAME})
    assert row["opening_line_value"] is row["opening_pick"] is None


def test_probabilities_and_prices_are_graded_as_they_were_predicted():
    predicted = {
        "over_probability": 0.55,
        "under_probability": 0.4,
        "over_price_american": -120,
        "under_price_american": 100,
        "market_over_probability": 0.521739,
    }
    row = the_grade(predicted)
    assert {name: row[name] for name in predicted} == predicted
