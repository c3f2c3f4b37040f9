"""Players on a run of overs or of unders, or of right picks of the champion (spec 50, 4.1)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any, Literal

import pandas as pd

from nba_backfill.core.window import Window
from nba_backfill.publishing import gathered, units
from nba_backfill.publishing.document import Document, Part
from nba_backfill.publishing.exporter import Kind, exporter
from nba_backfill.publishing.gathered import records, rounded
from nba_backfill.publishing.units import Club, Count, Lookup, Margin, Points

PATH = "streaks/today.json"
MIN_STREAK = 4
MOST_PER_TYPE = 50
MOST_PREDICTIONS = 30
GAMES_SHOWN = 5
RIGHT_PICKS = "HIT"


class StreakGame(Part):
    """One game of a run."""

    game_date: dt.date
    points: Count
    line: Points
    opponent: Club


class LineStreak(Part):
    """A player whose newest decided games all ended on one side of the line; at most 20 count."""

    player_lookup: Lookup
    player_full_name: str
    team: str
    streak_length: Count
    avg_margin: Margin
    games: list[StreakGame]


class PredictionStreak(Part):
    """A player whose newest decided picks of the champion all came true."""

    player_lookup: Lookup
    player_full_name: str
    team: str
    streak_length: Count
    streak_type: Literal["correct"]


class StreakLists(Part):
    """The runs, longest first."""

    over: list[LineStreak]
    under: list[LineStreak]
    prediction_hits: list[PredictionStreak]


class StreakSummary(Part):
    """How many there are, those that the lists have no room for included, and the longest."""

    total_over_streaks: Count
    total_under_streaks: Count
    total_prediction_streaks: Count
    longest_over: Count
    longest_under: Count
    longest_prediction: Count


class Streaks(Document):
    """Runs against the line and of right picks, as of a day with its games."""

    as_of_date: dt.date
    min_streak_length: Count
    streaks: StreakLists
    summary: StreakSummary


def shape(day: dt.date, rows: pd.DataFrame) -> dict[str, Document]:
    """The document of a day; zeros and empty lists where nobody has a run."""
    found = records(rows)
    over, under = (_line_streaks(found, side) for side in ("OVER", "UNDER"))
    hits = _prediction_streaks(found)
    return {
        PATH: Streaks(
            as_of_date=day,
            min_streak_length=MIN_STREAK,
            streaks=StreakLists(
                over=over[:MOST_PER_TYPE],
                under=under[:MOST_PER_TYPE],
                prediction_hits=hits[:MOST_PREDICTIONS],
            ),
            summary=StreakSummary(
                total_over_streaks=len(over),
                total_under_streaks=len(under),
                total_prediction_streaks=len(hits),
                longest_over=_longest(over),
                longest_under=_longest(under),
                longest_prediction=_longest(hits),
            ),
        )
    }


def _longest(streaks: Sequence[LineStreak | PredictionStreak]) -> int:
    return max((streak.streak_length for streak in streaks), default=0)


def _line_streaks(rows: list[dict[str, Any]], side: str) -> list[LineStreak]:
    """Runs on one side of the line, by length, then margin, then player."""
    runs: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        if row["streak_type"] == side:
            runs.setdefault(row["player_lookup"], []).append(row)
    streaks = [
        _line_streak(sorted(games, key=lambda game: game["game_date"], reverse=True))
        for games in runs.values()
        if len(games) >= MIN_STREAK
    ]
    return sorted(streaks, key=lambda s: (-s.streak_length, -s.avg_margin, s.player_lookup))


def _line_streak(games: list[dict[str, Any]]) -> LineStreak:
    newest = games[0]
    return LineStreak(
        player_lookup=newest["player_lookup"],
        player_full_name=newest["player_full_name"] or newest["player_lookup"],
        team=newest["team_abbr"] or "",
        streak_length=len(games),
        avg_margin=rounded(sum(game["margin"] for game in games) / len(games), 1),
        games=[
            StreakGame(
                game_date=game["game_date"],
                points=game["points"],
                line=rounded(game["points_line"], 2),
                opponent=game["opponent_team_abbr"],
            )
            for game in games[:GAMES_SHOWN]
        ],
    )


def _prediction_streaks(rows: list[dict[str, Any]]) -> list[PredictionStreak]:
    """Runs of right picks of the champion, by length, then player."""
    streaks = [
        PredictionStreak(
            player_lookup=row["player_lookup"],
            player_full_name=row["player_full_name"] or row["player_lookup"],
            team=row["team_abbr"] or "",
            streak_length=row["run_length"],
            streak_type="correct",
        )
        for row in rows
        if row["streak_type"] == RIGHT_PICKS and row["run_length"] >= MIN_STREAK
    ]
    return sorted(streaks, key=lambda s: (-s.streak_length, s.player_lookup))


TABLE = exporter(
    name="streaks",
    kind=Kind.SNAPSHOT,
    paths=PATH,
    max_age=3600,
    model=Streaks,
    reads={
        "games": Window.same_day(),
        "player_game_summary": Window.season_to_date(before=False),
        "prediction_accuracy": Window.known_history(before=False),
    },
    steps=("../shared/as_of_days", "../shared/champion"),
    shape=shape,
    code=(gathered, units),
    description="Players on a run of overs, of unders or of right picks.",
    source=__file__,
)
