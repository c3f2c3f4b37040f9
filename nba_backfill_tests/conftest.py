"""What tests share: the real seasons and the demo league, each computed once per session."""

from __future__ import annotations

import datetime as dt
import os
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from nba_backfill import cli, warehouse
from nba_backfill.cli import session
from nba_backfill.core.derived import keep_derived_in
from nba_backfill.core.partitions import partitions_between
from nba_backfill.core.publication import Kind
from nba_backfill.core.season import HISTORY_START, Season
from nba_backfill.core.table import Table
from nba_backfill.definitions import CATALOGUE
from nba_backfill.materialization.step import Step
from nba_backfill.raw.contracts import RAW_TABLES
from nba_backfill.raw.demo_league import write_demo_league
from nba_backfill.raw.loader import load_raw
from nba_backfill.warehouse.duckdb import DuckDBWarehouse
from nba_backfill.warehouse.files import LocalFiles
from nba_backfill_tests.core.toy_league import ToyLeague

PROJECT = Path(__file__).parents[1]
REAL_DATA = PROJECT.parent / "shared" / "data"
REAL_SEASONS = (Season(2021), Season(2023), Season(2024))
DEMO_SEASON = Season(2024)
DEMO_THROUGH = dt.date(2024, 11, 20)
HISTORICAL = [t for t in CATALOGUE if not (t.publication and t.publication.kind is Kind.LIVE)]
"""The tables that can be computed of a past day: all but the live documents."""

BEFORE_MODELS = list(CATALOGUE)[: CATALOGUE.order.index("points_models")]


@dataclass(frozen=True)
class ComputedWarehouse:
    """A warehouse in which every table is computed for some seasons; tests only read it."""

    warehouse: DuckDBWarehouse
    days: tuple[dt.date, ...]

    def query(self, sql: str) -> list[tuple]:
        """Rows of a DuckDB query."""
        return self.warehouse.connection.execute(sql).fetchall()


def compute(
    path: Path, raw: Path, days: list[dt.date], tables: Iterable[Table] = HISTORICAL
) -> ComputedWarehouse:
    """Load a raw folder and compute tables for ``days``."""
    warehouse = DuckDBWarehouse(path)
    load_raw(warehouse, raw, RAW_TABLES)
    for table in tables:
        Step(table, CATALOGUE, warehouse).run(days)
    return ComputedWarehouse(warehouse, tuple(days))


def copied(computed: ComputedWarehouse, path: Path) -> DuckDBWarehouse:
    """A copy of a computed warehouse, with its files, that a test may change."""
    computed.warehouse.connection.execute("CHECKPOINT")
    shutil.copy(computed.warehouse.path, path)
    return DuckDBWarehouse(path, files=linked(computed, path.with_name(f"{path.stem}_exports")))


def linked(computed: ComputedWarehouse, folder: Path) -> LocalFiles:
    """The files of a computed warehouse in another folder: a file is replaced, never changed."""
    kept = computed.warehouse.files.folder
    if kept.is_dir():
        shutil.copytree(kept, folder, copy_function=os.link)
    return LocalFiles(folder)


