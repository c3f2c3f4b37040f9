"""nba-backfill new-table: a table that a stranger adds runs, passes its tests and is documented."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from nba_backfill import cli
from nba_backfill.cli import new_table
from nba_backfill.cli.exits import USAGE
from nba_backfill.definitions import CATALOGUE
from nba_backfill_tests.conftest import PROJECT

ANALYTICS = ("--phase", "phase3_analytics")
NOT_COPIED = (".git", ".venv", ".nba_backfill", ".pytest_cache", ".hypothesis", "__pycache__")


def invoke(*arguments):
    return CliRunner().invoke(cli.main, ["new-table", *arguments], standalone_mode=True)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("games", *ANALYTICS, "--reads", "games"), "there is a table games already"),
        (("Close-Games", *ANALYTICS, "--reads", "games"), "use small letters"),
        (("class", *ANALYTICS, "--reads", "games"), "use small letters"),
        (("close_games", *ANALYTICS, "--reads", "gamez"), "did you mean games?"),
        (("close_games", *ANALYTICS, "--reads", "nbac_schedule"), "nbac_schedule is raw"),
        (
            ("close_games", "--phase", "staging", "--reads", "player_game_summary"),
            "data flows one way",
        ),
        (
            ("close_games", *ANALYTICS, "--reads", "games", "--grain", "game_date,game"),
            "no column of games called game; did you mean game_id",
        ),
        (
            ("close_games", *ANALYTICS, "--reads", "games", "--grain", "game_id"),
            "the grain lacks game_date",
        ),
    ],
)
def test_what_cannot_become_a_table_is_refused_with_what_could(arguments, said):
    before = set(PROJECT.rglob("close_games*"))
    done = invoke(*arguments)
    assert done.exit_code == USAGE
    assert said in " ".join(done.output.split())
    assert set(PROJECT.rglob("close_games*")) == before


def test_without_a_checkout_it_says_where_one_is_needed(tmp_path, monkeypatch):
    monkeypatch.setattr(new_table.definitions, "__file__", str(tmp_path / "a" / "definitions.py"))
    done = invoke("close_games", *ANALYTICS, "--reads", "games")
    assert done.exit_code == USAGE
    assert "is no checkout of the project" in " ".join(done.output.split())


def test_every_table_has_a_test_that_speaks_of_it():
    tests = "\n".join(
        path.read_text(encoding="utf-8") for path in (PROJECT / "nba_backfill_tests").rglob("*.py")
    )
    imported = re.findall(r"^from ([\w.]+) import (\([^)]*\)|.*)$", tests, re.MULTILINE)
    modules = {f"{room}.{name}" for room, names in imported for name in re.findall(r"\w+", names)}
    silent = [
        table.name
        for table in CATALOGUE
        if not re.search(rf"\b{table.name}\b", tests)
        and ".".join(Path(table.source).relative_to(PROJECT).with_suffix("").parts) not in modules
    ]
    assert silent == [], (
        f"no test says what the figures of {', '.join(silent)} mean. For a new table `nba-backfill"
        " new-table NAME --phase PHASE --reads TABLES` writes one beside its declaration"
    )


@pytest.mark.slow
def test_a_new_table_runs_and_passes_as_it_is(tmp_path):
    project = tmp_path / "project"
    shutil.copytree(PROJECT, project, ignore=shutil.ignore_patterns(*NOT_COPIED))
    environment = os.environ | {"PYTHONPATH": str(project)}
    del environment["NBA_CACHE_DIR"]

    def run(*arguments):
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=project,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    made = run("-m", "nba_backfill", "new-table", "close_games", *ANALYTICS, "--reads", "games")
    written = re.findall(r"wrote (\S+)", made)
    assert written == [
        "nba_backfill/analytics/close_games.py",
        "nba_backfill/analytics/close_games.sql",
        "nba_backfill_tests/analytics/test_close_games.py",
    ]
    assert "| `nba_analytics.close_games` | game_date, game_id |" in (
        project / "README.md"
    ).read_text(encoding="utf-8")
    run("-m", "ruff", "check", "--no-cache", ".")
    run("-m", "ruff", "format", "--no-cache", "--check", ".")
    own = "nba_backfill_tests/analytics/test_close_games.py"
    dialect = "nba_backfill_tests/warehouse/test_dialect.py"
    assert "passed" in run("-m", "pytest", "-q", own, dialect, "-k", "close_games")
