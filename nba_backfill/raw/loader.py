"""Parquet folder → raw tables of the embedded warehouse, checked against the contracts.

A file, table or column that breaks its contract stops the load before anything is changed. A
single value that cannot be read (text in a number) is loaded as NULL and its day recorded as
unavailable with the reason, so that one bad row costs its game a source and nothing else; what
sources write for nothing is NULL without a word (see :mod:`nba_backfill.raw.nothing`). Days
that would lose most of their rows are held back (see :mod:`nba_backfill.raw.holding`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from nba_backfill.core.table import Column, RawTable
from nba_backfill.raw.holding import find_lost_rows, keep_lost_rows
from nba_backfill.raw.home import RawContractError
from nba_backfill.raw.nothing import without_nothing
from nba_backfill.warehouse.acceptance import Acceptances
from nba_backfill.warehouse.dialect import duckdb_ddl, duckdb_type
from nba_backfill.warehouse.duckdb import DuckDBWarehouse
from nba_backfill.warehouse.ledger import LEDGER_DATASET, SNAPSHOT_DAY, PartitionRecord, Status

FILES = f"{LEDGER_DATASET}.raw_files"
INTEGERS = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER")
NUMBERS = (*INTEGERS, "FLOAT", "DOUBLE", "HUGEINT", "UBIGINT")
READABLE_FROM = {
    "STRING": ("VARCHAR",),
    "INT64": (*NUMBERS, "VARCHAR"),
    "FLOAT64": (*NUMBERS, "VARCHAR"),
    "BOOL": ("BOOLEAN", "VARCHAR"),
    "DATE": ("DATE", "VARCHAR", "TIMESTAMP", "TIMESTAMP_NS", "TIMESTAMP_S", "TIMESTAMP_MS"),
    "TIMESTAMP": (
        "TIMESTAMP WITH TIME ZONE",
        "TIMESTAMP",
        "TIMESTAMP_NS",
        "TIMESTAMP_S",
        "TIMESTAMP_MS",
        "VARCHAR",
    ),
}
"""Stored types from which a contract's type can be read, value by value. An id stored as a
number is not among them: it has lost its leading zeros."""


@dataclass(frozen=True, slots=True)
class RawFile:
    """One Parquet file as it stands on disk: enough to see that it changed."""

    relation: str
    path: str
    size: int
    modified_ns: int


@dataclass(frozen=True, slots=True)
class LoadedTable:
    """What loading one raw table did."""

    relation: str
    files: int
    rows: int
    unreadable_values: int
    held_back: tuple[PartitionRecord, ...] = ()


def _files_of(table: RawTable, folder: Path) -> list[Path]:
    """The table's Parquet files; RawContractError if a table that must exist has none."""
    home = folder / table.dataset / table.name
    files = sorted(home.glob("*.parquet"))
    if not files and not table.optional:
        raise RawContractError(
            f"raw table {table.relation} is missing: no Parquet file in {home}. "
            "Nothing was loaded; put the table's files there, or set NBA_RAW_DIR to the folder "
            "that holds <dataset>/<table>/*.parquet."
        )
    return files


def _describe(connection: duckdb.DuckDBPyConnection, file: Path) -> dict[str, str]:
    """Column names and DuckDB types of one file; RawContractError if it cannot be read."""
    try:
        described = connection.execute("DESCRIBE FROM read_parquet(?)", [str(file)]).fetchall()
    except duckdb.Error as error:
        raise RawContractError(
            f"raw file {file} cannot be read as Parquet: {error}. Nothing was loaded; "
            "restore the file and run again."
        ) from error
    return {name: kind for name, kind, *_ in described}


def _read_value(column: Column, stored: str) -> str:
    """DuckDB expression that reads a stored value as the contract's type, or NULL."""
    name, kind = f'"{column.name}"', duckdb_type(column.type)
    if column.type == "INT64" and stored not in INTEGERS:
        # A cast would round 12.7 to 13: an invented number.
        return (
            f"CASE WHEN TRY_CAST({name} AS DOUBLE) = TRY_CAST({name} AS BIGINT)"
            f" THEN TRY_CAST({name} AS BIGINT) END"
        )
    if column.type == "DATE" and stored.startswith("TIMESTAMP"):
        return f"CASE WHEN {name} = date_trunc('day', {name}) THEN CAST({name} AS DATE) END"
    return f"TRY_CAST({name} AS {kind})"


