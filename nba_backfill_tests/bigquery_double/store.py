"""Datasets and tables: their resources as the service has them, their rows in DuckDB."""

from __future__ import annotations

import datetime as dt
import json
import threading
import time
from collections.abc import Iterable, Mapping
from pathlib import Path

import duckdb

from nba_backfill.warehouse.dialect import to_duckdb
from nba_backfill_tests.bigquery_double.errors import ServiceError
from nba_backfill_tests.bigquery_double.sql import without_project
from nba_backfill_tests.bigquery_double.values import duckdb_column, field_of

Key = tuple[str, str]
CATALOG = """
CREATE SCHEMA IF NOT EXISTS double_catalog;
CREATE TABLE IF NOT EXISTS double_catalog.resources (kind VARCHAR, id VARCHAR, body VARCHAR);
CREATE TABLE IF NOT EXISTS double_catalog.partitions (
  table_catalog VARCHAR, table_schema VARCHAR, table_name VARCHAR, partition_id VARCHAR,
  total_rows BIGINT, total_logical_bytes BIGINT, last_modified_time TIMESTAMPTZ, content VARCHAR);
CREATE OR REPLACE MACRO farm_fingerprint(x) AS
  (hash(x)::HUGEINT - 9223372036854775808::HUGEINT)::BIGINT;
CREATE OR REPLACE VIEW double_catalog.tables AS
  SELECT schema_name AS table_schema, table_name, 'BASE TABLE' AS table_type FROM duckdb_tables()
  UNION ALL SELECT schema_name, view_name, 'VIEW' FROM duckdb_views() WHERE NOT internal;
CREATE OR REPLACE VIEW double_catalog.columns AS
  SELECT schema_name AS table_schema, table_name, column_name, column_index AS ordinal_position,
    data_type FROM duckdb_columns() WHERE NOT internal;
"""


def milliseconds() -> str:
    """Now, as the service writes times."""
    return str(int(time.time() * 1000))


