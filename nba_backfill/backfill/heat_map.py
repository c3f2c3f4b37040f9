"""The calendar heat map: tables by days, coloured by how each day stands, in one HTML file.

The file needs nothing but itself: no server, no network, no second file. Cells are drawn as one SVG
path per state and season, so that five seasons of fifty tables are some hundred kilobytes; what a
cell says is looked up when someone points at it.
"""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

import jinja2

from nba_backfill.backfill.day_states import DayCell, DayCells, DayState, Gap, gaps, raw_states
from nba_backfill.backfill.day_states import day_states as computed_states
from nba_backfill.backfill.layers import (
    L6,
    LAYER_TABLES,
    FinalCoverage,
    SeasonLayers,
    final_coverage,
    layer_games,
    layers_by_season,
    thin_weeks,
)
from nba_backfill.backfill.mending import mending_command
from nba_backfill.backfill.world import World
from nba_backfill.core.partitions import partitions_between
from nba_backfill.core.season import Season
from nba_backfill.core.table import Layer
from nba_backfill.materialization.catalogue import seasons_of
from nba_backfill.warehouse.protocol import Warehouse

CELL_WIDTH, CELL_HEIGHT = 4, 14
"""Pixels from one day, and from one table, to the next; a pixel of each is the gap between."""

MARGIN = 24
"""Pixels after the last day, so that the name of a month that has just begun is not cut."""

COLOURS = {
    DayState.FAILED: "#b3122b",
    DayState.REJECTED: "#e0457b",
    DayState.MISSING: "#1f1f29",
    DayState.STALE: "#7a4fd0",
    DayState.FOLLOWS: "#b9a3ea",
    DayState.HELD_BACK: "#d9480f",
    DayState.WITHHELD: "#f08c00",
    DayState.UNAVAILABLE: "#ffd97a",
    DayState.NO_ROWS: "#f6f1dd",
    DayState.COMPLETE: "#2f9e6e",
    DayState.BOOTSTRAP: "#9ec5e8",
    DayState.NO_GAMES: "#eef0f3",
    DayState.TO_COME: "#cfd4da",
    DayState.NOT_OWED: "#f1f3f5",
}
"""Apart in lightness too, so that red and green are told apart without seeing colours."""

MEANINGS = {
    DayState.FAILED: "an error, or an input of the day that must not be read",
    DayState.REJECTED: "refused as a whole by a check; the previous rows stay",
    DayState.MISSING: "never computed",
    DayState.STALE: "an input, the schedule or a decision changed since it was computed",
    DayState.FOLLOWS: "stands, but an input is due; computed again if that comes out otherwise",
    DayState.HELD_BACK: "a load would have taken rows away; the old ones are read",
    DayState.WITHHELD: "a check kept games out; the others are there",
    DayState.UNAVAILABLE: "some or all games have no usable source",
    DayState.NO_ROWS: "nothing has arrived in a raw table that day",
    DayState.COMPLETE: "rows written, checks passed",
    DayState.BOOTSTRAP: "inside the first 14 days of a season; no rows are owed",
    DayState.NO_GAMES: "the schedule has none",
    DayState.TO_COME: "the games are scheduled and not over",
    DayState.NOT_OWED: "a document of another day, or one made by name only",
}


@dataclass(frozen=True, slots=True)
class CoverageReport:
    """All that the file shows, before it is HTML."""

    made_at: dt.datetime
    days: tuple[dt.date, ...]
    game_days: tuple[dt.date, ...]
    """Those of them on which a game is over."""
    cells: DayCells
    groups: Mapping[str, str]
    """Table -> the group it is shown in, in order."""
    gaps: tuple[Gap, ...]
    layers: tuple[SeasonLayers, ...]
    thin_weeks: tuple[tuple[dt.date, dt.date], ...]
    final: tuple[FinalCoverage, ...]

    @classmethod
    def of(cls, world: World, warehouse: Warehouse, days: Iterable[dt.date]) -> CoverageReport:
        """Look at every table on ``days``; raw tables without dates have no place in it."""
        asked = tuple(sorted(days))
        computed = computed_states(world, world.catalogue, asked)
        dated = [t for t in world.catalogue.raw if t.date_column and t.name in world.histories]
        raw = {table.name: raw_states(world, table, asked) for table in dated}
        games = layer_games(world, warehouse, asked)
        played = tuple(one.day for one in games)
        return cls(
            dt.datetime.now(dt.UTC),
            asked,
            played,
            {**raw, **computed},
            dict.fromkeys(raw, Layer.RAW.value)
            | {table.name: table.layer.value for table in world.catalogue},
            tuple(gaps({**raw, **computed}, played)),
            tuple(layers_by_season(games)),
            tuple(thin_weeks(games)),
            tuple(final_coverage(world, asked)),
        )

    @property
    def counts(self) -> Counter:
        """How many table-days are in which state."""
        return Counter(cell.state for found in self.cells.values() for cell in found.values())

    @property
    def is_whole(self) -> bool:
        """Whether nothing is left to compute or to decide."""
        return not self.gaps

    @property
    def command(self) -> str:
        """What computes all that is due at once."""
        days = [day for gap in self.gaps for day in gap.days]
        return mending_command((), (min(days), max(days))) if days else ""


