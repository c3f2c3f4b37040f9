"""Types and values between BigQuery's REST messages and DuckDB."""

from __future__ import annotations

import base64
import datetime as dt
import json
import re
from collections.abc import Iterable, Mapping
from decimal import Decimal

EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
DUCKDB = {
    "STRING": "VARCHAR",
    "INTEGER": "BIGINT",
    "INT64": "BIGINT",
    "FLOAT": "DOUBLE",
    "FLOAT64": "DOUBLE",
    "BOOLEAN": "BOOLEAN",
    "BOOL": "BOOLEAN",
    "DATE": "DATE",
    "TIMESTAMP": "TIMESTAMP WITH TIME ZONE",
    "DATETIME": "TIMESTAMP",
    "TIME": "TIME",
    "BYTES": "BLOB",
    "JSON": "VARCHAR",
    "NUMERIC": "DECIMAL(38,9)",
    "BIGNUMERIC": "DECIMAL(38,9)",
}
GOOGLE = {
    "varchar": "STRING",
    "json": "STRING",
    "double": "FLOAT",
    "float": "FLOAT",
    "boolean": "BOOLEAN",
    "date": "DATE",
    "timestamp with time zone": "TIMESTAMP",
    "timestamp": "DATETIME",
    "timestamp_ns": "DATETIME",
    "timestamp_ms": "DATETIME",
    "timestamp_s": "DATETIME",
    "time": "TIME",
    "blob": "BYTES",
    "decimal": "NUMERIC",
}
READERS = {
    "INT64": int,
    "INTEGER": int,
    "FLOAT64": float,
    "FLOAT": float,
    "BOOL": lambda text: str(text).lower() == "true",
    "BOOLEAN": lambda text: str(text).lower() == "true",
}
WIDTHS = {"STRING": 14, "BOOLEAN": 1, "BOOL": 1, "NUMERIC": 16}
"""Bytes a value is billed with, strings guessed; all others have eight."""


def duckdb_column(field: Mapping) -> str:
    """DuckDB's type of a schema field."""
    if field["type"] in ("RECORD", "STRUCT"):
        inner = ", ".join(f'"{f["name"]}" {duckdb_column(f)}' for f in field["fields"])
        kind = f"STRUCT({inner})"
    elif field["type"] == "NUMERIC" and field.get("precision"):
        kind = f"DECIMAL({field['precision']},{field.get('scale', 0)})"
    else:
        kind = DUCKDB[field["type"]]
    return f"{kind}[]" if field.get("mode") == "REPEATED" else kind


def field_of(name: str, kind: object) -> dict:
    """Schema field of a DuckDB result column; NUMERIC comes without decimals, as in the service."""
    if kind.id in ("list", "array"):
        return field_of(name, kind.children[0][1]) | {"mode": "REPEATED"}
    if kind.id == "struct":
        fields = [field_of(inner, child) for inner, child in kind.children]
        return {"name": name, "type": "RECORD", "mode": "NULLABLE", "fields": fields}
    return {"name": name, "type": GOOGLE.get(kind.id, "INTEGER"), "mode": "NULLABLE"}


def cell(value: object, field: Mapping) -> object:
    """A value as it stands in a row of an answer."""
    if field.get("mode") == "REPEATED":
        inner = {**field, "mode": "NULLABLE"}
        return [{"v": cell(one, inner)} for one in (value or ())]
    if value is None:
        return None
    if field["type"] == "RECORD":
        return {"f": [{"v": cell(value[f["name"]], f)} for f in field["fields"]]}
    return _text(value, field["type"])


def _text(value: object, kind: str) -> str:
    text = str(value)
    if isinstance(value, bool):
        text = text.lower()
    elif isinstance(value, dt.datetime) and kind == "TIMESTAMP":
        text = str((value - EPOCH) // dt.timedelta(microseconds=1))
    elif isinstance(value, dt.datetime):
        text = value.isoformat()
    elif isinstance(value, bytes):
        text = base64.b64encode(value).decode()
    elif isinstance(value, Decimal):
        text = f"{value:f}"
        text = text.rstrip("0").rstrip(".") if "." in text else text
    elif isinstance(value, float):
        text = {"inf": "Infinity", "-inf": "-Infinity"}.get(text, "NaN" if text == "nan" else text)
    return text


def rows_of(rows: Iterable[tuple], fields: list[dict]) -> list[dict]:
    """Rows of an answer."""
    return [
        {"f": [{"v": cell(v, field)} for v, field in zip(row, fields, strict=True)]} for row in rows
    ]


def _plain(value: Mapping, kind: Mapping) -> object:
    """A parameter's value for JSON."""
    if kind["type"] == "ARRAY":
        return [_plain(one, kind["arrayType"]) for one in value.get("arrayValues", ())]
    if kind["type"] == "STRUCT":
        found = value.get("structValues", {})
        return {f["name"]: _plain(found[f["name"]], f["type"]) for f in kind["structTypes"]}
    text = value.get("value")
    read = READERS.get(kind["type"])
    return text if text is None or read is None else read(text)


def _structure(kind: Mapping) -> object:
    if kind["type"] == "ARRAY":
        return [_structure(kind["arrayType"])]
    if kind["type"] == "STRUCT":
        return {f["name"]: _structure(f["type"]) for f in kind["structTypes"]}
    return DUCKDB[kind["type"]]


def _duckdb_type(kind: Mapping) -> str:
    if kind["type"] == "ARRAY":
        return f"{_duckdb_type(kind['arrayType'])}[]"
    return DUCKDB[kind["type"]]


class Parameters:
    """Named query parameters: their values for DuckDB, and how each stands in its text."""

    def __init__(self, sent: Iterable[Mapping]) -> None:
        self.values: dict[str, object] = {}
        self._texts: dict[str, str] = {}
        for one in sent:
            name, kind = one["name"], one["parameterType"]
            plain = _plain(one["parameterValue"], kind)
            if "STRUCT" in (kind["type"], kind.get("arrayType", {}).get("type")):
                self.values[name] = json.dumps(plain)
                self._texts[name] = f"from_json(${name}, '{json.dumps(_structure(kind))}')"
            else:
                self.values[name] = plain
                self._texts[name] = f"CAST(${name} AS {_duckdb_type(kind)})"

    def bind(self, sql: str) -> tuple[str, dict[str, object]]:
        """DuckDB's text with every parameter's type, and the values of those it names."""
        used: dict[str, object] = {}

        def typed(found: re.Match) -> str:
            name = found.group(1)
            if name not in self.values:
                return found.group(0)
            used[name] = self.values[name]
            return self._texts[name]

        return re.sub(r"\$(\w+)", typed, sql), used
