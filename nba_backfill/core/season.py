"""Seasons, bootstrap days and the calendar of games.

Arithmetic on dates plus the calendar value; reading the calendar from the warehouse is in
:mod:`nba_backfill.warehouse`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

HISTORY_START = dt.date(2021, 10, 19)
"""First game date the platform covers: opening night of 2021-22."""

SEASON_FIRST_MONTH = 10
BOOTSTRAP_DAYS = 14
"""Days 0-13 of a season, in which windows hold too few games for Phase 4 (spec 31, 2.2)."""

LONGEST_SEASON_DAYS = 245
"""Upper bound on the days between a season's first and last game (2024-25 took 243)."""

TWO_SEASONS_DAYS = 640
"""Upper bound on the days from the first game of a season to the last of the next."""

FINALS_MONTH = 6
"""A schedule that reaches into this month holds the season's last game."""


@dataclass(frozen=True, slots=True, order=True)
class Season:
    """An NBA season, named by the year it starts in: ``Season(2023)`` is 2023-24."""

    year: int

    @classmethod
    def of(cls, day: dt.date) -> Season:
        """The season a day belongs to: October to September."""
        return cls(day.year if day.month >= SEASON_FIRST_MONTH else day.year - 1)

    @classmethod
    def parse(cls, text: str) -> Season:
        """Read ``2023-24``.

        Raises ValueError with the expected form for anything else.
        """
        head, _, tail = text.partition("-")
        if head.isdigit() and len(head) == 4 and tail == f"{(int(head) + 1) % 100:02d}":
            year, now = int(head), dt.datetime.now(dt.UTC).year
            if not HISTORY_START.year <= year <= now:
                raise ValueError(
                    f"{text!r} is no season of this history, which begins with"
                    f" {cls(HISTORY_START.year)}"
                )
            return cls(year)
        raise ValueError(f"{text!r} is not a season; write it like 2023-24")

    @property
    def first_day(self) -> dt.date:
        """1 October: no game that counts is earlier."""
        return dt.date(self.year, SEASON_FIRST_MONTH, 1)

    @property
    def last_day(self) -> dt.date:
        """30 September, the day before the next season's first."""
        return dt.date(self.year + 1, SEASON_FIRST_MONTH, 1) - dt.timedelta(days=1)

    def __str__(self) -> str:
        """The season as the league writes it: 2023-24."""
        return f"{self.year}-{(self.year + 1) % 100:02d}"


@dataclass(frozen=True, slots=True)
class ScheduledGame:
    """One game of the calendar: canonical id, day, the two clubs, and whether it was played."""

    game_id: str
    day: dt.date
    teams: tuple[str, str]
    is_over: bool


@dataclass(frozen=True, slots=True)
class ScheduleReach:
    """What the raw tables say of days without games: whether there are none, or we do not know.

    ``listed``: days on which the schedule has any row, of games that count or not; ``last`` the
    last of them in each season. ``facts``: the raw tables with rows on a day, for days on which
    games were played according to one of them.
    """

    listed: frozenset[dt.date] = frozenset()
    last: Mapping[Season, dt.date] = field(default_factory=dict)
    facts: Mapping[dt.date, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class GameCalendar:
    """Which games each day holds: the denominator of every coverage figure."""

    games_by_day: Mapping[dt.date, tuple[ScheduledGame, ...]] = field(default_factory=dict)
    first_days: Mapping[Season, dt.date] = field(default_factory=dict)
    reach: ScheduleReach = field(default_factory=ScheduleReach)
    seasons: frozenset[Season] = frozenset()
    """The seasons that were looked up; of days of others nothing is known."""

    @classmethod
    def of(
        cls,
        games: Iterable[ScheduledGame],
        reach: ScheduleReach | None = None,
        seasons: Iterable[Season] = (),
    ) -> GameCalendar:
        """Group games by day."""
        by_day: dict[dt.date, list[ScheduledGame]] = {}
        for game in games:
            by_day.setdefault(game.day, []).append(game)
        days = sorted(by_day)
        first_days = {Season.of(day): day for day in reversed(days)}
        return cls(
            {day: tuple(by_day[day]) for day in days},
            first_days,
            reach or ScheduleReach(),
            frozenset(seasons) | set(first_days),
        )

    def games(self, day: dt.date) -> tuple[ScheduledGame, ...]:
        """Games scheduled on a day; empty where there are none."""
        return self.games_by_day.get(day, ())

    def unknown(self, day: dt.date) -> str:
        """Why a day without games may yet have had some; empty where the schedule knows of none.

        A schedule that was not loaded so far says nothing of a day, least of all that no game was
        played.
        """
        if self.games(day) or day in self.reach.listed:
            return ""
        if tables := self.reach.facts.get(day):
            return f"the schedule has no game of the day, but there are rows in {', '.join(tables)}"
        last = self.reach.last.get(Season.of(day))
        if last is None:
            return f"no schedule of {Season.of(day)} has arrived"
        if day > last and last.month != FINALS_MONTH:
            return f"the schedule of {Season.of(day)} reaches to {last} only"
        return ""

    def game_days(self, first: dt.date, last: dt.date) -> list[dt.date]:
        """Days with at least one scheduled game, in order, both ends included."""
        return [day for day in self.games_by_day if first <= day <= last]

    def first_day(self, season: Season) -> dt.date | None:
        """The season's first game day, or None while the calendar holds none."""
        return self.first_days.get(season)

    def is_bootstrap(self, day: dt.date) -> bool:
        """Whether a day is one of the first BOOTSTRAP_DAYS of its season."""
        first = self.first_day(Season.of(day))
        return first is not None and first <= day < first + dt.timedelta(days=BOOTSTRAP_DAYS)
