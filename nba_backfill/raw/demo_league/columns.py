"""Arrow columns: fast construction from arrays, and the one place that obeys the contracts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from nba_backfill.core.table import RawTable
from nba_backfill.raw.contracts import RAW_TABLES

CONTRACTS: dict[str, RawTable] = {table.name: table for table in RAW_TABLES}
TIMESTAMP = pa.timestamp("us", tz="UTC")
ARROW_TYPES = {
    "STRING": pa.string(),
    "INT64": pa.int64(),
    "FLOAT64": pa.float64(),
    "BOOL": pa.bool_(),
    "DATE": pa.date32(),
    "TIMESTAMP": TIMESTAMP,
}

Column = pa.Array | pa.ChunkedArray | np.ndarray | Sequence[Any]


def table_of(name: str, columns: Mapping[str, Column]) -> pa.Table:
    """A raw table with exactly the columns and types of its contract.

    Raises KeyError naming a column of the contract that was not given.
    """
    arrays, schema = [], []
    for column in CONTRACTS[name].columns:
        kind = ARROW_TYPES[column.type]
        values = columns[column.name]
        if not isinstance(values, pa.Array | pa.ChunkedArray):
            values = pa.array(values, type=kind)
        arrays.append(values if values.type == kind else values.cast(kind))
        schema.append(pa.field(column.name, kind))
    return pa.table(arrays, schema=pa.schema(schema))


def words(choices: Sequence[str | None], index: np.ndarray) -> pa.Array:
    """One string per index; a negative index is NULL."""
    taken = pa.array(np.maximum(index, 0)) if len(index) else pa.array([], pa.int64())
    found = pa.array(choices, pa.string()).take(taken)
    if len(index) and index.min() < 0:
        return blank(found, index < 0)
    return found


def blank(values: pa.Array | np.ndarray, where: np.ndarray) -> pa.Array:
    """The same values with NULL where the mask is true."""
    if isinstance(values, np.ndarray):
        return pa.array(values, mask=where)
    nothing = pa.scalar(None, values.type)
    return pc.if_else(pa.array(where), nothing, values)


def constant(value: str | None, size: int) -> pa.Array:
    """The same string in every row."""
    return words([value], np.zeros(size, dtype=np.int64))


def instants(days: Sequence[dt.date], hours: float) -> np.ndarray:
    """Midnight UTC of each day plus some hours, as datetime64."""
    start = np.array(days, dtype="datetime64[D]").astype("datetime64[us]")
    return start + np.timedelta64(round(hours * 3600), "s")


def moments(times: Sequence[dt.datetime]) -> np.ndarray:
    """UTC instants as datetime64."""
    return np.array([time.replace(tzinfo=None) for time in times], dtype="datetime64[us]")
