"""Bad rows in one game cost that game at most: its day says why, and everything else goes on."""

from __future__ import annotations

import datetime as dt
import shutil
from dataclasses import dataclass

import duckdb
import pytest

from nba_backfill.definitions import CATALOGUE
from nba_backfill.materialization.step import Step
from nba_backfill.raw.contracts import RAW_TABLES
from nba_backfill.raw.loader import load_raw
from nba_backfill.warehouse.duckdb import DuckDBWarehouse
from nba_backfill.warehouse.ledger import Status
from nba_backfill_tests.conftest import (
    BEFORE_MODELS,
    DEMO_SEASON,
    HISTORICAL,
    ComputedWarehouse,
    copied,
)

BAD_DAY = dt.date(2024, 11, 12)
RANGE = [BAD_DAY + dt.timedelta(days=n) for n in range(3)]


@dataclass(frozen=True)
class Corruption:
    """How raw tables are spoiled on BAD_DAY and what must become of the day in one table.

    ``reason`` None: the table has another source, and the day is as it was. ``withheld``: a check
    refuses the game, whose earlier rows stay.
    """

    spoilt: dict[str, str]
    hit: str
    reason: str | None
    withheld: bool = False


CLUB = f"(SELECT min(home_team_abbr) FROM raw WHERE game_date = '{BAD_DAY}')"
ONE_GAME = f"game_date = '{BAD_DAY}' AND home_team_abbr = {CLUB}"
ONE_FIXTURE = (
    f"game_date = '{BAD_DAY}' AND home_team_tricode = (SELECT min(home_team_tricode) FROM raw"
    f" WHERE game_date = '{BAD_DAY}' AND is_regular_season)"
)
BEST = f"{ONE_GAME} AND points = (SELECT max(points) FROM raw WHERE {ONE_GAME})"
NO_GAME = f"FROM raw WHERE NOT ({ONE_GAME})"
NO_CLUB = f"FROM raw WHERE NOT ({ONE_GAME} AND team_abbr = home_team_abbr)"
SCHEDULE, BOARD = "nbac_schedule", "espn_scoreboard"
GAMEBOOK, SECOND, TEAM = "nbac_gamebook_player_stats", "bdl_player_boxscores", "nbac_team_boxscore"


def changed(where, **values):
    """A SELECT of the raw table with other values in some rows."""
    new = ", ".join(
        f"CASE WHEN {where} THEN {value} ELSE {name} END AS {name}"
        for name, value in values.items()
    )
    return f"SELECT * REPLACE ({new}) FROM raw"


DAILY = [t for t in HISTORICAL if not (t.publication and t.publication.kind.is_once)]
"""All but the snapshots, of which only the newest day is kept."""

CORRUPTIONS = {
    "a game scheduled twice under two ids": Corruption(
        {
            SCHEDULE: "FROM raw UNION ALL SELECT * REPLACE (game_id[:9] || 'X' AS game_id)"
            f" FROM raw WHERE {ONE_FIXTURE}"
        },
        "games",
        "repeat the key (game_date, game_id)",
        withheld=True,
    ),
    "a score no game ends with": Corruption(
        {SCHEDULE: changed(ONE_FIXTURE, home_team_score="400")}, "games", None
    ),
    "a score no game ends with, and no other source": Corruption(
        {SCHEDULE: changed(ONE_FIXTURE, home_team_score="400"), BOARD: NO_GAME},
        "games",
        "Played, yet neither the schedule nor the scoreboard has its result",
    ),
    "text in a final score": Corruption(
        {
            SCHEDULE: "SELECT * REPLACE (CASE WHEN " + ONE_FIXTURE + " THEN 'n/a'"
            " ELSE home_team_score::VARCHAR END AS home_team_score) FROM raw",
            BOARD: NO_GAME,
        },
        "games",
        "in the schedule status 3 with",
    ),
    "a finished game that the schedule still calls scheduled": Corruption(
        {
            SCHEDULE: changed(
                ONE_FIXTURE, game_status="1", home_team_score="NULL", away_team_score="NULL"
            )
        },
        "games",
        None,
    ),
    "the same, and the scoreboard silent": Corruption(
        {
            SCHEDULE: changed(
                ONE_FIXTURE, game_status="1", home_team_score="NULL", away_team_score="NULL"
            ),
            BOARD: NO_GAME,
        },
        "games",
        "in the schedule status 1 with no score-no score",
    ),
    "a game that the schedule does not have": Corruption(
        {SCHEDULE: f"FROM raw WHERE NOT ({ONE_FIXTURE})"},
        "games",
        "Box scores of both clubs of a game that the schedule does not have",
    ),
    "a club missing from both box scores": Corruption(
        {GAMEBOOK: NO_CLUB, SECOND: NO_CLUB}, "player_boxes", "2 of"
    ),
    "text in a player's points and no second vendor": Corruption(
        {
            GAMEBOOK: "SELECT * REPLACE (CASE WHEN " + BEST + " THEN 'lots'"
            " ELSE points::VARCHAR END AS points) FROM raw",
            SECOND: NO_GAME,
        },
        "player_boxes",
        "unreadable values: points lots",
    ),
    "more shots made than attempted": Corruption(
        {GAMEBOOK: changed(BEST, field_goals_attempted="field_goals_made - 1"), SECOND: NO_GAME},
        "player_boxes",
        "rule makes_within_attempts broken",
        withheld=True,
    ),
    "points that the shots do not give": Corruption(
        {GAMEBOOK: changed(BEST, free_throws_made="free_throws_made + 1"), SECOND: NO_GAME},
        "player_boxes",
        "rule points_follow_from_shots broken",
        withheld=True,
    ),
    "a game longer than any": Corruption(
        {GAMEBOOK: changed(BEST, minutes="'95:00'"), SECOND: NO_GAME},
        "player_boxes",
        "minutes outside 0..69",
        withheld=True,
    ),
    "team totals that cannot be": Corruption(
        {
            TEAM: f"SELECT * REPLACE (CASE WHEN game_date = '{BAD_DAY}' AND team_abbr = (SELECT"
            f" min(team_abbr) FROM raw WHERE game_date = '{BAD_DAY}') THEN 170 ELSE fg_attempted"
            " END AS fg_attempted) FROM raw"
        },
        "team_boxes",
        "fg_attempts outside 0..160",
        withheld=True,
    ),
    # The held-out season that stopped everything behind it.
    "a second vendor's player under a club of another game": Corruption(
        {
            SECOND: f"FROM raw UNION ALL SELECT * REPLACE ((SELECT max(team_abbr) FROM raw WHERE"
            f" game_date = '{BAD_DAY}') AS team_abbr) FROM raw WHERE {BEST}"
        },
        "player_game_summary",
        None,
    ),
}


