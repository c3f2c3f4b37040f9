"""The world a plan is made for: the ledger and the schedule at one moment."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from nba_backfill.core.catalogue import CALENDAR_TABLE, Catalogue, seasons_of
from nba_backfill.core.season import GameCalendar, Season
from nba_backfill.core.settle import settled_status
from nba_backfill.core.table import Table
from nba_backfill.warehouse.dialect import select_statement
from nba_backfill.warehouse.ledger import DayHistory, PartitionRecord, Status, inputs_fingerprint
from nba_backfill.warehouse.protocol import Warehouse


class Reason(StrEnum):
    """Why a day is in a plan."""

    MISSING = "missing"
    FAILED = "failed"
    REJECTED = "rejected"
    SCHEDULE_CHANGED = "schedule_changed"
    STALE_INPUT = "stale_input"
    CODE_CHANGED = "code_changed"
    REQUESTED = "requested"


SETTLED = (Status.NO_GAMES, Status.BOOTSTRAP)


@dataclass(frozen=True, slots=True)
class World:
    """The ledger and the calendar at one moment: all that planning looks at."""

    catalogue: Catalogue
    calendar: GameCalendar
    histories: Mapping[str, DayHistory]
    schedule_contents: Mapping[dt.date, tuple[int, str]] = field(default_factory=dict)
    """What the calendar table would hold now, by day; empty if its input did not change."""

    @classmethod
    def look(
        cls,
        catalogue: Catalogue,
        warehouse: Warehouse,
        days: Iterable[dt.date],
        tables: Iterable[str] | None = None,
    ) -> World:
        """Read the ledger for some tables and their inputs, the calendar for the days' seasons."""
        asked = set(catalogue.order if tables is None else tables)
        wanted = asked | {name for table in asked for name in catalogue.table(table).reads}
        found = warehouse.histories([catalogue.by_name[name].relation for name in wanted])
        seasons = catalogue.seasons_read([catalogue.table(t) for t in asked], seasons_of(days))
        world = cls(
            catalogue,
            catalogue.calendar(warehouse, seasons),
            {name: found[catalogue.by_name[name].relation] for name in wanted},
        )
        schedule = catalogue.table(CALENDAR_TABLE)
        if schedule.name in asked and any(
            world.data_reason(schedule, day) is Reason.STALE_INPUT
            for day in world.calendar.games_by_day
        ):
            contents = _contents(catalogue, warehouse, schedule, seasons)
            world = replace(world, schedule_contents=contents)
        return world

    def data_reason(self, table: Table, day: dt.date) -> Reason | None:
        """Why a day's stored rows cannot stand as they are, or None if they can.

        The code's version is not asked: carrying repairs data, it does not roll out code.
        """
        record = self.histories[table.name].get(day)
        if record is None:
            return Reason.MISSING
        if not record.status.is_readable:
            return Reason(record.status.value)
        settled = self.settled_status(table, day)
        if settled is not (record.status if record.status in SETTLED else None):
            return Reason.SCHEDULE_CHANGED
        stands = settled is not None or self._inputs_stand(table, day, record)
        return None if stands else Reason.STALE_INPUT

    def _inputs_stand(self, table: Table, day: dt.date, record: PartitionRecord) -> bool:
        """Whether the rows of a day would come out the same from the inputs as they are now."""
        if record.inputs_fingerprint == inputs_fingerprint(table.reads, self.histories, day):
            return True
        # Each day of the calendar table reads the whole season's schedule, of which any row may
        # change. Only the days that come out otherwise are stale, or one postponed game would
        # put the whole season into every plan.
        held = record.row_count, record.fingerprint
        return table.name == CALENDAR_TABLE and self.schedule_contents.get(day) == held

    def settled_status(self, table: Table, day: dt.date) -> Status | None:
        """The status a day has without computing anything, if it has one."""
        return settled_status(table, self.calendar, day)

    def seasons(self) -> set[Season]:
        """The seasons whose calendar is known here."""
        return {Season.of(day) for day in self.calendar.games_by_day}

    def fingerprint(self, names: Iterable[str], days: Sequence[dt.date]) -> str:
        """Changes when any record of these tables in the seasons looked at changes."""
        seasons = self.seasons() | set(seasons_of(days))
        digest = hashlib.blake2b(digest_size=12)
        for name in sorted(names):
            for day, record in self.histories[name].by_day.items():
                if Season.of(day) in seasons:
                    digest.update(f"{name}{day}{record.status}{record.fingerprint}".encode())
                    digest.update(record.inputs_fingerprint.encode())
        return digest.hexdigest()


def _contents(
    catalogue: Catalogue, warehouse: Warehouse, table: Table, seasons: Iterable[Season]
) -> dict[dt.date, tuple[int, str]]:
    """Row count and fingerprint of each day as the table would come out now; writes nothing."""
    contents: dict[dt.date, tuple[int, str]] = {}
    for season in seasons:
        statement = select_statement(
            table, catalogue.inputs(table), season.first_day, season.last_day
        )
        staged = warehouse.stage(table, statement)
        contents |= warehouse.fingerprints(table, staged)
        warehouse.drop_staged(staged)
    return contents
