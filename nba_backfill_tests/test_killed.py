"""Killing a run at any moment and running again gives the tables of a run never killed."""

from __future__ import annotations

import datetime as dt
import os
import shutil
import signal
import subprocess
import sys
from functools import partial

import duckdb
import pytest

from nba_backfill.definitions import CATALOGUE
from nba_backfill.materialization.catalogue import Catalogue
from nba_backfill.raw.contracts import RAW_TABLES
from nba_backfill.raw.demo_league import write_demo_league
from nba_backfill.raw.loader import load_raw
from nba_backfill.warehouse.duckdb import DuckDBWarehouse
from nba_backfill_tests.conftest import DEMO_SEASON, DEMO_THROUGH, PROJECT, season_days
from nba_backfill_tests.core.toy_league import PAIRS, TOY, ToyLeague, day
from nba_backfill_tests.killing import (
    PHASES,
    TellingWarehouse,
    kill_runs,
    run,
)

FIRST = "2024-10-22"
KILLS = [16, pytest.param(40, marks=pytest.mark.longest)]
TOY_KILLS = [60, pytest.param(170, marks=pytest.mark.longest)]
ROWS = Catalogue(t for t in CATALOGUE.by_name.values() if getattr(t, "publication", None) is None)
"""All but the documents, which are killed in publishing/test_killed_documents.py."""
TOY_DAYS = [day(n) for n in range(6)]
THROUGH, CHANGED_DAY = dt.date(2024, 11, 8), "2024-11-07"


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
    return {table.name: warehouse.fingerprints(table, table.relation) for table in ROWS}


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


def contents_of(warehouse, catalogue):
    """Every table's rows, day by day, as count and hash."""
    return {
        table.name: warehouse.fingerprints(table, table.relation)
        for table in catalogue
        if warehouse.ensure_table(table) is None
    }


def toy_run(warehouse, version):
    """Other points and, on a day of two games, one game or two: then everything that is due."""
    league = ToyLeague.of(warehouse)
    home, away = PAIRS[1]
    league.raw(
        f"UPDATE nba_raw.scores SET points = points + 2 * {version} % 14 - 6"
        f" WHERE game_date <= '{day(2)}';"
        "UPDATE nba_raw.scores SET points = 100 WHERE points NOT BETWEEN 60 AND 190;"
        f"DELETE FROM nba_raw.fixtures WHERE game_date = '{day(4)}' AND home = '{home}';"
        + f"INSERT INTO nba_raw.fixtures VALUES ('{day(4)}', '{home}', '{away}', true)"
        * (version % 2)
    )
    run(warehouse, TOY, TOY_DAYS)


def test_a_toy_run_killed_ten_times_loses_nothing_and_doubles_nothing(tmp_path):
    tally, resumed, rebuilt = killed_toy(tmp_path, kills=10)
    assert (tally.kills, tally.lost, tally.doubled, tally.differing) == (10, 0, 0, [])
    assert resumed == rebuilt


@pytest.mark.slow
@pytest.mark.parametrize("kills", TOY_KILLS)
def test_a_toy_run_that_is_killed_at_moments_spread_over_all_it_does(tmp_path, kills):
    tally, resumed, rebuilt = killed_toy(tmp_path, kills=kills)
    assert (tally.kills, tally.lost, tally.doubled, tally.differing) == (kills, 0, 0, [])
    assert resumed == rebuilt
    assert {where.split()[1] for where in tally.hit} == {*PHASES}


def killed_toy(folder, kills):
    """Kill runs over a toy league; then its content once resumed, and rebuilt from nothing."""
    path = folder / "toy.duckdb"
    ToyLeague(path).warehouse.close()
    tally = kill_runs(path, toy_run, TOY, kills=kills, seed=kills)
    print(tally)  # noqa: T201 - how the kills were spread
    warehouse = DuckDBWarehouse(path)
    toy_run(warehouse, 1)
    resumed = contents_of(warehouse, TOY)
    for table in TOY:
        warehouse.connection.execute(f"DROP TABLE {table.relation}")
    warehouse.connection.execute(
        "DELETE FROM nba_orchestration.partition_ledger WHERE table_name NOT LIKE 'nba_raw.%'"
    )
    warehouse.close()
    anew = DuckDBWarehouse(path)
    run(anew, TOY, TOY_DAYS)
    rebuilt = contents_of(anew, TOY)
    anew.close()
    return tally, resumed, rebuilt


def changed(folder, original, version):
    """Raw files of a numbered version: other minutes, fouls, lines and totals on one day."""
    of_day = f"game_date = '{CHANGED_DAY}'"
    changes = {
        "nbac_gamebook_player_stats": f"plus_minus = plus_minus + {version} % 7,"
        f" personal_fouls = (personal_fouls + {version}) % 6",
        "odds_api_player_points_props": f"points_line = points_line + {version} % 5",
        "odds_api_game_lines": f"outcome_point = outcome_point + {version} % 3",
    }
    for table, change in changes.items():
        path = f"nba_raw/{table}/{DEMO_SEASON}.parquet"
        with duckdb.connect() as connection:
            connection.execute(f"CREATE TABLE raw AS FROM '{original / path}'")
            connection.execute(f"UPDATE raw SET {change} WHERE {of_day}")
            if table == "odds_api_player_points_props" and version % 2:
                connection.execute(f"DELETE FROM raw WHERE {of_day} AND player_lookup < 'd'")
            connection.execute(f"COPY raw TO '{folder / path}.new' (FORMAT parquet)")
        (folder / f"{path}.new").replace(folder / path)


def league_run(folder, original, warehouse, version):
    """Load the raw files of a version and compute all that is due."""
    if isinstance(warehouse, TellingWarehouse):
        changed(folder, original, version)
    load_raw(warehouse, folder, RAW_TABLES)
    run(warehouse, ROWS, season_days(DEMO_SEASON, THROUGH))


@pytest.mark.slow
@pytest.mark.parametrize("kills", KILLS)
def test_runs_over_all_tables_that_are_killed_lose_nothing_and_double_nothing(tmp_path, kills):
    original, folder = tmp_path / "original", tmp_path / "raw"
    write_demo_league(original, [DEMO_SEASON], defects=True, through=THROUGH)
    shutil.copytree(original, folder)
    path = tmp_path / "league.duckdb"
    warehouse = DuckDBWarehouse(path)
    league_run(folder, original, warehouse, 0)
    warehouse.close()

    work = partial(league_run, folder, original)
    tally = kill_runs(path, work, ROWS, kills=kills, seed=60)
    print(tally)  # noqa: T201 - how the kills were spread
    assert (tally.kills, tally.lost, tally.doubled, tally.differing) == (kills, 0, 0, [])
    assert {where.split()[1] for where in tally.hit} == {*PHASES}

    # Refused rows would leave earlier ones in their place, which a rebuild does not have.
    contents = []
    for name in ("league.duckdb", "anew.duckdb"):
        warehouse = DuckDBWarehouse(tmp_path / name)
        league_run(folder, original, warehouse, 0)
        contents.append(contents_of(warehouse, ROWS))
        for found in warehouse.histories(t.relation for t in ROWS).values():
            assert [r for r in found.by_day.values() if r.is_refused] == []
        warehouse.close()
    assert contents[0] == contents[1]
