"""What could be said of one player before one game, and how it ended (5.3).

Everything but ``result`` was known before tip-off. Whoever was expected to play, or did, has a
report; of a game that is over and that he did not play in, and of a player whom the registry does
not know, it says only that. ``position`` stays null: no raw contract takes one.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Literal

import pandas as pd
from pydantic import Field

from nba_backfill.core.table import Rows
from nba_backfill.core.window import Window
from nba_backfill.publishing.document import Document, Part
from nba_backfill.publishing.exporter import Kind, exporter
from nba_backfill.publishing.gathered import ratio, rounded
from nba_backfill.publishing.players import figures
from nba_backfill.publishing.players.figures import (
    Game,
    Result,
    by_player,
    margin_of,
    shot_profile,
    whole,
)
from nba_backfill.publishing.units import Club, Count, Lookup, Margin, Points, Position, Share

ANGLES_SHOWN = 3
RECENT_GAMES = 5
TELLING_RESULTS = 3
"""Overs, or unders, among the last five games from which they are an angle."""

TELLING_TREND = 0.15
"""Share of the season's mean by which the last five games differ, from which they do."""

FAST, SLOW = 102, 96
"""Possessions a game from which an opponent is fast, and up to which it is slow."""

Defence = Literal["strong", "average", "weak"]


class ReportedPlayer(Part):
    """Who he is, as known before the game."""

    position: Position
    shot_profile: Literal["interior", "perimeter", "mid_range", "balanced"] | None
    season_ppg: Points | None


class OpponentContext(Part):
    """How the opponent had defended; rank 1 allows least per possession, terciles by zone."""

    opponent: Club
    opp_pace: float | None
    opp_def_rating: float | None
    opp_def_rank: int | None = Field(ge=1, le=30)
    opp_paint_defense: Defence | None
    opp_perimeter_defense: Defence | None


class MovingAverages(Part):
    """Points a game over his last 5, 10, 20 and all games of the season before the day."""

    l5: Points | None
    l10: Points | None
    l20: Points | None
    season: Points | None


class PropLine(Part):
    """The line before the game and what was predicted against it."""

    line: Points | None
    recommendation: Literal["OVER", "UNDER", "PASS", "NO_LINE"]
    predicted: Points
    confidence: Share


class Angles(Part):
    """What speaks for many points, and what against."""

    supporting: list[str] = Field(max_length=ANGLES_SHOWN)
    against: list[str] = Field(max_length=ANGLES_SHOWN)


class RecentGame(Part):
    """One of his last games."""

    date: dt.date
    opponent: Club
    points: Count
    line: Points | None
    result: Result | None
    minutes: float | None


class HeadToHead(Part):
    """His earlier games against this opponent, of all seasons."""

    games: Count
    avg_points: Points | None
    avg_line: Points | None
    over_rate: Share | None


class Outcome(Part):
    """What he scored; ``correct`` is null for a push, a pass, and without a line."""

    actual: Count
    margin: Margin | None
    correct: bool | None


class PlayerGameReport(Document):
    """One player's report of one game; ``error`` where there is nothing to report."""

    player_lookup: Lookup
    player_full_name: str
    game_date: dt.date
    game_id: str
    is_home: bool
    error: str | None
    player_profile: ReportedPlayer | None
    opponent_context: OpponentContext | None
    moving_averages: MovingAverages | None
    prop_line: PropLine | None
    prediction_angles: Angles
    recent_games: list[RecentGame] = Field(max_length=RECENT_GAMES)
    head_to_head: HeadToHead | None
    result: Outcome | None


def shape(day: dt.date, rows: pd.DataFrame) -> Mapping[str, dict]:
    """The reports of all players of a day."""
    return {
        f"players/{lookup}/game-report/{day}.json": _report(lookup, found)
        for lookup, found in by_player(rows)
    }


def _report(lookup: str, found: Sequence[dict]) -> dict:
    row = found[0]
    head = {
        "player_lookup": lookup,
        "player_full_name": row["player_name"] or lookup,
        "game_date": row["game_date"],
        "game_id": row["game_id"],
        "is_home": row["is_home"],
    }
    if error := _error(row):
        return {
            **head,
            "error": error,
            "player_profile": None,
            "opponent_context": None,
            "moving_averages": None,
            "prop_line": None,
            "prediction_angles": {"supporting": [], "against": []},
            "recent_games": [],
            "head_to_head": None,
            "result": None,
        }
    recent = [game for game in found if game["recent_date"] is not None]
    recent.sort(key=lambda game: game["recent_date"], reverse=True)
    profile = shot_profile(
        row["paint_rate_last_10"], row["mid_range_rate_last_10"], row["three_pt_rate_last_10"]
    )
    return {
        **head,
        "error": None,
        "player_profile": {
            "position": None,
            "shot_profile": profile,
            "season_ppg": rounded(row["points_season"], 1),
        },
        "opponent_context": {
            "opponent": row["opponent"],
            "opp_pace": rounded(row["opp_pace"], 1),
            "opp_def_rating": rounded(row["opp_def_rating"], 1),
            "opp_def_rank": whole(row["opp_def_rank"]),
            "opp_paint_defense": row["opp_paint_defense"],
            "opp_perimeter_defense": row["opp_perimeter_defense"],
        },
        "moving_averages": {
            "l5": rounded(row["points_last_5"], 1),
            "l10": rounded(row["points_last_10"], 1),
            "l20": rounded(row["points_last_20"], 1),
            "season": rounded(row["points_season"], 1),
        },
        "prop_line": _prop_line(row),
        "prediction_angles": angles(row, profile, [game["over_under"] for game in recent]),
        "recent_games": [_recent(game) for game in recent],
        "head_to_head": _head_to_head(row),
        "result": _outcome(row),
    }


