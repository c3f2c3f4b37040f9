"""The first thing to run on a real project: some demo days in BigQuery, compared with DuckDB.

Opt-in, since it costs (a few cents) and needs an account:

    NBA_SMOKE_PROJECT=my-project NBA_SMOKE_LOCATION=US pytest nba_backfill_tests/smoke

It writes only datasets of its own, whose names begin with nba_smoke_ and which it removes; their
tables expire after a day should it be killed. The account needs roles/bigquery.user.
"""

from __future__ import annotations

import datetime as dt
import os
from uuid import uuid4

import pandas as pd
import pytest
from google.cloud import bigquery

from nba_backfill.definitions import CATALOGUE
from nba_backfill.materialization.step import Step
from nba_backfill.raw.cloud import CloudWarehouse
from nba_backfill.warehouse.bigquery import BigQueryWarehouse
from nba_backfill.warehouse.bigquery_errors import ByteCapError, LocationError
from nba_backfill.warehouse.dialect import Statement, select_statement
from nba_backfill.warehouse.ledger import LEDGER_DATASET
from nba_backfill_tests.bigquery.raw_tables import put_raw
from nba_backfill_tests.conftest import DEMO_SEASON, season_days

PROJECT = os.environ.get("NBA_SMOKE_PROJECT")
LOCATION = os.environ.get("NBA_SMOKE_LOCATION", "US")
ELSEWHERE = "EU" if LOCATION != "EU" else "US"
DAY_IN_MS = 24 * 3_600_000
LAST = CATALOGUE.table("player_daily_cache")
TABLES = [*map(CATALOGUE.table, CATALOGUE.upstream(LAST)), LAST]
DAYS = season_days(DEMO_SEASON, dt.date(2024, 11, 8))

pytestmark = pytest.mark.skipif(
    not PROJECT, reason="NBA_SMOKE_PROJECT names no Google Cloud project to try"
)


def expire(client: bigquery.Client, prefix: str) -> None:
    """Let whatever is left of our datasets go after a day."""
    for listed in client.list_datasets():
        if listed.dataset_id.startswith(prefix):
            dataset = client.get_dataset(listed.reference)
            dataset.default_table_expiration_ms = DAY_IN_MS
            client.update_dataset(dataset, ["default_table_expiration_ms"])


@pytest.fixture(scope="module")
def cloud(demo_warehouse, tmp_path_factory):
    """The platform's warehouse in datasets of its own, with the demo league's raw tables."""
    prefix = f"nba_smoke_{uuid4().hex[:8]}_"
    made = CloudWarehouse(
        project=PROJECT,
        location=LOCATION,
        dataset_prefix=prefix,
        raw_dataset_prefix=prefix,
        max_bytes=2**40,
        price_per_tib=6.25,
        export_url=str(tmp_path_factory.mktemp("exports")),
        emulated=bool(os.environ.get("BIGQUERY_EMULATOR_HOST")),
    )
    with made.client() as client:
        try:
            for dataset in {table.dataset for table in (*CATALOGUE.raw, *TABLES)} | {
                LEDGER_DATASET
            }:
                own = bigquery.Dataset(f"{PROJECT}.{prefix}{dataset}")
                own.location = LOCATION
                client.create_dataset(own)
            expire(client, prefix)
            put_raw(client, demo_warehouse.warehouse, prefix=prefix, location=LOCATION)
            yield made
        finally:
            for listed in list(client.list_datasets()):
                if listed.dataset_id.startswith(prefix):
                    client.delete_dataset(listed.reference, delete_contents=True)


@pytest.fixture(scope="module")
def computed(cloud) -> BigQueryWarehouse:
    """The tables of Phases 3 and 4 up to the daily cache, computed as one range."""
    warehouse = cloud.open(print)
    for table in TABLES:
        Step(table, CATALOGUE, warehouse, run_id="smoke").run(DAYS)
    yield warehouse
    warehouse.close()


def rows_of(warehouse, table) -> pd.DataFrame:
    """A table's rows of the days, in the order of its grain."""
    asked = Statement(
        f"SELECT * FROM `{table.dataset}`.`{table.name}`"
        f" WHERE `{table.date_column}` BETWEEN @first AND @last",
        {"first": DAYS[0], "last": DAYS[-1]},
    )
    return warehouse.frame(asked).sort_values([*table.grain]).reset_index(drop=True)


@pytest.mark.parametrize("table", TABLES, ids=lambda t: t.name)
def test_bigquerys_rows_are_duckdbs(computed, demo_warehouse, table):
    pd.testing.assert_frame_equal(
        rows_of(computed, table), rows_of(demo_warehouse.warehouse, table), check_dtype=False
    )


def test_computing_again_changes_nothing_and_nothing_is_doubled(computed):
    before = computed.fingerprints(LAST, LAST.relation, DAYS)
    Step(LAST, CATALOGUE, computed, run_id="again").run(DAYS)
    assert computed.fingerprints(LAST, LAST.relation, DAYS) == before
    keys = ", ".join(f"`{name}`" for name in LAST.grain)
    doubled = computed.query(
        Statement(
            f"SELECT COUNT(*) FROM (SELECT 1 FROM `{LAST.dataset}`.`{LAST.name}`"
            f" GROUP BY {keys} HAVING COUNT(*) > 1)",
            {},
        )
    )
    assert doubled == [(0,)]


def test_the_ledger_agrees_with_the_rows_and_says_what_was_billed(computed):
    records = computed.histories([LAST.relation])[LAST.relation].by_day
    stored = computed.fingerprints(LAST, LAST.relation, DAYS)
    assert {
        day: (r.row_count, r.fingerprint) for day, r in records.items() if r.row_count
    } == stored
    assert sum(record.bytes for record in records.values()) > 0


def test_a_plan_of_one_day_scans_less_than_one_of_all(computed):
    boxes = CATALOGUE.table("player_boxes")
    one, every = (
        computed.scan_bytes(select_statement(boxes, CATALOGUE.inputs(boxes), first, DAYS[-1]))
        for first in (DAYS[-1], DAYS[0])
    )
    assert 0 < one < every / 5


def test_scratch_space_is_gone_afterwards(computed):
    with computed.scratch() as scratch:
        Step(LAST, CATALOGUE, scratch).run(DAYS[-1:])
    listed = [dataset.dataset_id for dataset in computed.client.list_datasets()]
    assert not [name for name in listed if "scratch" in name]


def ask(cloud: CloudWarehouse, statement: Statement) -> list[tuple]:
    """Rows of a SELECT over tables that are already there."""
    with cloud.unloaded() as warehouse:
        for table in TABLES:
            warehouse.ensure_table(table)
        return warehouse.query(statement)


def test_a_query_over_the_cap_and_a_wrong_location_say_what_mends_them(cloud, computed):
    boxes = CATALOGUE.table("player_boxes")
    asked = select_statement(boxes, CATALOGUE.inputs(boxes), DAYS[0], DAYS[-1])
    for changed, error, cure in (
        ({"max_bytes": 1}, ByteCapError, "NBA_BIGQUERY_MAX_BYTES"),
        ({"location": ELSEWHERE}, LocationError, "NBA_BIGQUERY_LOCATION"),
    ):
        other = CloudWarehouse(**cloud.model_dump() | changed)
        with pytest.raises(error, match=cure):
            ask(other, asked)
