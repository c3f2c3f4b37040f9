"""results/{date}.json: what the champion predicted and what came of it (spec 50, 3.1).

A push is neither right nor wrong, a prediction without a line is no pick, and who did not play
counts in nothing but the total. Zero is a figure: an error of 0.0 is the best one there is.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import Literal, Self

import pandas as pd
from pydantic import model_validator

from nba_backfill.core.season import BOOTSTRAP_DAYS
from nba_backfill.core.table import Reconciliation
from nba_backfill.core.window import Window
from nba_backfill.predictions.forecasting.prediction_columns import CHAMPION
from nba_backfill.publishing.document import Document, Nothing, Part
from nba_backfill.publishing.exporter import Kind, exporter
from nba_backfill.publishing.gathered import mean, ratio, records

PICKS = ("OVER", "UNDER")
HIGH_CONFIDENCE, MEDIUM_CONFIDENCE = 0.70, 0.55
ELITE_POINTS, STARTER_POINTS = 25, 15
RESTED_DAYS = 2

Outcome = Literal["WIN", "LOSS", "PUSH", "PASS", "NO_LINE", "VOID"]


class Summary(Part):
    """The day in figures; errors over predictions that are not void, rates over decided picks."""

    total_predictions: int
    recommendations: int
    correct: int
    incorrect: int
    push_count: int
    pass_count: int
    no_line_count: int
    void_count: int
    win_rate: float
    avg_mae: float
    avg_bias: float
    within_3_points: int
    within_5_points: int
    within_3_pct: float
    within_5_pct: float

    @model_validator(mode="after")
    def outcomes_add_up(self) -> Self:
        """Every prediction has exactly one outcome (P6-2)."""
        decided = self.correct + self.incorrect + self.push_count
        others = self.no_line_count + self.pass_count + self.void_count
        if decided != self.recommendations or decided + others != self.total_predictions:
            raise ValueError(
                f"outcomes do not add up to {self.total_predictions}: {decided} of"
                f" {self.recommendations} picks, {others} others"
            )
        return self


class Record(Part):
    """Picks of one kind. ``avg_error``: mean absolute error in points."""

    total: int
    wins: int
    losses: int
    pushes: int
    win_rate: float
    avg_error: float


class ByPlayerTier(Part):
    """By his season average before the game: 25 points and more, 15 and more, the rest."""

    elite: Record
    starter: Record
    role_player: Record


class ByConfidence(Part):
    """By confidence: 0.70 and more, 0.55 and more, the rest."""

    high: Record
    medium: Record
    low: Record


class ByRecommendation(Part):
    """By side of the line."""

    over: Record
    under: Record


class ByContext(Part):
    """By circumstances, which overlap. ``rested``: two days and more since his last game."""

    home: Record
    away: Record
    back_to_back: Record
    rested: Record


class Breakdowns(Part):
    """The day's picks in parts."""

    by_player_tier: ByPlayerTier
    by_confidence: ByConfidence
    by_recommendation: ByRecommendation
    by_context: ByContext


class Result(Part):
    """One prediction. ``error`` and ``bias`` (predicted - actual) in points; null if void."""

    player_lookup: str
    game_id: str
    team: str
    opponent: str
    predicted: float | None
    actual: int | None
    line: float | None
    recommendation: Literal["OVER", "UNDER", "PASS", "NO_LINE"]
    result: Outcome
    error: float | None
    bias: float | None
    confidence: float | None
    minutes: float | None
    confidence_tier: Literal["high", "medium", "low"]
    player_tier: Literal["elite", "starter", "role_player"]
    is_home: bool
    is_back_to_back: bool
    days_rest: int | None


class BestPrediction(Part):
    """The smallest error of the day."""

    player: str
    team: str
    predicted: float
    actual: int
    error: float


class WorstPrediction(BestPrediction):
    """The largest error of the day."""

    minutes: float | None


class Highlights(Part):
    """The best and the worst prediction of the day."""

    best_prediction: BestPrediction
    worst_prediction: WorstPrediction


