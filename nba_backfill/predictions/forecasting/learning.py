"""The learned models of points: how each is fitted, kept in one file, and asked.

A model is first studied on blocks of dates it does not see (:mod:`validation`), which gives the
number of trees, the interval's width and the mean; then it is fitted on every day before a
cut-off, with that number of trees.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import catboost
import numpy as np
import xgboost

from nba_backfill.predictions.forecasting.validation import (
    FOLDS,
    INTERVAL,
    best_length,
    groups_of,
    shifts,
)
from nba_backfill.predictions.forecasting.vectors import (
    BASE_FEATURES,
    CHALLENGER_INPUTS,
    STORE_FEATURES,
)

SEED = 42
CATBOOST_THREADS, XGBOOST_THREADS = 2, 1
"""Fixed, not the machine's: sums per thread would make another machine's model another model.
One for XGBoost, whose threads spin while they wait: beside other work two are slower than one."""

PATIENCE = 50
"""Trees without improvement on the dates not seen before the growing of a fold stops."""

SHIFTS = "shifts.json"
POINTS_RANGE = (0.0, 60.0)

CATBOOST = {
    "loss_function": "MAE",
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
MANY_INPUTS = {"depth": 5, "l2_leaf_reg": 3.8, "rsm": 0.2, "border_count": 64}
"""Each split looks at a fifth of the challenger's hundred inputs: the same error in half the
time (measured on 2024-25)."""

CHALLENGER = MANY_INPUTS | {"loss_function": "MAE", "learning_rate": 0.05}
QUANTILES = MANY_INPUTS | {
    "loss_function": f"MultiQuantile:alpha={INTERVAL[0]},{INTERVAL[1]}",
    "learning_rate": 0.15,
}


@dataclass(frozen=True, slots=True)
class Sample:
    """Rows to learn from: inputs, points scored, fold and group of each."""

    inputs: np.ndarray
    points: np.ndarray
    folds: np.ndarray
    groups: np.ndarray


@dataclass(frozen=True, slots=True)
class Study:
    """What predictions of unseen blocks of dates showed (:mod:`validation`).

    ``trees`` for the median; per group the ``shifts`` of the interval's ends; ``mean_stretch`` and
    ``mean_lift`` make the mean of the median; ``answers`` are those predictions, row by row.
    """

    trees: int
    shifts: Mapping[str, Sequence[float]]
    mean_stretch: float
    mean_lift: float
    answers: np.ndarray


@dataclass(frozen=True, slots=True)
class Fitted:
    """A fitted model: its files by name, gain by input."""

    files: Mapping[str, bytes]
    importance: np.ndarray


@dataclass(frozen=True, slots=True)
class Forecast:
    """Points per row: median, the ends of the interval, and the mean."""

    points: np.ndarray
    p10: np.ndarray
    p90: np.ndarray
    mean: np.ndarray


@dataclass(frozen=True, slots=True)
class Grown:
    """Trees grown on some rows: their file, gain by input, validation error by number of trees."""

    content: bytes
    importance: np.ndarray
    curve: np.ndarray


@dataclass(frozen=True, slots=True)
class Library:
    """How one library grows trees and asks them.

    ``grow(parameters, trees, inputs, points, unseen)``: with ``unseen`` (inputs, points) growth
    stops early and the curve says how it went. ``ask(content, inputs, trees)``: with the first
    ``trees`` only, None for all.
    """

    suffix: str
    grow: Callable[..., Grown] = field(compare=False)
    ask: Callable[..., np.ndarray] = field(compare=False)


@dataclass(frozen=True, slots=True)
class PointsModel:
    """One learned system: its inputs in order, its library and parameters.

    ``interval``: parameters of its own trees for the interval's ends; without them the ends lie
    as far from the median as errors of the row's group did.
    """

    model_id: str
    features: tuple[str, ...]
    library: Library
    median: Mapping[str, object]
    trees: int
    interval: Mapping[str, object] | None = None
    interval_trees: int = 0

    @property
    def parameters(self) -> dict[str, object]:
        """All that decides, beside rows and code, what is fitted."""
        return {
            "median": dict(self.median),
            "trees": self.trees,
            "interval": dict(self.interval or {}),
            "interval_trees": self.interval_trees,
        }

    def groups(self, inputs: np.ndarray) -> np.ndarray:
        """The group of each row, in which errors are alike."""
        tier, playoffs = (
            self.features.index(name) for name in ("points_avg_season", "playoff_game")
        )
        return groups_of(inputs[:, tier], inputs[:, playoffs])

    def study(self, sample: Sample) -> Study:
        """Predict each fold by trees that never saw it, and measure what that shows."""
        grown = [self._grow_without(sample, fold) for fold in range(FOLDS)]
        rows = [int((sample.folds == fold).sum()) for fold in range(FOLDS)]
        trees = best_length([one.curve for one in grown], rows)
        answers = np.empty(len(sample.points))
        ends = np.empty((len(sample.points), 2))
        for fold, one in enumerate(grown):
            out = sample.folds == fold
            answers[out] = self.library.ask(one.content, sample.inputs[out], trees)
            ends[out] = answers[out, None]
            if self.interval:
                content = self._grow_interval(sample.inputs[~out], sample.points[~out])
                ends[out] = self.library.ask(content, sample.inputs[out], None)
        stretch, lift = np.polyfit(_clipped(answers), sample.points, 1)
        return Study(
            trees,
            shifts(sample.points, *ends.T, sample.groups),
            float(stretch),
            float(lift),
            _clipped(answers),
        )

    def _grow_without(self, sample: Sample, fold: int) -> Grown:
        out = sample.folds == fold
        return self.library.grow(
            self.median,
            self.trees,
            sample.inputs[~out],
            sample.points[~out],
            (sample.inputs[out], sample.points[out]),
        )

    def _grow_interval(self, inputs: np.ndarray, points: np.ndarray) -> bytes:
        return self.library.grow(self.interval, self.interval_trees, inputs, points, None).content

    def fit(self, inputs: np.ndarray, points: np.ndarray, study: Mapping) -> Fitted:
        """Fit on all rows, as long as the ``study`` (the facts of one) found best."""
        grown = self.library.grow(self.median, study["trees"], inputs, points, None)
        files = {
            self._points_file: grown.content,
            SHIFTS: json.dumps(
                {name: study[name] for name in ("shifts", "mean_stretch", "mean_lift")},
                sort_keys=True,
            ).encode(),
        }
        if self.interval:
            files[self._interval_file] = self._grow_interval(inputs, points)
        return Fitted(files, grown.importance)

    def ask(self, files: Mapping[str, bytes], inputs: np.ndarray) -> Forecast:
        """What a fitted model says of some rows."""
        learned = json.loads(files[SHIFTS])
        raw = self.library.ask(files[self._points_file], inputs, None)
        middle = _clipped(raw)
        low = high = raw
        if self.interval:
            low, high = self.library.ask(files[self._interval_file], inputs, None).T
        down, up = (np.array(learned["shifts"][end])[self.groups(inputs)] for end in ("p10", "p90"))
        return Forecast(
            points=middle,
            p10=np.minimum(_clipped(low + down), middle),
            p90=np.maximum(_clipped(high + up), middle),
            mean=_clipped(learned["mean_stretch"] * middle + learned["mean_lift"]),
        )

    @property
    def _points_file(self) -> str:
        return f"points.{self.library.suffix}"

    @property
    def _interval_file(self) -> str:
        return f"interval.{self.library.suffix}"


def _clipped(points: np.ndarray) -> np.ndarray:
    return np.clip(points, *POINTS_RANGE)


@contextmanager
def _as_value_error() -> Iterator[None]:
    """CatBoost's own error is of no kind that Python has, and would end the run for one day."""
    try:
        yield
    except catboost.CatBoostError as error:
        raise ValueError(f"CatBoost: {error}") from error


