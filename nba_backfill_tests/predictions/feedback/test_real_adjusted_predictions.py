"""adjusted_predictions and adjustment_performance on three real seasons, against pandas."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from nba_backfill.core.season import Season
from nba_backfill.definitions import CATALOGUE
from nba_backfill_tests.precompute.replica import stored
from nba_backfill_tests.predictions.feedback.feedback_replica import (
    DAYS,
    FACTORS,
    LEARNT,
    frame,
    graded_rows,
    levels,
    same,
    select,
    tiers,
    within,
)

pytestmark = pytest.mark.slow  # the models behind them take minutes to train

TABLE = CATALOGUE.table("adjusted_predictions")
JUDGING = ("prediction_contexts", "adjusted_predictions", "adjustment_performance")
CORRECTIONS = {
    "tier": "tier_adjustment",
    "player_bias": "player_bias_adjustment",
    "context": "context_adjustment",
}


@pytest.fixture(scope="module")
def graded(real_predictions):
    return graded_rows(real_predictions)


def newest(real_predictions, name, day):
    """The rows of a table's newest as-of date before the day and in its season, and that date."""
    ((date,),) = real_predictions.query(
        f"SELECT MAX(as_of_date) FROM nba_predictions.{name}"
        f" WHERE as_of_date < '{day}' AND season_year = {Season.of(day).year}"
    )
    of_date = f"as_of_date = '{date}'" if date else "FALSE"
    return frame(real_predictions, f"nba_predictions.{name} WHERE {of_date}"), date


def rounded(value):
    """Half away from zero, to two decimals."""
    return float(np.sign(value) * np.floor(abs(value) * 100 + 0.5 + 1e-7) / 100)


