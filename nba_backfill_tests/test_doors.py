"""One story by three doors: the UI with its daemon, `dagster asset materialize`, `nba-backfill run`.

Each door is given the same warehouse and the same four days: one to be refused as a whole, one
with a bad game, one with a bad game that was accepted, and one whose upstream day must be carried.
What the webserver's GraphQL then says of them must not depend on the door.
"""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner
from dagster._cli.asset import asset_cli
from dagster._core.remote_origin import InProcessCodeLocationOrigin
from dagster._core.test_utils import InProcessTestWorkspaceLoadTarget
from dagster._core.types.loadable_target_origin import LoadableTargetOrigin
from dagster._core.workspace.context import WorkspaceProcessContext
from dagster._daemon.backfill import execute_backfill_iteration
from dagster._daemon.daemon import get_default_daemon_logger
from dagster._daemon.run_coordinator.queued_run_coordinator_daemon import (
    QueuedRunCoordinatorDaemon,
)
from dagster_graphql.test.utils import execute_dagster_graphql

from nba_backfill import cli
from nba_backfill.cli import session
from nba_backfill.core.run_origin import LOCATION
from nba_backfill_tests.conftest import PROJECT

TABLE, READER = "team_boxes", "team_offense_game_summary"
REFUSED, QUARANTINED, ACCEPTED, CARRIED = "2024-11-11", "2024-11-12", "2024-11-13", "2024-11-14"
BAD = "UPDATE nba_raw.nbac_team_boxscore SET fg_attempted = 0 WHERE game_date = '{day}'"
OF_ONE_CLUB = (
    " AND team_abbr = (SELECT min(team_abbr) FROM nba_staging.team_boxes"
    " WHERE game_date = '{day}' AND source = 'nbac_team_boxscore')"
)
IN_MEMORY_LAUNCHER = """
run_launcher:
  module: dagster._core.launcher.sync_in_memory_run_launcher
  class: SyncInMemoryRunLauncher
"""
ACCEPTANCE_ID = re.compile(r'"acceptance": "[^"]*"')
pytestmark = pytest.mark.slow

LAUNCH = """
mutation ($params: LaunchBackfillParams!) {
  launchPartitionBackfill(backfillParams: $params) { __typename }
}
"""
PARTITIONS = """
query ($key: AssetKeyInput!) { assetNodeOrError(assetKey: $key) { ... on AssetNode {
  assetPartitionStatuses { ... on TimePartitionStatuses { ranges { status startKey endKey } } }
} } }
"""
CHECKS = """
query ($key: AssetKeyInput!) { assetNodeOrError(assetKey: $key) { ... on AssetNode {
  assetChecksOrError { ... on AssetChecks { checks {
    name
    executionForLatestMaterialization { status evaluation { severity success description } }
  } } }
} } }
"""
EVENTS = """
query ($key: AssetKeyInput!, $partitions: [String!]) { assetOrError(assetKey: $key) { ... on Asset {
  assetEventHistory(limit: 1, partitions: $partitions, eventTypeSelectors: [MATERIALIZATION]) {
    results { ... on MaterializationEvent { partition metadataEntries { label
      ... on TextMetadataEntry { text }
      ... on IntMetadataEntry { intValue }
      ... on TableMetadataEntry { table { records } }
    } } }
  }
} } }
"""
RUNS = """
query { runsOrError { ... on Runs { results {
  jobName status startTime repositoryOrigin { repositoryName repositoryLocationName }
} } } }
"""


