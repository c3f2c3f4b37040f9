"""Killing a run at any moment and running again gives the tables of a run never killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

from nba_backfill.definitions import CATALOGUE
from nba_backfill.warehouse.duckdb import DuckDBWarehouse
from nba_backfill_tests.conftest import DEMO_THROUGH, PROJECT

FIRST = "2024-10-22"


@pytest.fixture
def command(demo_folder, tmp_path):
    """The command line and environment of a user's run in an empty folder."""
    (tmp_path / "dagster.yaml").write_text((PROJECT / "dagster.yaml").read_text())
    environment = os.environ | {
        "NBA_RAW_DIR": str(demo_folder),
        "NBA_DUCKDB_PATH": str(tmp_path / "killed.duckdb"),
        "PYTHONPATH": str(PROJECT),
        "PYTHONUNBUFFERED": "1",
    }
    line = [sys.executable, "-m", "nba_backfill", "run", "--dates", f"{FIRST}...{DEMO_THROUGH}"]
    return {"args": line, "cwd": tmp_path, "env": environment, "text": True}


def contents(warehouse):
    return {table.name: warehouse.fingerprints(table, table.relation) for table in CATALOGUE}


@pytest.mark.slow
@pytest.mark.parametrize("moment", ["loading", "player_boxes", "upcoming_player_game_context"])
def test_killed_and_run_again_equals_never_killed(moment, command, tmp_path, demo_warehouse):
    with subprocess.Popen(
        **command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True
    ) as run:
        for line in run.stdout:
            if moment in line or (moment == "loading" and "tables," in line):
                break
        os.killpg(run.pid, signal.SIGKILL)
    again = subprocess.run(**command, capture_output=True, check=False)
    assert again.returncode == 0, again.stdout + again.stderr
    warehouse = DuckDBWarehouse(tmp_path / "killed.duckdb")
    found = contents(warehouse)
    warehouse.close()
    assert found == contents(demo_warehouse.warehouse)
