"""A declaration that changes: what is stored stays, what cannot is stale, and only that."""

from __future__ import annotations

from dataclasses import replace

import duckdb
import pytest

from nba_backfill.backfill.plan import plan
from nba_backfill.backfill.world import World
from nba_backfill.core.table import Column
from nba_backfill.materialization.step import Step
from nba_backfill.warehouse.duckdb import DuckDBWarehouse
from nba_backfill.warehouse.duckdb_reader import DuckDBReader
from nba_backfill.warehouse.ledger import Status
from nba_backfill_tests.core.toy_league import SEASON_POINTS, TEAM_POINTS, TOY, ToyLeague, day

ALL_DAYS = [day(n) for n in range(6)]
GAME_DAYS = (0, 1, 2, 4, 5)


@pytest.fixture
def path(tmp_path):
    """A computed toy warehouse, closed."""
    league = ToyLeague(tmp_path / "toy.duckdb")
    for table in TOY:
        Step(table, TOY, league.warehouse).run(ALL_DAYS)
    league.warehouse.close()
    return tmp_path / "toy.duckdb"


def redeclare(monkeypatch, columns, sql=None):
    monkeypatch.setitem(TEAM_POINTS.__dict__, "columns", tuple(columns))
    if sql:
        monkeypatch.setitem(TEAM_POINTS.__dict__, "sql", sql)


def rows(path):
    with duckdb.connect(str(path), read_only=True) as connection:
        return connection.execute("FROM nba_analytics.team_points ORDER BY ALL").fetchall()


def due(warehouse):
    world = World.look(TOY, warehouse, ALL_DAYS)
    made = plan(world, list(TOY.order), ALL_DAYS, missing_only=True)
    return {
        (p.table, (d - day(0)).days): reason.value
        for p in made.tables
        for d, reason in p.days.items()
        if reason.value != "code_changed"
    }


def opened(path, how):
    return DuckDBWarehouse(path) if how == "writing" else DuckDBReader(path)


def test_a_retyped_column_keeps_what_can_be_cast_and_nothing_is_stale(path, monkeypatch):
    points = replace(TEAM_POINTS.column("points"), type="FLOAT64")
    redeclare(monkeypatch, [points if c.name == "points" else c for c in TEAM_POINTS.columns])
    before = rows(path)
    reader = DuckDBReader(path)
    assert due(reader) == {}
    reader.ensure_table(TEAM_POINTS)
    assert (
        reader.connection.execute("FROM nba_analytics.team_points ORDER BY ALL").fetchall()
        == before
    )
    reader.close()
    assert rows(path) == before
    warehouse = DuckDBWarehouse(path)
    assert due(warehouse) == {}
    warehouse.close()
    assert rows(path) == before


@pytest.mark.parametrize("how", ["reading", "writing"])
def test_days_whose_values_cannot_be_cast_are_stale_and_carried(path, monkeypatch, how):
    with duckdb.connect(str(path)) as connection:
        connection.execute(
            "ALTER TABLE nba_analytics.team_points ALTER points TYPE VARCHAR;"
            f" UPDATE nba_analytics.team_points SET points = 'many' WHERE game_date = '{day(1)}'"
            " AND team_abbr = 'ATL'"
        )
    warehouse = opened(path, how)
    assert due(warehouse) == {
        ("team_points", 1): "columns_changed",
        ("season_points", 2): "if_inputs_change",
        ("season_points", 4): "if_inputs_change",
        ("season_points", 5): "if_inputs_change",
    }
    warehouse.close()


@pytest.mark.parametrize("how", ["reading", "writing"])
def test_a_new_column_makes_every_day_with_rows_stale_and_a_renamed_one_too(path, monkeypatch, how):
    doubled = Column("points_twice", "INT64", "Points twice")
    sql = TEAM_POINTS.sql.replace("  s.points\n", "  s.points,\n  2 * s.points AS points_twice\n")
    redeclare(monkeypatch, [*TEAM_POINTS.columns, doubled], sql)
    warehouse = opened(path, how)
    found = due(warehouse)
    assert {key for key in found if key[0] == "team_points"} == {
        ("team_points", n) for n in GAME_DAYS
    }
    assert found["team_points", 0] == "columns_changed"
    # A run of one day leaves the others stale, though the column is there now.
    Step(TEAM_POINTS, TOY, warehouse).run([day(0)])
    assert {n for table, n in due(warehouse) if table == "team_points"} == {1, 2, 4, 5}
    Step(TEAM_POINTS, TOY, warehouse).run(ALL_DAYS)
    # The rows of the input are others now: its reader is computed anew as well.
    assert {table for table, _ in due(warehouse)} == {"season_points"}
    Step(SEASON_POINTS, TOY, warehouse).run(ALL_DAYS)
    assert due(warehouse) == {}
    [(low, high)] = warehouse.connection.execute(
        "SELECT min(points_twice - 2 * points), max(points_twice - 2 * points)"
        " FROM nba_analytics.team_points"
    ).fetchall()
    assert (low, high) == (0, 0)
    warehouse.close()


def test_a_column_no_longer_declared_stays_and_nothing_is_stale(path, monkeypatch):
    redeclare(monkeypatch, [c for c in TEAM_POINTS.columns if c.name != "points"])
    before = rows(path)
    warehouse = DuckDBWarehouse(path)
    warehouse.ensure_table(TEAM_POINTS)
    world = World.look(TOY, warehouse, ALL_DAYS)
    assert [world.due(TEAM_POINTS, day(n)) for n in GAME_DAYS] == [None] * 5
    warehouse.close()
    assert rows(path) == before


def test_readers_of_a_stale_column_do_not_read_nothing_and_end_complete(path, monkeypatch):
    with duckdb.connect(str(path)) as connection:
        connection.execute("ALTER TABLE nba_analytics.team_points RENAME points TO old_points")
    warehouse = DuckDBWarehouse(path)
    found = due(warehouse)
    assert found["team_points", 4] == "columns_changed"
    for name in TOY.order:
        days = sorted({n for table, n in found if table == name})
        if days:
            Step(TOY.table(name), TOY, warehouse).run([day(n) for n in days])
    history = warehouse.histories([SEASON_POINTS.relation])[SEASON_POINTS.relation]
    assert history.get(day(5)).status is Status.COMPLETE
    assert warehouse.connection.execute(
        f"SELECT points_before FROM nba_analytics.season_points WHERE game_date = '{day(5)}'"
        " AND team_abbr = 'ATL'"
    ).fetchone() == (100 + 110 + 120 + 140,)
    warehouse.close()
