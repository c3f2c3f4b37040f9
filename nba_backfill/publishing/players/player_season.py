"""One player's season so far: averages, form, habits, and how the line did against him (5.2).

Only games of the date's season up to it count. The heat score is that of the hot list, except that
its margin is the last five games against the season's mean; a run of unders adds nothing to it.
``position`` stays null: no raw contract takes one.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Literal

import pandas as pd
from pydantic import Field

from nba_backfill.core.season import Season
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
    leading_run,
    mean_of,
    newest_first,
    over_rate,
    player_tier,
    shot_profile,
    whole,
)
from nba_backfill.publishing.units import Club, Count, Lookup, Points, Position, Share

SEASON_MONTHS = (10, 11, 12, 1, 2, 3, 4, 5, 6)
MONTH_NAMES = ("Oct", "Nov", "Dec", "Jan", "Feb", "Mar", "Apr", "May", "Jun")

TEMPERATURES = ((8, "hot"), (6.5, "warm"), (4.5, "neutral"), (3, "cool"))
"""Least heat scores of each; what is below all of them is cold."""

TELLING_POINTS, STRONG_POINTS = 2.5, 4
"""Differences in points a game from which a habit is one, and a strong one."""

PATTERNS_SHOWN = 4


class SeasonProfile(Part):
    """Who he is."""

    position: Position
    team_abbr: Club
    player_tier: Literal["elite", "starter", "role_player"]
    shot_profile: Literal["interior", "perimeter", "mid_range", "balanced"] | None


class Averages(Part):
    """Per game; the three shares are makes by attempts of the whole season."""

    games: Count
    ppg: Points
    rpg: float | None
    apg: float | None
    spg: float | None
    bpg: float | None
    topg: float | None
    fg_pct: Share | None
    three_pct: Share | None
    ft_pct: Share | None
    minutes: float | None


class CurrentForm(Part):
    """How he has done lately; without a line in his last ten games there is no heat."""

    heat_score: float | None
    temperature: Literal["hot", "warm", "neutral", "cool", "cold"] | None
    current_streak: Count
    streak_direction: Literal["over", "under"] | None
    l5_avg: Points
    l10_avg: Points
    hit_rate_l10: Share | None


class Pattern(Part):
    """A habit that shows in his points."""

    pattern: Literal["rest_sensitive", "b2b_performer", "home_performer", "road_warrior"]
    description: str
    strength: Literal["strong", "moderate"]


class PointsRate(Part):
    """Overs and unders among the graded games; pushes are neither."""

    games: Count
    overs: Count
    unders: Count
    over_rate: Share | None


class PropHitRates(Part):
    """How the line, and our picks, did."""

    points: PointsRate
    total_recommendations: Count
    correct: Count
    win_rate: Share | None


class SeasonGame(Part):
    """One game of the season."""

    date: dt.date
    opponent: Club
    is_home: bool
    points: Count
    rebounds: Count | None
    assists: Count | None
    minutes: float | None
    line: Points | None
    result: Result | None
    team_won: bool | None


class SeasonSplit(Part):
    """Some of his games."""

    games: Count
    ppg: Points | None
    over_rate: Share | None


class SeasonSplits(Part):
    """By place, and by calendar days since his last game: 2 or more, and 1."""

    home: SeasonSplit
    away: SeasonSplit
    rested: SeasonSplit
    back_to_back: SeasonSplit


class Month(SeasonSplit):
    """The games of a month."""

    month: Literal[MONTH_NAMES]


class PlayerSeason(Document):
    """One player's season; all keys are there and empty, beside ``error``, if he has no game."""

    player_lookup: Lookup
    player_full_name: str
    season: str
    error: str | None
    player_profile: SeasonProfile | None
    averages: Averages | None
    current_form: CurrentForm | None
    key_patterns: list[Pattern] = Field(max_length=PATTERNS_SHOWN)
    prop_hit_rates: PropHitRates | None
    game_log: list[SeasonGame]
    splits: SeasonSplits | None
    monthly: list[Month]


