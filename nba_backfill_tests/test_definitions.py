"""The definitions as Dagster loads them, and what every declared table must have."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import dagster as dg
import pytest
import yaml

from nba_backfill.backfill.report import catalogue_markdown
from nba_backfill.core.run_origin import LOCATION, OriginatedSqliteRunStorage
from nba_backfill.core.table import DeclarationError, RawTable
from nba_backfill.definitions import CATALOGUE, TABLE_PACKAGES, defs
from nba_backfill.materialization.asset import asset_key
from nba_backfill.materialization.catalogue import Catalogue
from nba_backfill.materialization.judge import STANDARD_CHECKS
from nba_backfill.materialization.lineage import input_columns
from nba_backfill_tests.conftest import PROJECT

TABLES = list(CATALOGUE)
PACKAGE = PROJECT / "nba_backfill"


@pytest.fixture(scope="module")
def definitions(tmp_path_factory):
    return defs()


@pytest.fixture(scope="module")
def graph(definitions):
    return definitions.resolve_asset_graph()


def test_dagster_validates_the_definitions_through_the_workspace_file():
    done = subprocess.run(
        [
            str(Path(sys.executable).with_name("dagster")),
            "definitions",
            "validate",
            "-w",
            "workspace.yaml",
        ],
        cwd=PROJECT,
        env=os.environ | {"PYTHONPATH": str(PROJECT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_runs_of_every_door_name_the_code_location_that_the_workspace_loads():
    [loaded] = yaml.safe_load((PROJECT / "workspace.yaml").read_text())["load_from"]
    assert loaded["python_module"]["location_name"] == LOCATION
    storage = yaml.safe_load((PROJECT / "dagster.yaml").read_text())["run_storage"]
    assert storage["class"] == OriginatedSqliteRunStorage.__name__


@pytest.mark.parametrize("table", TABLES, ids=lambda t: t.name)
def test_every_table_is_a_daily_asset_with_its_dependencies_checks_and_metadata(table, graph):
    node = graph.get(asset_key(table))
    assert node.is_partitioned
    assert node.group_name == table.layer.value
    assert node.backfill_policy == dg.BackfillPolicy.single_run()
    assert node.parent_keys == {asset_key(t) for t in CATALOGUE.inputs(table).values()}
    assert {key.name for key in node.check_keys} >= set(STANDARD_CHECKS)
    assert {"dagster/column_schema", "dagster/column_lineage", "dagster/table_name"} <= set(
        node.metadata
    )
    assert node.owners
    assert node.kinds
    assert node.code_version == table.code_version


@pytest.mark.parametrize("table", TABLES, ids=lambda t: t.name)
def test_every_column_says_what_it_is(table):
    assert table.description
    for column in table.columns:
        assert column.description, column.name


@pytest.mark.parametrize("table", [t for t in TABLES if t.compute is None], ids=lambda t: t.name)
def test_lineage_names_only_columns_that_the_inputs_have(table):
    inputs = CATALOGUE.inputs(table)
    for sources in input_columns(table, inputs).values():
        for name, column in sources:
            assert column in {c.name for c in inputs[name].columns}


@pytest.mark.parametrize("table", CATALOGUE.raw, ids=lambda t: t.name)
def test_every_raw_table_is_an_external_asset_of_its_dataset(table, graph):
    node = graph.get(dg.AssetKey([table.dataset, table.name]))
    assert not node.is_materializable
    assert node.metadata["write_discipline"]


def test_two_tables_of_one_name_and_unknown_inputs_are_refused():
    with pytest.raises(DeclarationError, match="two tables are called"):
        Catalogue([*CATALOGUE.raw, CATALOGUE.raw[0]])
    with pytest.raises(DeclarationError, match="games reads unknown tables"):
        Catalogue([CATALOGUE.table("games")])


def test_only_resources_reads_the_environment():
    readers = [
        path.relative_to(PACKAGE).as_posix()
        for path in PACKAGE.rglob("*.py")
        if re.search(r"os\.environ|os\.getenv", path.read_text())
    ]
    # The CLI sets Dagster's home where none is, and hands its own environment on to pytest; the event
    # log sets Dagster's own batch size.
    allowed = ["cli/regenerate.py", "cli/session.py", "core/event_batches.py", "resources.py"]
    assert sorted(readers) == allowed


THE_ENGINE = re.compile(
    r"import duckdb|nba_backfill\.warehouse\.(?:duckdb|opening|translation)|to_duckdb|duckdb_(?:type|ddl)|DuckDB(?:Warehouse|Reader)"
)


def test_only_the_warehouse_and_the_loader_of_raw_files_know_the_embedded_engine():
    knowing = {
        path.relative_to(PACKAGE).as_posix()
        for path in PACKAGE.rglob("*.py")
        if THE_ENGINE.search(path.read_text())
    }
    loader = {"raw/embedded.py", "raw/loader.py", "raw/holding.py", "raw/source.py"}
    assert {path for path in knowing if not path.startswith("warehouse/")} == loader


def test_only_the_warehouse_and_the_source_of_raw_tables_know_bigquery():
    knowing = {
        path.relative_to(PACKAGE).as_posix()
        for path in PACKAGE.rglob("*.py")
        if re.search(r"google\.(?:cloud|api_core|auth)|warehouse\.bigquery", path.read_text())
    }
    assert {path for path in knowing if not path.startswith("warehouse/")} == {
        "raw/cloud.py",
        "raw/in_place.py",
        "raw/stored.py",
    }


def test_a_number_of_days_has_one_home():
    homes = {"core/window.py", "core/season.py"}
    for path in [*PACKAGE.rglob("*.py"), *PACKAGE.rglob("*.sql")]:
        where = path.relative_to(PACKAGE).as_posix()
        if where in homes or where.startswith("raw/demo_league/"):
            continue
        assert not re.search(r"timedelta\(days=\d|INTERVAL \d+ DAY", path.read_text()), where


def test_raw_contracts_are_read_never_computed():
    assert all(isinstance(table, RawTable) for table in CATALOGUE.raw)
    assert not {t.name for t in CATALOGUE.raw} & set(CATALOGUE.order)


def test_the_readmes_table_catalogue_is_the_declared_one():
    assert catalogue_markdown(CATALOGUE) in (PROJECT / "README.md").read_text()


FLOW = [
    "nba_backfill.core",
    "nba_backfill.warehouse",
    "nba_backfill.materialization",
    "nba_backfill.raw",
    *(package.__name__ for package in TABLE_PACKAGES),
    "nba_backfill.backfill",
    "nba_backfill.automation",
    "nba_backfill.cli",
]


@pytest.mark.parametrize("place", range(len(FLOW)), ids=lambda place: FLOW[place])
def test_no_room_imports_from_one_further_down_the_flow(place):
    for path in (PROJECT / FLOW[place].replace(".", "/")).rglob("*.py"):
        imported = re.findall(r"^\s*(?:from|import) (nba_backfill[\w.]*)", path.read_text(), re.M)
        assert not [m for m in imported for later in FLOW[place + 1 :] if m.startswith(later)], path


@pytest.mark.parametrize(
    "path", sorted(PACKAGE.rglob("*.sql")), ids=lambda path: path.relative_to(PACKAGE).as_posix()
)
def test_every_sql_file_says_its_grain_and_is_part_of_a_table(path):
    sql = path.read_text()
    assert sql.startswith("-- One row per ")
    # Asked by `report accuracy` and `training-set`, which fill no table.
    of_a_command = path.stem in (
        *("accuracy", "market", "pool_quality"),
        *("training_readiness", "training_set"),
    )
    assert of_a_command or any(sql.rstrip() in table.sql for table in CATALOGUE)
