"""Units of the figures in documents, as types: a value of another unit breaks the contract."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

Lookup = Annotated[str, Field(pattern=r"^[a-z0-9]+$", description="Canonical player name key")]
Club = Annotated[str, Field(pattern=r"^[A-Z]{3}$", description="Three letters of the club")]
Count = Annotated[int, Field(ge=0)]
Share = Annotated[float, Field(ge=0, le=1, description="Fraction 0-1")]
Percent = Annotated[float, Field(ge=0, le=100, description="Percent 0-100")]
Points = Annotated[float, Field(ge=0, le=300, description="Points, or points per game")]
Margin = Annotated[float, Field(ge=-200, le=200, description="Points more (+) or less (-)")]
Rank = Annotated[int, Field(ge=1)]
Position = Annotated[
    str | None,
    Field(description="Always null: the contracts of the raw tables take no player's position"),
]
