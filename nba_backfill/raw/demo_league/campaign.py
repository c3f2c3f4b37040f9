"""A season off the court: moves between clubs and absences, day by day.

Both are drawn from (seed, year) alone, so they are the same however far the season is played.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np

from nba_backfill.raw.demo_league.calendar import SeasonDays
from nba_backfill.raw.demo_league.clubs import CLUBS
from nba_backfill.raw.demo_league.players import FREE_AGENT, Pool, stream

TRADES, SIGNINGS = 24, 26
FEWEST_AVAILABLE = 9
"""A club never has fewer players to choose from: the least hurt of the absent recover."""

REASONS = (
    ("injury", "Injury/Illness - Left Ankle; Sprain"),
    ("injury", "Injury/Illness - Right Ankle; Sprain"),
    ("injury", "Injury/Illness - Left Knee; Soreness"),
    ("injury", "Injury/Illness - Right Knee; Contusion"),
    ("injury", "Injury/Illness - Left Hamstring; Strain"),
    ("injury", "Injury/Illness - Right Calf; Strain"),
    ("injury", "Injury/Illness - Lower Back; Tightness"),
    ("injury", "Injury/Illness - Left Wrist; Sprain"),
    ("injury", "Injury/Illness - Concussion Protocol"),
    ("illness", "Injury/Illness - Illness"),
    ("personal", "Personal Reasons"),
    ("rest", "Rest"),
)
_MOVES, _ABSENCES = 21, 22


@dataclass(frozen=True, slots=True)
class Campaign:
    """Clubs and absences by day since the season's first day.

    ``club`` and ``absence`` are players x days: the club's index (negative: none), and the
    index of the reason for being out (-1: available).
    """

    first: dt.date
    club: np.ndarray
    absence: np.ndarray

    def column(self, day: dt.date) -> int:
        """Place of a day in both arrays; days before the season count as its first."""
        return int(np.clip((day - self.first).days, 0, self.club.shape[1] - 1))


def _moves(pool: Pool, value: np.ndarray, club: np.ndarray, rng: np.random.Generator) -> None:
    """Trades up to the deadline, then free agents for players who are let go."""
    span = club.shape[1]
    for day in np.sort(rng.integers(30, min(112, span), TRADES)):
        rostered = np.flatnonzero(club[:, day] >= 0)
        one = int(rng.choice(rostered))
        others = rostered[club[rostered, day] != club[one, day]]
        # Clubs swap players of like value, so that strengths survive the season.
        close = others[np.argsort(np.abs(value[others] - value[one]), kind="stable")[:12]]
        other = int(rng.choice(close))
        here, there = int(club[one, day]), int(club[other, day])
        club[one, day:], club[other, day:] = there, here
    for day in np.sort(rng.integers(10, 160, SIGNINGS)):
        team = int(rng.integers(len(CLUBS)))
        free = np.flatnonzero(club[:, day] == FREE_AGENT)
        members = np.flatnonzero(club[:, day] == team)
        arrival = int(free[np.argmax(value[free] + rng.normal(0, 0.3, len(free)))])
        leaver = int(members[np.argmin(value[members] + rng.normal(0, 0.3, len(members)))])
        club[arrival, day:], club[leaver, day:] = team, FREE_AGENT


def _absences(count: int, span: int, rng: np.random.Generator) -> np.ndarray:
    """Spells of absence: many of a few days, few of weeks, a handful of a season."""
    absence = np.full((count, span), -1, dtype=np.int8)
    spells = rng.poisson(3.6, count)
    owner = np.repeat(np.arange(count), spells)
    start = rng.integers(-15, span, len(owner))
    length = np.clip(rng.lognormal(1.75, 1.15, len(owner)), 1, 260).astype(int)
    reason = rng.integers(0, 9, len(owner))
    brief = length <= 3
    reason[brief] = rng.choice([2, 6, 9, 9, 10, 11], int(brief.sum()))
    for who, begin, days, why in zip(owner, start, length, reason, strict=True):
        absence[who, max(begin, 0) : max(begin + days, 0)] = why
    return absence


def _keep_playable(club: np.ndarray, absence: np.ndarray) -> None:
    """Call absent players back on days on which their club would be short."""
    out = absence >= 0
    for team in range(len(CLUBS)):
        here = club == team
        short = FEWEST_AVAILABLE - (here & ~out).sum(axis=0)
        for day in np.flatnonzero(short > 0):
            absent = np.flatnonzero(here[:, day] & out[:, day])[: short[day]]
            absence[absent, day] = -1


def campaign_of(pool: Pool, value: np.ndarray, days: SeasonDays, seed: int) -> Campaign:
    """Clubs and absences of every player on every day of a season."""
    span = 270
    year = days.season.year
    club = np.repeat(pool.club.astype(np.int8)[:, None], span, axis=1)
    _moves(pool, value, club, stream(seed, _MOVES, year))
    absence = _absences(len(pool.names), span, stream(seed, _ABSENCES, year))
    absence[club < 0] = -1
    _keep_playable(club, absence)
    return Campaign(first=days.first, club=club, absence=absence)