class Store:
    """All datasets and tables of one project. ``path`` None: in memory."""

    def __init__(self, project: str, path: Path | None = None) -> None:
        self.project = project
        self.lock = threading.RLock()
        self.connection = duckdb.connect(path or ":memory:")
        self.connection.execute("SET TimeZone = 'UTC'")
        self.connection.execute(CATALOG)
        self.datasets: dict[str, dict] = {}
        self.tables: dict[Key, dict] = {}
        self.streaming: dict[Key, float] = {}
        self._moved: dict[Key, dt.datetime] = {}
        for kind, name, body in self.connection.execute(
            "SELECT kind, id, body FROM double_catalog.resources"
        ).fetchall():
            if kind == "dataset":
                self.datasets[name] = json.loads(body)
            else:
                self.tables[tuple(name.split("."))] = json.loads(body)

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """A connection of one's own to the same rows."""
        cursor = self.connection.cursor()
        cursor.execute("SET TimeZone = 'UTC'")
        return cursor

    def _keep(self, kind: str, name: str, body: Mapping | None) -> None:
        cursor = self.cursor()
        cursor.execute(
            "DELETE FROM double_catalog.resources WHERE kind = ? AND id = ?", [kind, name]
        )
        if body is not None:
            cursor.execute(
                "INSERT INTO double_catalog.resources VALUES (?, ?, ?)",
                [kind, name, json.dumps(body)],
            )

    # Datasets

    def create_dataset(self, body: Mapping) -> dict:
        """Create a dataset; duplicate if there is one."""
        name = body["datasetReference"]["datasetId"]
        with self.lock:
            if name in self.datasets:
                raise ServiceError("duplicate", f"Already Exists: Dataset {self.project}:{name}")
            made = {
                "kind": "bigquery#dataset",
                "id": f"{self.project}:{name}",
                "location": "US",
                "creationTime": milliseconds(),
                "etag": milliseconds(),
            }
            made |= body | {"datasetReference": {"projectId": self.project, "datasetId": name}}
            self.connection.cursor().execute(f'CREATE SCHEMA IF NOT EXISTS "{name}"')
            self.datasets[name] = made
            self._keep("dataset", name, made)
            return made

    def dataset(self, name: str) -> dict:
        """A dataset's resource."""
        if name not in self.datasets:
            raise ServiceError("notFound", f"Not found: Dataset {self.project}:{name}")
        return self.datasets[name]

    def patch_dataset(self, name: str, body: Mapping) -> dict:
        """Change a dataset's resource."""
        with self.lock:
            self.datasets[name] = _patched(self.dataset(name), body)
            self._keep("dataset", name, self.datasets[name])
            return self.datasets[name]

    def delete_dataset(self, name: str, *, contents: bool) -> None:
        """Delete a dataset, with its tables if asked to."""
        with self.lock:
            self.dataset(name)
            inside = [key for key in self.tables if key[0] == name]
            if inside and not contents:
                raise ServiceError("resourceInUse", f"Dataset {name} is still in use")
            for key in inside:
                self.delete_table(key)
            self.connection.cursor().execute(f'DROP SCHEMA IF EXISTS "{name}" CASCADE')
            del self.datasets[name]
            self._keep("dataset", name, None)

    # Tables

    def create_table(self, body: Mapping, *, fill: bool = True) -> dict:
        """Create a table or view; ``fill`` False: the rows are there already."""
        reference = body["tableReference"]
        key = reference["datasetId"], reference["tableId"]
        with self.lock:
            dataset = self.dataset(key[0])
            self._expire()
            if key in self.tables:
                raise ServiceError(
                    "duplicate", f"Already Exists: Table {self.project}:{key[0]}.{key[1]}"
                )
            cursor = self.cursor()
            if "view" in body:
                text = to_duckdb(without_project(body["view"]["query"], self.project))
                cursor.execute(f'CREATE OR REPLACE VIEW "{key[0]}"."{key[1]}" AS {text}')
                described = cursor.execute(f'SELECT * FROM "{key[0]}"."{key[1]}" LIMIT 0')
                fields = [field_of(name, kind) for name, kind, *_ in described.description]
                body = {**body, "schema": {"fields": fields}}
            elif fill:
                columns = ", ".join(
                    f'"{f["name"]}" {duckdb_column(f)}' for f in body["schema"]["fields"]
                )
                cursor.execute(f'CREATE TABLE "{key[0]}"."{key[1]}" ({columns})')
            made = {
                "kind": "bigquery#table",
                "id": f"{self.project}:{key[0]}.{key[1]}",
                "type": "VIEW" if "view" in body else "TABLE",
                "creationTime": milliseconds(),
                "etag": milliseconds(),
                "location": dataset["location"],
            }
            expires = dataset.get("defaultTableExpirationMs")
            if expires and "view" not in body:
                made["expirationTime"] = str(int(milliseconds()) + int(expires))
            reference = {"projectId": self.project, "datasetId": key[0], "tableId": key[1]}
            made |= {k: v for k, v in body.items() if v is not None}
            made["tableReference"] = reference
            self.tables[key] = made
            self.touch(key)
            self._keep("table", ".".join(key), made)
            return self.table(key)

    def table(self, key: Key) -> dict:
        """A table's resource, with its figures."""
        with self.lock:
            self.dataset(key[0])
            self._expire()
            if key not in self.tables:
                raise ServiceError("notFound", f"Not found: Table {self.project}:{key[0]}.{key[1]}")
            found = dict(self.tables[key])
        if found["type"] == "TABLE":
            [rows] = self.cursor().execute(f'SELECT count(*) FROM "{key[0]}"."{key[1]}"').fetchone()
            found |= {"numRows": str(rows), "numBytes": str(rows * 100)}
            if self.is_streaming(key):
                found["streamingBuffer"] = {"estimatedRows": "1", "estimatedBytes": "100"}
        found["lastModifiedTime"] = str(int(self._moved[key].timestamp() * 1000))
        return found

    def patch_table(self, key: Key, body: Mapping) -> dict:
        """Change a table's resource; columns may be added and nothing else done to them."""
        with self.lock:
            found = self.table(key)
            stored = {f["name"]: f for f in found.get("schema", {}).get("fields", ())}
            if "schema" in body:
                wanted = {f["name"]: f for f in body["schema"]["fields"]}
                for name, field in stored.items():
                    if name not in wanted or duckdb_column(wanted[name]) != duckdb_column(field):
                        raise ServiceError(
                            "invalid",
                            f"Provided Schema does not match Table {'.'.join(key)}."
                            f" Field {name} is missing in new schema or has changed type",
                        )
                for name, field in wanted.items():
                    if name not in stored:
                        self.cursor().execute(
                            f'ALTER TABLE "{key[0]}"."{key[1]}"'
                            f' ADD COLUMN "{name}" {duckdb_column(field)}'
                        )
            if "view" in body:
                text = to_duckdb(without_project(body["view"]["query"], self.project))
                self.cursor().execute(f'CREATE OR REPLACE VIEW "{key[0]}"."{key[1]}" AS {text}')
            self.tables[key] = _patched(self.tables[key], body)
            self._keep("table", ".".join(key), self.tables[key])
            return self.table(key)

    def delete_table(self, key: Key) -> None:
        """Delete a table or view."""
        with self.lock:
            self.dataset(key[0])
            if key not in self.tables:
                raise ServiceError("notFound", f"Not found: Table {self.project}:{key[0]}.{key[1]}")
            self._remove(key)

    def _remove(self, key: Key) -> None:
        kind = self.tables.pop(key)["type"]
        cursor = self.cursor()
        cursor.execute(f'DROP {kind} IF EXISTS "{key[0]}"."{key[1]}"')
        cursor.execute(
            "DELETE FROM double_catalog.partitions WHERE table_schema = ? AND table_name = ?",
            list(key),
        )
        self._keep("table", ".".join(key), None)

    def _expire(self) -> None:
        now = int(milliseconds())
        for key, table in list(self.tables.items()):
            if int(table.get("expirationTime") or now + 1) <= now:
                self._remove(key)

    def partition_column(self, key: Key) -> str | None:
        """The column a table is partitioned by."""
        return self.tables.get(key, {}).get("timePartitioning", {}).get("field")

    # Rows

    def touch(self, key: Key) -> None:
        """A table's rows changed."""
        self._moved[key] = dt.datetime.now(dt.UTC)

    def is_streaming(self, key: Key) -> bool:
        """Whether rows of a table still are in its streaming buffer."""
        return self.streaming.get(key, 0) > time.time()

    def insert_rows(self, key: Key, rows: Iterable[Mapping], buffered_seconds: float) -> None:
        """Streaming inserts: rows that no DML may touch for a while."""
        fields = self.table(key)["schema"]["fields"]
        cursor = self.cursor()
        marks = ", ".join(f"CAST(? AS {duckdb_column(f)})" for f in fields)
        for row in rows:
            cursor.execute(
                f'INSERT INTO "{key[0]}"."{key[1]}" VALUES ({marks})',
                [row["json"].get(f["name"]) for f in fields],
            )
        self.streaming[key] = time.time() + buffered_seconds
        self.touch(key)

    def refresh_partitions(self) -> None:
        """Bring INFORMATION_SCHEMA.PARTITIONS up to the rows; what did not change keeps its time."""
        with self.lock:
            cursor = self.cursor()
            for key, moved in list(self._moved.items()):
                if self.tables.get(key, {}).get("type") == "TABLE":
                    self._refresh(cursor, key, moved)

    def _refresh(self, cursor: duckdb.DuckDBPyConnection, key: Key, moved: dt.datetime) -> None:
        [(last,)] = cursor.execute(
            "SELECT max(last_modified_time) FROM double_catalog.partitions"
            " WHERE table_schema = ? AND table_name = ?",
            list(key),
        ).fetchall()
        if last is not None and last >= moved:
            return
        column = self.partition_column(key)
        part = f"strftime(\"{column}\", '%Y%m%d')" if column else "NULL"
        found = cursor.execute(
            f"SELECT {part}, count(*), CAST(sum(hash(t)::HUGEINT) AS VARCHAR)"
            f' FROM "{key[0]}"."{key[1]}" AS t GROUP BY 1'
        ).fetchall()
        before = {
            part: (content, at)
            for part, content, at in cursor.execute(
                "SELECT partition_id, content, last_modified_time FROM double_catalog.partitions"
                " WHERE table_schema = ? AND table_name = ?",
                list(key),
            ).fetchall()
        }
        cursor.execute(
            "DELETE FROM double_catalog.partitions WHERE table_schema = ? AND table_name = ?",
            list(key),
        )
        for part_id, rows, content in found:
            old, at = before.get(part_id, (None, None))
            since = at if old == content else moved
            cursor.execute(
                "INSERT INTO double_catalog.partitions VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                [self.project, *key, part_id, rows, rows * 100, since, content],
            )


def _patched(before: Mapping, body: Mapping) -> dict:
    """A resource after a PATCH: null removes, labels are merged."""
    after = dict(before)
    for name, value in body.items():
        if name == "labels" and value is not None:
            merged = {**before.get("labels", {}), **value}
            after[name] = {k: v for k, v in merged.items() if v is not None}
        elif value is None:
            after.pop(name, None)
        else:
            after[name] = value
    after["etag"] = milliseconds()
    return after