@pytest.mark.parametrize("day", DAYS, ids=str)
def test_corrections_equal_an_independent_computation(real_predictions, day):
    rows = stored(real_predictions, TABLE, day, day)
    raw = frame(
        real_predictions,
        f"nba_predictions.player_prop_predictions WHERE game_date = '{day}'",
        "player_lookup, system_id, team_abbr, predicted_points, recommendation, confidence_score,"
        " prediction_variance::DOUBLE AS prediction_variance",
    ).merge(
        frame(
            real_predictions,
            f"nba_predictions.ml_feature_store_v2 WHERE game_date = '{day}'",
            "player_lookup, IF(list_contains(default_features, 'points_avg_season'), NULL,"
            " points_avg_season) AS average",
        ),
        how="left",
    )
    raw["tier"], raw["level"] = tiers(raw.average), levels(raw.prediction_variance)
    raw = raw.set_index(["player_lookup", "system_id"])
    tables = {name: newest(real_predictions, name, day) for name in LEARNT}
    keys = {
        "scoring_tier_adjustments": ["system_id", "scoring_tier"],
        "player_prediction_bias": ["player_lookup", "system_id"],
        "confidence_calibration": ["system_id", "confidence_bucket"],
        "system_agreement_patterns": ["agreement_level"],
        "context_error_correlations": ["system_id", "context_feature"],
    }
    known = {
        name: found.set_index(keys[name]).to_dict("index") for name, (found, _) in tables.items()
    }
    dates = {name: pd.Timestamp(date) if date else None for name, (_, date) in tables.items()}
    applying = (
        frame(
            real_predictions,
            f"nba_predictions.prediction_contexts WHERE game_date = '{day}' AND applies",
        )
        .groupby("team_abbr")
        .context_feature.agg(list)
    )
    assert len(rows) == len(raw) > 100
    for _, row in rows.iterrows():
        key = (row.player_lookup, row.system_id)
        prediction = raw.loc[key]
        tier = known["scoring_tier_adjustments"].get((row.system_id, prediction.tier))
        player = known["player_prediction_bias"].get(key)
        bucket = min(round(float(prediction.confidence_score) * 1000) // 100 + 1, 10)
        calibration = known["confidence_calibration"].get((row.system_id, bucket))
        ensemble = row.system_id == "ensemble_v1"
        level = str(prediction.level) if ensemble else None
        agreement = known["system_agreement_patterns"].get(level)
        tests = known["context_error_correlations"]
        context = [
            tests[row.system_id, feature]
            for feature in applying.get(prediction.team_abbr, [])
            if (row.system_id, feature) in tests
        ]
        asked = any(system == row.system_id for system, _ in tests)
        expected = {
            "predicted_points": prediction.predicted_points,
            "recommendation": prediction.recommendation,
            "confidence_score": prediction.confidence_score,
            "scoring_tier": str(prediction.tier),
            "tier_adjustment": rounded(
                float(tier["recommended_adjustment"]) * FACTORS[prediction.tier]
            )
            if tier
            else None,
            "player_bias_adjustment": rounded(
                float(player["recommended_adjustment"]) * float(player["adjustment_confidence"])
                if player["adjustment_confidence"] > 0.5
                else 0.0
            )
            if player
            else None,
            "context_adjustment": float(sum(c["recommended_adjustment"] for c in context))
            if asked
            else None,
            "significant_contexts": sum(c["is_significant"] for c in context) if asked else None,
            "calibrated_confidence": min(
                float(prediction.confidence_score * calibration["recommended_multiplier"]), 1.0
            )
            if calibration
            else None,
            "agreement_level": level,
            "agreement_multiplier": float(agreement["confidence_multiplier"])
            if agreement
            else None,
        }
        for prefix, name, found in (
            ("tier", "scoring_tier_adjustments", tier),
            ("player_bias", "player_prediction_bias", player),
            ("context", "context_error_correlations", asked),
            ("confidence", "confidence_calibration", calibration),
            ("agreement", "system_agreement_patterns", agreement),
        ):
            expected[f"{prefix}_as_of_date"] = dates[name] if found else None
        same(row, expected, (day, *key), half=0.00050001)


@pytest.mark.parametrize("day", [DAYS[3], DAYS[6]], ids=str)
def test_the_results_of_a_day_change_the_corrections_of_later_days_only(real_predictions, day):
    warehouse = real_predictions.warehouse
    ((next_day,),) = real_predictions.query(
        f"SELECT MIN(game_date) FROM nba_staging.games WHERE game_date > '{day}'"
    )
    with warehouse.rolled_back() as connection:
        connection.execute(
            "UPDATE nba_predictions.prediction_accuracy SET signed_error = signed_error + 9,"
            " absolute_error = ABS(signed_error + 9), prediction_correct = NOT prediction_correct"
            f" WHERE game_date = '{day}'"
        )
        for name in LEARNT:
            table = CATALOGUE.table(name)
            rows = select(real_predictions, table, day, day)
            assert not rows.equals(stored(real_predictions, table, day, day)), name
            connection.execute(f"DELETE FROM {table.relation} WHERE as_of_date = '{day}'")
            connection.register("rows_anew", rows)
            connection.execute(f"INSERT INTO {table.relation} BY NAME SELECT * FROM rows_anew")
            connection.unregister("rows_anew")
        pd.testing.assert_frame_equal(
            stored(real_predictions, TABLE, day, day), select(real_predictions, TABLE, day, day)
        )
        before = stored(real_predictions, TABLE, next_day, next_day)
        after = select(real_predictions, TABLE, next_day, next_day)
    assert len(before) == len(after)
    for column in (*CORRECTIONS.values(), "calibrated_confidence"):
        assert not before[column].equals(after[column]), column


def test_corrections_are_from_the_game_day_before(real_predictions):
    rows = frame(
        real_predictions,
        "nba_predictions.adjusted_predictions WHERE tier_as_of_date IS NOT NULL GROUP BY ALL",
        "game_date, season_year, tier_as_of_date",
    )
    game_days = sorted(frame(real_predictions, "nba_staging.games", "DISTINCT game_date").game_date)
    assert len(rows) > 550
    for row in rows.itertuples():
        assert row.tier_as_of_date == max(day for day in game_days if day < row.game_date)


def test_a_season_starts_without_corrections_of_the_one_before(real_predictions):
    starts = real_predictions.query(
        """
        SELECT MIN(game_date), COUNT(*), COUNT(COALESCE(tier_as_of_date, player_bias_as_of_date,
          context_as_of_date, confidence_as_of_date, agreement_as_of_date))
        FROM nba_predictions.adjusted_predictions
        WHERE (season_year, game_date) IN (
          SELECT (season_year, MIN(game_date)) FROM nba_predictions.adjusted_predictions
          GROUP BY season_year
        )
        GROUP BY season_year
        """
    )
    assert len(starts) == 3
    assert all(rows > 0 and corrected == 0 for _, rows, corrected in starts)


@pytest.mark.parametrize("day", DAYS, ids=str)
def test_performance_equals_an_independent_computation(real_predictions, graded, day):
    table = CATALOGUE.table("adjustment_performance")
    rows = stored(real_predictions, table, day, day)
    first = day - dt.timedelta(days=29)
    given = frame(
        real_predictions,
        f"nba_predictions.adjusted_predictions WHERE game_date BETWEEN '{first}' AND '{day}'",
        "game_date, game_id, player_lookup, system_id, "
        + ", ".join(f"{c}::DOUBLE AS {c}" for c in CORRECTIONS.values()),
    )
    known = within(graded, day, 30).merge(
        given, on=["game_date", "game_id", "player_lookup", "system_id"]
    )
    for name, column in CORRECTIONS.items():
        known[name] = known[column]
    known["combined"] = known[list(CORRECTIONS)].sum(axis=1, min_count=1)
    groups = {
        (system, name): found[found[name].notna()]
        for system, found in known.groupby("system_id")
        for name in (*CORRECTIONS, "combined")
    }
    wanted = {key for key, found in groups.items() if len(found)}
    assert {(r.system_id, r.correction) for r in rows.itertuples()} == wanted
    for _, row in rows.iterrows():
        found = groups[row.system_id, row.correction]
        moved = found.signed_error + found[row.correction]
        expected = {
            "sample_size": len(found),
            "raw_mae": found.absolute_error.mean(),
            "adjusted_mae": moved.abs().mean(),
            "mae_difference": moved.abs().mean() - found.absolute_error.mean(),
            "raw_bias": found.signed_error.mean(),
            "adjusted_bias": moved.mean(),
        }
        same(row, expected, (day, row.system_id, row.correction), half=0.00050001)


def test_no_day_of_three_real_seasons_is_refused(real_predictions):
    names = ", ".join(f"'nba_predictions.{name}'" for name in (*LEARNT, *JUDGING))
    statuses = real_predictions.query(
        f"SELECT DISTINCT status FROM nba_orchestration.partition_ledger"
        f" WHERE table_name IN ({names})"
    )
    assert {status for (status,) in statuses} <= {
        "complete",
        "no_games",
        "bootstrap",
        "unavailable",
    }
