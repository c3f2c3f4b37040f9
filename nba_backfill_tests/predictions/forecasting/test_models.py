"""Training by month and asking the models, on player-games made up here."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from nba_backfill.materialization.computation import CODE_ERRORS, Gathered
from nba_backfill.predictions.forecasting import point_forecasts, points_models
from nba_backfill.predictions.forecasting.artefacts import IMPORTANCE, facts_of, members_of
from nba_backfill.predictions.forecasting.challenger_features import CHALLENGER_FEATURES
from nba_backfill.predictions.forecasting.learning import POINTS_MODELS
from nba_backfill.predictions.forecasting.validation import MINIMUM_ROWS
from nba_backfill.predictions.forecasting.vectors import STORE_FEATURES
from nba_backfill.warehouse.files import LocalFiles

FIRST_GAME = dt.date(2023, 11, 7)
GAME_DATES = 75
PLAYERS = 120
JANUARY, LATE_JANUARY = dt.date(2024, 1, 3), dt.date(2024, 1, 20)
DECEMBER = dt.date(2023, 12, 5)
MODEL_IDS = [model.model_id for model in POINTS_MODELS]


def player_games(seed: int = 1) -> pd.DataFrame:
    """Points that follow the season average, with as much noise as real ones."""
    chance = np.random.default_rng(seed)
    rows = []
    for n in range(GAME_DATES):
        season = chance.uniform(2, 28, PLAYERS)
        features = chance.normal(0, 1, (PLAYERS, len(STORE_FEATURES)))
        for name, values in {
            "points_avg_season": season,
            "points_avg_last_5": season + chance.uniform(0, 2, PLAYERS),
            "points_avg_last_10": season + chance.uniform(0, 1, PLAYERS),
            "fatigue_score": 80.0,
            "opponent_def_rating": 112.0,
            "home_away": 1.0,
            "back_to_back": 0.0,
            "playoff_game": 0.0,
        }.items():
            features[:, STORE_FEATURES.index(name)] = values
        rows.append(
            pd.DataFrame(
                {
                    "game_date": pd.Timestamp(FIRST_GAME) + pd.Timedelta(days=n),
                    "game_id": "game",
                    "player_lookup": [f"player{k:03d}" for k in range(PLAYERS)],
                    "features": list(features),
                    "points": np.round(np.clip(0.9 * season + chance.normal(0, 5, PLAYERS), 0, 60)),
                }
            ).assign(**dict.fromkeys(CHALLENGER_FEATURES, np.nan))
        )
    return pd.concat(rows, ignore_index=True)


@pytest.fixture(scope="module")
def games() -> pd.DataFrame:
    return player_games()


@pytest.fixture(scope="module")
def files(tmp_path_factory) -> LocalFiles:
    return LocalFiles(tmp_path_factory.mktemp("exports"))


def train(rows: pd.DataFrame, files: LocalFiles, *days: dt.date) -> tuple[pd.DataFrame, list[str]]:
    """The rows of points_models, and which models were fitted for them."""
    said: list[str] = []
    found = points_models.compute(Gathered(days, rows, files, said.append))
    done = [line for line in said if line.startswith("training") and ": done" in line]
    fitted = [line.split(" on ")[0].removeprefix("training ") for line in done]
    return found, fitted


@pytest.fixture(scope="module")
def january(games, files) -> pd.DataFrame:
    """The models of January 2024."""
    found, _ = train(games, files, JANUARY)
    return found.set_index("model_id")


def ask(rows: pd.DataFrame, models: pd.DataFrame, files: LocalFiles) -> pd.DataFrame:
    """The rows of point_forecasts, by model."""
    served = rows.drop(columns="points")
    for model_id in MODEL_IDS:
        served[f"{model_id}_artefact"] = models.loc[model_id, "artefact"]
        served[f"{model_id}_version"] = models.loc[model_id, "model_version"]
    said: list[str] = []
    return point_forecasts.compute(Gathered((JANUARY,), served, files, said.append))


@pytest.mark.parametrize("model_id", MODEL_IDS)
def test_a_month_with_enough_rows_has_a_model_that_beats_the_season_average(january, model_id):
    model = january.loc[model_id]
    assert model["model_type"] == "trained"
    assert model["model_cutoff"] == dt.date(2024, 1, 1)
    assert model["training_last_date"] == dt.date(2023, 12, 31)
    assert model["validation_mae"] < model["season_average_mae"]


@pytest.mark.parametrize("model_id", MODEL_IDS)
def test_a_model_file_holds_its_facts_and_a_picture_of_its_inputs(january, files, model_id):
    members = members_of(files, january.loc[model_id, "artefact"])
    assert members[IMPORTANCE].startswith(b"\x89PNG")
    assert facts_of(members)["validation_rows"] == (dt.date(2024, 1, 1) - FIRST_GAME).days * PLAYERS
    assert facts_of(members)["seconds"] > 0


def test_the_other_days_of_a_month_find_its_models(games, files, january):
    found, fitted = train(games, files, LATE_JANUARY)
    assert fitted == []
    assert list(found["artefact"]) == list(january["artefact"])


def test_months_asked_for_together_have_the_models_they_have_alone(games, files, january):
    found, fitted = train(games, files, DECEMBER, JANUARY)
    assert fitted == []
    asked_alone = found[found["game_date"] == JANUARY]
    assert list(asked_alone["artefact"]) == list(january["artefact"])


def test_what_happens_in_a_month_does_not_change_its_models(games, files, january):
    later = games.copy()
    later.loc[later["game_date"] >= "2024-01-01", "points"] = 0
    found, fitted = train(later, files, JANUARY)
    assert fitted == []
    assert list(found["artefact"]) == list(january["artefact"])


def test_a_correction_before_a_month_fits_its_models_again(games, files, january):
    corrected = games.copy()
    corrected.loc[0, "points"] += 1
    found, fitted = train(corrected, files, JANUARY)
    assert fitted == [f"{model_id} for 2024-01" for model_id in MODEL_IDS]
    assert set(found["artefact"]).isdisjoint(january["artefact"])


def test_the_order_of_rows_does_not_matter(games, files, january):
    found, fitted = train(games.sample(frac=1, random_state=3), files, JANUARY)
    assert fitted == []
    assert list(found["artefact"]) == list(january["artefact"])


@pytest.mark.slow
def test_a_lost_file_is_fitted_again_with_the_same_forecasts(games, files, january, tmp_path):
    elsewhere = LocalFiles(tmp_path)
    again, fitted = train(games, elsewhere, JANUARY)
    assert len(fitted) == len(MODEL_IDS)
    rows = games[games["game_date"] == pd.Timestamp(JANUARY)]
    pd.testing.assert_frame_equal(
        ask(rows, january, files), ask(rows, again.set_index("model_id"), elsewhere)
    )


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda content: b"not an archive", id="overwritten"),
        pytest.param(
            lambda content: content[: len(content) // 2], id="cut off", marks=pytest.mark.slow
        ),
        pytest.param(
            lambda content: content[:200] + bytes(300) + content[500:],
            id="zeros inside",
            marks=pytest.mark.slow,
        ),
    ],
)
def test_a_damaged_file_is_fitted_again(games, files, january, tmp_path, damage):
    some = LocalFiles(tmp_path)
    for model_id in MODEL_IDS:
        name = january.loc[model_id, "artefact"]
        some.write(name, files.read(name))
    champion = january.loc["catboost_v8", "artefact"]
    some.write(champion, damage(files.read(champion)))
    again, fitted = train(games, some, JANUARY)
    assert fitted == ["catboost_v8 for 2024-01"]
    assert list(again["artefact"]) == list(january["artefact"])


def test_a_month_without_enough_rows_falls_back_with_its_reason(games, files):
    found, fitted = train(games, files, DECEMBER)
    assert fitted == []
    assert (found["training_rows"] < MINIMUM_ROWS).all()
    assert list(found["model_type"]) == ["fallback"] * len(MODEL_IDS)
    assert list(found["reason"]) == ["not_enough_rows"] * len(MODEL_IDS)
    assert found["artefact"].isna().all()


@pytest.mark.slow  # no tree says it exactly, so all of them are grown
def test_a_model_worse_than_the_season_average_is_not_published(games, files):
    """A league in which everybody scores his season average, which no tree says exactly."""
    season = np.stack(games["features"])[:, STORE_FEATURES.index("points_avg_season")]
    found, _ = train(games.assign(points=season), files, JANUARY)
    refused = found.set_index("model_id")
    assert set(refused["model_type"]) == {"fallback"}
    assert set(refused["reason"]) == {"worse_than_season_average"}
    assert refused["model_version"].isna().all()


@pytest.mark.parametrize("model_id", MODEL_IDS)
def test_four_of_five_games_to_come_lie_inside_the_interval(games, files, january, model_id):
    rows = games[games["game_date"] >= pd.Timestamp("2024-01-01")].reset_index(drop=True)
    forecasts = ask(rows, january, files).query("model_id == @model_id").reset_index(drop=True)
    low, high = forecasts["predicted_points_p10"], forecasts["predicted_points_p90"]
    assert rows["points"].between(low, high).mean() == pytest.approx(0.80, abs=0.04)


def test_every_model_answers_every_valid_row(games, files, january):
    rows = games[games["game_date"] == pd.Timestamp(JANUARY)]
    forecasts = ask(rows, january, files)
    assert len(forecasts) == len(rows) * len(MODEL_IDS)
    assert set(forecasts["model_type"]) == {"trained"}
    assert forecasts["predicted_points"].between(0, 60).all()
    assert (forecasts["predicted_points_p10"] <= forecasts["predicted_points"]).all()
    assert (forecasts["predicted_points"] <= forecasts["predicted_points_p90"]).all()
    assert forecasts["predicted_points_mean"].between(0, 60).all()


def test_one_row_asked_alone_gets_the_answer_it_gets_in_a_batch(games, files, january):
    rows = games[games["game_date"] == pd.Timestamp(JANUARY)]
    together = ask(rows, january, files)
    alone = pd.concat([ask(rows.iloc[[n]], january, files) for n in range(0, len(rows), 40)])
    merged = alone.merge(together, on=["player_lookup", "model_id"], suffixes=("", "_batch"))
    assert (merged["predicted_points"] == merged["predicted_points_batch"]).all()


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda vector: None, id="no vector"),
        pytest.param(lambda vector: vector[:25], id="25 of 33 features"),
        pytest.param(lambda vector: np.where(np.arange(33) == 2, np.nan, vector), id="a NULL"),
        pytest.param(lambda vector: np.where(np.arange(33) == 2, 61.0, vector), id="out of range"),
    ],
)
def test_an_invalid_vector_falls_back_alone_and_says_so(games, files, january, spoil):
    rows = games[games["game_date"] == pd.Timestamp(JANUARY)].reset_index(drop=True)
    vectors = list(rows["features"])
    vectors[0] = spoil(vectors[0])
    spoilt = rows.assign(features=pd.Series(vectors, dtype=object))
    forecasts = ask(spoilt, january, files)
    of_player = forecasts["player_lookup"] == rows.loc[0, "player_lookup"]
    assert list(forecasts.loc[of_player, "fallback_reason"]) == ["invalid_features"] * 3
    assert forecasts.loc[of_player, "predicted_points"].isna().all()
    whole = ask(rows, january, files)
    pd.testing.assert_frame_equal(forecasts[~of_player], whole[~of_player])


@pytest.mark.parametrize("content", [None, b"not an archive"], ids=["missing", "damaged"])
def test_a_missing_or_damaged_file_falls_back_and_leaves_the_other_models(
    games, files, january, tmp_path, content
):
    some = LocalFiles(tmp_path)
    for model_id in ("xgboost_v1", "challenger"):
        name = january.loc[model_id, "artefact"]
        some.write(name, files.read(name))
    if content is not None:
        some.write(january.loc["catboost_v8", "artefact"], content)
    rows = games[games["game_date"] == pd.Timestamp(JANUARY)]
    forecasts = ask(rows, january, some).set_index("model_id")
    assert set(forecasts.loc["catboost_v8", "fallback_reason"]) == {"artefact_missing"}
    assert set(forecasts.loc["xgboost_v1", "model_type"]) == {"trained"}


def test_the_select_of_the_forecasts_knows_every_model():
    for model_id in MODEL_IDS:
        assert f"{model_id}_artefact" in point_forecasts.TABLE.sql
        assert f"{model_id}_version" in point_forecasts.TABLE.sql


@pytest.mark.parametrize("model", POINTS_MODELS, ids=lambda model: model.model_id)
def test_a_file_that_is_no_model_is_an_error_that_a_step_pins_to_its_days(model):
    junk = dict.fromkeys(("points.cbm", "points.ubj", "interval.cbm", "shifts.json"), b"no model")
    with pytest.raises(CODE_ERRORS):
        model.ask(junk, np.zeros((1, len(model.features))))
