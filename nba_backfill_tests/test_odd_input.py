"""Odd input that is right, or whose oddity staging rightly ignores: no check refuses a row for it."""

from __future__ import annotations

import datetime as dt
import shutil

import duckdb
import pytest

from nba_backfill.definitions import CATALOGUE
from nba_backfill.materialization.step import Step
from nba_backfill.raw.contracts import RAW_TABLES
from nba_backfill.raw.loader import load_raw
from nba_backfill_tests.conftest import DEMO_SEASON, HISTORICAL, copied

DAY = dt.date(2024, 11, 12)
RANGE = [DAY + dt.timedelta(days=n) for n in range(3)]
OF_DAY = f"game_date = '{DAY}'"
CLUB = f"(SELECT min(team_abbr) FROM raw WHERE {OF_DAY})"
OTHER = f"(SELECT max(team_abbr) FROM raw WHERE {OF_DAY})"
ONE = f"{OF_DAY} AND team_abbr = {CLUB}"
BEST = f"{ONE} AND points = (SELECT max(points) FROM raw WHERE {ONE})"
GAMEBOOK, SECOND = "nbac_gamebook_player_stats", "bdl_player_boxscores"
EVENTS, LINES = "bigdataball_play_by_play", "odds_api_game_lines"
PROPS, REPORT, ROSTERS = "odds_api_player_points_props", "nbac_injury_report", "espn_team_rosters"


def added(where, **values):
    """A SELECT of the raw table with copies of some rows, changed."""
    new = ", ".join(f"{value} AS {name}" for name, value in values.items())
    return f"FROM raw UNION ALL SELECT * REPLACE ({new}) FROM raw WHERE {where}"


def changed(where, **values):
    """A SELECT of the raw table with other values in some rows."""
    new = ", ".join(
        f"CASE WHEN {where} THEN {value} ELSE {name} END AS {name}"
        for name, value in values.items()
    )
    return f"SELECT * REPLACE ({new}) FROM raw"


