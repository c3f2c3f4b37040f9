"""The staging tables over three real seasons reproduce the totals counted from the sources.

The numbers are those of the data's README ("Known totals", "Play-by-play coverage"), counted
before any vendor defect was reproduced. They are typed in, not computed.
"""

from __future__ import annotations

from dataclasses import dataclass

import pytest


@dataclass(frozen=True)
class Phase:
    """What one phase of one season adds up to; sums are points, FGA, 3PA, FTA, REB, AST, TOV."""

    season_year: int
    game_type: str
    games: int
    dates: int
    rows_played: int
    players: int
    sums: tuple[int, ...]

    def __str__(self) -> str:
        return f"{self.season_year}-{self.game_type}"

    @property
    def where(self) -> str:
        return f"games.season_year = {self.season_year} AND games.game_type = '{self.game_type}'"


PHASES = (
    Phase(2021, "play_in", 6, 3, 0, 0, (1_301, 1_027, 376, 305, 530, 272, 139)),
    Phase(
        2021, "playoffs", 87, 45, 1_892, 217, (18_496, 14_571, 6_017, 3_928, 7_307, 3_982, 2_255)
    ),
    Phase(
        2021,
        "regular_season",
        1_230,
        165,
        26_039,
        605,
        (272_115, 216_722, 86_535, 53_781, 109_347, 60_636, 32_117),
    ),
    Phase(2023, "cup_final", 1, 1, 0, 0, (232, 183, 54, 68, 87, 52, 27)),
    Phase(2023, "play_in", 6, 3, 0, 0, (1_290, 1_064, 409, 236, 529, 307, 145)),
    Phase(
        2023, "playoffs", 82, 44, 1_685, 214, (17_321, 13_840, 5_476, 3_337, 6_861, 3_798, 1_864)
    ),
    Phase(
        2023,
        "regular_season",
        1_230,
        160,
        26_401,
        572,
        (280_960, 218_702, 86_355, 53_430, 107_112, 65_610, 31_735),
    ),
    Phase(2024, "cup_final", 1, 1, 0, 0, (178, 167, 72, 40, 95, 38, 27)),
    Phase(2024, "play_in", 6, 3, 0, 0, (1_340, 1_069, 420, 259, 537, 317, 152)),
    Phase(
        2024, "playoffs", 84, 47, 1_804, 219, (18_274, 14_377, 5_907, 3_997, 7_151, 3_802, 2_204)
    ),
    Phase(
        2024,
        "regular_season",
        1_230,
        163,
        26_306,
        569,
        (280_010, 219_527, 92_454, 53_312, 108_516, 65_312, 33_218),
    ),
)
WITH_PLAYERS = tuple(phase for phase in PHASES if phase.rows_played)
SEASONS = (2021, 2023, 2024)


def joined(table: str) -> str:
    """A staging table with the game of each row."""
    return f"nba_staging.{table} AS box JOIN nba_staging.games AS games USING (game_date, game_id)"


@pytest.mark.parametrize("phase", PHASES, ids=str)
def test_final_games_dates_and_points_are_those_of_the_league(real_warehouse, phase):
    (found,) = real_warehouse.query(
        "SELECT COUNT(*), COUNT(DISTINCT game_date), SUM(home_score + away_score)"
        f" FROM nba_staging.games AS games WHERE is_final AND {phase.where}"
    )
    assert found == (phase.games, phase.dates, phase.sums[0])


@pytest.mark.parametrize("phase", PHASES, ids=str)
def test_team_rows_add_up_to_the_known_totals(real_warehouse, phase):
    (found,) = real_warehouse.query(
        "SELECT COUNT(*), SUM(points), SUM(fg_attempts), SUM(three_pt_attempts), SUM(ft_attempts),"
        " SUM(offensive_rebounds + defensive_rebounds), SUM(assists), SUM(turnovers)"
        f" FROM {joined('team_boxes')} WHERE {phase.where}"
    )
    assert found == (2 * phase.games, *phase.sums)


