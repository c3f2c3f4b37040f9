"""What must be there before days are computed: the 14 checks of spec 60, 3 in their modern form.

Numbers in comments are those of the specification. Nos. 2, 6, 7, 9 and 14 (services, job files,
message topics, an importable client) are the loading of the definitions here, which every command
does; no. 13 (a progress monitor) is ``status``.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence

from nba_backfill.backfill.health import Finding
from nba_backfill.backfill.layers import final_coverage
from nba_backfill.backfill.mending import dates_in_words
from nba_backfill.backfill.plan import plan
from nba_backfill.backfill.world import World
from nba_backfill.core.partitions import day_ranges
from nba_backfill.core.table import Layer, RawTable
from nba_backfill.materialization.step import Step
from nba_backfill.warehouse.ledger import Status
from nba_backfill.warehouse.protocol import Warehouse

ENOUGH, MOST = 0.99, 0.80
"""Shares of the scheduled final games' dates: from the first on a source is whole, below the second
the check fails; raw tables of a fallback only warn."""

NEEDED = ("nbac_schedule", "nbac_gamebook_player_stats", "nbac_team_boxscore")
FALLBACKS = {
    "bdl_player_boxscores": "box scores of games the official source lacks",
    "bigdataball_play_by_play": "shot zones and usage",
    "bettingpros_player_points_props": "99.7 % of the lines; the other source has 40 %",
    "odds_api_player_points_props": "prices of several books",
}


def preflight(
    world: World, warehouse: Warehouse, days: Sequence[dt.date], targets: Sequence[str]
) -> Iterator[Finding]:
    """Every check for computing ``targets`` on ``days``; nothing is changed."""
    played = [d for d in days if any(game.is_over for game in world.calendar.games(d))]
    yield _schedule(world, days, played)
    if not played:
        return
    for name in NEEDED:  # no. 3
        yield _raw(world, name, played, needed=True)
    for name in FALLBACKS:  # no. 8
        yield _raw(world, name, played, needed=False)
    yield from _coverage(world, played)  # nos. 4 and 5
    yield _upstream(world, played, targets)


def _schedule(world: World, days: Sequence[dt.date], played: Sequence[dt.date]) -> Finding:
    unknown = [day for day in days if world.calendar.unknown(day)]
    said = f"{len(played)} days with games that are over, of {len(days)}"
    if unknown:
        return Finding.fail(
            "schedule",
            f"{said}; of {len(unknown)} days it says nothing: {day_ranges(unknown)}",
            f"load the schedule of these days: {world.calendar.unknown(unknown[0])}",
        )
    if not played:
        return Finding.warn("schedule", said, "nothing is to be computed but days without games")
    return Finding.ok("schedule", said)


def _raw(world: World, name: str, played: Sequence[dt.date], *, needed: bool) -> Finding:
    history = world.histories.get(name)
    if history is None or not isinstance(world.catalogue.by_name.get(name), RawTable):
        return Finding.fail(name, "not declared", "restore its contract in raw/contracts")
    lacking = [day for day in played if not (r := history.get(day)) or not r.row_count]
    held = [d for d in played if (r := history.get(d)) and r.status is Status.HELD_BACK]
    share = 1 - len(lacking) / len(played)
    said = f"{len(played) - len(lacking)} of {len(played)} game dates"
    if held:
        dates = dates_in_words((held[0], held[-1]))
        return Finding.fail(
            name,
            f"{said}; a load that takes rows away was held back: {day_ranges(held)}",
            f'put the files back, or: nba-backfill accept {name} --dates {dates} --because "..."',
        )
    if not lacking:
        return Finding.ok(name, said)
    cure = f"put the rows of {day_ranges(lacking, played)} into NBA_RAW_DIR"
    if needed and share < MOST:
        return Finding.fail(name, said, cure)
    what = said if needed else f"{said}; gives {FALLBACKS[name]}"
    return Finding.warn(name, what, cure) if needed or share < ENOUGH else Finding.ok(name, what)


def _coverage(world: World, played: Sequence[dt.date]) -> Iterator[Finding]:
    final = final_coverage(world, played)
    for layer in (Layer.ANALYTICS, Layer.PRECOMPUTE):
        tables = [one for one in final if one.layer is layer]
        # The table that is furthest behind counts: the furthest ahead would hide it.
        least = min(tables, key=lambda one: one.readable - one.expected, default=None)
        if least is not None:
            said = f"{least.readable} of {least.expected} game dates in {least.table}, the last"
            yield Finding.ok(layer.value, f"{said} (for information)")


def _upstream(world: World, played: Sequence[dt.date], targets: Sequence[str]) -> Finding:
    due = plan(world, targets, played, missing_only=True)
    stuck = sorted(
        {
            (r.table_name.rpartition(".")[2], r.day)
            for p in due.tables
            for day in p.days
            if (r := world.histories[p.table].get(day)) and not r.status.is_readable
        }
    )
    if stuck:
        table, day = stuck[0]
        return Finding.warn(
            "upstream",
            f"{len(stuck)} table-days that must be read are refused, the first {table} {day}",
            f"see why: nba-backfill status {table} --dates {day}",
        )
    carried = sum(len(p.days) for p in due.tables if p.carried_for)
    asked = sum(len(p.days) for p in due.tables) - carried
    return Finding.ok("upstream", f"{asked} table-days to compute, {carried} more are carried")


def trial(
    world: World, scratch: Warehouse, played: Sequence[dt.date], layer: Layer, *, essential: bool
) -> Finding:
    """Compute a layer's tables for the newest day that has rows, in scratch space (nos. 11, 12).

    ``scratch`` is thrown away by the caller. What fails is a failure only where ``essential``.
    """
    tables = [table for table in world.catalogue if table.layer is layer]
    days = [
        day
        for day in played
        if all((r := world.histories[t.name].get(day)) and r.row_count for t in tables)
    ]
    check = f"trial of {layer.value}"
    if not days:
        return Finding.warn(check, "no day of it is there yet to try", "")
    failed = []
    for table in tables:
        [record] = Step(table, world.catalogue, scratch).run([days[-1]])
        if not record.status.is_readable:
            failed.append(f"{table.name}: {record.reason}")
    if not failed:
        return Finding.ok(check, f"{len(tables)} tables of {days[-1]} computed in scratch space")
    found = Finding.fail if essential else Finding.warn
    return found(check, failed[0], f"mend it, then: nba-backfill verify --dates {days[-1]}")
