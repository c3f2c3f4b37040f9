WITH "player_prop_predictions" AS (SELECT "prediction_id", "system_id", "player_lookup", "universal_player_id", "game_date", "game_id", "season_year", "team_abbr", "opponent_team_abbr", "is_home", "prediction_version", "predicted_points", "confidence_score", "recommendation", "has_prop_line", "current_points_line", "line_margin", "line_source", "estimated_line_value", "estimation_method", "line_source_api", "over_price_american", "under_price_american", "market_over_probability", "sportsbook", "was_line_fallback", "line_minutes_before_game", "is_active", "is_actionable", "filter_reason", "model_version", "model_type", "fallback_reason", "predicted_points_p10", "predicted_points_p90", "over_probability", "under_probability", "predicted_points_mean", "line_anchored_points", "line_anchored_over_probability", "line_anchored_under_probability", "pace_adjustment", "similar_games_count", "similarity_baseline", "avg_similarity_score", "min_similarity_score", "fatigue_adjustment", "shot_zone_adjustment", "usage_spike_adjustment", "home_away_adjustment", "prediction_variance", "system_agreement_score", "contributing_systems", "injury_status_at_prediction", "injury_flag_at_prediction", "injury_reason_at_prediction", "injury_checked_at", "feature_quality_score", "is_production_ready", "completeness_percentage", "backfill_bootstrap_mode"
FROM "nba_predictions"."player_prop_predictions"
WHERE "game_date" BETWEEN $player_prop_predictions_from AND $player_prop_predictions_to)
SELECT *
FROM (WITH champion AS (/* One row per system whose predictions are published: one. */
SELECT 'catboost_v8' AS system_id)
SELECT *
FROM (/* One row per prediction of the champion: player, game and day. */
SELECT prediction.game_date, prediction.game_id, prediction.player_lookup, prediction.team_abbr AS team, prediction.is_home, prediction.predicted_points AS points, prediction.confidence_score AS confidence, prediction.recommendation, prediction.current_points_line AS line, prediction.pace_adjustment, prediction.similar_games_count AS similar_games
FROM player_prop_predictions AS prediction
INNER JOIN champion ON champion.system_id = prediction.system_id))
