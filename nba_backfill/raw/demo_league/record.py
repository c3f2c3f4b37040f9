"""The record of games played: line-ups, events and the box scores counted from them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

import numpy as np

from nba_backfill.raw.demo_league.events import (
    ASSIST,
    BLOCK,
    FOUL,
    FREE_THROW,
    OFFENSIVE,
    REBOUND,
    SHOT,
    STEAL,
    THREE,
    TURNOVER,
    Events,
)
from nba_backfill.raw.demo_league.possessions import Result
from nba_backfill.raw.demo_league.rotation import OVERTIME, SLOTS, Expectation, Rotation
from nba_backfill.raw.demo_league.schedule import Fixture


@dataclass(frozen=True, slots=True)
class Played:
    """Games with everything counted in them; rows are team-games, home ``2g``, away ``2g + 1``.

    ``players``, ``seconds``, ``plus_minus``, ``expected_points``: rows x SLOTS.
    ``expected_team``: points per row that the market could know. ``score``: games x 2.
    """

    fixtures: list[Fixture]
    players: np.ndarray
    seconds: np.ndarray
    plus_minus: np.ndarray
    expected_points: np.ndarray
    expected_team: np.ndarray
    score: np.ndarray
    periods: np.ndarray
    events: Events

    @classmethod
    def of(
        cls, fixtures: list[Fixture], rotation: Rotation, expected: Expectation, result: Result
    ) -> Played:
        """Join what was planned with what came of it."""
        extra = np.repeat(result.periods - 4, 2)
        closing = np.zeros(rotation.players.shape, dtype=int)
        closing[np.arange(len(closing))[:, None], rotation.lineup[:, -1]] = OVERTIME
        return cls(
            fixtures=fixtures,
            players=rotation.players,
            seconds=rotation.seconds + closing * extra[:, None],
            plus_minus=result.plus_minus,
            expected_points=expected.points,
            expected_team=expected.team,
            score=result.score,
            periods=result.periods,
            events=result.events,
        )

    def take(self, games: np.ndarray) -> Played:
        """These games only, in this order."""
        rows = (2 * games[:, None] + np.arange(2)).ravel()
        place = np.full(len(self.fixtures), -1)
        place[games] = np.arange(len(games))
        new = place[self.events.game]
        order = np.argsort(new, kind="stable")
        order = order[new[order] >= 0]
        kept = {one.name: getattr(self.events, one.name)[order] for one in fields(Events)}
        moved = Events(**kept)
        shift = (new[order] - moved.game).astype(np.int32)
        return Played(
            fixtures=[self.fixtures[n] for n in games],
            players=self.players[rows],
            seconds=self.seconds[rows],
            plus_minus=self.plus_minus[rows],
            expected_points=self.expected_points[rows],
            expected_team=self.expected_team[rows],
            score=self.score[games],
            periods=self.periods[games],
            events=_shifted(moved, shift),
        )


def _shifted(events: Events, games: np.ndarray | int) -> Events:
    """The same events with games renumbered by ``games``, and rows and places with them."""
    nobody, no_helper = events.actor < 0, events.helper < 0
    return replace(
        events,
        game=events.game + games,
        row=events.row + 2 * games,
        actor=np.where(nobody, -1, events.actor + 2 * SLOTS * games),
        helper=np.where(no_helper, -1, events.helper + 2 * SLOTS * games),
    )


def combine(parts: Sequence[Played]) -> Played:
    """All games of several batches, one batch after the other."""
    moved, start = [], 0
    for part in parts:
        moved.append(_shifted(part.events, start))
        start += len(part.fixtures)
    events = Events(
        **{
            one.name: np.concatenate([getattr(part, one.name) for part in moved])
            for one in fields(Events)
        }
    )
    stacked = {
        name: np.concatenate([getattr(part, name) for part in parts])
        for name in (
            "players",
            "seconds",
            "plus_minus",
            "expected_points",
            "expected_team",
            "score",
            "periods",
        )
    }
    fixtures = [game for part in parts for game in part.fixtures]
    return Played(fixtures=fixtures, events=events, **stacked)


def box_scores(games: Played) -> dict[str, np.ndarray]:
    """Counts per place (rows x SLOTS), named as in the gamebook."""
    events, shape = games.events, games.players.shape
    size = shape[0] * shape[1]

    def count(where: np.ndarray, who: np.ndarray, weight: np.ndarray | None = None) -> np.ndarray:
        chosen = where & (who >= 0)
        weights = None if weight is None else weight[chosen]
        counted = np.bincount(who[chosen], weights=weights, minlength=size)
        return counted.astype(np.int64).reshape(shape)

    kind, actor, helper = events.kind, events.actor, events.helper
    shot, throw, board = kind == SHOT, kind == FREE_THROW, kind == REBOUND
    three, own = shot & (events.detail == THREE), events.detail == OFFENSIVE
    return {
        "points": count(shot | throw, actor, events.points),
        "field_goals_made": count(shot & events.made, actor),
        "field_goals_attempted": count(shot, actor),
        "three_pointers_made": count(three & events.made, actor),
        "three_pointers_attempted": count(three, actor),
        "free_throws_made": count(throw & events.made, actor),
        "free_throws_attempted": count(throw, actor),
        "offensive_rebounds": count(board & own, actor),
        "defensive_rebounds": count(board & ~own, actor),
        "assists": count(events.role == ASSIST, helper),
        "steals": count(events.role == STEAL, helper),
        "blocks": count(events.role == BLOCK, helper),
        "turnovers": count(kind == TURNOVER, actor),
        "personal_fouls": count(kind == FOUL, actor),
    }
