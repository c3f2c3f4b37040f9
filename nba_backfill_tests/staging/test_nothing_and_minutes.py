"""What sources print for nothing, and minutes however they are printed."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from nba_backfill import staging
from nba_backfill.core.composition import composed
from nba_backfill.warehouse.dialect import to_duckdb
from nba_backfill.warehouse.ledger import Status
from nba_backfill_tests.staging.conftest import DAY

GAMEBOOK, SECOND = "nbac_gamebook_player_stats", "bdl_player_boxscores"
GAME = f"game_date = '{DAY}' AND home_team_abbr = 'DET'"
WITHOUT_GAME = f"FROM raw WHERE NOT ({GAME})"
BOXES = ("games", "player_names", "player_boxes")
COUNTS = [
    "points",
    "assists",
    "steals",
    "blocks",
    "turnovers",
    "personal_fouls",
    "offensive_rebounds",
    "defensive_rebounds",
    "field_goals_made",
    "field_goals_attempted",
    "three_pointers_made",
    "three_pointers_attempted",
    "free_throws_made",
    "free_throws_attempted",
]
NOTHING = [
    "0:00",
    "00:00",
    "PT00M00.00S",
    "PT0S",
    "-",
    "",
    "DNP - Coach's Decision",
    "0",
    "00",
    None,
]


def text(said):
    return "NULL" if said is None else "'" + said.replace("'", "''") + "'"


def changed(where, **values):
    """A SELECT of the raw table with other values in some rows."""
    new = ", ".join(
        f"CASE WHEN {where} THEN {value} ELSE {name} END AS {name}"
        for name, value in values.items()
    )
    return f"SELECT * REPLACE ({new}) FROM raw"


def boxes(staged, columns="player_lookup, appeared, player_status, points, minutes"):
    return staged.stored("player_boxes", columns)


@pytest.mark.parametrize(
    ("said", "minutes"),
    [
        ("27:30", 27.5),
        (" 27:30 ", 27.5),
        ("27:60", 28.0),
        ("0:44", 0.73),
        ("00:27:30", 27.5),
        ("0:27:30", 27.5),
        ("27:30:00", 27.5),
        ("PT27M30.00S", 27.5),
        ("pt27m30s", 27.5),
        ("PT1H05M", 65.0),
        ("27", 27.0),
        ("27.5", 27.5),
        ("27,5", 27.5),
        ("240:00", 240.0),
        ("265:00", 265.0),
        ("0", 0.0),
        ("00", 0.0),
        ("0:00", 0.0),
        ("PT00M00.00S", 0.0),
        *(
            (said, None)
            for said in ["", "-", "DNP", "27:61", "27:5", "PT", "1:05:00", "lots", "-5"]
        ),
    ],
)
def test_minutes_are_read_in_every_form_and_nothing_else_is(said, minutes):
    sql = composed(
        Path(staging.__file__).parent, ("shared/minutes",), "SELECT minutes FROM minutes"
    )
    given = f"WITH printed_minutes AS (SELECT {text(said)} AS minutes_text)"
    assert duckdb.sql(to_duckdb(f"{given}\nSELECT * FROM ({sql})")).fetchall() == [(minutes,)]


@pytest.mark.parametrize("said", NOTHING)
def test_who_has_no_minutes_and_no_count_at_the_second_vendor_sat_out(clean, as_it_was, said):
    staged = clean.stage(
        {
            GAMEBOOK: WITHOUT_GAME,
            SECOND: changed(f"{GAME} AND minutes = '00'", minutes=text(said)),
        }
        if said != "00"
        else {GAMEBOOK: WITHOUT_GAME},
        BOXES,
    )
    who = "player_lookup, appeared, player_status, points"
    assert boxes(staged, who) == boxes(as_it_was, who)
    assert {row[1] for row in boxes(staged)} == {True, False}


@pytest.mark.parametrize("said", [said for said in NOTHING if said not in ("0", "00")])
def test_whom_the_official_box_calls_active_without_a_second_or_a_count_sat_out(
    clean, as_it_was, said
):
    sat_out = f"{GAME} AND player_status = 'dnp'"
    zeros = dict.fromkeys(COUNTS, "0")
    staged = clean.stage(
        {GAMEBOOK: changed(sat_out, player_status="'active'", minutes=text(said), **zeros)}, BOXES
    )
    assert boxes(staged) == boxes(as_it_was)


@pytest.mark.parametrize("vendor", [GAMEBOOK, SECOND])
@pytest.mark.parametrize("said", ["0:00", "-", None])
def test_who_is_counted_played_and_only_his_minutes_are_unknown(clean, as_it_was, vendor, said):
    best = f"{GAME} AND points = (SELECT max(points) FROM raw WHERE {GAME})"
    altered = {vendor: changed(best, minutes=text(said))}
    if vendor == SECOND:
        altered[GAMEBOOK] = WITHOUT_GAME
    staged = clean.stage(altered, BOXES)
    columns = "player_lookup, appeared, points"
    assert boxes(staged, columns) == boxes(as_it_was, columns)
    assert staged.rows(
        "SELECT count(*) FROM nba_staging.player_boxes WHERE appeared AND minutes IS NULL"
    ) == [(1,)]


@pytest.mark.parametrize("said", ["0:00", "00:00", "PT00M00.00S", "", None])
def test_a_box_without_minutes_leaves_its_game_to_the_next_source(clean, as_it_was, said):
    staged = clean.stage({GAMEBOOK: changed(GAME, minutes=text(said))}, BOXES)
    columns = "player_lookup, appeared, points, round(minutes)"
    assert boxes(staged, columns) == boxes(as_it_was, columns)
    [(source,)] = staged.rows(
        f"SELECT DISTINCT source FROM nba_staging.player_boxes WHERE {GAME_OF_BOXES}"
    )
    assert source == "bdl_boxscores"
    assert staged.records["player_boxes"].status is Status.COMPLETE


GAME_OF_BOXES = f"game_date = '{DAY}' AND 'DET' IN (team_abbr, opponent_team_abbr)"


def test_where_no_source_has_minutes_the_game_has_no_rows_and_the_day_says_why(clean):
    nothing = changed(GAME, minutes="'0:00'")
    staged = clean.stage({GAMEBOOK: nothing, SECOND: nothing}, BOXES)
    assert staged.rows(f"SELECT count(*) FROM nba_staging.player_boxes WHERE {GAME_OF_BOXES}") == [
        (0,)
    ]
    record = staged.records["player_boxes"]
    assert record.status is Status.UNAVAILABLE
    assert "a_box_can_be_used: 20241030_BKN_DET" in record.reason
    assert "with_minutes=0" in record.reason


def test_a_team_row_of_one_players_minutes_says_nothing_of_overtime(clean, as_it_was):
    tables = (*BOXES, "team_boxes")
    staged = clean.stage({"nbac_team_boxscore": changed("TRUE", minutes="'53:00'")}, tables)
    columns = "team_abbr, overtime_periods, minutes_total"
    assert staged.stored("team_boxes", columns) == as_it_was.stored("team_boxes", columns)