def shape(day: dt.date, rows: pd.DataFrame) -> Mapping[str, dict]:
    """The season's file of every player known in it, as of a day."""
    season = str(Season.of(day))
    return {
        f"players/{lookup}/season/{season}.json": _season_of(lookup, season, found)
        for lookup, found in by_player(rows)
    }


def _season_of(lookup: str, season: str, found: Sequence[dict]) -> dict:
    games = newest_first(game for game in found if game["is_played"])
    printed = next((game["player_full_name"] for game in games), None)
    head = {
        "player_lookup": lookup,
        "player_full_name": found[0]["player_name"] or printed or lookup,
        "season": season,
    }
    if not games:
        return {
            **head,
            "error": f"no game of {season} with him",
            "player_profile": None,
            "averages": None,
            "current_form": None,
            "key_patterns": [],
            "prop_hit_rates": None,
            "game_log": [],
            "splits": None,
            "monthly": [],
        }
    return {
        **head,
        "error": None,
        "player_profile": _profile(found[0], games),
        "averages": _averages(games),
        "current_form": current_form(games),
        "key_patterns": key_patterns(games),
        "prop_hit_rates": prop_hit_rates([game for game in found if game["is_graded"]]),
        "game_log": [_logged(game) for game in games],
        "splits": {name: _split(part) for name, part in _parts(games).items()},
        "monthly": _monthly(games),
    }


def _profile(row: Game, games: Sequence[Game]) -> dict:
    return {
        "position": None,
        "team_abbr": row["newest_team"],
        "player_tier": player_tier(_points_a_game(games)),
        "shot_profile": shot_profile(
            row["paint_rate_last_10"], row["mid_range_rate_last_10"], row["three_pt_rate_last_10"]
        ),
    }


def _points_a_game(games: Sequence[Game]) -> float | None:
    """Points a game, not rounded, which thresholds are about."""
    return sum(game["points"] for game in games) / len(games) if games else None


def _averages(games: Sequence[Game]) -> dict:
    return {
        "games": len(games),
        "ppg": mean_of(games, "points"),
        "rpg": mean_of(games, "rebounds"),
        "apg": mean_of(games, "assists"),
        "spg": mean_of(games, "steals"),
        "bpg": mean_of(games, "blocks"),
        "topg": mean_of(games, "turnovers"),
        "fg_pct": _made(games, "fg"),
        "three_pct": _made(games, "three_pt"),
        "ft_pct": _made(games, "ft"),
        "minutes": mean_of(games, "minutes"),
    }


def _made(games: Sequence[Game], shot: str) -> float | None:
    """Makes by attempts of the games in which both are known."""
    makes, attempts = f"{shot}_makes", f"{shot}_attempts"
    known = [g for g in games if g[makes] is not None and g[attempts] is not None]
    return ratio(sum(g[makes] for g in known), sum(g[attempts] for g in known), 3)


def current_form(games: Sequence[Game]) -> dict:
    """Heat of a player from his games of the season, newest first.

    Games without a line, and pushes, are passed over by a run and stand in no hit rate.
    """
    last_5, last_10, season = (_points_a_game(games[:n]) for n in (5, 10, len(games)))
    hit_rate = over_rate(games[:10], 9)
    direction, streak = leading_run(games, goes_on=lambda game, _: _has_no_verdict(game))
    heat = None
    if hit_rate is not None:
        run = min(streak / 10, 1) if direction == "over" else 0
        margin = min(max((last_5 - season + 10) / 20, 0), 1)
        heat = rounded(10 * (0.5 * hit_rate + 0.25 * run + 0.25 * margin), 1)
    return {
        "heat_score": heat,
        "temperature": None if heat is None else temperature(heat),
        "current_streak": streak,
        "streak_direction": direction,
        "l5_avg": rounded(last_5, 1),
        "l10_avg": rounded(last_10, 1),
        "hit_rate_l10": over_rate(games[:10], 2),
    }


def _has_no_verdict(game: Game) -> bool:
    return game["over_under"] not in ("OVER", "UNDER")


def temperature(heat: float) -> str:
    """A heat score in a word."""
    return next((word for least, word in TEMPERATURES if heat >= least), "cold")


