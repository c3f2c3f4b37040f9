"""Players and their careers: who exists, for whom he plays, how good he is in a season.

Careers advance by off-seasons from 2021, each drawn from (seed, year), so a season's rosters
never depend on games played before it and any season can be made alone.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np

from nba_backfill.raw.demo_league.clubs import CLUBS
from nba_backfill.raw.demo_league.names import NameSource

FIRST_YEAR = 2021
ROSTER_SIZE = 17
FIRST_POOL = 590
ROOKIES_A_YEAR = 62
FREE_AGENTS_KEPT = 60
SCATTER = (0.8, 0.3)
"""How badly clubs judge players at the start and in later summers: strengths need spread."""

FREE_AGENT, GONE = -1, -2
GUARD, FORWARD, CENTER = 0, 1, 2

_CAREERS, _OFFSEASON, _FORM = 11, 12, 13
"""Streams of random numbers, kept apart so that a change to one leaves the others alone."""


@dataclass(frozen=True, slots=True)
class Pool:
    """Everybody who ever was in the league, in order of arrival; a player is an index."""

    names: list[str]
    ids: np.ndarray
    birth: np.ndarray
    position: np.ndarray
    talent: np.ndarray
    style: np.ndarray
    club: np.ndarray


@dataclass(frozen=True, slots=True)
class Ratings:
    """What each player of the pool does in one season: rates and weights used by the engine."""

    value: np.ndarray
    usage: np.ndarray
    three_share: np.ndarray
    mid_share: np.ndarray
    make: np.ndarray
    free_throw: np.ndarray
    turnover: np.ndarray
    assist: np.ndarray
    offensive_rebound: np.ndarray
    defensive_rebound: np.ndarray
    steal: np.ndarray
    block: np.ndarray
    foul: np.ndarray


def stream(*key: int) -> np.random.Generator:
    """A generator of its own for each combination of seed, year and purpose."""
    return np.random.default_rng(list(key))


def _newcomers(
    ages: np.ndarray, rng: np.random.Generator, *, year: int, first_id: int, names: NameSource
) -> dict[str, list | np.ndarray]:
    """Draw new players of the given ages on 1 October of ``year``."""
    count = len(ages)
    days = (ages * 365.25).astype(int) + rng.integers(0, 365, count)
    opening = np.datetime64(dt.date(year, 10, 1))
    return {
        "names": [names.draw(rng) for _ in range(count)],
        "ids": first_id + np.cumsum(rng.integers(1, 40, count)),
        "birth": opening - days.astype("timedelta64[D]"),
        "position": rng.choice(3, count, p=(0.42, 0.4, 0.18)),
        "talent": rng.normal(0, 1, count) + 0.35 * rng.exponential(1, count) - 0.2,
        "style": rng.normal(0, 1, (count, 12)),
    }


def ageing(age: np.ndarray) -> np.ndarray:
    """Loss against a player's best years, which are about 27."""
    return -0.012 * (age - 27.3) ** 2


def age_on(birth: np.ndarray, day: np.datetime64) -> np.ndarray:
    """Age in years with decimals."""
    return (day - birth).astype(int) / 365.25


def _fill_rosters(club: np.ndarray, worth: np.ndarray, rng: np.random.Generator) -> None:
    """Give every club ROSTER_SIZE players: the best free agents go where there is room."""
    for team in range(len(CLUBS)):
        members = np.flatnonzero(club == team)
        surplus = len(members) - ROSTER_SIZE
        if surplus > 0:
            club[members[np.argsort(worth[members], kind="stable")[:surplus]]] = FREE_AGENT
    free = np.flatnonzero(club == FREE_AGENT)
    free = free[np.argsort(-worth[free], kind="stable")]
    room = ROSTER_SIZE - np.bincount(club[club >= 0], minlength=len(CLUBS))
    places = []
    while room.any():
        # One place per club and turn, so that the good free agents spread over the league.
        open_clubs = np.flatnonzero(room)
        places.extend(rng.permutation(open_clubs).tolist())
        room[open_clubs] -= 1
    club[free[: len(places)]] = places
    club[free[len(places) + FREE_AGENTS_KEPT :]] = GONE