LATER = "processed_at + INTERVAL 1 HOUR"
ODDITIES = {
    "a player filed by the second vendor under a club of another game": (
        SECOND,
        added(BEST, team_abbr=OTHER),
    ),
    "a player of two clubs on one day, out at the old one": (
        GAMEBOOK,
        "FROM raw UNION ALL SELECT raw.* REPLACE ('dnp' AS player_status, NULL AS minutes,"
        " NULL AS points, g.game_id AS game_id, g.home_team_abbr AS home_team_abbr,"
        " g.away_team_abbr AS away_team_abbr, g.team_abbr AS team_abbr) FROM raw, (SELECT DISTINCT"
        f" game_id, home_team_abbr, away_team_abbr, team_abbr FROM raw WHERE {OF_DAY}"
        f" AND team_abbr = {OTHER}) AS g WHERE raw.player_lookup = (SELECT min(player_lookup)"
        f" FROM raw WHERE {BEST}) AND raw.{OF_DAY}",
    ),
    "a name spelt otherwise by each vendor": (
        SECOND,
        changed(BEST, player_full_name="player_full_name || ' II'"),
    ),
    "a player who changed clubs and stands on both rosters": (
        ROSTERS,
        added(
            f"team_abbr = (SELECT min(team_abbr) FROM raw) AND roster_date <= '{DAY}'",
            team_abbr="(SELECT max(team_abbr) FROM raw)",
        ),
    ),
    "birth dates of the unborn and of the dead": (
        ROSTERS,
        "SELECT * REPLACE (CASE WHEN hash(player_lookup) % 20 = 0 THEN DATE '2024-02-03' WHEN"
        " hash(player_lookup) % 20 = 1 THEN DATE '1900-01-01' ELSE birth_date END AS birth_date)"
        " FROM raw",
    ),
    "a game of four overtimes": (
        GAMEBOOK,
        changed(f"{ONE} AND minutes LIKE '4%:%'", minutes="'66:40'"),
    ),
    "the two sides of a spread from different looks": (
        LINES,
        changed(
            f"{OF_DAY} AND market_key = 'spreads' AND outcome_name = home_team",
            outcome_point="outcome_point - 0.5",
        ),
    ),
    "a spread and a total that no book would offer": (
        LINES,
        changed(OF_DAY, outcome_point="CASE market_key WHEN 'spreads' THEN 45 ELSE 3 END"),
    ),
    "lines of one side only": (
        LINES,
        f"FROM raw WHERE NOT ({OF_DAY} AND market_key = 'spreads' AND outcome_name = away_team)",
    ),
    "lines beyond all scoring, and offers without prices": (
        PROPS,
        added(OF_DAY, points_line="points_line + 90", snapshot_timestamp="snapshot_timestamp")
        + f" UNION ALL SELECT * REPLACE (NULL AS over_price_american, 0 AS under_price_american)"
        f" FROM raw WHERE {OF_DAY}",
    ),
    "lines of people nobody knows": (
        PROPS,
        added(OF_DAY, player_name="'Nobody ' || player_name", player_lookup="'nobody'"),
    ),
    "reports of impossible hours and unknown statuses": (
        REPORT,
        "SELECT * REPLACE (CASE WHEN hash(player_full_name) % 3 = 0 THEN 99 WHEN"
        " hash(player_full_name) % 3 = 1 THEN NULL ELSE report_hour END AS report_hour,"
        " CASE WHEN hash(player_full_name) % 5 = 0 THEN 'Day-To-Day' ELSE injury_status END"
        " AS injury_status) FROM raw",
    ),
    "one player reported out and available in one hour": (
        REPORT,
        added("TRUE", injury_status="'available'"),
    ),
    "events without names, blocked shots that went in, shots from the stands": (
        EVENTS,
        "SELECT * REPLACE (CASE WHEN hash(event_sequence) % 40 = 0 THEN NULL ELSE player_1_name"
        " END AS player_1_name, CASE WHEN hash(event_sequence) % 40 = 0 THEN NULL ELSE"
        " player_1_lookup END AS player_1_lookup, CASE WHEN hash(event_sequence) % 25 = 0 AND"
        " shot_distance IS NOT NULL THEN 94 ELSE shot_distance END AS shot_distance,"
        " CASE WHEN hash(event_sequence) % 30 = 0 AND shot_made THEN 'block' ELSE player_2_role"
        f" END AS player_2_role) FROM raw WHERE {OF_DAY}",
    ),
    "a schedule row loaded again with another tip": (
        "nbac_schedule",
        added(OF_DAY, game_date_est="game_date_est + INTERVAL 30 MINUTE", processed_at=LATER),
    ),
    "no tips, no flags, no arenas": (
        "nbac_schedule",
        changed(
            OF_DAY,
            game_date_est="NULL",
            is_regular_season="NULL",
            arena_timezone="NULL",
            neutral_site_flag="NULL",
        ),
    ),
    "a club's totals corrected by the vendor after the players'": (
        "nbac_team_boxscore",
        changed(ONE, turnovers="turnovers + 2", offensive_rebounds="offensive_rebounds + 1"),
    ),
}


def make_odd(folder, names):
    """Put oddities into raw tables, one after the other."""
    for name in names:
        table, select = ODDITIES[name]
        path = folder / "nba_raw" / table / f"{DEMO_SEASON}.parquet"
        with duckdb.connect() as connection:
            connection.execute(f"CREATE TABLE raw AS FROM '{path}'")
            before = connection.execute("FROM raw ORDER BY ALL").fetchall()
            connection.execute(f"COPY ({select}) TO '{path}' (FORMAT parquet)")
            assert connection.execute(f"FROM '{path}' ORDER BY ALL").fetchall() != before


@pytest.mark.parametrize(
    "names",
    [
        pytest.param(list(ODDITIES), id="all at once"),
        # Each alone says which it is, should all at once ever fail.
        *(
            pytest.param([name], id=name, marks=[pytest.mark.slow, pytest.mark.longest])
            for name in ODDITIES
        ),
    ],
)
def test_nothing_is_refused_for_it(names, demo_folder, demo_warehouse, tmp_path):
    folder = tmp_path / "raw"
    shutil.copytree(demo_folder, folder)
    make_odd(folder, names)
    warehouse = copied(demo_warehouse, tmp_path / "copy.duckdb")
    load_raw(warehouse, folder, RAW_TABLES)
    refused = {}
    for table in HISTORICAL:
        for record in Step(table, CATALOGUE, warehouse).run(RANGE):
            if record.is_refused and record.first_cause.is_of(record):
                refused[table.name, record.day] = record.reason
    warehouse.close()
    assert refused == {}
