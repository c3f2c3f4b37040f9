"""The gate before a step: which input days may be read, and what a row must do without.

A row for day D cannot be computed without D's own inputs. A window of the past may lack refused
days: they are left out of what the SQL sees, the window counts them as not found, and nothing
after them stops. Days that were never computed, or not since the schedule changed, are no
refusal: they keep the gate shut until they are supplied. Raw inputs have no gate: what they lack
shows in coverage.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate

from nba_backfill.core.partitions import day_ranges
from nba_backfill.core.publication import Kind
from nba_backfill.core.season import GameCalendar, Season
from nba_backfill.core.table import RawTable, Table
from nba_backfill.materialization.settle import out_of_step
from nba_backfill.warehouse.acceptance import ABSENCE, Acceptances
from nba_backfill.warehouse.dialect import AnyTable
from nba_backfill.warehouse.ledger import NEVER_COMPUTED, Cause, DayHistory, PartitionRecord, Status

FEWEST_REFUSED = 2
"""Refused days below which a window is never called empty, however short it is."""


def absence_content(record: PartitionRecord) -> str:
    """What an operator accepts who lets a refused day's readers go on without it."""
    return f"{record.inputs_fingerprint}|{record.code_version}|{record.reason}"


def is_excused(record: PartitionRecord, accepted: Acceptances) -> bool:
    """Whether an operator accepted that a refused day is not there."""
    if record.status.is_readable:
        return False
    event = accepted.find(record.table_name, record.day, absence_content(record))
    return event is not None and event.check_name == ABSENCE


@dataclass(frozen=True)
class Gate:
    """Which input days keep a table's days from being computed, and how whole its windows are.

    ``missing`` and ``refused`` map each computed input, upstream first, to the days that were not
    computed since the schedule had them so, and to its days that must not be read; ``excused`` are
    refused days whose absence an operator accepted.
    """

    table: Table
    calendar: GameCalendar
    histories: Mapping[str, DayHistory]
    missing: Mapping[str, Sequence[dt.date]]
    refused: Mapping[str, Sequence[dt.date]]
    excused: Mapping[str, Collection[dt.date]]

    @classmethod
    def of(
        cls,
        table: Table,
        inputs: Mapping[str, AnyTable],
        calendar: GameCalendar,
        histories: Mapping[str, DayHistory],
        accepted: Acceptances,
    ) -> Gate:
        """The gate of a table as the ledger stands; ``inputs`` and ``histories`` by bare name."""
        computed = [name for name, t in inputs.items() if not isinstance(t, RawTable)]
        return cls(
            table,
            calendar,
            histories,
            {n: out_of_step(inputs[n], calendar, histories[n]) for n in computed},
            {n: histories[n].refused for n in computed},
            {
                n: {d for d in histories[n].refused if is_excused(histories[n].by_day[d], accepted)}
                for n in computed
            },
        )

    @cached_property
    def _game_days(self) -> list[dt.date]:
        return list(self.calendar.games_by_day)

    @cached_property
    def _complete(self) -> dict[str, list[int]]:
        """Per computed input: how many of the first n game days are complete, for every n."""
        return {
            name: list(
                accumulate((self._is_complete(name, day) for day in self._game_days), initial=0)
            )
            for name in self.missing
        }

    @property
    def _goes_around_refusals(self) -> bool:
        publication = self.table.publication
        return publication is not None and publication.kind is Kind.POINTER

    def _is_complete(self, name: str, day: dt.date) -> bool:
        record = self.histories[name].get(day)
        return record is not None and record.status is Status.COMPLETE

    def _within(
        self, bounds: tuple[dt.date, dt.date], days: Sequence[dt.date]
    ) -> Sequence[dt.date]:
        return days[bisect_left(days, bounds[0]) : bisect_right(days, bounds[1])]

    def shut_for(self, day: dt.date) -> dict[str, list[dt.date]]:
        """Input -> days that keep ``day`` from being computed; empty if it can be."""
        found = {name: self._lacked(name, day) for name in self.missing}
        return {name: days for name, days in found.items() if days}

    def _lacked(self, name: str, day: dt.date) -> list[dt.date]:
        """Days of one input without which ``day`` cannot be computed."""
        window = self.table.reads[name]
        required = window.required_bounds(day)
        missing = list(self._within(required, self.missing[name]))
        # A pointer shows the newest document there is: one held back does not hold others back.
        if missing or self._goes_around_refusals:
            return missing
        refused = self._within(required, self.refused[name])
        own = [d for d in refused if d == day and d not in self.excused[name]]
        return own or self._majority(required, refused, day)

    def _majority(
        self, bounds: tuple[dt.date, dt.date], refused: Sequence[dt.date], day: dt.date
    ) -> list[dt.date]:
        """Refused days of D's season if they are most of what the window holds of it.

        What is left of such a window says nothing: the table behind it is broken, and rows
        computed from its remains would take the place of good ones.
        """
        if len(refused) < FEWEST_REFUSED:
            return []
        season = max(bounds[0], Season.of(day).first_day), bounds[1]
        lost = [d for d in self._within(season, refused) if d in self.calendar.games_by_day]
        wanted = self._within(season, self._game_days)
        broken = len(lost) >= FEWEST_REFUSED and 2 * len(lost) > len(wanted)
        return lost if broken else []

    def explain(self, shut: Mapping[str, Iterable[dt.date]]) -> tuple[str, Cause]:
        """Why a day is not computed, with the command where one helps; and the first cause."""
        parts, causes = [], []
        for name, days in shut.items():
            by_status: dict[str, list[dt.date]] = {}
            for day in days:
                never = day in self.missing[name]
                record = None if never else self.histories[name].get(day)
                by_status.setdefault(record.status if record else NEVER_COMPUTED, []).append(day)
                causes.append(_cause_of(name, day, record))
            said = "; ".join(f"{why}: {day_ranges(which)}" for why, which in by_status.items())
            parts.append(f"{name} is not readable ({said})")
            if never := by_status.get(NEVER_COMPUTED):
                parts[-1] += (
                    "; supply it with: dagster asset materialize -m nba_backfill.definitions"
                    f" --select {name} --partition-range {min(never)}...{max(never)}"
                )
        return " | ".join(parts), causes[0]

    def window_counts(self, day: dt.date) -> tuple[int, int]:
        """Input game days in the windows of ``day``, and those of them that are complete."""
        wanted = found = 0
        for name, complete in self._complete.items():
            first, last = self.table.reads[name].required_bounds(day)
            low = bisect_left(self._game_days, first)
            high = max(low, bisect_right(self._game_days, last))
            wanted += high - low
            found += complete[high] - complete[low]
        return wanted, found

    def follows(self, day: dt.date) -> Cause | None:
        """The first cause among the inputs of the day itself, refusals before what lacks."""
        found = [
            _cause_of(name, day, record)
            for name, history in self.histories.items()
            if (record := history.get(day)) is not None
            and record.status is not Status.COMPLETE
            and record.reason
        ]
        return min(found, key=lambda c: (not c.refused, not c.contradiction), default=None)


def _cause_of(name: str, day: dt.date, record: PartitionRecord | None) -> Cause:
    """Why an input day is not what it should be: what it says itself, else the day as it is."""
    if record is None:
        return Cause(name, day, NEVER_COMPUTED, "never computed as the schedule has it now")
    if (first := record.first_cause) is not None:
        return first
    return Cause(name, day, record.status.value, record.reason, refused=record.is_refused)