@pytest.mark.parametrize("phase", WITH_PLAYERS, ids=str)
def test_player_rows_add_up_to_the_known_totals(real_warehouse, phase):
    (found,) = real_warehouse.query(
        "SELECT COUNT(*), COUNT(DISTINCT player_lookup), SUM(points), SUM(field_goals_attempted),"
        " SUM(three_pointers_attempted), SUM(free_throws_attempted),"
        " SUM(offensive_rebounds + defensive_rebounds), SUM(assists), SUM(turnovers)"
        f" FROM {joined('player_boxes')} WHERE appeared AND {phase.where}"
    )
    assert found == (phase.rows_played, phase.players, *phase.sums)


def test_play_in_games_and_cup_finals_have_no_player_rows(real_warehouse):
    found = real_warehouse.query(
        f"SELECT COUNT(*) FROM {joined('player_boxes')}"
        " WHERE games.game_type IN ('play_in', 'cup_final')"
    )
    assert found == [(0,)]


@pytest.mark.parametrize(
    ("season_year", "source", "games"),
    [
        (2021, "nbac_gamebook", 1_305),
        (2021, "bdl_boxscores", 12),
        (2023, "nbac_gamebook", 1_299),
        (2023, "bdl_boxscores", 13),
        (2024, "nbac_gamebook", 1_295),
        (2024, "bdl_boxscores", 19),
    ],
)
def test_each_game_takes_the_first_vendor_that_is_complete(
    real_warehouse, season_year, source, games
):
    found = real_warehouse.query(
        "SELECT COUNT(DISTINCT game_id) FROM nba_staging.player_boxes"
        f" WHERE season_year = {season_year} AND source = '{source}'"
    )
    assert found == [(games,)]


@pytest.mark.parametrize(("season_year", "games"), [(2021, 6), (2023, 7), (2024, 7)])
def test_games_that_no_vendor_has_completely_have_no_players(real_warehouse, season_year, games):
    found = real_warehouse.query(
        "SELECT COUNT(*) FROM nba_staging.games AS games ANTI JOIN nba_staging.player_boxes AS box"
        f" USING (game_date, game_id) WHERE is_final AND games.season_year = {season_year}"
    )
    assert found == [(games,)]


@pytest.mark.parametrize(
    ("season_year", "scheduled", "with_players"),
    [(2021, 213, 210), (2023, 208, 204), (2024, 214, 210)],
)
def test_dates_with_games_and_with_player_facts(
    real_warehouse, season_year, scheduled, with_players
):
    (dates,) = real_warehouse.query(
        "SELECT COUNT(DISTINCT games.game_date), COUNT(DISTINCT box.game_date)"
        " FROM nba_staging.games AS games LEFT JOIN nba_staging.player_boxes AS box"
        " USING (game_date, game_id)"
        f" WHERE is_final AND games.season_year = {season_year}"
    )
    assert dates == (scheduled, with_players)


@pytest.mark.parametrize(
    ("season_year", "leaders"),
    [
        (
            2021,
            [("traeyoung", 2_155, 76), ("demarderozan", 2_118, 76), ("joelembiid", 2_079, 68)],
        ),
        (
            2023,
            [
                ("lukadoncic", 2_370, 70),
                ("shaigilgeousalexander", 2_254, 75),
                ("giannisantetokounmpo", 2_222, 73),
            ],
        ),
        (
            2024,
            [
                ("shaigilgeousalexander", 2_484, 76),
                ("anthonyedwards", 2_177, 79),
                ("nikolajokic", 2_071, 70),
            ],
        ),
    ],
)
def test_points_leaders_of_the_regular_season(real_warehouse, season_year, leaders):
    found = real_warehouse.query(
        f"SELECT player_lookup, SUM(points) AS points, COUNT(*) FROM {joined('player_boxes')}"
        f" WHERE appeared AND games.season_year = {season_year}"
        " AND games.game_type = 'regular_season' GROUP BY player_lookup"
        " ORDER BY points DESC LIMIT 3"
    )
    assert found == leaders


