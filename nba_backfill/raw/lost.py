"""Days of a raw table that lost most of their rows, and what the ledger says of them."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass

from nba_backfill.core.table import RawTable
from nba_backfill.warehouse.acceptance import AcceptanceEvent
from nba_backfill.warehouse.ledger import LOAD, Cause, PartitionRecord, Status


@dataclass(frozen=True, slots=True)
class LostRows:
    """A day of a raw table that a load would leave with less than half of its rows."""

    day: dt.date
    stored: int
    loaded: int
    content: str
    """Hash of what the load holds of the day: what an operator accepts."""

    def __str__(self) -> str:
        """How many rows there are and how many would be left."""
        return f"{self.stored:,} rows -> {self.loaded:,}"


def content_of(loaded: tuple[int, str]) -> tuple[int, str]:
    """Row count, and the hash of row count and rows that an operator accepts."""
    rows, fingerprint = loaded
    return rows, hashlib.blake2b(f"{rows}|{fingerprint}".encode(), digest_size=12).hexdigest()


def let_go(
    table: RawTable, lost: LostRows, content: tuple[int, str], event: AcceptanceEvent
) -> PartitionRecord:
    """The record of a day whose rows an operator let go."""
    return PartitionRecord.of_profile(
        {"lost": {"stored": lost.stored, "loaded": lost.loaded}},
        table_name=table.relation,
        day=lost.day,
        status=Status.COMPLETE,
        reason=f"accepted: {event}",
        row_count=content[0],
        fingerprint=content[1],
        written_at=dt.datetime.now(dt.UTC),
    )


def held_back(table: RawTable, lost: LostRows, old: PartitionRecord, what: str) -> PartitionRecord:
    """The record of a day that keeps what it is known by; ``what`` says what became of its rows."""
    refusal = {
        "unit": "",
        "check": LOAD,
        "count": lost.stored - lost.loaded,
        "what": what,
        "rows": lost.loaded,
        "content": lost.content,
    }
    return PartitionRecord.of_profile(
        {"refusals": [refusal]},
        table_name=table.relation,
        day=lost.day,
        status=Status.HELD_BACK,
        reason=f"load held back: {what}",
        row_count=old.row_count,
        fingerprint=old.fingerprint,
        written_at=dt.datetime.now(dt.UTC),
        withheld_rows=lost.loaded,
        retained_rows=old.row_count,
        cause=Cause(table.name, lost.day, LOAD, what).to_json(),
    )
