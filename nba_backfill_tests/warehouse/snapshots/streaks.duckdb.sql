WITH "games" AS (SELECT "game_date", "game_id", "nba_game_id", "season_year", "game_type", "home_team_abbr", "away_team_abbr", "is_final", "is_over", "tip_at", "arena_timezone", "is_neutral_site", "home_score", "away_score", "result_source", "result_doubt", "home_next_game_date", "away_next_game_date", "home_games_in_next_7_days", "away_games_in_next_7_days", "source"
FROM "nba_staging"."games"
WHERE "game_date" BETWEEN $games_from AND $games_to), "player_game_summary" AS (SELECT "player_lookup", "universal_player_id", "player_full_name", "game_id", "nba_game_id", "game_date", "season_year", "team_abbr", "opponent_team_abbr", "points", "minutes_played", "assists", "offensive_rebounds", "defensive_rebounds", "steals", "blocks", "turnovers", "fg_attempts", "fg_makes", "three_pt_attempts", "three_pt_makes", "ft_attempts", "ft_makes", "plus_minus", "personal_fouls", "paint_attempts", "paint_makes", "mid_range_attempts", "mid_range_makes", "unlocated_attempts", "assisted_fg_makes", "unassisted_fg_makes", "and1_count", "paint_blocks", "mid_range_blocks", "three_pt_blocks", "usage_rate", "ts_pct", "efg_pct", "starter_flag", "starter_source", "win_flag", "points_line", "over_under_result", "margin", "opening_line", "line_movement", "points_line_source", "opening_line_source", "is_active", "player_status", "primary_source_used", "quality_tier", "quality_score", "quality_issues", "data_sources"
FROM "nba_analytics"."player_game_summary"
WHERE "game_date" BETWEEN $player_game_summary_from AND $player_game_summary_to), "prediction_accuracy" AS (SELECT "game_date", "game_id", "player_lookup", "system_id", "season_year", "team_abbr", "opponent_team_abbr", "is_home", "predicted_points", "predicted_points_p10", "predicted_points_p90", "predicted_points_mean", "line_anchored_points", "confidence_score", "confidence_decile", "recommendation", "line_value", "actual_points", "minutes_played", "absolute_error", "signed_error", "within_3_points", "within_5_points", "predicted_margin", "actual_margin", "prediction_correct", "is_voided", "void_reason", "pre_game_injury_flag", "pre_game_injury_status", "injury_confirmed_postgame", "over_probability", "under_probability", "line_anchored_over_probability", "line_anchored_under_probability", "over_price_american", "under_price_american", "market_over_probability", "opening_line_value", "opening_pick", "closing_line_value", "closing_probability_value", "has_prop_line", "line_source", "estimated_line_value", "is_actionable", "filter_reason", "pace_adjustment", "similarity_sample_size", "prediction_variance", "model_type", "model_version", "points_avg_season", "points_avg_last_5", "points_avg_last_10"
FROM "nba_predictions"."prediction_accuracy"
WHERE "game_date" BETWEEN $prediction_accuracy_from AND $prediction_accuracy_to)
SELECT *
FROM (WITH as_of_days AS (/* One row per day with games that a document is wanted for. */
SELECT DISTINCT game_date AS as_of_date, season_year
FROM games
WHERE game_date BETWEEN $start_date AND $end_date), 
champion AS (/* One row per system whose predictions are published: one. */
SELECT 'catboost_v8' AS system_id)
SELECT *
FROM (/* One row per as-of day, player and game of his run against the line; of picks, one per run. */
WITH season_games AS (SELECT a.as_of_date, p.player_lookup, p.player_full_name, p.team_abbr, p.opponent_team_abbr, p.game_date, p.points, p.points_line, p.margin, p.over_under_result, ROW_NUMBER() OVER (PARTITION BY a.as_of_date, p.player_lookup ORDER BY p.game_date DESC) AS newest_first
FROM as_of_days AS a
JOIN player_game_summary AS p ON p.season_year = a.season_year AND p.game_date <= a.as_of_date), players /* A traded player is one player: name and club are those of his newest game. */ AS (SELECT as_of_date, player_lookup, player_full_name, team_abbr
FROM season_games
WHERE newest_first = 1), decided /* A push is neither: it continues no run and breaks none. */ AS (SELECT *, ROW_NUMBER() OVER (PARTITION BY as_of_date, player_lookup ORDER BY game_date DESC) AS newest_decided_first
FROM season_games
WHERE over_under_result IN ('OVER', 'UNDER')), 
last_20 AS (SELECT *, MAX(CASE WHEN over_under_result = 'OVER' THEN game_date ELSE NULL END) OVER (PARTITION BY as_of_date, player_lookup) AS last_over, MAX(CASE WHEN over_under_result = 'UNDER' THEN game_date ELSE NULL END) OVER (PARTITION BY as_of_date, player_lookup) AS last_under
FROM decided
WHERE newest_decided_first <= 20), picks /* Every pick of the champion that came true or not: a push and a void are neither. */ AS (SELECT graded.player_lookup, graded.team_abbr, graded.game_date, graded.prediction_correct, ROW_NUMBER() OVER (PARTITION BY graded.player_lookup ORDER BY graded.game_date NULLS FIRST) AS nth
FROM prediction_accuracy AS graded
JOIN champion ON champion.system_id = graded.system_id
WHERE graded.recommendation IN ('OVER', 'UNDER') AND NOT graded.is_voided AND NOT graded.prediction_correct IS NULL), pick_runs /* The length of the run of right picks that ends in each. */ AS (SELECT player_lookup, team_abbr, game_date, nth - COALESCE(MAX(CASE WHEN prediction_correct THEN NULL ELSE nth END) OVER (PARTITION BY player_lookup ORDER BY game_date NULLS FIRST ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW), 0) AS run_length, LEAD(game_date) OVER (PARTITION BY player_lookup ORDER BY game_date NULLS FIRST) AS next_date
FROM picks)
SELECT g.as_of_date, g.over_under_result AS streak_type, g.player_lookup, p.player_full_name, p.team_abbr, CAST(NULL AS BIGINT) AS run_length, g.game_date, g.points, CAST(g.points_line AS DOUBLE) AS points_line, CAST(g.margin AS DOUBLE) AS margin, g.opponent_team_abbr
FROM last_20 AS g
JOIN players AS p ON p.as_of_date = g.as_of_date AND p.player_lookup = g.player_lookup
WHERE g.over_under_result = 'OVER' AND COALESCE(g.game_date > g.last_under, TRUE) OR g.over_under_result = 'UNDER' AND COALESCE(g.game_date > g.last_over, TRUE)
UNION ALL
SELECT a.as_of_date, 'HIT' AS streak_type, r.player_lookup, p.player_full_name, COALESCE(p.team_abbr, r.team_abbr) AS team_abbr, CASE WHEN r.run_length IS NULL OR 20 IS NULL THEN NULL ELSE LEAST(r.run_length, 20) END AS run_length, r.game_date, NULL AS points, NULL AS points_line, NULL AS margin, NULL AS opponent_team_abbr
FROM as_of_days AS a
JOIN pick_runs AS r ON r.game_date <= a.as_of_date AND COALESCE(r.next_date > a.as_of_date, TRUE)
LEFT JOIN players AS p ON p.as_of_date = a.as_of_date AND p.player_lookup = r.player_lookup
WHERE r.run_length > 0))
