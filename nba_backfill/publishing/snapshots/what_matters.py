"""What moves players over their lines, by how much they score (spec 50, 4.4)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from nba_backfill.core.window import Window
from nba_backfill.publishing import gathered, overs, units
from nba_backfill.publishing.document import Document, Part
from nba_backfill.publishing.exporter import Kind, exporter
from nba_backfill.publishing.gathered import records
from nba_backfill.publishing.overs import Overs
from nba_backfill.publishing.units import Count, Percent

PATH = "trends/what-matters.json"
DAYS = 365
MIN_GAMES = 20

ARCHETYPES = {
    "star": (22, "Stars: 22 points a game or more"),
    "scorer": (15, "Scorers: 15 to 22 points a game"),
    "rotation": (8, "Rotation players: 8 to 15 points a game"),
    "role_player": (0, "Role players: less than 8 points a game"),
}
"""The least points per game, and who that is; from the most points to the least."""

MIN_EXAMPLE_GAMES, MOST_EXAMPLES = 10, 5
REST, SIDES = ("b2b", "one_day", "rested"), ("home", "away")
MIN_REST_GAMES, MIN_SIDE_GAMES = 20, 50

MOST_INSIGHTS = 5
TIER_GAP, REST_GAP, SIDE_GAP = 50, 20, 30
"""Least differences worth telling, in tenths of a percentage point."""

NOTHING_STANDS_OUT = "No archetype, rest or side stands out from the others."


class Cell(Part):
    """Decided games of one kind and the share of them that went over."""

    games: Count
    over_pct: Percent


class Factors(Part):
    """Cells by days off (0, 1, 2 or more) and by side; those with too few games are absent."""

    rest: dict[str, Cell]
    home_away: dict[str, Cell]


class Archetype(Part):
    """Players who score alike; the rate is None where none of their games was decided."""

    description: str
    player_count: Count
    example_players: list[str]
    overall_over_pct: Percent | None
    factors: Factors


class WhatMatters(Document):
    """Rates of games over the line in a year, by archetype, rest and side."""

    as_of_date: dt.date
    archetypes: dict[str, Archetype]
    key_insights: list[str]


Player = Mapping[str, Any]
Samples = Mapping[str, Overs]


def shape(day: dt.date, rows: pd.DataFrame) -> dict[str, Document]:
    """The document of a day; every archetype is there, with nobody in it if need be."""
    players: dict[str, list[Player]] = {name: [] for name in ARCHETYPES}
    for row in records(rows):
        if row["games"] >= MIN_GAMES:
            players[archetype_of(row["points"], row["games"])].append(row)
    samples = {name: _samples(members) for name, members in players.items()}
    return {
        PATH: WhatMatters(
            as_of_date=day,
            archetypes={
                name: _archetype(name, players[name], samples[name]) for name in ARCHETYPES
            },
            key_insights=_insights(samples),
        )
    }


def archetype_of(points: int, games: int) -> str:
    """The archetype of a player with so many points in so many games, borders included above."""
    return next(name for name, (least, _) in ARCHETYPES.items() if points >= least * games)


def _samples(players: Sequence[Player]) -> Samples:
    """The decided games of all players together, as a whole and by kind."""
    return {
        kind: Overs.total(Overs(row[f"{kind}_games"], row[f"{kind}_overs"]) for row in players)
        for kind in ("all", *REST, *SIDES)
    }


def _archetype(name: str, players: Sequence[Player], samples: Samples) -> Archetype:
    return Archetype(
        description=ARCHETYPES[name][1],
        player_count=sum(row["all_games"] > 0 for row in players),
        example_players=_examples(players),
        overall_over_pct=samples["all"].percent,
        factors=Factors(
            rest=_cells(samples, REST, MIN_REST_GAMES),
            home_away=_cells(samples, SIDES, MIN_SIDE_GAMES),
        ),
    )


def _examples(players: Sequence[Player]) -> list[str]:
    """Names of who scores most in the last 90 days."""
    recent = [row for row in players if row["games_90"] >= MIN_EXAMPLE_GAMES]
    recent.sort(key=lambda row: (-row["points_90"] / row["games_90"], row["player_lookup"]))
    return [row["player_full_name"] or row["player_lookup"] for row in recent[:MOST_EXAMPLES]]


def _cells(samples: Samples, kinds: Sequence[str], least: int) -> dict[str, Cell]:
    return {
        kind: Cell(games=samples[kind].games, over_pct=samples[kind].percent)
        for kind in kinds
        if samples[kind].games >= least
    }


def _insights(samples: Mapping[str, Samples]) -> list[str]:
    found = [*_tier_insight(samples), *_rest_insight(samples["star"]), *_side_insights(samples)]
    return found[:MOST_INSIGHTS] or [NOTHING_STANDS_OUT]


def _tier_insight(samples: Mapping[str, Samples]) -> Iterator[str]:
    star, role_player = samples["star"]["all"], samples["role_player"]["all"]
    if star.games and role_player.games and abs(star.tenths - role_player.tenths) >= TIER_GAP:
        yield (
            f"Stars went over in {star.stat} of their games, role players in {role_player.stat}."
        )


def _rest_insight(star: Samples) -> Iterator[str]:
    tired, rested = star["b2b"], star["rested"]
    if min(tired.games, rested.games) < MIN_REST_GAMES:
        return
    if abs(tired.tenths - rested.tenths) >= REST_GAP:
        yield (
            f"Stars went over in {tired.stat} of their games on no rest,"
            f" in {rested.stat} after two days off or more."
        )


def _side_insights(samples: Mapping[str, Samples]) -> Iterator[str]:
    for name in ARCHETYPES:
        home, away = (samples[name][side] for side in SIDES)
        if min(home.games, away.games) < MIN_SIDE_GAMES:
            continue
        if abs(home.tenths - away.tenths) >= SIDE_GAP:
            who = ARCHETYPES[name][1].partition(":")[0]
            yield f"{who} went over in {home.stat} of home games, in {away.stat} of away games."


TABLE = exporter(
    name="what_matters",
    kind=Kind.SNAPSHOT,
    paths=PATH,
    max_age=43200,
    model=WhatMatters,
    reads={
        "games": Window.same_day(),
        # A year reaches into the season before, which is read where it is there.
        "player_game_summary": Window.optional(DAYS, before=False),
    },
    steps=("../shared/as_of_days", "../shared/games_in_order"),
    shape=shape,
    code=(gathered, overs, units),
    description="Rates of games over the line by archetype, rest and side over a year.",
    source=__file__,
    is_empty=lambda made: not any(a.player_count for a in made.archetypes.values()),
)
