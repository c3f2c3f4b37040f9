"""player_daily_cache on three real seasons, against pandas written from the specification."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from nba_backfill.core.season import Season
from nba_backfill.precompute import player_daily_cache
from nba_backfill_tests.precompute.replica import recompute, stored

TABLE = player_daily_cache.TABLE
DAYS = [
    dt.date(2021, 11, 2),
    dt.date(2021, 12, 26),
    dt.date(2023, 11, 8),
    dt.date(2024, 2, 12),
    dt.date(2024, 4, 21),
    dt.date(2024, 11, 10),
    dt.date(2025, 6, 22),
]
COPIED_FROM_POOL = (
    "team_abbr",
    "games_in_last_7_days",
    "games_in_last_14_days",
    "minutes_in_last_7_days",
    "minutes_in_last_14_days",
    "back_to_backs_last_14_days",
    "avg_minutes_per_game_last_7",
    "player_age",
)
COPIED_FROM_ZONES = ("primary_scoring_zone", "paint_rate_last_10", "three_pt_rate_last_10")
FACTS = ("player_game_summary", "team_offense_game_summary")


def facts(real_warehouse, relation, *decimals):
    found = real_warehouse.warehouse.connection.execute(f"SELECT * FROM {relation}").df()
    found["game_date"] = found["game_date"].dt.date
    return found.astype(dict.fromkeys(decimals, float))


@pytest.fixture(scope="module")
def played(real_warehouse):
    found = facts(
        real_warehouse,
        "nba_analytics.player_game_summary",
        "minutes_played",
        "usage_rate",
        "ts_pct",
    )
    return found[(found.minutes_played > 0) | (found.fg_attempts > 0) | (found.points > 0)]


@pytest.fixture(scope="module")
def offence(real_warehouse):
    return facts(
        real_warehouse, "nba_analytics.team_offense_game_summary", "pace", "offensive_rating"
    )


def before(games, day):
    """Games of the day's season strictly before it, newest first."""
    season = games[games.season_year == Season.of(day).year]
    return season[season.game_date < day].sort_values(["game_date", "game_id"], ascending=False)


def form_by_hand(games, club):
    ten, n = games.head(10), len(games)
    located = ten[ten.assisted_fg_makes.notna()]
    makes = located.fg_makes.sum()
    return {
        "points_avg_last_5": games.points.head(5).mean(),
        "points_avg_last_10": ten.points.mean(),
        "points_avg_season": games.points.mean(),
        "points_std_last_10": np.std(ten.points.to_numpy(float), ddof=1),
        "minutes_avg_last_10": ten.minutes_played.mean(),
        "usage_rate_last_10": ten.usage_rate.mean(),
        "ts_pct_last_10": ten.ts_pct.mean(),
        "player_usage_rate_season": games.usage_rate.mean(),
        "team_pace_last_10": club.pace.head(10).mean(),
        "team_off_rating_last_10": club.offensive_rating.head(10).mean(),
        "assisted_rate_last_10": (
            located.assisted_fg_makes.sum() / makes if len(located) >= 5 and makes else np.nan
        ),
        "games_played_season": n,
        "early_season_flag": n < 10,
        "n_zone_10": len(located),
        "window_games_found": min(n, 10),
        "team_window_games_found": min(len(club), 10),
        "last_game_date": pd.Timestamp(games.game_date.iloc[0]),
    }


@pytest.mark.parametrize("day", DAYS, ids=str)
def test_rows_equal_an_independent_computation(real_warehouse, played, offence, day):
    known = dict(tuple(before(played, day).groupby("player_lookup", sort=False)))
    clubs = dict(tuple(before(offence, day).groupby("team_abbr", sort=False)))
    pool = real_warehouse.query(
        "SELECT player_lookup FROM nba_analytics.upcoming_player_game_context"
        f" WHERE game_date = '{day}'"
    )
    rows = stored(real_warehouse, TABLE, day, day)
    assert sorted(rows.player_lookup) == sorted(p for (p,) in pool if len(known.get(p, ())) >= 5)
    for _, row in rows.iterrows():
        expected = form_by_hand(known[row.player_lookup], clubs[row.team_abbr])
        for name, value in expected.items():
            where = (day, row.player_lookup, name, row[name], value)
            if isinstance(value, float):
                assert (np.isnan(value) and pd.isna(row[name])) or abs(row[name] - value) < 1e-9, (
                    where
                )
            else:
                assert row[name] == value, where


def test_copies_equal_their_originals(real_warehouse):
    same = [f"c.{name} IS NOT DISTINCT FROM u.{name}" for name in COPIED_FROM_POOL]
    same += [f"c.{name} IS NOT DISTINCT FROM z.{name}" for name in COPIED_FROM_ZONES]
    (found,) = real_warehouse.query(
        f"""
        SELECT COUNT(*), COUNT(u.player_lookup), COUNTIF({" AND ".join(same)}),
          COUNTIF(c.shot_zone_data_available = (z.player_lookup IS NOT NULL))
        FROM nba_precompute.player_daily_cache c
        LEFT JOIN nba_analytics.upcoming_player_game_context u
          ON u.game_date = c.cache_date AND u.player_lookup = c.player_lookup
        LEFT JOIN nba_precompute.player_shot_zone_analysis z
          ON z.analysis_date = c.cache_date AND z.player_lookup = c.player_lookup
        """
    )
    assert len(set(found)) == 1
    assert found[0] > 100_000


