"""What the platform asks of a warehouse; DuckDB and BigQuery both answer it.

Every statement handed over is GoogleSQL with named parameters.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Protocol

import pandas as pd

from nba_backfill.core.table import Table
from nba_backfill.warehouse.acceptance import AcceptanceEvent, Acceptances
from nba_backfill.warehouse.dialect import AnyTable, Statement
from nba_backfill.warehouse.files import FileStore
from nba_backfill.warehouse.ledger import DayHistory, PartitionRecord

if TYPE_CHECKING:
    from nba_backfill.warehouse.kept import Kept


class WarehouseError(RuntimeError):
    """The warehouse cannot do what was asked; the message says what was left untouched."""


class StatementError(WarehouseError):
    """The engine refused or broke off a statement; nothing was written."""


class WarehouseBusyError(WarehouseError):
    """Another process holds the warehouse."""


Unit = tuple[dt.date, str]
"""A day, and the game (or whatever else a table refuses at once) on it."""


class Warehouse(Protocol):
    """Where rows live, and beside them the files that are not rows.

    ``place`` names the home in messages: a file, or a project and the location of its data.
    ``bytes_billed``: what all statements since opening were charged for; 0 where reading costs
    nothing. ``price_per_tib``: US dollars per 2^40 of these bytes; 0 likewise. ``kept``: what runs
    displaced; None where the service itself keeps what was.
    """

    files: FileStore
    place: str
    bytes_billed: int
    price_per_tib: float
    kept: Kept | None

    def close(self) -> None:
        """Let go of whatever is held; statements are refused afterwards."""

    def scratch(self) -> AbstractContextManager[Warehouse]:
        """A warehouse that shows what this one holds; what is changed there never comes back here.

        Its changes live in memory or in a place of their own that is removed on leaving, and by
        itself after a while when the process was killed.
        """

    def scan_bytes(self, statement: Statement) -> int | None:
        """Bytes that a SELECT would be charged for, without running it; None if none ever are."""

    def begin(self, table: Table, run_id: str = "", reads: Iterable[str] = ()) -> None:
        """A step of a table begins: others may have written since, and what it asks is for it.

        ``reads``: relations whose histories it will ask for.
        """

    def query(self, statement: Statement) -> list[tuple]:
        """Rows of a SELECT."""

    def named_rows(self, statement: Statement) -> list[dict[str, object]]:
        """Rows of a SELECT, each by the names of its columns."""

    def answers(self, statements: Sequence[Statement]) -> list[list[dict[str, object]]]:
        """Rows of several SELECTs, each by the names of its columns, in no order.

        Where asking costs more than answering they are asked as one; then only a column ``day``
        is sure to hold dates, and other dates, times and decimals may be texts.
        """

    def frame(self, statement: Statement) -> pd.DataFrame:
        """Rows of a SELECT as a frame; arrays are NumPy arrays."""

    def stage_frame(self, table: Table, frame: pd.DataFrame) -> str:
        """Put rows computed elsewhere into a staging relation and return its name."""

    def ensure_table(self, table: AnyTable) -> None:
        """Make sure that a table can be read: create a computed one, empty, where there is none.

        Raw tables that are read in place (BigQuery) are never created; one that is absent reads as
        a table without rows.
        """

    def check_schemas(self, tables: Iterable[Table]) -> None:
        """Refuse, before anything is computed, stored tables that differ from their declaration.

        Only where that needs an operator's word; the message names every table and column.
        """

    def stage(self, table: Table, statement: Statement) -> str:
        """Run a table's SELECT once into a staging relation and return its name."""

    def fingerprints(
        self, table: AnyTable, relation: str, days: Collection[dt.date] | None = None
    ) -> Mapping[dt.date, tuple[int, str]]:
        """Row count and content hash of each day in a relation, whatever the row order.

        ``days``: only these are looked at (None: all there are).
        """

    def unit_contents(
        self, table: Table, relation: str, unit: str, days: Collection[dt.date]
    ) -> Mapping[tuple[dt.date, str | None], tuple[int, str]]:
        """Row count and content hash by day and unit; ``unit`` is a GoogleSQL expression."""

    def withhold(
        self,
        table: Table,
        staged: str,
        unit: str,
        refused: Collection[Unit],
        retained: Collection[Unit],
    ) -> Mapping[Unit, int]:
        """Take refused units out of a staging relation and put back stored rows of some.

        Returns how many stored rows came back for each of ``retained`` that has any.
        """

    def replace_days(
        self,
        table: Table,
        staged: str | None,
        days: Sequence[dt.date],
        records: Iterable[PartitionRecord],
    ) -> None:
        """Make the table hold exactly the staged rows for ``days``, and record it: atomically.

        Days without staged rows become empty. ``records`` may cover more days than ``days``: a
        rejected day gets a record while its rows stay. ``staged`` None: no rows at all.
        """

    def drop_staged(self, staged: str) -> None:
        """Remove a staging relation."""

    def histories(self, names: Iterable[str]) -> Mapping[str, DayHistory]:
        """The ledger's records of the named tables."""

    def recorded_tables(self) -> Mapping[str, int]:
        """Every table that has records, declared or not, with the rows they account for."""

    def acceptances(self) -> Acceptances:
        """What operators accepted."""

    def record_acceptances(self, events: Iterable[AcceptanceEvent]) -> None:
        """Add acceptances or revocations; nothing is overwritten."""