def spoil(folder, table, select, season=DEMO_SEASON):
    path = folder / "nba_raw" / table / f"{season}.parquet"
    with duckdb.connect() as connection:
        connection.execute(f"CREATE TABLE raw AS FROM '{path}'")
        connection.execute(f"COPY ({select}) TO '{path}.new' (FORMAT parquet)")
    path.with_name(f"{path.name}.new").replace(path)


def recompute(warehouse, folder):
    load_raw(warehouse, folder, RAW_TABLES)
    for table in DAILY:
        Step(table, CATALOGUE, warehouse).run(RANGE)


def rows_of(warehouse, table, day):
    return warehouse.connection.execute(
        f"SELECT * FROM {table.relation} WHERE {table.date_column} = ? ORDER BY ALL", [day]
    ).fetchall()


def records_of(warehouse, table):
    return warehouse.histories([table.relation])[table.relation]


QUICK = {"more shots made than attempted"}


@pytest.mark.parametrize(
    "name",
    [n if n in QUICK else pytest.param(n, marks=pytest.mark.slow) for n in CORRUPTIONS],
)
def test_bad_rows_cost_their_game_at_most_and_mended_they_cost_nothing(
    name, demo_folder, demo_warehouse: ComputedWarehouse, tmp_path
):
    corruption = CORRUPTIONS[name]
    folder = tmp_path / "raw"
    shutil.copytree(demo_folder, folder)
    warehouse = copied(demo_warehouse, tmp_path / "copy.duckdb")
    hit = CATALOGUE.table(corruption.hit)
    before = rows_of(warehouse, hit, BAD_DAY)
    right = {t.name: warehouse.fingerprints(t, t.relation) for t in DAILY}

    for table, select in corruption.spoilt.items():
        spoil(folder, table, select)
    recompute(warehouse, folder)
    record = records_of(warehouse, hit).get(BAD_DAY)
    if corruption.reason is None:
        assert record.status is Status.COMPLETE
        assert len(rows_of(warehouse, hit, BAD_DAY)) == len(before)
    else:
        assert record.status is Status.UNAVAILABLE
        assert corruption.reason in record.reason
    assert record.is_refused is corruption.withheld
    if corruption.withheld:
        assert record.first_cause.game
        assert (record.withheld_rows > 0, record.retained_rows > 0) == (True, True)
        assert len(rows_of(warehouse, hit, BAD_DAY)) == len(before)
    for table in DAILY:
        for day in RANGE:
            found = records_of(warehouse, table).get(day)
            assert found.status.is_readable, (table.name, day, found.reason)
            assert found.status is not Status.UNAVAILABLE or found.reason
            if found.is_refused:
                assert (table.name, day) == (hit.name, BAD_DAY)

    for table in corruption.spoilt:
        path = f"nba_raw/{table}/{DEMO_SEASON}.parquet"
        shutil.copy(demo_folder / path, folder / path)
    recompute(warehouse, folder)
    assert {t.name: warehouse.fingerprints(t, t.relation) for t in DAILY} == right
    warehouse.close()


