"""GoogleSQL's reference implementation as a judge: what BigQuery would say to a statement.

ZetaSQL (PyPI ``zetasql``) runs in process as WebAssembly. Its Python wrapper converts neither
dates in tables nor timestamps in answers and takes no parameters, so this module speaks to the
same local service in its own messages: typed tables go in, typed rows come out, and a statement
is executed as it stands, parameters included.

What it cannot know: limits of BigQuery as a service (joins without an equality, quotas, bytes).
"""

from __future__ import annotations

import ctypes
import datetime as dt
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from pathlib import Path

from google.protobuf import timestamp_pb2
from wasmtime import Config, Engine, Linker, Module, Store, WasiConfig
from zetasql.core.exceptions import ServerError
from zetasql.core.wasm_client import WasmClient, get_tzinfo_dir
from zetasql.wasi import get_wasm_path
from zetasql.wasi._pb2.zetasql.local_service import local_service_pb2 as service
from zetasql.wasi._pb2.zetasql.proto import options_pb2, simple_catalog_pb2
from zetasql.wasi._pb2.zetasql.public import options_pb2 as public_options_pb2
from zetasql.wasi._pb2.zetasql.public import type_pb2, value_pb2
from zetasql.wasi._pb2.zetasql.resolved_ast import resolved_ast_pb2

from nba_backfill.core.table import Column

EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
NANO = Decimal("1e-9")
SCALAR_KINDS = {
    "STRING": type_pb2.TYPE_STRING,
    "INT64": type_pb2.TYPE_INT64,
    "FLOAT64": type_pb2.TYPE_DOUBLE,
    "BOOL": type_pb2.TYPE_BOOL,
    "DATE": type_pb2.TYPE_DATE,
    "TIMESTAMP": type_pb2.TYPE_TIMESTAMP,
    "NUMERIC": type_pb2.TYPE_NUMERIC,
}
PARAMETER_TYPES = {dt.date: "DATE", int: "INT64", str: "STRING", float: "FLOAT64", bool: "BOOL"}
KIND_NAMES = {kind: name for name, kind in SCALAR_KINDS.items()}

Parameters = Mapping[str, dt.date | int | str | float | bool]
"""Named query parameters; their types follow from their values."""


class RefusedError(ValueError):
    """GoogleSQL refuses the statement; the message is the reference implementation's."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Columns as (name, GoogleSQL type) and the rows as Python values."""

    columns: Sequence[tuple[str, str]]
    rows: Sequence[tuple]


class _CachedClient(WasmClient):
    """The wrapper's client with compiled code kept on disk: 0.3 s to start instead of 15 s."""

    def __init__(self, cache: Path) -> None:
        cache.mkdir(parents=True, exist_ok=True)
        settings = cache / "wasmtime.toml"
        settings.write_text(f'[cache]\ndirectory = "{cache / "compiled"}"\n', encoding="utf-8")
        config = Config()
        config.cache = str(settings)
        config.shared_memory = True
        wasi = WasiConfig()
        wasi.inherit_stderr()
        wasi.preopen_dir(get_tzinfo_dir(), "/usr/share/zoneinfo")
        self.store = Store(Engine(config))
        self.store.set_wasi(wasi)
        self.module = Module.from_file(self.store.engine, str(get_wasm_path()))
        linker = Linker(self.store.engine)
        linker.define_wasi()
        self.instance = linker.instantiate(self.store, self.module)
        self.exports = self.instance.exports(self.store)
        self.exports["_initialize"](self.store)
        self.memory = self.exports["memory"]

    def _address(self, pointer: int) -> int:
        return ctypes.addressof(self.memory.data_ptr().contents) + pointer

    def write_bytes(self, ptr: int, data: bytes) -> None:
        """Copy at once: the wrapper's byte-by-byte loop takes seconds for a table of rows."""
        ctypes.memmove(self._address(ptr), data, len(data))

    def read_bytes(self, ptr: int, size: int) -> bytes:
        """Copy at once, see :meth:`write_bytes`."""
        return ctypes.string_at(self._address(ptr), size)


def type_name(column_type: str) -> str:
    """A declared type without its parameters, which GoogleSQL's column types do not have."""
    return re.sub(r"\(.*\)", "", column_type)


def _type_proto(column_type: str) -> type_pb2.TypeProto:
    name = type_name(column_type)
    if name.startswith("ARRAY<"):
        found = type_pb2.TypeProto(type_kind=type_pb2.TYPE_ARRAY)
        found.array_type.element_type.CopyFrom(_type_proto(name[len("ARRAY<") : -1]))
        return found
    return type_pb2.TypeProto(type_kind=SCALAR_KINDS[name])


