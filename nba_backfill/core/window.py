"""The one home of every lookback: which days of an input a row for day D may read.

A window is declared once, in a table's ``reads``. From it come the rows the SQL can see, the
days the gate asks for, Dagster's partition mapping and the sentence in the documentation.
Calendar arithmetic only; what a season is lives in :mod:`nba_backfill.core.season`.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

import dagster as dg

from nba_backfill.core.season import HISTORY_START, LONGEST_SEASON_DAYS, Season

ONE_DAY = dt.timedelta(days=1)

A_CENTURY_OF_DAYS = 36525
"""More than any history: a window of so many days begins where the tables do."""


class Reach(StrEnum):
    """How far a window reaches from day D."""

    SAME_DAY = "same_day"
    DAYS = "days"
    SEASON_TO_DATE = "season_to_date"
    OPTIONAL_DAYS = "optional_days"
    HISTORY = "history"
    HISTORY_BEFORE_MONTH = "history_before_month"
    WHOLE_SEASON = "whole_season"
    EVERYTHING = "everything"


@dataclass(frozen=True, slots=True)
class Window:
    """The days of one input that the row for day D may read.

    ``before`` means strictly before D: without it a feature could contain the result it
    predicts.
    """

    reach: Reach
    back: int = 0
    before: bool = False

    def __post_init__(self) -> None:
        if (self.reach in (Reach.DAYS, Reach.OPTIONAL_DAYS)) != (self.back > 0):
            raise ValueError(f"back={self.back} makes no sense for a window of {self.reach}")

    @classmethod
    def same_day(cls) -> Window:
        """Day D only."""
        return cls(Reach.SAME_DAY)

    @classmethod
    def days(cls, back: int, *, before: bool = True) -> Window:
        """The ``back`` days before D, and D itself when ``before`` is false."""
        return cls(Reach.DAYS, back=back, before=before)

    @classmethod
    def season_to_date(cls, *, before: bool) -> Window:
        """D's season up to D; last-N-games statistics live inside this window."""
        return cls(Reach.SEASON_TO_DATE, before=before)

    @classmethod
    def optional(cls, days: int, *, before: bool = True) -> Window:
        """The ``days`` days before D, of which only those of D's season must be there.

        For history that improves a row: earlier seasons are read where they are, and neither
        waited for nor carried.
        """
        return cls(Reach.OPTIONAL_DAYS, back=days, before=before)

    @classmethod
    def known_history(cls, *, before: bool) -> Window:
        """Every earlier day that is there, of which only those of D's season must be.

        For what is said of a whole career: a warehouse that holds one season says it of one.
        """
        return cls.optional(A_CENTURY_OF_DAYS, before=before)

    @classmethod
    def history(cls) -> Window:
        """Every day before D, all earlier seasons included: each of them must be there."""
        return cls(Reach.HISTORY, before=True)

    @classmethod
    def history_before_month(cls) -> Window:
        """Every day before the first of D's month: what a model that serves the month may see."""
        return cls(Reach.HISTORY_BEFORE_MONTH, before=True)

    @classmethod
    def whole_season(cls) -> Window:
        """All of D's season, later days included: for the schedule, published in advance."""
        return cls(Reach.WHOLE_SEASON)

    @classmethod
    def everything(cls) -> Window:
        """A table without dates (aliases, arenas), read whole."""
        return cls(Reach.EVERYTHING)

    @property
    def is_dated(self) -> bool:
        """Whether the window selects days at all."""
        return self.reach is not Reach.EVERYTHING

    @property
    def crosses_seasons(self) -> bool:
        """Whether days of earlier seasons must be readable before D is computed."""
        return self.reach in (Reach.HISTORY, Reach.HISTORY_BEFORE_MONTH)

    def bounds(self, day: dt.date) -> tuple[dt.date, dt.date]:
        """First and last day of the input that the row for ``day`` may read.

        The first may lie after the last: at the start of history the window is empty.
        """
        return self.span(day, day)

    def span(self, first: dt.date, last: dt.date) -> tuple[dt.date, dt.date]:
        """Union of the windows of all days ``first``..``last``, which lie in one season."""
        start, end = first, last
        match self.reach:
            case Reach.DAYS | Reach.OPTIONAL_DAYS:
                start = first - self.back * ONE_DAY
            case Reach.SEASON_TO_DATE:
                start = Season.of(first).first_day
            case Reach.HISTORY:
                start = HISTORY_START
            case Reach.HISTORY_BEFORE_MONTH:
                start, end = HISTORY_START, last.replace(day=1)
            case Reach.WHOLE_SEASON:
                start, end = Season.of(first).first_day, Season.of(last).last_day
            case Reach.EVERYTHING:
                start, end = dt.date.min, dt.date.max
        return start, end - ONE_DAY if self.before else end

    def required_bounds(self, day: dt.date) -> tuple[dt.date, dt.date]:
        """The part of :meth:`bounds` that must be there before ``day`` is computed.

        Of it only D itself must be readable. A day of the past that was refused is left out of
        the window, which then says that it lacks it: one bad day costs no later one. So it is for
        every window, since a statistic over many games is still one over those that are left.
        """
        return self.required_span(day, day)

    def required_span(self, first: dt.date, last: dt.date) -> tuple[dt.date, dt.date]:
        """Union of :meth:`required_bounds` of all days ``first``..``last`` of one season."""
        start, end = self.span(first, last)
        if self.reach is Reach.OPTIONAL_DAYS:
            start = max(start, Season.of(first).first_day)
        return start, end

    def partition_mapping(self) -> dg.PartitionMapping:
        """Dagster's upper bound of this window; the exact days come from :meth:`bounds`.

        Raises ValueError for windows that only external (raw) tables can have.
        """
        match self.reach:
            case Reach.SAME_DAY:
                return dg.TimeWindowPartitionMapping()
            case Reach.DAYS:
                start = -self.back
            case Reach.SEASON_TO_DATE | Reach.OPTIONAL_DAYS:
                start = -LONGEST_SEASON_DAYS
            case Reach.HISTORY | Reach.HISTORY_BEFORE_MONTH:
                # All days before would be the bound. Dagster maps partition by partition, so
                # five seasons cost seconds in every run and page, and it plans nothing for us.
                start = -LONGEST_SEASON_DAYS
            case _:
                raise ValueError(f"a window of {self.reach} has no daily partition mapping")
        return dg.TimeWindowPartitionMapping(
            start_offset=start, end_offset=-1 if self.before else 0
        )

    def __str__(self) -> str:
        """The window in words, with D for the row's day."""
        end = "D-1" if self.before else "D"
        first = "all history" if self.back == A_CENTURY_OF_DAYS else f"D-{self.back}"
        return {
            Reach.SAME_DAY: "D",
            Reach.DAYS: f"[D-{self.back}, {end}]",
            Reach.SEASON_TO_DATE: f"[season start, {end}]",
            Reach.OPTIONAL_DAYS: f"[{first}, {end}], earlier seasons where they are there",
            Reach.HISTORY: f"[{HISTORY_START}, D-1]",
            Reach.HISTORY_BEFORE_MONTH: f"[{HISTORY_START}, the last day before D's month]",
            Reach.WHOLE_SEASON: "the whole season's snapshot",
            Reach.EVERYTHING: "the whole table",
        }[self.reach]
