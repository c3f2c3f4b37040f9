"""The production configuration, started: its install steps, its daemon, its loss and restoration."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import dagster as dg
import duckdb
import pytest
from dagster._core.execution.backfill import BulkActionStatus

from nba_backfill.core.partitions import DAYS
from nba_backfill_tests.conftest import PROJECT
from nba_backfill_tests.postgres import Postgres, running_postgres

pytestmark = pytest.mark.slow
DATES = "2024-10-22...2024-10-25"
TABLES = ("games", "game_lines")
PATIENCE_SECONDS = 240
BIN = Path(sys.executable).parent


@dataclass
class Production:
    """A folder that is DAGSTER_HOME with the production dagster.yaml, and the environment of it.

    The warehouse is the embedded one, so runs wait for each other; all else is as deployed.
    """

    home: Path
    environment: dict[str, str]

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """A command of ours, ended."""
        return subprocess.run(
            [BIN / "python", "-m", "nba_backfill", *command],
            cwd=self.home,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )

    @contextmanager
    def daemon(self) -> Iterator[None]:
        """Dagster's daemon in a process of its own."""
        with (self.home / "daemon.log").open("wb") as log:
            daemon = subprocess.Popen(
                [BIN / "dagster-daemon", "run", "-m", "nba_backfill.definitions"],
                cwd=self.home,
                env=self.environment,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
            try:
                yield
            finally:
                daemon.send_signal(signal.SIGINT)
                try:
                    daemon.wait(30)
                except subprocess.TimeoutExpired:
                    daemon.kill()
                    daemon.wait()

    def shown(self) -> dict[str, list[str]]:
        """Days that Dagster shows as materialized, by table."""
        with self.instance() as instance:
            return {
                table: sorted(instance.get_materialized_partitions(dg.AssetKey(table)))
                for table in TABLES
            }

    @contextmanager
    def instance(self) -> Iterator[dg.DagsterInstance]:
        """The instance, opened by this process."""
        with pytest.MonkeyPatch.context() as patched:
            patched.setenv("DAGSTER_POSTGRES_URL", self.environment["DAGSTER_POSTGRES_URL"])
            with dg.DagsterInstance.from_config(str(self.home)) as instance:
                yield instance


@pytest.fixture(scope="module")
def postgres() -> Iterator[Postgres]:
    with running_postgres() as running:
        yield running


@pytest.fixture(scope="module")
def production(postgres, demo_folder, tmp_path_factory) -> Production:
    """Production on its first day, with a backfill of four days run by the daemon."""
    home = tmp_path_factory.mktemp("production")
    configured = (PROJECT / "deploy" / "dagster.yaml").read_text(encoding="utf-8")
    one_at_a_time = configured.replace("max_concurrent_runs: 8", "max_concurrent_runs: 1")
    (home / "dagster.yaml").write_text(one_at_a_time, encoding="utf-8")
    made = Production(
        home,
        {
            **os.environ,
            "PYTHONPATH": str(PROJECT),
            "DAGSTER_HOME": str(home),
            "DAGSTER_POSTGRES_URL": postgres.new_database(),
            "NBA_RAW_DIR": str(demo_folder),
            "NBA_DUCKDB_PATH": str(home / "warehouse.duckdb"),
            "NBA_EXPORT_URL": str(home / "exports"),
        },
    )
    submitted = made.run("run", *TABLES, "--dates", DATES, "--via", "daemon")
    assert submitted.returncode == 0, submitted.stdout + submitted.stderr
    with made.daemon(), made.instance() as instance:
        deadline = time.monotonic() + PATIENCE_SECONDS
        [backfill] = instance.get_backfills()
        while backfill.status is BulkActionStatus.REQUESTED and time.monotonic() < deadline:
            time.sleep(1)
            backfill = instance.get_backfill(backfill.backfill_id)
    assert backfill.status is BulkActionStatus.COMPLETED_SUCCESS, (home / "daemon.log").read_text()[
        -3000:
    ]
    return made


def test_a_backfill_that_the_daemon_launched_is_green_on_postgres(production):
    days = DAYS.get_partition_keys_in_range(dg.PartitionKeyRange(*DATES.split("...")))
    assert production.shown() == dict.fromkeys(TABLES, days)
    with production.instance() as instance:
        runs = instance.get_runs()
        assert {run.status for run in runs} == {dg.DagsterRunStatus.SUCCESS}
        assert type(instance.event_log_storage).__name__ == "BatchedPostgresEventLogStorage"
    log = (production.home / "daemon.log").read_text()
    assert "Falling back to storing" not in log
    assert "Traceback" not in log
    assert production.run("status", *TABLES, "--dates", DATES).returncode == 0


def test_restored_rows_and_ledger_bring_back_a_lost_dagster(production, postgres, tmp_path):
    """The drill of deploy/README.md: what is kept is the warehouse, and it says the rest."""
    before = production.shown()
    kept = tmp_path / "kept.duckdb"
    shutil.copy(production.home / "warehouse.duckdb", kept)
    assert not (production.home / "warehouse.duckdb.wal").exists()
    again = Production(
        tmp_path,
        {
            **production.environment,
            "DAGSTER_HOME": str(tmp_path),
            "DAGSTER_POSTGRES_URL": postgres.new_database(),
            "NBA_DUCKDB_PATH": str(kept),
        },
    )
    shutil.copy(production.home / "dagster.yaml", tmp_path / "dagster.yaml")
    assert again.shown() == {table: [] for table in TABLES}
    synced = again.run("sync")
    assert synced.returncode == 0, synced.stdout + synced.stderr
    assert again.shown() == before
    nothing = again.run("run", *TABLES, "--dates", DATES, "--missing-only")
    assert "Nothing to do: every day stands" in nothing.stdout
    # And the other way round: a warehouse of yesterday takes today's days back in Dagster.
    with duckdb.connect(str(kept)) as older:
        older.execute(
            "DELETE FROM nba_orchestration.partition_ledger"
            " WHERE table_name = 'nba_staging.games' AND day = '2024-10-25'"
        )
    again.run("sync")
    assert again.shown()["games"] == before["games"][:-1]


def test_the_containers_install_steps_give_a_platform_that_runs(tmp_path):
    source, prefix = tmp_path / "source", tmp_path / "prefix"
    source.mkdir()
    for name in ("pyproject.toml", "requirements.lock", "README.md"):
        shutil.copy(PROJECT / name, source)
    shutil.copytree(
        PROJECT / "nba_backfill",
        source / "nba_backfill",
        ignore=shutil.ignore_patterns("__pycache__"),
    )
    outside = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "VIRTUAL_ENV")}
    path = os.pathsep.join([str(Path(sys.base_prefix) / "bin"), outside["PATH"]])
    installed = subprocess.run(
        [PROJECT / "deploy" / "install.sh", source, prefix],
        env={**outside, "PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert installed.returncode == 0, installed.stdout[-2000:] + installed.stderr[-2000:]
    shutil.rmtree(source)

    def runs(*command: str) -> str:
        done = subprocess.run(
            [prefix / "bin" / command[0], *command[1:]],
            cwd=tmp_path,
            env=outside,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    runs("dagster", "definitions", "validate", "-m", "nba_backfill.definitions")
    runs("python", "-c", "import nba_backfill.core.postgres, dagster_k8s, dagster_gcp")
    assert "plan" in runs("nba-backfill", "--help")
    assert "pytest" not in runs("python", "-m", "pip", "list")
