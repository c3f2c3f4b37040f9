WITH "games" AS (SELECT "game_date", "game_id", "nba_game_id", "season_year", "game_type", "home_team_abbr", "away_team_abbr", "is_final", "is_over", "tip_at", "arena_timezone", "is_neutral_site", "home_score", "away_score", "result_source", "result_doubt", "home_next_game_date", "away_next_game_date", "home_games_in_next_7_days", "away_games_in_next_7_days", "source"
FROM "nba_staging"."games"
WHERE "game_date" BETWEEN $games_from AND $games_to), "player_game_summary" AS (SELECT "player_lookup", "universal_player_id", "player_full_name", "game_id", "nba_game_id", "game_date", "season_year", "team_abbr", "opponent_team_abbr", "points", "minutes_played", "assists", "offensive_rebounds", "defensive_rebounds", "steals", "blocks", "turnovers", "fg_attempts", "fg_makes", "three_pt_attempts", "three_pt_makes", "ft_attempts", "ft_makes", "plus_minus", "personal_fouls", "paint_attempts", "paint_makes", "mid_range_attempts", "mid_range_makes", "unlocated_attempts", "assisted_fg_makes", "unassisted_fg_makes", "and1_count", "paint_blocks", "mid_range_blocks", "three_pt_blocks", "usage_rate", "ts_pct", "efg_pct", "starter_flag", "starter_source", "win_flag", "points_line", "over_under_result", "margin", "opening_line", "line_movement", "points_line_source", "opening_line_source", "is_active", "player_status", "primary_source_used", "quality_tier", "quality_score", "quality_issues", "data_sources"
FROM "nba_analytics"."player_game_summary"
WHERE "game_date" BETWEEN $player_game_summary_from AND $player_game_summary_to), "prediction_accuracy" AS (SELECT "game_date", "game_id", "player_lookup", "system_id", "season_year", "team_abbr", "opponent_team_abbr", "is_home", "predicted_points", "predicted_points_p10", "predicted_points_p90", "predicted_points_mean", "line_anchored_points", "confidence_score", "confidence_decile", "recommendation", "line_value", "actual_points", "minutes_played", "absolute_error", "signed_error", "within_3_points", "within_5_points", "predicted_margin", "actual_margin", "prediction_correct", "is_voided", "void_reason", "pre_game_injury_flag", "pre_game_injury_status", "injury_confirmed_postgame", "over_probability", "under_probability", "line_anchored_over_probability", "line_anchored_under_probability", "over_price_american", "under_price_american", "market_over_probability", "opening_line_value", "opening_pick", "closing_line_value", "closing_probability_value", "has_prop_line", "line_source", "estimated_line_value", "is_actionable", "filter_reason", "pace_adjustment", "similarity_sample_size", "prediction_variance", "model_type", "model_version", "points_avg_season", "points_avg_last_5", "points_avg_last_10"
FROM "nba_predictions"."prediction_accuracy"
WHERE "game_date" BETWEEN $prediction_accuracy_from AND $prediction_accuracy_to), "upcoming_player_game_context" AS (SELECT "player_lookup", "universal_player_id", "game_date", "game_id", "nba_game_id", "season_year", "team_abbr", "opponent_team_abbr", "home_game", "population_source", "on_roster", "in_injury_report", "line_offered", "in_recent_games", "has_prop_line", "current_points_line", "opening_points_line", "line_movement", "current_points_line_source", "opening_points_line_source", "game_spread", "opening_spread", "spread_movement", "game_spread_source", "game_total", "opening_total", "total_movement", "game_total_source", "pace_differential", "opponent_pace_last_10", "opponent_def_rating_last_10", "opponent_ft_rate_allowed", "game_start_time_local", "days_rest", "back_to_back", "season_phase", "projected_usage_rate", "days_rest_before_last_game", "days_since_2_plus_days_rest", "games_in_last_7_days", "games_in_last_14_days", "minutes_in_last_7_days", "minutes_in_last_14_days", "avg_minutes_per_game_last_7", "back_to_backs_last_14_days", "next_game_days_rest", "games_in_next_7_days", "opponent_days_rest", "opponent_games_in_next_7_days", "opponent_next_game_days_rest", "travel_miles", "time_zone_changes", "consecutive_road_games", "miles_traveled_last_14_days", "time_zones_crossed_last_14_days", "points_avg_last_5", "points_avg_last_10", "l5_games_used", "l10_games_used", "l5_sample_quality", "l10_sample_quality", "prop_over_streak", "prop_under_streak", "avg_usage_rate_last_7_games", "fourth_quarter_minutes_last_7", "clutch_minutes_last_7_games", "fourth_quarter_production_last_7", "shooting_pct_decline_last_5", "player_age", "player_status", "injury_report", "star_teammates_out", "questionable_teammates", "probable_teammates", "is_production_ready", "completeness_percentage", "expected_games_count", "actual_games_count", "missing_games_count", "backfill_bootstrap_mode", "quality_tier", "quality_score", "quality_issues", "data_sources"
FROM "nba_analytics"."upcoming_player_game_context"
WHERE "game_date" BETWEEN $upcoming_player_game_context_from AND $upcoming_player_game_context_to), "player_shot_zone_analysis" AS (SELECT "player_lookup", "universal_player_id", "analysis_date", "paint_rate_last_10", "mid_range_rate_last_10", "three_pt_rate_last_10", "total_shots_last_10", "games_in_sample_10", "n_zone_10", "sample_quality_10", "meets_min_games", "paint_pct_last_10", "mid_range_pct_last_10", "three_pt_pct_last_10", "paint_attempts_per_game", "mid_range_attempts_per_game", "three_pt_attempts_per_game", "paint_rate_last_20", "paint_pct_last_20", "games_in_sample_20", "n_zone_20", "sample_quality_20", "assisted_rate_last_10", "unassisted_rate_last_10", "player_position", "primary_scoring_zone", "data_quality_tier", "last_game_date", "window_games_wanted", "window_games_found", "window_games_missing", "window_status", "day_of_season", "players_in_season"
FROM "nba_precompute"."player_shot_zone_analysis"
WHERE "analysis_date" BETWEEN $player_shot_zone_analysis_from AND $player_shot_zone_analysis_to), "nba_players_registry" AS (SELECT "universal_player_id", "player_name", "player_lookup", "team_abbr", "season", "processed_at"
FROM "nba_reference"."nba_players_registry")
SELECT *
FROM (WITH games_played AS (/* One row per game of the season that a player took part in: its number, and the day of his next. */
SELECT facts.*, ROW_NUMBER() OVER (PARTITION BY player_lookup, season_year ORDER BY game_date NULLS FIRST, game_id NULLS FIRST) AS game_no, LEAD(game_date) OVER (PARTITION BY player_lookup, season_year ORDER BY game_date NULLS FIRST, game_id NULLS FIRST) AS next_game_date
FROM player_game_summary AS facts
WHERE is_active AND (minutes_played > 0 OR fg_attempts > 0 OR points > 0)), 
champion AS (/* One row per system whose predictions are published: one. */
SELECT 'catboost_v8' AS system_id), 
player_games AS (/* One row per game a player took part in: figures, place, who won, and days since his last game. */
SELECT played.game_date, played.season_year, played.game_id, played.player_lookup, played.player_full_name, played.team_abbr, played.opponent_team_abbr, ENDS_WITH(played.game_id, '_' || played.team_abbr) AS is_home /* The third token of a game id is the home club. */, CASE WHEN NOT result.is_final THEN NULL WHEN ENDS_WITH(played.game_id, '_' || played.team_abbr) THEN result.home_score > result.away_score ELSE result.away_score > result.home_score END AS team_won /* By the final scores; nothing is said of a game whose result is unknown. */, DATE_DIFF('DAY', LAG(played.game_date) OVER (PARTITION BY played.player_lookup, played.season_year ORDER BY played.game_date NULLS FIRST, played.game_id NULLS FIRST), played.game_date) AS days_since_last, played.points, CAST(played.minutes_played AS DOUBLE) AS minutes, played.fg_makes, played.fg_attempts, played.three_pt_makes, played.three_pt_attempts, played.ft_makes, played.ft_attempts, played.offensive_rebounds + played.defensive_rebounds AS rebounds, played.assists, played.steals, played.blocks, played.turnovers, CAST(played.points_line AS DOUBLE) AS line, CAST(played.points_line * 10 AS BIGINT) AS line_tenths /* In tenths, all that a line has, so that sums do not depend on the order of games. */, played.over_under_result AS over_under
FROM games_played AS played
LEFT JOIN games AS result ON result.game_date = played.game_date AND result.game_id = played.game_id), 
played_or_graded AS (/* One row per player and game he played or was graded in: his figures, and how the champion did. */ /* Voids are no predictions that came out one way or the other. */
SELECT COALESCE(game.season_year, grade.season_year) AS season_year, COALESCE(game.game_date, grade.game_date) AS game_date, COALESCE(game.game_id, grade.game_id) AS game_id, COALESCE(game.player_lookup, grade.player_lookup) AS player_lookup, COALESCE(game.team_abbr, grade.team_abbr) AS team_abbr, COALESCE(game.opponent_team_abbr, grade.opponent_team_abbr) AS opponent, NOT game.player_lookup IS NULL AS is_played, NOT grade.player_lookup IS NULL AS is_graded, game.* EXCLUDE (season_year, game_date, game_id, player_lookup, team_abbr, opponent_team_abbr), grade.recommendation, grade.prediction_correct, CAST(grade.actual_margin AS DOUBLE) AS graded_margin, CAST(grade.confidence_score AS DOUBLE) AS confidence, CAST(grade.absolute_error AS DOUBLE) AS absolute_error, CAST(grade.signed_error AS DOUBLE) AS signed_error, grade.within_3_points, grade.within_5_points
FROM player_games AS game FULL
JOIN (SELECT said.*
FROM prediction_accuracy AS said
JOIN champion ON champion.system_id = said.system_id
WHERE NOT said.is_voided) AS grade ON grade.game_date = game.game_date AND grade.player_lookup = game.player_lookup), 
known_names AS (/* One row per player of the registry, however many clubs and seasons it lists: his newest name. */
SELECT player_lookup, player_name
FROM nba_players_registry
WHERE NOT player_name IS NULL
QUALIFY ROW_NUMBER() OVER (PARTITION BY player_lookup ORDER BY season DESC, processed_at DESC, player_name NULLS FIRST, team_abbr NULLS FIRST) = 1)
SELECT *
FROM (/* One row per day asked for, player of its season, and game up to that day; one without, if none. */
WITH days AS (SELECT DISTINCT game_date AS as_of_date, season_year
FROM games
WHERE game_date BETWEEN $start_date AND $end_date), appearances /* Whoever was expected to play counts as known, even before his first game of the season. */ AS (SELECT season_year, game_date, player_lookup, team_abbr
FROM upcoming_player_game_context
UNION ALL
SELECT season_year, game_date, player_lookup, team_abbr
FROM played_or_graded), 
players AS (SELECT days.as_of_date, days.season_year, known.player_lookup, known.team_abbr
FROM days
JOIN appearances AS known ON known.season_year = days.season_year AND known.game_date <= days.as_of_date
WHERE TRUE
QUALIFY ROW_NUMBER() OVER (PARTITION BY days.as_of_date, known.player_lookup ORDER BY known.game_date DESC, known.team_abbr NULLS FIRST) = 1), 
zones AS (SELECT days.as_of_date, zone.player_lookup, zone.paint_rate_last_10, zone.mid_range_rate_last_10, zone.three_pt_rate_last_10
FROM days
JOIN player_shot_zone_analysis AS zone ON zone.analysis_date <= days.as_of_date AND /* Seasons begin in October. */ EXTRACT(YEAR
FROM zone.analysis_date) - CASE WHEN EXTRACT(MONTH
FROM zone.analysis_date) < 10 THEN 1 ELSE 0 END = days.season_year
WHERE TRUE
QUALIFY ROW_NUMBER() OVER (PARTITION BY days.as_of_date, zone.player_lookup ORDER BY zone.analysis_date DESC) = 1)
SELECT players.as_of_date, players.player_lookup, known.player_name, players.team_abbr AS newest_team, zones.paint_rate_last_10, zones.mid_range_rate_last_10, zones.three_pt_rate_last_10, events.* EXCLUDE (player_lookup)
FROM players
LEFT JOIN played_or_graded AS events ON events.season_year = players.season_year AND events.player_lookup = players.player_lookup AND events.game_date <= players.as_of_date
LEFT JOIN known_names AS known ON known.player_lookup = players.player_lookup
LEFT JOIN zones ON zones.as_of_date = players.as_of_date AND zones.player_lookup = players.player_lookup))
