"""Which model serves which day, and the training of a month's models (spec 40, 2.8).

The models of a month are fitted on every game before its first day, once: a model file is named
by a hash of the rows, the code and the parameters it comes from, so the other days of the month,
and every later run over unchanged data, find it. Training one month again touches no other. What
decides its length and interval is studied once per season, in a file of its own.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import inspect
import json
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from nba_backfill.core.table import Column, Layer, Picture, Rows, Rule, Table
from nba_backfill.core.window import Window
from nba_backfill.materialization.computation import Gathered
from nba_backfill.predictions.forecasting import learning, validation, vectors
from nba_backfill.predictions.forecasting.artefacts import (
    ARCHIVE_TYPE,
    FACTS,
    IMPORTANCE,
    facts_of,
    importance_picture,
    members_of,
    pack,
)
from nba_backfill.predictions.forecasting.learning import (
    POINTS_MODELS,
    SEED,
    PointsModel,
    Sample,
)
from nba_backfill.predictions.forecasting.validation import (
    MINIMUM_ROWS,
    folds_of,
    validated_before,
)
from nba_backfill.predictions.forecasting.vectors import STORE_FEATURES, inputs_of, store_vectors
from nba_backfill.warehouse.dialect import Statement
from nba_backfill.warehouse.protocol import Warehouse

TRAINED, FALLBACK = "trained", "fallback"
NOT_ENOUGH_ROWS, WORSE_THAN_AVERAGE = "not_enough_rows", "worse_than_season_average"
WORSE_BY = 0.05
"""A model is published if its validation error is at most this much above the season average's."""

STUDY_FIGURES = ("trees", "validation_rows", "validation_mae", "season_average_mae")
"""What a study says of a model, beside what the model itself needs."""

FOLDER = "models"
CODE = "".join(map(inspect.getsource, (learning, validation, vectors)))


@dataclass(frozen=True, slots=True)
class History:
    """Player-games that may be learned from, by date; ``store`` holds their 33 features."""

    rows: pd.DataFrame
    dates: np.ndarray
    points: np.ndarray
    store: np.ndarray

    @classmethod
    def of(cls, rows: pd.DataFrame) -> History:
        """The valid rows of what the SELECT gathered."""
        rows = rows.sort_values(["game_date", "player_lookup"], ignore_index=True)
        store, valid = store_vectors(rows)
        rows = rows[valid].reset_index(drop=True)
        dates = rows["game_date"].to_numpy(dtype="datetime64[D]")
        return cls(rows, dates, rows["points"].to_numpy(dtype=float), store[valid])

    def until(self, cutoff: dt.date) -> int:
        """How many rows are strictly before a date."""
        return int(np.searchsorted(self.dates, np.datetime64(cutoff)))


def compute(gathered: Gathered) -> pd.DataFrame:
    """One row per wanted day and model; trains what no file answers for yet."""
    history = History.of(gathered.rows)
    cutoffs = sorted({day.replace(day=1) for day in gathered.days})
    studied = {cutoff: validated_before(history.dates, cutoff) for cutoff in cutoffs}
    found: dict[tuple[dt.date, str], dict] = {}
    for model in POINTS_MODELS:
        inputs = inputs_of(history.rows, model.features, history.store)
        keys = _artefact_keys(
            model, inputs, history, sorted({*cutoffs, *filter(None, studied.values())})
        )
        for cutoff in cutoffs:
            found[cutoff, model.model_id] = _month(
                model, inputs, history, cutoff, studied[cutoff], keys, gathered
            )
    return pd.DataFrame(
        [
            {"game_date": day, **found[day.replace(day=1), model.model_id]}
            for day in gathered.days
            for model in POINTS_MODELS
        ],
        # Months without any model lack the columns that only a model fills.
        columns=[column.name for column in TABLE.columns],
    )


def _artefact_keys(
    model: PointsModel, inputs: np.ndarray, history: History, cutoffs: Sequence[dt.date]
) -> dict[dt.date, str]:
    """Per cut-off a hash of all that decides the model: rows before it, inputs, code, seed."""
    recipe = (
        model.model_id,
        CODE,
        json.dumps(model.parameters, sort_keys=True),
        vectors.features_hash(model.features),
    )
    # One running hash per array: interleaved in one, the bytes would depend on which months are
    # asked for together, and a month asked for alone would be fitted again.
    read = [(array, hashlib.blake2b()) for array in (history.dates, history.points, inputs)]
    keys, done = {}, 0
    for cutoff in cutoffs:
        count = history.until(cutoff)
        for array, running in read:
            running.update(np.ascontiguousarray(array[done:count]).tobytes())
        contents = (running.hexdigest() for _, running in read)
        key = hashlib.blake2b("|".join((*recipe, *contents)).encode(), digest_size=12)
        keys[cutoff], done = key.hexdigest(), count
    return keys


