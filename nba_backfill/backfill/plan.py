"""What would be computed and why: pure functions on the ledger, the calendar and the tables.

A plan is a frozen value: for each table, upstream first, the days and for each day the reason.
Closure is exact, in game days inside the declared windows, not in Dagster's upper bound.
"""

from __future__ import annotations

import datetime as dt
import json
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from nba_backfill.backfill.world import Reason, World
from nba_backfill.core.catalogue import Catalogue
from nba_backfill.core.season import GameCalendar, Season
from nba_backfill.core.settle import settled_status
from nba_backfill.core.table import RawTable, Table
from nba_backfill.core.window import Reach, Window
from nba_backfill.warehouse.ledger import DayHistory


class PlanError(ValueError):
    """A plan cannot be read or no longer fits the world; nothing was run."""


@dataclass(frozen=True, slots=True)
class PlannedTable:
    """The part of a plan that is about one table."""

    table: str
    days: Mapping[dt.date, Reason]
    carried_for: tuple[str, ...] = ()
    expected_rows: int | None = None
    seconds: float | None = None
    lost_rows: int = 0
    """Stored rows that are expected to be gone afterwards."""

    @property
    def reasons(self) -> Counter:
        """How many days have which reason."""
        return Counter(self.days.values())


@dataclass(frozen=True, slots=True)
class Plan:
    """What would run: tables upstream first, days with reasons, and the world it was made for."""

    targets: tuple[str, ...]
    days: tuple[dt.date, ...]
    tables: tuple[PlannedTable, ...]
    world: str = field(default="", compare=False)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to do."""
        return not any(planned.days for planned in self.tables)

    def to_json(self) -> str:
        """The plan as text that :meth:`from_json` reads back."""
        return json.dumps(
            {
                "targets": self.targets,
                "days": [str(day) for day in self.days],
                "world": self.world,
                "tables": [
                    {
                        "table": p.table,
                        "days": {str(day): reason.value for day, reason in p.days.items()},
                        "carried_for": p.carried_for,
                        "expected_rows": p.expected_rows,
                        "seconds": p.seconds,
                        "lost_rows": p.lost_rows,
                    }
                    for p in self.tables
                ],
            },
            indent=1,
        )

    @classmethod
    def from_json(cls, text: str) -> Plan:
        """Read a saved plan; PlanError if the text is none."""
        try:
            said = json.loads(text)
            return cls(
                tuple(said["targets"]),
                tuple(dt.date.fromisoformat(day) for day in said["days"]),
                tuple(
                    PlannedTable(
                        p["table"],
                        {dt.date.fromisoformat(d): Reason(r) for d, r in p["days"].items()},
                        tuple(p["carried_for"]),
                        p["expected_rows"],
                        p["seconds"],
                        p["lost_rows"],
                    )
                    for p in said["tables"]
                ),
                said["world"],
            )
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise PlanError(f"not a saved plan: {error!r}. Nothing was run.") from error

    def save(self, path: Path) -> None:
        """Write the plan to a file."""
        path.write_text(self.to_json(), encoding="utf-8")


def _seen(window: Window, days: Iterable[dt.date], game_days: Sequence[dt.date]) -> set[dt.date]:
    """Game days that the windows of ``days`` must find readable."""
    if window.crosses_seasons:
        days = [max(days)]  # Its window holds those of the others.
    elif window.reach in (Reach.SEASON_TO_DATE, Reach.OPTIONAL_DAYS):
        # These windows all begin with the season, so the latest day's window holds the others'.
        latest: dict[Season, dt.date] = {}
        for day in days:
            latest[Season.of(day)] = max(day, latest.get(Season.of(day), day))
        days = latest.values()
    seen: set[dt.date] = set()
    for day in days:
        first, last = window.required_bounds(day)
        seen.update(game_days[bisect_left(game_days, first) : bisect_right(game_days, last)])
    return seen


def upstream_days(
    catalogue: Catalogue, calendar: GameCalendar, wanted: Mapping[str, Iterable[dt.date]]
) -> dict[str, set[dt.date]]:
    """Every day of every table that computing ``wanted`` reads, directly or through others.

    ``wanted`` itself is included. Days without games and settled bootstrap days read nothing.
    """
    game_days = list(calendar.games_by_day)
    needed: dict[str, set[dt.date]] = {name: set() for name in catalogue.order}
    for name, days in wanted.items():
        needed[name].update(days)
    for name in reversed(catalogue.order):
        table = catalogue.table(name)
        reading = {day for day in needed[name] if settled_status(table, calendar, day) is None}
        for upstream, window in table.reads.items():
            if reading and not isinstance(catalogue.by_name[upstream], RawTable):
                needed[upstream] |= _seen(window, reading, game_days)
    return needed


def to_build(
    world: World,
    needed: Mapping[str, Iterable[dt.date]],
    reason_of: Callable[[Table, dt.date], Reason | None],
) -> dict[str, dict[dt.date, Reason]]:
    """Of the days needed, those that must be computed, upstream first.

    A day whose own record stands is stale all the same if its windows hold a day that will be
    computed; whether it then really changes is known only after that.
    """
    build: dict[str, dict[dt.date, Reason]] = {}
    for name in world.catalogue.order:
        table = world.catalogue.table(name)
        rebuilt = {
            upstream: sorted(build[upstream]) for upstream in table.reads if build.get(upstream)
        }
        found: dict[dt.date, Reason] = {}
        for day in sorted(needed.get(name, ())):
            reason = reason_of(table, day)
            if (
                reason is None
                and world.settled_status(table, day) is None
                and _holds(table, day, rebuilt)
            ):
                reason = Reason.STALE_INPUT
            if reason is not None:
                found[day] = reason
        build[name] = found
    return build


def _holds(table: Table, day: dt.date, rebuilt: Mapping[str, Sequence[dt.date]]) -> bool:
    """Whether a window of ``day`` holds a day of ``rebuilt``."""
    for upstream, days in rebuilt.items():
        first, last = table.reads[upstream].bounds(day)
        at = bisect_left(days, first)
        if at < len(days) and days[at] <= last:
            return True
    return False


def downstream_days(
    world: World, changed: Mapping[str, Iterable[dt.date]]
) -> dict[str, set[dt.date]]:
    """Days of other tables, already computed, whose windows hold a day of ``changed``."""
    touched: dict[str, list[dt.date]] = {name: sorted(days) for name, days in changed.items()}
    found: dict[str, set[dt.date]] = {}
    for name in world.catalogue.order:
        table = world.catalogue.table(name)
        rebuilt = {u: touched[u] for u in table.reads if touched.get(u)}
        hit = {
            day
            for day in world.histories[name].by_day
            if world.settled_status(table, day) is None
            and Season.of(day) in world.seasons()
            and _holds(table, day, rebuilt)
        }
        found[name] = hit - set(changed.get(name, ()))
        touched[name] = sorted(hit | set(changed.get(name, ())))
    return {name: days for name, days in found.items() if days}


def plan(
    world: World,
    targets: Sequence[str],
    days: Sequence[dt.date],
    *,
    missing_only: bool = False,
    downstream: bool = False,
) -> Plan:
    """The plan for computing ``targets`` on ``days`` and everything they need.

    ``missing_only``: leave out target days whose rows stand. ``downstream``: add the computed
    days of other tables that read what is computed.
    """
    chosen = set(targets)

    def reason_of(table: Table, day: dt.date) -> Reason | None:
        reason = world.due(table, day)
        if reason is None and table.name in chosen and day in wanted_days:
            record = world.histories[table.name].get(day)
            if (
                record.code_version != table.code_version
                and world.settled_status(table, day) is None
            ):
                return Reason.CODE_CHANGED
            return None if missing_only else Reason.REQUESTED
        return reason

    wanted_days = set(days)
    wanted: dict[str, set[dt.date]] = {name: set(days) for name in targets}
    if downstream:
        for name, more in downstream_days(world, wanted).items():
            wanted[name] = wanted.get(name, set()) | more
    needed = upstream_days(world.catalogue, world.calendar, wanted)
    build = to_build(world, needed, reason_of)
    planned = tuple(
        PlannedTable(
            name,
            found,
            () if name in wanted else _readers(world.catalogue, name, wanted),
            *_estimate(world.histories[name], list(found)),
        )
        for name, found in build.items()
        if found
    )
    return Plan(
        tuple(targets), tuple(sorted(days)), planned, world.fingerprint(world.catalogue.order, days)
    )


def _readers(catalogue: Catalogue, name: str, wanted: Iterable[str]) -> tuple[str, ...]:
    """Targets that read a table, directly or through others."""
    reached = {name}
    for table in catalogue:
        if reached & set(table.reads):
            reached.add(table.name)
    return tuple(t for t in catalogue.order if t in reached and t in set(wanted))


def _estimate(history: DayHistory, days: Sequence[dt.date]) -> tuple[int | None, float | None]:
    """Expected rows and seconds for ``days`` from what the table's days were before."""
    computed = [r for r in history.by_day.values() if r.row_count]
    if not computed:
        return None, None
    typical = median(r.row_count for r in computed)
    known = [history.get(day) for day in days]
    rows = sum(r.row_count if r and r.row_count else typical for r in known)
    return int(rows), median(r.seconds for r in computed) * len(days)
