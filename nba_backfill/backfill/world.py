"""The world a plan is made for: the ledger and the schedule at one moment."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from nba_backfill.core.season import GameCalendar, Season
from nba_backfill.core.table import Table
from nba_backfill.materialization.catalogue import CALENDAR_TABLE, Catalogue, seasons_of
from nba_backfill.materialization.gate import Gate, is_excused
from nba_backfill.materialization.other_code import by_other_code
from nba_backfill.materialization.settle import (
    follows_schedule,
    out_of_step,
    settled_status,
    wanted_days,
)
from nba_backfill.warehouse.acceptance import Acceptances
from nba_backfill.warehouse.dialect import select_statement
from nba_backfill.warehouse.ledger import (
    COLUMNS_CHANGED,
    SNAPSHOT_DAY,
    DayHistory,
    PartitionRecord,
    Status,
    inputs_fingerprint,
)
from nba_backfill.warehouse.protocol import Warehouse


class Reason(StrEnum):
    """Why a day is in a plan, or a gap."""

    MISSING = "missing"
    FAILED = "failed"
    REJECTED = "rejected"
    WITHHELD = "withheld"
    ACCEPTED = "accepted"
    REVOKED = "acceptance_revoked"
    SCHEDULE_CHANGED = "schedule_changed"
    STALE_INPUT = "stale_input"
    DOCUMENTS_GONE = "documents_gone"
    """Rows stand, but documents written of them are not in the export store."""
    COLUMNS_CHANGED = "columns_changed"
    CODE_CHANGED = "code_changed"
    REQUESTED = "requested"
    FOLLOWS = "if_inputs_change"
    """Its rows stand, but an input is due: it is computed if that comes out otherwise."""


APPLIED = '"acceptance"'
"""Stands in the profile of a record in which an acceptance was applied."""


@dataclass(frozen=True, slots=True)
class World:
    """The ledger and the calendar at one moment: all that planning looks at."""

    catalogue: Catalogue
    calendar: GameCalendar
    histories: Mapping[str, DayHistory]
    accepted: Acceptances = field(default_factory=lambda: Acceptances(()))
    schedule_contents: Mapping[dt.date, tuple[int, str]] = field(default_factory=dict)
    """What the calendar table would hold now, by day; empty if its input did not change."""
    gone: Mapping[str, frozenset[dt.date]] = field(default_factory=dict)
    """Table -> days of which documents are not in the export store, of tables that publish."""
    gates: dict[str, Gate] = field(default_factory=dict, compare=False)
    held: dict[str, list[dt.date]] = field(default_factory=dict, compare=False)

    @classmethod
    def look(
        cls,
        catalogue: Catalogue,
        warehouse: Warehouse,
        days: Iterable[dt.date],
        tables: Iterable[str] | None = None,
        *,
        later: bool = False,
    ) -> World:
        """Read the ledger for some tables and their inputs, and the calendar.

        The calendar is that of the days' seasons, of the seasons before that are read or held,
        and, with ``later``, of those that came after.
        """
        asked = set(catalogue.order if tables is None else tables)
        wanted = asked | {name for table in asked for name in catalogue.table(table).reads}
        for name in wanted:
            warehouse.ensure_table(catalogue.by_name[name])
        found = warehouse.histories([catalogue.by_name[name].relation for name in wanted])
        seasons = set(catalogue.seasons_read([catalogue.table(t) for t in asked], seasons_of(days)))
        held = frozenset().union(*(found[catalogue.table(t).relation].seasons for t in asked))
        seasons |= {season for season in held if later or season < max(seasons, default=season)}
        world = cls(
            catalogue,
            catalogue.calendar(warehouse, seasons),
            {name: found[catalogue.by_name[name].relation] for name in wanted},
            warehouse.acceptances(),
            gone={
                table.name: table.publication.gone(table, warehouse, found[table.relation])
                for table in (catalogue.table(name) for name in sorted(asked))
                if table.publication is not None
            },
        )
        schedule = catalogue.table(CALENDAR_TABLE)
        if schedule.name in asked:
            stale = [
                day
                for day in world.calendar.games_by_day
                if world.due(schedule, day) is Reason.STALE_INPUT
            ]
            contents = _contents(catalogue, warehouse, schedule, seasons_of(stale))
            world = replace(world, schedule_contents=contents)
        return world

    def due(self, table: Table, day: dt.date) -> Reason | None:
        """Why a day is to be computed, or None if that would change nothing.

        The code's version is not asked: carrying repairs data, it does not roll out code. A day
        that was refused is tried again once something about it has changed: its inputs, what
        judges it, or what an operator accepted.
        """
        record = self.histories[table.name].get(day)
        if record is None:
            return Reason.MISSING
        if not follows_schedule(table, self.calendar, record):
            return Reason.SCHEDULE_CHANGED
        if self.settled_status(table, day) is not None:
            return None
        overtaken = self._overtaken(record)
        if overtaken is not None:
            return overtaken
        if not self._inputs_stand(table, day, record):
            return Reason.STALE_INPUT if record.status.is_readable else Reason(record.status.value)
        gone = Reason.DOCUMENTS_GONE if day in self.gone.get(table.name, ()) else None
        return gone or self._worth_another_try(table, day, record)

    def by_other_code(self, table: Table, day: dt.date) -> bool:
        """Whether the rows of a day were computed by code that is not the table's code now."""
        return by_other_code(table, self.calendar, self.histories[table.name].get(day))

    def is_published(self, name: str, day: dt.date) -> bool:
        """Whether an exporter's documents of a day are written, and are in the export store."""
        history = self.histories.get(name)
        record = history.get(day) if history else None
        return bool(record and record.row_count) and day not in self.gone.get(name, ())

    def held_days(self, name: str) -> list[dt.date]:
        """Days of a computed table that a window meets: with rows, or out of step; in order."""
        if name not in self.held:
            history = self.histories[name]
            with_rows = {r.day for r in history.by_day.values() if r.row_count}
            moved = out_of_step(self.catalogue.table(name), self.calendar, history)
            self.held[name] = sorted(with_rows.union(moved))
        return self.held[name]

    def wanted_days(self, table: Table, days: Iterable[dt.date]) -> list[dt.date]:
        """Of some days those of which rows are to stand; of a snapshot only the newest."""
        return wanted_days(table, self.calendar, self.histories[table.name], sorted(days))

    def stands_refused(self, record: PartitionRecord) -> bool:
        """Whether a day is refused, and no operator accepted that it is not there."""
        return record.is_refused and not is_excused(record, self.accepted)

    def _overtaken(self, record: PartitionRecord) -> Reason | None:
        """Whether an operator's decision or a new declaration is still to be carried out."""
        if record.inputs_fingerprint == COLUMNS_CHANGED:
            return Reason.COLUMNS_CHANGED
        said = record.measured if record.is_refused or record.profile.find(APPLIED) >= 0 else {}
        for refusal in said.get("refusals", []):
            if self.accepted.find(record.table_name, record.day, refusal["content"]):
                return Reason.ACCEPTED
        for accepted in said.get("accepted", []):
            if not self.accepted.find(record.table_name, record.day, accepted["content"]):
                return Reason.REVOKED
        return None

    def _worth_another_try(
        self, table: Table, day: dt.date, record: PartitionRecord
    ) -> Reason | None:
        """Whether a refused day may come out otherwise although its inputs are as they were."""
        if not record.is_refused or is_excused(record, self.accepted):
            return None
        if record.status is Status.FAILED:
            cause = record.first_cause
            waits = cause is not None and not cause.is_of(record)
            return None if waits and self.gate(table).shut_for(day) else Reason.FAILED
        judged = record.measured.get("judged_by"), record.code_version
        if judged == (table.judged_by, table.code_version):
            return None
        return Reason.REJECTED if record.status is Status.REJECTED else Reason.WITHHELD

    def gate(self, table: Table) -> Gate:
        """The gate of a table as the ledger stood."""
        if table.name not in self.gates:
            inputs = self.catalogue.inputs(table)
            histories = {name: self.histories[name] for name in inputs}
            self.gates[table.name] = Gate.of(table, inputs, self.calendar, histories, self.accepted)
        return self.gates[table.name]

    def _inputs_stand(self, table: Table, day: dt.date, record: PartitionRecord) -> bool:
        """Whether the rows of a day would come out the same from the inputs as they are now."""
        if record.inputs_fingerprint == inputs_fingerprint(table.reads, self.histories, day):
            return True
        # Each day of the calendar table reads the whole season's schedule, of which any row may
        # change. Only the days that come out otherwise are stale, or one postponed game would
        # put the whole season into every plan. A refusal is to be looked at again, though.
        held = record.row_count, record.fingerprint
        return (
            table.name == CALENDAR_TABLE
            and not record.is_refused
            and self.schedule_contents.get(day) == held
        )

    def settled_status(self, table: Table, day: dt.date) -> Status | None:
        """The status a day has without computing anything, if it has one."""
        return settled_status(table, self.calendar, day)

    def fingerprint(self) -> str:
        """Changes when any input file, record, acceptance or code version looked at changes."""
        digest = hashlib.blake2b(digest_size=12)
        for name, history in sorted(self.histories.items()):
            table = self.catalogue.by_name[name]
            if isinstance(table, Table):
                digest.update(f"{name}{table.code_version}{table.judged_by}".encode())
            for day, record in history.by_day.items():
                if day == SNAPSHOT_DAY or Season.of(day) in self.calendar.seasons:
                    digest.update(f"{name}{day}{record.status}{record.fingerprint}".encode())
                    digest.update(record.inputs_fingerprint.encode())
        digest.update(
            repr(sorted((name, *sorted(days)) for name, days in self.gone.items())).encode()
        )
        digest.update("".join(sorted(event.acceptance_id for event in self.accepted)).encode())
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
