"""All tables by name: how a declaration's bare names find the tables they mean."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from graphlib import TopologicalSorter
from types import MappingProxyType
from weakref import WeakKeyDictionary

from nba_backfill.core.season import (
    HISTORY_START,
    GameCalendar,
    ScheduledGame,
    ScheduleReach,
    Season,
)
from nba_backfill.core.table import DeclarationError, Layer, RawTable, Table
from nba_backfill.core.window import Reach
from nba_backfill.warehouse.dialect import AnyTable, Statement, select_statement
from nba_backfill.warehouse.protocol import Warehouse

CALENDAR_TABLE = "games"
"""The staging table whose rows are the schedule; every coverage figure is counted from it."""


class Catalogue:
    """Every raw and computed table, with their dependencies checked.

    Raises DeclarationError for two tables of one name, an unknown or undeclared input, or a
    cycle.
    """

    def __init__(self, tables: Iterable[AnyTable]) -> None:
        self._seasons_known: WeakKeyDictionary[Warehouse, dict] = WeakKeyDictionary()
        by_name: dict[str, AnyTable] = {}
        for table in tables:
            if table.name in by_name:
                raise DeclarationError(f"two tables are called {table.name}")
            by_name[table.name] = table
        self.by_name: Mapping[str, AnyTable] = MappingProxyType(by_name)
        graph = {}
        for table in self.computed:
            reconciled = (name for r in table.reconciliations for name in r.reads)
            if unknown := sorted({*table.reads, *reconciled} - set(by_name)):
                raise DeclarationError(f"{table.name} reads unknown tables: {', '.join(unknown)}")
            graph[table.name] = set(table.reads)
        upstream_first = [
            name for name in TopologicalSorter(graph).static_order() if name not in self._raw_names
        ]
        # Layers never read down the list, so sorting by layer keeps upstream before downstream.
        layers = list(Layer)
        self.order = tuple(
            sorted(upstream_first, key=lambda name: layers.index(self.table(name).layer))
        )

        self._places = {name: n for n, name in enumerate(self.order)}

    @property
    def _raw_names(self) -> set[str]:
        return {table.name for table in self.raw}

    @property
    def raw(self) -> list[RawTable]:
        """Tables we read but do not write."""
        return [t for t in self.by_name.values() if isinstance(t, RawTable)]

    @property
    def computed(self) -> list[Table]:
        """Tables we compute, in order of declaration; ``order`` has them upstream first."""
        return [t for t in self.by_name.values() if isinstance(t, Table)]

    def __iter__(self) -> Iterator[Table]:
        """Computed tables, upstream first."""
        return (self.table(name) for name in self.order)

    def table(self, name: str) -> Table:
        """The computed table of that name; KeyError listing the names if there is none."""
        found = self.by_name.get(name)
        if not isinstance(found, Table):
            raise KeyError(f"no table called {name}; there are {', '.join(self.by_name)}")
        return found

    def place(self, name: str) -> int:
        """Where a table stands in the flow: raw tables first, then computed ones upstream first."""
        return self._places.get(name, -1)

    def upstream(self, table: Table) -> list[str]:
        """Computed tables that a table reads, directly or through others, upstream first."""
        reached = {table.name}
        for name in reversed(self.order):
            if name in reached:
                reached |= set(self.table(name).reads)
        return [name for name in self.order if name in reached and name != table.name]

    def inputs(self, table: Table) -> dict[str, AnyTable]:
        """The tables a table reads, by bare name."""
        return {name: self.by_name[name] for name in table.reads}

    def histories_asked(self, table: Table) -> list[str]:
        """The relations whose records a step of a table asks the ledger for."""
        schedule = self.table(CALENDAR_TABLE)
        compared = {name for r in table.reconciliations for name in r.reads}
        names = {table.name, *table.reads, *compared, *schedule.reads}
        names |= {raw.name for raw in self.raw if raw.date_column}
        return [self.by_name[name].relation for name in sorted(names)]

    def seasons_read(self, tables: Iterable[Table], seasons: Iterable[Season]) -> list[Season]:
        """The seasons whose days must be readable to compute these tables in ``seasons``."""
        chosen = set(seasons)
        if chosen and any(w.crosses_seasons for t in tables for w in t.reads.values()):
            first = Season.of(HISTORY_START).year
            chosen |= {Season(year) for year in range(first, max(chosen).year)}
        return sorted(chosen)

    def calendar(self, warehouse: Warehouse, seasons: Iterable[Season]) -> GameCalendar:
        """The games of whole seasons, as the schedule has them now.

        Computed from the schedule itself, not read from what happens to be materialised: a day
        that was never built must count as missing, not as a day without games.
        """
        table = self.table(CALENDAR_TABLE)
        for name in table.reads:
            warehouse.ensure_table(self.by_name[name])
        chosen = sorted(set(seasons))
        games = [game for season in chosen for game in self._games_of(table, warehouse, season)]
        return GameCalendar.of(
            sorted(games, key=lambda game: (game.day, game.game_id)),
            self._reach(table, warehouse, chosen),
            chosen,
        )

    def _reach(
        self, table: Table, warehouse: Warehouse, seasons: Sequence[Season]
    ) -> ScheduleReach:
        """How far the schedule reaches in some seasons, and which days have facts of games."""
        dated = [t for t in self.raw if t.date_column]
        histories = warehouse.histories(t.relation for t in dated)
        held = {
            t.name: {day for day, r in histories[t.relation].by_day.items() if r.row_count}
            for t in dated
        }
        schedules = [name for name, w in table.reads.items() if w.reach is Reach.WHOLE_SEASON]
        listed = frozenset().union(*(held[name] for name in schedules))
        played = set().union(*(held[t.name] for t in dated if t.facts))
        return ScheduleReach(
            listed,
            {Season.of(day): day for day in sorted(listed)},
            {
                day: tuple(name for name, days in held.items() if day in days)
                for day in played - listed
                if Season.of(day) in seasons
            },
        )

    def _games_of(self, table: Table, warehouse: Warehouse, season: Season) -> list[ScheduledGame]:
        """A season's games; asked by every step, so kept until the schedule's rows change."""
        inputs = self.inputs(table)
        histories = warehouse.histories(t.relation for t in inputs.values())
        version = (
            season,
            *(
                histories[inputs[name].relation].content_between(
                    window, season.first_day, season.last_day
                )
                for name, window in table.reads.items()
            ),
        )
        known = self._seasons_known.setdefault(warehouse, {})
        if version not in known:
            rows = select_statement(table, inputs, season.first_day, season.last_day)
            found = warehouse.query(
                Statement(
                    "SELECT game_id, game_date, home_team_abbr, away_team_abbr, is_over"
                    f" FROM ({rows.sql})",
                    rows.parameters,
                )
            )
            known[version] = [
                ScheduledGame(game_id, day, (home, away), over)
                for game_id, day, home, away, over in found
            ]
        return known[version]


def seasons_of(days: Iterable[dt.date]) -> list[Season]:
    """The seasons that hold the days, in order."""
    return sorted({Season.of(day) for day in days})
