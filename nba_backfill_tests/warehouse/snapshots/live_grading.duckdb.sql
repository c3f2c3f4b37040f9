WITH "games" AS (SELECT "game_date", "game_id", "nba_game_id", "season_year", "game_type", "home_team_abbr", "away_team_abbr", "is_final", "is_over", "tip_at", "arena_timezone", "is_neutral_site", "home_score", "away_score", "result_source", "result_doubt", "home_next_game_date", "away_next_game_date", "home_games_in_next_7_days", "away_games_in_next_7_days", "source"
FROM "nba_staging"."games"
WHERE "game_date" BETWEEN $games_from AND $games_to), "player_names" AS (SELECT "game_date", "player_name", "player_lookup", "universal_player_id", "resolved_by", "printed_by"
FROM "nba_staging"."player_names"
WHERE "game_date" BETWEEN $player_names_from AND $player_names_to), "player_aliases" AS (SELECT "alias_lookup", "nba_canonical_lookup", "is_active", "processed_at"
FROM "nba_reference"."player_aliases"), "player_prop_predictions" AS (SELECT "prediction_id", "system_id", "player_lookup", "universal_player_id", "game_date", "game_id", "season_year", "team_abbr", "opponent_team_abbr", "is_home", "prediction_version", "predicted_points", "confidence_score", "recommendation", "has_prop_line", "current_points_line", "line_margin", "line_source", "estimated_line_value", "estimation_method", "line_source_api", "over_price_american", "under_price_american", "market_over_probability", "sportsbook", "was_line_fallback", "line_minutes_before_game", "is_active", "is_actionable", "filter_reason", "model_version", "model_type", "fallback_reason", "predicted_points_p10", "predicted_points_p90", "over_probability", "under_probability", "predicted_points_mean", "line_anchored_points", "line_anchored_over_probability", "line_anchored_under_probability", "pace_adjustment", "similar_games_count", "similarity_baseline", "avg_similarity_score", "min_similarity_score", "fatigue_adjustment", "shot_zone_adjustment", "usage_spike_adjustment", "home_away_adjustment", "prediction_variance", "system_agreement_score", "contributing_systems", "injury_status_at_prediction", "injury_flag_at_prediction", "injury_reason_at_prediction", "injury_checked_at", "feature_quality_score", "is_production_ready", "completeness_percentage", "backfill_bootstrap_mode"
FROM "nba_predictions"."player_prop_predictions"
WHERE "game_date" BETWEEN $player_prop_predictions_from AND $player_prop_predictions_to), "nba_players_registry" AS (SELECT "universal_player_id", "player_name", "player_lookup", "team_abbr", "season", "processed_at"
FROM "nba_reference"."nba_players_registry")
SELECT *
FROM (WITH champion AS (/* One row per system whose predictions are published: one. */
SELECT 'catboost_v8' AS system_id), 
forecasts AS (/* One row per player and game day: what the champion forecast before the game. */
SELECT said.*
FROM player_prop_predictions AS said
JOIN champion ON champion.system_id = said.system_id), 
known_names AS (/* One row per player of the registry, however many clubs and seasons it lists: his newest name. */
SELECT player_lookup, player_name
FROM nba_players_registry
WHERE NOT player_name IS NULL
QUALIFY ROW_NUMBER() OVER (PARTITION BY player_lookup ORDER BY season DESC, processed_at DESC, player_name NULLS FIRST, team_abbr NULLS FIRST) = 1), 
live_scores AS (/* One row per game of a day, and one per known spelling of a name, for the day's live feed to meet. */
WITH days AS (SELECT DISTINCT game_date
FROM games
WHERE game_date BETWEEN $start_date AND $end_date)
SELECT game_date, 'game' AS section, game_id, home_team_abbr, away_team_abbr, CAST(NULL AS TEXT) AS spelling, CAST(NULL AS TEXT) AS player_lookup
FROM games
WHERE game_date BETWEEN $start_date AND $end_date
UNION ALL /* As any source of the day prints it. */
SELECT game_date, 'name', CAST(NULL AS TEXT), CAST(NULL AS TEXT), CAST(NULL AS TEXT), player_name, player_lookup
FROM player_names
WHERE game_date BETWEEN $start_date AND $end_date
UNION ALL /* In small letters. */
SELECT days.game_date, 'name', CAST(NULL AS TEXT), CAST(NULL AS TEXT), CAST(NULL AS TEXT), alias.alias_lookup, alias.nba_canonical_lookup
FROM days CROSS
JOIN player_aliases AS alias
WHERE alias.is_active AND NOT alias.nba_canonical_lookup IS NULL)
SELECT *
FROM (/* One row per forecast of a day by the champion, and one per game and known spelling of a name. */
SELECT game_date, section, game_id, home_team_abbr, away_team_abbr, spelling, player_lookup, CAST(NULL AS TEXT) AS player_name, CAST(NULL AS TEXT) AS team_abbr, CAST(NULL AS DOUBLE) AS predicted, CAST(NULL AS DOUBLE) AS line, CAST(NULL AS TEXT) AS line_source, CAST(NULL AS TEXT) AS recommendation, CAST(NULL AS DOUBLE) AS confidence
FROM live_scores
UNION ALL
SELECT forecast.game_date, 'forecast', forecast.game_id, CASE WHEN forecast.is_home THEN forecast.team_abbr ELSE forecast.opponent_team_abbr END, CASE WHEN forecast.is_home THEN forecast.opponent_team_abbr ELSE forecast.team_abbr END, CAST(NULL AS TEXT), forecast.player_lookup, COALESCE(known.player_name, forecast.player_lookup), forecast.team_abbr, CAST(forecast.predicted_points AS DOUBLE), CAST(forecast.current_points_line AS DOUBLE), forecast.line_source, forecast.recommendation, CAST(forecast.confidence_score AS DOUBLE)
FROM forecasts AS forecast
LEFT JOIN known_names AS known ON known.player_lookup = forecast.player_lookup
WHERE forecast.game_date BETWEEN $start_date AND $end_date))
