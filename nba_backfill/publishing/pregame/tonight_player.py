"""One file for each player expected to play on a day: context, form, and what weighs tonight (4.9).

Known before tip-off. The files of players of an earlier day are deleted with the next, so that
nobody reads of a game that is over. Numbers of the season are of games before the day; the last
five and ten may reach into the season before.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from operator import itemgetter
from typing import Literal

import pandas as pd
from pydantic import Field

from nba_backfill.core.season import TWO_SEASONS_DAYS
from nba_backfill.core.table import Rows
from nba_backfill.core.window import Window
from nba_backfill.publishing.document import Document, Part
from nba_backfill.publishing.exporter import Kind, exporter
from nba_backfill.publishing.gathered import rounded
from nba_backfill.publishing.players import figures
from nba_backfill.publishing.players.figures import (
    Game,
    Result,
    by_player,
    fatigue_level,
    leading_run,
    margin_of,
    mean_of,
    over_rate,
    shots,
    whole,
)
from nba_backfill.publishing.pregame.tonight_all_players import (
    GAMES_FOR_FULL_DATA,
    GAMES_SHOWN,
    InjuryStatus,
    Level,
    Pick,
)
from nba_backfill.publishing.units import Club, Count, Lookup, Margin, Points, Rank, Share

GAMES_AT_PLACE, GAMES_AGAINST = 3, 1
"""Games of the season from which place and opponent are a factor."""

WELL_RESTED_DAYS = 3
DEFENCE_TIERS = ((5, "elite", "negative"), (10, "good", "negative"), (20, "average", "neutral"))
"""Last rank by points allowed of each, and what it means for a scorer; beyond them is weak."""


class GameContext(Part):
    """The game he is expected in."""

    game_id: str
    opponent: Club
    home_game: bool
    team_abbr: Club
    line: Points | None
    days_rest: int | None
    is_back_to_back: bool
    injury_status: InjuryStatus
    injury_reason: str | None


class QuickNumbers(Part):
    """Points and minutes a game."""

    season_ppg: Points | None
    season_mpg: float | None
    games_played: Count
    last_10_ppg: Points | None
    last_10_mpg: float | None
    last_5_ppg: Points | None
    last_5_mpg: float | None


class Fatigue(Part):
    """How rested he is (100 is most), and what went into it."""

    score: float | None
    level: Level
    context: dict[str, bool | int | float | None] | None


class Streak(Part):
    """Overs, or unders, in a row up to his newest game."""

    type: Literal["over", "under"] | None
    length: Count


class Factor(Part):
    """Something that weighs tonight; figures that a factor does not have are null."""

    factor: Literal[
        "back_to_back",
        "location",
        "vs_opponent",
        "well_rested",
        "fatigue",
        "fresh",
        "opponent_defense",
    ]
    direction: Literal["positive", "negative", "neutral"]
    description: str
    vs_line_pct: Share | None = None
    impact: Margin | None = None
    defense_rank: Rank | None = None
    defense_tier: Literal["elite", "good", "average", "weak"] | None = None
    ppg_allowed: float | None = None


class FormGame(Part):
    """One of his last games."""

    game_date: dt.date
    opponent: Club
    home_game: bool
    points: Count
    minutes: float | None
    fg: str | None
    three: str | None
    ft: str | None
    over_under: Result | None
    line: Points | None
    margin: Margin | None


class Prediction(Part):
    """What the published system expects; edge is prediction minus line."""

    predicted_points: Points
    confidence_score: Share
    recommendation: Pick
    line: Points | None
    edge: Margin | None
    pace_adjustment: float | None
    similar_games: int | None


class TonightPlayer(Document):
    """One player's evening."""

    player_lookup: Lookup
    player_full_name: str
    game_date: dt.date
    games_played: Count
    limited_data: bool
    game_context: GameContext
    quick_numbers: QuickNumbers
    fatigue: Fatigue
    current_streak: Streak
    tonights_factors: list[Factor]
    recent_form: list[FormGame] = Field(max_length=GAMES_SHOWN)
    prediction: Prediction | None