def _month(
    model: PointsModel,
    inputs: np.ndarray,
    history: History,
    cutoff: dt.date,
    studied: dt.date | None,
    keys: Mapping[dt.date, str],
    gathered: Gathered,
) -> dict:
    """The row of a month: its model's file, fitted now if it is not there, or why it has none."""
    count = history.until(cutoff)
    row = {
        "model_id": model.model_id,
        "model_cutoff": cutoff,
        "training_rows": count,
        "features_hash": vectors.features_hash(model.features),
        "feature_names": list(model.features),
        "parameters": json.dumps(model.parameters, sort_keys=True),
        "seed": SEED,
        "training_first_date": _date(history.dates[0]) if count else None,
        "training_last_date": _date(history.dates[count - 1]) if count else None,
    }
    if studied is None:
        return row | {"model_type": FALLBACK, "reason": NOT_ENOUGH_ROWS}
    study = _kept(
        f"{FOLDER}/{model.model_id}/study-{studied:%Y-%m}-{keys[studied]}.zip",
        f"studying {model.model_id} before {studied:%Y-%m}",
        gathered,
        lambda: _studied(model, inputs[: history.until(studied)], history),
    )
    facts = facts_of(study)
    name = f"{FOLDER}/{model.model_id}/{cutoff:%Y-%m}-{keys[cutoff]}.zip"
    _kept(
        name,
        f"training {model.model_id} for {cutoff:%Y-%m} on {count:,} player-games",
        gathered,
        lambda: _train(model, inputs[:count], history.points[:count], facts, cutoff),
    )
    worse = facts["validation_mae"] > facts["season_average_mae"] + WORSE_BY
    return row | {
        "model_type": FALLBACK if worse else TRAINED,
        "reason": WORSE_THAN_AVERAGE if worse else None,
        "model_version": None if worse else f"{model.model_id}:{cutoff:%Y-%m}:{keys[cutoff][:8]}",
        "artefact": name,
        "validated_before": studied,
        **{figure: facts[figure] for figure in STUDY_FIGURES},
    }


def _kept(
    name: str, what: str, gathered: Gathered, make: Callable[[], dict[str, bytes]]
) -> dict[str, bytes]:
    """The files of an archive: stored, or made now, stored and told."""
    members = members_of(gathered.files, name)
    if members is None:
        gathered.say(what)
        started = time.perf_counter()
        members = make()
        seconds = round(time.perf_counter() - started, 2)
        members[FACTS] = json.dumps(
            facts_of(members) | {"seconds": seconds}, sort_keys=True
        ).encode()
        gathered.files.write(name, pack(members), content_type=ARCHIVE_TYPE)
        gathered.say(f"{what}: done in {seconds:.1f} s")
    return members


def _studied(model: PointsModel, inputs: np.ndarray, history: History) -> dict[str, bytes]:
    """What blocks of dates that a model does not see show about it."""
    count = len(inputs)
    truth = history.points[:count]
    study = model.study(
        Sample(inputs, truth, folds_of(history.dates[:count]), model.groups(inputs))
    )
    season = history.store[:count, STORE_FEATURES.index("points_avg_season")]
    facts = {
        "trees": study.trees,
        "shifts": study.shifts,
        "mean_stretch": study.mean_stretch,
        "mean_lift": study.mean_lift,
        "validation_rows": count,
        "validation_mae": round(float(np.abs(study.answers - truth).mean()), 4),
        "season_average_mae": round(float(np.abs(season - truth).mean()), 4),
    }
    return {FACTS: json.dumps(facts).encode()}


def _train(
    model: PointsModel, inputs: np.ndarray, points: np.ndarray, study: Mapping, cutoff: dt.date
) -> dict[str, bytes]:
    """Fit one model; what its archive holds: the fitted files, facts and a picture."""
    fitted = model.fit(inputs, points, study)
    title = f"{model.model_id}, {cutoff:%Y-%m}: {len(inputs):,} player-games before the month"
    facts = {figure: study[figure] for figure in STUDY_FIGURES}
    return {
        **fitted.files,
        FACTS: json.dumps(facts).encode(),
        IMPORTANCE: importance_picture(title, model.features, fitted.importance),
    }


def _date(value: np.datetime64) -> dt.date:
    return value.astype("datetime64[D]").item()


def shows(warehouse: Warehouse, days: Sequence[dt.date]) -> Mapping[dt.date, Mapping]:
    """For the first day of each month: its models' figures, and what they look at."""
    firsts = {day.replace(day=1): day for day in sorted(days, reverse=True)}
    return {day: dict(_shown(warehouse, day)) for day in firsts.values()}


