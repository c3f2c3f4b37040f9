"""A player's game of the day, as lists of players mention it, and the clock it is given in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field

from nba_backfill.publishing.document import Part
from nba_backfill.publishing.units import Club


class Tonight(Part):
    """The game of the day; ``game_time`` is None where the tip-off is not known."""

    opponent: Club
    game_time: Annotated[str, Field(pattern=r"^(1[0-2]|[1-9]):[0-5]\d [AP]M ET$")] | None
    home: bool


def tonight_of(row: Mapping[str, Any], opponent: str = "opponent_team_abbr") -> Tonight | None:
    """The game that the step ``shared/tonight`` joined to a row; None without one."""
    if row[opponent] is None:
        return None
    return Tonight(
        opponent=row[opponent],
        game_time=eastern_time(row["tip_minute"]),
        home=row["is_home"],
    )


def eastern_time(minute: int | None) -> str | None:
    """``7:30 PM ET`` of minute 1170 of an Eastern day; None where it is unknown."""
    if minute is None:
        return None
    hour, past = divmod(minute, 60)
    return f"{(hour + 11) % 12 + 1}:{past:02d} {'PM' if hour >= 12 else 'AM'} ET"