class Results(Document):
    """The document of a game date."""

    game_date: dt.date
    summary: Summary
    breakdowns: Breakdowns
    results: list[Result]
    highlights: Highlights | Nothing

    @model_validator(mode="after")
    def everything_is_listed(self) -> Self:
        """The total is that of the list."""
        if self.summary.total_predictions != len(self.results):
            raise ValueError(
                f"{len(self.results)} results, total says {self.summary.total_predictions}"
            )
        return self


def shape(day: dt.date, rows: pd.DataFrame) -> Mapping[str, Mapping]:
    """The document of one game date."""
    listed = sorted(
        (_result(row) for row in records(rows)), key=lambda r: (r["game_id"], r["player_lookup"])
    )
    return {
        f"results/{day}.json": {
            "game_date": day,
            "summary": _summary(listed),
            "breakdowns": _breakdowns(listed),
            "results": listed,
            "highlights": _highlights(listed),
        }
    }


def outcome(row: Mapping) -> Outcome:
    """What came of a prediction: void first, then whether there was a line, a pick and a winner."""
    if row["is_voided"]:
        return "VOID"
    if row["recommendation"] not in PICKS:
        return row["recommendation"]
    if row["prediction_correct"] is None:
        return "PUSH"
    return "WIN" if row["prediction_correct"] else "LOSS"


def _result(row: Mapping) -> dict:
    points, confidence = row["points_avg_season"], row["confidence"]
    same = ("player_lookup", "game_id", "team", "opponent", "predicted", "actual", "line")
    measured = ("error", "bias", "confidence", "minutes", "is_home", "is_back_to_back", "days_rest")
    return {
        **{name: row[name] for name in (*same, "recommendation", *measured)},
        "result": outcome(row),
        "confidence_tier": _tier(
            confidence, ("high", HIGH_CONFIDENCE), ("medium", MEDIUM_CONFIDENCE), lowest="low"
        ),
        "player_tier": _tier(
            points, ("elite", ELITE_POINTS), ("starter", STARTER_POINTS), lowest="role_player"
        ),
    }


def _tier(value: float | None, *tiers: tuple[str, float], lowest: str) -> str:
    return next((n for n, least in tiers if value is not None and value >= least), lowest)


def _count(results: Sequence[Mapping], *outcomes: str) -> int:
    return sum(result["result"] in outcomes for result in results)


def _mean(values: Sequence[float]) -> float:
    return mean(values, 2) or 0.0


def _summary(results: Sequence[Mapping]) -> dict:
    graded = [r for r in results if r["result"] != "VOID"]
    errors = [r["error"] for r in graded]
    correct, incorrect = _count(results, "WIN"), _count(results, "LOSS")
    within = {points: sum(error <= points for error in errors) for points in (3, 5)}
    return {
        "total_predictions": len(results),
        "recommendations": sum(r["recommendation"] in PICKS for r in graded),
        "correct": correct,
        "incorrect": incorrect,
        "push_count": _count(results, "PUSH"),
        "pass_count": _count(results, "PASS"),
        "no_line_count": _count(results, "NO_LINE"),
        "void_count": _count(results, "VOID"),
        "win_rate": ratio(correct, correct + incorrect, 3) or 0.0,
        "avg_mae": _mean(errors),
        "avg_bias": _mean([r["bias"] for r in graded]),
        "within_3_points": within[3],
        "within_5_points": within[5],
        "within_3_pct": ratio(within[3], len(graded), 3) or 0.0,
        "within_5_pct": ratio(within[5], len(graded), 3) or 0.0,
    }


def _breakdowns(results: Sequence[Mapping]) -> dict:
    picks = [r for r in results if r["result"] in ("WIN", "LOSS", "PUSH")]

    def of(chosen: Callable[[Mapping], bool]) -> dict:
        return _record([pick for pick in picks if chosen(pick)])

    return {
        "by_player_tier": {
            tier: of(lambda r, tier=tier: r["player_tier"] == tier)
            for tier in ("elite", "starter", "role_player")
        },
        "by_confidence": {
            tier: of(lambda r, tier=tier: r["confidence_tier"] == tier)
            for tier in ("high", "medium", "low")
        },
        "by_recommendation": {
            side.lower(): of(lambda r, side=side: r["recommendation"] == side) for side in PICKS
        },
        "by_context": {
            "home": of(lambda r: r["is_home"]),
            "away": of(lambda r: not r["is_home"]),
            "back_to_back": of(lambda r: r["is_back_to_back"]),
            "rested": of(lambda r: r["days_rest"] is not None and r["days_rest"] >= RESTED_DAYS),
        },
    }


