WITH "games" AS (SELECT "game_date", "game_id", "nba_game_id", "season_year", "game_type", "home_team_abbr", "away_team_abbr", "is_final", "is_over", "tip_at", "arena_timezone", "is_neutral_site", "home_score", "away_score", "result_source", "result_doubt", "home_next_game_date", "away_next_game_date", "home_games_in_next_7_days", "away_games_in_next_7_days", "source"
FROM "nba_staging"."games"
WHERE "game_date" BETWEEN $games_from AND $games_to), "prediction_accuracy" AS (SELECT "game_date", "game_id", "player_lookup", "system_id", "season_year", "team_abbr", "opponent_team_abbr", "is_home", "predicted_points", "predicted_points_p10", "predicted_points_p90", "predicted_points_mean", "line_anchored_points", "confidence_score", "confidence_decile", "recommendation", "line_value", "actual_points", "minutes_played", "absolute_error", "signed_error", "within_3_points", "within_5_points", "predicted_margin", "actual_margin", "prediction_correct", "is_voided", "void_reason", "pre_game_injury_flag", "pre_game_injury_status", "injury_confirmed_postgame", "over_probability", "under_probability", "line_anchored_over_probability", "line_anchored_under_probability", "over_price_american", "under_price_american", "market_over_probability", "opening_line_value", "opening_pick", "closing_line_value", "closing_probability_value", "has_prop_line", "line_source", "estimated_line_value", "is_actionable", "filter_reason", "pace_adjustment", "similarity_sample_size", "prediction_variance", "model_type", "model_version", "points_avg_season", "points_avg_last_5", "points_avg_last_10"
FROM "nba_predictions"."prediction_accuracy"
WHERE "game_date" BETWEEN $prediction_accuracy_from AND $prediction_accuracy_to)
SELECT CAST("as_of_date" AS DATE) AS "as_of_date", CAST("season_year" AS BIGINT) AS "season_year", CAST("system_id" AS TEXT) AS "system_id", CAST("confidence_bucket" AS BIGINT) AS "confidence_bucket", CAST(CAST("bucket_midpoint" AS DECIMAL(18, 9)) AS DECIMAL(4, 3)) AS "bucket_midpoint", CAST("last_game_date" AS DATE) AS "last_game_date", CAST("sample_size" AS BIGINT) AS "sample_size", CAST(CAST("actual_win_rate" AS DECIMAL(18, 9)) AS DECIMAL(4, 3)) AS "actual_win_rate", CAST(CAST("calibration_error" AS DECIMAL(18, 9)) AS DECIMAL(4, 3)) AS "calibration_error", CAST(CAST("recommended_multiplier" AS DECIMAL(18, 9)) AS DECIMAL(4, 3)) AS "recommended_multiplier"
FROM (/* One row per game day, system and confidence bucket: how many of its picks of 180 days were won. */
WITH as_of AS (SELECT DISTINCT game_date AS as_of_date, season_year
FROM games), 
by_day AS (SELECT game_date, system_id, confidence_decile, COUNT(*) AS picks, COUNT_IF(COALESCE(prediction_correct, FALSE)) AS won
FROM prediction_accuracy
WHERE NOT is_voided AND NOT prediction_correct IS NULL
GROUP BY game_date, system_id, confidence_decile), 
samples AS (SELECT a.as_of_date, a.season_year, d.system_id, d.confidence_decile, MAX(d.game_date) AS last_game_date, SUM(d.picks) AS picks, SUM(d.won) AS won
FROM as_of AS a
JOIN by_day AS d ON DATE_DIFF('DAY', d.game_date, a.as_of_date) BETWEEN 0 AND $prediction_accuracy_days
GROUP BY a.as_of_date, a.season_year, d.system_id, d.confidence_decile), 
rates AS (SELECT samples.*, won / picks AS win_rate, (confidence_decile - CAST(0.5 AS DOUBLE)) / 10 AS midpoint
FROM samples)
SELECT as_of_date, season_year, system_id, confidence_decile AS confidence_bucket, midpoint AS bucket_midpoint, last_game_date, picks AS sample_size, win_rate AS actual_win_rate, ABS(win_rate - midpoint) AS calibration_error, CASE WHEN picks < 50 THEN 1 ELSE CASE WHEN CASE WHEN (win_rate / midpoint) IS NULL OR CAST(0.5 AS DOUBLE) IS NULL THEN NULL ELSE GREATEST(win_rate / midpoint, CAST(0.5 AS DOUBLE)) END IS NULL OR CAST(1.5 AS DOUBLE) IS NULL THEN NULL ELSE LEAST(CASE WHEN (win_rate / midpoint) IS NULL OR CAST(0.5 AS DOUBLE) IS NULL THEN NULL ELSE GREATEST(win_rate / midpoint, CAST(0.5 AS DOUBLE)) END, CAST(1.5 AS DOUBLE)) END END AS recommended_multiplier
FROM rates)
WHERE "as_of_date" BETWEEN $start_date AND $end_date
