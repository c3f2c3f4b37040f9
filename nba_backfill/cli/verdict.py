"""What a command says of refusals, and the exit code that goes with it."""

from __future__ import annotations

from collections.abc import Iterable

from nba_backfill.backfill.causes import in_words, is_contradicted, root_causes
from nba_backfill.backfill.world import World
from nba_backfill.cli.exits import COMPLETE, GAPS, REFUSED
from nba_backfill.cli.session import console
from nba_backfill.warehouse.ledger import PartitionRecord, Status


def held_back(world: World) -> list[PartitionRecord]:
    """Raw days that a load would have taken rows from."""
    return [
        record
        for history in world.histories.values()
        for record in history.by_day.values()
        if record.status is Status.HELD_BACK
    ]


def verdict(world: World, records: Iterable[PartitionRecord], *, success: bool) -> int:
    """Say what was refused, by its first cause, and return the exit code that goes with it."""
    records = list(records)
    refused = any(world.stands_refused(record) for record in records)
    contradicted = any(is_contradicted(record) for record in records)
    for root in root_causes(records) if refused or contradicted else ():
        for line in in_words(root):
            console.print(line)
    if refused or not success:
        return REFUSED
    return GAPS if contradicted else COMPLETE
