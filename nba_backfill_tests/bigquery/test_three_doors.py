"""NBA_WAREHOUSE=bigquery by three doors: the UI, `dagster asset materialize`, `nba-backfill run`.

Each door finds an empty warehouse beside the same raw tables (datasets under a prefix of its own),
asks for two days of one table, carries what they need, and must end in DuckDB's rows. Dagster runs
steps in processes of their own.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from dagster._daemon.backfill import execute_backfill_iteration
from dagster._daemon.daemon import get_default_daemon_logger
from dagster._daemon.run_coordinator.queued_run_coordinator_daemon import (
    QueuedRunCoordinatorDaemon,
)

from nba_backfill.cli import session
from nba_backfill.definitions import CATALOGUE
from nba_backfill_tests.bigquery_double import PROJECT as CLOUD_PROJECT
from nba_backfill_tests.conftest import PROJECT
from nba_backfill_tests.test_doors import IN_MEMORY_LAUNCHER, LAUNCH, Home, workspace

pytestmark = pytest.mark.slow

TABLE = CATALOGUE.table("team_offense_game_summary")
CARRIED = CATALOGUE.table("team_boxes")
FIRST, LAST = "2024-11-06", "2024-11-07"


def by_the_ui(home: Home) -> None:
    """Launch as the UI does, and let the daemon take it from there."""
    target = {"assetKey": {"path": [TABLE.name]}}
    target["partitions"] = {"range": {"start": FIRST, "end": LAST}}
    done = home.ask(LAUNCH, params={"partitionsByAssets": [target]})
    assert done["launchPartitionBackfill"]["__typename"] == "LaunchBackfillSuccess"
    logger = get_default_daemon_logger("backfill")
    for _ in range(2):
        list(execute_backfill_iteration(home.webserver, logger))
        list(QueuedRunCoordinatorDaemon(interval_seconds=1).run_iteration(home.webserver))


def by_dagsters_command(home: Home) -> None:
    """`dagster asset materialize --partition-range`."""
    command = [str(Path(sys.executable).with_name("dagster")), "asset", "materialize"]
    chosen = ["--select", TABLE.name, "--partition-range", f"{FIRST}...{LAST}"]
    subprocess.run([*command, *chosen, "-m", "nba_backfill.definitions"], check=True)


def by_our_command(home: Home) -> None:
    """`nba-backfill run`."""
    assert home.nba("run", TABLE.name, "--dates", f"{FIRST}...{LAST}") == 0


DOORS = {"ui": by_the_ui, "dagster": by_dagsters_command, "ours": by_our_command}


@pytest.fixture(scope="module", params=DOORS)
def home(request, service, tmp_path_factory):
    """A folder in which one door has computed the days."""
    folder = tmp_path_factory.mktemp("door")
    config = (PROJECT / "dagster.yaml").read_text(encoding="utf-8")
    (folder / "dagster.yaml").write_text(config + IN_MEMORY_LAUNCHER, encoding="utf-8")
    variables = {
        "NBA_WAREHOUSE": "bigquery",
        "NBA_BIGQUERY_PROJECT": CLOUD_PROJECT,
        "NBA_BIGQUERY_DATASET_PREFIX": f"{request.param}_",
        "BIGQUERY_EMULATOR_HOST": service.url,
        "PYTHONPATH": os.pathsep.join([str(PROJECT), os.environ.get("PYTHONPATH", "")]),
    }
    with pytest.MonkeyPatch.context() as patched:
        patched.chdir(folder)
        patched.delenv("DAGSTER_HOME", raising=False)
        for name, value in variables.items():
            patched.setenv(name, value)
        session.definitions.cache_clear()
        with session.instance_of_dagster() as instance, workspace(instance) as webserver:
            found = Home(folder, webserver)
            found.door = request.param
            DOORS[request.param](found)
            yield found
        session.definitions.cache_clear()
    shutil.rmtree(folder)


@pytest.mark.parametrize("table", [TABLE, CARRIED], ids=lambda t: t.name)
def test_the_days_and_what_they_need_are_there_as_in_duckdb(home, table, service, demo_warehouse):
    days = f"WHERE {table.date_column} BETWEEN '{FIRST}' AND '{LAST}'"
    order = ", ".join(table.grain)
    columns = ", ".join(c.name for c in table.columns)
    asked = f"SELECT {columns} FROM {{}}{table.relation} {days} ORDER BY {order}"
    rows = service.client().query_and_wait(asked.format(f"{home.door}_"))
    found = [tuple(row.values()) for row in rows]
    assert found == demo_warehouse.query(asked.format(""))
    assert found


def test_dagster_shows_the_days_with_what_they_were_billed(home):
    [ranges] = home.ask(
        """query ($key: AssetKeyInput!) { assetNodeOrError(assetKey: $key) { ... on AssetNode {
        kinds assetPartitionStatuses { ... on TimePartitionStatuses { ranges {
        status startKey endKey } } } } } }""",
        key={"path": [TABLE.name]},
    )["assetNodeOrError"]["assetPartitionStatuses"]["ranges"]
    assert ranges == {"status": "MATERIALIZED", "startKey": FIRST, "endKey": LAST}
    said = home.metadata(TABLE.name, FIRST)
    assert said["nba/outcome"] in ("complete", "unavailable")
    assert said["nba/bytes_billed"] > 0


def test_the_run_succeeded_and_is_not_taken_for_dead(home):
    assert [run["status"] for run in home.runs()] == ["SUCCESS"]


def test_status_sums_what_was_billed_and_says_that_nothing_is_due(home):
    asked = ["status", TABLE.name, "--dates", f"{FIRST}...{LAST}"]
    done = subprocess.run(
        [sys.executable, "-m", "nba_backfill", *asked],
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Billed for the days as they stand" in done.stdout, done.stderr
    assert done.returncode == 0, done.stdout
