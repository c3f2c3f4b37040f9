"""The demo league: what it writes agrees with itself, with the contracts and with the calendar."""

from __future__ import annotations

import csv
import datetime as dt
import itertools
from collections import Counter
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from nba_backfill.core.season import Season
from nba_backfill.raw.contracts import RAW_TABLES
from nba_backfill.raw.demo_league import (
    DEMO_SEASONS,
    MARKER,
    DemoLeague,
    NotADemoLeagueError,
    write_demo_league,
)
from nba_backfill.raw.demo_league.calendar import season_days
from nba_backfill.raw.demo_league.clubs import CLUBS, journeys
from nba_backfill.raw.demo_league.columns import ARROW_TYPES
from nba_backfill.raw.demo_league.names import injury_lookup, lookup_of, unfolded_lookup
from nba_backfill.raw.demo_league.players import players_of
from nba_backfill.raw.demo_league.season import SeasonPlayed, play_season

SEASON = Season(2024)
THROUGH = dt.date(2024, 11, 11)
DATED = [table for table in RAW_TABLES if table.date_column]
FIGURES = {
    "points": "points",
    "field_goals_made": "fg_made",
    "field_goals_attempted": "fg_attempted",
    "three_pointers_made": "three_pt_made",
    "three_pointers_attempted": "three_pt_attempted",
    "free_throws_made": "ft_made",
    "free_throws_attempted": "ft_attempted",
    "offensive_rebounds": "offensive_rebounds",
    "defensive_rebounds": "defensive_rebounds",
    "assists": "assists",
    "steals": "steals",
    "blocks": "blocks",
    "turnovers": "turnovers",
    "personal_fouls": "personal_fouls",
}


def read(folder: Path, name: str, part: str = str(SEASON)) -> pa.Table:
    dataset = next(table.dataset for table in RAW_TABLES if table.name == name)
    return pq.read_table(folder / dataset / name / f"{part}.parquet")


class Tables:
    """A generated folder with every table as a view of the same name."""

    def __init__(self, folder: Path, league: DemoLeague) -> None:
        self.folder, self.league = folder, league
        self.connection = duckdb.connect()
        self.connection.execute("SET TimeZone = 'UTC'")
        for table in RAW_TABLES:
            files = folder / table.dataset / table.name / "*.parquet"
            self.connection.execute(
                f"CREATE VIEW {table.name} AS SELECT * FROM read_parquet('{files}')"
            )

    def rows(self, query: str) -> list[tuple]:
        return self.connection.execute(query).fetchall()

    def value(self, query: str):
        return self.rows(query)[0][0]


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Tables:
    folder = tmp_path_factory.mktemp("clean") / "league"
    return Tables(folder, write_demo_league(folder, [SEASON], through=THROUGH))


@pytest.fixture(scope="module")
def dirty(tmp_path_factory: pytest.TempPathFactory) -> Tables:
    folder = tmp_path_factory.mktemp("dirty") / "league"
    league = write_demo_league(folder, [Season(2021)], through=dt.date(2022, 1, 10), defects=True)
    return Tables(folder, league)


@pytest.fixture(scope="module")
def whole_season() -> SeasonPlayed:
    return play_season(Season(2023), seed=7)


def test_box_points_event_points_and_final_scores_agree_in_every_game(clean: Tables) -> None:
    games = clean.rows("""
        WITH score AS (
          SELECT game_date, home_team_tricode AS club, home_team_score AS points
          FROM nbac_schedule WHERE is_regular_season
          UNION ALL
          SELECT game_date, away_team_tricode, away_team_score
          FROM nbac_schedule WHERE is_regular_season),
        box AS (SELECT game_date, team_abbr AS club, SUM(points) AS points
          FROM nbac_gamebook_player_stats GROUP BY ALL),
        second AS (SELECT game_date, team_abbr AS club, SUM(points) AS points
          FROM bdl_player_boxscores GROUP BY ALL),
        events AS (SELECT game_date, player_1_team_abbr AS club, SUM(points_scored) AS points
          FROM bigdataball_play_by_play GROUP BY ALL)
        SELECT score.points, box.points, second.points, events.points FROM score
        LEFT JOIN box USING (game_date, club) LEFT JOIN second USING (game_date, club)
        LEFT JOIN events USING (game_date, club)""")
    assert len(games) == 2 * clean.league.truth(SEASON).games > 250
    assert all(len(set(points)) == 1 for points in games)


