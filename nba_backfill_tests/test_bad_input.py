"""A day whose raw input is corrupt ends refused or unavailable, with the reason; others go on."""

from __future__ import annotations

import datetime as dt
import shutil
from dataclasses import dataclass

import duckdb
import pytest

from nba_backfill.core.step import Step
from nba_backfill.definitions import CATALOGUE
from nba_backfill.raw.contracts import RAW_TABLES
from nba_backfill.raw.loader import load_raw
from nba_backfill.warehouse.duckdb import DuckDBWarehouse
from nba_backfill.warehouse.ledger import Status
from nba_backfill_tests.conftest import DEMO_SEASON, ComputedWarehouse

BAD_DAY = dt.date(2024, 11, 12)
RANGE = [dt.date(2024, 11, 11) + dt.timedelta(days=n) for n in range(5)]
SAME_DAY_TABLES = ("games", "player_boxes", "team_boxes", "team_offense_game_summary")


@dataclass(frozen=True)
class Corruption:
    """How a raw table is spoiled on BAD_DAY and what must become of the day."""

    table: str
    select: str
    hit: str
    status: Status
    reason: str
    also: tuple[str, str] | None = None


ONE_GAME = f"game_date = '{BAD_DAY}' AND home_team_abbr = (SELECT min(home_team_abbr) FROM raw WHERE game_date = '{BAD_DAY}')"
ONE_FIXTURE = f"game_date = '{BAD_DAY}' AND home_team_tricode = (SELECT min(home_team_tricode) FROM raw WHERE game_date = '{BAD_DAY}' AND is_regular_season)"
CORRUPTIONS = {
    "a game scheduled twice under two ids": Corruption(
        "nbac_schedule",
        f"FROM raw UNION ALL SELECT * REPLACE (game_id[:9] || 'X' AS game_id) FROM raw WHERE {ONE_FIXTURE}",
        "games",
        Status.REJECTED,
        "repeat the key",
    ),
    "an impossible score": Corruption(
        "nbac_schedule",
        f"SELECT * REPLACE (CASE WHEN {ONE_FIXTURE} THEN 400 ELSE home_team_score END AS home_team_score) FROM raw",
        "games",
        Status.REJECTED,
        "home_score outside 50..200",
    ),
    "text in a final score": Corruption(
        "nbac_schedule",
        f"SELECT * REPLACE (CASE WHEN {ONE_FIXTURE} THEN 'n/a' ELSE home_team_score::VARCHAR END AS home_team_score) FROM raw",
        "games",
        Status.REJECTED,
        "rule",
    ),
    "a club missing from both box scores": Corruption(
        "nbac_gamebook_player_stats",
        f"FROM raw WHERE NOT ({ONE_GAME} AND team_abbr = home_team_abbr)",
        "player_boxes",
        Status.UNAVAILABLE,
        "2 of",
        also=(
            "bdl_player_boxscores",
            f"FROM raw WHERE NOT ({ONE_GAME} AND team_abbr = home_team_abbr)",
        ),
    ),
    "text in a player's points and no second vendor": Corruption(
        "nbac_gamebook_player_stats",
        f"SELECT * REPLACE (CASE WHEN {ONE_GAME} AND points > 20 THEN 'lots' ELSE points::VARCHAR END AS points) FROM raw",
        "player_boxes",
        Status.UNAVAILABLE,
        "unreadable values: points lots",
        also=("bdl_player_boxscores", f"FROM raw WHERE NOT ({ONE_GAME})"),
    ),
}


def spoil(folder, table, select):
    path = folder / "nba_raw" / table / f"{DEMO_SEASON}.parquet"
    with duckdb.connect() as connection:
        connection.execute(f"CREATE TABLE raw AS FROM '{path}'")
        connection.execute(f"COPY ({select}) TO '{path}.new' (FORMAT parquet)")
    path.with_name(f"{path.name}.new").replace(path)


def rows_of(warehouse, table, day):
    return warehouse.connection.execute(
        f"SELECT * FROM {table.relation} WHERE {table.date_column} = ? ORDER BY ALL", [day]
    ).fetchall()


@pytest.mark.parametrize("name", CORRUPTIONS)
def test_a_corrupt_day_is_refused_or_unavailable_and_the_other_days_are_written(
    name, demo_folder, demo_warehouse: ComputedWarehouse, tmp_path
):
    corruption = CORRUPTIONS[name]
    folder = tmp_path / "raw"
    shutil.copytree(demo_folder, folder)
    demo_warehouse.warehouse.connection.execute("CHECKPOINT")
    shutil.copy(demo_warehouse.warehouse.path, tmp_path / "copy.duckdb")
    warehouse = DuckDBWarehouse(tmp_path / "copy.duckdb")
    hit = CATALOGUE.table(corruption.hit)
    before = rows_of(warehouse, hit, BAD_DAY)
    assert before

    spoil(folder, corruption.table, corruption.select)
    if corruption.also:
        spoil(folder, *corruption.also)
    load_raw(warehouse, folder, RAW_TABLES)
    for table in CATALOGUE:
        Step(table, CATALOGUE, warehouse).run(RANGE)

    record = warehouse.histories([hit.relation])[hit.relation].get(BAD_DAY)
    assert record.status is corruption.status
    assert corruption.reason in record.reason
    if corruption.status is Status.REJECTED:
        assert rows_of(warehouse, hit, BAD_DAY) == before
    else:
        assert 0 < len(rows_of(warehouse, hit, BAD_DAY)) < len(before)
    for table in map(CATALOGUE.table, SAME_DAY_TABLES):
        history = warehouse.histories([table.relation])[table.relation]
        for day in RANGE:
            if day != BAD_DAY:
                assert history.get(day).status.is_readable, (table.name, day)
    warehouse.close()
