"""The scores of this moment, player by player (spec 50, 6): ``live/{date}.json`` and ``latest``.

Players are known by their names: the feed's ids are in no table. A feed of another day is refused,
so that the last good document of this one stays.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from typing import ClassVar, Literal

import pandas as pd

from nba_backfill.core.window import Window
from nba_backfill.publishing.document import Document, Part
from nba_backfill.publishing.exporter import Kind, exporter
from nba_backfill.publishing.gathered import records
from nba_backfill.publishing.live import feed, inputs
from nba_backfill.publishing.live.feed import BoxScores, FeedGame, FeedLine
from nba_backfill.publishing.live.inputs import LiveInputError, live, unshaped
from nba_backfill.publishing.units import Club, Count, Lookup

GameStatus = Literal["scheduled", "in_progress", "final"]
ORDER: tuple[GameStatus, ...] = ("in_progress", "final", "scheduled")


class LivePlayer(Part):
    """One player's line so far."""

    player_lookup: Lookup
    name: str
    team: Club
    points: Count
    rebounds: Count
    assists: Count
    steals: Count
    blocks: Count
    turnovers: Count
    minutes: str | None
    fg_made: Count
    fg_attempted: Count
    fg3_made: Count
    fg3_attempted: Count
    ft_made: Count
    ft_attempted: Count


class LiveGame(Part):
    """One game so far."""

    game_id: str
    status: GameStatus
    period: Count
    time_remaining: str | None
    home_team: Club
    away_team: Club
    home_score: Count
    away_score: Count
    player_count: Count
    players: list[LivePlayer]


class LiveDocument(Document):
    """All games of the day as they stand."""

    generated_key: ClassVar[str] = "updated_at"
    game_date: dt.date
    poll_id: str
    games_in_progress: Count
    games_final: Count
    total_games: Count
    games: list[LiveGame]


def shape(found: BoxScores, day: dt.date, rows: pd.DataFrame) -> Mapping[str, dict]:
    """The document of a day, under its date and as the latest."""
    games = games_of(found, day, records(rows))
    statuses = [game["status"] for game in games]
    document = {
        "game_date": day,
        "poll_id": found.fetched_at.astimezone(dt.UTC).strftime("%Y%m%dT%H%M%SZ"),
        "games_in_progress": statuses.count("in_progress"),
        "games_final": statuses.count("final"),
        "total_games": len(games),
        "games": games,
    }
    return {f"live/{day}.json": document, "live/latest.json": document}


def games_of(found: BoxScores, day: dt.date, rows: Sequence[Mapping]) -> list[dict]:
    """The feed's games of a day, those under way first, with players by points.

    Raises LiveInputError for a feed that has games, but none of the day.
    """
    if found.games and all(game.date != day for game in found.games):
        dates = ", ".join(sorted({str(game.date) for game in found.games}))
        raise LiveInputError(
            f"the live feed of {found.fetched_at:%Y-%m-%d %H:%M} UTC has games of {dates}, none of"
            f" {day}. Nothing was published; what was before stays"
        )
    ids = {
        (row["home_team_abbr"], row["away_team_abbr"]): row["game_id"]
        for row in rows
        if row["section"] == "game"
    }
    lookups = {row["spelling"]: row["player_lookup"] for row in rows if row["section"] == "name"}
    games = [
        _game(game, ids[game.home_team.abbreviation, game.visitor_team.abbreviation], lookups)
        for game in found.games
        if game.date == day and (game.home_team.abbreviation, game.visitor_team.abbreviation) in ids
    ]
    return sorted(games, key=lambda game: (ORDER.index(game["status"]), game["game_id"]))


def status_of(game: FeedGame) -> GameStatus:
    """How far a game is: its text says that it is final, its period that it has begun."""
    if "final" in game.status.casefold():
        return "final"
    return "in_progress" if game.period > 0 else "scheduled"


def lookup_of(name: str, lookups: Mapping[str, str]) -> str:
    """The canonical key of a printed name.

    That of the day's names, else the name in small letters and digits without accents, or what
    that is an alias of.
    """
    folded = unicodedata.normalize("NFKD", name).lower()
    lookup = re.sub(r"[^a-z0-9]", "", folded)
    return lookups.get(name) or lookups.get(lookup, lookup)


def _game(game: FeedGame, game_id: str, lookups: Mapping[str, str]) -> dict:
    players = sorted(_players(game, lookups), key=lambda p: (-p["points"], p["player_lookup"]))
    return {
        "game_id": game_id,
        "status": status_of(game),
        "period": game.period,
        "time_remaining": game.time,
        "home_team": game.home_team.abbreviation,
        "away_team": game.visitor_team.abbreviation,
        "home_score": game.home_team_score or 0,
        "away_score": game.visitor_team_score or 0,
        "player_count": len(players),
        "players": players,
    }


def _players(game: FeedGame, lookups: Mapping[str, str]) -> Iterator[dict]:
    for team in (game.home_team, game.visitor_team):
        for line in team.players:
            name = f"{line.player.first_name} {line.player.last_name}".strip()
            yield _line(line, name, lookup_of(name, lookups), team.abbreviation)


def _line(line: FeedLine, name: str, lookup: str, team: str) -> dict:
    return {
        "player_lookup": lookup,
        "name": name,
        "team": team,
        "points": line.pts or 0,
        "rebounds": line.reb or 0,
        "assists": line.ast or 0,
        "steals": line.stl or 0,
        "blocks": line.blk or 0,
        "turnovers": line.turnover or 0,
        "minutes": line.min,
        "fg_made": line.fgm or 0,
        "fg_attempted": line.fga or 0,
        "fg3_made": line.fg3m or 0,
        "fg3_attempted": line.fg3a or 0,
        "ft_made": line.ftm or 0,
        "ft_attempted": line.fta or 0,
    }


TABLE = live(
    exporter(
        name="live_scores",
        kind=Kind.LIVE,
        paths=("live/{date}.json", "live/latest.json"),
        max_age=30,
        model=LiveDocument,
        reads={
            "games": Window.same_day(),
            "player_names": Window.same_day(),
            "player_aliases": Window.everything(),
        },
        shape=unshaped,
        code=(feed, inputs),
        description="Live scores of the current day; never of a past one.",
        source=__file__,
    ),
    shape,
    feed.kept,
)
