"""The one vector builder: what a model is fitted on and what it is asked with.

A model names its inputs; both training and serving come here with the frames their SQL gathered,
so an input cannot be served otherwise than it was learned (upstream served its champion without
8 of 33 inputs).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from nba_backfill.precompute.features import FEATURES
from nba_backfill.predictions.forecasting.challenger_features import CHALLENGER_FEATURES

STORE_FEATURES = tuple(feature.name for feature in FEATURES)
"""The 33 of ml_feature_store_v2, in the order of its array."""

BASE_FEATURES = STORE_FEATURES[:25]
"""Those without lines, meetings and minutes: what xgboost_v1 reads (spec 40, 2.6 d)."""

CHALLENGER_INPUTS = (
    *(name for name in STORE_FEATURES if name != "injury_risk"),
    *CHALLENGER_FEATURES,
)
"""Without the day's injury report: where that is rebuilt from a log of absences, it knows who did
not play, and nothing learned from it would hold on a real one."""

SERVED_RANGES: Mapping[str, tuple[float, float]] = {
    "points_avg_last_5": (0, 80),
    "points_avg_last_10": (0, 80),
    "points_avg_season": (0, 60),
    "fatigue_score": (0, 100),
    "opponent_def_rating": (95, 125),
    "home_away": (0, 1),
    "back_to_back": (0, 1),
    "playoff_game": (0, 1),
}
"""Inclusive ranges outside which a row is neither learned from nor predicted (spec 40, 2.3)."""


def store_vectors(rows: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """The feature arrays of ``rows`` as (rows x 33, which of them are valid).

    Valid: 33 values, none unknown, those of SERVED_RANGES within them. An invalid row is all NaN.
    """
    vectors = np.full((len(rows), len(STORE_FEATURES)), np.nan)
    whole = np.array([_is_whole(array) for array in rows["features"]], dtype=bool)
    if whole.any():
        vectors[whole] = np.stack(rows["features"].to_numpy()[whole])
    valid = ~np.isnan(vectors).any(axis=1)
    for name, (low, high) in SERVED_RANGES.items():
        values = vectors[:, STORE_FEATURES.index(name)]
        valid &= (values >= low) & (values <= high)
    vectors[~valid] = np.nan
    return vectors, valid


def _is_whole(array: object) -> bool:
    return isinstance(array, np.ndarray) and len(array) == len(STORE_FEATURES)


def inputs_of(rows: pd.DataFrame, names: Sequence[str], store: np.ndarray) -> np.ndarray:
    """The matrix a model reads: its inputs by name, from the store's vectors or the frame.

    Unknown values are NaN, always the same one, so that equal content has equal bytes.
    """
    columns = [
        store[:, STORE_FEATURES.index(name)]
        if name in STORE_FEATURES
        else pd.to_numeric(rows[name]).to_numpy(dtype=float, na_value=np.nan)
        for name in names
    ]
    matrix = np.column_stack(columns) if columns else np.empty((len(rows), 0))
    matrix[np.isnan(matrix)] = np.nan
    return matrix


def features_hash(names: Sequence[str]) -> str:
    """Changes when an input is added, dropped, renamed or moved."""
    return hashlib.blake2b("|".join(names).encode(), digest_size=8).hexdigest()