def shape(day: dt.date, rows: pd.DataFrame) -> Mapping[str, dict]:
    """The files of all players expected on a day."""
    return {
        f"tonight/player/{lookup}.json": _evening(lookup, day, found)
        for lookup, found in by_player(rows)
    }


def _evening(lookup: str, day: dt.date, rows: Sequence[dict]) -> dict:
    row = rows[0]
    games = sorted((g for g in rows if g["games_ago"] is not None), key=itemgetter("games_ago"))
    season = [game for game in games if game["is_of_season"]]
    recent = games[:GAMES_SHOWN]
    direction, length = leading_run(recent, goes_on=lambda game, _: game["over_under"] == "PUSH")
    return {
        "player_lookup": lookup,
        "player_full_name": row["player_name"],
        "game_date": day,
        "games_played": len(season),
        "limited_data": len(season) < GAMES_FOR_FULL_DATA,
        "game_context": _context(row),
        "quick_numbers": {
            "season_ppg": mean_of(season, "points"),
            "season_mpg": mean_of(season, "minutes"),
            "games_played": len(season),
            "last_10_ppg": mean_of(recent, "points"),
            "last_10_mpg": mean_of(recent, "minutes"),
            "last_5_ppg": mean_of(recent[:5], "points"),
            "last_5_mpg": mean_of(recent[:5], "minutes"),
        },
        "fatigue": {
            "score": rounded(row["fatigue_score"], 2),
            "level": fatigue_level(row["fatigue_score"]),
            "context": json.loads(row["fatigue_context_json"] or "null"),
        },
        "current_streak": {"type": direction, "length": length},
        "tonights_factors": factors(row, season),
        "recent_form": [_form(game) for game in recent],
        "prediction": _prediction(row) if row["has_prediction"] else None,
    }


def _context(row: Game) -> dict:
    return {
        "game_id": row["game_id"],
        "opponent": row["opponent_team_abbr"],
        "home_game": row["home_game"],
        "team_abbr": row["team_abbr"],
        "line": row["line"],
        "days_rest": whole(row["days_rest"]),
        "is_back_to_back": row["back_to_back"],
        "injury_status": row["injury_status"] or "available",
        "injury_reason": row["injury_reason"],
    }


def factors(row: Game, season: Sequence[Game]) -> list[dict]:
    """What weighs tonight, in a fixed order; of his games of the season, newest first."""
    found = [
        _back_to_back(row, season),
        _location(row, season),
        _opponent(row, season),
        _rest(row, season),
        _fatigue(row),
        _defence(row),
    ]
    return [factor for factor in found if factor]


def _back_to_back(row: Game, season: Sequence[Game]) -> dict | None:
    tired = [game for game in season if game["days_since_last"] == 1]
    others = [game for game in season if game["days_since_last"] != 1]
    if not (row["back_to_back"] and tired and others):
        return None
    impact = rounded(_points_a_game(tired) - _points_a_game(others), 1)
    return {
        "factor": "back_to_back",
        "direction": "negative" if impact < 0 else "positive" if impact > 0 else "neutral",
        "description": f"{_ppg(tired)} on back-to-backs, {_ppg(others)} otherwise",
        "impact": impact,
        "vs_line_pct": over_rate(tired, 3),
    }


def _location(row: Game, season: Sequence[Game]) -> dict | None:
    place = "at home" if row["home_game"] else "away"
    return _split(
        "location",
        [game for game in season if game["is_home"] == row["home_game"]],
        GAMES_AT_PLACE,
        place,
    )


def _opponent(row: Game, season: Sequence[Game]) -> dict | None:
    club = row["opponent_team_abbr"]
    against = [game for game in season if game["opponent"] == club]
    return _split("vs_opponent", against, GAMES_AGAINST, f"against {club}")