def _shown(warehouse: Warehouse, day: dt.date) -> Iterator[tuple[str, object]]:
    rows = warehouse.query(
        Statement(
            "SELECT model_id, artefact, training_rows, reason FROM nba_predictions.points_models"
            " WHERE game_date = @day ORDER BY model_id",
            {"day": day},
        )
    )
    for model_id, artefact, training_rows, reason in rows:
        yield f"{model_id}/training_rows", training_rows
        if reason is not None:
            yield f"{model_id}/reason", reason
        members = members_of(warehouse.files, artefact) if artefact else None
        if members is None:
            continue
        facts = facts_of(members)
        yield f"{model_id}/file", warehouse.files.uri(artefact)
        for name in ("validation_mae", "season_average_mae", "seconds"):
            yield f"{model_id}/{name}", facts[name]
        yield f"{model_id}/importance", Picture(members[IMPORTANCE])


TABLE = Table(
    name="points_models",
    dataset="nba_predictions",
    layer=Layer.PREDICTIONS,
    date_column="game_date",
    grain=("game_date", "model_id"),
    reads={
        "ml_feature_store_v2": Window.history_before_month(),
        "challenger_features": Window.history_before_month(),
        "player_game_summary": Window.history_before_month(),
    },
    expects=Rows.per_day(len(POINTS_MODELS), len(POINTS_MODELS)),
    description=(
        "Which learned model serves a day: for each system the file fitted on all games before "
        "the first of the day's month, or why there is none."
    ),
    columns=(
        Column("game_date", "DATE", "Day the model serves", required=True),
        Column(
            "model_id",
            "STRING",
            "System the model answers for",
            required=True,
            one_of=tuple(model.model_id for model in POINTS_MODELS),
        ),
        Column("model_cutoff", "DATE", "First of the month: all rows are before it", required=True),
        Column(
            "model_type",
            "STRING",
            "trained, or fallback: the system answers by its fallback formula",
            required=True,
            one_of=(TRAINED, FALLBACK),
        ),
        Column(
            "reason",
            "STRING",
            f"Why there is no model: fewer than {MINIMUM_ROWS:,} rows before the month, or "
            f"validation error more than {WORSE_BY} above the season average's",
            one_of=(NOT_ENOUGH_ROWS, WORSE_THAN_AVERAGE),
        ),
        Column("model_version", "STRING", "System, month and content of the model"),
        Column("artefact", "STRING", "Name of the model file in the export store"),
        Column(
            "training_rows",
            "INT64",
            "Player-games with minutes before the cut-off, all of which the model is fitted on",
            required=True,
        ),
        Column("training_first_date", "DATE", "First game date learned from"),
        Column("training_last_date", "DATE", "Last game date, strictly before the cut-off"),
        Column(
            "validated_before",
            "DATE",
            "Month before which the model was studied on blocks of dates it did not see; that gave "
            "the number of trees, the interval and the figures below",
        ),
        Column("validation_rows", "INT64", "Rows of that study: all before that month"),
        Column(
            "validation_mae",
            "FLOAT64",
            "Mean absolute error on rows it did not see",
            unit="points",
            between=(0, 60),
        ),
        Column(
            "season_average_mae",
            "FLOAT64",
            "The same for the season average as forecast",
            unit="points",
            between=(0, 60),
        ),
        Column("trees", "INT64", "Trees kept"),
        Column("features_hash", "STRING", "Hash of the inputs and their order", required=True),
        Column("feature_names", "ARRAY<STRING>", "Inputs in the model's order", required=True),
        Column("parameters", "STRING", "Training parameters, as JSON", required=True),
        Column("seed", "INT64", "Random seed", required=True),
    ),
    rules=(
        Rule(
            "learns_from_the_past_only",
            "training_last_date < model_cutoff AND model_cutoff <= game_date",
            "Every game learned from is before the month, and the month not after the day",
        ),
        Rule(
            "validated_on_the_past_only",
            "validated_before <= model_cutoff",
            "What decides length and interval is known before the month",
        ),
        Rule(
            "trained_or_reasoned",
            "(model_type = 'trained') = (reason IS NULL)"
            " AND (model_type = 'trained') = (model_version IS NOT NULL)",
            "A day has a model or a reason for having none",
        ),
        Rule(
            "model_beats_season_average",
            "validation_mae <= season_average_mae",
            "A model that is not better than the season average has learned nothing",
            blocking=False,
        ),
    ),
    clustering=("model_id",),
    source=__file__,
    compute=compute,
    code=(learning, validation, vectors, sys.modules[__name__]),
    shows=shows,
)
