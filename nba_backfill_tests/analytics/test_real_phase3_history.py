"""Phase 3 on the real seasons: single games with a story, and histories recomputed the slow way."""

import datetime as dt
import re
from collections import defaultdict
from itertools import pairwise

import pytest


def one(real_warehouse, sql):
    (row,) = real_warehouse.query(sql)
    return row


# --- single games -----------------------------------------------------------------------------


def test_double_overtime_is_taken_out_of_pace_and_usage(real_warehouse):
    assert real_warehouse.query(
        """
        SELECT team_abbr, minutes_total, overtime_periods, CAST(pace AS DOUBLE),
          CAST(possessions AS DOUBLE)
        FROM nba_analytics.team_offense_game_summary
        WHERE game_id = '20211020_BOS_NYK' ORDER BY 1
        """
    ) == [("BOS", 290, 2, 104.7, 126.5), ("NYK", 290, 2, 104.7, 126.5)]
    brown, team = one(
        real_warehouse,
        """
        SELECT
          100 * (p.fg_attempts + 0.44 * p.ft_attempts + p.turnovers) * 58.0
            / (46 * (t.fg_attempts + 0.44 * t.ft_attempts + t.turnovers)),
          CAST(p.usage_rate AS DOUBLE)
        FROM nba_analytics.player_game_summary p
        JOIN nba_analytics.team_offense_game_summary t
          ON t.game_id = p.game_id AND t.team_abbr = p.team_abbr
        WHERE p.game_id = '20211020_BOS_NYK' AND p.player_lookup = 'jaylenbrown'
        """,
    )
    assert float(brown) == pytest.approx(team, abs=0.05)


def test_defence_is_the_opponents_offence_overtime_included(real_warehouse):
    assert real_warehouse.query(
        """
        SELECT defending_team_abbr, points_allowed, overtime_periods, win_flag
        FROM nba_analytics.team_defense_game_summary
        WHERE game_id = '20211126_SAC_LAL' ORDER BY 1
        """
    ) == [("LAL", 141, 3, False), ("SAC", 137, 3, True)]


def test_traded_player_moves_with_the_roster_and_keeps_his_history(real_warehouse):
    context = real_warehouse.query(
        """
        SELECT game_date, team_abbr, days_rest, l10_games_used
        FROM nba_analytics.upcoming_player_game_context
        WHERE player_lookup = 'jamesharden' AND game_date BETWEEN '2022-02-08' AND '2022-02-27'
        ORDER BY 1
        """
    )
    assert [team for _, team, _, _ in context] == ["BKN"] * 3 + ["PHI"] * 4
    # His first game for the new club, the All-Star break and an injury behind him.
    assert context[-2] == (dt.date(2022, 2, 25), "PHI", 23, 10)
    assert real_warehouse.query(
        """
        SELECT DISTINCT team_abbr FROM nba_analytics.player_game_summary
        WHERE player_lookup = 'jamesharden' AND game_date BETWEEN '2022-02-10' AND '2022-06-30'
        """
    ) == [("PHI",)]


def test_player_back_after_two_months_has_his_true_rest_and_averages(real_warehouse):
    assert one(
        real_warehouse,
        """
        SELECT days_rest, games_in_last_14_days, avg_minutes_per_game_last_7,
          CAST(points_avg_last_5 AS DOUBLE), l10_games_used, is_production_ready
        FROM nba_analytics.upcoming_player_game_context
        WHERE player_lookup = 'joelembiid' AND game_date = '2024-04-02'
        """,
    ) == (63, 0, None, 36.8, 10, True)


def test_opening_night_has_no_past_and_is_ready(real_warehouse):
    assert one(
        real_warehouse,
        """
        SELECT COUNT(days_rest), COUNT(points_avg_last_5), SUM(games_in_last_14_days),
          BOOL_OR(back_to_back), BOOL_AND(is_production_ready), BOOL_AND(backfill_bootstrap_mode)
        FROM nba_analytics.upcoming_player_game_context WHERE game_date = '2024-10-22'
        """,
    ) == (0, 0, 0, False, True, True)
    assert set(
        real_warehouse.query(
            """
            SELECT game_number_in_season, days_since_last_game, last_game_result, travel_miles
            FROM nba_analytics.upcoming_team_game_context WHERE game_date = '2024-10-22'
            """
        )
    ) == {(1, None, None, None)}


