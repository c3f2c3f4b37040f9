WITH "player_prop_predictions" AS (SELECT "prediction_id", "system_id", "player_lookup", "universal_player_id", "game_date", "game_id", "season_year", "team_abbr", "opponent_team_abbr", "is_home", "prediction_version", "predicted_points", "confidence_score", "recommendation", "has_prop_line", "current_points_line", "line_margin", "line_source", "estimated_line_value", "estimation_method", "line_source_api", "over_price_american", "under_price_american", "market_over_probability", "sportsbook", "was_line_fallback", "line_minutes_before_game", "is_active", "is_actionable", "filter_reason", "model_version", "model_type", "fallback_reason", "predicted_points_p10", "predicted_points_p90", "over_probability", "under_probability", "predicted_points_mean", "line_anchored_points", "line_anchored_over_probability", "line_anchored_under_probability", "pace_adjustment", "similar_games_count", "similarity_baseline", "avg_similarity_score", "min_similarity_score", "fatigue_adjustment", "shot_zone_adjustment", "usage_spike_adjustment", "home_away_adjustment", "prediction_variance", "system_agreement_score", "contributing_systems", "injury_status_at_prediction", "injury_flag_at_prediction", "injury_reason_at_prediction", "injury_checked_at", "feature_quality_score", "is_production_ready", "completeness_percentage", "backfill_bootstrap_mode"
FROM "nba_predictions"."player_prop_predictions"
WHERE "game_date" BETWEEN $player_prop_predictions_from AND $player_prop_predictions_to), "ml_feature_store_v2" AS (SELECT "player_lookup", "universal_player_id", "game_date", "game_id", "season_year", "team_abbr", "opponent_team_abbr", "is_home", "days_rest", "features", "feature_names", "feature_count", "feature_version", "points_avg_last_5", "points_avg_last_10", "points_avg_season", "points_std_last_10", "games_in_last_7_days", "fatigue_score", "shot_zone_mismatch_score", "pace_score", "usage_spike_score", "rest_advantage", "injury_risk", "recent_trend", "minutes_change", "opponent_def_rating", "opponent_pace", "home_away", "back_to_back", "playoff_game", "pct_paint", "pct_mid_range", "pct_three", "pct_free_throw", "team_pace", "team_off_rating", "team_win_pct", "vegas_points_line", "vegas_opening_line", "vegas_line_move", "has_vegas_line", "avg_points_vs_opponent", "games_vs_opponent", "minutes_avg_last_10", "ppm_avg_last_10", "feature_quality_score", "quality_tier", "data_source", "n_default_features", "default_features", "n_substituted_features", "min_games_in_windows", "window_games_wanted", "window_games_found", "window_games_missing", "window_status", "early_season_flag", "completeness_percentage", "is_production_ready"
FROM "nba_predictions"."ml_feature_store_v2"
WHERE "game_date" BETWEEN $ml_feature_store_v2_from AND $ml_feature_store_v2_to), "prediction_contexts" AS (SELECT "game_date", "game_id", "season_year", "team_abbr", "context_feature", "applies"
FROM "nba_predictions"."prediction_contexts"
WHERE "game_date" BETWEEN $prediction_contexts_from AND $prediction_contexts_to), "scoring_tier_adjustments" AS (SELECT "as_of_date", "season_year", "system_id", "scoring_tier", "tier_min_points", "tier_max_points", "lookback_days", "last_game_date", "sample_size", "avg_signed_error", "avg_absolute_error", "std_signed_error", "recommended_adjustment", "adjustment_confidence", "application_factor", "current_win_rate", "projected_win_rate", "model_version"
FROM "nba_predictions"."scoring_tier_adjustments"
WHERE "as_of_date" BETWEEN $scoring_tier_adjustments_from AND $scoring_tier_adjustments_to), "player_prediction_bias" AS (SELECT "as_of_date", "season_year", "player_lookup", "system_id", "last_game_date", "sample_size", "games_last_30d", "avg_signed_error", "avg_absolute_error", "bias_stddev", "recommended_adjustment", "adjustment_confidence", "avg_actual_points", "scoring_tier"
FROM "nba_predictions"."player_prediction_bias"
WHERE "as_of_date" BETWEEN $player_prediction_bias_from AND $player_prediction_bias_to), "context_error_correlations" AS (SELECT "as_of_date", "season_year", "system_id", "context_feature", "last_game_date", "sample_size_with_context", "sample_size_without_context", "mae_with_context", "mae_without_context", "mae_difference", "bias_with_context", "bias_without_context", "t_statistic", "is_significant", "recommended_adjustment"
FROM "nba_predictions"."context_error_correlations"
WHERE "as_of_date" BETWEEN $context_error_correlations_from AND $context_error_correlations_to), "confidence_calibration" AS (SELECT "as_of_date", "season_year", "system_id", "confidence_bucket", "bucket_midpoint", "last_game_date", "sample_size", "actual_win_rate", "calibration_error", "recommended_multiplier"
FROM "nba_predictions"."confidence_calibration"
WHERE "as_of_date" BETWEEN $confidence_calibration_from AND $confidence_calibration_to), "system_agreement_patterns" AS (SELECT "as_of_date", "season_year", "system_id", "agreement_level", "max_variance", "last_game_date", "sample_size", "picks", "win_rate", "avg_mae", "win_rate_vs_overall", "mae_vs_overall", "confidence_multiplier"
FROM "nba_predictions"."system_agreement_patterns"
WHERE "as_of_date" BETWEEN $system_agreement_patterns_from AND $system_agreement_patterns_to)
SELECT CAST("game_date" AS DATE) AS "game_date", CAST("game_id" AS TEXT) AS "game_id", CAST("season_year" AS BIGINT) AS "season_year", CAST("player_lookup" AS TEXT) AS "player_lookup", CAST("system_id" AS TEXT) AS "system_id", CAST("team_abbr" AS TEXT) AS "team_abbr", CAST(CAST("predicted_points" AS DECIMAL(18, 9)) AS DECIMAL(5, 1)) AS "predicted_points", CAST("recommendation" AS TEXT) AS "recommendation", CAST(CAST("confidence_score" AS DECIMAL(18, 9)) AS DECIMAL(4, 3)) AS "confidence_score", CAST("scoring_tier" AS TEXT) AS "scoring_tier", CAST("tier_as_of_date" AS DATE) AS "tier_as_of_date", CAST(CAST("tier_adjustment" AS DECIMAL(18, 9)) AS DECIMAL(5, 2)) AS "tier_adjustment", CAST(CAST("adjusted_points" AS DECIMAL(18, 9)) AS DECIMAL(6, 2)) AS "adjusted_points", CAST("player_bias_as_of_date" AS DATE) AS "player_bias_as_of_date", CAST(CAST("player_bias_adjustment" AS DECIMAL(18, 9)) AS DECIMAL(5, 2)) AS "player_bias_adjustment", CAST("context_as_of_date" AS DATE) AS "context_as_of_date", CAST(CAST("context_adjustment" AS DECIMAL(18, 9)) AS DECIMAL(5, 2)) AS "context_adjustment", CAST("significant_contexts" AS BIGINT) AS "significant_contexts", CAST("confidence_as_of_date" AS DATE) AS "confidence_as_of_date", CAST(CAST("calibrated_confidence" AS DECIMAL(18, 9)) AS DECIMAL(4, 3)) AS "calibrated_confidence", CAST("agreement_level" AS TEXT) AS "agreement_level", CAST("agreement_as_of_date" AS DATE) AS "agreement_as_of_date", CAST(CAST("agreement_multiplier" AS DECIMAL(18, 9)) AS DECIMAL(4, 3)) AS "agreement_multiplier"
FROM (WITH scoring_tiers AS (/* One row per scoring tier: its season averages, from low to below high, and how much is applied. */
SELECT 'STAR_30PLUS' AS scoring_tier, 30 AS low, CAST(NULL AS BIGINT) AS high, 100 AS percent_applied
UNION ALL
SELECT 'STARTER_20_29' AS scoring_tier, 20 AS low, 30 AS high, 75 AS percent_applied
UNION ALL
SELECT 'ROTATION_10_19' AS scoring_tier, 10 AS low, 20 AS high, 50 AS percent_applied
UNION ALL
SELECT 'BENCH_0_9' AS scoring_tier, 0 AS low, 10 AS high, 50 AS percent_applied), 
agreement_levels AS (/* One row per level of agreement of the ensemble's members: their variance, from low to below high. */
SELECT 'ensemble_v1' AS system_id, 'HIGH' AS agreement_level, 0 AS low, 4 AS high
UNION ALL
SELECT 'ensemble_v1' AS system_id, 'GOOD' AS agreement_level, 4 AS low, 9 AS high
UNION ALL
SELECT 'ensemble_v1' AS system_id, 'MODERATE' AS agreement_level, 9 AS low, 36 AS high
UNION ALL
SELECT 'ensemble_v1' AS system_id, 'LOW' AS agreement_level, 36 AS low, CAST(NULL AS BIGINT) AS high)
SELECT *
FROM (/* One row per prediction: the corrections that were known before its day, each in its own column. */
WITH as_of_dates AS (SELECT 'tier' AS component, season_year, as_of_date
FROM scoring_tier_adjustments UNION
SELECT 'player_bias' AS component, season_year, as_of_date
FROM player_prediction_bias UNION
SELECT 'context' AS component, season_year, as_of_date
FROM context_error_correlations UNION
SELECT 'confidence' AS component, season_year, as_of_date
FROM confidence_calibration UNION
SELECT 'agreement' AS component, season_year, as_of_date
FROM system_agreement_patterns), 
days AS (SELECT DISTINCT game_date, season_year
FROM player_prop_predictions), newest /* The newest state of each table before the day. What that state leaves out (a tier that has too */ /* few games by now) is not looked up in an older one. */ AS (SELECT d.game_date, MAX(CASE WHEN a.component = 'tier' THEN a.as_of_date ELSE NULL END) AS tier_date, MAX(CASE WHEN a.component = 'player_bias' THEN a.as_of_date ELSE NULL END) AS player_date, MAX(CASE WHEN a.component = 'context' THEN a.as_of_date ELSE NULL END) AS context_date, MAX(CASE WHEN a.component = 'confidence' THEN a.as_of_date ELSE NULL END) AS confidence_date, MAX(CASE WHEN a.component = 'agreement' THEN a.as_of_date ELSE NULL END) AS agreement_date
FROM days AS d
JOIN as_of_dates AS a ON a.season_year = d.season_year AND a.as_of_date < d.game_date
GROUP BY d.game_date), season_averages /* A default is no season average. */ AS (SELECT game_date, player_lookup, CASE WHEN ARRAY_TO_STRING(default_features, ' ') LIKE '%points_avg_season%' THEN NULL ELSE points_avg_season END AS points_avg_season
FROM ml_feature_store_v2), 
predictions AS (SELECT p.game_date, p.game_id, p.season_year, p.player_lookup, p.system_id, p.team_abbr, p.predicted_points, p.recommendation, p.confidence_score, t.scoring_tier, CASE WHEN (CAST(p.confidence_score * 1000 AS BIGINT) // 100 + 1) IS NULL OR 10 IS NULL THEN NULL ELSE LEAST(CAST(p.confidence_score * 1000 AS BIGINT) // 100 + 1, 10) END AS confidence_bucket, l.agreement_level, n.tier_date, n.player_date, n.confidence_date, n.agreement_date
FROM player_prop_predictions AS p
LEFT JOIN season_averages AS s ON s.game_date = p.game_date AND s.player_lookup = p.player_lookup /* An unknown average is the lowest tier's. */
JOIN scoring_tiers AS t ON COALESCE(s.points_avg_season, 0) >= t.low AND COALESCE(s.points_avg_season < t.high, TRUE)
LEFT JOIN agreement_levels AS l ON l.system_id = p.system_id AND l.low <= p.prediction_variance AND COALESCE(p.prediction_variance < l.high, TRUE)
LEFT JOIN newest AS n ON n.game_date = p.game_date), contexts /* What is not significant has an adjustment of 0. */ AS (SELECT n.game_date, c.team_abbr, e.system_id, n.context_date, SUM(CASE WHEN c.applies THEN e.recommended_adjustment ELSE 0 END) AS adjustment, COUNT_IF(COALESCE(c.applies AND e.is_significant, FALSE)) AS significant
FROM newest AS n
JOIN prediction_contexts AS c ON c.game_date = n.game_date
JOIN context_error_correlations AS e ON e.as_of_date = n.context_date AND e.context_feature = c.context_feature
GROUP BY n.game_date, c.team_abbr, e.system_id, n.context_date), 
corrected AS (SELECT p.*, t.as_of_date AS tier_as_of_date, CAST(CAST(t.recommended_adjustment * t.application_factor AS DECIMAL(18, 9)) AS DECIMAL(5, 2)) AS tier_adjustment, b.as_of_date AS player_bias_as_of_date, CASE WHEN b.adjustment_confidence > CAST(0.5 AS DOUBLE) THEN b.adjustment_confidence ELSE 0 END AS player_weight, b.recommended_adjustment AS player_adjustment, x.context_date AS context_as_of_date, x.adjustment AS context_adjustment, x.significant AS significant_contexts, c.as_of_date AS confidence_as_of_date, c.recommended_multiplier, g.as_of_date AS agreement_as_of_date, g.confidence_multiplier AS agreement_multiplier
FROM predictions AS p
LEFT JOIN scoring_tier_adjustments AS t ON t.as_of_date = p.tier_date AND t.system_id = p.system_id AND t.scoring_tier = p.scoring_tier
LEFT JOIN player_prediction_bias AS b ON b.as_of_date = p.player_date AND b.player_lookup = p.player_lookup AND b.system_id = p.system_id
LEFT JOIN contexts AS x ON x.game_date = p.game_date AND x.team_abbr = p.team_abbr AND x.system_id = p.system_id
LEFT JOIN confidence_calibration AS c ON c.as_of_date = p.confidence_date AND c.system_id = p.system_id AND c.confidence_bucket = p.confidence_bucket
LEFT JOIN system_agreement_patterns AS g ON g.as_of_date = p.agreement_date AND g.system_id = p.system_id AND g.agreement_level = p.agreement_level)
SELECT game_date, game_id, season_year, player_lookup, system_id, team_abbr, predicted_points, recommendation, confidence_score, scoring_tier, tier_as_of_date, tier_adjustment, predicted_points + tier_adjustment AS adjusted_points, player_bias_as_of_date, player_adjustment * player_weight AS player_bias_adjustment, context_as_of_date, context_adjustment, significant_contexts, confidence_as_of_date, CASE WHEN (confidence_score * recommended_multiplier) IS NULL OR 1 IS NULL THEN NULL ELSE LEAST(confidence_score * recommended_multiplier, 1) END AS calibrated_confidence, agreement_level, agreement_as_of_date, agreement_multiplier
FROM corrected))
WHERE "game_date" BETWEEN $start_date AND $end_date
