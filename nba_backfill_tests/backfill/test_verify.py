"""The proofs: they hold for every table, and each fails when its defect is put in."""

from __future__ import annotations

import datetime as dt
import shutil

import duckdb
import pytest

from nba_backfill.backfill.verify import Verifier
from nba_backfill.core.window import Window
from nba_backfill.definitions import CATALOGUE
from nba_backfill.materialization.step import Step
from nba_backfill.raw.loader import load_raw
from nba_backfill_tests.conftest import DEMO_SEASON, copied
from nba_backfill_tests.core.toy_league import SEASON_POINTS, TEAM_POINTS, TOY, day

DEMO_DAYS = [dt.date(2024, 11, 11), dt.date(2024, 11, 13), dt.date(2024, 11, 19)]
REAL_DAYS = [
    dt.date(2021, 11, 2),
    dt.date(2022, 2, 25),
    dt.date(2023, 11, 8),
    dt.date(2024, 1, 15),
    dt.date(2024, 4, 21),
    dt.date(2025, 1, 11),
    dt.date(2025, 6, 22),
]
ALL_DAYS = [day(n) for n in range(6)]


def verdicts(catalogue, warehouse, table, days):
    return {v.proof: v for v in Verifier(catalogue, warehouse, days).proofs(table)}


def make_snapshot(table, warehouse, day):
    """A snapshot is there for the newest date only, of which nothing can show a look ahead."""
    if table.publication is not None and table.publication.kind.is_once:
        Step(table, CATALOGUE, warehouse, publish=False).run([day])


@pytest.fixture(scope="session")
def demo_copy(demo_warehouse, tmp_path_factory):
    warehouse = copied(demo_warehouse, tmp_path_factory.mktemp("proofs") / "copy.duckdb")
    yield warehouse
    warehouse.close()


@pytest.fixture(scope="session")
def real_copy(real_predictions, tmp_path_factory):
    warehouse = copied(real_predictions, tmp_path_factory.mktemp("real_proofs") / "copy.duckdb")
    yield warehouse
    warehouse.close()


@pytest.mark.parametrize("table", list(CATALOGUE), ids=lambda t: t.name)
def test_every_proof_holds_for_every_table_of_the_demo_league(table, demo_copy):
    make_snapshot(table, demo_copy, DEMO_DAYS[1])
    found = verdicts(CATALOGUE, demo_copy, table, DEMO_DAYS)
    assert {proof for proof, v in found.items() if not v.holds} == set()
    assert all(v.days for v in found.values())


@pytest.mark.slow
@pytest.mark.parametrize("table", list(CATALOGUE), ids=lambda t: t.name)
def test_every_proof_holds_for_every_table_of_the_real_seasons(table, real_copy):
    make_snapshot(table, real_copy, REAL_DAYS[3])
    found = verdicts(CATALOGUE, real_copy, table, REAL_DAYS)
    assert {proof: v.differing for proof, v in found.items() if not v.holds} == {}


BAD_DAY = dt.date(2024, 11, 13)


@pytest.fixture(scope="session")
def withholding_copy(demo_warehouse, demo_folder, tmp_path_factory):
    """The demo league with a game withheld in three layers, some of it stored before."""
    home = tmp_path_factory.mktemp("withholding")
    shutil.copytree(demo_folder, home / "raw")
    for table in ("nbac_gamebook_player_stats", "nbac_team_boxscore", "bdl_player_boxscores"):
        path = home / "raw" / "nba_raw" / table / f"{DEMO_SEASON}.parquet"
        attempted = "fg_attempted" if "team" in table else "field_goals_attempted"
        one = f"game_date = '{BAD_DAY}' AND team_abbr = (SELECT min(team_abbr) FROM raw WHERE game_date = '{BAD_DAY}')"
        duckdb.execute(
            f"CREATE OR REPLACE TEMP TABLE raw AS FROM '{path}'; COPY (SELECT * REPLACE (CASE WHEN"
            f" {one} THEN 0 ELSE {attempted} END AS {attempted}) FROM raw) TO '{path}' (FORMAT parquet)"
        )
    warehouse = copied(demo_warehouse, home / "copy.duckdb")
    load_raw(warehouse, home / "raw", CATALOGUE.raw)
    # One of the tables never had the game.
    boxes = CATALOGUE.table("player_boxes")
    warehouse.connection.execute(f"DELETE FROM {boxes.relation} WHERE game_date = '{BAD_DAY}'")
    for table in CATALOGUE:
        Step(table, CATALOGUE, warehouse).run([BAD_DAY + dt.timedelta(days=n) for n in range(8)])
    yield warehouse
    warehouse.close()


