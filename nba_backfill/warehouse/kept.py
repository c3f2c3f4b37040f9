"""What is kept of a run so that it can be rolled back: what it displaced, day by day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from nba_backfill.core.table import Column, Table
from nba_backfill.warehouse.ledger import LEDGER_COLUMNS, PartitionRecord
from nba_backfill.warehouse.protocol import WarehouseError

KEPT_DATASET = "nba_kept"
KEPT_RUNS = f"{KEPT_DATASET}.kept_runs"
KEPT_RECORDS = f"{KEPT_DATASET}.kept_records"

KEPT_RUN_COLUMNS = (
    Column("run_id", "STRING", "Dagster run"),
    Column("begun_at", "TIMESTAMP", "When the run first replaced something"),
    Column("rolled_back_at", "TIMESTAMP", "When it was rolled back; NULL: it stands"),
)
KEPT_RECORD_COLUMNS = (
    Column("kept_for", "STRING", "The run that replaced the day"),
    Column("had_record", "BOOL", "Whether the day had a record before; false: it was missing"),
    Column("has_rows", "BOOL", "Whether its rows of before are kept: they came out otherwise"),
    *LEDGER_COLUMNS,
)


class RollbackError(WarehouseError):
    """A run cannot be rolled back as things are; the message says why. Nothing was changed."""


@dataclass(frozen=True, slots=True)
class KeptRun:
    """A run that can be rolled back, or was (``rolled_back_at``). Times are in UTC."""

    run_id: str
    begun_at: dt.datetime
    rolled_back_at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class KeptDay:
    """A day of a table as it was before a run; ``before`` None: it was missing.

    ``has_rows``: its rows came out otherwise, so those of before are kept.
    """

    table_name: str
    day: dt.date
    has_rows: bool
    before: PartitionRecord | None

    @property
    def rows(self) -> int:
        """How many rows the day had."""
        return self.before.row_count if self.before else 0

    @property
    def fingerprint(self) -> str:
        """The content it had; empty if it had no rows."""
        return self.before.fingerprint if self.before and self.before.row_count else ""


class PutBack(Protocol):
    """Makes days of a table what they were before the run, rows and records."""

    def __call__(self, table: Table, days: Sequence[KeptDay]) -> None:
        """Raises RollbackError when kept rows are no longer those that their records describe."""


class Kept(Protocol):
    """What the newest runs displaced, and how it is put back."""

    def runs(self) -> list[KeptRun]:
        """The runs that can be rolled back, and those that were, the newest first."""

    def days(self, run_id: str) -> list[KeptDay]:
        """Every day that a run wrote, as it was before, by table and day."""

    def rehearsing(self, run_id: str) -> AbstractContextManager[PutBack]:
        """Put back, look at what is there then, and leave everything as it was."""

    def rolling_back(self, run_id: str) -> AbstractContextManager[PutBack]:
        """Put back all or nothing; at the end the run counts as rolled back."""
