"""Up to eight short facts on when players went over their lines (spec 50, 4.6)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Annotated, Any, Literal

import pandas as pd
from pydantic import Field

from nba_backfill.core.window import Window
from nba_backfill.publishing import gathered, overs, units
from nba_backfill.publishing.document import Document, Part
from nba_backfill.publishing.exporter import Kind, exporter
from nba_backfill.publishing.gathered import records
from nba_backfill.publishing.overs import Overs
from nba_backfill.publishing.units import Count

PATH = "trends/quick-hits.json"
DAYS = 90
MIN_SAMPLE = 50
MOST_STATS = 8
REFRESH_NOTE = f"Games of the last {DAYS} days, made anew each week."

WEEKDAY_GAP, REST_GAP, SIDE_GAP, TIER_GAP = 20, 15, 20, 20
"""Least differences worth telling, in tenths of a percentage point."""

POSITIVE_ABOVE, NEGATIVE_BELOW, EVEN = 520, 480, 500

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
REST = {
    "b2b": "on back-to-backs",
    "one_day": "after one day off",
    "rested": "after two days off or more",
}
SIDES = {True: "home", False: "away"}
TIERS = {
    "stars": "Stars (22 points a game or more)",
    "scorers": "Scorers (15 to 22 points a game)",
    "rotation": "Rotation players (8 to 15 points a game)",
    "bench": "Bench players (less than 8 points a game)",
}

Category = Literal["day_of_week", "situational", "player_type"]
Trend = Literal["positive", "negative", "neutral"]


class Stat(Part):
    """One fact: a share of decided games that went over, and what it is held against."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9_]+$")]
    category: Category
    headline: str
    stat: Annotated[str, Field(pattern=r"^\d{1,3}\.\d%$")]
    description: str
    sample_size: Count
    trend: Trend
    context: str


class QuickHits(Document):
    """The facts farthest from an even chance first; ``total_available`` counts all of them."""

    as_of_date: dt.date
    stats: list[Stat]
    total_available: Count
    refresh_note: str


def shape(day: dt.date, rows: pd.DataFrame) -> dict[str, Document]:
    """The document of a day."""
    found = records(rows)
    overall = Overs.total(map(_sample, found))
    candidates = [
        *_weekdays(found),
        *_rest(found, overall),
        *_sides(found),
        *_tiers(found, overall),
    ]
    told = [stat for sample, stat in sorted(candidates, key=_order) if sample.games >= MIN_SAMPLE]
    return {
        PATH: QuickHits(
            as_of_date=day,
            stats=told[:MOST_STATS],
            total_available=len(told),
            refresh_note=REFRESH_NOTE,
        )
    }


Found = Sequence[dict[str, Any]]
Candidate = tuple[Overs, Stat]


def _candidate(sample: Overs, *, trend: Trend | None = None, **told: str) -> Candidate:
    """A sample and what is told of it; its trend is its own unless another is given."""
    own = {"stat": sample.stat, "sample_size": sample.games}
    return sample, Stat(**told, **own, trend=trend or trend_of(sample))


def _order(candidate: Candidate) -> tuple:
    sample, stat = candidate
    return -abs(sample.tenths - EVEN), stat.id


def _sample(row: dict[str, Any]) -> Overs:
    return Overs(row["games"], row["overs"])


def _by(rows: Found, column: str) -> dict[Any, Overs]:
    """The samples of a column's values; rows without a value are in none."""
    found: dict[Any, Overs] = {}
    for row in rows:
        if row[column] is not None:
            found[row[column]] = found.get(row[column], Overs()) + _sample(row)
    return found


def trend_of(sample: Overs) -> Trend:
    """Positive above 52 %, negative below 48 %, between them neither."""
    if sample.tenths > POSITIVE_ABOVE:
        return "positive"
    return "negative" if sample.tenths < NEGATIVE_BELOW else "neutral"


def _weekdays(rows: Found) -> Iterator[Candidate]:
    days = _by(rows, "weekday")
    # Each weekday counts once: a mean over games would be drawn to the days with most of them.
    total = sum(sample.tenths for sample in days.values())
    for weekday, sample in days.items():
        # The mean multiplied out, so that the least difference is met exactly.
        if abs(sample.tenths * len(days) - total) >= WEEKDAY_GAP * len(days):
            name = WEEKDAYS[weekday]
            yield _candidate(
                sample,
                id=f"day_{name.lower()}",
                category="day_of_week",
                headline=f"{name} overs",
                description=f"Players went over in {sample.stat} of games on a {name}.",
                context=f"Mean of the weekdays: {total / len(days) / 10:.1f}%",
            )


def _rest(rows: Found, overall: Overs) -> Iterator[Candidate]:
    for rest, sample in _by(rows, "rest").items():
        if abs(sample.tenths - overall.tenths) >= REST_GAP:
            yield _candidate(
                sample,
                id=f"rest_{rest}",
                category="situational",
                headline=f"Overs {REST[rest]}",
                description=f"Players went over in {sample.stat} of games {REST[rest]}.",
                context=f"All games: {overall.stat}",
            )


def _sides(rows: Found) -> Iterator[Candidate]:
    sides = _by(rows, "is_home")
    if len(sides) < len(SIDES) or abs(sides[True].tenths - sides[False].tenths) < SIDE_GAP:
        return
    better = max(SIDES, key=lambda is_home: sides[is_home].tenths)
    sample, other = sides[better], sides[not better]
    side = SIDES[better]
    yield _candidate(
        sample,
        id=f"side_{side}",
        category="situational",
        headline=f"Overs in {side} games",
        description=f"Players went over in {sample.stat} of {side} games.",
        # It is the better of the two: that it is not good in itself makes it no bad sign.
        trend="positive" if trend_of(sample) == "positive" else "neutral",
        context=f"In {SIDES[not better]} games: {other.stat}",
    )


def _tiers(rows: Found, overall: Overs) -> Iterator[Candidate]:
    for tier, sample in _by(rows, "tier").items():
        if abs(sample.tenths - overall.tenths) >= TIER_GAP:
            yield _candidate(
                sample,
                id=f"tier_{tier}",
                category="player_type",
                headline=f"{tier.capitalize()} against the line",
                description=f"{TIERS[tier]} went over in {sample.stat} of their games.",
                context=f"All players: {overall.stat}",
            )


TABLE = exporter(
    name="quick_hits",
    kind=Kind.SNAPSHOT,
    paths=PATH,
    max_age=43200,
    model=QuickHits,
    reads={
        "games": Window.same_day(),
        "player_game_summary": Window.days(DAYS, before=False),
    },
    steps=("../shared/as_of_days", "../shared/games_in_order"),
    shape=shape,
    code=(gathered, overs, units),
    description="Short facts on when players went over their lines in 90 days.",
    source=__file__,
)
