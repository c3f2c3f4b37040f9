"""What the feedback tests share: declared bounds, frames of stored rows, comparison of a row."""

import datetime as dt

import numpy as np
import pandas as pd

from nba_backfill.definitions import CATALOGUE
from nba_backfill.warehouse.dialect import select_statement

DAYS = [
    dt.date(2021, 11, 10),
    dt.date(2022, 1, 5),
    dt.date(2023, 12, 1),
    dt.date(2024, 3, 20),
    dt.date(2024, 4, 20),
    dt.date(2024, 11, 8),
    dt.date(2025, 1, 8),
    dt.date(2025, 6, 13),
]
LEARNT = (
    "scoring_tier_adjustments",
    "player_prediction_bias",
    "confidence_calibration",
    "system_agreement_patterns",
    "context_error_correlations",
)
BOUNDS = {"STAR_30PLUS": 30, "STARTER_20_29": 20, "ROTATION_10_19": 10, "BENCH_0_9": 0}
FACTORS = {"STAR_30PLUS": 1.0, "STARTER_20_29": 0.75, "ROTATION_10_19": 0.5, "BENCH_0_9": 0.5}
VARIANCES = {"HIGH": 4, "GOOD": 9, "MODERATE": 36, "LOW": np.inf}


def frame(real_predictions, relation, columns="*"):
    """Rows of a relation, days as dates."""
    found = real_predictions.warehouse.connection.execute(f"SELECT {columns} FROM {relation}").df()
    for name in found:
        if name.endswith("_date"):
            found[name] = found[name].dt.date
    return found


def tiers(averages):
    """The scoring tier of each season average."""
    known = averages.fillna(0)
    names = [name for name, low in BOUNDS.items() if low]
    return np.select([known >= BOUNDS[n] for n in names], names, "BENCH_0_9")


def levels(variances):
    """The agreement level of each variance of the ensemble's members."""
    return np.select([variances < top for top in VARIANCES.values()], list(VARIANCES), "LOW")


def graded_rows(real_predictions):
    """Every prediction that was graded and not voided."""
    found = frame(
        real_predictions,
        "nba_predictions.prediction_accuracy WHERE NOT is_voided",
        "game_date, game_id, season_year, player_lookup, system_id, team_abbr, signed_error::DOUBLE"
        " AS signed_error, absolute_error::DOUBLE AS absolute_error, predicted_points::DOUBLE AS"
        " predicted_points, line_value::DOUBLE AS line_value, actual_points, confidence_decile,"
        " prediction_correct, prediction_variance::DOUBLE AS prediction_variance,"
        " points_avg_season",
    )
    found["tier"] = tiers(found.points_avg_season)
    return found


def within(rows, day, days):
    """Rows of the ``days`` dates that end with ``day``."""
    return rows[(rows.game_date <= day) & (rows.game_date > day - dt.timedelta(days))]


def same(row, expected, where, half=0.0050001):
    """Every expected value is the row's, to half a unit of the declared decimals."""
    for name, value in expected.items():
        told = (*where, name, row[name], value)
        if value is None or (isinstance(value, float) and np.isnan(value)):
            assert pd.isna(row[name]), told
        elif isinstance(value, float):
            assert abs(float(row[name]) - value) <= half, told
        else:
            assert row[name] == value, told


def select(real_predictions, table, first, last):
    """Rows of a table computed anew for first..last, sorted by its grain."""
    found = select_statement(table, CATALOGUE.inputs(table), first, last)
    return real_predictions.warehouse.frame(found).sort_values(list(table.grain), ignore_index=True)
