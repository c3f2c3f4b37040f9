WITH "games" AS (SELECT "game_date", "game_id", "nba_game_id", "season_year", "game_type", "home_team_abbr", "away_team_abbr", "is_final", "is_over", "tip_at", "arena_timezone", "is_neutral_site", "home_score", "away_score", "result_source", "result_doubt", "home_next_game_date", "away_next_game_date", "home_games_in_next_7_days", "away_games_in_next_7_days", "source"
FROM "nba_staging"."games"
WHERE "game_date" BETWEEN $games_from AND $games_to), "system_daily_performance" AS (SELECT "game_date", "system_id", "season_year", "predictions_count", "voided_count", "recommendations_count", "correct_count", "incorrect_count", "push_count", "pass_count", "no_line_count", "win_rate", "mae", "avg_bias", "rmse", "over_count", "over_correct", "over_win_rate", "under_count", "under_correct", "under_win_rate", "within_3_count", "within_3_pct", "within_5_count", "within_5_pct", "avg_confidence", "high_confidence_count", "high_confidence_correct", "high_confidence_win_rate"
FROM "nba_predictions"."system_daily_performance"
WHERE "game_date" BETWEEN $system_daily_performance_from AND $system_daily_performance_to), "prediction_accuracy" AS (SELECT "game_date", "game_id", "player_lookup", "system_id", "season_year", "team_abbr", "opponent_team_abbr", "is_home", "predicted_points", "predicted_points_p10", "predicted_points_p90", "predicted_points_mean", "line_anchored_points", "confidence_score", "confidence_decile", "recommendation", "line_value", "actual_points", "minutes_played", "absolute_error", "signed_error", "within_3_points", "within_5_points", "predicted_margin", "actual_margin", "prediction_correct", "is_voided", "void_reason", "pre_game_injury_flag", "pre_game_injury_status", "injury_confirmed_postgame", "over_probability", "under_probability", "line_anchored_over_probability", "line_anchored_under_probability", "over_price_american", "under_price_american", "market_over_probability", "opening_line_value", "opening_pick", "closing_line_value", "closing_probability_value", "has_prop_line", "line_source", "estimated_line_value", "is_actionable", "filter_reason", "pace_adjustment", "similarity_sample_size", "prediction_variance", "model_type", "model_version", "points_avg_season", "points_avg_last_5", "points_avg_last_10"
FROM "nba_predictions"."prediction_accuracy"
WHERE "game_date" BETWEEN $prediction_accuracy_from AND $prediction_accuracy_to), "model_evaluation" AS (SELECT "as_of_date", "system_id", "period", "population", "season_year", "first_date", "predictions", "mae", "rmse", "bias", "within_3_pct", "within_5_pct", "baseline_rows", "mae_on_baseline_rows", "season_average_mae", "last_10_mae", "last_5_mae", "blend_mae", "line_rows", "mae_on_line_rows", "line_mae", "anchored_rows", "line_anchored_mae", "line_mae_on_anchored_rows", "picks", "pick_hits", "hit_rate", "hit_rate_low", "hit_rate_high", "interval_rows", "interval_coverage", "below_p10_pct", "below_p90_pct", "trained_rows", "fallback_rows"
FROM "nba_predictions"."model_evaluation"
WHERE "as_of_date" BETWEEN $model_evaluation_from AND $model_evaluation_to)
SELECT *
FROM (WITH champion AS (/* One row per system whose predictions are published: one. */
SELECT 'catboost_v8' AS system_id), 
evaluated AS (/* One row per day on which the champion was evaluated: his season to date, against real lines. */
SELECT evaluation.as_of_date, evaluation.line_rows, evaluation.mae_on_line_rows, evaluation.picks, evaluation.hit_rate
FROM model_evaluation AS evaluation
INNER JOIN champion ON champion.system_id = evaluation.system_id
WHERE evaluation.period = 'season' AND evaluation.population = 'line_rows')
SELECT *
FROM (/* One row per as-of date, system and graded day of the season up to it; without any, one without system. */
WITH as_of AS (SELECT DISTINCT game_date AS as_of_date, season_year
FROM games
WHERE game_date BETWEEN $start_date AND $end_date), errors /* A day's means are rounded, which a season's mean of them would show: the errors are summed anew. */ AS (SELECT game_date, system_id, SUM(absolute_error) AS absolute_errors, SUM(signed_error) AS signed_errors
FROM prediction_accuracy
WHERE NOT is_voided
GROUP BY game_date, system_id)
SELECT as_of.as_of_date, as_of.season_year, daily.system_id, daily.game_date, daily.predictions_count AS predictions, errors.absolute_errors, errors.signed_errors, daily.correct_count AS correct, daily.incorrect_count AS incorrect, evaluated.line_rows, evaluated.mae_on_line_rows, evaluated.picks, evaluated.hit_rate
FROM as_of
LEFT JOIN system_daily_performance AS daily ON daily.season_year = as_of.season_year AND daily.game_date <= as_of.as_of_date
LEFT JOIN errors ON errors.game_date = daily.game_date AND errors.system_id = daily.system_id
LEFT JOIN evaluated ON evaluated.as_of_date = as_of.as_of_date))