def test_bootstrap_lasts_fourteen_days(real_warehouse):
    assert real_warehouse.query(
        """
        SELECT season_year, MIN(game_date), MAX(game_date)
        FROM nba_analytics.upcoming_team_game_context WHERE backfill_bootstrap_mode
        GROUP BY 1 ORDER BY 1
        """
    ) == [
        (2021, dt.date(2021, 10, 19), dt.date(2021, 11, 1)),
        (2023, dt.date(2023, 10, 24), dt.date(2023, 11, 6)),
        (2024, dt.date(2024, 10, 22), dt.date(2024, 11, 4)),
    ]


def test_play_in_and_cup_final_count_as_games_of_the_season(real_warehouse):
    assert one(
        real_warehouse,
        """
        SELECT season_phase, COUNT(DISTINCT game_id)
        FROM nba_analytics.upcoming_player_game_context
        WHERE game_date = '2024-04-16' GROUP BY 1
        """,
    ) == ("playoffs", 2)
    assert real_warehouse.query(
        """
        SELECT game_date, game_number_in_season, days_since_last_game
        FROM nba_analytics.upcoming_team_game_context
        WHERE team_abbr = 'LAL' AND game_date BETWEEN '2023-12-07' AND '2023-12-12' ORDER BY 1
        """
    ) == [
        (dt.date(2023, 12, 7), 23, 2),
        (dt.date(2023, 12, 9), 24, 2),
        (dt.date(2023, 12, 12), 25, 3),
    ]


def test_postponed_game_leaves_no_row_on_its_old_date(real_warehouse):
    # The fires of January 2025: Spurs at Lakers and Hornets at Clippers were called off.
    assert (
        real_warehouse.query(
            """
        SELECT team_abbr FROM nba_analytics.upcoming_team_game_context
        WHERE game_date = '2025-01-11' AND team_abbr IN ('LAL', 'SAS', 'LAC', 'CHA', 'ATL', 'HOU')
        """
        )
        == []
    )


# --- histories recomputed the slow way ----------------------------------------------------------


def test_team_form_equals_a_walk_through_the_schedule(real_warehouse):
    games = real_warehouse.query(
        """
        SELECT season_year, game_date, team, margin FROM (
          SELECT season_year, game_date, home_team_abbr AS team, home_score - away_score AS margin
          FROM nba_staging.games WHERE is_final
          UNION ALL
          SELECT season_year, game_date, away_team_abbr, away_score - home_score
          FROM nba_staging.games WHERE is_final
        ) ORDER BY game_date
        """
    )
    results = defaultdict(list)
    for season, day, team, margin in games:
        results[season, team].append((day, margin))
    rows = real_warehouse.query(
        """
        SELECT season_year, team_abbr, game_date, game_number_in_season, days_since_last_game,
          games_in_last_7_days, games_in_last_14_days, team_win_streak_entering,
          team_loss_streak_entering, last_game_margin
        FROM nba_analytics.upcoming_team_game_context
        """
    )
    assert len(rows) == 2 * 3963
    for season, team, day, *found in rows:
        before = [(d, margin) for d, margin in results[season, team] if d < day]
        margins = [margin for _, margin in reversed(before)]
        wins = next((n for n, m in enumerate(margins) if m < 0), len(margins))
        losses = next((n for n, m in enumerate(margins) if m > 0), len(margins))
        ages = [(day - d).days for d, _ in before]
        assert found == [
            len(before) + 1,
            ages[-1] if ages else None,
            sum(age <= 7 for age in ages),
            sum(age <= 14 for age in ages),
            wins,
            losses,
            margins[0] if margins else None,
        ], (team, day)


