"""What the learned models say: one forecast per player-game and model, before any rounding.

A model that is not there, or a row whose vector is invalid, leaves a row without a forecast and
with the reason; `player_prop_predictions` puts the fallback formula in its place.
"""

from __future__ import annotations

import sys

import numpy as np
import pandas as pd

from nba_backfill.core.table import Column, Layer, Rows, Rule, Table
from nba_backfill.core.window import Window
from nba_backfill.materialization.computation import Gathered
from nba_backfill.predictions.forecasting import learning, vectors
from nba_backfill.predictions.forecasting.artefacts import members_of
from nba_backfill.predictions.forecasting.learning import POINTS_MODELS, PointsModel
from nba_backfill.predictions.forecasting.points_models import FALLBACK, NOT_ENOUGH_ROWS, TRAINED
from nba_backfill.predictions.forecasting.vectors import inputs_of, store_vectors

ARTEFACT_MISSING, INVALID_FEATURES = "artefact_missing", "invalid_features"
FALLBACK_REASONS = (NOT_ENOUGH_ROWS, ARTEFACT_MISSING, INVALID_FEATURES)
FORECASTS = (
    "predicted_points",
    "predicted_points_p10",
    "predicted_points_p90",
    "predicted_points_mean",
)
DECIMALS = 4
"""More than any rule distinguishes, few enough that one row asked alone equals one in a batch."""


def compute(gathered: Gathered) -> pd.DataFrame:
    """Ask every model about every row gathered."""
    rows = gathered.rows.reset_index(drop=True)
    store, valid = store_vectors(rows)
    return pd.concat(
        [_asked(model, rows, store, valid, gathered) for model in POINTS_MODELS],
        ignore_index=True,
    )


def _asked(
    model: PointsModel,
    rows: pd.DataFrame,
    store: np.ndarray,
    valid: np.ndarray,
    gathered: Gathered,
) -> pd.DataFrame:
    artefacts = rows[f"{model.model_id}_artefact"]
    versions = rows[f"{model.model_id}_version"]
    usable = versions.notna().to_numpy()
    inputs = inputs_of(rows, model.features, store)
    answers = np.full((len(rows), len(FORECASTS)), np.nan)
    missing = np.zeros(len(rows), dtype=bool)
    for name in artefacts[usable].unique():
        of_file = usable & (artefacts == name).to_numpy()
        members = members_of(gathered.files, name)
        if members is None:
            missing |= of_file
            gathered.say(
                f"{gathered.files.uri(name)} is missing or damaged: {of_file.sum()} forecasts of "
                f"{model.model_id} fall back. Materialize points_models for these days, which "
                "trains it again, then these days of point_forecasts"
            )
            continue
        asked = of_file & valid
        if asked.any():
            said = model.ask(members, inputs[asked])
            answers[asked] = np.column_stack([said.points, said.p10, said.p90, said.mean])
    answered = ~np.isnan(answers[:, 0])
    reason = np.select(
        [answered, ~valid, missing],
        [None, INVALID_FEATURES, ARTEFACT_MISSING],
        NOT_ENOUGH_ROWS,
    )
    return pd.DataFrame(
        {
            "game_date": rows["game_date"],
            "game_id": rows["game_id"],
            "player_lookup": rows["player_lookup"],
            "model_id": model.model_id,
            **dict(zip(FORECASTS, np.round(answers, DECIMALS).T, strict=True)),
            "model_type": np.where(answered, TRAINED, FALLBACK),
            "fallback_reason": reason,
            "model_version": versions.where(answered, None),
            "model_cutoff": rows["game_date"]
            .to_numpy(dtype="datetime64[M]")
            .astype("datetime64[s]"),
        }
    )


def _forecast(name: str, description: str) -> Column:
    return Column(name, "FLOAT64", description, unit="points", between=(0, 60))


TABLE = Table(
    name="point_forecasts",
    dataset="nba_predictions",
    layer=Layer.PREDICTIONS,
    date_column="game_date",
    grain=("game_date", "player_lookup", "model_id"),
    unique=(("game_id", "player_lookup", "model_id"),),
    reads={
        "ml_feature_store_v2": Window.same_day(),
        "challenger_features": Window.same_day(),
        "points_models": Window.same_day(),
    },
    expects=Rows.at_least_per_game(5 * len(POINTS_MODELS), before_tip=True),
    description="One row per player-game and learned model: its unrounded forecast of the points.",
    columns=(
        Column("game_date", "DATE", "US-Eastern date of the game", required=True),
        Column("game_id", "STRING", "Canonical game id, YYYYMMDD_AWAY_HOME", required=True),
        Column("player_lookup", "STRING", "Canonical player name key", required=True),
        Column(
            "model_id",
            "STRING",
            "System the model answers for",
            required=True,
            one_of=tuple(model.model_id for model in POINTS_MODELS),
        ),
        _forecast(
            "predicted_points",
            "The model's forecast, a median, cut to 0-60; NULL on fallback rows",
        ),
        _forecast(
            "predicted_points_p10",
            "Points he stays below in one game of ten; NULL if the model gives no interval",
        ),
        _forecast("predicted_points_p90", "Points he stays below in nine games of ten, likewise"),
        _forecast("predicted_points_mean", "Forecast of the mean; challenger"),
        Column(
            "model_type",
            "STRING",
            "trained, or fallback where no model answered",
            required=True,
            one_of=(TRAINED, FALLBACK),
        ),
        Column(
            "fallback_reason",
            "STRING",
            "Why no model answered: too little history or no published model, file missing or "
            "damaged, feature row invalid",
            one_of=FALLBACK_REASONS,
        ),
        Column("model_version", "STRING", "System, month and content of the model that answered"),
        Column("model_cutoff", "DATE", "First of the month: the model knows nothing later"),
    ),
    rules=(
        Rule(
            "answered_or_reasoned",
            "(model_type = 'trained') = (predicted_points IS NOT NULL)"
            " AND (model_type = 'trained') = (fallback_reason IS NULL)",
            "A row has a forecast or a reason for having none",
        ),
        Rule(
            "interval_holds_the_median",
            "predicted_points_p10 <= predicted_points AND predicted_points <= predicted_points_p90",
            "The interval's ends lie on both sides of the forecast",
        ),
        Rule(
            "model_precedes_the_day",
            "model_cutoff <= game_date",
            "The model was fitted before the day",
        ),
        Rule(
            "files_are_there",
            "COALESCE(fallback_reason != 'artefact_missing', TRUE)",
            "No model file is missing; materialize points_models, then this table, to mend it",
            blocking=False,
        ),
    ),
    clustering=("model_id", "player_lookup"),
    source=__file__,
    compute=compute,
    code=(learning, vectors, sys.modules[__name__]),
)
