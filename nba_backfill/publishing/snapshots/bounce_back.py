"""Players who fell far short of their average, and how often they made up for it (spec 50, 4.3).

The history is the same question asked of every earlier game: whether, as that game stood, the
player would have been a candidate, and what he did next. So it knows only the season's games up
to that one, and at the earliest season that is there it begins.
"""

from __future__ import annotations

import datetime as dt
from typing import Any, Literal

import pandas as pd

from nba_backfill.core.window import Window
from nba_backfill.publishing import gathered, tonight, units
from nba_backfill.publishing.document import Document, Part
from nba_backfill.publishing.exporter import Kind, exporter
from nba_backfill.publishing.gathered import ratio, records, rounded
from nba_backfill.publishing.tonight import Tonight, tonight_of
from nba_backfill.publishing.units import Club, Count, Lookup, Margin, Points, Rank, Share

PATH = "trends/bounce-back.json"
SHORTFALL = 10
"""Points below the season's average that make a candidate; the SELECT judges history by it too."""

MIN_SEASON_GAMES = 10
MIN_HISTORY = 3
NO_HISTORY_RATE = 0.5


class LastGame(Part):
    """The game in which he fell short; ``result`` is his points, ``margin`` below zero."""

    date: dt.date
    result: Count
    opponent: Club
    margin: Margin


class Candidate(Part):
    """A player whose newest game was far below his average."""

    player_lookup: Lookup
    player_full_name: str
    team_abbr: Club
    last_game: LastGame
    season_average: Points
    shortfall: Points
    bounce_back_rate: Share
    bounce_back_sample: Count
    significance: Literal["high", "medium", "low"]
    rank: Rank
    playing_tonight: bool
    tonight: Tonight | None


class LeagueBaseline(Part):
    """The rate of all such games of all players; None where there was none."""

    avg_bounce_back_rate: Share | None
    sample_size: Count


class BounceBack(Document):
    """Who fell short in his newest game, the likeliest to make up for it first."""

    as_of_date: dt.date
    shortfall_threshold: Count
    total_candidates: Count
    bounce_back_candidates: list[Candidate]
    league_baseline: LeagueBaseline


def shape(day: dt.date, rows: pd.DataFrame) -> dict[str, Document]:
    """The document of a day; no history ranks last, equal rates by shortfall, then player."""
    found = records(rows)
    players = [row for row in found if row["player_lookup"] is not None]
    league = next((row for row in found if row["player_lookup"] is None), None)
    shortfalls, bounces = (league["shortfalls"], league["bounces"]) if league else (0, 0)
    candidates = sorted(filter(_is_candidate, players), key=_order)
    return {
        PATH: BounceBack(
            as_of_date=day,
            shortfall_threshold=SHORTFALL,
            total_candidates=len(candidates),
            bounce_back_candidates=[
                _candidate(row, rank) for rank, row in enumerate(candidates, start=1)
            ],
            league_baseline=LeagueBaseline(
                avg_bounce_back_rate=ratio(bounces, shortfalls, 3), sample_size=shortfalls
            ),
        )
    }


def _is_candidate(row: dict[str, Any]) -> bool:
    """Whether he is 10 points or more below the average, multiplied out: whole numbers only."""
    games, total = row["season_games"], row["season_points"]
    return games >= MIN_SEASON_GAMES and total - games * row["points"] >= SHORTFALL * games


def _order(row: dict[str, Any]) -> tuple:
    has_history = row["shortfalls"] >= MIN_HISTORY
    rate = row["bounces"] / row["shortfalls"] if has_history else NO_HISTORY_RATE
    return (not has_history, -rate, -_shortfall(row), row["player_lookup"])


def _shortfall(row: dict[str, Any]) -> float:
    return row["season_points"] / row["season_games"] - row["points"]


def significance(rate: float, sample: int) -> Literal["high", "medium", "low"]:
    """How much a rate is worth: 70 % of 10 games or more, 60 % of 5 or more, or little."""
    if sample >= 10 and rate >= 0.7:
        return "high"
    return "medium" if sample >= 5 and rate >= 0.6 else "low"


def _candidate(row: dict[str, Any], rank: int) -> Candidate:
    sample = row["shortfalls"] if row["shortfalls"] >= MIN_HISTORY else 0
    rate = row["bounces"] / sample if sample else NO_HISTORY_RATE
    shortfall = rounded(_shortfall(row), 1)
    game = tonight_of(row, opponent="next_opponent_team_abbr")
    return Candidate(
        player_lookup=row["player_lookup"],
        player_full_name=row["player_full_name"] or row["player_lookup"],
        team_abbr=row["team_abbr"],
        last_game=LastGame(
            date=row["game_date"],
            result=row["points"],
            opponent=row["opponent_team_abbr"],
            margin=-shortfall,
        ),
        season_average=rounded(row["season_points"] / row["season_games"], 1),
        shortfall=shortfall,
        bounce_back_rate=rounded(rate, 3),
        bounce_back_sample=sample,
        significance=significance(rate, sample),
        rank=rank,
        playing_tonight=game is not None,
        tonight=game,
    )


TABLE = exporter(
    name="bounce_back",
    kind=Kind.SNAPSHOT,
    paths=PATH,
    max_age=3600,
    model=BounceBack,
    reads={
        "games": Window.same_day(),
        "player_game_summary": Window.known_history(before=False),
    },
    steps=("../shared/as_of_days", "../shared/tonight"),
    shape=shape,
    code=(gathered, tonight, units),
    description="Players who fell 10 points short of their average, and what they did before.",
    source=__file__,
)