def _select(table: RawTable, file: Path, stored: dict[str, str]) -> str:
    """SELECT of one file's contract columns, beside the unreadable ones of each row."""
    values, complaints = [], []
    for column in table.columns:
        value = _read_value(column, stored[column.name])
        values.append(f'{value} AS "{column.name}"')
        if stored[column.name] != duckdb_type(column.type):
            complaints.append(
                f'CASE WHEN "{column.name}" IS NOT NULL AND ({value}) IS NULL'
                f" THEN '{column.name} ' || CAST(\"{column.name}\" AS VARCHAR) END"
            )
    unreadable = (
        f"list_filter([{', '.join(complaints)}], lambda c: c IS NOT NULL)" if complaints else "[]"
    )
    return (
        f"SELECT {', '.join(values)}, CAST({unreadable} AS VARCHAR[]) AS _unreadable"
        f" FROM {_rows_of(table, file, stored)}"
    )


def _rows_of(table: RawTable, file: Path, stored: dict[str, str]) -> str:
    """DuckDB relation of a file's rows, NULL where a value says nothing."""
    quoted = str(file).replace("'", "''")
    return without_nothing(tuple(table.columns), stored, f"read_parquet('{quoted}')")


def _check_columns(
    connection: duckdb.DuckDBPyConnection, table: RawTable, file: Path, stored: dict[str, str]
) -> dict[str, str]:
    """Types to read each contract column from; RawContractError for absent or wrong ones."""
    absent = [c.name for c in table.columns if c.name not in stored]
    if absent:
        raise RawContractError(
            f"raw file {file}, table {table.relation}: column {', '.join(absent)} is absent. "
            "Nothing was loaded; add the column or restore the file."
        )
    for column in table.columns:
        kind = stored[column.name]
        accepted = READABLE_FROM[column.type]
        name = f'"{column.name}"'
        value = _read_value(column, kind) if kind in accepted else "NULL"
        if kind in INTEGERS and column.type in ("INT64", "FLOAT64"):
            continue
        present, readable = connection.execute(
            f"SELECT count({name}), count({value}) FROM {_rows_of(table, file, stored)}"
        ).fetchone()
        if present and not readable:
            raise RawContractError(
                f"raw file {file}, table {table.relation}, column {column.name}: stored as "
                f"{kind}, and none of its {present} values can be read as {column.type}. "
                "Nothing was loaded; restore the file."
            )
        if not present and kind not in accepted:
            stored = stored | {column.name: "VARCHAR"}
    return stored


def _load(connection: duckdb.DuckDBPyConnection, table: RawTable, files: Sequence[Path]) -> str:
    """Read a table's files into a temporary table and return its name."""
    loaded = f"loaded_{table.name}"
    connection.execute(
        duckdb_ddl(loaded, table.columns).replace("CREATE TABLE", "CREATE TEMP TABLE")
    )
    connection.execute(f"ALTER TABLE {loaded} ADD COLUMN _unreadable VARCHAR[]")
    for file in files:
        stored = _check_columns(connection, table, file, _describe(connection, file))
        connection.execute(f"INSERT INTO {loaded} BY NAME {_select(table, file, stored)}")
    if table.date_column:
        [undated] = connection.execute(
            f"SELECT count(*) FROM {loaded} WHERE {table.date_column} IS NULL"
        ).fetchone()
        if undated:
            raise RawContractError(
                f"raw table {table.relation}, column {table.date_column}: {undated} rows have no "
                "readable date, so no day could own them. Nothing was loaded."
            )
    return loaded


def _records(warehouse: DuckDBWarehouse, table: RawTable, loaded: str) -> Iterable[PartitionRecord]:
    """One record per day of a loaded table: its fingerprint, and what could not be read."""
    day = table.date_column or f"DATE '{SNAPSHOT_DAY}'"
    complaints = dict(
        warehouse.connection.execute(
            f"SELECT {day}, string_agg(DISTINCT c, '; ' ORDER BY c)"
            f" FROM {loaded}, UNNEST(_unreadable) AS u(c) GROUP BY 1"
        ).fetchall()
    )
    now = dt.datetime.now(dt.UTC)
    for found, (rows, fingerprint) in warehouse.fingerprints(table, loaded).items():
        complaint = complaints.get(found)
        yield PartitionRecord(
            table_name=table.relation,
            day=found,
            status=Status.UNAVAILABLE if complaint else Status.COMPLETE,
            reason=f"unreadable values: {complaint}" if complaint else "",
            row_count=rows,
            fingerprint=fingerprint,
            written_at=now,
        )