def test_only_players_with_fewer_than_five_games_are_missing_from_the_pool(real_warehouse):
    missing = real_warehouse.query(
        """
        SELECT u.game_date, u.player_lookup
        FROM nba_analytics.upcoming_player_game_context u
        LEFT JOIN nba_precompute.player_daily_cache c
          ON c.cache_date = u.game_date AND c.player_lookup = u.player_lookup
        LEFT JOIN nba_analytics.player_game_summary p
          ON p.player_lookup = u.player_lookup AND p.season_year = u.season_year
          AND p.game_date < u.game_date
          AND (p.minutes_played > 0 OR p.fg_attempts > 0 OR p.points > 0)
        WHERE c.player_lookup IS NULL AND NOT u.backfill_bootstrap_mode
        GROUP BY ALL HAVING COUNT(p.game_id) >= 5
        """
    )
    assert missing == []


def test_every_game_after_the_bootstrap_days_has_both_teams(real_warehouse):
    lacking = real_warehouse.query(
        """
        SELECT t.game_date, t.team_abbr, COUNT(c.player_lookup)
        FROM nba_analytics.upcoming_team_game_context t
        LEFT JOIN nba_precompute.player_daily_cache c
          ON c.cache_date = t.game_date AND c.team_abbr = t.team_abbr
        WHERE NOT t.backfill_bootstrap_mode
        GROUP BY ALL HAVING COUNT(c.player_lookup) < 7
        """
    )
    assert lacking == []


def test_assisted_rate_is_a_fraction_here_and_a_percentage_there(real_warehouse):
    ((worst, rows),) = real_warehouse.query(
        """
        SELECT MAX(ABS(100 * c.assisted_rate_last_10 - z.assisted_rate_last_10)), COUNT(*)
        FROM nba_precompute.player_daily_cache c
        JOIN nba_precompute.player_shot_zone_analysis z
          ON z.analysis_date = c.cache_date AND z.player_lookup = c.player_lookup
        """
    )
    assert worst < 1e-9
    assert rows > 100_000


def test_club_averages_are_the_new_clubs_and_player_averages_the_players_own(real_warehouse):
    """Buddy Hield came from IND to PHI on 2024-02-08 and had 52 games behind him."""
    ((club, games, pace, club_pace),) = real_warehouse.query(
        """
        SELECT team_abbr, games_played_season, team_pace_last_10, (
          SELECT AVG(pace::DOUBLE) FROM (
            SELECT pace FROM nba_analytics.team_offense_game_summary
            WHERE team_abbr = 'PHI' AND season_year = 2023 AND game_date < '2024-02-10'
            ORDER BY game_date DESC LIMIT 10
          )
        )
        FROM nba_precompute.player_daily_cache
        WHERE player_lookup = 'buddyhield' AND cache_date = '2024-02-10'
        """
    )
    assert club == "PHI"
    assert games >= 52
    assert abs(pace - club_pace) < 1e-9


@pytest.mark.parametrize("day", [DAYS[0], DAYS[3], DAYS[4]], ids=str)
def test_no_fact_of_the_day_itself_enters_its_row(real_warehouse, day):
    earlier = f"SELECT * FROM {{rows}} WHERE game_date < '{day}'"
    rows = recompute(
        real_warehouse,
        TABLE,
        day,
        day,
        edits=dict.fromkeys((*FACTS, "games"), earlier),
        limited=False,
    )
    pd.testing.assert_frame_equal(stored(real_warehouse, TABLE, day, day), rows, check_exact=True)


def test_row_order_of_the_inputs_changes_nothing(real_warehouse):
    first, last = dt.date(2024, 11, 10), dt.date(2024, 11, 16)
    shuffled = dict.fromkeys(TABLE.reads, "SELECT * FROM {rows} ORDER BY RANDOM()")
    pd.testing.assert_frame_equal(
        stored(real_warehouse, TABLE, first, last),
        recompute(real_warehouse, TABLE, first, last, edits=shuffled),
        check_exact=True,
    )


def test_lost_games_are_told_apart_from_a_young_season(real_warehouse):
    day, lost_day = dt.date(2024, 2, 12), "2024-02-10"
    kept = f"SELECT * FROM {{rows}} WHERE game_date != '{lost_day}'"
    rows = recompute(real_warehouse, TABLE, day, day, edits=dict.fromkeys(FACTS, kept))
    played_then = {
        team
        for (team,) in real_warehouse.query(
            "SELECT team_abbr FROM nba_analytics.team_offense_game_summary"
            f" WHERE game_date = '{lost_day}'"
        )
    }
    hit = rows[rows.team_abbr.isin(played_then)]
    assert set(hit.team_window_status) == {"truncated"}
    assert set(hit.team_window_games_missing) == {1}
    assert (hit.window_status == "truncated").mean() > 0.9
    spared = rows[~rows.team_abbr.isin(played_then)]
    assert set(spared.team_window_status) == {"complete"}
    assert set(rows[rows.window_status == "bootstrap"].early_season_flag) <= {True}