def players_of(seed: int, year: int) -> Pool:
    """Everybody up to ``year`` with the club each starts that season with."""
    names = NameSource()
    rng = stream(seed, _CAREERS)
    ages = np.clip(rng.gamma(9, 0.9, FIRST_POOL) + 18.2, 19, 39)
    parts = _newcomers(ages, rng, year=FIRST_YEAR, first_id=200_000, names=names)
    club = np.full(FIRST_POOL, FREE_AGENT)
    worth = parts["talent"] + ageing(ages)
    _fill_rosters(club, worth + rng.normal(0, SCATTER[0], FIRST_POOL), rng)
    for season in range(FIRST_YEAR + 1, year + 1):
        rng = stream(seed, _OFFSEASON, season)
        opening = np.datetime64(dt.date(season, 10, 1))
        age = age_on(parts["birth"], opening)
        worth = parts["talent"] + ageing(age)
        leaves = rng.random(len(club)) < 0.03 + 0.07 * (worth < -0.6) + 0.5 * (age > 37.5)
        club[leaves] = GONE
        moves = (rng.random(len(club)) < np.where(worth > 1.4, 0.08, 0.25)) & (club >= 0)
        club[moves] = FREE_AGENT
        first_id = 1_630_000 + 2_000 * (season - FIRST_YEAR)
        rookies = rng.uniform(19, 23.5, ROOKIES_A_YEAR)
        fresh = _newcomers(rookies, rng, year=season, first_id=first_id, names=names)
        parts = {
            key: parts[key] + fresh[key]
            if key == "names"
            else np.concatenate([parts[key], fresh[key]])
            for key in parts
        }
        club = np.concatenate([club, np.full(ROOKIES_A_YEAR, FREE_AGENT)])
        worth = parts["talent"] + ageing(age_on(parts["birth"], opening))
        # A rookie's promise counts for more than what he can do today.
        worth[-ROOKIES_A_YEAR:] += 0.5
        _fill_rosters(club, worth + rng.normal(0, SCATTER[1], len(club)), rng)
    return Pool(club=club, **parts)


def ratings_of(pool: Pool, seed: int, year: int) -> Ratings:
    """Rates of a season: talent, age and a year's form, shaped by position and style."""
    rng = stream(seed, _FORM, year)
    count = len(pool.names)
    opening = np.datetime64(dt.date(year, 10, 1))
    form = rng.normal(0, 0.18, count)
    value = pool.talent + ageing(age_on(pool.birth, opening)) + form
    quirk, place = pool.style + rng.normal(0, 0.15, pool.style.shape), pool.position
    guard, center = place == GUARD, place == CENTER
    skill = np.clip(value, -2, 3)
    make = np.stack(
        [
            0.556 + 0.016 * skill + 0.045 * center - 0.015 * guard + 0.018 * quirk[:, 0],
            0.402 + 0.012 * skill + 0.018 * quirk[:, 1],
            0.346 + 0.008 * skill - 0.025 * center + 0.016 * quirk[:, 2],
        ],
        axis=1,
    )
    by_place = np.array([[2.3, 1.2, 0.8], [0.55, 0.95, 1.9], [0.75, 1.0, 1.5], [0.45, 0.8, 2.4]])
    return Ratings(
        value=value,
        usage=np.exp(0.30 * skill + 0.16 * quirk[:, 3]),
        three_share=np.clip(0.44 - 0.27 * center + 0.09 * quirk[:, 4], 0.02, 0.75),
        mid_share=np.clip(0.15 + 0.015 * skill + 0.05 * quirk[:, 5], 0.03, 0.22),
        make=make,
        free_throw=np.clip(0.763 + 0.02 * skill - 0.06 * center + 0.055 * quirk[:, 6], 0.45, 0.94),
        turnover=np.clip(0.135 - 0.006 * skill + 0.016 * quirk[:, 7], 0.05, 0.2),
        assist=by_place[0][place] * np.exp(0.35 * skill + 0.4 * quirk[:, 8]),
        offensive_rebound=by_place[1][place] * np.exp(0.35 * quirk[:, 9]),
        defensive_rebound=by_place[2][place] * np.exp(0.1 * skill + 0.25 * quirk[:, 9]),
        steal=np.exp(0.3 * quirk[:, 10] + 0.15 * guard),
        block=by_place[3][place] * np.exp(0.5 * quirk[:, 11]),
        foul=np.exp(0.2 * quirk[:, 10] + 0.25 * center - 0.1 * skill),
    )
