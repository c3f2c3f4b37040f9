"""Clubs, players and times of day however a source writes them; what nobody knows is named."""

from __future__ import annotations

import pytest

from nba_backfill.warehouse.ledger import Status
from nba_backfill_tests.staging.conftest import DAY, STAGING
from nba_backfill_tests.staging.test_nothing_and_minutes import changed

CODES = {
    "nbac_schedule": ("home_team_tricode", "away_team_tricode"),
    "espn_scoreboard": ("home_team_abbr", "away_team_abbr"),
    "nbac_gamebook_player_stats": ("team_abbr", "home_team_abbr", "away_team_abbr"),
    "bdl_player_boxscores": ("team_abbr", "home_team_abbr", "away_team_abbr"),
    "nbac_team_boxscore": ("team_abbr",),
    "bigdataball_play_by_play": ("player_1_team_abbr", "home_team_abbr", "away_team_abbr"),
    "odds_api_game_lines": ("home_team_abbr", "away_team_abbr"),
    "odds_api_player_points_props": ("home_team_abbr", "away_team_abbr"),
    "bettingpros_player_points_props": ("player_team",),
    "nbac_injury_report": ("team",),
    "espn_team_rosters": ("team_abbr",),
}
SPELLINGS = {
    "Basketball-Reference's": {"BKN": "BRK", "CHA": "CHO", "PHX": "PHO"},
    "ESPN's": {
        "NYK": "NY",
        "NOP": "NO",
        "SAS": "SA",
        "UTA": "UTAH",
        "WAS": "WSH",
        "GSW": "GS",
        "ATL": "Atlanta",
    },
    "small letters": {"DET": "det", "CHI": " chi "},
    "names": {"LAC": "LA Clippers", "LAL": "Los Angeles Lakers", "PHI": "76ers", "POR": "Portland"},
}


def respelt(columns, spelling):
    """A SELECT of a raw table that writes some clubs otherwise."""
    new = ", ".join(
        f"CASE {column} "
        + " ".join(f"WHEN '{code}' THEN '{said}'" for code, said in spelling.items())
        + f" ELSE {column} END AS {column}"
        for column in columns
    )
    return f"SELECT * REPLACE ({new}) FROM raw"


@pytest.mark.parametrize("name", SPELLINGS)
def test_a_club_is_itself_however_every_source_writes_it(clean, as_it_was, name):
    staged = clean.stage({t: respelt(columns, SPELLINGS[name]) for t, columns in CODES.items()})
    for table in STAGING:
        assert staged.stored(table.name) == as_it_was.stored(table.name), table.name
        assert staged.records[table.name].status is as_it_was.records[table.name].status


TOLD_BY = {
    "bigdataball_play_by_play": "shot_zones",
    "odds_api_game_lines": "game_lines",
    "odds_api_player_points_props": "prop_lines",
    "bettingpros_player_points_props": "prop_lines",
    "nbac_injury_report": "injuries",
    "espn_team_rosters": "rosters",
}


@pytest.mark.parametrize("source", CODES)
def test_a_code_of_no_club_is_named_with_its_source(clean, source):
    told_by = TOLD_BY.get(source, "games")
    before = tuple(t.name for t in STAGING[: [t.name for t in STAGING].index(told_by) + 1])
    staged = clean.stage({source: respelt(CODES[source], {"DET": "DTX"})}, before)
    record = staged.records[told_by]
    assert record.status is Status.UNAVAILABLE
    assert "club_codes_are_known" in record.reason
    assert f"source={source}, code=DTX" in record.reason


@pytest.mark.parametrize("word", ["FA", "UNKNOWN", "fa"])
def test_a_word_for_no_club_is_no_unknown_code(clean, as_it_was, word):
    tables = ("games", "player_names", "rosters", "prop_lines")
    source = "bettingpros_player_points_props"
    staged = clean.stage({source: respelt(("player_team",), {"DET": word})}, tables)
    assert staged.records["prop_lines"].status is as_it_was.records["prop_lines"].status
    assert staged.stored("prop_lines") == as_it_was.stored("prop_lines")


PROPS, SECOND_PROPS = "odds_api_player_points_props", "bettingpros_player_points_props"
NAMES = ("games", "player_names", "rosters", "prop_lines")
PLAYER = "Quade Ağaoğlu"
WAYS = {
    "surname first": "Ağaoğlu, Quade",
    "surname first, no comma": "Agaoglu Quade",
    "without accents": "Quade Agaoglu",
    "in capitals": "QUADE AĞAOĞLU",
    "a suffix more": "Quade Ağaoğlu Jr.",
    "a suffix behind a comma": "Quade Ağaoğlu, III",
    "an initial": "Q. Ağaoğlu",
    "another given name": "Quentin Ağaoğlu",
    "all given names": "Quentin James Agaoglu",
    "letters lost on the way": "Quade Aaolu",
    "a letter wrong": "Quade Agaoglo",
}


