"""An operator's decisions: refused content accepted as it is, and acceptances taken back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import replace
from uuid import uuid4

from nba_backfill.materialization.gate import absence_content
from nba_backfill.warehouse.acceptance import ABSENCE, AcceptanceEvent, Acceptances
from nba_backfill.warehouse.ledger import PartitionRecord


class NothingToAcceptError(ValueError):
    """Nothing is refused where an acceptance was asked for; the message says what there is."""


def acceptable(
    records: Iterable[PartitionRecord], *, game: str | None = None, check: str | None = None
) -> Iterator[tuple[PartitionRecord, dict]]:
    """What is refused in some records, limited to a game and a check: (record, refusal).

    A day that broke, or waits for one that did, has no rows to accept: its absence is what can
    be accepted.
    """
    for record in records:
        refusals = record.refusals
        if not refusals and not record.status.is_readable:
            refusals = [
                {
                    "unit": "",
                    "check": ABSENCE,
                    "what": record.reason,
                    "content": absence_content(record),
                }
            ]
        for refusal in refusals:
            if game in (None, refusal["unit"]) and check in (None, refusal["check"]):
                yield record, refusal


def accept(
    refused: Iterable[tuple[PartitionRecord, dict]],
    standing: Acceptances,
    *,
    by: str,
    because: str,
) -> list[AcceptanceEvent]:
    """The events that accept refused content, without what is accepted already."""
    now = dt.datetime.now(dt.UTC)
    return [
        AcceptanceEvent(
            acceptance_id=uuid4().hex[:8],
            revoked=False,
            table_name=record.table_name,
            day=record.day,
            unit=refusal["unit"],
            check_name=refusal["check"],
            what=refusal["what"],
            content=refusal["content"],
            said_by=by,
            said_at=now,
            because=because,
        )
        for record, refusal in refused
        if standing.find(record.table_name, record.day, refusal["content"]) is None
    ]


def revoke(
    standing: Acceptances, acceptance_ids: Iterable[str], *, by: str, because: str
) -> list[AcceptanceEvent]:
    """The events that take acceptances back; NothingToAcceptError for an id that does not stand."""
    by_id = {event.acceptance_id: event for event in standing}
    asked = list(acceptance_ids)
    if unknown := sorted(set(asked) - set(by_id)):
        raise NothingToAcceptError(
            f"no acceptance {', '.join(unknown)} stands; nba-backfill accept --list shows those"
            " that do. Nothing was changed."
        )
    now = dt.datetime.now(dt.UTC)
    return [
        replace(by_id[one], revoked=True, said_by=by, said_at=now, because=because) for one in asked
    ]
