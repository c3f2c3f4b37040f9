"""Games by layer and day: where in the chain from box score to prediction games get lost.

The layers are those the platform's predecessor was watched by (spec 60, 2.2): L1 raw box scores,
L3 player_game_summary, L4 player_composite_factors, L5 player_prop_predictions, L6 the dated
documents. Bootstrap days are no gap of L4 and L5; documents are owed on every game date, empty ones
in a season's first days, so L6 is held to the schedule.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from nba_backfill.backfill.world import World
from nba_backfill.core.season import Season
from nba_backfill.core.table import Layer
from nba_backfill.materialization.catalogue import Catalogue
from nba_backfill.materialization.settle import owed_days, settled_status
from nba_backfill.warehouse.dialect import Statement
from nba_backfill.warehouse.ledger import Status
from nba_backfill.warehouse.protocol import Warehouse

L1, L3, L4, L5, L6 = "L1", "L3", "L4", "L5", "L6"
SCHEDULE = "schedule"
LAYER_TABLES = {
    L1: ("nbac_gamebook_player_stats", "bdl_player_boxscores"),
    L3: ("player_game_summary",),
    L4: ("player_composite_factors",),
    L5: ("player_prop_predictions",),
    L6: ("results", "best_bets", "predictions"),
}
"""The tables whose games count for a layer; of several the one with the most games of a day, of
documents the one with the fewest: a game date has all of them."""

SHARES = (
    (L3, L1, 0.90),
    (L4, L1, 0.80),
    (L4, L3, 0.90),
    (L5, L4, 0.90),
    (L6, SCHEDULE, 1.0),
)
"""(layer, layer below it, lowest share of its games that is no gap): spec 60, P-10 and P6-5."""

ROLLING_GAME_DATES = 7
ROLLING_SHARE = 0.80
"""Phase 4 below this share of Phase 3 over any 7 game dates is an alarm (spec 60, 2.3)."""


@dataclass(frozen=True, slots=True)
class LayerGames:
    """Distinct games of each layer, and of the schedule those that are over, on one day.

    ``bootstrap``: L4 and L5 owe nothing.
    """

    day: dt.date
    games: Mapping[str, int]
    bootstrap: bool = False


@dataclass(frozen=True, slots=True)
class LayerGap:
    """Days on which a layer has too few of the games of the layer below it."""

    layer: str
    below: str
    days: tuple[dt.date, ...]


@dataclass(frozen=True, slots=True)
class SeasonLayers:
    """Distinct games of each layer in one season, on days that the layers owe."""

    season: Season
    game_dates: int
    games: Mapping[str, int]
    owed: Mapping[str, int]
    """Games of L1, for L6 of the schedule, on the days that the layer owes."""
    gaps: tuple[LayerGap, ...]

    def share(self, layer: str) -> float | None:
        """The layer's share of the games that it owes; None where it owes none."""
        return self.games[layer] / self.owed[layer] if self.owed[layer] else None


def layer_games(world: World, warehouse: Warehouse, days: Sequence[dt.date]) -> list[LayerGames]:
    """Distinct games of each layer on those of ``days`` that have games that are over."""
    played = [d for d in days if any(game.is_over for game in world.calendar.games(d))]
    if not played:
        return []
    counted = {
        layer: [_games_of(world.catalogue, warehouse, name, played) for name in names]
        for layer, names in LAYER_TABLES.items()
        if layer != L6
    }
    above = world.catalogue.table(LAYER_TABLES[L4][0])
    return [
        LayerGames(
            day,
            {
                layer: max((of.get(day, 0) for of in found), default=0)
                for layer, found in counted.items()
            }
            | _documented(world, day),
            settled_status(above, world.calendar, day) is Status.BOOTSTRAP,
        )
        for day in played
    ]


def _documented(world: World, day: dt.date) -> dict[str, int]:
    """Games of the day that are over, and as many for L6 if all dated documents are published."""
    over = sum(game.is_over for game in world.calendar.games(day))
    whole = all(world.is_published(name, day) for name in LAYER_TABLES[L6])
    return {SCHEDULE: over, L6: over if whole else 0}


