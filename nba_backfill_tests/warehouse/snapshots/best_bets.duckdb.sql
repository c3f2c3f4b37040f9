WITH "player_prop_predictions" AS (SELECT "prediction_id", "system_id", "player_lookup", "universal_player_id", "game_date", "game_id", "season_year", "team_abbr", "opponent_team_abbr", "is_home", "prediction_version", "predicted_points", "confidence_score", "recommendation", "has_prop_line", "current_points_line", "line_margin", "line_source", "estimated_line_value", "estimation_method", "line_source_api", "over_price_american", "under_price_american", "market_over_probability", "sportsbook", "was_line_fallback", "line_minutes_before_game", "is_active", "is_actionable", "filter_reason", "model_version", "model_type", "fallback_reason", "predicted_points_p10", "predicted_points_p90", "over_probability", "under_probability", "predicted_points_mean", "line_anchored_points", "line_anchored_over_probability", "line_anchored_under_probability", "pace_adjustment", "similar_games_count", "similarity_baseline", "avg_similarity_score", "min_similarity_score", "fatigue_adjustment", "shot_zone_adjustment", "usage_spike_adjustment", "home_away_adjustment", "prediction_variance", "system_agreement_score", "contributing_systems", "injury_status_at_prediction", "injury_flag_at_prediction", "injury_reason_at_prediction", "injury_checked_at", "feature_quality_score", "is_production_ready", "completeness_percentage", "backfill_bootstrap_mode"
FROM "nba_predictions"."player_prop_predictions"
WHERE "game_date" BETWEEN $player_prop_predictions_from AND $player_prop_predictions_to), "prediction_accuracy" AS (SELECT "game_date", "game_id", "player_lookup", "system_id", "season_year", "team_abbr", "opponent_team_abbr", "is_home", "predicted_points", "predicted_points_p10", "predicted_points_p90", "predicted_points_mean", "line_anchored_points", "confidence_score", "confidence_decile", "recommendation", "line_value", "actual_points", "minutes_played", "absolute_error", "signed_error", "within_3_points", "within_5_points", "predicted_margin", "actual_margin", "prediction_correct", "is_voided", "void_reason", "pre_game_injury_flag", "pre_game_injury_status", "injury_confirmed_postgame", "over_probability", "under_probability", "line_anchored_over_probability", "line_anchored_under_probability", "over_price_american", "under_price_american", "market_over_probability", "opening_line_value", "opening_pick", "closing_line_value", "closing_probability_value", "has_prop_line", "line_source", "estimated_line_value", "is_actionable", "filter_reason", "pace_adjustment", "similarity_sample_size", "prediction_variance", "model_type", "model_version", "points_avg_season", "points_avg_last_5", "points_avg_last_10"
FROM "nba_predictions"."prediction_accuracy"
WHERE "game_date" BETWEEN $prediction_accuracy_from AND $prediction_accuracy_to), "player_composite_factors" AS (SELECT "player_lookup", "universal_player_id", "game_date", "analysis_date", "game_id", "season_year", "team_abbr", "opponent_team_abbr", "fatigue_score", "shot_zone_mismatch_score", "pace_score", "usage_spike_score", "opponent_strength_score", "total_composite_adjustment", "days_rest", "back_to_back", "games_in_last_7_days", "minutes_in_last_7_days", "avg_minutes_per_game_last_7", "back_to_backs_last_14_days", "player_age", "player_primary_zone", "player_zone_rate", "opponent_zone_defense", "opponent_weak_zone", "pace_differential", "projected_usage_rate", "avg_usage_rate_last_7_games", "star_teammates_out", "fatigue_context_json", "calculation_version", "data_completeness_pct", "missing_data_fields", "has_warnings", "warning_details", "early_season_flag"
FROM "nba_precompute"."player_composite_factors"
WHERE "game_date" BETWEEN $player_composite_factors_from AND $player_composite_factors_to), "model_evaluation" AS (SELECT "as_of_date", "system_id", "period", "population", "season_year", "first_date", "predictions", "mae", "rmse", "bias", "within_3_pct", "within_5_pct", "baseline_rows", "mae_on_baseline_rows", "season_average_mae", "last_10_mae", "last_5_mae", "blend_mae", "line_rows", "mae_on_line_rows", "line_mae", "anchored_rows", "line_anchored_mae", "line_mae_on_anchored_rows", "picks", "pick_hits", "hit_rate", "hit_rate_low", "hit_rate_high", "interval_rows", "interval_coverage", "below_p10_pct", "below_p90_pct", "trained_rows", "fallback_rows"
FROM "nba_predictions"."model_evaluation"
WHERE "as_of_date" BETWEEN $model_evaluation_from AND $model_evaluation_to), "nba_players_registry" AS (SELECT "universal_player_id", "player_name", "player_lookup", "team_abbr", "season", "processed_at"
FROM "nba_reference"."nba_players_registry")
SELECT *
FROM (WITH champion AS (/* One row per system whose predictions are published: one. */
SELECT 'catboost_v8' AS system_id), 
evaluated AS (/* One row per day on which the champion was evaluated: his season to date, against real lines. */
SELECT evaluation.as_of_date, evaluation.line_rows, evaluation.mae_on_line_rows, evaluation.picks, evaluation.hit_rate
FROM model_evaluation AS evaluation
INNER JOIN champion ON champion.system_id = evaluation.system_id
WHERE evaluation.period = 'season' AND evaluation.population = 'line_rows')
SELECT *
FROM (/* One row per candidate of a day with predictions; a day without candidates has one without player. */
WITH predicted AS (SELECT prediction.game_date, prediction.game_id, prediction.player_lookup, prediction.team_abbr, prediction.opponent_team_abbr, prediction.recommendation, prediction.predicted_points, prediction.current_points_line, prediction.confidence_score, prediction.line_source
FROM player_prop_predictions AS prediction
INNER JOIN champion ON champion.system_id = prediction.system_id), candidates /* Below 25 points; confidence from 0.88 to below 0.90 has failed and is left out. */ AS (SELECT *
FROM predicted
WHERE recommendation IN ('OVER', 'UNDER') AND predicted_points < 25 AND NOT (confidence_score >= CAST(0.88 AS DOUBLE) AND confidence_score < CAST(0.90 AS DOUBLE)) AND line_source = 'ACTUAL_PROP' AND NOT current_points_line IS NULL), 
graded AS (SELECT accuracy.game_date, accuracy.game_id, accuracy.player_lookup, accuracy.recommendation, accuracy.prediction_correct, accuracy.is_voided, accuracy.actual_points, accuracy.absolute_error
FROM prediction_accuracy AS accuracy
INNER JOIN champion ON champion.system_id = accuracy.system_id), histories /* His earlier picks on the same side that were decided, whichever the season. */ AS (SELECT candidates.game_date, candidates.game_id, candidates.player_lookup, COUNT_IF(COALESCE(graded.prediction_correct, FALSE)) AS earlier_right, COUNT(graded.prediction_correct) AS earlier_decided
FROM candidates
INNER JOIN graded ON graded.player_lookup = candidates.player_lookup AND graded.recommendation = candidates.recommendation AND DATE_DIFF('DAY', graded.game_date, candidates.game_date) BETWEEN 1 AND $prediction_accuracy_days
GROUP BY candidates.game_date, candidates.game_id, candidates.player_lookup), names /* A traded player stands in the registry once per club. */ AS (SELECT player_lookup, player_name
FROM nba_players_registry
QUALIFY ROW_NUMBER() OVER (PARTITION BY player_lookup ORDER BY season DESC, player_name NULLS FIRST, team_abbr NULLS FIRST) = 1), 
days AS (SELECT DISTINCT game_date
FROM predicted)
SELECT days.game_date, candidates.player_lookup, candidates.game_id, names.player_name, candidates.team_abbr AS team, candidates.opponent_team_abbr AS opponent, candidates.recommendation, candidates.predicted_points AS predicted, candidates.current_points_line AS line, ABS(candidates.predicted_points - candidates.current_points_line) AS edge, candidates.confidence_score AS confidence, COALESCE(histories.earlier_right, 0) AS earlier_right, COALESCE(histories.earlier_decided, 0) AS earlier_decided, factors.fatigue_score, graded.prediction_correct, graded.is_voided, graded.actual_points AS actual, graded.absolute_error AS error, evaluated.line_rows, evaluated.mae_on_line_rows, evaluated.picks, evaluated.hit_rate
FROM days
LEFT JOIN candidates ON candidates.game_date = days.game_date
LEFT JOIN graded ON graded.game_date = candidates.game_date AND graded.game_id = candidates.game_id AND graded.player_lookup = candidates.player_lookup
LEFT JOIN histories ON histories.game_date = candidates.game_date AND histories.game_id = candidates.game_id AND histories.player_lookup = candidates.player_lookup
LEFT JOIN player_composite_factors AS factors ON factors.game_date = candidates.game_date AND factors.player_lookup = candidates.player_lookup
LEFT JOIN names ON names.player_lookup = candidates.player_lookup
LEFT JOIN evaluated ON evaluated.as_of_date = days.game_date))
