"""Kinds of published documents: for which days a document is made, and when it is asked for.

A table with a :class:`Publication` holds documents as rows; what it publishes is written beside
its rows. Planning needs to know only what is here, how files are written only
:mod:`nba_backfill.publishing`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Protocol

from nba_backfill.core.season import Season

if TYPE_CHECKING:
    from nba_backfill.core.table import Table


class Kind(StrEnum):
    """When a document is made (spec 50, 1)."""

    DATED = "dated"
    """One document per game date, of any date of history."""
    SNAPSHOT = "snapshot"
    """One document, overwritten: made for the newest date of a run, never for each of them."""
    PER_PLAYER = "per_player"
    """A snapshot of many documents, one per player."""
    PER_PLAYER_SEASON = "per_player_season"
    """A snapshot of each season, of many documents: made only when asked for by name."""
    PER_PLAYER_DATE = "per_player_date"
    """One document per player and game date: many, so made only when asked for by name."""
    PRE_GAME = "pre_game"
    """What is known before the games of a day; made for the current day or when asked for."""
    LIVE = "live"
    """Made of what happens now: no plan holds it and no date of the past can be asked for."""
    POINTER = "pointer"
    """A copy of the newest dated document under a fixed name; never moves backwards."""

    @property
    def is_once(self) -> bool:
        """Whether of many days asked for only the newest (of each season) is made."""
        snapshots = (Kind.SNAPSHOT, Kind.PER_PLAYER, Kind.PER_PLAYER_SEASON)
        return self in (*snapshots, Kind.PRE_GAME, Kind.POINTER)

    def series_of(self, day: dt.date) -> Season | None:
        """The days whose documents a day's replace, where not all do: those of its season."""
        return Season.of(day) if self is Kind.PER_PLAYER_SEASON else None

    @property
    def is_before_games(self) -> bool:
        """Whether a day without a final game has a document."""
        return self in (Kind.DATED, Kind.PRE_GAME, Kind.LIVE)

    @property
    def is_by_default(self) -> bool:
        """Whether a run that names no tables makes it, whichever days it is about."""
        return self in (Kind.DATED, Kind.SNAPSHOT, Kind.PER_PLAYER, Kind.POINTER)

    @property
    def date_column(self) -> str:
        """Column of the date that a document is of: a game date, or the date it is as of."""
        dated = (Kind.DATED, Kind.PER_PLAYER_DATE, Kind.PRE_GAME, Kind.LIVE)
        return "game_date" if self in dated else "as_of_date"


def live_only(names: Sequence[str], days: Sequence[dt.date]) -> str:
    """Why live documents cannot be made for some days, and what a person may do instead."""
    which = f"{days[0]}" if len(days) == 1 else f"{len(days)} days from {days[0]}"
    return (
        f"{', '.join(names)}: made live only, of what happens now (scores, grades, service status,"
        f" news), so not for {which}, and never part of a backfill. Nothing was done. What is known"
        " of past dates is in results, best_bets and predictions."
    )


class Publication(Protocol):
    """What becomes of a table's rows outside the warehouse.

    ``before_tip``: whether the row for a day is known before its games.
    """

    kind: Kind
    before_tip: bool

    def publish(
        self,
        table: Table,
        warehouse: Any,
        staged: str,
        contents: Mapping[dt.date, str],
        before: Any,
    ) -> Mapping[dt.date, Mapping[str, object]]:
        """Write the staged documents of some days, before they are committed.

        ``contents`` has the fingerprint of each of these days, ``before`` the table's history.
        Returns what the ledger says of each day that is published.
        """

    def gone(self, table: Table, warehouse: Any, history: Any) -> frozenset[dt.date]:
        """Days whose rows stand in the ledger while documents of theirs are not in the store."""

    def withdraw(
        self, table: Table, warehouse: Any, day: dt.date | None, emptied: Iterable[dt.date]
    ) -> None:
        """Take away, after a commit, what is published and no longer stands.

        ``day`` is the newest day just published, ``emptied`` are days that lost their rows.
        """

    def put_back(
        self,
        table: Table,
        warehouse: Any,
        days: Sequence[dt.date],
        put_rows_back: Callable[[], None],
    ) -> None:
        """Let what is published follow rows of ``days`` that ``put_rows_back`` makes earlier ones.

        Called before they are committed.
        """

    @property
    def checks(self) -> Mapping[str, str]:
        """Names of the checks of what is published, and what they ask."""

    def examine(
        self, table: Table, warehouse: Any, days: Sequence[dt.date], game_days: Sequence[dt.date]
    ) -> Sequence[tuple[str, dt.date, str, bool]]:
        """What is wrong with what is published: check, day, what, and whether it is an error."""