@pytest.mark.slow
@pytest.mark.parametrize("table", list(CATALOGUE), ids=lambda t: t.name)
def test_every_proof_holds_for_every_table_with_a_game_withheld(table, withholding_copy):
    refused = {
        t.name: r.retained_rows
        for t in CATALOGUE
        for r in withholding_copy.histories([t.relation])[t.relation].by_day.values()
        if r.withheld_rows
    }
    assert refused.pop("player_boxes") == 0
    assert refused["team_boxes"] > 0
    days = [BAD_DAY, dt.date(2024, 11, 14), dt.date(2024, 11, 19)]
    found = verdicts(CATALOGUE, withholding_copy, table, days)
    assert {proof for proof, v in found.items() if not v.holds} == set()


def computed(league):
    for table in TOY:
        Step(table, TOY, league.warehouse).run(ALL_DAYS)
    return verdicts(TOY, league.warehouse, SEASON_POINTS, ALL_DAYS)


def broken(found):
    return {proof for proof, verdict in found.items() if not verdict.holds}


def test_on_a_right_table_every_proof_holds(league):
    assert broken(computed(league)) == set()


@pytest.mark.parametrize("stored_before", [True, False])
def test_every_proof_holds_with_a_game_withheld(league, stored_before):
    if stored_before:
        computed(league)
    league.spoil(1, "ATL")
    for table in TOY:
        Step(table, TOY, league.warehouse).run(ALL_DAYS)
    assert league.record(TEAM_POINTS, 1).retained_rows == 2 * stored_before
    for table in TOY:
        assert broken(verdicts(TOY, league.warehouse, table, ALL_DAYS)) == set()


def test_a_window_that_holds_the_day_itself_is_caught(league, monkeypatch):
    """The reference's worst defect: the result being predicted among its own features."""
    leaking = SEASON_POINTS.sql.replace("p.game_date < g.game_date", "p.game_date <= g.game_date")
    assert leaking != SEASON_POINTS.sql
    monkeypatch.setitem(SEASON_POINTS.__dict__, "sql", leaking)
    reads = dict(SEASON_POINTS.reads) | {"team_points": Window.season_to_date(before=False)}
    monkeypatch.setitem(SEASON_POINTS.__dict__, "reads", reads)
    assert broken(computed(league)) == {"truncated at D-1 = complete"}


def test_a_row_that_depends_on_the_range_it_was_computed_in_is_caught(league, monkeypatch):
    leaking = SEASON_POINTS.sql.replace("p.game_date < g.game_date", "p.game_date <= g.game_date")
    monkeypatch.setitem(SEASON_POINTS.__dict__, "sql", leaking)
    assert "day by day, shuffled = range" in broken(computed(league))


def test_a_window_that_is_too_short_is_caught(league, monkeypatch):
    reads = dict(SEASON_POINTS.reads) | {"team_points": Window.days(1)}
    monkeypatch.setitem(SEASON_POINTS.__dict__, "reads", reads)
    assert "scoped read = unlimited read" in broken(computed(league))


def test_a_result_that_changes_from_run_to_run_is_caught(league, monkeypatch):
    random = SEASON_POINTS.sql.replace(
        "SUM(p.points)", "SUM(p.points) + CAST(1000 * RAND() AS INT64)"
    )
    monkeypatch.setitem(SEASON_POINTS.__dict__, "sql", random)
    assert "twice = once" in broken(computed(league))