def _record(picks: Sequence[Mapping]) -> dict:
    wins, losses = _count(picks, "WIN"), _count(picks, "LOSS")
    return {
        "total": len(picks),
        "wins": wins,
        "losses": losses,
        "pushes": _count(picks, "PUSH"),
        "win_rate": ratio(wins, wins + losses, 3) or 0.0,
        "avg_error": _mean([pick["error"] for pick in picks]),
    }


def _highlights(results: Sequence[Mapping]) -> dict:
    graded = [r for r in results if r["result"] != "VOID" and r["error"] is not None]
    if not graded:
        return {}
    best = min(graded, key=lambda r: (r["error"], r["player_lookup"]))
    worst = min(graded, key=lambda r: (-r["error"], r["player_lookup"]))
    return {
        "best_prediction": _highlight(best),
        "worst_prediction": {**_highlight(worst), "minutes": worst["minutes"]},
    }


def _highlight(result: Mapping) -> dict:
    return {
        "player": result["player_lookup"],
        **{name: result[name] for name in ("team", "predicted", "actual", "error")},
    }


LISTS_EVERY_GRADE = Reconciliation(
    name="lists_every_grade",
    description="The document lists exactly the champion's graded predictions of its date (P6-2).",
    reads=("results", "prediction_accuracy"),
    sql=f"""
WITH graded AS (
  SELECT game_date, COUNT(*) AS predictions
  FROM prediction_accuracy
  WHERE system_id = '{CHAMPION}'
  GROUP BY game_date
)

SELECT results.game_date AS day, results.path, results.entries, graded.predictions
FROM results
LEFT JOIN graded ON graded.game_date = results.game_date
WHERE results.problem IS NULL AND results.entries != COALESCE(graded.predictions, 0)
""",
)

NOT_EMPTY_AFTER_GAMES = Reconciliation(
    name="not_empty_after_games",
    description=(
        f"After the first {BOOTSTRAP_DAYS} days of a season a date with a final game whose"
        " players' lines are known has results (P6-8). Play-ins and cup finals have none."
    ),
    reads=("results", "games", "player_game_summary"),
    windows={"games": Window.season_to_date(before=False)},
    blocking=False,
    sql=f"""
WITH seasons AS (
  SELECT season_year, MIN(game_date) AS first_day
  FROM games
  GROUP BY season_year
),

played AS (
  SELECT games.game_date, COUNT(DISTINCT games.game_id) AS games_over
  FROM games
  INNER JOIN seasons ON seasons.season_year = games.season_year
  INNER JOIN player_game_summary
    ON player_game_summary.game_date = games.game_date
    AND player_game_summary.game_id = games.game_id
  WHERE games.is_final AND DATE_DIFF(games.game_date, seasons.first_day, DAY) >= {BOOTSTRAP_DAYS}
  GROUP BY games.game_date
)

SELECT results.game_date AS day, results.path, played.games_over
FROM results
INNER JOIN played ON played.game_date = results.game_date
WHERE results.is_empty AND results.problem IS NULL
""",
)


TABLE = exporter(
    name="results",
    kind=Kind.DATED,
    paths="results/{date}.json",
    max_age=86400,
    model=Results,
    reads={
        "prediction_accuracy": Window.same_day(),
        "ml_feature_store_v2": Window.same_day(),
    },
    steps=("../shared/champion",),
    shape=shape,
    description="Every prediction of the champion on a date and what came of it.",
    source=__file__,
    reconciliations=(LISTS_EVERY_GRADE, NOT_EMPTY_AFTER_GAMES),
)