def _name_of(kind: type_pb2.TypeProto) -> str:
    if kind.type_kind == type_pb2.TYPE_ARRAY:
        return f"ARRAY<{_name_of(kind.array_type.element_type)}>"
    return KIND_NAMES.get(kind.type_kind, type_pb2.TypeKind.Name(kind.type_kind))


def _encode(value: object, column_type: str) -> value_pb2.ValueProto:
    """A Python value as GoogleSQL's; None is the message without a field."""
    name, cell = type_name(column_type), value_pb2.ValueProto()
    match name:
        case _ if value is None:
            pass
        case "STRING":
            cell.string_value = value
        case "INT64":
            cell.int64_value = value
        case "FLOAT64":
            cell.double_value = value
        case "BOOL":
            cell.bool_value = value
        case "DATE":
            cell.date_value = (value - EPOCH.date()).days
        case "TIMESTAMP":
            since = value - EPOCH
            seconds = since.days * 86400 + since.seconds
            cell.timestamp_value.CopyFrom(
                timestamp_pb2.Timestamp(seconds=seconds, nanos=since.microseconds * 1000)
            )
        case "NUMERIC":
            scaled = int(Decimal(value) / NANO)
            cell.numeric_value = scaled.to_bytes(16, "little", signed=True)
        case _:
            element = name[len("ARRAY<") : -1]
            cell.array_value.SetInParent()
            cell.array_value.element.extend(_encode(item, element) for item in value)
    return cell


