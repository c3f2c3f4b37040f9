"""Players of tonight's games with a run, a change of form or rest that speaks (spec 50, 4.10)."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping
from fractions import Fraction
from typing import Any, Literal

import pandas as pd

from nba_backfill.core.window import Window
from nba_backfill.publishing import gathered, tonight, units
from nba_backfill.publishing.document import Document, Part
from nba_backfill.publishing.exporter import Kind, exporter
from nba_backfill.publishing.gathered import ratio, records, rounded
from nba_backfill.publishing.tonight import Tonight, tonight_of
from nba_backfill.publishing.units import Club, Count, Lookup, Margin, Points, Position, Share

PATH = "trends/tonight-plays.json"

MIN_RUN, LONG_RUN = 3, 5
MIN_GAMES_5, MIN_GAMES_15 = 5, 10
MIN_CHANGE, GREAT_CHANGE = Fraction(15, 100), Fraction(25, 100)
FRESH_DAYS, TIRED_DAYS = range(3, 8), 1
MIN_FRESH_GAMES, MIN_TIRED_GAMES = 5, 3
MIN_REST_POINTS = 2
SURE_GAMES, SURE_POINTS = 10, 3

Type = Literal["streak", "momentum", "rest"]
Direction = Literal["over", "under"]
PRIORITY: tuple[Type, ...] = ("streak", "momentum", "rest")


class StreakDetails(Part):
    """Decided games in a row on one side of the line, of the 30 days before."""

    streak_length: Count
    avg_margin: Margin
    hit_rate_l10: Share


class MomentumDetails(Part):
    """Points of the last 5 games against those of the last 15, of the 45 days before."""

    momentum_type: Literal["surging", "slumping"]
    l5_avg: Points
    l15_avg: Points
    pct_change: float
    ppg_change: Margin


class RestDetails(Part):
    """Points after days off and without, since 2022-23; averages without games are None."""

    rest_status: Literal["fresh", "tired"]
    days_rest: Count
    rested_avg: Points | None
    b2b_avg: Points | None
    overall_avg: Points
    rest_impact: Margin
    sample_games: Count


class TrendPlay(Part):
    """What speaks for one side of a player's line; ``position`` is None: no contract takes it."""

    player_lookup: Lookup
    player_full_name: str
    team_abbr: Club
    position: Position
    trend_type: Type
    trend_direction: Direction
    trend_details: StreakDetails | MomentumDetails | RestDetails
    confidence: Literal["high", "medium"]
    tonight: Tonight


class PlaysByType(Part):
    """How many of the plays are of each type."""

    streak: Count
    momentum: Count
    rest: Count


class TonightPlays(Document):
    """One play per player expected tonight, at most, from games before the day only."""

    game_date: dt.date
    games_tonight: Count
    total_trend_plays: Count
    trend_plays: list[TrendPlay]
    by_trend_type: PlaysByType


Row = Mapping[str, Any]
Trend = tuple[Type, Direction, StreakDetails | MomentumDetails | RestDetails, bool]
"""Type, side, figures, and whether they are strong."""


def shape(day: dt.date, rows: pd.DataFrame) -> dict[str, Document]:
    """The document of a day; zeros and empty lists without games."""
    found = records(rows)
    plays = [
        _play(row, trend)
        for row in found
        if row["player_lookup"] is not None and (trend := trend_of(row)) is not None
    ]
    plays.sort(
        key=lambda play: (
            play.confidence != "high",
            PRIORITY.index(play.trend_type),
            play.player_lookup,
        )
    )
    counts = Counter(play.trend_type for play in plays)
    return {
        PATH: TonightPlays(
            game_date=day,
            games_tonight=len({row["game_id"] for row in found}),
            total_trend_plays=len(plays),
            trend_plays=plays,
            by_trend_type=PlaysByType(**{kind: counts[kind] for kind in PRIORITY}),
        )
    }


def trend_of(row: Row) -> Trend | None:
    """The player's play: a run before a change of form before rest; None without any."""
    return _streak(row) or _momentum(row) or _rest(row)


