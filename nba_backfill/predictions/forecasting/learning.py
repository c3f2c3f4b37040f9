"""The learned models of points: how each is fitted, kept in one file, and asked.

A model is fitted on days before a cut-off without the last VALIDATION_DATES of them; those stop
the training early and give the figures (error, interval shifts, mean shift) that go into the
file. It is not fitted again on everything: what was validated is what serves.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import catboost
import numpy as np
import xgboost

from nba_backfill.predictions.forecasting.vectors import (
    BASE_FEATURES,
    CHALLENGER_INPUTS,
    STORE_FEATURES,
)

SEED = 42
CATBOOST_THREADS, XGBOOST_THREADS = 2, 1
"""Fixed, not the machine's: sums per thread would make another machine's model another model.
One for XGBoost, whose threads spin while they wait: beside other work two are slower than one."""

VALIDATION_DATES = 30
MINIMUM_ROWS = 5_000
"""About 30 game dates; with fewer a month falls back (spec 40, 2.8)."""

PATIENCE = 50
"""Trees without improvement on the validation dates before the training stops."""

INTERVAL = (0.10, 0.90)
POINTS_RANGE = (0.0, 60.0)

CATBOOST = {
    "loss_function": "MAE",
    "iterations": 800,
    "learning_rate": 0.07,
    "depth": 6,
    "l2_leaf_reg": 3.8,
}
XGBOOST = {
    "objective": "reg:absoluteerror",
    "eta": 0.05,
    "max_depth": 6,
    "min_child_weight": 10,
    "reg_lambda": 5,
    "reg_alpha": 0.5,
    "subsample": 0.7,
    "colsample_bytree": 0.7,
    "tree_method": "hist",
}
XGBOOST_ROUNDS = 500
MANY_INPUTS = {"depth": 5, "l2_leaf_reg": 3.8, "rsm": 0.2, "border_count": 64}
"""Each split looks at a fifth of the challenger's hundred inputs: the same error in half the
time (measured on 2024-25)."""

CHALLENGER = MANY_INPUTS | {"loss_function": "MAE", "iterations": 500, "learning_rate": 0.05}
QUANTILES = MANY_INPUTS | {
    "loss_function": f"MultiQuantile:alpha={INTERVAL[0]},{INTERVAL[1]}",
    "iterations": 150,
    "learning_rate": 0.15,
}


@dataclass(frozen=True, slots=True)
class Sample:
    """Rows to learn from (``inputs``, ``points``) and rows to validate on, later dates all."""

    inputs: np.ndarray
    points: np.ndarray
    validation_inputs: np.ndarray
    validation_points: np.ndarray


@dataclass(frozen=True, slots=True)
class Fitted:
    """A fitted model: its files by name, what it learned about itself, gain by input."""

    files: Mapping[str, bytes]
    facts: Mapping[str, float]
    importance: np.ndarray


@dataclass(frozen=True, slots=True)
class Forecast:
    """Points per row; the interval's ends and the mean are NaN where a model has none."""

    points: np.ndarray
    p10: np.ndarray
    p90: np.ndarray
    mean: np.ndarray


@dataclass(frozen=True, slots=True)
class PointsModel:
    """One learned system: its inputs in order, its parameters, and the two things it does."""

    model_id: str
    features: tuple[str, ...]
    parameters: Mapping[str, object]
    fit: Callable[[Sample], Fitted] = field(compare=False)
    ask: Callable[[Mapping[str, bytes], np.ndarray], Forecast] = field(compare=False)


def _clipped(points: np.ndarray) -> np.ndarray:
    return np.clip(points, *POINTS_RANGE)


def _points_only(points: np.ndarray) -> Forecast:
    unknown = np.full(len(points), np.nan)
    return Forecast(_clipped(points), unknown, unknown, unknown)


@contextmanager
def _as_value_error() -> Iterator[None]:
    """CatBoost's own error is of no kind that Python has, and would end the run for one day."""
    try:
        yield
    except catboost.CatBoostError as error:
        raise ValueError(f"CatBoost: {error}") from error


@_as_value_error()
def _catboost(parameters: Mapping, sample: Sample) -> catboost.CatBoostRegressor:
    model = catboost.CatBoostRegressor(
        **parameters,
        random_seed=SEED,
        thread_count=CATBOOST_THREADS,
        early_stopping_rounds=PATIENCE,
        use_best_model=True,
        allow_writing_files=False,
        verbose=False,
    )
    model.fit(
        sample.inputs,
        sample.points,
        eval_set=(sample.validation_inputs, sample.validation_points),
    )
    return model


def _catboost_bytes(model: catboost.CatBoostRegressor) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.cbm"
        model.save_model(str(path))
        return path.read_bytes()


