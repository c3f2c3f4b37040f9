"""Bookmakers: points props of two vendors and game lines, as raw tables.

Lines are the engine's own expectation of a player or club, seen through each book's error; they
drift from the opening to the last look before tip-off. Offers taken after tip-off, ladders of
alternative lines and both signs of a spread are there because the vendors send them. Numbers
are drawn day by day, so a season cut short is the beginning of the whole one.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from nba_backfill.raw.demo_league.clubs import CLUBS
from nba_backfill.raw.demo_league.columns import table_of, words
from nba_backfill.raw.demo_league.names import lookup_of
from nba_backfill.raw.demo_league.players import stream
from nba_backfill.raw.demo_league.rotation import SLOTS
from nba_backfill.raw.demo_league.tables import CLUB_CODES, Ledger

OFFICIAL_IDS_SINCE = dt.date(2024, 4, 1)
"""Before this day the props vendor's game_id is canonical, from it on official."""

LEAST_POINTS, MOST_PLAYERS = 6.5, 9
"""Books offer players expected to score this much, at most so many of a club."""

BOOKS = ("draftkings", "fanduel", "betmgm", "caesars", "pointsbet")
OFFERED = np.array([0.93, 0.9, 0.65, 0.5, 0.3])
LOOKS = np.array([690, 245, 62, 6, -21])
"""Minutes before tip-off at which the props vendor looks; the last look is after it."""

SEEN = np.array([0.75, 0.85, 0.9, 0.95, 0.12])
DRIFT = np.array([0.9, 0.6, 0.25, 0.0, 2.5])
"""Spread of a line around its closing value at each look, in points."""

LADDER_STEPS = (-6, -4, -2, 2, 4, 6)
LADDER_RATE = 0.12
PROS_BOOKS = ("BettingPros Consensus", "BetRivers", "Unibet", "Hard Rock")
PROS_LOOKS = np.array([540, 48, -33])
PROS_SEEN = np.array([0.9, 0.95, 0.06])
ONLY_ONE_VENDOR = 0.03
LINE_BOOKS = ("draftkings", "fanduel")
LINE_LOOKS = np.array([1680, 400, 5, -40])
LINE_SEEN = np.array([1.0, 0.9, 1.0, 0.15])
LINE_DRIFT = np.array([1.1, 0.6, 0.0, 4.0])
SPREAD_ERROR, TOTAL_ERROR = 1.3, 2.6
POINTS_SPREAD = 5.8
"""Standard deviation of a player's points around the expectation: prices of ladders."""

_PROPS, _PROS, _LINES = 41, 42, 43
MINUTE = np.timedelta64(60, "s")


@dataclass(frozen=True, slots=True)
class Offers:
    """Players on offer: index of game, player of the pool, row, and the closing estimate."""

    game: np.ndarray
    row: np.ndarray
    player: np.ndarray
    estimate: np.ndarray


