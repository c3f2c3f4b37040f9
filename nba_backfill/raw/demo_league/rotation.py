"""Who dresses, who plays how long, which five are on the floor at each moment.

Everything is computed for all team-games at once; a team-game is row ``2 * game`` (home) or
``2 * game + 1`` (away), a player one of its thirteen slots, best first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nba_backfill.raw.demo_league.campaign import Campaign
from nba_backfill.raw.demo_league.players import Ratings
from nba_backfill.raw.demo_league.schedule import Fixture

SLOTS = 13
SEGMENTS = 16
"""Stretches of about three minutes in regulation; each overtime is one more."""

OVERTIMES = 12
REGULATION, QUARTER, OVERTIME = 2880, 720, 300
TARGET_MINUTES = np.array([34, 32.6, 31, 29, 27, 22.6, 19.6, 16.4, 12.6, 8.8, 3.9, 2.6, 2.2])
WHIM = np.array([0.1] * 8 + [0.16, 0.25, 0.4, 0.4, 0.4])
"""How much a coach departs from the usual minutes, as a spread of logarithms."""

LEAST_MINUTES = 3.0


@dataclass(frozen=True, slots=True)
class Rotation:
    """Players and playing time of team-games.

    ``players``: pool indexes, team-games x SLOTS, -1 where nobody. ``target``: seconds the
    coach has in mind. ``bounds``: second at which each segment starts. ``lineup``: the five
    slots on the floor, team-games x segments x 5. ``seconds`` of regulation per slot.
    """

    players: np.ndarray
    target: np.ndarray
    bounds: np.ndarray
    lineup: np.ndarray
    seconds: np.ndarray


def dressed(fixtures: Sequence[Fixture], campaign: Campaign, value: np.ndarray) -> np.ndarray:
    """The best thirteen available players of each team-game, best first."""
    found = np.full((2 * len(fixtures), SLOTS), -1)
    columns: dict[tuple[int, int], np.ndarray] = {}
    for game, fixture in enumerate(fixtures):
        day = campaign.column(fixture.day)
        for side, team in enumerate((fixture.home, fixture.away)):
            key = (team, day)
            if key not in columns:
                here = (campaign.club[:, day] == team) & (campaign.absence[:, day] < 0)
                members = np.flatnonzero(here)
                best = members[np.argsort(-value[members], kind="stable")]
                columns[key] = best[:SLOTS]
            found[2 * game + side, : len(columns[key])] = columns[key]
    return found


def _targets(players: np.ndarray, noise: np.ndarray) -> np.ndarray:
    """Seconds each slot should play; 5 x 2880 per team-game, nobody above 42 minutes."""
    minutes = np.where(players >= 0, TARGET_MINUTES * np.exp(WHIM * noise), 0)
    minutes[minutes < LEAST_MINUTES] = 0
    for _ in range(3):
        minutes = np.minimum(minutes * (240 / minutes.sum(axis=1, keepdims=True)), 42.0)
    return minutes * 60


def _bounds(rows: int, jitter: np.ndarray) -> np.ndarray:
    """Start of each segment: every three minutes give or take, quarters exactly."""
    bounds = np.tile(np.arange(SEGMENTS + OVERTIMES + 1) * (QUARTER // 4), (rows, 1))
    inside = [n for n in range(SEGMENTS) if n % 4]
    bounds[:, inside] += np.round(jitter * 110 - 55).astype(int)
    bounds[:, SEGMENTS:] = REGULATION + OVERTIME * np.arange(OVERTIMES + 1)
    return bounds


def plan(players: np.ndarray, uniforms: np.ndarray) -> Rotation:
    """Playing time of each team-game.

    ``uniforms``: team-games x at least ``ROTATION_UNIFORMS`` numbers in [0, 1).
    """
    rows = len(players)
    every = np.arange(rows)
    # The sum of two uniforms, centred: near enough to a normal, and no second generator.
    noise = (uniforms[:, :SLOTS] + uniforms[:, SLOTS : 2 * SLOTS] - 1) * 2.4
    target = _targets(players, noise)
    bounds = _bounds(rows, uniforms[:, 2 * SLOTS : 2 * SLOTS + 12])
    whims = uniforms[:, 2 * SLOTS + 12 :].reshape(rows, SEGMENTS, SLOTS)
    remaining, fatigue = target.copy(), np.zeros((rows, SLOTS))
    lineup = np.zeros((rows, SEGMENTS + OVERTIMES, 5), dtype=np.int8)
    seconds = np.zeros((rows, SLOTS))
    closers = -np.sort(-target, axis=1)[:, 4:5]
    for segment in range(SEGMENTS):
        length = (bounds[:, segment + 1] - bounds[:, segment])[:, None]
        left = REGULATION - bounds[:, segment : segment + 1]
        need = remaining / left + 0.4 * (whims[:, segment] - 0.5) - 0.07 * fatigue
        if segment in (0, 1, 8, 9):
            need[:, :5] += 1.2 if segment % 8 == 0 else 0.35
        if segment == SEGMENTS - 1:
            need += 0.6 * (target >= closers)
        need[target <= 0] = -np.inf
        chosen = np.sort(np.argpartition(-need, 4, axis=1)[:, :5], axis=1)
        lineup[:, segment] = chosen
        played = np.zeros((rows, SLOTS), dtype=bool)
        played[every[:, None], chosen] = True
        remaining -= np.where(played, length, 0)
        seconds += np.where(played, length, 0)
        fatigue = np.where(played, fatigue + 1, 0)
    best = np.argsort(-target, axis=1, kind="stable")[:, :5]
    lineup[:, SEGMENTS:] = best[:, None, :]
    return Rotation(players, target, bounds, lineup, seconds.astype(int))


ROTATION_UNIFORMS = 2 * SLOTS + 12 + SEGMENTS * SLOTS


@dataclass(frozen=True, slots=True)
class Expectation:
    """What the market can know before a game.

    ``points`` per slot; ``team`` points and ``possessions`` per team-game.
    """

    points: np.ndarray
    team: np.ndarray
    possessions: np.ndarray


def expectation(
    rotation: Rotation, ratings: Ratings, edge: np.ndarray, pace: np.ndarray
) -> Expectation:
    """Expected points from target minutes, usage and efficiency.

    ``edge``: added to the chance of making a shot, per team-game. ``pace``: mean seconds of a
    possession over the league's. Shares of possessions are target minutes x usage.
    """
    players = np.maximum(rotation.players, 0)
    weight = rotation.target * ratings.usage[players]
    share = weight / weight.sum(axis=1, keepdims=True)
    three, middle = ratings.three_share[players], ratings.mid_share[players]
    make = ratings.make[players] + edge[:, None, None]
    per_shot = 3 * three * make[..., 2] + 2 * (
        middle * make[..., 1] + (1 - three - middle) * make[..., 0]
    )
    shots = 0.775 - (ratings.turnover[players] - 0.135)
    trips = 0.19 * ratings.free_throw[players]
    possessions = CHANCES / pace
    points = share * possessions[:, None] * (shots * per_shot + trips)
    return Expectation(points, points.sum(axis=1), possessions)


CHANCES = 115.2
"""Chances a team has in regulation at the league's pace, offensive rebounds included."""
