"""What can happen in a game: kinds of events and the arrays that hold them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

SHOT, FREE_THROW, REBOUND, TURNOVER, FOUL, SUBSTITUTION, TIMEOUT = range(7)
PAINT, MIDDLE, THREE = range(3)
ASSIST, BLOCK, STEAL = 1, 2, 3
OFFENSIVE, DEFENSIVE = 0, 1
SUB_OUT, SUB_IN = 0, 1
TEAM_TURNOVER, OFFENSIVE_FOUL, STOLEN, LOST = range(4)
COMMON_FOUL, SHOOTING_FOUL, CHARGE = range(3)


@dataclass(slots=True)
class Events:
    """Everything that happened, as parallel arrays; ``order`` rises within a game.

    ``row``: team-game of the acting club. ``actor``, ``helper``: places, -1 where nobody.
    ``kind`` and ``detail``: the constants above (a shot's detail is its zone, a free throw's
    ``10 * number + of``). ``role``: of the helper. ``roll``: a spare uniform number.
    """

    game: np.ndarray
    order: np.ndarray
    period: np.ndarray
    kind: np.ndarray
    detail: np.ndarray
    row: np.ndarray
    actor: np.ndarray
    helper: np.ndarray
    role: np.ndarray
    made: np.ndarray
    points: np.ndarray
    roll: np.ndarray


FIELDS = {
    "game": np.int32,
    "order": np.int32,
    "period": np.int8,
    "kind": np.int8,
    "detail": np.int8,
    "row": np.int32,
    "actor": np.int32,
    "helper": np.int32,
    "role": np.int8,
    "made": np.bool_,
    "points": np.int8,
    "roll": np.float32,
}
