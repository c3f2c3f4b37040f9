WITH "games" AS (SELECT "game_date", "game_id", "nba_game_id", "season_year", "game_type", "home_team_abbr", "away_team_abbr", "is_final", "is_over", "tip_at", "arena_timezone", "is_neutral_site", "home_score", "away_score", "result_source", "result_doubt", "home_next_game_date", "away_next_game_date", "home_games_in_next_7_days", "away_games_in_next_7_days", "source"
FROM "nba_staging"."games"
WHERE "game_date" BETWEEN $games_from AND $games_to), "prediction_accuracy" AS (SELECT "game_date", "game_id", "player_lookup", "system_id", "season_year", "team_abbr", "opponent_team_abbr", "is_home", "predicted_points", "predicted_points_p10", "predicted_points_p90", "predicted_points_mean", "line_anchored_points", "confidence_score", "confidence_decile", "recommendation", "line_value", "actual_points", "minutes_played", "absolute_error", "signed_error", "within_3_points", "within_5_points", "predicted_margin", "actual_margin", "prediction_correct", "is_voided", "void_reason", "pre_game_injury_flag", "pre_game_injury_status", "injury_confirmed_postgame", "over_probability", "under_probability", "line_anchored_over_probability", "line_anchored_under_probability", "over_price_american", "under_price_american", "market_over_probability", "opening_line_value", "opening_pick", "closing_line_value", "closing_probability_value", "has_prop_line", "line_source", "estimated_line_value", "is_actionable", "filter_reason", "pace_adjustment", "similarity_sample_size", "prediction_variance", "model_type", "model_version", "points_avg_season", "points_avg_last_5", "points_avg_last_10"
FROM "nba_predictions"."prediction_accuracy"
WHERE "game_date" BETWEEN $prediction_accuracy_from AND $prediction_accuracy_to)
SELECT CAST("as_of_date" AS DATE) AS "as_of_date", CAST("season_year" AS BIGINT) AS "season_year", CAST("system_id" AS TEXT) AS "system_id", CAST("scoring_tier" AS TEXT) AS "scoring_tier", CAST(CAST("tier_min_points" AS DECIMAL(18, 9)) AS DECIMAL(5, 1)) AS "tier_min_points", CAST(CAST("tier_max_points" AS DECIMAL(18, 9)) AS DECIMAL(5, 1)) AS "tier_max_points", CAST("lookback_days" AS BIGINT) AS "lookback_days", CAST("last_game_date" AS DATE) AS "last_game_date", CAST("sample_size" AS BIGINT) AS "sample_size", CAST(CAST("avg_signed_error" AS DECIMAL(18, 9)) AS DECIMAL(5, 2)) AS "avg_signed_error", CAST(CAST("avg_absolute_error" AS DECIMAL(18, 9)) AS DECIMAL(5, 2)) AS "avg_absolute_error", CAST(CAST("std_signed_error" AS DECIMAL(18, 9)) AS DECIMAL(5, 2)) AS "std_signed_error", CAST(CAST("recommended_adjustment" AS DECIMAL(18, 9)) AS DECIMAL(5, 2)) AS "recommended_adjustment", CAST(CAST("adjustment_confidence" AS DECIMAL(18, 9)) AS DECIMAL(4, 3)) AS "adjustment_confidence", CAST(CAST("application_factor" AS DECIMAL(18, 9)) AS DECIMAL(3, 2)) AS "application_factor", CAST(CAST("current_win_rate" AS DECIMAL(18, 9)) AS DECIMAL(4, 3)) AS "current_win_rate", CAST(CAST("projected_win_rate" AS DECIMAL(18, 9)) AS DECIMAL(4, 3)) AS "projected_win_rate", CAST("model_version" AS TEXT) AS "model_version"
FROM (WITH scoring_tiers AS (/* One row per scoring tier: its season averages, from low to below high, and how much is applied. */
SELECT 'STAR_30PLUS' AS scoring_tier, 30 AS low, CAST(NULL AS BIGINT) AS high, 100 AS percent_applied
UNION ALL
SELECT 'STARTER_20_29' AS scoring_tier, 20 AS low, 30 AS high, 75 AS percent_applied
UNION ALL
SELECT 'ROTATION_10_19' AS scoring_tier, 10 AS low, 20 AS high, 50 AS percent_applied
UNION ALL
SELECT 'BENCH_0_9' AS scoring_tier, 0 AS low, 10 AS high, 50 AS percent_applied)
SELECT *
FROM (/* One row per game day, system and scoring tier: by how much its forecasts of 30 days were off. */
WITH as_of AS (SELECT DISTINCT game_date AS as_of_date, season_year
FROM games), graded /* Points and lines in tenths: whole numbers, so that no sum depends on the order of rows. */ AS (SELECT p.game_date, p.system_id, t.scoring_tier, CAST(p.signed_error * 10 AS BIGINT) AS error, p.prediction_correct, CAST(p.predicted_margin * 10 AS BIGINT) AS margin, p.actual_margin > 0 AS went_over
FROM prediction_accuracy AS p /* An unknown average is the lowest tier's. */
JOIN scoring_tiers AS t ON COALESCE(p.points_avg_season, 0) >= t.low AND COALESCE(p.points_avg_season < t.high, TRUE)
WHERE NOT p.is_voided), 
by_day AS (SELECT game_date, system_id, scoring_tier, COUNT(*) AS predictions, SUM(error) AS errors, SUM(ABS(error)) AS absolute_errors, SUM(error * error) AS squared_errors, COUNT_IF(COALESCE(prediction_correct, FALSE)) AS correct, COUNT(prediction_correct) AS picks
FROM graded
GROUP BY game_date, system_id, scoring_tier), 
samples AS (SELECT a.as_of_date, a.season_year, d.system_id, d.scoring_tier, MAX(d.game_date) AS last_game_date, SUM(d.predictions) AS n, SUM(d.errors) AS errors, SUM(d.absolute_errors) AS absolute_errors, SUM(d.squared_errors) AS squared_errors, SUM(d.correct) AS correct, SUM(d.picks) AS picks
FROM as_of AS a
JOIN by_day AS d ON DATE_DIFF('DAY', d.game_date, a.as_of_date) BETWEEN 0 AND $prediction_accuracy_days
GROUP BY a.as_of_date, a.season_year, d.system_id, d.scoring_tier HAVING SUM(d.predictions) >= 20), 
adjustments AS (SELECT s.*, t.low, t.high, t.percent_applied, SQRT(CASE WHEN (n * squared_errors - errors * errors) IS NULL OR 0 IS NULL THEN NULL ELSE GREATEST(n * squared_errors - errors * errors, 0) END / (n * (n - 1))) / 10 AS std, CAST(CAST(-errors / (10 * n) AS DECIMAL(18, 9)) AS DECIMAL(5, 2)) AS recommended_adjustment
FROM samples AS s
JOIN scoring_tiers AS t ON t.scoring_tier = s.scoring_tier), moved_picks /* The picks of a sample again, with the forecasts moved; in ten-thousandths of a point. */ AS (SELECT a.as_of_date, a.system_id, a.scoring_tier, g.went_over, g.margin * 1000 + CAST(a.recommended_adjustment * 100 AS BIGINT) * a.percent_applied AS margin
FROM adjustments AS a
JOIN graded AS g ON g.system_id = a.system_id AND g.scoring_tier = a.scoring_tier AND DATE_DIFF('DAY', g.game_date, a.as_of_date) BETWEEN 0 AND $prediction_accuracy_days
WHERE NOT g.prediction_correct IS NULL), 
projected AS (SELECT as_of_date, system_id, scoring_tier, COUNT_IF(COALESCE((margin > 0) = went_over, FALSE)) AS correct, COUNT(*) AS picks
FROM moved_picks
WHERE margin <> 0
GROUP BY as_of_date, system_id, scoring_tier)
SELECT a.as_of_date, a.season_year, a.system_id, a.scoring_tier, a.low AS tier_min_points, a.high AS tier_max_points, $prediction_accuracy_days + 1 AS lookback_days, a.last_game_date, a.n AS sample_size, a.errors / (10 * a.n) AS avg_signed_error, a.absolute_errors / (10 * a.n) AS avg_absolute_error, a.std AS std_signed_error, a.recommended_adjustment, CASE WHEN 1 IS NULL OR (a.n / 100) IS NULL THEN NULL ELSE LEAST(1, a.n / 100) END * CASE WHEN CAST(0.3 AS DOUBLE) IS NULL OR (1 - a.std / 20) IS NULL THEN NULL ELSE GREATEST(CAST(0.3 AS DOUBLE), 1 - a.std / 20) END AS adjustment_confidence, a.percent_applied / 100 AS application_factor, CASE WHEN a.picks <> 0 THEN a.correct / a.picks ELSE NULL END AS current_win_rate, CASE WHEN p.picks <> 0 THEN p.correct / p.picks ELSE NULL END AS projected_win_rate, 'v1.0' AS model_version
FROM adjustments AS a
LEFT JOIN projected AS p ON p.as_of_date = a.as_of_date AND p.system_id = a.system_id AND p.scoring_tier = a.scoring_tier))
WHERE "as_of_date" BETWEEN $start_date AND $end_date
