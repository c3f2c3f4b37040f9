"""Values between us and BigQuery: query parameters, rows as frames, columns as schema fields."""

from __future__ import annotations

import datetime as dt
import io
import re
from collections.abc import Iterable, Mapping, Sequence

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.parquet
from google.cloud import bigquery

from nba_backfill.core.table import Column
from nba_backfill.warehouse.dialect import duckdb_type

Parameter = (
    bigquery.ScalarQueryParameter | bigquery.ArrayQueryParameter | bigquery.StructQueryParameter
)
Parameters = Iterable[Parameter]

TYPES = {
    bool: "BOOL",
    int: "INT64",
    float: "FLOAT64",
    str: "STRING",
    dt.datetime: "TIMESTAMP",
    dt.date: "DATE",
}
API_NAMES = {"INT64": "INTEGER", "FLOAT64": "FLOAT", "BOOL": "BOOLEAN"}


def parameter(name: str, value: object) -> Parameter:
    """A named query parameter of a Python value; an empty sequence is one of dates."""
    if isinstance(value, Sequence) and not isinstance(value, str):
        kind = TYPES[type(value[0])] if value else "DATE"
        return bigquery.ArrayQueryParameter(name, kind, list(value))
    return bigquery.ScalarQueryParameter(name, TYPES[type(value)], value)


def parameters(values: Mapping[str, object]) -> list[Parameter]:
    """Named query parameters of Python values."""
    return [parameter(name, value) for name, value in values.items()]


def rows_parameter(
    name: str, columns: Mapping[str, str], rows: Iterable[Sequence]
) -> bigquery.ArrayQueryParameter:
    """Rows as one array of structs; ``columns`` are their names and GoogleSQL types."""
    structs = [
        bigquery.StructQueryParameter(
            None,
            *(
                bigquery.ScalarQueryParameter(column, kind, value)
                for (column, kind), value in zip(columns.items(), row, strict=True)
            ),
        )
        for row in rows
    ]
    if structs:
        return bigquery.ArrayQueryParameter(name, "STRUCT", structs)
    kinds = (bigquery.ScalarQueryParameterType(k, name=c) for c, k in columns.items())
    return bigquery.ArrayQueryParameter(name, bigquery.StructQueryParameterType(*kinds), [])


def field(column: Column) -> bigquery.SchemaField:
    """The schema field of a declared column."""
    array = re.fullmatch(r"ARRAY<(\w+)>", column.type)
    name, _, decimals = (array.group(1) if array else column.type).partition("(")
    precision, scale = (
        (int(n) for n in decimals.rstrip(")").split(",")) if decimals else (None,) * 2
    )
    return bigquery.SchemaField(
        column.name,
        API_NAMES.get(name, name),
        mode="REPEATED" if array else "NULLABLE",
        description=column.documentation,
        **({"precision": precision, "scale": scale} if decimals else {}),
    )


def type_of(stored: bigquery.SchemaField) -> str:
    """GoogleSQL's name of a stored column's type, as a declaration would have it."""
    names = {api: google for google, api in API_NAMES.items()}
    name = names.get(stored.field_type, stored.field_type)
    if stored.precision is not None:
        name = f"{name}({stored.precision},{stored.scale or 0})"
    return f"ARRAY<{name}>" if stored.mode == "REPEATED" else name


def to_frame(rows: pa.Table) -> pd.DataFrame:
    """Rows as the frame that the embedded warehouse would make of them: the same column types."""
    connection = duckdb.connect()
    try:
        connection.execute("SET TimeZone = 'UTC'")
        return connection.from_arrow(rows).df()
    finally:
        connection.close()


def to_parquet(frame: pd.DataFrame, columns: Sequence[Column]) -> bytes:
    """A frame as Parquet of the declared types.

    Raises duckdb.Error when a column is missing or does not fit its type.
    """
    casts = ", ".join(f'CAST("{c.name}" AS {duckdb_type(c.type)}) AS "{c.name}"' for c in columns)
    connection = duckdb.connect()
    try:
        connection.execute("SET TimeZone = 'UTC'")
        connection.register("computed_rows", frame)
        rows = connection.execute(f"SELECT {casts} FROM computed_rows").to_arrow_table()
    finally:
        connection.close()
    written = io.BytesIO()
    pyarrow.parquet.write_table(rows, written)
    return written.getvalue()
