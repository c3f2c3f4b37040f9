"""What is stale: the one definition that plan, status, carrying and the UI share.

A day is due for a reason of its own, or follows: its rows stand, but its windows hold a day that
is due, so they change if that day's do. Closure goes through all hops and all seasons and is
exact, in game days inside the declared windows, not in Dagster's upper bound.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from nba_backfill.backfill.world import Reason, World
from nba_backfill.core.season import Season
from nba_backfill.core.table import RawTable, Table
from nba_backfill.core.window import Reach, Window

DaysByTable = Mapping[str, Mapping[dt.date, Reason]]


def upstream_days(world: World, wanted: Mapping[str, Iterable[dt.date]]) -> dict[str, set[dt.date]]:
    """Every day of every table that computing ``wanted`` reads, directly or through others.

    ``wanted`` itself is included. Days that must be there are game days and days that the
    schedule has otherwise now; of earlier seasons that are read where they are, those that are.
    Days without games and settled bootstrap days read nothing.
    """
    catalogue = world.catalogue
    game_days = list(world.calendar.games_by_day)
    needed: dict[str, set[dt.date]] = {name: set() for name in catalogue.order}
    for name, days in wanted.items():
        needed[name].update(days)
    for name in reversed(catalogue.order):
        table = catalogue.table(name)
        reading = sorted(day for day in needed[name] if world.settled_status(table, day) is None)
        for upstream, window in table.reads.items():
            if not reading or isinstance(catalogue.by_name[upstream], RawTable):
                continue
            for first, last in _stretches(window, reading):
                must = window.required_span(first, last)
                needed[upstream].update(_within(game_days, must))
                needed[upstream].update(
                    _within(world.held_days(upstream), window.span(first, last))
                )
    return needed


def _stretches(window: Window, days: Sequence[dt.date]) -> Iterator[tuple[dt.date, dt.date]]:
    """Stretches of ``days``, in order, whose windows together are the window of the stretch."""
    if window.crosses_seasons:
        yield days[0], days[-1]
    elif window.reach in (Reach.SEASON_TO_DATE, Reach.OPTIONAL_DAYS):
        # Those of a season begin with it, or reach back from its first day at the earliest.
        ends: dict[Season, tuple[dt.date, dt.date]] = {}
        for day in days:
            season = Season.of(day)
            ends[season] = ends.get(season, (day, day))[0], day
        yield from ends.values()
    else:
        yield from ((day, day) for day in days)


def _within(days: Sequence[dt.date], bounds: tuple[dt.date, dt.date]) -> Sequence[dt.date]:
    return days[bisect_left(days, bounds[0]) : bisect_right(days, bounds[1])]


def due_days(
    world: World,
    needed: Mapping[str, Iterable[dt.date]],
    reason_of: Callable[[Table, dt.date], Reason | None] | None = None,
) -> dict[str, dict[dt.date, Reason]]:
    """Of the days needed, those that must be computed or follow those that must, upstream first.

    ``reason_of`` says why a day is due by itself; :meth:`World.due` where none is given.
    """
    reason_of = reason_of or world.due
    due: dict[str, dict[dt.date, Reason]] = {}
    for name in world.catalogue.order:
        table = world.catalogue.table(name)
        moving = {upstream: sorted(due[upstream]) for upstream in table.reads if due.get(upstream)}
        found: dict[dt.date, Reason] = {}
        for day in sorted(needed.get(name, ())):
            reason = reason_of(table, day)
            if reason is None and moving and world.settled_status(table, day) is None:
                reason = Reason.FOLLOWS if _holds(table, day, moving) else None
            if reason is not None:
                found[day] = reason
        due[name] = found
    return due


def _holds(table: Table, day: dt.date, moving: Mapping[str, Sequence[dt.date]]) -> bool:
    """Whether a window of ``day`` holds a day of ``moving``."""
    for upstream, days in moving.items():
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
        moving = {u: touched[u] for u in table.reads if touched.get(u)}
        hit = {
            day
            for day in world.wanted_days(table, world.histories[name].by_day if moving else ())
            if Season.of(day) in world.calendar.seasons
            and world.settled_status(table, day) is None
            and _holds(table, day, moving)
        }
        found[name] = hit - set(changed.get(name, ()))
        touched[name] = sorted(hit | set(changed.get(name, ())))
    return {name: days for name, days in found.items() if days}