def offers(ledger: Ledger) -> Offers:
    """The players books make a line for: those expected to score, best of each club."""
    games = ledger.played.games
    points = np.where(games.players >= 0, games.expected_points, 0)
    # A player the coach leaves out after all was offered by nobody who knew it.
    points = np.where(games.seconds > 0, points, 0)
    rank = np.argsort(np.argsort(-points, axis=1, kind="stable"), axis=1, kind="stable")
    place = np.flatnonzero(((points >= LEAST_POINTS) & (rank < MOST_PLAYERS)).ravel())
    row = place // SLOTS
    # Points are skewed: the median, which a line means to be, lies below the mean.
    return Offers(row // 2, row, games.players.ravel()[place], 0.965 * points.ravel()[place])


def _by_day(ledger: Ledger, game: np.ndarray, purpose: int, width: int) -> np.ndarray:
    """``width`` normal numbers for each row, drawn day by day; rows stand in order of days."""
    days = ledger.days[game]
    starts = np.flatnonzero(np.r_[True, days[1:] != days[:-1]]) if len(days) else np.array([], int)
    ends = np.r_[starts[1:], len(days)]
    seed = ledger.seed
    parts = [np.empty((0, width))]
    for start, end in zip(starts, ends, strict=True):
        rng = stream(seed, purpose, int(days[start].astype(int)))
        parts.append(rng.normal(0, 1, (end - start, width)))
    return np.concatenate(parts)


def _chance(normal: np.ndarray, rate: np.ndarray | float) -> np.ndarray:
    """True with the given rate, from a normal number."""
    # Logistic approximation of the normal distribution; exact enough for rates.
    return 1 / (1 + np.exp(-1.702 * normal)) < rate


def half_points(value: np.ndarray) -> np.ndarray:
    """The nearest line that cannot be hit: x.5, at least 0.5."""
    return np.maximum(np.floor(value) + 0.5, 0.5)


def american(probability: np.ndarray) -> np.ndarray:
    """American odds of a price in implied probability, in steps of five."""
    price = np.clip(probability, 0.02, 0.98)
    raw = np.where(price >= 0.5, -100 * price / (1 - price), 100 * (1 - price) / price)
    rounded = 5 * np.round(raw / 5)
    return np.where(np.abs(rounded) < 100, np.where(price >= 0.5, -100, 100), rounded).astype(int)


def printed_names(ledger: Ledger) -> list[str]:
    """Names as the props vendor prints them: some differ and need player_aliases."""
    return [ledger.variants.get(name, name) for name in ledger.names]


def odds_api_props(ledger: Ledger) -> pa.Table:
    """Points props, first vendor: player x book x look, with ladders at the last look."""
    offer = offers(ledger)
    books, looks = len(BOOKS), len(LOOKS)
    draw = _by_day(ledger, offer.game, _PROPS, 3 + books * (2 + 2 * looks))
    by_book = draw[:, 3 : 3 + 2 * books].reshape(-1, books, 2)
    by_look = draw[:, 3 + 2 * books :].reshape(-1, books, looks, 2)
    estimate = offer.estimate + 0.5 * draw[:, 0]
    offered = _chance(by_book[..., 0], OFFERED) & ~_chance(draw[:, 1], ONLY_ONE_VENDOR)[:, None]
    line = estimate[:, None, None] + 0.45 * by_book[..., 1:] + DRIFT * by_look[..., 0]
    seen = offered[..., None] & _chance(by_look[..., 1], SEEN)
    # Whoever offers a player at all is seen at the last look, so that closing lines exist.
    seen[..., 3] |= offered
    which, book, look = np.nonzero(seen)
    main = half_points(line[which, book, look])
    lean = 0.5 + 0.02 * by_look[which, book, look, 1]
    laddered = np.flatnonzero((look == 3) & (book < 2) & _chance(draw[which, 2], LADDER_RATE))
    parts = [(which, book, look, main, lean)]
    for step in LADDER_STEPS:
        at = laddered[main[laddered] + step > 0]
        beyond = 0.5 - 0.4 * np.tanh(step / POINTS_SPREAD)
        parts.append((which[at], book[at], look[at], main[at] + step, np.full(len(at), beyond)))
    which, book, look, line, over = (np.concatenate(part) for part in zip(*parts, strict=True))
    order = np.lexsort((line, book, which, look, offer.game[which]))
    which, book, look, line, over = (part[order] for part in (which, book, look, line, over))
    game, player = offer.game[which], offer.player[which]
    official = ledger.days[game] >= np.datetime64(OFFICIAL_IDS_SINCE)
    ids = [*ledger.canonical, *ledger.official]
    taken = ledger.tips[game] - LOOKS[look] * MINUTE
    names = printed_names(ledger)
    return table_of(
        "odds_api_player_points_props",
        ledger.game_columns(game, 0)
        | {
            "game_id": words(ids, game + official * len(ledger.official)),
            "game_start_time": ledger.tips[game],
            "snapshot_timestamp": taken,
            "bookmaker": words(BOOKS, book),
            "player_name": words(names, player),
            "player_lookup": words([lookup_of(name) for name in names], player),
            "points_line": line,
            "over_price_american": american(over + 0.024),
            "under_price_american": american(1.024 - over),
            "processed_at": taken + 5 * MINUTE,
        },
    )


def bettingpros_props(ledger: Ledger) -> pa.Table:
    """Points props, second vendor: player x book x side x scrape; the consensus is a book."""
    offer = offers(ledger)
    books, looks = len(PROS_BOOKS), len(PROS_LOOKS)
    draw = _by_day(ledger, offer.game, _PROS, 3 + books * 2 + books * looks * 2)
    by_book = draw[:, 3 : 3 + 2 * books].reshape(-1, books, 2)
    by_look = draw[:, 3 + 2 * books :].reshape(-1, books, looks, 2)
    error = np.array([0.15, 0.45, 0.45, 0.6])
    estimate = offer.estimate + 0.5 * draw[:, 0]
    line = half_points(
        estimate[:, None, None]
        + (error * by_book[..., 1])[..., None]
        + np.array([0.7, 0.0, 2.5]) * by_look[..., 0]
    )
    offered = _chance(by_book[..., 0], np.array([1.1, 0.9, 0.75, 0.5]))
    offered &= ~_chance(draw[:, 1], ONLY_ONE_VENDOR)[:, None]
    seen = offered[..., None] & _chance(by_look[..., 1], PROS_SEEN)
    which, book, look, side = np.nonzero(np.repeat(seen[..., None], 2, axis=3))
    order = np.lexsort((side, book, which, look, offer.game[which]))
    which, book, look, side = (part[order] for part in (which, book, look, side))
    game, player = offer.game[which], offer.player[which]
    lean = 0.5 + 0.02 * by_look[which, book, look, 1] * np.where(side == 0, 1, -1)
    lean = np.where(book == 0, 0.5, lean)
    updated = ledger.tips[game] - PROS_LOOKS[look] * MINUTE
    club = np.where(_chance(draw[which, 2], 0.02), len(CLUB_CODES), ledger.clubs[offer.row[which]])
    return table_of(
        "bettingpros_player_points_props",
        {
            "game_date": ledger.days[game],
            "player_name": words(ledger.names, player),
            "player_lookup": words(ledger.lookups, player),
            "player_team": words([*CLUB_CODES, "FA"], club),
            "bet_side": words(["over", "under"], side),
            "bookmaker": words(PROS_BOOKS, book),
            "points_line": line[which, book, look],
            "odds_american": american(lean + 0.024),
            "opening_line": line[which, book, 0],
            "opening_timestamp": ledger.tips[game] - int(PROS_LOOKS[0]) * MINUTE,
            "is_active": np.ones(len(game), dtype=bool),
            "bookmaker_last_update": updated,
            "processed_at": updated + 10 * MINUTE,
        },
    )


def event_id(official_id: str) -> str:
    """The odds vendor's id of a game: 32 hexadecimal digits that tell nothing."""
    return hashlib.blake2b(official_id.encode(), digest_size=16).hexdigest()


def game_lines(ledger: Ledger) -> pa.Table:
    """Spreads and totals: game x book x look x four outcomes, a spread with both signs."""
    expected = ledger.played.games.expected_team.reshape(-1, 2)
    count, books, looks = len(expected), len(LINE_BOOKS), len(LINE_LOOKS)
    every = np.arange(count)
    draw = _by_day(ledger, every, _LINES, 2 + books * looks * 3)
    by_look = draw[:, 2:].reshape(count, books, looks, 3)
    margin = expected[:, 1] - expected[:, 0] + SPREAD_ERROR * draw[:, 0]
    total = expected.sum(axis=1) + TOTAL_ERROR * draw[:, 1]
    spreads = np.round(2 * (margin[:, None, None] + LINE_DRIFT * by_look[..., 0])) / 2
    totals = np.round(2 * (total[:, None, None] + 2 * LINE_DRIFT * by_look[..., 1])) / 2
    seen = _chance(by_look[..., 2], LINE_SEEN)
    seen[..., [0, 2]] = True
    game, book, look, outcome = np.nonzero(np.repeat(seen[..., None], 4, axis=3))
    spread = np.clip(spreads[game, book, look], -29.5, 29.5)
    point = np.select([outcome == 0, outcome == 1], [spread, -spread], totals[game, book, look])
    names = [club.full_name for club in CLUBS]
    # One book spells the Clippers out, the other does not.
    names += [name.replace("LA ", "Los Angeles ") for name in names]
    home = ledger.home[game] + book * len(CLUBS)
    away = ledger.away[game] + book * len(CLUBS)
    label = np.select([outcome == 0, outcome == 1], [home, away], 2 * len(CLUBS) - 2 + outcome)
    taken = ledger.tips[game] - LINE_LOOKS[look] * MINUTE
    return table_of(
        "odds_api_game_lines",
        ledger.game_columns(game, 0)
        | {
            "game_id": words([event_id(official) for official in ledger.official], game),
            "commence_time": ledger.tips[game],
            "home_team": words(names, home),
            "away_team": words(names, away),
            "bookmaker_key": words(LINE_BOOKS, book),
            "market_key": words(["spreads", "totals"], outcome // 2),
            "outcome_name": words([*names, "Over", "Under"], label),
            "outcome_point": point,
            "snapshot_timestamp": taken,
            "processed_at": taken + 5 * MINUTE,
        },
    )