def _split(name: str, games: Sequence[Game], at_least: int, where: str) -> dict | None:
    if len(games) < at_least:
        return None
    return {
        "factor": name,
        "direction": "neutral",
        "description": f"{_ppg(games)} {where} this season (of {len(games)})",
        "vs_line_pct": over_rate(games, 3),
    }


def _rest(row: Game, season: Sequence[Game]) -> dict | None:
    if (row["days_rest"] or 0) < WELL_RESTED_DAYS:
        return None
    rested = [game for game in season if (game["days_since_last"] or 0) >= 2]
    words = f"; {_ppg(rested)} after a day off or more" if rested else ""
    return {
        "factor": "well_rested",
        "direction": "positive",
        "description": f"{row['days_rest']:.0f} days since his last game{words}",
        "vs_line_pct": over_rate(rested, 3),
    }


def _fatigue(row: Game) -> dict | None:
    score, level = row["fatigue_score"], fatigue_level(row["fatigue_score"])
    if level == "normal":
        return None
    return {
        "factor": "fatigue" if level == "tired" else "fresh",
        "direction": "negative" if level == "tired" else "positive",
        "description": f"{level.capitalize()}: {score:.0f} of 100 for rest",
    }


def _defence(row: Game) -> dict | None:
    rank = whole(row["defense_rank"])
    if rank is None:
        return None
    tiers = (found[1:] for found in DEFENCE_TIERS if rank <= found[0])
    tier, direction = next(tiers, ("weak", "positive"))
    allowed = rounded(row["points_allowed"], 1)
    return {
        "factor": "opponent_defense",
        "direction": direction,
        "description": (
            f"{row['opponent_team_abbr']} allows {allowed} points a game, number {rank} of the"
            f" league: {tier}"
        ),
        "defense_rank": rank,
        "defense_tier": tier,
        "ppg_allowed": allowed,
    }


def _points_a_game(games: Sequence[Game]) -> float:
    return sum(game["points"] for game in games) / len(games)


def _ppg(games: Sequence[Game]) -> str:
    return f"{_points_a_game(games):.1f} points a game"


def _form(game: Game) -> dict:
    line = game["played_line"]
    return {
        "game_date": game["played_date"],
        "opponent": game["opponent"],
        "home_game": game["is_home"],
        "points": whole(game["points"]),
        "minutes": game["minutes"],
        "fg": shots(game["fg_makes"], game["fg_attempts"]),
        "three": shots(game["three_pt_makes"], game["three_pt_attempts"]),
        "ft": shots(game["ft_makes"], game["ft_attempts"]),
        "over_under": game["over_under"],
        "line": line,
        "margin": margin_of(game["points"], line),
    }


def _prediction(row: Game) -> dict:
    return {
        "predicted_points": rounded(row["predicted"], 2),
        "confidence_score": rounded(row["confidence"], 2),
        "recommendation": row["recommendation"],
        "line": row["predicted_line"],
        "edge": rounded(row["edge"], 2),
        "pace_adjustment": rounded(row["pace_adjustment"], 2),
        "similar_games": whole(row["similar_games_count"]),
    }


TABLE = exporter(
    name="tonight_player",
    kind=Kind.PRE_GAME,
    paths="tonight/player/{player_lookup}.json",
    max_age=300,
    model=TonightPlayer,
    reads={
        "games": Window.optional(TWO_SEASONS_DAYS, before=False),
        "player_game_summary": Window.optional(TWO_SEASONS_DAYS),
        "upcoming_player_game_context": Window.same_day(),
        "player_prop_predictions": Window.same_day(),
        "player_composite_factors": Window.same_day(),
        "team_defense_zone_analysis": Window.season_to_date(before=False),
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
        "../players/shared/ranked_defences",
        "shared/expected_tonight",
        "shared/games_before",
    ),
    shape=shape,
    expects=Rows.per_day(1),
    code=(figures,),
    expires=True,
    description="One file per player expected to play on the day: context, form and factors.",
    source=__file__,
)