def _error(row: Game) -> str | None:
    if row["player_name"] is None:
        return "the registry does not know this player"
    if row["is_over"] and not row["has_played"]:
        return "the game is over, and he did not play in it"
    return None


def _prop_line(row: Game) -> dict | None:
    if not row["has_prediction"]:
        return None
    return {
        "line": row["line"],
        "recommendation": row["recommendation"],
        "predicted": row["predicted"],
        "confidence": row["confidence"],
    }


def angles(row: Game, profile: str | None, results: Sequence[str | None]) -> dict:
    """What speaks for and against him: form against the line, match-up, trend, and pace."""
    supporting, against = [], []
    overs, unders = results.count("OVER"), results.count("UNDER")
    if overs >= TELLING_RESULTS:
        supporting.append(f"Over the line in {overs} of the last {len(results)} games")
    elif unders >= TELLING_RESULTS:
        against.append(f"Under the line in {unders} of the last {len(results)} games")
    zones = {
        "interior": ("in the paint", row["opp_paint_defense"]),
        "perimeter": ("at the three-point line", row["opp_perimeter_defense"]),
    }
    where, defence = zones.get(profile, ("", None))
    if defence == "weak":
        supporting.append(f"{row['opponent']} defends badly {where}, where he shoots from")
    elif defence == "strong":
        against.append(f"{row['opponent']} defends well {where}, where he shoots from")
    trend = _trend(row["points_last_5"], row["points_season"])
    if trend is not None and trend >= TELLING_TREND:
        supporting.append(f"Last five games {trend:.0%} above the season's mean")
    elif trend is not None and trend <= -TELLING_TREND:
        against.append(f"Last five games {-trend:.0%} below the season's mean")
    pace = row["opp_pace"]
    if pace is not None and pace >= FAST:
        supporting.append(f"{row['opponent']} plays fast: {pace:.1f} possessions a game")
    elif pace is not None and pace <= SLOW:
        against.append(f"{row['opponent']} plays slowly: {pace:.1f} possessions a game")
    return {"supporting": supporting[:ANGLES_SHOWN], "against": against[:ANGLES_SHOWN]}


def _trend(last_5: float | None, season: float | None) -> float | None:
    """How far the last five games are from the season's mean, as a share of it."""
    return ratio(last_5 - season, season, 9) if last_5 is not None and season else None


def _recent(game: Game) -> dict:
    return {
        "date": game["recent_date"],
        "opponent": game["recent_opponent"],
        "points": whole(game["recent_points"]),
        "line": game["recent_line"],
        "result": game["over_under"],
        "minutes": game["recent_minutes"],
    }


def _head_to_head(row: Game) -> dict:
    overs, unders = row["meeting_overs"] or 0, row["meeting_unders"] or 0
    return {
        "games": whole(row["meetings"]),
        "avg_points": rounded(row["meeting_points"], 1),
        "avg_line": rounded(row["meeting_line"], 1),
        "over_rate": ratio(overs, overs + unders, 2),
    }


def _outcome(row: Game) -> dict | None:
    if not row["has_played"]:
        return None
    line = row["line"] if row["has_prediction"] else row["closing_line"]
    return {
        "actual": whole(row["actual"]),
        "margin": margin_of(row["actual"], line),
        "correct": row["prediction_correct"],
    }


TABLE = exporter(
    name="player_game_report",
    kind=Kind.PER_PLAYER_DATE,
    paths="players/{player_lookup}/game-report/{date}.json",
    max_age=86400,
    model=PlayerGameReport,
    reads={
        "games": Window.known_history(before=False),
        "player_game_summary": Window.known_history(before=False),
        "upcoming_player_game_context": Window.same_day(),
        "player_prop_predictions": Window.same_day(),
        "prediction_accuracy": Window.same_day(),
        "player_shot_zone_analysis": Window.same_day(),
        "team_defense_zone_analysis": Window.season_to_date(before=False),
        "nba_players_registry": Window.everything(),
    },
    steps=(
        "../../precompute/shared/games_played",
        "../shared/champion",
        "shared/player_games",
        "shared/forecasts",
        "shared/ranked_defences",
        "shared/known_names",
    ),
    shape=shape,
    expects=Rows.per_day(1),
    code=(figures,),
    description="What could be said of a player before a game, and how it ended; many documents.",
    source=__file__,
)