def test_player_rows_sum_to_team_rows_in_every_figure(clean: Tables) -> None:
    sums = ", ".join(f"SUM(p.{mine}) = MAX(t.{theirs})" for mine, theirs in FIGURES.items())
    rows = clean.rows(f"""
        SELECT {sums} FROM nbac_gamebook_player_stats p
        JOIN nbac_team_boxscore t USING (game_id, team_abbr) GROUP BY game_id, team_abbr""")
    assert len(rows) == 2 * clean.league.truth(SEASON).games
    assert all(all(row) for row in rows)


def test_player_minutes_sum_exactly_to_team_minutes(clean: Tables) -> None:
    wrong = clean.rows("""
        SELECT game_id, team_abbr FROM nbac_gamebook_player_stats p
        JOIN nbac_team_boxscore t USING (game_id, team_abbr) WHERE player_status = 'active'
        GROUP BY game_id, team_abbr
        HAVING SUM(60 * CAST(split_part(p.minutes, ':', 1) AS INT)
                   + CAST(split_part(p.minutes, ':', 2) AS INT))
            <> 60 * MAX(CAST(split_part(t.minutes, ':', 1) AS INT))""")
    assert wrong == []


def test_overtime_shows_in_periods_and_in_minutes_alike(clean: Tables) -> None:
    rows = clean.rows("""
        SELECT game_id, MAX(period) - 4, MAX((CAST(split_part(minutes, ':', 1) AS INT) - 240) / 25)
        FROM bigdataball_play_by_play JOIN nbac_team_boxscore USING (game_id) GROUP BY game_id""")
    assert all(periods == extra for _, periods, extra in rows)
    assert sum(periods > 0 for _, periods, _ in rows) == clean.league.truth(SEASON).overtime_games


def test_plus_minus_of_a_team_is_five_times_its_margin(clean: Tables) -> None:
    wrong = clean.rows("""
        SELECT s.game_id FROM nbac_gamebook_player_stats p JOIN nbac_schedule s
          ON s.game_date = p.game_date AND p.team_abbr = s.home_team_tricode
        GROUP BY s.game_id
        HAVING SUM(plus_minus) <> 5 * MAX(home_team_score - away_team_score)""")
    assert wrong == []


def test_shots_by_zone_sum_to_field_goal_attempts_and_distances_fit_the_zone(
    clean: Tables,
) -> None:
    wrong = clean.rows("""
        WITH shots AS (
          SELECT game_id, player_1_team_abbr AS team_abbr, COUNT(*) AS attempts,
            COUNT(*) FILTER (event_subtype LIKE '%3pt%') AS threes,
            COUNT(*) FILTER (event_subtype LIKE '%3pt%' AND shot_distance < 22) AS short_threes,
            COUNT(*) FILTER (event_subtype NOT LIKE '%3pt%' AND shot_distance > 22) AS long_twos,
            COUNT(*) FILTER (shot_distance IS NULL OR shot_made IS NULL) AS unknown
          FROM bigdataball_play_by_play WHERE event_type = 'shot' GROUP BY ALL)
        SELECT * FROM shots JOIN nbac_team_boxscore USING (game_id, team_abbr)
        WHERE attempts <> fg_attempted OR threes <> three_pt_attempted
          OR short_threes + long_twos + unknown > 0""")
    assert wrong == []


def test_free_throws_assists_blocks_and_steals_stand_in_the_events(clean: Tables) -> None:
    events = clean.rows("""
        SELECT COUNT(*) FILTER (event_type = 'free throw'),
          COUNT(*) FILTER (player_2_role = 'assist' AND shot_made),
          COUNT(*) FILTER (player_2_role = 'block' AND NOT shot_made),
          COUNT(*) FILTER (player_2_role = 'steal' AND event_type = 'turnover')
        FROM bigdataball_play_by_play""")
    box = clean.rows(
        "SELECT SUM(ft_attempted), SUM(assists), SUM(blocks), SUM(steals) FROM nbac_team_boxscore"
    )
    assert events == box
    assert (
        clean.value("""
        SELECT COUNT(*) FROM bigdataball_play_by_play WHERE event_type = 'free throw'
          AND (NOT regexp_matches(event_subtype, '^free throw [1-3]/[1-3]$')
            OR shot_made IS NOT NULL)
        """)
        == 0
    )


