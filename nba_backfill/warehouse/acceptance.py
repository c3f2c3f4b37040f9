"""What an operator decided about refused content: kept beside the ledger, never overwritten.

An acceptance is bound to exactly the content it was given for, by a hash of the refused rows and
of what was found in them: when either changes, the check asks anew. Accepting and revoking are
two events of one acceptance; both stay.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields

from nba_backfill.core.table import Column
from nba_backfill.warehouse.ledger import LEDGER_DATASET

ACCEPTANCE_TABLE = "acceptances"
ACCEPTANCES = f"{LEDGER_DATASET}.{ACCEPTANCE_TABLE}"
ABSENCE = "absence"
"""Stands for the check of a day that has no rows to accept: its readers go on without it."""


@dataclass(frozen=True, slots=True)
class AcceptanceEvent:
    """An operator's decision, or its revocation.

    ``unit`` is the game (or whatever the table refuses at once) and empty for a whole day;
    ``what`` repeats the finding that was accepted, with its values.
    """

    acceptance_id: str
    revoked: bool
    table_name: str
    day: dt.date
    unit: str
    check_name: str
    what: str
    content: str
    said_by: str
    said_at: dt.datetime
    because: str

    def as_row(self) -> tuple:
        """Values in the order of ACCEPTANCE_COLUMNS."""
        return tuple(getattr(self, f.name) for f in fields(self))

    @classmethod
    def from_row(cls, row: Sequence) -> AcceptanceEvent:
        """The event of a stored row."""
        return cls(*row)

    def __str__(self) -> str:
        """Who accepted what, when and why, in one line."""
        unit = f", {self.unit}" if self.unit else ""
        return (
            f"{self.table_name} {self.day}{unit}: {self.check_name}: {self.what};"
            f" accepted by {self.said_by} on {self.said_at:%Y-%m-%d}: {self.because}"
        )


ACCEPTANCE_COLUMNS = (
    Column("acceptance_id", "STRING", "Id of the acceptance; its revocation has the same"),
    Column("revoked", "BOOL", "Whether this event takes the acceptance back"),
    Column("table_name", "STRING", "Table with its dataset"),
    Column("day", "DATE", "Partition day"),
    Column("unit", "STRING", "Game refused, or what the table refuses at once; empty: the day"),
    Column("check_name", "STRING", "Check that refused it"),
    Column("what", "STRING", "What the check found"),
    Column("content", "STRING", "Hash of the refused rows and of what was found in them"),
    Column("said_by", "STRING", "Who decided"),
    Column("said_at", "TIMESTAMP", "When"),
    Column("because", "STRING", "Why"),
)


class Acceptances:
    """All acceptances that stand, found by table, day and content."""

    def __init__(self, events: Iterable[AcceptanceEvent]) -> None:
        events = sorted(events, key=lambda event: (event.said_at, event.revoked))
        revoked = {event.acceptance_id for event in events if event.revoked}
        self.standing = tuple(e for e in events if not e.revoked and e.acceptance_id not in revoked)
        self.revoked = tuple(e for e in events if e.revoked)
        self._by_content = {(e.table_name, e.day, e.content): e for e in self.standing}

    def __iter__(self) -> Iterator[AcceptanceEvent]:
        """Those that stand, oldest first."""
        return iter(self.standing)

    def find(self, table_name: str, day: dt.date, content: str) -> AcceptanceEvent | None:
        """The acceptance of exactly this content, or None."""
        return self._by_content.get((table_name, day, content))