def _accepted_since(warehouse: DuckDBWarehouse, table: RawTable, accepted: Acceptances) -> bool:
    """Whether someone accepted what was held back of a table."""
    return any(
        accepted.find(table.relation, record.day, refusal["content"])
        for record in warehouse.histories([table.relation])[table.relation].by_day.values()
        if record.status is Status.HELD_BACK
        for refusal in record.measured["refusals"]
    )


def moved_tables(
    warehouse: DuckDBWarehouse, folder: Path, contracts: Iterable[RawTable]
) -> list[RawTable]:
    """Raw tables that a load would read anew; nothing is read or changed to tell."""
    found = _to_load(warehouse, folder, contracts, warehouse.acceptances())
    return [table for table, _ in found]


def _to_load(
    warehouse: DuckDBWarehouse,
    folder: Path,
    contracts: Iterable[RawTable],
    accepted: Acceptances,
) -> Iterator[tuple[RawTable, list[RawFile]]]:
    """Tables whose files, columns or accepted losses are not those of the last load."""
    if not folder.is_dir():
        raise RawContractError(
            f"the raw folder {folder} does not exist. Nothing was loaded; set NBA_RAW_DIR to a "
            "folder that holds <dataset>/<table>/*.parquet, or unset it for the demo league."
        )
    columns: dict[str, dict[str, str]] = {}
    for relation, name, kind in warehouse.connection.execute(
        "SELECT schema_name || '.' || table_name, column_name, data_type FROM duckdb_columns()"
    ).fetchall():
        columns.setdefault(relation, {})[name] = kind
    known: dict[str, set[RawFile]] = {}
    if FILES in columns:
        for row in warehouse.connection.execute(f"SELECT * FROM {FILES}").fetchall():
            known.setdefault(row[0], set()).add(RawFile(*row))
    for table in contracts:
        on_disk = [
            RawFile(table.relation, str(f.resolve()), f.stat().st_size, f.stat().st_mtime_ns)
            for f in _files_of(table, folder)
        ]
        stored = columns.get(table.relation, {})
        as_declared = all(stored.get(c.name) == duckdb_type(c.type) for c in table.columns)
        unmoved = as_declared and set(on_disk) == known.get(table.relation, set())
        if not unmoved or _accepted_since(warehouse, table, accepted):
            yield table, on_disk


def load_raw(
    warehouse: DuckDBWarehouse,
    folder: Path,
    contracts: Iterable[RawTable],
    progress: Callable[[str], None] = lambda _: None,
) -> list[LoadedTable]:
    """Bring the warehouse's raw tables up to the folder's files; unchanged tables cost nothing.

    All changed tables are read and checked first and put in place in one transaction. Raises
    RawContractError naming file, table and column; the warehouse is then as it was.
    """
    connection, accepted = warehouse.connection, warehouse.acceptances()
    connection.execute(
        f"CREATE TABLE IF NOT EXISTS {FILES}"
        " (relation VARCHAR, path VARCHAR, size BIGINT, modified_ns BIGINT)"
    )
    changed: list[tuple[RawTable, list[RawFile], str]] = []
    for table, on_disk in _to_load(warehouse, folder, contracts, accepted):
        progress(f"loading {table.relation} ({len(on_disk)} files)")
        files = [Path(file.path) for file in on_disk]
        changed.append((table, on_disk, _load(connection, table, files)))

    report = []
    with warehouse.transaction():
        for table, on_disk, loaded in changed:
            lost = find_lost_rows(warehouse, table, loaded)
            lossy = keep_lost_rows(warehouse, table, loaded, lost, accepted)
            by_day = {r.day: r for r in _records(warehouse, table, loaded)} | lossy
            records = [by_day[day] for day in sorted(by_day)]
            [bad] = connection.execute(
                f"SELECT coalesce(sum(len(_unreadable)), 0) FROM {loaded}"
            ).fetchone()
            connection.execute(f"ALTER TABLE {loaded} DROP COLUMN _unreadable")
            warehouse.replace_raw(table, loaded, records)
            connection.execute(f"DROP TABLE {loaded}")
            connection.execute(f"DELETE FROM {FILES} WHERE relation = ?", [table.relation])
            for file in on_disk:
                connection.execute(
                    f"INSERT INTO {FILES} VALUES (?, ?, ?, ?)",
                    [file.relation, file.path, file.size, file.modified_ns],
                )
            rows = sum(r.row_count for r in records)
            report.append(
                LoadedTable(
                    table.relation,
                    len(on_disk),
                    rows,
                    int(bad),
                    tuple(r for r in lossy.values() if r.is_refused),
                )
            )
    return report
