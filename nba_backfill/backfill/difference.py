"""What rolling out changed code would change: rows as stored against rows as they would be now.

Pure on frames; who computes the second frame in scratch space is the caller's affair.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
from rich.markup import escape

from nba_backfill.backfill.fitting import FittingTable, Heading
from nba_backfill.core.table import Table
from nba_backfill.materialization.catalogue import Catalogue
from nba_backfill.materialization.step import Step
from nba_backfill.warehouse.dialect import Statement
from nba_backfill.warehouse.protocol import Warehouse

SAMPLES = 3


@dataclass(frozen=True, slots=True)
class ColumnDifference:
    """How many rows of both sides differ in a column.

    ``largest`` and ``mean``: absolute difference where both are numbers; None for other columns.
    ``samples``: grain, stored value, new value.
    """

    column: str
    rows: int
    largest: float | None
    mean: float | None
    samples: tuple[tuple[str, object, object], ...]


@dataclass(frozen=True, slots=True)
class TableDifference:
    """What would become of a table's rows on some days.

    ``refused``: days that would be refused as a whole, with the reason; their rows would stay.
    """

    table: str
    days: int
    rows: int
    added: int
    removed: int
    changed: int
    columns: tuple[ColumnDifference, ...] = ()
    refused: Mapping[dt.date, str] = field(default_factory=dict)

    @property
    def is_none(self) -> bool:
        """Whether every row would stay as it is."""
        return not (self.added or self.removed or self.changed or self.refused)


def stored_rows(warehouse: Warehouse, table: Table, days: Sequence[dt.date]) -> pd.DataFrame:
    """The rows of some days, indexed by the grain."""
    columns = ", ".join(f"`{c.name}`" for c in table.columns)
    rows = warehouse.frame(
        Statement(
            f"SELECT {columns} FROM {table.relation} WHERE `{table.date_column}`"
            " BETWEEN @start_date AND @end_date"
            f" AND `{table.date_column}` IN UNNEST(@days)",
            {"start_date": min(days), "end_date": max(days), "days": list(days)},
        )
    )
    return rows.set_index(list(table.grain)).sort_index()


def compare(
    table: Table, days: Sequence[dt.date], stored: pd.DataFrame, new: pd.DataFrame
) -> TableDifference:
    """Rows by their grain, and values of rows on both sides by column; NULL equals NULL."""
    both = stored.index.intersection(new.index)
    old, now = stored.loc[both], new.loc[both]
    differing = {name: _differs(old[name], now[name]) for name in old.columns}
    changed = np.logical_or.reduce(list(differing.values())) if len(both) else np.array([])
    return TableDifference(
        table.name,
        len(days),
        len(stored),
        len(new.index.difference(stored.index)),
        len(stored.index.difference(new.index)),
        int(changed.sum()),
        tuple(
            _column(name, old[name][mask], now[name][mask])
            for name, mask in differing.items()
            if mask.any()
        ),
    )


def _differs(old: pd.Series, now: pd.Series) -> np.ndarray:
    if old.map(lambda value: isinstance(value, np.ndarray)).any():
        pairs = zip(old, now, strict=True)
        return np.array([_text(a) != _text(b) for a, b in pairs], dtype=bool)
    unknown = old.isna().to_numpy(), now.isna().to_numpy()
    unequal = (old.astype(object) != now.astype(object)).to_numpy(dtype=bool)
    return (unequal & ~(unknown[0] & unknown[1])) | (unknown[0] != unknown[1])


def _text(value: object) -> str:
    return str(value.tolist()) if isinstance(value, np.ndarray) else str(value)


def _column(name: str, old: pd.Series, now: pd.Series) -> ColumnDifference:
    apart = None
    if pd.api.types.is_numeric_dtype(old) and not pd.api.types.is_bool_dtype(old):
        apart = (pd.to_numeric(now) - pd.to_numeric(old)).abs().dropna()
    samples = [
        (" ".join(map(str, key)) if isinstance(key, tuple) else str(key), a, b)
        for key, a, b in zip(old.index[:SAMPLES], old, now, strict=False)
    ]
    known = apart is not None and len(apart) > 0
    return ColumnDifference(
        name,
        len(old),
        float(apart.max()) if known else None,
        float(apart.mean()) if known else None,
        tuple(samples),
    )


def differences(
    catalogue: Catalogue, scratch: Warehouse, planned: Iterable[tuple[str, Sequence[dt.date]]]
) -> Iterator[TableDifference]:
    """Compute planned days in scratch space, upstream first, and compare with what is stored.

    What is computed stays in ``scratch``, so that tables further down read it.
    """
    for name, days in planned:
        table = catalogue.table(name)
        scratch.ensure_table(table)
        stored = stored_rows(scratch, table, days)
        records = Step(table, catalogue, scratch, publish=False).run(sorted(days))
        found = compare(table, days, stored, stored_rows(scratch, table, days))
        refused = {r.day: r.reason for r in records if not r.status.is_readable}
        yield replace(found, refused=refused)


def difference_table(found: Sequence[TableDifference]) -> FittingTable:
    """The tables, a line each."""
    printed = FittingTable(
        "What would change",
        [
            Heading("table", left=True),
            Heading("days", expendable=2),
            Heading("rows", expendable=1),
            *(Heading(name) for name in ("added", "removed", "changed", "refused days")),
        ],
    )
    for one in found:
        counts = (one.days, one.rows, one.added, one.removed, one.changed, len(one.refused))
        printed.add(one.table, *(f"{count:,}" for count in counts))
    return printed


def column_lines(found: Iterable[TableDifference]) -> Iterator[str]:
    """Each column that differs: in how many rows, by how much, and the first of them."""
    for one in found:
        for column in one.columns:
            by = (
                f", by {column.mean:.4g} on average and {column.largest:.4g} at most"
                if column.largest is not None
                else ""
            )
            yield f"[bold]{one.table}.{column.column}[/]: {column.rows:,} rows{by}"
            for where, old, new in column.samples:
                yield f"  {escape(where)}: {escape(_text(old))} -> {escape(_text(new))}"
        for day, reason in one.refused.items():
            yield f"[red]refused[/] {one.table} {day}: {escape(reason)}"
