"""Figures that a player's documents share: means, over rates, shots, and games in order.

A game here is a row of ``shared/player_games.sql`` as a dictionary. A push is neither over nor
under, so it stands in no rate; a figure nobody knows is left out of a mean, and zero is a value.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Literal

import pandas as pd

from nba_backfill.publishing.gathered import mean, ratio, records, rounded

Game = Mapping[str, object]
Result = Literal["OVER", "UNDER", "PUSH"]

ELITE_POINTS, STARTER_POINTS = 25, 15
"""Points a game from which a player counts as elite and as a starter (spec 50, 3.1 and 5.2)."""

SHARE_OF_PAINT, SHARE_OF_THREES, SHARE_OF_MID_RANGE = 50, 50, 30
"""Percent of his shots from which a zone is a player's own (spec 50, 5.2)."""

FRESH, NORMAL = 95, 75
"""Fatigue scores from which a player is fresh and normal; 100 is rested (spec 50, 3.2)."""


COUNTED = ("rebounds", "assists", "steals", "blocks", "turnovers")
"""What a box score counts beside points and shots."""


def by_player(rows: pd.DataFrame) -> list[tuple[str, list[dict]]]:
    """Each player with his rows, in the order of lookups; his rows keep theirs."""
    in_order = sorted(records(rows), key=itemgetter("player_lookup"))
    return [
        (lookup, list(found)) for lookup, found in groupby(in_order, itemgetter("player_lookup"))
    ]


def newest_first(games: Iterable[dict]) -> list[dict]:
    """Games by date, the newest first."""
    return sorted(
        games, key=lambda game: (game["game_date"], game.get("game_id") or ""), reverse=True
    )


def whole(value: float | None) -> int | None:
    """A count, which a column with gaps holds as a float."""
    return None if value is None else int(value)


def mean_of(games: Sequence[Game], column: str, digits: int = 1) -> float | None:
    """The mean of a column over some games."""
    return mean((game[column] for game in games), digits)


def over_rate(games: Iterable[Game], digits: int) -> float | None:
    """Overs by overs and unders; None where there is neither."""
    results = [game["over_under"] for game in games]
    overs, unders = results.count("OVER"), results.count("UNDER")
    return ratio(overs, overs + unders, digits)


def share_true(values: Iterable[bool | None], digits: int) -> float | None:
    """The share of the values that are known which are true."""
    known = [value for value in values if value is not None]
    return ratio(sum(known), len(known), digits)


def shots(makes: float | None, attempts: float | None) -> str | None:
    """Shots as ``made/attempted``; None without an attempt."""
    return f"{int(makes)}/{int(attempts)}" if makes is not None and attempts else None


def margin_of(points: float, line: float | None) -> float | None:
    """Points beyond the line, exact to its tenths; None without one."""
    return None if line is None else rounded(points - line, 2)


def leading_run(
    games: Sequence[Game], *, goes_on: Callable[[Game, str], bool]
) -> tuple[Literal["over", "under"] | None, int]:
    """Direction and length of the run that the newest of some games, newest first, belong to.

    Games before the first over or under are passed over; of those after it ``goes_on`` says whether
    the run lasts beyond them, given its result. Only overs and unders count.
    """
    direction, length = None, 0
    for game in games:
        result = game["over_under"]
        if direction is None:
            direction = result if result in ("OVER", "UNDER") else None
            length = int(direction is not None)
        elif result == direction:
            length += 1
        elif not goes_on(game, direction):
            break
    return direction and direction.lower(), length


def shot_profile(
    paint: float | None, mid_range: float | None, threes: float | None
) -> Literal["interior", "perimeter", "mid_range", "balanced"] | None:
    """Where a player shoots from, by percent of his shots; None where nobody knows."""
    if paint is None or mid_range is None or threes is None:
        return None
    if paint >= SHARE_OF_PAINT:
        return "interior"
    if threes >= SHARE_OF_THREES:
        return "perimeter"
    return "mid_range" if mid_range >= SHARE_OF_MID_RANGE else "balanced"


def player_tier(points: float | None) -> Literal["elite", "starter", "role_player"] | None:
    """What kind of scorer he is by his points a game; None without a game."""
    if points is None:
        return None
    if points >= ELITE_POINTS:
        return "elite"
    return "starter" if points >= STARTER_POINTS else "role_player"


def fatigue_level(score: float | None) -> Literal["fresh", "normal", "tired"]:
    """How rested he is; a score nobody knows says nothing against him."""
    if score is None:
        return "normal"
    if score >= FRESH:
        return "fresh"
    return "normal" if score >= NORMAL else "tired"