def _decode(cell: value_pb2.ValueProto, kind: type_pb2.TypeProto) -> object:
    field = cell.WhichOneof("value")
    if field is None:
        return None
    value = getattr(cell, field)
    match kind.type_kind:
        case type_pb2.TYPE_DATE:
            return EPOCH.date() + dt.timedelta(days=value)
        case type_pb2.TYPE_TIMESTAMP:
            return EPOCH + dt.timedelta(seconds=value.seconds, microseconds=value.nanos // 1000)
        case type_pb2.TYPE_NUMERIC:
            return int.from_bytes(value, "little", signed=True) * NANO
        case type_pb2.TYPE_ARRAY:
            return [_decode(item, kind.array_type.element_type) for item in value.element]
        case _:
            return value


@dataclass(frozen=True)
class Relation:
    """A stored table for the judge: declared columns and rows in their order."""

    columns: Sequence[Column]
    rows: Sequence[Sequence[object]] = ()

    @cached_property
    def content(self) -> service.TableData:
        """The rows as GoogleSQL's values, made once."""
        types = [column.type for column in self.columns]
        made = service.TableData()
        for row in self.rows:
            made.row.add(cell=[_encode(v, t) for v, t in zip(row, types, strict=True)])
        return made

    @cached_property
    def backwards(self) -> Relation:
        """The same rows in reverse order."""
        return Relation(self.columns, self.rows[::-1])


def _flat(sql: str, names: Iterable[str]) -> str:
    """dataset.table as one name: content can be given to tables of the root catalog only."""
    for name in names:
        dataset, dot, bare = name.rpartition(".")
        if dot:
            sql = re.sub(rf"(?<![`\w.])`?{dataset}`?\.`?{bare}\b`?", f"`{name}`", sql)
    return sql


def columns_of(resolved: resolved_ast_pb2.ResolvedQueryStmtProto) -> list[tuple[str, str]]:
    """Names and types of the columns that a resolved SELECT yields."""
    return [(c.name, _name_of(c.column.type)) for c in resolved.output_column_list]


class GoogleSQL:
    """One running reference implementation; ``cache`` keeps its compiled code between runs."""

    def __init__(self, cache: Path) -> None:
        self._client = _CachedClient(cache)
        self._language = self._client.call_grpc_func(
            "ZetaSqlLocalService_GetLanguageOptions",
            service.LanguageOptionsRequest(maximum_features=True),
            options_pb2.LanguageOptionsProto,
        )
        # The public product's rules, as BigQuery has them: no INT32, no DOUBLE.
        self._language.product_mode = public_options_pb2.PRODUCT_EXTERNAL
        self._language.reserved_keywords.append("QUALIFY")

    def _catalog(
        self, tables: Mapping[str, Iterable[Column]]
    ) -> simple_catalog_pb2.SimpleCatalogProto:
        """Tables by name, each under its whole name and, where it has one, in its dataset."""
        catalog = simple_catalog_pb2.SimpleCatalogProto()
        catalog.builtin_function_options.language_options.CopyFrom(self._language)
        datasets: dict[str, simple_catalog_pb2.SimpleCatalogProto] = {}
        for name, columns in tables.items():
            made = catalog.table.add(name=name)
            for column in columns:
                made.column.add(name=column.name).type.CopyFrom(_type_proto(column.type))
            dataset, _, bare = name.rpartition(".")
            if dataset:
                if dataset not in datasets:
                    datasets[dataset] = catalog.catalog.add(name=dataset)
                datasets[dataset].table.add(name=bare, column=made.column)
        return catalog

    def _options(self, parameters: Parameters) -> options_pb2.AnalyzerOptionsProto:
        options = options_pb2.AnalyzerOptionsProto(default_timezone="UTC")
        options.language_options.CopyFrom(self._language)
        for name, value in parameters.items():
            kind = _type_proto(PARAMETER_TYPES[type(value)])
            options.query_parameters.add(name=name).type.CopyFrom(kind)
        return options

    def _call(self, method: str, request: object, response: type) -> object:
        try:
            return self._client.call_grpc_func(f"ZetaSqlLocalService_{method}", request, response)
        except ServerError as error:
            raise RefusedError(error.message) from error

    def analyse(
        self,
        sql: str,
        tables: Mapping[str, Iterable[Column]],
        parameters: Parameters | None = None,
    ) -> list[tuple[str, str]]:
        """Names and types of the columns a statement yields over tables of these schemas.

        Raises RefusedError for what GoogleSQL does not allow.
        """
        return columns_of(self.resolve(sql, tables, parameters))

    def resolve(
        self,
        sql: str,
        tables: Mapping[str, Iterable[Column]],
        parameters: Parameters | None = None,
    ) -> resolved_ast_pb2.ResolvedQueryStmtProto:
        """The resolved tree of a SELECT, with the type of every expression; see :meth:`analyse`."""
        request = service.AnalyzeRequest(sql_statement=sql)
        request.simple_catalog.CopyFrom(self._catalog(tables))
        request.options.CopyFrom(self._options(parameters or {}))
        answer = self._call("Analyze", request, service.AnalyzeResponse)
        return answer.resolved_statement.resolved_query_stmt_node

    def execute(
        self,
        sql: str,
        tables: Mapping[str, Relation] | None = None,
        parameters: Parameters | None = None,
    ) -> Answer:
        """Run a SELECT over these tables.

        Raises RefusedError for what GoogleSQL does not allow and for errors while running, such
        as a division by zero.
        """
        tables, parameters = tables or {}, parameters or {}
        request = service.EvaluateQueryRequest(sql=_flat(sql, tables))
        request.simple_catalog.CopyFrom(self._catalog({n: t.columns for n, t in tables.items()}))
        request.options.CopyFrom(self._options(parameters))
        for name, value in parameters.items():
            kind = PARAMETER_TYPES[type(value)]
            request.params.add(name=name).value.CopyFrom(_encode(value, kind))
        for name, table in tables.items():
            request.table_content[name].table_data.CopyFrom(table.content)
        answer = self._call("EvaluateQuery", request, service.EvaluateQueryResponse)
        kinds = [column.type for column in answer.prepared.columns]
        return Answer(
            [(c.name, _name_of(c.type)) for c in answer.prepared.columns],
            [
                tuple(_decode(cell, kind) for cell, kind in zip(row.cell, kinds, strict=True))
                for row in answer.content.table_data.row
            ],
        )


def _key(row: Sequence[object]) -> str:
    """Sorts rows by everything that two engines must write alike."""
    return repr([value for value in row if not isinstance(value, float)])


def _same(ours: object, theirs: object) -> bool:
    if isinstance(ours, float) and isinstance(theirs, float):
        return math.isclose(ours, theirs, rel_tol=1e-9) or (math.isnan(ours) and math.isnan(theirs))
    return ours == theirs


def differences(
    names: Sequence[str], ours: Iterable[Sequence], theirs: Iterable[Sequence]
) -> list[str]:
    """What two results, as multisets of rows, do not share; the first few, in words."""
    ours, theirs = sorted(map(tuple, ours), key=_key), sorted(map(tuple, theirs), key=_key)
    if len(ours) != len(theirs):
        return [f"DuckDB has {len(ours)} rows, GoogleSQL {len(theirs)}"]
    found = [
        f"{name}: DuckDB {a!r}, GoogleSQL {b!r} in {row}"
        for row, other in zip(ours, theirs, strict=True)
        for name, a, b in zip(names, row, other, strict=True)
        if not _same(a, b)
    ]
    return found[:5]
