"""How each day of each table stands, for a person to look at: one state and the reason.

Finer than the ledger's status, since what to do differs: rows a check kept out are not rows that no
source has, and a day whose input changed since is complete by its record and yet to be computed.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from nba_backfill.backfill.closure import due_days
from nba_backfill.backfill.mending import mending_command
from nba_backfill.backfill.world import Reason, World
from nba_backfill.core.partitions import day_ranges
from nba_backfill.core.table import RawTable, Table
from nba_backfill.materialization.settle import SETTLED, owed_days, settled_status
from nba_backfill.warehouse.ledger import PartitionRecord, Status


class DayState(StrEnum):
    """How a day stands; the value is what a person reads. The worst come first."""

    FAILED = "failed"
    REJECTED = "rejected"
    MISSING = "missing"
    STALE = "stale"
    FOLLOWS = "follows a stale day"
    HELD_BACK = "load held back"
    WITHHELD = "partly withheld"
    UNAVAILABLE = "no usable source"
    NO_ROWS = "no rows"
    COMPLETE = "complete"
    BOOTSTRAP = "bootstrap"
    NO_GAMES = "no games"
    TO_COME = "not played yet"
    NOT_OWED = "not made of this day"

    @property
    def is_to_mend(self) -> bool:
        """Whether the next run has something to do, or a person something to decide."""
        return self in _TO_MEND


_TO_MEND = frozenset(DayState) - {
    DayState.UNAVAILABLE,
    DayState.NO_ROWS,
    DayState.COMPLETE,
    DayState.BOOTSTRAP,
    DayState.NO_GAMES,
    DayState.TO_COME,
    DayState.NOT_OWED,
}
_BY_STATUS = {
    Status.FAILED: DayState.FAILED,
    Status.REJECTED: DayState.REJECTED,
    Status.HELD_BACK: DayState.HELD_BACK,
    Status.NO_GAMES: DayState.NO_GAMES,
    Status.BOOTSTRAP: DayState.BOOTSTRAP,
    Status.COMPLETE: DayState.COMPLETE,
}


@dataclass(frozen=True, slots=True)
class DayCell:
    """The state of one day of one table, and why it is so where there is something to say."""

    state: DayState
    reason: str = ""


DayCells = Mapping[str, Mapping[dt.date, DayCell]]
"""Table -> day -> how it stands."""


def day_states(world: World, tables: Iterable[Table], days: Iterable[dt.date]) -> DayCells:
    """How each of ``days`` stands in each computed table, by the ledger and what is due now."""
    asked, tables = sorted(days), list(tables)
    owed = {
        table.name: owed_days(table, world.calendar, world.histories[table.name], asked)
        for table in tables
    }
    due = due_days(world, owed)
    return {
        table.name: {
            day: _cell(world, table, day, due[table.name].get(day))
            if day in of_table or _is_unreadable(world, table, day)
            else _not_owed(world, table, day)
            for day in asked
        }
        for table in tables
        for of_table in [set(owed[table.name])]
    }


def _is_unreadable(world: World, table: Table, day: dt.date) -> bool:
    record = world.histories[table.name].get(day)
    return record is not None and not record.status.is_readable


def _cell(world: World, table: Table, day: dt.date, due: Reason | None) -> DayCell:
    record = world.histories[table.name].get(day)
    if record is None:
        return _unrecorded(world, table, day)
    if not record.status.is_readable:
        return DayCell(_BY_STATUS[record.status], record.reason)
    if due is Reason.FOLLOWS:
        return DayCell(DayState.FOLLOWS, "an input day is due; computed again if that changes")
    if due is not None and not _is_kept_out(record, due):
        return DayCell(DayState.STALE, str(due).replace("_", " "))
    if record.status is Status.UNAVAILABLE:
        state = DayState.WITHHELD if world.stands_refused(record) else DayState.UNAVAILABLE
        return DayCell(state, record.reason)
    return DayCell(_BY_STATUS[record.status], record.reason)


def _not_owed(world: World, table: Table, day: dt.date) -> DayCell:
    settled = settled_status(table, world.calendar, day)
    if settled in SETTLED:
        return DayCell(_BY_STATUS[settled])
    if table.publication.kind.is_by_default:
        return DayCell(DayState.NOT_OWED, "one document, of the newest day")
    return DayCell(DayState.NOT_OWED, "made when it is asked for by name")


def _is_kept_out(record: PartitionRecord, due: Reason) -> bool:
    return record.is_refused and due in (Reason.WITHHELD, Reason.REJECTED)


def _unrecorded(world: World, table: Table, day: dt.date) -> DayCell:
    settled = settled_status(table, world.calendar, day)
    if settled is Status.UNAVAILABLE:
        return DayCell(DayState.TO_COME, world.calendar.unknown(day))
    if settled is not None:
        return DayCell(_BY_STATUS[settled])
    if not any(game.is_over for game in world.calendar.games(day)):
        return DayCell(DayState.TO_COME, "scheduled, no result yet")
    return DayCell(DayState.MISSING, "never computed")


def raw_states(world: World, table: RawTable, days: Iterable[dt.date]) -> dict[dt.date, DayCell]:
    """How each of ``days`` stands in a dated raw table: whether rows arrived and were taken."""
    history = world.histories[table.name]
    return {day: _raw_cell(world, table, day, history.get(day)) for day in days}


def _raw_cell(
    world: World, table: RawTable, day: dt.date, record: PartitionRecord | None
) -> DayCell:
    games = world.calendar.games(day)
    if record is None or not record.row_count:
        if not games:
            return DayCell(DayState.NO_GAMES)
        if not any(game.is_over for game in games):
            return DayCell(DayState.TO_COME, "scheduled, no result yet")
        return DayCell(DayState.NO_ROWS, "nothing has arrived for the day")
    if record.status is Status.HELD_BACK and record.is_refused:
        cause = record.first_cause
        return DayCell(DayState.HELD_BACK, cause.what if cause else record.reason)
    if record.status is Status.UNAVAILABLE:
        return DayCell(DayState.UNAVAILABLE, record.reason)
    return DayCell(DayState.COMPLETE, f"{record.row_count:,} rows")


@dataclass(frozen=True, slots=True)
class Gap:
    """Days that stand alike in some tables, to be mended by one command."""

    state: DayState
    reason: str
    tables: tuple[str, ...]
    days: tuple[dt.date, ...]
    ranges: str
    """The days as ranges, which bridge days without games."""

    @property
    def command(self) -> str:
        """What computes the days anew; what a check refused needs a decision first."""
        return mending_command(self.tables, (self.days[0], self.days[-1]))


def gaps(cells: DayCells, game_days: Sequence[dt.date]) -> list[Gap]:
    """Everything to mend, the worst first; what merely follows a stale day is left out."""
    known = sorted({*game_days, *(d for found in cells.values() for d in _to_mend(found))})
    by_cell: dict[tuple[DayCell, str], list[dt.date]] = {}
    for name, found in cells.items():
        for day in _to_mend(found):
            if (cell := found[day]).state is not DayState.FOLLOWS:
                by_cell.setdefault((cell, name), []).append(day)
    alike: dict[tuple[DayCell, tuple[dt.date, ...]], list[str]] = {}
    for (cell, name), days in by_cell.items():
        alike.setdefault((cell, tuple(sorted(days))), []).append(name)
    found = [
        Gap(cell.state, cell.reason, tuple(names), days, day_ranges(days, known))
        for (cell, days), names in alike.items()
    ]
    severity = {state: n for n, state in enumerate(DayState)}
    return sorted(found, key=lambda gap: (severity[gap.state], gap.days[0], gap.tables))


def _to_mend(cells: Mapping[dt.date, DayCell]) -> list[dt.date]:
    return [day for day, cell in cells.items() if cell.state.is_to_mend]
