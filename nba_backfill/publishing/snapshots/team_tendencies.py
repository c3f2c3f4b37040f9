"""How clubs play: pace, defence by zone, home and away, back-to-backs (spec 50, 4.5)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any

import pandas as pd
from pydantic import Field

from nba_backfill.core.window import Window
from nba_backfill.publishing import gathered, units
from nba_backfill.publishing.document import Document, Part
from nba_backfill.publishing.exporter import Kind, exporter
from nba_backfill.publishing.gathered import records, rounded
from nba_backfill.publishing.units import Club, Count, Margin, Percent, Points

PATH = "trends/team-tendencies.json"
DAYS, ZONE_DAYS = 90, 30
MOST_CLUBS = 5
MIN_GAMES, MIN_B2B_GAMES = 5, 3

Pace = Annotated[float, Field(ge=0, le=150, description="Possessions per 48 minutes")]


class PaceClub(Part):
    """A club's mean pace of 30 days; ``vs_league`` is what it has more than the clubs' mean."""

    team: Club
    pace: Pace
    games: Count
    avg_points: Points
    vs_league: float
    insight: str


class PaceBlock(Part):
    """The five fastest and the five slowest, from the end; the average is that of the clubs."""

    kings: list[PaceClub]
    grinders: list[PaceClub]
    league_average: Pace | None


class ZoneClub(Part):
    """What a club allowed in a zone in its last 15 games before the day of its newest row."""

    team: Club
    dfg_pct: Percent | None
    opp_ppg: Points
    games: Count
    insight: str


class ZoneClubs(Part):
    """The five that allow least and the five that allow most, from the end."""

    best: list[ZoneClub]
    worst: list[ZoneClub]


class ZoneBlock(Part):
    """Defence of shots from at most 8 feet, and of threes."""

    paint: ZoneClubs
    perimeter: ZoneClubs


class SideClub(Part):
    """Points per game at home and away in 60 days; ``differential`` is home minus away."""

    team: Club
    home_ppg: Points
    away_ppg: Points
    differential: Margin
    insight: str


class SideBlock(Part):
    """The five that gain most by playing at home, and the five that gain least."""

    home_dominant: list[SideClub]
    road_warriors: list[SideClub]


class TiredClub(Part):
    """Points per game a day after a game and later, in 90 days; ``impact`` is the difference."""

    team: Club
    b2b_ppg: Points
    rested_ppg: Points
    impact: Margin
    b2b_games: Count
    insight: str


class TiredBlock(Part):
    """The five that lose most on back-to-backs, and the five that lose least."""

    vulnerable: list[TiredClub]
    resilient: list[TiredClub]


class TeamTendencies(Document):
    """How clubs have played up to the as-of day and on it."""

    as_of_date: dt.date
    pace: PaceBlock
    defense_by_zone: ZoneBlock
    home_away: SideBlock
    back_to_back: TiredBlock


Row = Mapping[str, Any]


def shape(day: dt.date, rows: pd.DataFrame) -> dict[str, Document]:
    """The document of a day; a block without clubs that have enough games has empty lists."""
    clubs = sorted(records(rows), key=lambda row: row["team_abbr"])
    return {
        PATH: TeamTendencies(
            as_of_date=day,
            pace=_pace(clubs),
            defense_by_zone=ZoneBlock(
                paint=_zone(clubs, "paint_share", "in the paint"),
                perimeter=_zone(clubs, "perimeter_share", "from three"),
            ),
            home_away=_sides(clubs),
            back_to_back=_back_to_backs(clubs),
        )
    }


def _ends(
    clubs: Sequence[Row], figure: Callable[[Row], float]
) -> tuple[Sequence[Row], Sequence[Row]]:
    """The clubs with the highest figures and those with the lowest; equal ones by name."""
    highest = sorted(clubs, key=lambda row: -figure(row))[:MOST_CLUBS]
    return highest, sorted(clubs, key=figure)[:MOST_CLUBS]


def _pace(clubs: Sequence[Row]) -> PaceBlock:
    clubs = [row for row in clubs if row["pace_games"] >= MIN_GAMES]
    if not clubs:
        return PaceBlock(kings=[], grinders=[], league_average=None)

    def pace(row: Row) -> float:
        return row["pace_sum"] / row["pace_games"]

    average = sum(map(pace, clubs)) / len(clubs)

    def made(row: Row) -> PaceClub:
        more = rounded(pace(row) - average, 2)
        return PaceClub(
            team=row["team_abbr"],
            pace=rounded(pace(row), 2),
            games=row["pace_games"],
            avg_points=rounded(row["pace_points"] / row["pace_games"], 2),
            vs_league=more,
            insight=(
                f"{abs(more):.1f} possessions {'more' if more >= 0 else 'fewer'}"
                " than the average club"
            ),
        )

    kings, grinders = _ends(clubs, pace)
    return PaceBlock(
        kings=[made(row) for row in kings],
        grinders=[made(row) for row in grinders],
        league_average=rounded(average, 2),
    )


def _zone(clubs: Sequence[Row], share: str, where: str) -> ZoneClubs:
    """Clubs whose newest row knows the zone."""
    clubs = [
        row for row in clubs if row[share] is not None and (row["zone_games"] or 0) >= MIN_GAMES
    ]

    def made(row: Row) -> ZoneClub:
        percent = rounded(100 * row[share], 1)
        return ZoneClub(
            team=row["team_abbr"],
            dfg_pct=percent,
            opp_ppg=rounded(row["opponent_points"], 2),
            games=row["zone_games"],
            insight=f"Opponents make {percent:.1f}% of their shots {where}",
        )

    most, least = _ends(clubs, lambda row: row[share])
    return ZoneClubs(best=[made(row) for row in least], worst=[made(row) for row in most])


def _sides(clubs: Sequence[Row]) -> SideBlock:
    clubs = [row for row in clubs if min(row["home_games"], row["away_games"]) >= MIN_GAMES]

    def gain(row: Row) -> float:
        return row["home_points"] / row["home_games"] - row["away_points"] / row["away_games"]

    def made(row: Row) -> SideClub:
        more = rounded(gain(row), 2)
        return SideClub(
            team=row["team_abbr"],
            home_ppg=rounded(row["home_points"] / row["home_games"], 2),
            away_ppg=rounded(row["away_points"] / row["away_games"], 2),
            differential=more,
            insight=(
                f"Scores {abs(more):.1f} points {'more' if more >= 0 else 'fewer'} at home than"
                " away"
            ),
        )

    most, least = _ends(clubs, gain)
    return SideBlock(
        home_dominant=[made(row) for row in most], road_warriors=[made(row) for row in least]
    )


def _back_to_backs(clubs: Sequence[Row]) -> TiredBlock:
    clubs = [
        row
        for row in clubs
        if row["b2b_games"] >= MIN_B2B_GAMES and row["rested_games"] >= MIN_GAMES
    ]

    def impact(row: Row) -> float:
        return row["b2b_points"] / row["b2b_games"] - row["rested_points"] / row["rested_games"]

    def made(row: Row) -> TiredClub:
        more = rounded(impact(row), 2)
        return TiredClub(
            team=row["team_abbr"],
            b2b_ppg=rounded(row["b2b_points"] / row["b2b_games"], 2),
            rested_ppg=rounded(row["rested_points"] / row["rested_games"], 2),
            impact=more,
            b2b_games=row["b2b_games"],
            insight=(
                f"Scores {abs(more):.1f} points {'more' if more >= 0 else 'fewer'} on"
                " back-to-backs than rested"
            ),
        )

    most, least = _ends(clubs, impact)
    return TiredBlock(
        vulnerable=[made(row) for row in least], resilient=[made(row) for row in most]
    )


TABLE = exporter(
    name="team_tendencies",
    kind=Kind.SNAPSHOT,
    paths=PATH,
    max_age=43200,
    model=TeamTendencies,
    reads={
        "games": Window.same_day(),
        "team_offense_game_summary": Window.days(DAYS, before=False),
        "team_defense_zone_analysis": Window.days(ZONE_DAYS, before=False),
    },
    steps=("../shared/as_of_days",),
    shape=shape,
    code=(gathered, units),
    description="Clubs at both ends of pace, zone defence, home advantage and back-to-backs.",
    source=__file__,
)
