"""How the champion's picks stand at this moment (spec 50, 6), by date and as the latest.

A point more or less than the line decides a final; as many points as the line are a push, which
is neither right nor wrong. While a game is on, an OVER that is more than five points short, and an
UNDER that is more than five beyond, is on its way to be wrong.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import ClassVar, Literal

import pandas as pd

from nba_backfill.core.window import Window
from nba_backfill.publishing.document import Document, Part
from nba_backfill.publishing.exporter import Kind, exporter
from nba_backfill.publishing.gathered import mean, ratio, records, rounded
from nba_backfill.publishing.live import feed, inputs, live_scores
from nba_backfill.publishing.live.feed import BoxScores
from nba_backfill.publishing.live.inputs import live, unshaped
from nba_backfill.publishing.live.live_scores import GameStatus, games_of
from nba_backfill.publishing.units import Club, Count, Lookup, Margin, Points, Share

FAR_FROM_LINE = 5
ORDER = (
    "correct",
    "incorrect",
    "push",
    "trending_correct",
    "trending_incorrect",
    "in_progress",
    "graded",
    "pending",
)
FINAL = ("correct", "incorrect", "push", "graded")


class GradedPick(Part):
    """One forecast and how it stands; nothing of the game is known while it is pending."""

    player_lookup: Lookup
    player_name: str
    team: Club
    home_team: Club
    away_team: Club
    game_status: GameStatus
    period: Count | None
    time_remaining: str | None
    predicted: Points
    line: Points | None
    recommendation: Literal["OVER", "UNDER", "PASS", "NO_LINE"]
    confidence: Share
    has_line: bool
    line_source: str
    actual: Count | None
    minutes: str | None
    error: Margin | None
    margin_vs_line: Margin | None
    status: Literal[ORDER]


class GradingSummary(Part):
    """Forecasts by how they stand; the rate and the error are of finals, pushes in neither."""

    total_predictions: Count
    graded: Count
    pending: Count
    correct: Count
    incorrect: Count
    push: Count
    trending_correct: Count
    trending_incorrect: Count
    win_rate: Share | None
    avg_error: Points | None
    games_in_progress: Count
    games_final: Count


class LiveGrading(Document):
    """Every forecast of the day against the score of this moment."""

    generated_key: ClassVar[str] = "updated_at"
    game_date: dt.date
    summary: GradingSummary
    predictions: list[GradedPick]


def shape(found: BoxScores, day: dt.date, rows: pd.DataFrame) -> Mapping[str, dict]:
    """The document of a day, under its date and as the latest."""
    gathered = records(rows)
    games = games_of(found, day, gathered)
    picks = graded(games, [row for row in gathered if row["section"] == "forecast"])
    document = {"game_date": day, "summary": summary(games, picks), "predictions": picks}
    return {f"live-grading/{day}.json": document, "live-grading/latest.json": document}


def graded(games: Sequence[Mapping], forecasts: Sequence[Mapping]) -> list[dict]:
    """Every forecast as it stands, decided ones first, then by confidence."""
    by_id = {game["game_id"]: game for game in games}
    lines = {
        (game["game_id"], player["player_lookup"]): player
        for game in games
        if game["status"] != "scheduled"
        for player in game["players"]
    }
    picks = [
        _pick(row, by_id.get(row["game_id"]), lines.get((row["game_id"], row["player_lookup"])))
        for row in forecasts
    ]
    return sorted(
        picks, key=lambda p: (ORDER.index(p["status"]), -p["confidence"], p["player_lookup"])
    )


def _pick(row: Mapping, game: Mapping | None, player: Mapping | None) -> dict:
    line, actual = row["line"], player and player["points"]
    status = game["status"] if game else "scheduled"
    has_begun = status != "scheduled"
    return {
        "player_lookup": row["player_lookup"],
        "player_name": row["player_name"],
        "team": row["team_abbr"],
        "home_team": row["home_team_abbr"],
        "away_team": row["away_team_abbr"],
        "game_status": status,
        "period": game["period"] if has_begun else None,
        "time_remaining": game["time_remaining"] if has_begun else None,
        "predicted": row["predicted"],
        "line": line,
        "recommendation": row["recommendation"],
        "confidence": row["confidence"],
        "has_line": line is not None,
        "line_source": row["line_source"],
        "actual": actual,
        "minutes": player and player["minutes"],
        "error": None if actual is None else rounded(row["predicted"] - actual, 1),
        "margin_vs_line": None if actual is None or line is None else rounded(actual - line, 1),
        "status": standing(row["recommendation"], line, actual, is_final=status == "final"),
    }


def standing(pick: str, line: float | None, actual: int | None, *, is_final: bool) -> str:
    """How a pick stands; pending while the player has no line in a box score."""
    if actual is None:
        return "pending"
    if line is None or pick not in ("OVER", "UNDER"):
        return "graded" if is_final else "in_progress"
    beyond = actual - line if pick == "OVER" else line - actual
    if is_final:
        return "push" if beyond == 0 else "correct" if beyond > 0 else "incorrect"
    if beyond > 0:
        return "trending_correct"
    return "trending_incorrect" if beyond < -FAR_FROM_LINE else "in_progress"


def summary(games: Sequence[Mapping], picks: Sequence[Mapping]) -> dict:
    """How many stand how."""
    count = Counter(pick["status"] for pick in picks)
    over = [pick for pick in picks if pick["status"] in FINAL]
    return {
        "total_predictions": len(picks),
        "graded": len(over),
        "pending": count["pending"],
        "correct": count["correct"],
        "incorrect": count["incorrect"],
        "push": count["push"],
        "trending_correct": count["trending_correct"],
        "trending_incorrect": count["trending_incorrect"],
        "win_rate": ratio(count["correct"], count["correct"] + count["incorrect"], 3),
        "avg_error": mean((abs(pick["error"]) for pick in over), 1),
        "games_in_progress": sum(game["status"] == "in_progress" for game in games),
        "games_final": sum(game["status"] == "final" for game in games),
    }


TABLE = live(
    exporter(
        name="live_grading",
        kind=Kind.LIVE,
        paths=("live-grading/{date}.json", "live-grading/latest.json"),
        max_age=30,
        model=LiveGrading,
        reads={
            "games": Window.same_day(),
            "player_names": Window.same_day(),
            "player_aliases": Window.everything(),
            "player_prop_predictions": Window.same_day(),
            "nba_players_registry": Window.everything(),
        },
        steps=(
            "../shared/champion",
            "../players/shared/forecasts",
            "../players/shared/known_names",
            "live_scores",
        ),
        shape=unshaped,
        code=(feed, inputs, live_scores),
        description="The champion's picks against the scores of this moment.",
        source=__file__,
    ),
    shape,
    feed.kept,
)
