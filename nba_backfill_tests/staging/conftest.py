"""A clean league of two weeks whose raw tables a test may alter before staging reads them."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from nba_backfill.core.table import Layer
from nba_backfill.definitions import CATALOGUE
from nba_backfill.materialization.step import Step
from nba_backfill.raw.contracts import RAW_TABLES
from nba_backfill.raw.demo_league import write_demo_league
from nba_backfill.raw.loader import load_raw
from nba_backfill.warehouse.duckdb import DuckDBWarehouse
from nba_backfill.warehouse.ledger import PartitionRecord
from nba_backfill_tests.conftest import DEMO_SEASON

DAY = dt.date(2024, 10, 30)
"""A day of twelve games."""

STAGING = [table for table in CATALOGUE if table.layer is Layer.STAGING]


@dataclass(frozen=True)
class StagedDay:
    """What staging made of DAY: its rows, and the record of each table."""

    warehouse: DuckDBWarehouse
    records: Mapping[str, PartitionRecord]

    def rows(self, sql: str) -> list[tuple]:
        """Rows of a DuckDB query; staging tables go by ``nba_staging``."""
        return self.warehouse.connection.execute(sql).fetchall()

    def stored(self, table: str, columns: str = "*") -> list[tuple]:
        """The day's rows of a staging table, in order."""
        return self.rows(
            f"SELECT {columns} FROM nba_staging.{table} WHERE game_date = '{DAY}' ORDER BY ALL"
        )


class League:
    """Stages DAY anew over a copy of the league with altered raw tables."""

    def __init__(self, warehouse: DuckDBWarehouse, folder: Path) -> None:
        self._warehouse = warehouse
        self._folder = folder
        self._copies: list[DuckDBWarehouse] = []

    def stage(
        self, altered: Mapping[str, str] | None = None, tables: tuple[str, ...] = ()
    ) -> StagedDay:
        """Replace raw tables by a SELECT of ``raw``, the table as it was, and run staging tables.

        ``tables``: those to run, by default all; those before them must be among them.
        """
        path = self._folder / f"copy{len(self._copies)}.duckdb"
        self._warehouse.connection.execute("CHECKPOINT")
        shutil.copy(self._warehouse.path, path)
        copy = DuckDBWarehouse(path)
        self._copies.append(copy)
        by_name = {table.name: table for table in RAW_TABLES}
        for name, select in (altered or {}).items():
            relation = by_name[name].relation
            before = copy.connection.execute(f"FROM {relation} ORDER BY ALL").fetchall()
            copy.connection.execute(
                f"CREATE OR REPLACE TEMP TABLE raw AS FROM {relation};"
                f" CREATE OR REPLACE TEMP TABLE altered AS {select};"
                f" DELETE FROM {relation}; INSERT INTO {relation} BY NAME FROM altered"
            )
            after = copy.connection.execute(f"FROM {relation} ORDER BY ALL").fetchall()
            assert after != before, f"{name} is what it was"
        chosen = [t for t in STAGING if not tables or t.name in tables]
        return StagedDay(copy, {t.name: Step(t, CATALOGUE, copy).run([DAY])[0] for t in chosen})

    def close(self) -> None:
        """Close every copy."""
        for copy in self._copies:
            copy.close()


@pytest.fixture(scope="module")
def clean_league(tmp_path_factory) -> Iterator[DuckDBWarehouse]:
    """Two weeks of the demo league without defects, loaded."""
    folder = tmp_path_factory.mktemp("clean")
    write_demo_league(folder / "raw", [DEMO_SEASON], through=dt.date(2024, 11, 1))
    warehouse = DuckDBWarehouse(folder / "clean.duckdb")
    load_raw(warehouse, folder / "raw", RAW_TABLES)
    yield warehouse
    warehouse.close()


@pytest.fixture(scope="module")
def as_it_was(clean_league, tmp_path_factory) -> Iterator[StagedDay]:
    """DAY staged from the clean league."""
    league = League(clean_league, tmp_path_factory.mktemp("as_it_was"))
    yield league.stage()
    league.close()


@pytest.fixture
def clean(clean_league, tmp_path) -> Iterator[League]:
    """The league, for one test to alter."""
    league = League(clean_league, tmp_path)
    yield league
    league.close()