def test_play_looks_like_the_league(clean: Tables) -> None:
    fga, threes, free_throws, points = clean.rows(
        "SELECT AVG(fg_attempted), AVG(three_pt_attempted), AVG(ft_attempted), AVG(points)"
        " FROM nbac_team_boxscore"
    )[0]
    assert 85 < fga < 92
    assert 33 < threes < 40
    assert 19 < free_throws < 26
    assert 107 < points < 119
    events = clean.league.truth(SEASON).events / clean.league.truth(SEASON).games
    assert 450 < events < 650


@pytest.mark.parametrize("table", RAW_TABLES, ids=lambda table: table.name)
def test_every_table_has_the_columns_types_and_grain_of_its_contract(clean: Tables, table) -> None:
    found = read(clean.folder, table.name, str(SEASON) if table.date_column else "all")
    assert {one.name: one.type for one in found.schema} == {
        one.name: ARROW_TYPES[one.type] for one in table.columns
    }
    keys = found.select(list(table.grain)).group_by(list(table.grain)).aggregate([])
    assert keys.num_rows == found.num_rows > 0


def test_players_reported_out_do_not_play_and_are_reported_before_tip_off(clean: Tables) -> None:
    assert clean.value("SELECT COUNT(*) FROM nbac_injury_report WHERE injury_status = 'out'") > 200
    assert (
        clean.value("""
        SELECT COUNT(*) FROM nbac_injury_report i JOIN nbac_gamebook_player_stats g
          ON g.game_date = i.game_date AND g.player_name = i.player_full_name
        WHERE i.report_date = i.game_date AND i.injury_status = 'out'
          AND g.player_status = 'active'""")
        == 0
    )
    assert (
        clean.value("""
        SELECT COUNT(*) FROM nbac_injury_report i JOIN nbac_schedule s
          ON s.game_date = i.game_date AND i.team IN (s.home_team_tricode, s.away_team_tricode)
        WHERE i.processed_at >= s.game_date_est AND is_regular_season""")
        == 0
    )


def test_players_on_the_bench_have_a_reason_and_no_figures(clean: Tables) -> None:
    assert clean.rows("""
        SELECT DISTINCT player_status, dnp_reason IS NULL, minutes IS NULL, points IS NULL,
          plus_minus IS NULL FROM nbac_gamebook_player_stats ORDER BY 1""") == [
        ("active", True, False, False, False),
        ("dnp", False, True, True, True),
    ]


def test_props_follow_what_players_score_and_come_as_snapshots_and_ladders(clean: Tables) -> None:
    closing = """
        WITH closing AS (
          SELECT game_date, player_lookup, points_line, over_price_american AS over_price
          FROM odds_api_player_points_props
          WHERE snapshot_timestamp < game_start_time AND bookmaker = 'draftkings'
          QUALIFY ROW_NUMBER() OVER (PARTITION BY game_date, player_lookup
            ORDER BY snapshot_timestamp DESC, ABS(over_price_american - under_price_american)) = 1)
        SELECT AVG(CAST(points > points_line AS INT)), CORR(points, points_line), COUNT(*)
        FROM closing JOIN nbac_gamebook_player_stats USING (game_date, player_lookup)"""
    over, fit, count = clean.rows(closing)[0]
    assert 0.45 < over < 0.56
    assert fit > 0.5
    assert count > 1000
    assert (
        clean.value(
            "SELECT COUNT(*) FROM odds_api_player_points_props"
            " WHERE snapshot_timestamp >= game_start_time"
        )
        > 0
    )
    assert (
        clean.value("""
        SELECT MAX(lines) FROM (SELECT COUNT(DISTINCT points_line) AS lines
          FROM odds_api_player_points_props
          GROUP BY game_date, player_lookup, bookmaker, snapshot_timestamp)""")
        > 3
    )
    assert clean.rows(
        "SELECT DISTINCT bet_side FROM bettingpros_player_points_props ORDER BY 1"
    ) == [("over",), ("under",)]


