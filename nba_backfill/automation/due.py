"""What a catching-up run is to do now: pure functions on the ledger, the calendar and the clock.

The ledger alone says what is due, so it makes no difference who computed or changed what lies
upstream: a manual backfill is followed as a loaded file is.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from nba_backfill.backfill.closure import due_days
from nba_backfill.backfill.plan import Plan, due_plan
from nba_backfill.backfill.world import Reason, World
from nba_backfill.core.partitions import partitions_between
from nba_backfill.core.publication import Kind
from nba_backfill.core.season import FINALS_MONTH, HISTORY_START, GameCalendar, Season
from nba_backfill.core.table import Table
from nba_backfill.materialization.catalogue import Catalogue
from nba_backfill.materialization.settle import SETTLED, owed_days
from nba_backfill.warehouse.ledger import PartitionRecord, Status, inputs_fingerprint
from nba_backfill.warehouse.protocol import Warehouse

BATCH_GAME_DATES = 30
"""Game dates that one run catches up with at most: a hole of a season is six runs, each of which
may be stopped, and none keeps a new day waiting for long."""

MOST_ATTEMPTS = 3
"""How often a day that breaks is computed from the same content, then only reported."""

ATTEMPTS, OF_CONTENT = "attempts", "attempted_content"


@dataclass(frozen=True, slots=True)
class Occasion:
    """When a run catches up: the Eastern day it is, and the first day it looks at.

    ``before_tip``: what is known before today's first tip is wanted, though no game is over.
    """

    today: dt.date
    since: dt.date = HISTORY_START
    before_tip: bool = False


@dataclass(frozen=True, slots=True)
class Batch:
    """The days that one run is to compute, and what no run will try again by itself."""

    plan: Plan
    left: int
    """Days that are due and left for the runs after it."""
    given_up: tuple[PartitionRecord, ...] = ()

    @property
    def token(self) -> str:
        """The same for the same work on the same world: what is tried again is counted by it."""
        said = f"{self.plan.world}|{[str(day) for day in self.plan.days]}"
        return hashlib.blake2b(said.encode(), digest_size=10).hexdigest()


def look_at_all(catalogue: Catalogue, warehouse: Warehouse, today: dt.date) -> World:
    """The world over all history up to ``today``."""
    return World.look(catalogue, warehouse, partitions_between(HISTORY_START, today))


def reached(calendar: GameCalendar, days: Iterable[dt.date]) -> list[dt.date]:
    """Those of some days that the schedule of their season reaches; after the finals, all."""
    last = calendar.reach.last
    return [
        day
        for day in days
        if (end := last.get(Season.of(day))) and (day <= end or end.month == FINALS_MONTH)
    ]


def wanted_days(world: World, occasion: Occasion) -> dict[str, list[dt.date]]:
    """The days up to today that each table is to have, by what is known now.

    Days on which a game is over; before the tip, today for what is known then; days without games
    that the schedule reaches; and whatever was computed already, so that it is kept right. A day
    whose games are to come is wanted of nothing else: its box scores would be called unavailable.
    Of a snapshot only the newest day is wanted, of documents made before games only today, of those
    that are asked for by name only what somebody asked for. Live documents are never due.
    """
    days = reached(world.calendar, partitions_between(occasion.since, occasion.today))
    found = {}
    for table in world.catalogue:
        history = world.histories[table.name]
        asked = [day for day in days if _is_wanted(world, table, day, occasion)]
        found[table.name] = owed_days(table, world.calendar, history, asked)
        if table.publication is not None and table.publication.kind is Kind.PRE_GAME:
            record = history.get(occasion.today)
            if occasion.before_tip or (record is not None and record.row_count):
                found[table.name] = [day for day in days if day == occasion.today]
    return found


def _is_wanted(world: World, table: Table, day: dt.date, occasion: Occasion) -> bool:
    if world.histories[table.name].get(day) is not None:
        return True
    if world.settled_status(table, day) in SETTLED:
        return True
    if any(game.is_over for game in world.calendar.games(day)):
        return True
    return occasion.before_tip and table.before_tip and day == occasion.today


def next_batch(world: World, occasion: Occasion) -> Batch:
    """What the next run is to compute: the oldest days that are due, so that windows fill up."""
    gave_up = given_up(world)
    never = {(record.table_name, record.day) for record in gave_up}

    def reason_of(table: Table, day: dt.date) -> Reason | None:
        return None if (table.relation, day) in never else world.due(table, day)

    wanted = wanted_days(world, occasion)
    due = due_days(world, wanted, reason_of)
    days = sorted(
        {day for found in due.values() for day, why in found.items() if why is not Reason.FOLLOWS}
    )
    chosen = set(_first_game_dates(world.calendar, days))
    plan = due_plan(
        world,
        {
            name: kept
            for name, asked in wanted.items()
            if (kept := [day for day in asked if day in chosen])
        },
        reason_of,
    )
    return Batch(plan, len(days) - len(chosen), tuple(gave_up))


def _first_game_dates(calendar: GameCalendar, days: Iterable[dt.date]) -> list[dt.date]:
    """The first days, as many as hold BATCH_GAME_DATES days with games."""
    chosen, with_games = [], 0
    for day in days:
        with_games += bool(calendar.games(day))
        if with_games > BATCH_GAME_DATES:
            break
        chosen.append(day)
    return chosen


def given_up(world: World) -> list[PartitionRecord]:
    """Days that broke as often as they may, from content that is still the same."""
    return [
        record
        for name in world.catalogue.order
        for record in world.histories[name].by_day.values()
        if record.status is Status.FAILED
        and attempts(record) >= MOST_ATTEMPTS
        and _is_as_it_was(world, world.catalogue.table(name), record)
    ]


def _is_as_it_was(world: World, table: Table, record: PartitionRecord) -> bool:
    """Whether a day would be computed by the same code from the same content as its record."""
    reads = inputs_fingerprint(table.reads, world.histories, record.day)
    return (reads, table.code_version) == (record.inputs_fingerprint, record.code_version)


def attempts(record: PartitionRecord) -> int:
    """How often catching-up runs have computed a failed day from the content it failed on."""
    said = record.measured
    return said.get(ATTEMPTS, 0) if said.get(OF_CONTENT) == _content(record) else 0


def counted(
    before: Mapping[tuple[str, dt.date], PartitionRecord], after: Iterable[PartitionRecord]
) -> list[PartitionRecord]:
    """Of some records, those that failed by themselves, with this attempt counted.

    ``before``: the records as they were when the attempt began, by table and day. A day that only
    waits for another is not counted: its turn comes with the other.
    """
    found = []
    for record in after:
        cause = record.first_cause
        if record.status is not Status.FAILED or not (cause and cause.is_of(record)):
            continue
        old = before.get((record.table_name, record.day))
        same = old is not None and _content(old) == _content(record)
        tried = attempts(old) + 1 if same else 1
        profile = record.measured | {ATTEMPTS: tried, OF_CONTENT: _content(record)}
        found.append(replace(record, profile=json.dumps(profile, sort_keys=True)))
    return found


def _content(record: PartitionRecord) -> str:
    return f"{record.inputs_fingerprint}|{record.code_version}"