def _play(row: Row, trend: Trend) -> TrendPlay:
    kind, direction, details, is_strong = trend
    return TrendPlay(
        player_lookup=row["player_lookup"],
        player_full_name=row["player_full_name"] or row["player_lookup"],
        team_abbr=row["team_abbr"],
        position=None,
        trend_type=kind,
        trend_direction=direction,
        trend_details=details,
        confidence="high" if is_strong else "medium",
        tonight=tonight_of(row),
    )


def _streak(row: Row) -> Trend | None:
    over, under = row["over_run"] or 0, row["under_run"] or 0
    length = max(over, under)
    if length < MIN_RUN:
        return None
    details = StreakDetails(
        streak_length=length,
        avg_margin=ratio(row["margin_sum"], row["run_games"], 1),
        hit_rate_l10=ratio(row["last_10_overs"], row["last_10_games"], 2),
    )
    return "streak", "over" if over else "under", details, length >= LONG_RUN


def _momentum(row: Row) -> Trend | None:
    games_5, games_15 = row["games_5"] or 0, row["games_15"] or 0
    if games_5 < MIN_GAMES_5 or games_15 < MIN_GAMES_15 or not row["points_15"]:
        return None
    # Exact, so that a change of 15 % is one.
    last_5, last_15 = Fraction(row["points_5"], games_5), Fraction(row["points_15"], games_15)
    change = (last_5 - last_15) / last_15
    if abs(change) < MIN_CHANGE:
        return None
    surging = change > 0
    details = MomentumDetails(
        momentum_type="surging" if surging else "slumping",
        l5_avg=rounded(last_5, 1),
        l15_avg=rounded(last_15, 1),
        pct_change=rounded(100 * change, 1),
        ppg_change=rounded(last_5 - last_15, 1),
    )
    return "momentum", "over" if surging else "under", details, abs(change) >= GREAT_CHANGE


def _rest(row: Row) -> Trend | None:
    """What he scores fresh or tired, whichever he is tonight, against what he scores in all."""
    days = row["days_rest"]
    if days is None or not row["overall_games"]:
        return None
    overall = Fraction(row["overall_points"], row["overall_games"])
    fresh, tired = _average(row, "fresh"), _average(row, "tired")
    is_fresh = days in FRESH_DAYS
    if not is_fresh and days != TIRED_DAYS:
        return None
    here, games, least = (
        (fresh, row["fresh_games"], MIN_FRESH_GAMES)
        if is_fresh
        else (tired, row["tired_games"], MIN_TIRED_GAMES)
    )
    if here is None or games < least or abs(here - overall) < MIN_REST_POINTS:
        return None
    impact = (overall if fresh is None else fresh) - (overall if tired is None else tired)
    over = (impact > 0) == is_fresh
    details = RestDetails(
        rest_status="fresh" if is_fresh else "tired",
        days_rest=days,
        rested_avg=rounded(fresh, 1),
        b2b_avg=rounded(tired, 1),
        overall_avg=rounded(overall, 1),
        rest_impact=rounded(impact, 1),
        sample_games=games,
    )
    is_strong = games >= SURE_GAMES and abs(impact) >= SURE_POINTS
    return "rest", "over" if over else "under", details, is_strong


def _average(row: Row, kind: str) -> Fraction | None:
    games = row[f"{kind}_games"]
    return Fraction(row[f"{kind}_points"], games) if games else None


TABLE = exporter(
    name="tonight_trend_plays",
    kind=Kind.PRE_GAME,
    paths=PATH,
    max_age=3600,
    model=TonightPlays,
    reads={
        "games": Window.same_day(),
        "upcoming_player_game_context": Window.same_day(),
        "player_game_summary": Window.known_history(before=True),
    },
    steps=("../shared/tonight", "../shared/games_in_order"),
    shape=shape,
    code=(gathered, tonight, units),
    description="Players of tonight's games with a run, a change of form or rest that speaks.",
    source=__file__,
)
