WITH "games" AS (SELECT "game_date", "game_id", "nba_game_id", "season_year", "game_type", "home_team_abbr", "away_team_abbr", "is_final", "is_over", "tip_at", "arena_timezone", "is_neutral_site", "home_score", "away_score", "result_source", "result_doubt", "home_next_game_date", "away_next_game_date", "home_games_in_next_7_days", "away_games_in_next_7_days", "source"
FROM "nba_staging"."games"
WHERE "game_date" BETWEEN $games_from AND $games_to), "adjusted_predictions" AS (SELECT "game_date", "game_id", "season_year", "player_lookup", "system_id", "team_abbr", "predicted_points", "recommendation", "confidence_score", "scoring_tier", "tier_as_of_date", "tier_adjustment", "adjusted_points", "player_bias_as_of_date", "player_bias_adjustment", "context_as_of_date", "context_adjustment", "significant_contexts", "confidence_as_of_date", "calibrated_confidence", "agreement_level", "agreement_as_of_date", "agreement_multiplier"
FROM "nba_predictions"."adjusted_predictions"
WHERE "game_date" BETWEEN $adjusted_predictions_from AND $adjusted_predictions_to), "prediction_accuracy" AS (SELECT "game_date", "game_id", "player_lookup", "system_id", "season_year", "team_abbr", "opponent_team_abbr", "is_home", "predicted_points", "predicted_points_p10", "predicted_points_p90", "predicted_points_mean", "line_anchored_points", "confidence_score", "confidence_decile", "recommendation", "line_value", "actual_points", "minutes_played", "absolute_error", "signed_error", "within_3_points", "within_5_points", "predicted_margin", "actual_margin", "prediction_correct", "is_voided", "void_reason", "pre_game_injury_flag", "pre_game_injury_status", "injury_confirmed_postgame", "over_probability", "under_probability", "line_anchored_over_probability", "line_anchored_under_probability", "over_price_american", "under_price_american", "market_over_probability", "opening_line_value", "opening_pick", "closing_line_value", "closing_probability_value", "has_prop_line", "line_source", "estimated_line_value", "is_actionable", "filter_reason", "pace_adjustment", "similarity_sample_size", "prediction_variance", "model_type", "model_version", "points_avg_season", "points_avg_last_5", "points_avg_last_10"
FROM "nba_predictions"."prediction_accuracy"
WHERE "game_date" BETWEEN $prediction_accuracy_from AND $prediction_accuracy_to)
SELECT CAST("as_of_date" AS DATE) AS "as_of_date", CAST("season_year" AS BIGINT) AS "season_year", CAST("system_id" AS TEXT) AS "system_id", CAST("correction" AS TEXT) AS "correction", CAST("last_game_date" AS DATE) AS "last_game_date", CAST("sample_size" AS BIGINT) AS "sample_size", CAST(CAST("raw_mae" AS DECIMAL(18, 9)) AS DECIMAL(6, 3)) AS "raw_mae", CAST(CAST("adjusted_mae" AS DECIMAL(18, 9)) AS DECIMAL(6, 3)) AS "adjusted_mae", CAST(CAST("mae_difference" AS DECIMAL(18, 9)) AS DECIMAL(6, 3)) AS "mae_difference", CAST(CAST("raw_bias" AS DECIMAL(18, 9)) AS DECIMAL(6, 3)) AS "raw_bias", CAST(CAST("adjusted_bias" AS DECIMAL(18, 9)) AS DECIMAL(6, 3)) AS "adjusted_bias"
FROM (/* One row per game day, system and correction: errors of its predictions of 30 days with it and raw. */
WITH as_of AS (SELECT DISTINCT game_date AS as_of_date, season_year
FROM games), graded /* In hundredths of a point: whole numbers, so that no sum depends on the order of rows. */ AS (SELECT g.game_date, g.system_id, CAST(g.signed_error * 100 AS BIGINT) AS error, CAST(a.tier_adjustment * 100 AS BIGINT) AS tier, CAST(a.player_bias_adjustment * 100 AS BIGINT) AS player_bias, CAST(a.context_adjustment * 100 AS BIGINT) AS context
FROM prediction_accuracy AS g
JOIN adjusted_predictions AS a ON a.game_date = g.game_date AND a.game_id = g.game_id AND a.player_lookup = g.player_lookup AND a.system_id = g.system_id
WHERE NOT g.is_voided), 
corrected AS (SELECT game_date, system_id, 'tier' AS correction, error, error + tier AS corrected_error
FROM graded
UNION ALL
SELECT game_date, system_id, 'player_bias' AS correction, error, error + player_bias AS corrected_error
FROM graded
UNION ALL
SELECT game_date, system_id, 'context' AS correction, error, error + context AS corrected_error
FROM graded
UNION ALL
SELECT game_date, system_id, 'combined' AS correction, error, CASE WHEN COALESCE(tier, player_bias, context) IS NULL THEN NULL ELSE error + COALESCE(tier, 0) + COALESCE(player_bias, 0) + COALESCE(context, 0) END AS corrected_error
FROM graded), 
by_day AS (SELECT game_date, system_id, correction, COUNT(*) AS n, SUM(error) AS errors, SUM(ABS(error)) AS absolute_errors, SUM(corrected_error) AS corrected_errors, SUM(ABS(corrected_error)) AS absolute_corrected_errors
FROM corrected
WHERE NOT corrected_error IS NULL
GROUP BY game_date, system_id, correction), 
samples AS (SELECT a.as_of_date, a.season_year, d.system_id, d.correction, MAX(d.game_date) AS last_game_date, SUM(d.n) AS n, SUM(d.errors) AS errors, SUM(d.absolute_errors) AS absolute_errors, SUM(d.corrected_errors) AS corrected_errors, SUM(d.absolute_corrected_errors) AS absolute_corrected_errors
FROM as_of AS a
JOIN by_day AS d ON DATE_DIFF('DAY', d.game_date, a.as_of_date) BETWEEN 0 AND $prediction_accuracy_days
GROUP BY a.as_of_date, a.season_year, d.system_id, d.correction)
SELECT as_of_date, season_year, system_id, correction, last_game_date, n AS sample_size, absolute_errors / (100 * n) AS raw_mae, absolute_corrected_errors / (100 * n) AS adjusted_mae, (absolute_corrected_errors - absolute_errors) / (100 * n) AS mae_difference, errors / (100 * n) AS raw_bias, corrected_errors / (100 * n) AS adjusted_bias
FROM samples)
WHERE "as_of_date" BETWEEN $start_date AND $end_date