def _games_of(
    catalogue: Catalogue, warehouse: Warehouse, name: str, days: Sequence[dt.date]
) -> dict[dt.date, int]:
    if name not in catalogue.by_name:
        return {}
    table = catalogue.by_name[name]
    warehouse.ensure_table(table)
    return dict(
        warehouse.query(
            Statement(
                f"SELECT `{table.date_column}`, COUNT(DISTINCT game_id) FROM {table.relation}"
                f" WHERE `{table.date_column}` BETWEEN @start_date AND @end_date"
                f" GROUP BY `{table.date_column}`",
                {"start_date": days[0], "end_date": days[-1]},
            )
        )
    )


def layers_by_season(found: Iterable[LayerGames]) -> list[SeasonLayers]:
    """The layer table: games of each layer by season, and the days on which one lacks games."""
    by_season: dict[Season, list[LayerGames]] = {}
    for one in found:
        by_season.setdefault(Season.of(one.day), []).append(one)
    return [
        SeasonLayers(
            season,
            len(of_season),
            {
                layer: sum(d.games[layer] for d in _owing(of_season, layer))
                for layer in LAYER_TABLES
            },
            {
                layer: sum(d.games[SCHEDULE if layer == L6 else L1] for d in owing)
                for layer, owing in ((layer, _owing(of_season, layer)) for layer in LAYER_TABLES)
            },
            tuple(_gaps(of_season)),
        )
        for season, of_season in sorted(by_season.items())
    ]


def _owing(days: Iterable[LayerGames], layer: str) -> list[LayerGames]:
    return [day for day in days if not (day.bootstrap and layer in (L4, L5))]


def _gaps(days: Sequence[LayerGames]) -> Iterable[LayerGap]:
    for layer, below, lowest in SHARES:
        short = [d.day for d in _owing(days, layer) if d.games[layer] < lowest * d.games[below]]
        if short:
            yield LayerGap(layer, below, tuple(short))


def thin_weeks(found: Sequence[LayerGames]) -> list[tuple[dt.date, dt.date]]:
    """First and last day of every 7 game dates of a season in which L4 is below 80 % of L3.

    Every window of 7, not only the newest: the hole of 2024-25 lay three months back. Windows that
    overlap are joined.
    """
    windows: list[tuple[dt.date, dt.date]] = []
    by_season: dict[Season, list[LayerGames]] = {}
    for one in _owing(found, L4):
        by_season.setdefault(Season.of(one.day), []).append(one)
    for days in by_season.values():
        for at in range(max(len(days) - ROLLING_GAME_DATES + 1, 1)):
            week = days[at : at + ROLLING_GAME_DATES]
            below, above = (sum(d.games[layer] for d in week) for layer in (L3, L4))
            if not below or above >= ROLLING_SHARE * below:
                continue
            if windows and week[0].day <= windows[-1][1]:
                windows[-1] = windows[-1][0], week[-1].day
            else:
                windows.append((week[0].day, week[-1].day))
    return windows


@dataclass(frozen=True, slots=True)
class FinalCoverage:
    """One table's line of the final coverage report: days by the ledger against the schedule."""

    table: str
    layer: Layer
    expected: int
    readable: int
    first: dt.date | None
    last: dt.date | None
    rows: int
    unavailable: int

    @property
    def is_whole(self) -> bool:
        """Whether every expected day can be read."""
        return self.readable == self.expected


def final_coverage(world: World, days: Sequence[dt.date]) -> list[FinalCoverage]:
    """Expected and readable game dates of each computed table; bootstrap days are not expected."""
    return [_coverage_of(world, name, days) for name in world.catalogue.order]


def _coverage_of(world: World, name: str, days: Sequence[dt.date]) -> FinalCoverage:
    table, history = world.catalogue.table(name), world.histories[name]
    expected = [
        day
        for day in owed_days(table, world.calendar, history, days)
        if settled_status(table, world.calendar, day) is None
        and any(game.is_over for game in world.calendar.games(day))
    ]
    records = [record for day in expected if (record := history.get(day))]
    readable = [record for record in records if record.status.is_readable]
    with_rows = [record.day for record in records if record.row_count]
    return FinalCoverage(
        name,
        table.layer,
        len(expected),
        len(readable),
        min(with_rows, default=None),
        max(with_rows, default=None),
        sum(record.row_count for record in records),
        sum(record.status is Status.UNAVAILABLE for record in readable),
    )