class Home:
    """A folder with a Dagster instance and a warehouse, seen through the webserver's GraphQL."""

    def __init__(self, path: Path, webserver: WorkspaceProcessContext) -> None:
        self.path = path
        self.webserver = webserver

    def sql(self, statement: str) -> None:
        """Change the warehouse behind everyone's back."""
        with duckdb.connect(str(self.path)) as connection:
            connection.execute(statement)

    def nba(self, *arguments: str) -> int:
        """An `nba-backfill` command's exit code."""
        return CliRunner().invoke(cli.main, arguments).exit_code

    def ask(self, query: str, **variables: object) -> dict:
        """The webserver's answer."""
        context = self.webserver.create_request_context()
        result = execute_dagster_graphql(context, query, variables)
        assert not result.errors, result.errors
        return result.data

    def partitions(self, table: str) -> dict[str, str]:
        """Status of each of the story's days on the partition page; missing ones are left out."""
        node = self.ask(PARTITIONS, key={"path": [table]})["assetNodeOrError"]
        return {
            day: found["status"]
            for day in (REFUSED, QUARANTINED, ACCEPTED, CARRIED)
            for found in node["assetPartitionStatuses"]["ranges"]
            if found["startKey"] <= day <= found["endKey"]
        }

    def checks(self, table: str) -> dict[str, tuple]:
        """Each check's latest status, severity and words."""
        node = self.ask(CHECKS, key={"path": [table]})["assetNodeOrError"]
        found = {}
        for check in node["assetChecksOrError"]["checks"]:
            execution = check["executionForLatestMaterialization"]
            said = execution["evaluation"] or {}
            found[check["name"]] = (execution["status"], *said.values())
        return found

    def metadata(self, table: str, day: str) -> dict[str, object]:
        """Metadata of a day's latest materialization: a text, a number, or rows of a table.

        Without what differs between any two tellings: moments, durations, ids of acceptances.
        """
        asked = {"key": {"path": [table]}, "partitions": [day]}
        [event] = self.ask(EVENTS, **asked)["assetOrError"]["assetEventHistory"]["results"]
        return {
            entry["label"]: entry.get("text")
            or entry.get("intValue")
            or [ACCEPTANCE_ID.sub("", row) for row in entry.get("table", {}).get("records", [])]
            for entry in event["metadataEntries"]
            if entry["label"] not in ("nba/seconds", "nba/recorded_at")
        }

    def runs(self) -> list[dict]:
        """All runs, the first one first."""
        return self.ask(RUNS)["runsOrError"]["results"][::-1]


def workspace(instance) -> WorkspaceProcessContext:
    """The workspace as `dagster dev` loads it, in this process."""
    target = LoadableTargetOrigin(
        executable_path=sys.executable, module_name="nba_backfill.definitions"
    )
    origin = InProcessCodeLocationOrigin(target, location_name=LOCATION)
    return WorkspaceProcessContext(instance, InProcessTestWorkspaceLoadTarget([origin]))


def by_the_ui(home: Home, table: str, day: str) -> None:
    """Launch as the UI does, and let the daemon take it from there."""
    key = {"path": [table]}
    target = {"assetKey": key, "partitions": {"range": {"start": day, "end": day}}}
    done = home.ask(LAUNCH, params={"partitionsByAssets": [target]})
    assert done["launchPartitionBackfill"]["__typename"] == "LaunchBackfillSuccess"
    logger = get_default_daemon_logger("backfill")
    for _ in range(2):
        list(execute_backfill_iteration(home.webserver, logger))
        list(QueuedRunCoordinatorDaemon(interval_seconds=1).run_iteration(home.webserver))


def by_dagsters_command(home: Home, table: str, day: str) -> None:
    """`dagster asset materialize --partition`."""
    arguments = ["materialize", "--select", table, "--partition", day]
    CliRunner().invoke(asset_cli, [*arguments, "-m", "nba_backfill.definitions"])


def by_our_command(home: Home, table: str, day: str) -> None:
    """`nba-backfill run`."""
    home.nba("run", table, "--dates", day)


DOORS = {
    "the UI and its daemon": by_the_ui,
    "dagster asset materialize": by_dagsters_command,
    "nba-backfill run": by_our_command,
}