@pytest.mark.parametrize(
    ("season_year", "games_dates_attempts_threes_makes"),
    [
        (2021, (1_317, 210, 231_296, 92_554, 106_580)),
        (2023, (1_312, 204, 232_536, 91_829, 110_141)),
        (2024, (1_314, 210, 233_909, 98_363, 109_111)),
    ],
)
def test_shot_zones_hold_every_field_goal_of_the_play_by_play(
    real_warehouse, season_year, games_dates_attempts_threes_makes
):
    (found,) = real_warehouse.query(
        "SELECT COUNT(DISTINCT game_id), COUNT(DISTINCT game_date),"
        " SUM(paint_attempts + mid_range_attempts + three_pt_attempts + unknown_attempts),"
        " SUM(three_pt_attempts),"
        " SUM(paint_makes + mid_range_makes + three_pt_makes + unknown_makes)"
        f" FROM {joined('shot_zones')} WHERE games.season_year = {season_year}"
    )
    assert found == games_dates_attempts_threes_makes


def test_every_made_field_goal_is_assisted_or_unassisted(real_warehouse):
    found = real_warehouse.query(
        "SELECT COUNT(*) FROM nba_staging.shot_zones WHERE assisted_fg_makes + unassisted_fg_makes"
        " != paint_makes + mid_range_makes + three_pt_makes + unknown_makes"
    )
    assert found == [(0,)]


def test_zone_attempts_differ_from_the_team_row_by_two_at_most(real_warehouse):
    found = real_warehouse.query(
        "SELECT COUNT(*) FROM (SELECT team.game_date FROM nba_staging.team_boxes AS team"
        " JOIN nba_staging.shot_zones AS zone USING (game_date, team_abbr)"
        " GROUP BY team.game_date, team.team_abbr HAVING ABS(MIN(team.fg_attempts)"
        " - SUM(zone.paint_attempts + zone.mid_range_attempts + zone.three_pt_attempts"
        " + zone.unknown_attempts)) > 2)"
    )
    assert found == [(0,)]


def test_nobody_shoots_for_a_club_he_has_no_box_row_with(real_warehouse):
    found = real_warehouse.query(
        "SELECT zone.player_lookup FROM nba_staging.shot_zones AS zone"
        " ANTI JOIN (SELECT * FROM nba_staging.player_boxes WHERE appeared) AS box"
        " USING (game_date, player_lookup, team_abbr)"
    )
    assert found == []


@pytest.mark.parametrize(
    ("first_date", "game_id"),
    [
        ("2024-01-17", "20240215_GSW_UTA"),
        ("2024-01-19", "20240402_DAL_GSW"),
        ("2025-01-09", "20250219_CHA_LAL"),
        ("2025-01-11", "20250128_HOU_ATL"),
        ("2025-01-11", "20250317_SAS_LAL"),
        ("2025-01-11", "20250316_CHA_LAC"),
        ("2025-01-22", "20250406_MIL_NOP"),
    ],
)
def test_a_postponed_game_stands_on_the_date_it_was_played_only(
    real_warehouse, first_date, game_id
):
    found = real_warehouse.query(
        "SELECT game_id FROM nba_staging.games AS games"
        f" WHERE (game_date = '{first_date}' OR game_id = '{game_id}')"
        f" AND away_team_abbr || home_team_abbr = '{game_id[9:].replace('_', '')}'"
    )
    assert found == [(game_id,)]


def test_no_stored_game_is_left_to_play(real_warehouse):
    assert real_warehouse.query("SELECT COUNT(*) FROM nba_staging.games WHERE NOT is_final") == [
        (0,)
    ]