def test_player_form_equals_a_walk_through_his_games(real_warehouse):
    games = defaultdict(list)
    for player, season, day, points, minutes, usage in real_warehouse.query(
        """
        SELECT player_lookup, season_year, game_date, points, minutes_played, usage_rate
        FROM nba_analytics.player_game_summary ORDER BY game_date
        """
    ):
        games[player, season].append((day, points, minutes, usage))
    rows = real_warehouse.query(
        """
        SELECT player_lookup, season_year, game_date, current_points_line, points_avg_last_5,
          points_avg_last_10, days_rest, days_rest_before_last_game, games_in_last_7_days,
          games_in_last_14_days, minutes_in_last_7_days, back_to_backs_last_14_days,
          avg_usage_rate_last_7_games, prop_over_streak, prop_under_streak
        FROM nba_analytics.upcoming_player_game_context
        WHERE HASH(player_lookup || game_date) % 20 = 0 OR current_points_line IS NOT NULL
        """
    )
    assert len(rows) > 5000
    for player, season, day, line, last_5, last_10, rest, gap, *found, usage_7, over, under in rows:
        before = [game for game in games[player, season] if game[0] < day][::-1]
        ages = [(day - game[0]).days for game in before]
        points = [game[1] for game in before]
        usages = [game[3] for game in before[:7] if game[3] is not None]
        assert _near(last_5, _mean(points[:5]), 0.05)
        assert _near(last_10, _mean(points[:10]), 0.05)
        assert _near(usage_7, _mean(usages), 0.005)
        assert rest == (ages[0] if ages else None)
        assert gap == (ages[1] - ages[0] if len(ages) > 1 else None)
        recent = [age for age in ages if age <= 14]
        minutes_7 = [game[2] for game, age in zip(before, ages, strict=True) if age <= 7]
        assert found == [
            sum(age <= 7 for age in ages),
            len(recent),
            int(sum(minutes for minutes in minutes_7 if minutes is not None)),
            sum(later + 1 == earlier for later, earlier in pairwise(recent)),
        ], (player, day)
        assert (over, under) == _streaks(points, line), (player, day)


def test_pace_differential_is_opponent_minus_own(real_warehouse):
    rows = real_warehouse.query(
        """
        WITH form AS (
          SELECT u.game_date, u.team_abbr, (
            SELECT AVG(pace) FROM (
              SELECT t.pace FROM nba_analytics.team_offense_game_summary t
              WHERE t.team_abbr = u.team_abbr AND t.season_year = u.season_year
                AND t.game_date < u.game_date
              ORDER BY t.game_date DESC LIMIT 10
            )
          ) AS pace
          FROM nba_analytics.upcoming_team_game_context u
          WHERE u.game_date IN ('2021-11-03', '2024-01-20', '2025-04-13')
        )
        SELECT DISTINCT p.game_date, p.team_abbr, p.pace_differential, o.pace - own.pace
        FROM nba_analytics.upcoming_player_game_context p
        JOIN form own ON own.game_date = p.game_date AND own.team_abbr = p.team_abbr
        JOIN form o ON o.game_date = p.game_date AND o.team_abbr = p.opponent_team_abbr
        """
    )
    assert len(rows) > 50
    assert all(_near(stored, expected, 0.051) for _, _, stored, expected in rows)


def test_pool_misses_hardly_anyone_who_played(real_warehouse):
    share = one(
        real_warehouse,
        """
        SELECT AVG((u.player_lookup IS NOT NULL)::INT)
        FROM nba_analytics.player_game_summary p
        LEFT JOIN nba_analytics.upcoming_player_game_context u
          ON u.game_date = p.game_date AND u.player_lookup = p.player_lookup
        """,
    )[0]
    assert share > 0.995


def test_pool_is_not_chosen_by_who_played(real_warehouse):
    # Were it drawn from the box score, practically everybody in it would have played.
    share = one(
        real_warehouse,
        """
        SELECT AVG((p.player_lookup IS NOT NULL)::INT)
        FROM nba_analytics.upcoming_player_game_context u
        LEFT JOIN nba_analytics.player_game_summary p
          ON p.game_date = u.game_date AND p.player_lookup = u.player_lookup
        """,
    )[0]
    assert share < 0.75
    assert one(
        real_warehouse,
        """
        SELECT COUNT(*) FROM nba_analytics.upcoming_player_game_context
        WHERE player_status = 'out'
        """,
    ) == (0,)


def test_game_ids_name_the_home_team_last(real_warehouse):
    for game_id, team, home in real_warehouse.query(
        "SELECT DISTINCT game_id, team_abbr, home_game FROM nba_analytics.team_offense_game_summary"
    ):
        assert re.fullmatch(r"\d{8}_[A-Z]{3}_[A-Z]{3}", game_id)
        assert (game_id[-3:] == team) == home


def _mean(values):
    return sum(map(float, values)) / len(values) if values else None


def _near(stored, expected, tolerance):
    if stored is None or expected is None:
        return stored is expected
    return abs(float(stored) - float(expected)) <= tolerance + 1e-6


def _streaks(points, line):
    """Games in a row over and under the line, newest first; a game on the line is skipped."""
    if line is None:
        return 0, 0
    signs = [(p > line) - (p < line) for p in points if p != line]
    over = next((n for n, sign in enumerate(signs) if sign < 0), len(signs))
    under = next((n for n, sign in enumerate(signs) if sign > 0), len(signs))
    return over, under
