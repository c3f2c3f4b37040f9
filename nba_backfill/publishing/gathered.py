"""What a SELECT gathered, in plain Python values, day by day: what documents are shaped from."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

import numpy as np
import pandas as pd


def plain(frame: pd.DataFrame) -> pd.DataFrame:
    """The same rows in int, float, str, bool, date, datetime, list and None only.

    A figure that is not there is None, whichever way its column said so, and zero is a value; a
    column of whole numbers with gaps stays one of whole numbers. Arrays become lists, moments are
    in UTC.
    """
    return pd.DataFrame(
        {name: _plain_column(frame[name]) for name in frame.columns},
        index=pd.RangeIndex(len(frame)),
        dtype=object,
    )


def by_day(
    rows: pd.DataFrame, date_column: str, days: Sequence[dt.date]
) -> Mapping[dt.date, pd.DataFrame]:
    """The rows of each day, an empty frame where there are none."""
    found = dict(iter(rows.groupby(date_column, sort=False))) if len(rows) else {}
    return {day: found.get(day, rows.iloc[:0]).reset_index(drop=True) for day in days}


def records(rows: pd.DataFrame) -> list[dict]:
    """Rows as dictionaries by column."""
    names = list(rows.columns)
    return [dict(zip(names, row, strict=True)) for row in rows.itertuples(index=False, name=None)]


def rounded(value: float | None, digits: int) -> float | None:
    """A number to so many digits, halves to the even one; None stays None and zero zero."""
    # Adding 0.0 turns -0.0, which would be printed so, into 0.0.
    return None if value is None else round(float(value), digits) + 0.0


def ratio(part: float | None, whole: float | None, digits: int) -> float | None:
    """A share to so many digits; None where the whole is zero or unknown."""
    return rounded(part / whole, digits) if whole and part is not None else None


def mean(values: Iterable[float | None], digits: int) -> float | None:
    """The mean of the values that are known; None if there are none."""
    known = [value for value in values if value is not None]
    return rounded(sum(known) / len(known), digits) if known else None


def _plain_column(column: pd.Series) -> list:
    if pd.api.types.is_datetime64_any_dtype(column.dtype):
        return _moments(column)
    if pd.api.types.is_integer_dtype(column.dtype) and not column.hasnans:
        return column.tolist()
    return [_plain_value(value) for value in column.tolist()]


def _moments(column: pd.Series) -> list:
    """GoogleSQL's TIMESTAMP has a zone, its DATE none: moments in UTC and dates."""
    if column.dt.tz is None:
        return [None if moment is pd.NaT else moment.date() for moment in column]
    found = column.dt.tz_convert("UTC")
    return [None if moment is pd.NaT else moment.to_pydatetime() for moment in found]


def _plain_value(value: object) -> object:
    if isinstance(value, np.ndarray | list):
        return [_plain_value(item) for item in value]
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or value is pd.NA or value is pd.NaT or value != value:  # noqa: PLR0124
        return None
    return float(value) if isinstance(value, Decimal) else value