@pytest.mark.parametrize("season_year", SEASONS)
def test_overtimes_are_known_for_every_team_row(real_warehouse, season_year):
    (found,) = real_warehouse.query(
        "SELECT COUNT(*) FILTER (overtime_periods IS NULL),"
        " COUNT(*) FILTER (minutes_total != 240 + 25 * overtime_periods)"
        f" FROM nba_staging.team_boxes WHERE season_year = {season_year}"
    )
    assert found == (0, 0)


def test_an_overtime_game_without_official_rows_takes_its_overtime_from_the_events(real_warehouse):
    (found,) = real_warehouse.query(
        "SELECT COUNT(*), SUM(overtime_periods) FROM nba_staging.team_boxes"
        " WHERE source = 'player_sum' AND season_year = 2024"
    )
    assert found == (174, 12)


@pytest.mark.parametrize(("season_year", "games"), [(2023, 37), (2024, 14)])
def test_games_without_any_line(real_warehouse, season_year, games):
    found = real_warehouse.query(
        "SELECT COUNT(*) FROM nba_staging.games AS games ANTI JOIN nba_staging.game_lines AS line"
        f" USING (game_date, game_id) WHERE games.season_year = {season_year}"
    )
    assert found == [(games,)]


def test_spreads_are_from_the_own_side(real_warehouse):
    (found,) = real_warehouse.query(
        "SELECT COUNT(*) FILTER (own.spread + other.spread != 0), CORR(own.spread, box.points"
        " - other_box.points) < -0.45 FROM nba_staging.game_lines AS own"
        " JOIN nba_staging.game_lines AS other ON other.game_id = own.game_id"
        " AND other.team_abbr = own.opponent_team_abbr"
        " JOIN nba_staging.team_boxes AS box ON box.game_id = own.game_id"
        " AND box.team_abbr = own.team_abbr"
        " JOIN nba_staging.team_boxes AS other_box ON other_box.game_id = own.game_id"
        " AND other_box.team_abbr = own.opponent_team_abbr"
    )
    assert found == (0, True)


def test_a_players_line_names_the_club_he_plays_for(real_warehouse):
    found = real_warehouse.query(
        "SELECT line.game_date, line.player_lookup FROM nba_staging.prop_lines AS line"
        " JOIN nba_staging.player_boxes AS box USING (game_date, player_lookup)"
        " WHERE line.team_abbr != box.team_abbr"
    )
    assert found == []


def test_no_line_was_seen_half_an_hour_after_tip(real_warehouse):
    found = real_warehouse.query(
        "SELECT line.game_id FROM nba_staging.prop_lines AS line"
        " JOIN nba_staging.games AS games USING (game_date, game_id)"
        " WHERE closing_at >= tip_at + INTERVAL 30 MINUTE"
        " UNION ALL SELECT line.game_id FROM nba_staging.game_lines AS line"
        " JOIN nba_staging.games AS games USING (game_date, game_id)"
        " WHERE lines_updated_at >= tip_at + INTERVAL 30 MINUTE"
    )
    assert found == []


def test_almost_every_printed_name_is_a_known_player(real_warehouse):
    ((unknown,),) = real_warehouse.query(
        "SELECT AVG(CASE WHEN universal_player_id IS NULL THEN 1.0 ELSE 0.0 END)"
        " FROM nba_staging.player_names"
    )
    assert unknown < 0.001


def test_a_player_has_one_lookup_whatever_the_source_prints(real_warehouse):
    found = real_warehouse.query(
        "SELECT DISTINCT player_lookup FROM nba_staging.player_names"
        " WHERE player_name IN ('Nikola Jokić', 'Nikola Jokic')"
        " UNION ALL SELECT DISTINCT player_lookup FROM nba_staging.player_names"
        " WHERE player_name IN ('Dennis Schröder', 'Dennis Schroder')"
    )
    assert found == [("nikolajokic",), ("dennisschroder",)]