@_as_value_error()
def _catboost_answer(content: bytes, inputs: np.ndarray) -> np.ndarray:
    return (
        catboost.CatBoostRegressor()
        .load_model(blob=content)
        .predict(inputs, thread_count=CATBOOST_THREADS)
    )


def _matrix(inputs: np.ndarray, points: np.ndarray | None = None) -> xgboost.DMatrix:
    return xgboost.DMatrix(inputs, points, nthread=XGBOOST_THREADS)


def _xgboost(sample: Sample) -> tuple[xgboost.Booster, np.ndarray]:
    """The booster cut after its best round, and the gain of each input."""
    validation = _matrix(sample.validation_inputs, sample.validation_points)
    booster = xgboost.train(
        XGBOOST | {"seed": SEED, "nthread": XGBOOST_THREADS, "eval_metric": "mae"},
        _matrix(sample.inputs, sample.points),
        XGBOOST_ROUNDS,
        evals=[(validation, "validation")],
        early_stopping_rounds=PATIENCE,
        verbose_eval=False,
    )
    best = booster[: booster.best_iteration + 1]
    gains = best.get_score(importance_type="total_gain")
    count = sample.inputs.shape[1]
    return best, np.array([gains.get(f"f{n}", 0.0) for n in range(count)])


def _xgboost_answer(content: bytes, inputs: np.ndarray) -> np.ndarray:
    booster = xgboost.Booster({"nthread": XGBOOST_THREADS})
    booster.load_model(bytearray(content))
    return booster.predict(_matrix(inputs)).astype(float)


def _fit_champion(sample: Sample) -> Fitted:
    model = _catboost(CATBOOST, sample)
    importance = np.asarray(model.get_feature_importance())
    return Fitted({"points.cbm": _catboost_bytes(model)}, {"trees": model.tree_count_}, importance)


def _ask_champion(files: Mapping[str, bytes], inputs: np.ndarray) -> Forecast:
    return _points_only(_catboost_answer(files["points.cbm"], inputs))


def _fit_xgboost(sample: Sample) -> Fitted:
    booster, importance = _xgboost(sample)
    return Fitted(
        {"points.ubj": bytes(booster.save_raw("ubj"))},
        {"trees": booster.num_boosted_rounds()},
        importance,
    )


def _ask_xgboost(files: Mapping[str, bytes], inputs: np.ndarray) -> Forecast:
    return _points_only(_xgboost_answer(files["points.ubj"], inputs))


def _fit_challenger(sample: Sample) -> Fitted:
    """Median, interval and mean; what the latter two lack is measured on the validation dates.

    The interval is moved so that it holds the share it should (split conformal); the mean is the
    median stretched by least squares, since a median of skewed points lies below their mean.
    """
    median, quantiles = _catboost(CHALLENGER, sample), _catboost(QUANTILES, sample)
    files = {"points.cbm": _catboost_bytes(median), "interval.cbm": _catboost_bytes(quantiles)}
    seen, truth = sample.validation_inputs, sample.validation_points
    low, high = _catboost_answer(files["interval.cbm"], seen).T
    stretch, lift = np.polyfit(_catboost_answer(files["points.cbm"], seen), truth, 1)
    shifts = {
        "p10_shift": float(np.quantile(truth - low, INTERVAL[0])),
        "p90_shift": float(np.quantile(truth - high, INTERVAL[1])),
        "mean_stretch": float(stretch),
        "mean_lift": float(lift),
    }
    files["shifts.json"] = json.dumps(shifts, sort_keys=True).encode()
    trees = median.tree_count_ + quantiles.tree_count_
    return Fitted(files, shifts | {"trees": trees}, np.asarray(median.get_feature_importance()))


def _ask_challenger(files: Mapping[str, bytes], inputs: np.ndarray) -> Forecast:
    shifts = json.loads(files["shifts.json"])
    low, high = _catboost_answer(files["interval.cbm"], inputs).T
    middle = _clipped(_catboost_answer(files["points.cbm"], inputs))
    return Forecast(
        points=middle,
        p10=np.minimum(_clipped(low + shifts["p10_shift"]), middle),
        p90=np.maximum(_clipped(high + shifts["p90_shift"]), middle),
        mean=_clipped(shifts["mean_stretch"] * middle + shifts["mean_lift"]),
    )


POINTS_MODELS = (
    PointsModel("catboost_v8", STORE_FEATURES, CATBOOST, _fit_champion, _ask_champion),
    PointsModel(
        "xgboost_v1",
        BASE_FEATURES,
        XGBOOST | {"rounds": XGBOOST_ROUNDS},
        _fit_xgboost,
        _ask_xgboost,
    ),
    PointsModel(
        "challenger",
        CHALLENGER_INPUTS,
        {"median": CHALLENGER, "interval": QUANTILES},
        _fit_challenger,
        _ask_challenger,
    ),
)
"""Every learned system; one more entry is one more model, trained, served and graded."""