@_as_value_error()
def _grow_catboost(parameters, trees, inputs, points, unseen) -> Grown:
    model = catboost.CatBoostRegressor(
        **parameters,
        iterations=trees,
        random_seed=SEED,
        thread_count=CATBOOST_THREADS,
        early_stopping_rounds=PATIENCE if unseen else None,
        use_best_model=False,
        allow_writing_files=False,
        verbose=False,
    )
    model.fit(inputs, points, eval_set=unseen)
    curve = model.get_evals_result()["validation"][parameters["loss_function"]] if unseen else []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.cbm"
        model.save_model(str(path))
        content = path.read_bytes()
    return Grown(content, np.asarray(model.get_feature_importance()), np.array(curve))


@_as_value_error()
def _ask_catboost(content: bytes, inputs: np.ndarray, trees: int | None) -> np.ndarray:
    return (
        catboost.CatBoostRegressor()
        .load_model(blob=content)
        .predict(inputs, thread_count=CATBOOST_THREADS, ntree_end=trees or 0)
    )


def _matrix(inputs: np.ndarray, points: np.ndarray | None = None) -> xgboost.DMatrix:
    return xgboost.DMatrix(inputs, points, nthread=XGBOOST_THREADS)


def _grow_xgboost(parameters, trees, inputs, points, unseen) -> Grown:
    curve: dict[str, dict[str, list[float]]] = {}
    booster = xgboost.train(
        parameters | {"seed": SEED, "nthread": XGBOOST_THREADS, "eval_metric": "mae"},
        _matrix(inputs, points),
        trees,
        evals=[(_matrix(*unseen), "unseen")] if unseen else [],
        early_stopping_rounds=PATIENCE if unseen else None,
        evals_result=curve,
        verbose_eval=False,
    )
    gains = booster.get_score(importance_type="total_gain")
    importance = np.array([gains.get(f"f{n}", 0.0) for n in range(inputs.shape[1])])
    by_trees = curve["unseen"]["mae"] if unseen else []
    return Grown(bytes(booster.save_raw("ubj")), importance, np.array(by_trees))


def _ask_xgboost(content: bytes, inputs: np.ndarray, trees: int | None) -> np.ndarray:
    booster = xgboost.Booster({"nthread": XGBOOST_THREADS})
    booster.load_model(bytearray(content))
    return booster.predict(_matrix(inputs), iteration_range=(0, trees or 0)).astype(float)


CATBOOST_TREES = Library("cbm", _grow_catboost, _ask_catboost)
XGBOOST_TREES = Library("ubj", _grow_xgboost, _ask_xgboost)

POINTS_MODELS = (
    PointsModel("catboost_v8", STORE_FEATURES, CATBOOST_TREES, CATBOOST, trees=800),
    PointsModel("xgboost_v1", BASE_FEATURES, XGBOOST_TREES, XGBOOST, trees=500),
    PointsModel(
        "challenger",
        CHALLENGER_INPUTS,
        CATBOOST_TREES,
        CHALLENGER,
        trees=800,
        interval=QUANTILES,
        interval_trees=150,
    ),
)
"""Every learned system; one more entry is one more model, trained, served and graded."""
