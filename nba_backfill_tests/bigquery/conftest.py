"""A double of BigQuery that holds the demo league's raw tables, as a user's project would."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from nba_backfill.raw.cloud import CloudWarehouse
from nba_backfill_tests.bigquery.raw_tables import put_raw
from nba_backfill_tests.bigquery_double import PROJECT, DoubleProcess

PRICE = 6.25
MOST_BYTES = 2**40


@pytest.fixture
def no_accounts(monkeypatch) -> None:
    """Google's own variables say nothing of a real project."""
    monkeypatch.delenv("GOOGLE_APPLICATION_CREDENTIALS", raising=False)


@pytest.fixture(scope="module")
def service(demo_warehouse, tmp_path_factory) -> Iterator[DoubleProcess]:
    """The double as a process, with the demo league's raw tables."""
    with DoubleProcess(tmp_path_factory.mktemp("double") / "state.duckdb") as double:
        put_raw(double.client(), demo_warehouse.warehouse)
        double.reset()
        yield double


@pytest.fixture(scope="module")
def cloud(service, tmp_path_factory) -> Iterator[CloudWarehouse]:
    """The resource that NBA_WAREHOUSE=bigquery builds, on the double."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("BIGQUERY_EMULATOR_HOST", service.url)
        yield CloudWarehouse(
            project=PROJECT,
            location="US",
            max_bytes=MOST_BYTES,
            price_per_tib=PRICE,
            export_url=str(tmp_path_factory.mktemp("exports")),
            emulated=True,
        )