def test_spreads_carry_both_signs_and_ids_are_the_vendors_own(clean: Tables) -> None:
    assert (
        clean.value("""
        SELECT COUNT(*) FROM (SELECT SUM(outcome_point) AS total FROM odds_api_game_lines
          WHERE market_key = 'spreads'
          GROUP BY game_id, bookmaker_key, snapshot_timestamp HAVING total <> 0)""")
        == 0
    )
    assert clean.value(
        "SELECT BOOL_AND(regexp_matches(game_id, '^[0-9a-f]{32}$')) FROM odds_api_game_lines"
    )
    names = {name for (name,) in clean.rows("SELECT DISTINCT home_team FROM odds_api_game_lines")}
    assert {"LA Clippers", "Los Angeles Clippers"} <= names


def test_vendor_habits_are_always_on(clean: Tables) -> None:
    lookups = clean.rows("""
        SELECT BOOL_AND(regexp_matches(player_1_lookup, '^[0-9]+[a-z]')),
          BOOL_OR(regexp_matches(player_1_name, '[^ -~]')) FROM bigdataball_play_by_play
        WHERE player_1_lookup IS NOT NULL""")
    assert lookups == [(True, True)]
    assert clean.value("SELECT COUNT(*) FROM bdl_player_boxscores WHERE minutes = '00'") > 0
    assert (
        clean.value(
            "SELECT COUNT(*) FROM bdl_player_boxscores"
            " WHERE regexp_matches(minutes, '^[0-9]{1,2}$') AND points > 0"
        )
        > 0
    )
    assert clean.value(
        "SELECT BOOL_AND(regexp_matches(game_id, '^002')) FROM odds_api_player_points_props"
    )
    assert unfolded_lookup("Nikolai Jurišić") == "nikolaijurii"
    assert injury_lookup("Olivier Sandoval III") == "oliersandoval"
    assert lookup_of("Łukasz D'Ødegård-Lund Jr.") == "lukaszdodegardlundjr"


def test_props_are_filed_under_canonical_ids_before_april_2024(whole_season: SeasonPlayed) -> None:
    from nba_backfill.raw.demo_league.markets import odds_api_props
    from nba_backfill.raw.demo_league.tables import Ledger

    props = odds_api_props(Ledger(whole_season, 7))
    official = [text.startswith("00") for text in props["game_id"].to_pylist()]
    later = [day >= dt.date(2024, 4, 1) for day in props["game_date"].to_pylist()]
    assert official == later


def test_every_printed_name_belongs_to_one_player_or_is_an_alias(clean: Tables) -> None:
    lost = clean.rows("""
        SELECT DISTINCT player_lookup FROM odds_api_player_points_props
        WHERE player_lookup NOT IN (SELECT player_lookup FROM nba_players_registry)
          AND player_lookup NOT IN (SELECT alias_lookup FROM player_aliases WHERE is_active)""")
    assert lost == []
    assert (
        clean.value(
            "SELECT COUNT(*) FROM odds_api_player_points_props WHERE player_lookup IN"
            " (SELECT alias_lookup FROM player_aliases)"
        )
        > 0
    )
    assert (
        clean.value(
            "SELECT COUNT(DISTINCT universal_player_id) - COUNT(DISTINCT player_lookup)"
            " FROM nba_players_registry"
        )
        == 0
    )


def test_rosters_hold_everybody_who_dresses_within_a_week(clean: Tables) -> None:
    dressed, known = clean.rows("""
        SELECT COUNT(*), COUNT(*) FILTER (EXISTS (
          SELECT 1 FROM espn_team_rosters r WHERE r.player_lookup = g.player_lookup
            AND r.team_abbr = g.team_abbr AND r.birth_date IS NOT NULL
            AND r.roster_date BETWEEN g.game_date - 7 AND g.game_date))
        FROM nbac_gamebook_player_stats g""")[0]
    assert known / dressed > 0.99


def test_exhibitions_stand_in_the_schedule_without_counting(clean: Tables) -> None:
    assert (
        clean.value(
            "SELECT COUNT(*) FROM nbac_schedule WHERE NOT is_regular_season"
            " AND NOT is_playoffs AND game_date < DATE '2024-10-22'"
        )
        > 20
    )


