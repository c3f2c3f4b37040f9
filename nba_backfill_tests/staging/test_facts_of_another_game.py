"""Events, lines and reports count for the game they are of, not for the one they are filed under."""

from __future__ import annotations

import pytest

from nba_backfill.warehouse.ledger import Status
from nba_backfill_tests.staging.conftest import DAY
from nba_backfill_tests.staging.test_nothing_and_minutes import changed

EVENTS, LINES = "bigdataball_play_by_play", "odds_api_game_lines"
PROPS, REPORT = "odds_api_player_points_props", "nbac_injury_report"
GAME = f"game_date = '{DAY}' AND home_team_abbr = 'DET'"
GAME_ID = "20241030_BKN_DET"
OTHER_GAME = f"game_date = '{DAY}' AND home_team_abbr = 'CHI'"
ZONES = ("games", "player_names", "player_boxes", "team_boxes", "shot_zones")
SHOOTING = (
    "player_lookup, team_abbr, paint_attempts, paint_makes, mid_range_attempts, three_pt_attempts,"
    " unknown_attempts, assisted_fg_makes, and1_count, paint_blocks"
)
RELABELLED = (
    "SELECT * REPLACE ("
    "CASE {club} WHEN 'CHI' THEN 'DET' WHEN 'NYK' THEN 'BKN' ELSE {club} END AS {club},"
    " 'DET' AS home_team_abbr, 'BKN' AS away_team_abbr{ids})"
    f" FROM raw WHERE {OTHER_GAME}"
)
AS_IF_OF_THE_GAME = (
    f", '{GAME_ID}' AS game_id,"
    f" (SELECT any_value(bdb_game_id) FROM raw WHERE {GAME}) AS bdb_game_id"
)
STRANGE_EVENTS = {
    "all of another game, under their own ids": f"FROM raw WHERE NOT ({GAME}) UNION ALL "
    + RELABELLED.format(club="player_1_team_abbr", ids=""),
    "all of another game, under the ids of this one": f"FROM raw WHERE NOT ({GAME}) UNION ALL "
    + RELABELLED.format(club="player_1_team_abbr", ids=AS_IF_OF_THE_GAME),
    "those of another game beside its own, under its ids": "FROM raw UNION ALL "
    + RELABELLED.format(club="player_1_team_abbr", ids=AS_IF_OF_THE_GAME),
    "its own until half-time": f"FROM raw WHERE NOT ({GAME} AND period > 2)",
    "its own of one club": f"FROM raw WHERE NOT ({GAME} AND player_1_team_abbr = 'DET')",
    "other clubs' by their own account": changed(
        GAME, home_team_abbr="'CHI'", away_team_abbr="'NYK'"
    ),
}


def shooting(staged, where="TRUE"):
    return staged.rows(
        f"SELECT {SHOOTING} FROM nba_staging.shot_zones WHERE game_date = '{DAY}' AND {where}"
        " ORDER BY ALL"
    )


@pytest.mark.parametrize("name", STRANGE_EVENTS)
def test_events_that_are_not_those_of_the_game_make_no_zones_and_the_day_says_so(
    clean, as_it_was, name
):
    staged = clean.stage({EVENTS: STRANGE_EVENTS[name]}, ZONES)
    assert shooting(staged) == shooting(as_it_was, f"game_id != '{GAME_ID}'")
    record = staged.records["shot_zones"]
    assert record.status is Status.UNAVAILABLE
    assert f"events_are_of_the_game: {GAME_ID}" in record.reason
    # A club's own turnovers are in its events and nowhere else.
    columns = "* EXCLUDE (team_turnovers)"
    assert staged.stored("team_boxes", columns) == as_it_was.stored("team_boxes", columns)


def test_events_of_another_game_beside_its_own_are_told_apart_by_their_ids(clean, as_it_was):
    foreign = RELABELLED.format(club="player_1_team_abbr", ids="")
    staged = clean.stage({EVENTS: f"FROM raw UNION ALL {foreign}"}, ZONES)
    assert shooting(staged) == shooting(as_it_was)
    assert staged.records["shot_zones"].status is Status.COMPLETE


LATER = "processed_at + INTERVAL 1 HOUR"
RENUMBERED = {
    "one number for all": changed(GAME, event_sequence="1"),
    "no numbers": changed(GAME, event_sequence="NULL"),
    "a number for every three": changed(GAME, event_sequence="event_sequence // 3"),
    "loaded twice": f"FROM raw UNION ALL SELECT * REPLACE ({LATER} AS processed_at) FROM raw"
    f" WHERE {GAME}",
    "loaded twice at once": f"FROM raw UNION ALL FROM raw WHERE {GAME}",
    "loaded twice with one number for all": changed(GAME, event_sequence="1")
    + f" UNION ALL SELECT * REPLACE ({LATER} AS processed_at, 1 AS event_sequence) FROM raw"
    f" WHERE {GAME}",
    "loaded twice without numbers": changed(GAME, event_sequence="NULL")
    + f" UNION ALL SELECT * REPLACE ({LATER} AS processed_at, NULL AS event_sequence) FROM raw"
    f" WHERE {GAME}",
}