@pytest.fixture(scope="module", params=DOORS)
def told(request, demo_folder, demo_warehouse, tmp_path_factory):
    """The story as one door wrote it."""
    door = DOORS[request.param]
    folder = tmp_path_factory.mktemp("door")
    demo_warehouse.warehouse.connection.execute("CHECKPOINT")
    shutil.copy(demo_warehouse.warehouse.path, folder / "copy.duckdb")
    config = (PROJECT / "dagster.yaml").read_text(encoding="utf-8")
    (folder / "dagster.yaml").write_text(config + IN_MEMORY_LAUNCHER, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patched:
        patched.chdir(folder)
        patched.delenv("DAGSTER_HOME", raising=False)
        patched.setenv("NBA_RAW_DIR", str(demo_folder))
        patched.setenv("NBA_DUCKDB_PATH", str(folder / "copy.duckdb"))
        session.definitions.cache_clear()
        with session.instance_of_dagster() as instance, workspace(instance) as webserver:
            home = Home(folder / "copy.duckdb", webserver)
            tell_the_story(home, door)
            yield home
        session.definitions.cache_clear()


def tell_the_story(home: Home, door: Callable[[Home, str, str], None]) -> None:
    """Spoil three days and lose a fourth; run all of them; accept what was refused of one."""
    assert home.nba("sync") == 0
    home.sql(BAD.format(day=REFUSED))
    for day in (QUARANTINED, ACCEPTED):
        home.sql((BAD + OF_ONE_CLUB).format(day=day))
    home.sql(
        "DELETE FROM nba_orchestration.partition_ledger"
        f" WHERE table_name = 'nba_staging.{TABLE}' AND day = '{CARRIED}'"
    )
    for day in (REFUSED, QUARANTINED, ACCEPTED):
        door(home, TABLE, day)
    assert home.nba("accept", TABLE, "--dates", ACCEPTED, "--because", "as in the PDF") == 0
    door(home, TABLE, ACCEPTED)
    door(home, READER, CARRIED)


def test_refused_quarantined_accepted_and_carried_days_have_their_colour(told):
    assert told.partitions(TABLE) == {
        REFUSED: "FAILED",
        QUARANTINED: "MATERIALIZED",
        ACCEPTED: "MATERIALIZED",
        CARRIED: "MATERIALIZED",
    }


def test_a_check_says_what_is_wrong_with_all_days_after_a_run_of_one_that_is_right(told):
    status, severity, success, said = told.checks(TABLE)["ranges"]
    assert (status, severity, success) == ("FAILED", "ERROR", False)
    assert f"{REFUSED}: rejected:" in said
    assert f"{QUARANTINED}: withheld" in said
    assert f"{ACCEPTED}: accepted by" in said
    assert told.checks(TABLE)["duplicates"][0] == "SUCCEEDED"


def test_a_run_with_a_refusal_has_failed_and_every_run_is_on_the_timeline(told):
    runs = told.runs()
    assert [run["status"] for run in runs[1:]] == ["FAILURE"] * 3 + ["SUCCESS"] * 2
    for run in runs:
        assert run["startTime"]
        assert run["repositoryOrigin"] == {
            "repositoryName": "__repository__",
            "repositoryLocationName": LOCATION,
        }


def test_a_day_says_its_outcome_and_what_was_withheld_or_accepted(told):
    quarantined, accepted = told.metadata(TABLE, QUARANTINED), told.metadata(TABLE, ACCEPTED)
    assert quarantined["nba/outcome"] == "unavailable"
    assert quarantined["dagster/partition_row_count"] > 0
    assert "rule makes_within_attempts" in str(quarantined["nba/withheld"])
    assert "as in the PDF" in str(accepted["nba/accepted"])


def test_a_carrying_run_says_in_one_table_what_it_carried_and_why(told):
    [line] = told.metadata(READER, CARRIED)["nba/carried"]
    assert f'"table": "{TABLE}"' in line
    assert '"days": 1' in line
    assert '"why": "1 missing"' in line
    assert told.metadata(TABLE, CARRIED)["nba/carried_for"] == READER


stories: dict[str, tuple] = {}


def test_the_story_is_the_same_by_every_door(told, request):
    stories[request.node.callspec.id] = (
        {table: told.partitions(table) for table in (TABLE, READER)},
        {table: told.checks(table) for table in (TABLE, READER)},
        [run["status"] for run in told.runs()],
        {day: told.metadata(TABLE, day) for day in (QUARANTINED, ACCEPTED, CARRIED)},
        told.metadata(READER, CARRIED),
    )
    first, *others = stories.values()
    for other in others:
        assert other == first