def as_html(report: CoverageReport) -> str:
    """The report as one self-contained HTML document."""
    # Reasons hold what raw files say: they are escaped wherever they stand.
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("nba_backfill.backfill", "."),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    seasons = list(reversed(seasons_of(report.days)))
    return environment.get_template("coverage.html.jinja").render(
        report=report,
        seasons=[_season(report, season) for season in seasons],
        legend=[
            {"state": s.value, "css": s.name, "says": MEANINGS[s], "count": report.counts[s]}
            for s in DayState
            if report.counts[s]
        ],
        colours={state.name: colour for state, colour in COLOURS.items()},
        layer_names={
            layer: (" and " if layer == L6 else " or ").join(names)
            for layer, names in LAYER_TABLES.items()
        },
        cell_width=CELL_WIDTH,
        cell_height=CELL_HEIGHT,
    )


def _season(report: CoverageReport, season: Season) -> dict:
    """What the template draws of one season."""
    days = _shown(report, season)
    span = partitions_between(days[0], days[-1])
    column = {day: n for n, day in enumerate(span)}
    rows = []
    for group, names in groupby(report.cells, key=lambda name: report.groups[name]):
        rows.append({"group": group})
        rows += [{"table": name, "cells": report.cells[name]} for name in names]
    reasons: dict[str, int] = {}
    texts, shapes = [], {}
    for line, row in enumerate(rows):
        if "table" not in row:
            texts.append(None)
            continue
        said = _say(row["cells"], days, column, reasons)
        texts.append({"table": row["table"], "days": said})
        for day in days:
            state = row["cells"][day].state
            shapes.setdefault(state, []).append(
                f"M{column[day] * CELL_WIDTH} {line * CELL_HEIGHT}"
                f"h{CELL_WIDTH - 1}v{CELL_HEIGHT - 1}h-{CELL_WIDTH - 1}z"
            )
        states = Counter(row["cells"][day].state for day in days)
        row["to_mend"] = sum(n for state, n in states.items() if state.is_to_mend)
    return {
        "name": str(season),
        "rows": rows,
        "width": len(span) * CELL_WIDTH + MARGIN,
        "height": len(rows) * CELL_HEIGHT,
        "months": _months(span),
        "shapes": [(state.name, "".join(shapes[state])) for state in DayState if state in shapes],
        "data": json.dumps(
            {
                "first": days[0].isoformat(),
                "rows": texts,
                "states": [state.value for state in DayState],
                "reasons": list(reasons),
            }
        ),
        "to_mend": sum(row.get("to_mend", 0) for row in rows),
        "game_days": sum(Season.of(day) == season for day in report.game_days),
    }


def _shown(report: CoverageReport, season: Season) -> list[dt.date]:
    """The season's days from the first to the last on which a computed table owes something.

    Preseason is in the schedule and in no table; all days of a season without any are shown.
    """
    days = [day for day in report.days if Season.of(day) == season]
    owed = [
        day
        for day in days
        if any(
            found[day].state is not DayState.NO_GAMES
            for name, found in report.cells.items()
            if report.groups[name] != Layer.RAW
        )
    ]
    return [day for day in days if owed[0] <= day <= owed[-1]] if owed else days


def _say(
    cells: Mapping[dt.date, DayCell],
    days: Sequence[dt.date],
    column: Mapping[dt.date, int],
    reasons: dict[str, int],
) -> dict[int, list[int]]:
    """Column -> number of the state, and of the reason where there is one; texts are told once."""
    states = list(DayState)
    said = {}
    for day in days:
        cell = cells[day]
        said[column[day]] = [states.index(cell.state)]
        if cell.reason:
            said[column[day]].append(reasons.setdefault(cell.reason, len(reasons)))
    return said


def _months(span: Sequence[dt.date]) -> list[dict]:
    """Where each month begins on the axis, and its name."""
    return [
        {"x": n * CELL_WIDTH, "name": f"{day:%b}"}
        for n, day in enumerate(span)
        if n == 0 or day.day == 1
    ]
