"""The one partitions definition: a partition is an Eastern calendar day.

Whether a day has games is data, not identity: a calendar inside the partition definition would
change the identity of every stored partition when one game is postponed. July to September
never hold games, and that never changes, so only they are excluded.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from zoneinfo import ZoneInfo

import dagster as dg

from nba_backfill.core.season import HISTORY_START

OFF_SEASON_CRON = "0 0 * 7-9 *"
OFF_SEASON_MONTHS = range(7, 10)
EASTERN = ZoneInfo("America/New_York")
"""The clock of the league: game dates, tip-off times and "today" are in it."""

NIGHT_ENDS_HOUR = 2
"""Eastern hour by which the last game that began the evening before is over."""

DAYS = dg.DailyPartitionsDefinition(
    start_date=HISTORY_START.isoformat(),
    timezone=EASTERN.key,
    end_offset=1,
    exclusions=[OFF_SEASON_CRON],
)


def today() -> dt.date:
    """The current day in US-Eastern time."""
    return dt.datetime.now(EASTERN).date()


def live_days(now: dt.datetime | None = None) -> tuple[dt.date, ...]:
    """Days whose games may be on at a moment (default: now): today, and at night the day before."""
    there = (now or dt.datetime.now(EASTERN)).astimezone(EASTERN)
    if there.hour >= NIGHT_ENDS_HOUR:
        return (there.date(),)
    return there.date(), dt.date.fromordinal(there.toordinal() - 1)


def is_partition(day: dt.date) -> bool:
    """Whether a past or present day is a partition at all."""
    return day >= HISTORY_START and day.month not in OFF_SEASON_MONTHS


def partitions_between(first: dt.date, last: dt.date) -> list[dt.date]:
    """Every partition day from ``first`` to ``last``, both included."""
    span = (first + dt.timedelta(days=n) for n in range((last - first).days + 1))
    return [day for day in span if is_partition(day)]


def day_ranges(days: Iterable[dt.date], game_days: Sequence[dt.date] | None = None) -> str:
    """Days as ranges: ``2024-01-01...2024-01-07, 2024-02-03``.

    With ``game_days``, which hold all the days, a range bridges the days between two games that
    have none: a hole of a month is one range.
    """
    places = {day: n for n, day in enumerate(game_days or ())}
    ranges: list[list[dt.date]] = []
    reached = None
    for day in sorted(days):
        place = places[day] if places else day.toordinal()
        if reached is not None and place == reached + 1:
            ranges[-1][1] = day
        else:
            ranges.append([day, day])
        reached = place
    return ", ".join(f"{a}...{b}" if a != b else f"{a}" for a, b in ranges)
