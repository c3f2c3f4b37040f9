"""Which days of a table are settled without computing anything, and how."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from nba_backfill.core.publication import Kind
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


def made_days(table: Table, calendar: GameCalendar, days: Sequence[dt.date]) -> list[dt.date]:
    """Of the days asked for those that a table is made for: all, of a snapshot only the newest.

    That is the newest (of each season, where each has its own) with a final game, or with any game
    where what is to come is published. Without such a day the newest is left, for the schedule to
    settle.
    """
    publication = table.publication
    if publication is None or not publication.kind.is_once:
        return sorted(days)
    known = [
        day
        for day in days
        if any(game.is_over or publication.kind.is_before_games for game in calendar.games(day))
    ]
    newest: dict[Season | None, dt.date] = {}
    for day in sorted(known) or sorted(days)[-1:]:
        newest[publication.kind.series_of(day)] = day
    return sorted(newest.values())


def wanted_days(
    table: Table, calendar: GameCalendar, history: DayHistory, days: Sequence[dt.date]
) -> list[dt.date]:
    """Of the days asked for those whose rows are to stand: of a snapshot none before its newest."""
    made = made_days(table, calendar, days)
    if table.publication is None or not table.publication.kind.is_once:
        return made
    return [day for day in made if not is_outdated(table.publication.kind, history, day)]


def owed_days(
    table: Table, calendar: GameCalendar, history: DayHistory, days: Sequence[dt.date]
) -> list[dt.date]:
    """Of some days those that a table is to have though nobody asks for it by name.

    All; of a snapshot its newest; of documents that a run makes by name only, those that stand.
    What is made live or before games is owed of no day: its time is over, or has not come.
    """
    if table.publication is None or table.publication.kind.is_by_default:
        return wanted_days(table, calendar, history, days)
    kind = table.publication.kind
    if kind in (Kind.LIVE, Kind.PRE_GAME):
        return []
    there = [day for day in days if (record := history.get(day)) and record.row_count]
    return [day for day in there if not (kind.is_once and is_outdated(kind, history, day))]


def is_outdated(kind: Kind, history: DayHistory, day: dt.date) -> bool:
    """Whether a snapshot of a later day than ``day`` is published in its place."""
    newest = newest_published(history, kind.series_of(day))
    return newest is not None and day < newest


def newest_published(history: DayHistory, series: Season | None = None) -> dt.date | None:
    """The newest day (of a season) of which rows stand, or None."""
    days = [r.day for r in history.by_day.values() if r.row_count]
    return max((day for day in days if series in (None, Season.of(day))), default=None)


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