def _parts(games: Sequence[Game]) -> dict[str, list[Game]]:
    return {
        "home": [game for game in games if game["is_home"]],
        "away": [game for game in games if not game["is_home"]],
        "rested": [game for game in games if (game["days_since_last"] or 0) >= 2],
        "back_to_back": [game for game in games if game["days_since_last"] == 1],
    }


def key_patterns(games: Sequence[Game]) -> list[dict]:
    """What rest and place do to his points, where it is 2.5 points a game or more."""
    means = {name: _points_a_game(part) for name, part in _parts(games).items()}
    found = [
        _pattern(
            means["rested"],
            means["back_to_back"],
            ("rest_sensitive", "after a day off or more than on back-to-backs"),
            ("b2b_performer", "on back-to-backs than after a day off or more"),
        ),
        _pattern(
            means["home"],
            means["away"],
            ("home_performer", "at home than away"),
            ("road_warrior", "away than at home"),
        ),
    ]
    return [pattern for pattern in found if pattern][:PATTERNS_SHOWN]


def _pattern(
    one: float | None, other: float | None, more: tuple[str, str], less: tuple[str, str]
) -> dict | None:
    if one is None or other is None or abs(one - other) < TELLING_POINTS:
        return None
    name, words = more if one > other else less
    return {
        "pattern": name,
        "description": f"{abs(one - other):.1f} points a game more {words}",
        "strength": "strong" if abs(one - other) >= STRONG_POINTS else "moderate",
    }


def prop_hit_rates(graded: Sequence[Game]) -> dict:
    """How graded games of the season came out: points against the line, and picks."""
    margins = [game["graded_margin"] for game in graded if game["graded_margin"] is not None]
    overs, unders = sum(m > 0 for m in margins), sum(m < 0 for m in margins)
    picks = [game for game in graded if game["recommendation"] in ("OVER", "UNDER")]
    verdicts = [game["prediction_correct"] for game in picks]
    wins, losses = verdicts.count(True), verdicts.count(False)
    return {
        "points": {
            "games": overs + unders,
            "overs": overs,
            "unders": unders,
            "over_rate": ratio(overs, overs + unders, 3),
        },
        "total_recommendations": len(picks),
        "correct": wins,
        "win_rate": ratio(wins, wins + losses, 3),
    }


def _logged(game: Game) -> dict:
    return {
        "date": game["game_date"],
        "opponent": game["opponent"],
        "is_home": game["is_home"],
        "points": whole(game["points"]),
        "rebounds": whole(game["rebounds"]),
        "assists": whole(game["assists"]),
        "minutes": game["minutes"],
        "line": game["line"],
        "result": game["over_under"],
        "team_won": game["team_won"],
    }


def _split(games: Sequence[Game]) -> dict:
    ppg = mean_of(games, "points")
    return {"games": len(games), "ppg": ppg, "over_rate": over_rate(games, 2)}


def _monthly(games: Sequence[Game]) -> list[dict]:
    months = [
        (name, [game for game in games if game["game_date"].month == number])
        for number, name in zip(SEASON_MONTHS, MONTH_NAMES, strict=True)
    ]
    return [{"month": name, **_split(part)} for name, part in months if part]


TABLE = exporter(
    name="player_season",
    kind=Kind.PER_PLAYER_SEASON,
    paths="players/{player_lookup}/season/{season}.json",
    max_age=3600,
    model=PlayerSeason,
    reads={
        "games": Window.season_to_date(before=False),
        "player_game_summary": Window.season_to_date(before=False),
        "prediction_accuracy": Window.season_to_date(before=False),
        "upcoming_player_game_context": Window.season_to_date(before=False),
        "player_shot_zone_analysis": Window.season_to_date(before=False),
        "nba_players_registry": Window.everything(),
    },
    steps=(
        "../../precompute/shared/games_played",
        "../shared/champion",
        "shared/player_games",
        "shared/played_or_graded",
        "shared/known_names",
    ),
    shape=shape,
    expects=Rows.per_day(1),
    code=(figures,),
    description="A player's season up to the date: averages, form, habits, and the line's record.",
    source=__file__,
)
