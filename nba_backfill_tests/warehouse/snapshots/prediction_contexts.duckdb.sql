WITH "upcoming_team_game_context" AS (SELECT "team_abbr", "game_id", "nba_game_id", "game_date", "season_year", "opponent_team_abbr", "home_game", "days_since_last_game", "team_days_rest", "is_back_to_back", "team_back_to_back", "game_number_in_season", "games_in_last_7_days", "games_in_last_14_days", "games_in_next_7_days", "next_game_days_rest", "game_spread", "opening_spread", "spread_movement", "game_total", "opening_total", "total_movement", "game_spread_source", "game_total_source", "betting_lines_updated_at", "players_out_count", "questionable_players_count", "team_win_streak_entering", "team_loss_streak_entering", "last_game_margin", "last_game_result", "travel_miles", "time_zone_changes", "consecutive_road_games", "miles_traveled_last_14_days", "time_zones_crossed_last_14_days", "is_production_ready", "completeness_percentage", "expected_games_count", "actual_games_count", "missing_games_count", "backfill_bootstrap_mode", "quality_tier", "quality_score", "quality_issues", "data_sources"
FROM "nba_analytics"."upcoming_team_game_context"
WHERE "game_date" BETWEEN $upcoming_team_game_context_from AND $upcoming_team_game_context_to), "team_defense_zone_analysis" AS (SELECT "team_abbr", "analysis_date", "paint_pct_allowed_last_15", "paint_attempts_allowed_per_game", "paint_points_allowed_per_game", "paint_blocks_per_game", "paint_defense_vs_league_avg", "mid_range_pct_allowed_last_15", "mid_range_attempts_allowed_per_game", "mid_range_blocks_per_game", "mid_range_defense_vs_league_avg", "three_pt_pct_allowed_last_15", "three_pt_attempts_allowed_per_game", "three_pt_blocks_per_game", "three_pt_defense_vs_league_avg", "league_baseline", "defensive_rating_last_15", "opponent_points_per_game", "opponent_pace", "games_in_sample", "n_zone", "strongest_zone", "weakest_zone", "data_quality_tier", "calculation_notes", "last_game_date", "window_games_wanted", "window_games_found", "window_games_missing", "window_status"
FROM "nba_precompute"."team_defense_zone_analysis"
WHERE "analysis_date" BETWEEN $team_defense_zone_analysis_from AND $team_defense_zone_analysis_to), "games" AS (SELECT "game_date", "game_id", "nba_game_id", "season_year", "game_type", "home_team_abbr", "away_team_abbr", "is_final", "is_over", "tip_at", "arena_timezone", "is_neutral_site", "home_score", "away_score", "result_source", "result_doubt", "home_next_game_date", "away_next_game_date", "home_games_in_next_7_days", "away_games_in_next_7_days", "source"
FROM "nba_staging"."games"
WHERE "game_date" BETWEEN $games_from AND $games_to)
SELECT CAST("game_date" AS DATE) AS "game_date", CAST("game_id" AS TEXT) AS "game_id", CAST("season_year" AS BIGINT) AS "season_year", CAST("team_abbr" AS TEXT) AS "team_abbr", CAST("context_feature" AS TEXT) AS "context_feature", CAST("applies" AS BOOLEAN) AS "applies"
FROM (/* One row per team, game and circumstance that is known before tip-off: whether it applies. */
WITH clubs AS (SELECT game_date, home_team_abbr AS team_abbr
FROM games
WHERE is_over
UNION ALL
SELECT game_date, away_team_abbr AS team_abbr
FROM games
WHERE is_over), 
games_before AS (SELECT u.game_date, u.team_abbr, COUNT(*) AS games
FROM upcoming_team_game_context AS u
JOIN clubs AS c ON c.team_abbr = u.team_abbr AND DATE_DIFF('DAY', c.game_date, u.game_date) BETWEEN 1 AND $games_days
GROUP BY u.game_date, u.team_abbr), 
facts AS (SELECT u.game_date, u.game_id, u.season_year, u.team_abbr, u.is_back_to_back, COALESCE(b.games, 0) + 1 >= 3 AS is_third_in_four_nights, u.home_game, d.opponent_pace > 102 AS is_fast, ABS(u.game_spread) >= 10 AS is_lopsided
FROM upcoming_team_game_context AS u
LEFT JOIN games_before AS b ON b.game_date = u.game_date AND b.team_abbr = u.team_abbr
LEFT JOIN team_defense_zone_analysis AS d ON d.analysis_date = u.game_date AND d.team_abbr = u.opponent_team_abbr), 
contexts AS (SELECT game_date, game_id, season_year, team_abbr, 'back_to_back' AS context_feature, is_back_to_back AS applies
FROM facts
UNION ALL
SELECT game_date, game_id, season_year, team_abbr, '3_games_in_4_nights' AS context_feature, is_third_in_four_nights AS applies
FROM facts
UNION ALL
SELECT game_date, game_id, season_year, team_abbr, 'home_game' AS context_feature, home_game AS applies
FROM facts
UNION ALL
SELECT game_date, game_id, season_year, team_abbr, 'high_pace_matchup' AS context_feature, is_fast AS applies
FROM facts
UNION ALL
SELECT game_date, game_id, season_year, team_abbr, 'blowout_risk' AS context_feature, is_lopsided AS applies
FROM facts)
SELECT game_date, game_id, season_year, team_abbr, context_feature, applies
FROM contexts
WHERE NOT applies IS NULL)
WHERE "game_date" BETWEEN $start_date AND $end_date
