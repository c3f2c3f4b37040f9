"""How often players went over their line: counts that add up, and a rate that compares exactly."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Overs:
    """Games decided against the line (pushes are none), and those of them that went over."""

    games: int = 0
    overs: int = 0

    def __add__(self, other: Overs) -> Overs:
        """Both samples together."""
        return Overs(self.games + other.games, self.overs + other.overs)

    @classmethod
    def total(cls, samples: Iterable[Overs]) -> Overs:
        """All samples together; none is a sample without games."""
        return sum(samples, cls())

    @property
    def tenths(self) -> int:
        """The share that went over in tenths of a percent, halves up.

        Published rates have one decimal and are compared as published; as whole numbers 52.1 is
        exactly 1.5 above 50.6. ZeroDivisionError without games.
        """
        return (2000 * self.overs + self.games) // (2 * self.games)

    @property
    def percent(self) -> float | None:
        """That share in percent with one decimal; None without games."""
        return self.tenths / 10 if self.games else None

    @property
    def stat(self) -> str:
        """That share as it is printed, ``54.2%``."""
        return f"{self.tenths / 10:.1f}%"