def test_the_same_arguments_give_the_same_tables(clean: Tables, tmp_path: Path) -> None:
    write_demo_league(tmp_path / "again", [SEASON], through=THROUGH)
    for table in RAW_TABLES:
        part = str(SEASON) if table.date_column else "all"
        assert read(tmp_path / "again", table.name, part).equals(
            read(clean.folder, table.name, part)
        )


def test_another_seed_is_another_league(clean: Tables, tmp_path: Path) -> None:
    write_demo_league(tmp_path / "other", [SEASON], through=dt.date(2024, 10, 24), seed=8)
    mine = read(tmp_path / "other", "nbac_team_boxscore")
    assert not mine.equals(read(clean.folder, "nbac_team_boxscore").slice(0, mine.num_rows))


def test_a_season_alone_equals_the_same_season_among_others(tmp_path: Path) -> None:
    last = dt.date(2024, 10, 27)
    write_demo_league(tmp_path / "alone", [SEASON], through=last, defects=True)
    write_demo_league(tmp_path / "both", [Season(2023), SEASON], through=last, defects=True)
    for table in DATED:
        alone = read(tmp_path / "alone", table.name)
        assert alone.equals(read(tmp_path / "both", table.name)), table.name


def test_a_season_cut_short_is_the_beginning_of_a_longer_one(clean: Tables, tmp_path: Path) -> None:
    last = dt.date(2024, 10, 30)
    write_demo_league(tmp_path / "short", [SEASON], through=last)
    for table in DATED:
        short = read(tmp_path / "short", table.name)
        days = np.array(read(clean.folder, table.name)[table.date_column].to_pylist())
        longer = read(clean.folder, table.name).filter(pa.array(days <= last))
        assert short.equals(longer), table.name


@pytest.mark.parametrize(
    ("year", "dates"), [(2021, 213), (2022, 212), (2023, 208), (2024, 214), (2025, 71)]
)
def test_game_dates_are_the_real_ones(year: int, dates: int) -> None:
    days = season_days(Season(year)).game_days()
    assert len(days) == dates
    assert Season(year) in DEMO_SEASONS
    assert not {dt.date(year, 12, 24)} & set(days)


def test_a_whole_season_is_played_on_all_its_dates(whole_season: SeasonPlayed) -> None:
    fixtures = whole_season.games.fixtures
    assert sorted({game.day for game in fixtures}) == whole_season.days.game_days()
    kinds = Counter(game.kind for game in fixtures)
    assert kinds == {"regular_season": 1230, "cup_final": 1, "play_in": 6, "playoffs": 82}
    appearances = Counter((game.day, club) for game in fixtures for club in (game.home, game.away))
    assert max(appearances.values()) == 1
    regular = [game for game in fixtures if game.kind == "regular_season"]
    per_club = Counter(club for game in regular for club in (game.home, game.away))
    assert set(per_club.values()) == {82}
    assert set(Counter(game.home for game in regular).values()) == {41}
    assert len({game.official_id for game in fixtures}) == len(fixtures)


def test_clubs_play_back_to_back_now_and_then(whole_season: SeasonPlayed) -> None:
    days = sorted(
        (club, game.day)
        for game in whole_season.games.fixtures
        for club in (game.home, game.away)
        if game.kind == "regular_season"
    )
    gaps = [
        (later[1] - earlier[1]).days
        for earlier, later in itertools.pairwise(days)
        if earlier[0] == later[0]
    ]
    assert 8 * len(CLUBS) < gaps.count(1) < 20 * len(CLUBS)


def test_series_end_with_the_fourth_win(whole_season: SeasonPlayed) -> None:
    games = whole_season.games
    series: dict[str, list[int]] = {}
    for game, (home, away) in zip(games.fixtures, games.score, strict=True):
        if game.kind == "playoffs":
            series.setdefault(game.official_id[:9], []).append(
                game.home if home > away else game.away
            )
    assert len(series) == 15
    for winners in series.values():
        wins = Counter(winners)
        assert wins[winners[-1]] == 4
        assert len(winners) <= 7
        assert all(count < 4 for club, count in wins.items() if club != winners[-1])


def test_overtime_and_home_wins_are_as_frequent_as_in_reality(whole_season: SeasonPlayed) -> None:
    games = whole_season.games
    assert 0.03 < (games.periods > 4).mean() < 0.09
    assert 0.52 < (games.score[:, 0] > games.score[:, 1]).mean() < 0.65


