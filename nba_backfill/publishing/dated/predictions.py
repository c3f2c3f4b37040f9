"""predictions/{date}.json: every prediction of the champion, game by game (spec 50, 3.3)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Literal, Self

import pandas as pd
from pydantic import model_validator

from nba_backfill.core.table import Reconciliation, Rule
from nba_backfill.core.window import Window
from nba_backfill.predictions.forecasting.prediction_columns import CHAMPION
from nba_backfill.publishing.document import Document, Part
from nba_backfill.publishing.exporter import Kind, exporter
from nba_backfill.publishing.gathered import records, rounded

LARGEST = 500_000
"""Bytes of a day's document from which a phone waits for it (P6-10)."""


class Prediction(Part):
    """Points forecast and pick; ``edge`` = points - line, with its sign."""

    points: float
    confidence: float
    recommendation: Literal["OVER", "UNDER", "PASS", "NO_LINE"]
    line: float | None
    edge: float | None


class Context(Part):
    """What the similarity system found; points, and games."""

    pace_adjustment: float | None
    similar_games: int | None


class PlayerPrediction(Part):
    """A player's prediction in a game."""

    player_lookup: str
    team: str
    is_home: bool
    prediction: Prediction
    context: Context


class Recommendations(Part):
    """How many predictions are which pick."""

    over: int
    under: int
    pass_: int
    no_line: int


class Game(Part):
    """The predictions of one game, by confidence."""

    game_id: str
    home_team: str
    away_team: str
    prediction_count: int
    recommendation_breakdown: Recommendations
    predictions: list[PlayerPrediction]


class Predictions(Document):
    """The document of a game date."""

    game_date: dt.date
    total_games: int
    total_predictions: int
    games: list[Game]

    @model_validator(mode="after")
    def is_complete_and_single(self) -> Self:
        """Totals are those of the lists, and a player stands once in a game (P6-4)."""
        if self.total_games != len(self.games):
            raise ValueError(f"{len(self.games)} games, total says {self.total_games}")
        keys = [(game.game_id, p.player_lookup) for game in self.games for p in game.predictions]
        if len(set(keys)) != len(keys) or len(keys) != self.total_predictions:
            raise ValueError(
                f"{len(set(keys))} players in {len(keys)} predictions, total says"
                f" {self.total_predictions}"
            )
        return self


def shape(day: dt.date, rows: pd.DataFrame) -> Mapping[str, Mapping]:
    """The document of one game date."""
    listed = sorted(
        records(rows), key=lambda r: (r["game_id"], -r["confidence"], r["player_lookup"])
    )
    games = [_game(game_id, [*of_it]) for game_id, of_it in groupby(listed, lambda r: r["game_id"])]
    return {
        f"predictions/{day}.json": {
            "game_date": day,
            "total_games": len(games),
            "total_predictions": len(listed),
            "games": games,
        }
    }


def _game(game_id: str, rows: Sequence[Mapping]) -> dict:
    _, away, home = game_id.split("_")
    picks = [row["recommendation"] for row in rows]
    return {
        "game_id": game_id,
        "home_team": home,
        "away_team": away,
        "prediction_count": len(rows),
        "recommendation_breakdown": {
            name.lower(): picks.count(name) for name in ("OVER", "UNDER", "PASS", "NO_LINE")
        },
        "predictions": [_prediction(row) for row in rows],
    }


def _prediction(row: Mapping) -> dict:
    line = row["line"]
    return {
        "player_lookup": row["player_lookup"],
        "team": row["team"],
        "is_home": row["is_home"],
        "prediction": {
            "points": rounded(row["points"], 2),
            "confidence": rounded(row["confidence"], 2),
            "recommendation": row["recommendation"],
            "line": rounded(line, 2),
            "edge": None if line is None else rounded(row["points"] - line, 1),
        },
        "context": {
            "pace_adjustment": rounded(row["pace_adjustment"], 2),
            "similar_games": row["similar_games"],
        },
    }


LISTS_EVERY_PREDICTION = Reconciliation(
    name="lists_every_prediction",
    description="The document lists each of the champion's predictions once, by game (P6-4).",
    reads=("predictions", "player_prop_predictions"),
    sql=f"""
WITH predicted AS (
  SELECT game_date, game_id, COUNT(DISTINCT player_lookup) AS players
  FROM player_prop_predictions
  WHERE system_id = '{CHAMPION}'
  GROUP BY game_date, game_id
),

totals AS (
  SELECT game_date, SUM(players) AS players
  FROM predicted
  GROUP BY game_date
)

SELECT
  predictions.game_date AS day,
  predictions.path,
  predictions.entries,
  totals.players AS expected
FROM predictions
LEFT JOIN totals ON totals.game_date = predictions.game_date
WHERE predictions.problem IS NULL AND predictions.entries != COALESCE(totals.players, 0)
UNION ALL
SELECT predictions.game_date, predictions.path, predictions.entries, predicted.players
FROM predictions
INNER JOIN predicted ON predicted.game_date = predictions.game_date
WHERE predictions.problem IS NULL AND STRPOS(predictions.document, predicted.game_id) = 0
""",
)

GAMES_ARE_SCHEDULED = Reconciliation(
    name="games_are_scheduled",
    description="Every game that is predicted stands on the schedule of its date (P6-4).",
    reads=("predictions", "player_prop_predictions", "games"),
    sql=f"""
SELECT DISTINCT
  predictions.game_date AS day,
  predictions.path,
  predicted.game_id
FROM predictions
INNER JOIN player_prop_predictions AS predicted ON predicted.game_date = predictions.game_date
LEFT JOIN games
  ON games.game_date = predicted.game_date
  AND games.game_id = predicted.game_id
WHERE predicted.system_id = '{CHAMPION}' AND games.game_id IS NULL
""",
)

TABLE = exporter(
    name="predictions",
    kind=Kind.DATED,
    before_tip=True,
    paths="predictions/{date}.json",
    max_age=3600,
    model=Predictions,
    reads={"player_prop_predictions": Window.same_day()},
    steps=("../shared/champion",),
    shape=shape,
    entries=lambda document: document.total_predictions,
    description="Every prediction of the champion on a date, game by game.",
    source=__file__,
    rules=(
        Rule(
            "is_small",
            f"bytes < {LARGEST}",
            "A day's predictions fit into 500 KB (P6-10)",
            blocking=False,
        ),
    ),
    reconciliations=(LISTS_EVERY_PREDICTION, GAMES_ARE_SCHEDULED),
)
