"""What is published, counted by kind of document, as a person reads it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from rich import box
from rich.table import Table as RichTable

from nba_backfill.core.publication import Kind
from nba_backfill.core.table import Table
from nba_backfill.warehouse.dialect import END, START, Statement
from nba_backfill.warehouse.protocol import Warehouse

MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True)
class Count:
    """The documents of one exporter: of all days of a dated one, of a snapshot's newest date."""

    name: str
    kind: Kind
    documents: int
    empty: int
    bytes: int
    newest: dt.date | None


def counts(
    warehouse: Warehouse, tables: Iterable[Table], first: dt.date, last: dt.date
) -> Iterator[Count]:
    """How many documents of ``first`` to ``last`` each exporter among some tables publishes."""
    for table in tables:
        if table.publication is None:
            continue
        warehouse.ensure_table(table)
        kind, date = table.publication.kind, f"`{table.date_column}`"
        newest = f"(SELECT MAX({date}) FROM {table.relation})"
        which = f"{date} = {newest}" if kind.is_once else f"{date} BETWEEN @{START} AND @{END}"
        [row] = warehouse.query(
            Statement(
                "SELECT COUNT(*), COALESCE(COUNTIF(is_empty), 0), COALESCE(SUM(bytes), 0),"
                f" MAX({date}) FROM {table.relation} WHERE document IS NOT NULL AND {which}",
                {} if kind.is_once else {START: first, END: last},
            )
        )
        documents, empty, size, day = row
        yield Count(table.name, kind, documents, empty, int(size), day)


def count_table(found: Iterable[Count], where: str) -> RichTable:
    """Counts of documents, one line per exporter."""
    printed = RichTable(
        title=f"Documents in {where}", title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False
    )
    printed.add_column("exporter", no_wrap=True)
    printed.add_column("kind", no_wrap=True)
    for name in ("documents", "not empty", "MB"):
        printed.add_column(name, justify="right")
    printed.add_column("newest date", no_wrap=True)
    for count in found:
        printed.add_row(
            count.name,
            count.kind.value,
            f"{count.documents:,}",
            f"{count.documents - count.empty:,}",
            f"{count.bytes / MEGABYTE:.1f}",
            str(count.newest or "-"),
        )
    return printed
