"""Which days of a table are settled without computing anything, and how."""

from __future__ import annotations

import datetime as dt

from nba_backfill.core.season import GameCalendar, Season
from nba_backfill.core.table import Table
from nba_backfill.warehouse.ledger import DayHistory, PartitionRecord, Status

SETTLED = (Status.NO_GAMES, Status.BOOTSTRAP)
"""How a day ends that the schedule alone decides for good."""


def settled_status(table: Table, calendar: GameCalendar, day: dt.date) -> Status | None:
    """The status a day has without any rows, or None if its rows must be computed."""
    if not calendar.games(day):
        return Status.UNAVAILABLE if calendar.unknown(day) else Status.NO_GAMES
    if table.layer.has_bootstrap and calendar.is_bootstrap(day):
        return Status.BOOTSTRAP
    return None


def follows_schedule(table: Table, calendar: GameCalendar, record: PartitionRecord) -> bool:
    """Whether a day's record is of the kind that the schedule, as it is now, asks for."""
    settled = settled_status(table, calendar, record.day)
    if settled is None:
        return record.status not in SETTLED
    return record.status is settled and not record.row_count


def out_of_step(table: Table, calendar: GameCalendar, history: DayHistory) -> list[dt.date]:
    """Days that the schedule wants otherwise than the ledger has them, in order.

    Game days without a record; and days whose record tells of games that were moved away, or of
    none where there are some now. The rows of a game that was moved are still in the table, where
    a window over both days would count it twice.
    """
    missing = [day for day in calendar.games_by_day if history.get(day) is None]
    changed = [
        record.day
        for record in history.by_day.values()
        if Season.of(record.day) in calendar.seasons
        and not follows_schedule(table, calendar, record)
    ]
    return sorted(missing + changed)
