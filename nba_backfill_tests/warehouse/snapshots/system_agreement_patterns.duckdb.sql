WITH "games" AS (SELECT "game_date", "game_id", "nba_game_id", "season_year", "game_type", "home_team_abbr", "away_team_abbr", "is_final", "is_over", "tip_at", "arena_timezone", "is_neutral_site", "home_score", "away_score", "result_source", "result_doubt", "home_next_game_date", "away_next_game_date", "home_games_in_next_7_days", "away_games_in_next_7_days", "source"
FROM "nba_staging"."games"
WHERE "game_date" BETWEEN $games_from AND $games_to), "prediction_accuracy" AS (SELECT "game_date", "game_id", "player_lookup", "system_id", "season_year", "team_abbr", "opponent_team_abbr", "is_home", "predicted_points", "predicted_points_p10", "predicted_points_p90", "predicted_points_mean", "line_anchored_points", "confidence_score", "confidence_decile", "recommendation", "line_value", "actual_points", "minutes_played", "absolute_error", "signed_error", "within_3_points", "within_5_points", "predicted_margin", "actual_margin", "prediction_correct", "is_voided", "void_reason", "pre_game_injury_flag", "pre_game_injury_status", "injury_confirmed_postgame", "over_probability", "under_probability", "line_anchored_over_probability", "line_anchored_under_probability", "over_price_american", "under_price_american", "market_over_probability", "opening_line_value", "opening_pick", "closing_line_value", "closing_probability_value", "has_prop_line", "line_source", "estimated_line_value", "is_actionable", "filter_reason", "pace_adjustment", "similarity_sample_size", "prediction_variance", "model_type", "model_version", "points_avg_season", "points_avg_last_5", "points_avg_last_10"
FROM "nba_predictions"."prediction_accuracy"
WHERE "game_date" BETWEEN $prediction_accuracy_from AND $prediction_accuracy_to)
SELECT CAST("as_of_date" AS DATE) AS "as_of_date", CAST("season_year" AS BIGINT) AS "season_year", CAST("system_id" AS TEXT) AS "system_id", CAST("agreement_level" AS TEXT) AS "agreement_level", CAST(CAST("max_variance" AS DECIMAL(18, 9)) AS DECIMAL(5, 2)) AS "max_variance", CAST("last_game_date" AS DATE) AS "last_game_date", CAST("sample_size" AS BIGINT) AS "sample_size", CAST("picks" AS BIGINT) AS "picks", CAST(CAST("win_rate" AS DECIMAL(18, 9)) AS DECIMAL(4, 3)) AS "win_rate", CAST(CAST("avg_mae" AS DECIMAL(18, 9)) AS DECIMAL(5, 2)) AS "avg_mae", CAST(CAST("win_rate_vs_overall" AS DECIMAL(18, 9)) AS DECIMAL(4, 3)) AS "win_rate_vs_overall", CAST(CAST("mae_vs_overall" AS DECIMAL(18, 9)) AS DECIMAL(5, 2)) AS "mae_vs_overall", CAST(CAST("confidence_multiplier" AS DECIMAL(18, 9)) AS DECIMAL(4, 3)) AS "confidence_multiplier"
FROM (WITH agreement_levels AS (/* One row per level of agreement of the ensemble's members: their variance, from low to below high. */
SELECT 'ensemble_v1' AS system_id, 'HIGH' AS agreement_level, 0 AS low, 4 AS high
UNION ALL
SELECT 'ensemble_v1' AS system_id, 'GOOD' AS agreement_level, 4 AS low, 9 AS high
UNION ALL
SELECT 'ensemble_v1' AS system_id, 'MODERATE' AS agreement_level, 9 AS low, 36 AS high
UNION ALL
SELECT 'ensemble_v1' AS system_id, 'LOW' AS agreement_level, 36 AS low, CAST(NULL AS BIGINT) AS high)
SELECT *
FROM (/* One row per game day and level of agreement: how good the ensemble was at it over 180 days. */
WITH as_of AS (SELECT DISTINCT game_date AS as_of_date, season_year
FROM games), graded /* Errors in tenths: whole numbers, so that no sum depends on the order of rows. */ AS (SELECT p.game_date, p.system_id, l.agreement_level, CAST(p.absolute_error * 10 AS BIGINT) AS absolute_error, p.prediction_correct
FROM prediction_accuracy AS p
JOIN agreement_levels AS l ON l.system_id = p.system_id AND l.low <= p.prediction_variance AND COALESCE(p.prediction_variance < l.high, TRUE)
WHERE NOT p.is_voided), 
by_day AS (SELECT game_date, system_id, agreement_level, COUNT(*) AS predictions, SUM(absolute_error) AS absolute_errors, COUNT(prediction_correct) AS picks, COUNT_IF(COALESCE(prediction_correct, FALSE)) AS won
FROM graded
GROUP BY game_date, system_id, agreement_level), 
levels AS (SELECT a.as_of_date, a.season_year, d.system_id, d.agreement_level, MAX(d.game_date) AS last_game_date, SUM(d.predictions) AS predictions, SUM(d.absolute_errors) AS absolute_errors, SUM(d.picks) AS picks, SUM(d.won) AS won
FROM as_of AS a
JOIN by_day AS d ON DATE_DIFF('DAY', d.game_date, a.as_of_date) BETWEEN 0 AND $prediction_accuracy_days
GROUP BY a.as_of_date, a.season_year, d.system_id, d.agreement_level), 
overall AS (SELECT as_of_date, system_id, SUM(absolute_errors) / (10 * SUM(predictions)) AS mae, CASE WHEN SUM(picks) <> 0 THEN SUM(won) / SUM(picks) ELSE NULL END AS win_rate
FROM levels
GROUP BY as_of_date, system_id), 
rates AS (SELECT l.*, a.high AS max_variance, l.absolute_errors / (10 * l.predictions) AS mae, CASE WHEN l.picks <> 0 THEN l.won / l.picks ELSE NULL END AS win_rate, o.mae AS overall_mae, o.win_rate AS overall_win_rate
FROM levels AS l
JOIN overall AS o ON o.as_of_date = l.as_of_date AND o.system_id = l.system_id
JOIN agreement_levels AS a ON a.system_id = l.system_id AND a.agreement_level = l.agreement_level)
SELECT as_of_date, season_year, system_id, agreement_level, max_variance, last_game_date, predictions AS sample_size, picks, win_rate, mae AS avg_mae, win_rate - overall_win_rate AS win_rate_vs_overall, mae - overall_mae AS mae_vs_overall, CASE WHEN picks < 50 THEN 1 ELSE COALESCE(CASE WHEN CASE WHEN CASE WHEN overall_win_rate <> 0 THEN win_rate / overall_win_rate ELSE NULL END IS NULL OR CAST(0.8 AS DOUBLE) IS NULL THEN NULL ELSE GREATEST(CASE WHEN overall_win_rate <> 0 THEN win_rate / overall_win_rate ELSE NULL END, CAST(0.8 AS DOUBLE)) END IS NULL OR CAST(1.2 AS DOUBLE) IS NULL THEN NULL ELSE LEAST(CASE WHEN CASE WHEN overall_win_rate <> 0 THEN win_rate / overall_win_rate ELSE NULL END IS NULL OR CAST(0.8 AS DOUBLE) IS NULL THEN NULL ELSE GREATEST(CASE WHEN overall_win_rate <> 0 THEN win_rate / overall_win_rate ELSE NULL END, CAST(0.8 AS DOUBLE)) END, CAST(1.2 AS DOUBLE)) END, 1) END AS confidence_multiplier
FROM rates))
WHERE "as_of_date" BETWEEN $start_date AND $end_date