def test_players_keep_their_names_and_birth_dates_and_some_change_clubs() -> None:
    before, after = players_of(7, 2021), players_of(7, 2024)
    known = len(before.names)
    assert after.names[:known] == before.names
    assert (after.birth[:known] == before.birth).all()
    stayed = (before.club >= 0) & (after.club[:known] >= 0)
    moved = stayed & (before.club != after.club[:known])
    assert 0.2 < moved.sum() / stayed.sum() < 0.9
    assert len({lookup_of(name) for name in after.names}) == len(after.names)


def test_all_journeys_are_listed_both_ways() -> None:
    miles = {(here, there): distance for here, there, distance, _ in journeys()}
    assert len(miles) == 870
    assert miles["BOS", "LAL"] == miles["LAL", "BOS"]
    assert 2550 < miles["BOS", "LAL"] < 2650


def listed(dirty: Tables) -> list[dict[str, str]]:
    with (dirty.folder / "defects.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


PRESENT = {
    ("nbac_gamebook_player_stats", "loaded_twice"): """SELECT COUNT(*) = 2 * COUNT(DISTINCT
        player_lookup) FROM nbac_gamebook_player_stats WHERE game_id = $game""",
    ("nbac_gamebook_player_stats", "missing"): """SELECT COUNT(*) = 0
        FROM nbac_gamebook_player_stats WHERE game_id = $game""",
    ("nbac_gamebook_player_stats", "roster_only"): """SELECT BOOL_AND(player_status = 'inactive'
        AND points IS NULL AND minutes IS NULL) FROM nbac_gamebook_player_stats
        WHERE game_id = $game""",
    ("bdl_player_boxscores", "loaded_twice"): """SELECT COUNT(*) = 2 * COUNT(DISTINCT
        player_full_name) FROM bdl_player_boxscores WHERE game_id = $game""",
    ("bdl_player_boxscores", "frozen_at_zero"): """SELECT SUM(points) = 0 AND
        BOOL_AND(minutes = '00') FROM bdl_player_boxscores WHERE game_id = $game""",
    ("bdl_player_boxscores", "missing"): """SELECT COUNT(*) = 0 FROM bdl_player_boxscores
        WHERE game_date = $day AND home_team_abbr = RIGHT($game, 3)""",
    ("bdl_player_boxscores", "vendor_ids"): """SELECT COUNT(*) > 15 AND
        BOOL_AND(game_id <> $game) FROM bdl_player_boxscores
        WHERE game_date = $day AND home_team_abbr = RIGHT($game, 3)""",
    ("bigdataball_play_by_play", "missing"): """SELECT COUNT(*) = 0
        FROM bigdataball_play_by_play WHERE game_id = $game""",
    ("bigdataball_play_by_play", "null_distances"): """SELECT BOOL_OR(shot_distance IS NULL)
        FROM bigdataball_play_by_play WHERE game_id = $game AND event_type = 'shot'""",
    ("nbac_team_boxscore", "loaded_twice"): """SELECT COUNT(*) = 4
        FROM nbac_team_boxscore WHERE nba_game_id = $official""",
    ("nbac_team_boxscore", "missing"): """SELECT COUNT(*) = 0
        FROM nbac_team_boxscore WHERE nba_game_id = $official""",
    ("nbac_team_boxscore", "orientation_swapped"): """SELECT BOOL_AND(game_id <> $game
        AND is_home = (team_abbr = RIGHT(game_id, 3)))
        FROM nbac_team_boxscore WHERE nba_game_id = $official""",
    ("nbac_schedule", "tip_missing"): """SELECT BOOL_AND(game_date_est IS NULL)
        FROM nbac_schedule WHERE game_id = $official AND game_status = 3""",
    ("nbac_schedule", "postponed"): """SELECT COUNT(*) = 2 AND COUNT(*) FILTER (game_status = 1
        AND game_date < $day AND home_team_score IS NULL) = 1
        FROM nbac_schedule WHERE game_id = $official""",
    ("espn_scoreboard", "missing"): """SELECT COUNT(*) = 0 FROM espn_scoreboard
        WHERE game_id = $game""",
    ("odds_api_player_points_props", "name_variant"): """SELECT COUNT(*) > 0
        FROM odds_api_player_points_props WHERE game_id = $game
        AND player_lookup NOT IN (SELECT player_lookup FROM nba_players_registry)
        AND player_lookup NOT IN (SELECT alias_lookup FROM player_aliases)""",
    ("odds_api_game_lines", "absurd_total"): """SELECT COUNT(*) > 0 FROM odds_api_game_lines
        WHERE game_date = $day AND home_team_abbr = RIGHT($game, 3) AND market_key = 'totals'
        AND bookmaker_key = 'draftkings' AND outcome_point = 3""",
}  # fmt: skip


def test_each_listed_defect_is_really_there(dirty: Tables) -> None:
    defects = listed(dirty)
    assert len(defects) == dirty.league.defects
    assert {(one["table_name"], one["defect"]) for one in defects} == set(PRESENT)
    for one in defects:
        query = PRESENT[one["table_name"], one["defect"]]
        given = {
            "game": one["game_id"],
            "official": one["nba_game_id"],
            "day": dt.date.fromisoformat(one["game_date"]),
        }
        used = {name: value for name, value in given.items() if f"${name}" in query}
        assert dirty.connection.execute(query, used).fetchone() == (True,), one


def test_the_truth_is_recoverable_in_spite_of_the_defects(dirty: Tables) -> None:
    points = dirty.value("""
        WITH score AS (
          SELECT game_date, home_team_tricode AS home, home_team_score + away_team_score AS points
          FROM nbac_schedule WHERE game_status = 3 AND is_regular_season),
        first AS (SELECT game_date, home_team_abbr AS home, SUM(points) AS points FROM
          (SELECT DISTINCT ON (game_id, player_lookup) * FROM nbac_gamebook_player_stats)
          GROUP BY ALL),
        second AS (SELECT game_date, home_team_abbr AS home, SUM(points) AS points FROM
          (SELECT DISTINCT ON (game_id, player_lookup) * FROM bdl_player_boxscores) GROUP BY ALL)
        SELECT SUM(IF(first.points = score.points, first.points,
                      IF(second.points = score.points, second.points, NULL)))
        FROM score LEFT JOIN first USING (game_date, home) LEFT JOIN second USING (game_date, home)
        """)
    assert points == dirty.league.truth(Season(2021)).points


def test_postponed_games_add_no_game_dates(dirty: Tables) -> None:
    assert (
        dirty.value("""
        SELECT COUNT(*) FROM nbac_schedule WHERE game_status = 1 AND game_date NOT IN
          (SELECT game_date FROM nbac_schedule WHERE game_status = 3)""")
        == 0
    )


def test_an_interrupted_generation_leaves_nothing(tmp_path: Path) -> None:
    class InterruptedError(RuntimeError):
        pass

    def interrupt(_: str) -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        write_demo_league(
            tmp_path / "league", [SEASON], through=dt.date(2024, 10, 22), progress=interrupt
        )
    assert list(tmp_path.iterdir()) == []


def test_a_demo_league_is_replaced_and_other_data_is_not_touched(tmp_path: Path) -> None:
    folder = tmp_path / "league"
    first_day = dt.date(2024, 10, 22)
    write_demo_league(folder, [SEASON], through=first_day)
    write_demo_league(folder, [SEASON], through=first_day, seed=8)
    assert (folder / MARKER).exists()
    assert [path.name for path in tmp_path.iterdir()] == ["league"]
    theirs = tmp_path / "theirs"
    theirs.mkdir()
    (theirs / "precious.parquet").write_text("mine")
    with pytest.raises(NotADemoLeagueError, match="theirs"):
        write_demo_league(theirs, [SEASON], through=first_day)
    assert (theirs / "precious.parquet").read_text() == "mine"


@pytest.mark.parametrize(
    ("seasons", "through", "message"),
    [
        ([], None, "at least one season"),
        ([Season(2019)], None, "no game days of 2019-20"),
        ([SEASON], dt.date(2024, 10, 1), "starts after 2024-10-01"),
    ],
)
def test_impossible_requests_are_refused_before_anything_is_written(
    tmp_path: Path, seasons: list[Season], through: dt.date | None, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        write_demo_league(tmp_path / "league", seasons, through=through)
    assert list(tmp_path.iterdir()) == []
