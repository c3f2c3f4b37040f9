"""Raw tables put into BigQuery, or its double, as a user would have them there."""

from __future__ import annotations

import io
from collections.abc import Iterable

import pandas as pd
from google.cloud import bigquery

from nba_backfill.core.table import RawTable
from nba_backfill.raw.contracts import RAW_TABLES
from nba_backfill.warehouse.bigquery_values import field, to_parquet
from nba_backfill.warehouse.duckdb import DuckDBWarehouse


def put_raw(
    client: bigquery.Client,
    source: DuckDBWarehouse,
    tables: Iterable[RawTable] = RAW_TABLES,
    *,
    prefix: str = "",
    location: str = "US",
) -> None:
    """Write the raw tables that a warehouse holds, partitioned by day; empty ones are left out."""
    for dataset in sorted({table.dataset for table in RAW_TABLES}):
        made = bigquery.Dataset(f"{client.project}.{prefix}{dataset}")
        made.location = location
        client.create_dataset(made, exists_ok=True)
    for table in tables:
        rows = source.connection.execute(f"SELECT * FROM {table.relation}").df()
        if len(rows) or not table.optional:
            put_table(client, table, rows, prefix=prefix, location=location)


def put_table(
    client: bigquery.Client,
    table: RawTable,
    rows: pd.DataFrame,
    *,
    prefix: str = "",
    location: str = "US",
    partitioned: bool = True,
) -> None:
    """Write a raw table whole."""
    made = bigquery.Table(
        f"{client.project}.{prefix}{table.relation}", schema=[field(c) for c in table.columns]
    )
    if table.date_column and partitioned:
        made.time_partitioning = bigquery.TimePartitioning(field=table.date_column)
    client.create_table(made, exists_ok=True)
    config = bigquery.LoadJobConfig(
        source_format=bigquery.SourceFormat.PARQUET,
        write_disposition=bigquery.WriteDisposition.WRITE_TRUNCATE,
        schema=made.schema,
        time_partitioning=made.time_partitioning,
    )
    content = to_parquet(rows, table.columns)
    client.load_table_from_file(
        io.BytesIO(content), made.reference, size=len(content), job_config=config, location=location
    ).result()
