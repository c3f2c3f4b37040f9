"""Which days of a table are settled without computing anything, and how."""

from __future__ import annotations

import datetime as dt

from nba_backfill.core.season import GameCalendar
from nba_backfill.core.table import Table
from nba_backfill.warehouse.ledger import Status


def settled_status(table: Table, calendar: GameCalendar, day: dt.date) -> Status | None:
    """The status a day has without any rows, or None if its rows must be computed."""
    if not calendar.games(day):
        return Status.UNAVAILABLE if calendar.unknown(day) else Status.NO_GAMES
    if table.layer.has_bootstrap and calendar.is_bootstrap(day):
        return Status.BOOTSTRAP
    return None
