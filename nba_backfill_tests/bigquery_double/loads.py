"""Rows that become tables: load jobs, and the results of queries with a destination."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

import duckdb

from nba_backfill_tests.bigquery_double.errors import ServiceError
from nba_backfill_tests.bigquery_double.sql import Step, created
from nba_backfill_tests.bigquery_double.store import Key, Store
from nba_backfill_tests.bigquery_double.values import Parameters, duckdb_column, field_of


class LoadJob(Protocol):
    """What a load needs of a job."""

    configuration: dict
    location: str
    kind: str
    affected: int | None
    fields: list[dict]


def put(
    store: Store,
    key: Key,
    source: str,
    fields: list[dict],
    asked: Mapping,
    cursor: duckdb.DuckDBPyConnection,
    default: str = "WRITE_EMPTY",
    kinds: Mapping[str, str] | None = None,
) -> None:
    """Write rows into a table as its disposition says, making it where there is none."""
    kinds = kinds or {f["name"]: duckdb_column(f) for f in fields}
    columns = ", ".join(f'"{column}" {kind}' for column, kind in kinds.items())
    target = f'"{key[0]}"."{key[1]}"'
    disposition = asked.get("writeDisposition", default)
    with store.lock:
        store._expire()
        known = store.tables.get(key)
        if known is None:
            if asked.get("createDisposition") == "CREATE_NEVER":
                raise ServiceError("notFound", f"Not found: Table {'.'.join(key)}")
            cursor.execute(f"CREATE TABLE {target} ({columns})")
            body = {
                "tableReference": {"datasetId": key[0], "tableId": key[1]},
                "schema": {"fields": fields},
                "timePartitioning": asked.get("timePartitioning"),
                "clustering": asked.get("clustering"),
            }
            store.create_table(body, fill=False)
            cursor.execute(f"INSERT INTO {target} BY NAME {source}")
        elif disposition == "WRITE_TRUNCATE":
            cursor.execute("BEGIN")
            cursor.execute(f"CREATE OR REPLACE TABLE {target} ({columns})")
            cursor.execute(f"INSERT INTO {target} BY NAME {source}")
            cursor.execute("COMMIT")
            store.tables[key]["schema"] = {"fields": fields}
        elif disposition == "WRITE_EMPTY" and int(store.table(key)["numRows"]):
            raise ServiceError("duplicate", f"Already Exists: Table {'.'.join(key)}")
        else:
            cursor.execute(f"INSERT INTO {target} BY NAME {source}")
        store.touch(key)


class Loads:
    """Load jobs."""

    store: Store

    def _load(self, job: LoadJob, content: bytes) -> None:
        asked = job.configuration["load"]
        into = asked["destinationTable"]
        table, _, partition = into["tableId"].partition("$")
        key = into["datasetId"], table
        job.kind = "LOAD"
        where = self.store.dataset(key[0])["location"]
        if where.lower() != job.location.lower():
            raise ServiceError(
                "notFound",
                f"Not found: Dataset {self.store.project}:{key[0]} was not found in location"
                f" {job.location}",
            )
        cursor = self.store.cursor()
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "content"
            file.write_bytes(content)
            reader = {
                "PARQUET": f"read_parquet('{file}')",
                "NEWLINE_DELIMITED_JSON": f"read_json('{file}', format = 'newline_delimited')",
            }.get(asked.get("sourceFormat", "CSV"))
            if reader is None:
                raise ServiceError("notImplemented", f"the double loads no {asked['sourceFormat']}")
            described = cursor.execute(f"SELECT * FROM {reader} LIMIT 0").description
            fields = asked.get("schema", {}).get("fields")
            if fields is None:
                known = self.store.tables.get(key)
                fields = known["schema"]["fields"] if known else None
            fields = fields or [field_of(name, kind) for name, kind, *_ in described]
            there = {name for name, *_ in described}
            values = ", ".join(
                f'CAST("{f["name"]}" AS {duckdb_column(f)}) AS "{f["name"]}"'
                if f["name"] in there
                else f'CAST(NULL AS {duckdb_column(f)}) AS "{f["name"]}"'
                for f in fields
            )
            source = f"SELECT {values} FROM {reader}"
            [job.affected] = cursor.execute(f"SELECT count(*) FROM {reader}").fetchone()
            if partition:
                self._put_partition(key, partition, source, asked, cursor)
            else:
                put(self.store, key, source, fields, asked, cursor, "WRITE_APPEND")
        job.fields = fields

    def _create(
        self, step: Step, parameters: Parameters, cursor: duckdb.DuckDBPyConnection
    ) -> None:
        """A table put in place of another, with rows computed before that one goes."""
        made = created(step.google)
        text, values = parameters.bind(made.rows)
        cursor.execute(f"CREATE TEMP TABLE created_rows AS {text}", values)
        disposition = {"writeDisposition": "WRITE_TRUNCATE"} | made.resource
        put(self.store, step.target, "FROM created_rows", made.fields, disposition, cursor)
        cursor.execute("DROP TABLE created_rows")
        table = self.store.tables[step.target]
        for name in ("labels", "timePartitioning", "clustering", "description"):
            table.pop(name, None)
        table |= made.resource

    def _copy(self, job: LoadJob) -> None:
        """A copy of a table, partitioned and clustered as it is."""
        asked = job.configuration["copy"]
        source, into = (
            asked.get("sourceTable") or asked["sourceTables"][0],
            asked["destinationTable"],
        )
        key = source["datasetId"], source["tableId"]
        found = self.store.table(key)
        job.kind = "COPY"
        asked |= {k: found[k] for k in ("timePartitioning", "clustering") if k in found}
        rows = f'FROM "{key[0]}"."{key[1]}"'
        put(
            self.store,
            (into["datasetId"], into["tableId"]),
            rows,
            found["schema"]["fields"],
            asked,
            self.store.cursor(),
        )

    def _put_partition(
        self,
        key: Key,
        partition: str,
        source: str,
        asked: Mapping,
        cursor: duckdb.DuckDBPyConnection,
    ) -> None:
        """Load into one partition; rows of another day are refused."""
        self.store.table(key)
        column = self.store.partition_column(key)
        day = f"strptime('{partition}', '%Y%m%d')::DATE"
        [strange] = cursor.execute(
            f'SELECT count(*) FROM ({source}) WHERE "{column}" IS DISTINCT FROM {day}'
        ).fetchone()
        if strange:
            raise ServiceError(
                "invalid",
                f"Some rows belong to different partitions rather than destination partition"
                f" {'.'.join(key)}${partition}",
            )
        target = f'"{key[0]}"."{key[1]}"'
        cursor.execute("BEGIN")
        if asked.get("writeDisposition") == "WRITE_TRUNCATE":
            cursor.execute(f'DELETE FROM {target} WHERE "{column}" = {day}')
        cursor.execute(f"INSERT INTO {target} BY NAME {source}")
        cursor.execute("COMMIT")
        self.store.touch(key)