def season_days(season: Season, through: dt.date | None = None) -> list[dt.date]:
    """Every partition day of a season, up to ``through``."""
    return partitions_between(
        max(season.first_day, HISTORY_START), through or dt.date(season.year + 1, 6, 30)
    )


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real raw data; tests that need it are skipped where it is absent."""
    if not REAL_DATA.is_dir():
        pytest.skip("the real data is not beside this checkout")
    return REAL_DATA


@pytest.fixture(scope="session")
def real_warehouse(real_data, tmp_path_factory) -> Iterator[ComputedWarehouse]:
    """Everything before the learned models, over the real seasons."""
    path = tmp_path_factory.mktemp("real") / "real.duckdb"
    days = [d for s in REAL_SEASONS for d in season_days(s)]
    computed = compute(path, real_data, days, BEFORE_MODELS)
    yield computed
    computed.warehouse.close()


@pytest.fixture(scope="session")
def real_predictions(real_warehouse, tmp_path_factory) -> Iterator[ComputedWarehouse]:
    """Every table over the real seasons: minutes of training, so for slow tests only.

    Save a document per player and game, 150,000 of which show nothing that a few do not.
    """
    warehouse = copied(real_warehouse, tmp_path_factory.mktemp("real_predictions") / "real.duckdb")
    for table in HISTORICAL:
        many = table.publication and table.publication.kind is Kind.PER_PLAYER_DATE
        if table not in BEFORE_MODELS and not many:
            Step(table, CATALOGUE, warehouse).run(real_warehouse.days)
    yield ComputedWarehouse(warehouse, real_warehouse.days)
    warehouse.close()


@pytest.fixture(scope="session")
def demo_folder(tmp_path_factory) -> Path:
    """Raw tables of the first four weeks of a demo season, with the real world's defects."""
    folder = tmp_path_factory.mktemp("demo") / "league"
    write_demo_league(folder, [DEMO_SEASON], defects=True, through=DEMO_THROUGH)
    return folder


@pytest.fixture(scope="session")
def demo_warehouse(demo_folder, tmp_path_factory) -> Iterator[ComputedWarehouse]:
    """Every table over the first four weeks of a demo season."""
    path = tmp_path_factory.mktemp("demo_warehouse") / "demo.duckdb"
    computed = compute(path, demo_folder, season_days(DEMO_SEASON, DEMO_THROUGH))
    yield computed
    computed.warehouse.close()


@pytest.fixture
def user(demo_folder, demo_warehouse, tmp_path, monkeypatch):
    """Runs commands in a folder of their own, over a copy of the computed demo warehouse."""
    demo_warehouse.warehouse.connection.execute("CHECKPOINT")
    shutil.copy(demo_warehouse.warehouse.path, tmp_path / "copy.duckdb")
    shutil.copy(PROJECT / "dagster.yaml", tmp_path / "dagster.yaml")
    linked(demo_warehouse, tmp_path / "exports")
    monkeypatch.setenv("NBA_EXPORT_URL", str(tmp_path / "exports"))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NBA_RAW_DIR", str(demo_folder))
    monkeypatch.setenv("NBA_DUCKDB_PATH", str(tmp_path / "copy.duckdb"))
    monkeypatch.setattr(warehouse.duckdb, "LOCK_PATIENCE_SECONDS", 0.5)
    session.definitions.cache_clear()

    def invoke(*arguments):
        with monkeypatch.context() as patched:
            patched.setattr(session.console, "_width", 200)
            return CliRunner().invoke(cli.main, [str(a) for a in arguments])

    yield invoke
    session.definitions.cache_clear()


def spoil(path, sql):
    """Change a warehouse behind the platform's back."""
    with duckdb.connect(str(path)) as connection:
        connection.execute(sql)


@pytest.fixture
def league(tmp_path) -> Iterator[ToyLeague]:
    """A toy league that a test may spoil."""
    toy = ToyLeague(tmp_path / "toy.duckdb")
    yield toy
    toy.warehouse.close()


def pytest_configure(config: pytest.Config) -> None:
    """Translate SQL once for all workers and for the commands that tests start."""
    folder = config.cache.mkdir("derived")
    keep_derived_in(folder)
    os.environ["NBA_CACHE_DIR"] = str(folder)


COMPUTED_FROM_REAL_DATA = {"real_warehouse", "real_predictions"}


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What needs the real seasons computed is slow: computing them takes longer than the tests."""
    for item in items:
        if COMPUTED_FROM_REAL_DATA & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.slow)


class SharedFixtures(LoadScopeScheduling):
    """Sends the tests of a file to one worker, and those of the real seasons all to one.

    What they share is then built once. xdist's own groups are read from an attribute that pytest 9
    no longer has: with them every worker built everything.
    """

    def _split_scope(self, nodeid: str) -> str:
        path = nodeid.partition("::")[0]
        return "real" if "/test_real_" in path else path


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> SharedFixtures:
    """The scheduler for `-n 2`, whatever `--dist` says."""
    return SharedFixtures(config, log)
