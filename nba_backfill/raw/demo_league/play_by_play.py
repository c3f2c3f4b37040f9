"""Events as BigDataBall prints them: types, sub-types, distances, lookups."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pyarrow as pa

from nba_backfill.raw.demo_league.columns import blank, table_of, words
from nba_backfill.raw.demo_league.events import (
    FOUL,
    FREE_THROW,
    MIDDLE,
    PAINT,
    REBOUND,
    SHOT,
    SUBSTITUTION,
    THREE,
    TIMEOUT,
    TURNOVER,
)
from nba_backfill.raw.demo_league.names import unfolded_lookup
from nba_backfill.raw.demo_league.tables import CLUB_CODES, Ledger

PREFIX_SINCE = dt.date(2024, 10, 1)
"""From here on lookups carry the player's numeric id in front."""

TYPES = ["shot", "free throw", "rebound", "turnover", "foul", "substitution", "timeout"]
ROLES = ["", "assist", "block", "steal"]
SHOTS = {
    PAINT: (
        "driving layup",
        "layup",
        "running dunk",
        "cutting layup",
        "driving floating jump shot",
        "hook",
        "putback layup",
        "tip layup",
    ),
    MIDDLE: ("pullup jump shot", "jump shot", "fadeaway jump shot", "turnaround jump shot"),
    THREE: ("3pt jump shot", "3pt jump shot", "3pt pullup jump shot", "3pt step back jump shot"),
}
REBOUNDS = ("rebound offensive", "rebound defensive")
TEAM_REBOUNDS = ("team rebound offensive", "team rebound defensive")
TURNOVERS = (
    ("",),
    ("offensive foul",),
    ("bad pass", "lost ball"),
    ("traveling", "step out-of-bounds"),
)
FOULS = ("personal", "shooting personal", "charge offensive")


def _subtypes(ledger: Ledger) -> pa.Array:
    """Free text of each event, chosen by its detail and its spare number."""
    events = ledger.played.games.events
    texts: list[str] = []
    index = np.zeros(len(events.kind), dtype=np.int64)
    # Another digit range of the spare number than the distance uses.
    spin = (events.roll * 1009) % 1

    def put(where: np.ndarray, choices: tuple[str, ...]) -> None:
        index[where] = len(texts) + (spin[where] * len(choices)).astype(np.int64)
        texts.extend(choices)

    kind, detail, nobody = events.kind, events.detail, events.actor < 0
    for zone, choices in SHOTS.items():
        put((kind == SHOT) & (detail == zone), choices)
    for of in (1, 2, 3):
        for number in range(1, of + 1):
            throw = (kind == FREE_THROW) & (detail == 10 * number + of)
            put(throw, (f"free throw {number}/{of}",))
    for end in (0, 1):
        board = (kind == REBOUND) & (detail == end)
        put(board & ~nobody, (REBOUNDS[end],))
        put(board & nobody, (TEAM_REBOUNDS[end],))
    for how, choices in enumerate(TURNOVERS):
        put((kind == TURNOVER) & (detail == how), choices)
    for how, text in enumerate(FOULS):
        put((kind == FOUL) & (detail == how), (text,))
    put((kind == SUBSTITUTION) & (detail == 0), ("substitution out",))
    put((kind == SUBSTITUTION) & (detail == 1), ("substitution in",))
    put(kind == TIMEOUT, ("timeout",))
    return words(texts, index)


def _distances(ledger: Ledger) -> np.ndarray:
    """Whole feet: up to 8 in the paint, 9 to 22 in the middle, 22 and more for threes."""
    events = ledger.played.games.events
    roll = events.roll.astype(np.float64)
    paint = np.floor(9 * roll**1.7)
    middle = 9 + np.floor(14 * roll)
    three = 22 + np.floor(7 * roll**1.4) + np.where(roll > 0.99, 8, 0)
    return np.select([events.detail == PAINT, events.detail == MIDDLE], [paint, middle], three)


def play_by_play(ledger: Ledger) -> pa.Table:
    """All events of a season in order; one row per event."""
    events, players = ledger.played.games.events, ledger.played.games.players.ravel()
    game = events.game.astype(np.int64)
    starts = np.searchsorted(game, np.arange(len(ledger.official)))
    shot = events.kind == SHOT
    plain = [unfolded_lookup(name) for name in ledger.names]
    numbered = [f"{n}{name}" for n, name in zip(ledger.played.pool.ids, plain, strict=True)]
    shift = np.where(ledger.days[game] >= np.datetime64(PREFIX_SINCE), len(plain), 0)

    def who(places: np.ndarray) -> tuple[pa.Array, pa.Array]:
        player = np.where(places >= 0, players[np.maximum(places, 0)], -1)
        lookup = np.where(player >= 0, player + shift, -1)
        return words(ledger.names, player), words([*plain, *numbered], lookup)

    names_1, lookups_1 = who(events.actor)
    names_2, lookups_2 = who(events.helper)
    return table_of(
        "bigdataball_play_by_play",
        ledger.game_columns(game, 31.0)
        | {
            "bdb_game_id": np.array([int(official) for official in ledger.official])[game],
            "event_sequence": np.arange(len(game)) - starts[game] + 1,
            "period": events.period.astype(np.int64),
            "event_type": words(TYPES, events.kind.astype(np.int64)),
            "event_subtype": _subtypes(ledger),
            "player_1_name": names_1,
            "player_1_lookup": lookups_1,
            "player_1_team_abbr": words(CLUB_CODES, ledger.clubs[events.row]),
            "player_2_name": names_2,
            "player_2_lookup": lookups_2,
            "player_2_role": words(ROLES, np.where(events.role > 0, events.role, -1)),
            "shot_made": blank(events.made, ~shot),
            "shot_distance": blank(_distances(ledger), ~shot),
            "points_scored": events.points.astype(np.int64),
        },
    )
