"""Which days stand as other code than the one there is now computed them.

They are no gap and nothing refuses them; plan, status and the coverage check count them.
"""

from __future__ import annotations

from nba_backfill.core.season import GameCalendar
from nba_backfill.core.table import Table
from nba_backfill.materialization.catalogue import Catalogue, seasons_of
from nba_backfill.materialization.settle import settled_status
from nba_backfill.warehouse.ledger import PartitionRecord
from nba_backfill.warehouse.protocol import Warehouse


def by_other_code(table: Table, calendar: GameCalendar, record: PartitionRecord | None) -> bool:
    """Whether the rows of a day were computed by code that is not the table's code now."""
    return (
        record is not None
        and record.code_version != table.code_version
        and settled_status(table, calendar, record.day) is None
    )


def days_by_other_code(table: Table, catalogue: Catalogue, warehouse: Warehouse) -> dict[str, int]:
    """Table -> held days computed by other code, of a table and of all it reads."""
    tables = [*(catalogue.table(name) for name in catalogue.upstream(table)), table]
    histories = warehouse.histories(t.relation for t in tables)
    seasons = seasons_of(day for history in histories.values() for day in history.by_day)
    calendar = catalogue.calendar(warehouse, seasons)
    counts = {
        t.name: sum(
            by_other_code(t, calendar, record) for record in histories[t.relation].by_day.values()
        )
        for t in tables
    }
    return {name: count for name, count in counts.items() if count}