def test_a_game_withheld_before_it_was_ever_stored_is_absent_and_the_windows_after_it_count_it(
    demo_folder, tmp_path
):
    folder = tmp_path / "raw"
    shutil.copytree(demo_folder, folder)
    for table, select in CORRUPTIONS["more shots made than attempted"].spoilt.items():
        spoil(folder, table, select)
    warehouse = DuckDBWarehouse(tmp_path / "new.duckdb")
    load_raw(warehouse, folder, RAW_TABLES)
    days = [dt.date(2024, 10, 22) + dt.timedelta(days=n) for n in range(25)]
    for table in list(CATALOGUE)[: CATALOGUE.place("challenger_features")]:
        Step(table, CATALOGUE, warehouse).run(days)
    boxes = CATALOGUE.table("player_boxes")
    game = records_of(warehouse, boxes).get(BAD_DAY).first_cause.game
    clubs = {game[9:12], game[13:16]}

    def named(column, table, where):
        found = warehouse.connection.execute(
            f"SELECT DISTINCT {column} FROM {CATALOGUE.table(table).relation} WHERE {where}"
        )
        return {name for (name,) in found.fetchall()}

    of_game = f"game_id = '{game}'"
    assert named("game_id", "player_boxes", of_game) == set()
    assert named("game_id", "player_game_summary", of_game) == set()
    short = f"window_games_missing > 0 AND window_status = 'truncated' AND cache_date > '{BAD_DAY}'"
    assert named("team_abbr", "player_daily_cache", short) >= clubs
    summary = records_of(warehouse, CATALOGUE.table("player_game_summary")).get(BAD_DAY)
    assert summary.status is Status.UNAVAILABLE
    assert summary.first_cause == records_of(warehouse, boxes).get(BAD_DAY).first_cause
    warehouse.close()


REAL = {
    "nbac_gamebook_player_stats": changed(
        "game_date = '2021-11-10' AND points = (SELECT max(points) FROM raw WHERE"
        " game_date = '2021-11-10')",
        field_goals_attempted="field_goals_made - 1",
    ),
    "nbac_team_boxscore": changed(
        "game_date = '2021-11-12' AND team_abbr = (SELECT min(team_abbr) FROM raw WHERE"
        " game_date = '2021-11-12')",
        fg_attempted="5",
    ),
    "nbac_schedule": "FROM raw UNION ALL SELECT * REPLACE (game_id[:9] || 'X' AS game_id) FROM raw"
    " WHERE game_date = '2021-11-15' AND home_team_tricode = (SELECT min(home_team_tricode)"
    " FROM raw WHERE game_date = '2021-11-15')",
    "bdl_player_boxscores": "FROM raw UNION ALL SELECT * REPLACE ((SELECT max(team_abbr) FROM raw"
    " WHERE game_date = '2021-11-17') AS team_abbr) FROM raw WHERE game_date = '2021-11-17'"
    " AND points = (SELECT max(points) FROM raw WHERE game_date = '2021-11-17')",
}


@pytest.mark.slow
@pytest.mark.longest
def test_in_the_real_seasons_bad_rows_of_a_november_cost_their_games_and_mended_nothing(
    real_data, real_warehouse, tmp_path
):
    folder = tmp_path / "raw"
    shutil.copytree(real_data, folder, copy_function=shutil.copyfile)
    warehouse = copied(real_warehouse, tmp_path / "copy.duckdb")
    load_raw(warehouse, folder, RAW_TABLES)
    right = {t.name: warehouse.fingerprints(t, t.relation) for t in BEFORE_MODELS}
    for table, select in REAL.items():
        spoil(folder, table, select, season="2021-22")

    def recompute_all():
        load_raw(warehouse, folder, RAW_TABLES)
        for table in BEFORE_MODELS:
            Step(table, CATALOGUE, warehouse).run(real_warehouse.days)
        return {t.name: warehouse.fingerprints(t, t.relation) for t in BEFORE_MODELS}

    spoilt = recompute_all()
    refused = {}
    for table in BEFORE_MODELS:
        assert set(spoilt[table.name]) == set(right[table.name])
        for record in records_of(warehouse, table).by_day.values():
            assert record.status.is_readable
            if record.is_refused:
                refused[table.name, str(record.day)] = record.first_cause.game
    assert {key: game[:8] for key, game in refused.items()} == {
        ("games", "2021-11-15"): "20211115",
        ("player_boxes", "2021-11-10"): "20211110",
        ("team_boxes", "2021-11-12"): "20211112",
    }
    for table in REAL:
        path = f"nba_raw/{table}/2021-22.parquet"
        shutil.copyfile(real_data / path, folder / path)
    assert recompute_all() == right
    warehouse.close()