@pytest.mark.parametrize("name", RENUMBERED)
def test_identical_events_count_once_and_events_of_one_number_each(clean, as_it_was, name):
    staged = clean.stage({EVENTS: RENUMBERED[name]}, ZONES)
    assert shooting(staged) == shooting(as_it_was)
    assert staged.records["shot_zones"].status is Status.COMPLETE


def test_events_without_points_are_tested_by_their_shots(clean, as_it_was):
    staged = clean.stage({EVENTS: changed("TRUE", points_scored="NULL")}, ZONES)
    assert shooting(staged) == shooting(as_it_was)


CLOSE = f"{GAME} AND event_type = 'shot' AND event_subtype NOT LIKE '%3pt%' AND shot_distance <= 8"
WORDS = "regexp_matches(event_subtype, 'layup|dunk|tip')"


def located(staged):
    return staged.rows(
        "SELECT sum(located_by_word), sum(located_by_silence), sum(unknown_attempts)"
        f" FROM nba_staging.shot_zones WHERE game_id = '{GAME_ID}'"
    )


def test_a_source_that_leaves_out_the_distance_of_close_shots_has_located_them(clean, as_it_was):
    staged = clean.stage({EVENTS: changed(CLOSE, shot_distance="NULL")}, ZONES)
    assert shooting(staged) == shooting(as_it_was)
    [(words, silent)] = staged.rows(
        f"SELECT count(*) FILTER ({WORDS}), count(*) FILTER (NOT {WORDS}) FROM raw WHERE {CLOSE}"
    )
    assert silent > 0
    assert located(staged) == [(words, silent, 0)]


def test_where_no_distance_is_printed_only_words_locate_a_shot(clean):
    staged = clean.stage({EVENTS: changed(GAME, shot_distance="NULL")}, ZONES)
    [(words, others)] = staged.rows(
        f"SELECT count(*) FILTER ({WORDS}), count(*) FILTER (NOT {WORDS}) FROM raw WHERE {GAME}"
        " AND event_type = 'shot' AND event_subtype NOT LIKE '%3pt%'"
    )
    assert located(staged) == [(words, 0, others)]


ANOTHER_START = [
    "INTERVAL 1 DAY",
    "INTERVAL 30 DAY",
    "INTERVAL '-24 hours'",
    "INTERVAL '-50 hours'",
]


@pytest.mark.parametrize("shift", ANOTHER_START)
def test_lines_with_a_start_on_another_day_are_another_games(clean, as_it_was, shift):
    staged = clean.stage(
        {LINES: changed(GAME, commence_time=f"commence_time + {shift}")}, ("games", "game_lines")
    )
    record = staged.records["game_lines"]
    assert record.status is Status.UNAVAILABLE
    assert f"lines_are_of_the_game: {GAME_ID}" in record.reason
    assert staged.stored("game_lines") == [
        row for row in as_it_was.stored("game_lines") if GAME_ID not in row
    ]


@pytest.mark.parametrize("shift", ANOTHER_START)
def test_offers_with_a_start_on_another_day_are_another_games(clean, as_it_was, shift):
    tables = ("games", "player_names", "rosters", "prop_lines")
    staged = clean.stage(
        {PROPS: changed(GAME, game_start_time=f"game_start_time + {shift}")}, tables
    )
    record = staged.records["prop_lines"]
    assert record.status is Status.UNAVAILABLE
    assert f"offers_are_of_the_game: {GAME_ID}" in record.reason
    source = f"SELECT DISTINCT source FROM nba_staging.prop_lines WHERE game_id = '{GAME_ID}'"
    assert as_it_was.rows(source) != [("bettingpros",)]
    assert staged.rows(source) == [("bettingpros",)]


@pytest.mark.parametrize("zone", ["UTC", "America/New_York"])
def test_a_midnight_that_stands_for_no_start_says_nothing(clean, as_it_was, zone):
    midnight = f"timezone('{zone}', TIMESTAMP '{DAY} 00:00:00')"
    staged = clean.stage({LINES: changed(GAME, commence_time=midnight)}, ("games", "game_lines"))
    assert staged.stored("game_lines") == as_it_was.stored("game_lines")


@pytest.mark.parametrize("stated", ["'20241101_BKN_DET'", "'20241030_NYK_CHI'"])
def test_lines_of_a_report_on_another_game_are_not_read(clean, as_it_was, stated):
    club = f"game_date = '{DAY}' AND team = 'DET'"
    staged = clean.stage(
        {REPORT: changed(club, game_id=stated)}, ("games", "player_names", "injuries")
    )
    where = "team_abbr = 'DET'"
    assert as_it_was.rows(f"SELECT 1 FROM nba_staging.injuries WHERE {where}")
    assert staged.rows(f"SELECT 1 FROM nba_staging.injuries WHERE {where}") == []
    record = staged.records["injuries"]
    assert record.status is Status.UNAVAILABLE
    assert "reports_are_of_the_game: 1 rows" in record.reason
