"""How likely over and under are, on one player whose chances are known beforehand."""

from __future__ import annotations

import datetime as dt

import pytest

from nba_backfill.precompute.features import FEATURES
from nba_backfill.predictions.forecasting.player_prop_predictions import TABLE
from nba_backfill.predictions.forecasting.prediction_columns import LEARNED
from nba_backfill_tests.by_hand import computed

DAY = dt.date(2024, 3, 2)
HIM = {"game_date": DAY, "game_id": "20240302_BOS_ATL", "player_lookup": "him"}
CONTEXT = HIM | {
    "season_year": 2023,
    "team_abbr": "BOS",
    "opponent_team_abbr": "ATL",
    "is_production_ready": True,
    "backfill_bootstrap_mode": False,
    "avg_minutes_per_game_last_7": 34.0,
    "l10_games_used": 10,
}
VALUES = {
    "points_avg_season": 20.0,
    "points_avg_last_5": 20.0,
    "points_avg_last_10": 20.0,
    "fatigue_score": 90,
    "opponent_def_rating": 112.0,
    "home_away": 0,
    "back_to_back": 0,
    "playoff_game": 0,
}
FEATURE_ROW = (
    HIM
    | {feature.name: feature.default for feature in FEATURES if feature.default is not None}
    | VALUES
    | {
        "season_year": 2023,
        "team_abbr": "BOS",
        "opponent_team_abbr": "ATL",
        "is_home": False,
        "feature_quality_score": 95.0,
        "default_features": [],
    }
)
FORECAST = HIM | {
    "model_type": "trained",
    "model_version": "made up",
    "model_cutoff": dt.date(2024, 3, 1),
    "predicted_points": 20.0,
    "predicted_points_p10": 11.5,
    "predicted_points_p90": 30.5,
}


def predictions(line, market=None, **forecast):
    """System -> row of the player, all learned models asked alike."""
    lines = [HIM | {"points_line": line, "bookmaker": "draftkings", "source": "odds_api"}]
    rows = computed(
        TABLE,
        DAY,
        **{
            "upcoming_player_game_context": [CONTEXT],
            "ml_feature_store_v2": [FEATURE_ROW],
            "point_forecasts": [FORECAST | forecast | {"model_id": model} for model in LEARNED],
            "prop_lines": [lines[0] | (market or {})] if line else [],
            "games": [{"game_date": DAY, "game_id": HIM["game_id"]}],
        },
    )
    return {row["system_id"]: row for row in rows}


def chances(line, **forecast):
    row = predictions(line, **forecast)["challenger"]
    return row["over_probability"], row["under_probability"]


def near(*probabilities):
    """Within the 0.00014 that the form of the normal distribution may be off."""
    return pytest.approx(probabilities, abs=1.5e-4)


# Widths: below (20 - 11.5) / 1.2816 = 6.633, above (30.5 - 20) / 1.2816 = 8.193.


@pytest.mark.parametrize(
    ("line", "over", "under"),
    [
        # The interval's ends are tenths.
        (30.5, 0.1, 0.9),
        (11.5, 0.9, 0.1),
        # z = 0.5 / 8.193 = 0.0610; z = -0.5 / 6.633 = -0.0754.
        (20.5, 0.47567, 0.52433),
        (19.5, 0.53004, 0.46996),
        # z = 8.5 / 8.193 = 1.0375.
        (28.5, 0.14975, 0.85025),
    ],
)
def test_at_a_half_point_over_and_under_are_all_there_is(line, over, under):
    assert chances(line) == near(over, under)
    assert sum(chances(line)) == pytest.approx(1, abs=2e-6)


def test_at_a_whole_line_the_push_has_its_own_probability():
    """Over 20 begins at 21, under it ends at 19: a twentieth is neither."""
    over, under = chances(20.0)
    assert (over, under) == near(0.47567, 0.46996)
    assert 1 - over - under == pytest.approx(0.05437, abs=3e-4)


@pytest.mark.parametrize("line", [15.5, 20.0, 24.5])
def test_over_and_under_change_places_when_everything_is_turned_round(line):
    mirrored = chances(
        40 - line, predicted_points=20.0, predicted_points_p10=9.5, predicted_points_p90=28.5
    )
    assert chances(line) == pytest.approx(mirrored[::-1], abs=2e-6)


def test_the_higher_the_line_the_less_likely_the_over():
    found = [chances(line)[0] for line in (5.5, 11.5, 19.5, 20.5, 25.5, 35.5, 55.5)]
    assert found == sorted(found, reverse=True)
    assert len(set(found)) == len(found)


def test_an_interval_without_width_is_half_a_point_wide_on_both_sides():
    """Points are whole: a tenth still lies half a point away."""
    assert chances(20.5, predicted_points_p10=20.0, predicted_points_p90=20.0) == near(0.1, 0.9)


def test_every_learned_system_with_an_interval_has_chances_and_no_other_system_has():
    rows = predictions(20.5)
    known = {system for system, row in rows.items() if row["over_probability"] is not None}
    assert known == set(LEARNED)
    assert len(rows) > len(LEARNED)
    assert {float(rows[system]["predicted_points_p90"]) for system in LEARNED} == {30.5}


@pytest.mark.parametrize(
    "forecast",
    [
        {"predicted_points_p10": None, "predicted_points_p90": None},
        {
            "model_type": "fallback",
            "predicted_points": None,
            "predicted_points_p10": None,
            "predicted_points_p90": None,
            "fallback_reason": "not_enough_rows",
        },
    ],
    ids=["no interval", "no model"],
)
def test_without_an_interval_the_chances_are_unknown(forecast):
    assert chances(20.5, **forecast) == (None, None)


def test_without_a_line_there_is_an_interval_and_nothing_to_be_over():
    row = predictions(None)["challenger"]
    assert float(row["predicted_points_p10"]) == 11.5
    assert row["over_probability"] is row["under_probability"] is None


def test_drawn_to_the_line_the_chances_are_nearer_to_even():
    """26.5 - 0.15 x 6.5 = 25.53; from there z = 0.97 / 8.193 = 0.1184, from 20 it is 0.7934."""
    row = predictions(26.5)["challenger"]
    assert float(row["line_anchored_points"]) == 25.53
    assert (row["over_probability"], row["under_probability"]) == near(0.21378, 0.78622)
    anchored = row["line_anchored_over_probability"], row["line_anchored_under_probability"]
    assert anchored == near(0.45288, 0.54712)


def test_only_the_challenger_is_drawn_to_the_line():
    rows = predictions(26.5)
    known = {s for s, row in rows.items() if row["line_anchored_over_probability"] is not None}
    assert known == {"challenger"}


def test_what_the_market_says_stands_on_every_systems_row():
    market = {
        "over_price_american": -120,
        "under_price_american": 100,
        "over_probability": 0.521739,
    }
    rows = predictions(20.5, market)
    assert {
        (row["over_price_american"], row["under_price_american"], row["market_over_probability"])
        for row in rows.values()
    } == {(-120, 100, 0.521739)}
