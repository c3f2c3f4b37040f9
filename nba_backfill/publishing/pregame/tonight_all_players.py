"""Everybody expected to play on a day, game by game, with line, forecast and form (4.8).

Known before tip-off, except for ``game_status``, which the schedule brings up to date. Whoever was
reported out by tip-off of this very game is no longer expected, so an old report puts nobody out.
Odds are the closing prices at the line shown; the vendor's mark of the best offer is not loaded.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Literal

import pandas as pd
from pydantic import Field

from nba_backfill.core.season import TWO_SEASONS_DAYS
from nba_backfill.core.window import Window
from nba_backfill.publishing.document import Document, Part
from nba_backfill.publishing.exporter import Kind, exporter
from nba_backfill.publishing.gathered import records, rounded
from nba_backfill.publishing.players import figures
from nba_backfill.publishing.players.figures import Game, fatigue_level, mean_of, whole
from nba_backfill.publishing.tonight import eastern_time
from nba_backfill.publishing.units import Club, Count, Lookup, Points, Share

GAMES_FOR_FULL_DATA = 10
GAMES_SHOWN = 10
STATUSES = {1: "scheduled", 2: "in_progress", 3: "final"}
LETTERS = {"OVER": "O", "UNDER": "U"}

InjuryStatus = Literal["available", "probable", "questionable", "doubtful", "out"]
Level = Literal["fresh", "normal", "tired"]
Pick = Literal["OVER", "UNDER", "PASS", "NO_LINE"]


class Prop(Part):
    """A line and what it pays."""

    stat_type: Literal["points"]
    line: Points
    over_odds: int | None
    under_odds: int | None


class Forecast(Part):
    """What the published system expects."""

    predicted: Points
    confidence: Share
    recommendation: Pick


class ExpectedPlayer(Part):
    """One player of a game; the keys from ``props`` on are null without a line."""

    player_lookup: Lookup
    name: str
    team: Club
    is_home: bool
    has_line: bool
    fatigue_level: Level
    fatigue_score: float | None
    days_rest: int | None
    injury_status: InjuryStatus
    injury_reason: str | None
    season_ppg: Points | None
    season_mpg: float | None
    last_5_ppg: Points | None
    games_played: Count
    limited_data: bool
    last_10_points: list[int] = Field(max_length=GAMES_SHOWN)
    props: list[Prop] | None
    prediction: Forecast | None
    last_10_results: list[Literal["O", "U", "-"]] | None
    last_10_record: str | None


class GameTonight(Part):
    """One game of the day."""

    game_id: str
    home_team: Club
    away_team: Club
    game_time: str | None
    game_status: Literal["scheduled", "in_progress", "final"]
    player_count: Count
    players: list[ExpectedPlayer]


class TonightAllPlayers(Document):
    """The games of a day and who is expected in them."""

    game_date: dt.date
    total_players: Count
    total_with_lines: Count
    games: list[GameTonight]


def shape(day: dt.date, rows: pd.DataFrame) -> Mapping[str, dict]:
    """The one document of a day, whose games come by id."""
    in_order = sorted(records(rows), key=itemgetter("game_id"))
    games = [_game(list(found)) for _, found in groupby(in_order, itemgetter("game_id"))]
    players = [player for game in games for player in game["players"]]
    return {
        "tonight/all-players.json": {
            "game_date": day,
            "total_players": len(players),
            "total_with_lines": sum(player["has_line"] for player in players),
            "games": games,
        }
    }


def _game(found: Sequence[dict]) -> dict:
    row = found[0]
    expected = sorted(
        (game for game in found if game["player_lookup"] is not None),
        key=itemgetter("player_lookup"),
    )
    players = [_player(list(games)) for _, games in groupby(expected, itemgetter("player_lookup"))]
    return {
        "game_id": row["game_id"],
        "home_team": row["home_team_abbr"],
        "away_team": row["away_team_abbr"],
        "game_time": eastern_time(whole(row["tip_minute"])),
        "game_status": STATUSES.get(row["game_status"], "scheduled"),
        "player_count": len(players),
        "players": sorted(players, key=_place),
    }


def _place(player: Mapping) -> tuple:
    """Those with a line first, whoever is out last, then by confidence and points."""
    said = player["prediction"]
    return (
        not player["has_line"],
        player["injury_status"] == "out",
        -(said["confidence"] if said else 0),
        -(player["season_ppg"] or 0),
        player["player_lookup"],
    )


def _player(rows: Sequence[dict]) -> dict:
    row = rows[0]
    games = sorted((g for g in rows if g["games_ago"] is not None), key=itemgetter("games_ago"))
    season = [game for game in games if game["is_of_season"]]
    recent = games[:GAMES_SHOWN]
    has_line = row["line"] is not None
    return {
        "player_lookup": row["player_lookup"],
        "name": row["player_name"],
        "team": row["team_abbr"],
        "is_home": row["home_game"],
        "has_line": has_line,
        "fatigue_level": fatigue_level(row["fatigue_score"]),
        "fatigue_score": rounded(row["fatigue_score"], 2),
        "days_rest": whole(row["days_rest"]),
        "injury_status": row["injury_status"] or "available",
        "injury_reason": row["injury_reason"],
        "season_ppg": mean_of(season, "points"),
        "season_mpg": mean_of(season, "minutes"),
        "last_5_ppg": mean_of(games[:5], "points"),
        "games_played": len(season),
        "limited_data": len(season) < GAMES_FOR_FULL_DATA,
        "last_10_points": [whole(game["points"]) for game in recent],
        "props": [_prop(row)] if has_line else None,
        "prediction": _forecast(row) if has_line and row["has_prediction"] else None,
        "last_10_results": [LETTERS.get(g["over_under"], "-") for g in recent]
        if has_line
        else None,
        "last_10_record": _record(recent) if has_line else None,
    }


def _prop(row: Game) -> dict:
    return {
        "stat_type": "points",
        "line": rounded(row["line"], 1),
        "over_odds": whole(row["over_odds"]),
        "under_odds": whole(row["under_odds"]),
    }


def _forecast(row: Game) -> dict:
    return {
        "predicted": row["predicted"],
        "confidence": row["confidence"],
        "recommendation": row["recommendation"],
    }


def _letters(games: Sequence[Game]) -> list[str]:
    """Over or under of each game, and a dash for a push or no line."""
    return [LETTERS.get(game["over_under"], "-") for game in games]


def _record(games: Sequence[Game]) -> str | None:
    """Overs and unders as ``7-3``; None where there is neither."""
    results = [game["over_under"] for game in games]
    overs, unders = results.count("OVER"), results.count("UNDER")
    return f"{overs}-{unders}" if overs + unders else None


TABLE = exporter(
    name="tonight_all_players",
    kind=Kind.PRE_GAME,
    paths="tonight/all-players.json",
    max_age=300,
    model=TonightAllPlayers,
    reads={
        "games": Window.optional(TWO_SEASONS_DAYS, before=False),
        "nbac_schedule": Window.same_day(),
        "player_game_summary": Window.optional(TWO_SEASONS_DAYS),
        "upcoming_player_game_context": Window.same_day(),
        "player_prop_predictions": Window.same_day(),
        "player_composite_factors": Window.same_day(),
        "prop_lines": Window.same_day(),
        "injuries": Window.same_day(),
        "nba_players_registry": Window.everything(),
    },
    steps=(
        "../../precompute/shared/games_played",
        "../shared/champion",
        "../players/shared/player_games",
        "../players/shared/forecasts",
        "../players/shared/known_names",
        "shared/expected_tonight",
        "shared/games_before",
    ),
    shape=shape,
    code=(figures,),
    entries=lambda made: made.total_players,
    description="Everybody expected to play on the day, by game, with line, forecast and form.",
    source=__file__,
)