def named(staged, name):
    found = staged.rows(
        f"SELECT player_lookup, resolved_by FROM nba_staging.player_names WHERE game_date = '{DAY}'"
        " AND player_name = '" + name.replace("'", "''") + "'"
    )
    return found[0] if found else None


@pytest.mark.parametrize("way", WAYS)
def test_a_line_is_the_players_however_the_book_writes_his_name(clean, as_it_was, way):
    rename = changed(f"player_name = '{PLAYER}'", player_name=f"'{WAYS[way]}'")
    assert named(as_it_was, PLAYER) == ("quadeagaoglu", "name")
    staged = clean.stage({PROPS: rename, SECOND_PROPS: rename}, NAMES)
    assert named(staged, WAYS[way])[0] == "quadeagaoglu"
    assert staged.stored("prop_lines") == as_it_was.stored("prop_lines")


def test_a_name_that_two_players_of_the_clubs_fit_is_neither_and_is_named(clean):
    twin = "SELECT * REPLACE ('Quint Ağaoğlu' AS player_full_name) FROM raw"
    staged = clean.stage(
        {
            "espn_team_rosters": f"FROM raw UNION ALL {twin} WHERE player_full_name = '{PLAYER}'",
            PROPS: changed(f"player_name = '{PLAYER}'", player_name="'Q. Ağaoğlu'"),
        },
        NAMES,
    )
    assert named(staged, "Q. Ağaoğlu") == ("qagaoglu", None)
    findings = staged.records["player_names"].measured["findings"]
    [what] = [f["what"] for f in findings if f["check"] == "names_are_players"]
    assert f"printed_by={PROPS}, player_name=Q. Ağaoğlu" in what


def test_a_player_of_other_clubs_is_himself(clean, as_it_was):
    [(elsewhere,)] = as_it_was.rows(
        "SELECT min(player_name) FROM nba_staging.player_names AS name"
        " JOIN nba_staging.rosters AS roster USING (game_date, player_lookup)"
        f" WHERE game_date = '{DAY}' AND roster.team_abbr = 'DET' AND player_name NOT LIKE '%''%'"
    )
    staged = clean.stage(
        {PROPS: changed(f"player_name = '{PLAYER}'", player_name=f"'{elsewhere}'")}, NAMES
    )
    assert named(staged, elsewhere) == named(as_it_was, elsewhere)


def test_a_box_score_that_has_the_player_means_someone_else_by_a_name_like_his(clean, as_it_was):
    box = "nbac_gamebook_player_stats"
    newcomer = "SELECT * REPLACE ('Quinn Ağaoğlu' AS player_name, 'dnp' AS player_status,"
    newcomer += f" NULL AS points, NULL AS minutes) FROM raw WHERE player_name = '{PLAYER}'"
    tables = ("games", "player_names", "player_boxes")
    staged = clean.stage({box: f"FROM raw UNION ALL {newcomer}"}, tables)
    assert named(staged, "Quinn Ağaoğlu") == ("quinnagaoglu", None)
    played = "player_lookup, points"
    appeared = [row for row in staged.stored("player_boxes", played) if row[1] is not None]
    assert set(appeared) <= set(as_it_was.stored("player_boxes", played))


SCHEDULE, BOARD = "nbac_schedule", "espn_scoreboard"
OF_DAY = f"game_date = '{DAY}'"
ONE_TIME = "timezone('America/New_York', game_date + TIME '19:00:00')"
NO_TIMES = {
    "midnight, Eastern": changed(
        OF_DAY, game_date_est="timezone('America/New_York', game_date + TIME '00:00:00')"
    ),
    "midnight, universal": changed(
        OF_DAY, game_date_est="timezone('UTC', game_date + TIME '00:00:00')"
    ),
    "another day": changed(OF_DAY, game_date_est="game_date_est + INTERVAL 2 DAY"),
    "one time for all games of many days": changed("TRUE", game_date_est=ONE_TIME),
    "nothing": changed(OF_DAY, game_date_est="NULL"),
}


@pytest.mark.parametrize("name", NO_TIMES)
def test_a_tip_that_stands_for_nothing_is_asked_of_the_scoreboard(clean, as_it_was, name):
    staged = clean.stage({SCHEDULE: NO_TIMES[name]}, ("games",))
    assert staged.stored("games", "game_id, tip_at") == as_it_was.stored("games", "game_id, tip_at")


@pytest.mark.parametrize("name", NO_TIMES)
def test_a_tip_that_nobody_knows_is_unknown(clean, name):
    board = NO_TIMES[name].replace("game_date_est", "scheduled_start_time")
    staged = clean.stage({SCHEDULE: NO_TIMES[name], BOARD: board}, ("games",))
    assert {tip for (tip,) in staged.stored("games", "tip_at")} == {None}


def test_games_of_one_day_may_start_together(clean):
    together = changed(OF_DAY, game_date_est=ONE_TIME)
    staged = clean.stage({SCHEDULE: together, BOARD: "FROM raw WHERE FALSE"}, ("games",))
    [tip] = {tip for (tip,) in staged.stored("games", "tip_at")}
    assert tip is not None
