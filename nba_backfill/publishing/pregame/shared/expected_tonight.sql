-- One row per day asked for and player expected to play: his game, line, forecast, and fitness.
SELECT
  pool.game_date,
  pool.player_lookup,
  COALESCE(known.player_name, pool.player_lookup) AS player_name,
  pool.season_year,
  pool.game_id,
  pool.team_abbr,
  pool.opponent_team_abbr,
  pool.home_game,
  pool.days_rest,
  pool.back_to_back,
  CAST(pool.current_points_line AS FLOAT64) AS line,
  -- Prices belong to a line: those of another one say nothing of this.
  IF(offer.points_line = pool.current_points_line, offer.over_price_american, NULL) AS over_odds,
  IF(offer.points_line = pool.current_points_line, offer.under_price_american, NULL) AS under_odds,
  factor.fatigue_score,
  factor.fatigue_context_json,
  report.injury_status,
  report.reason AS injury_reason,
  forecast.player_lookup IS NOT NULL AS has_prediction,
  CAST(forecast.predicted_points AS FLOAT64) AS predicted,
  CAST(forecast.confidence_score AS FLOAT64) AS confidence,
  forecast.recommendation,
  CAST(forecast.current_points_line AS FLOAT64) AS predicted_line,
  CAST(forecast.line_margin AS FLOAT64) AS edge,
  CAST(forecast.pace_adjustment AS FLOAT64) AS pace_adjustment,
  forecast.similar_games_count
FROM upcoming_player_game_context AS pool
LEFT JOIN known_names AS known
  ON known.player_lookup = pool.player_lookup
LEFT JOIN prop_lines AS offer
  ON offer.game_date = pool.game_date
  AND offer.player_lookup = pool.player_lookup
LEFT JOIN player_composite_factors AS factor
  ON factor.game_date = pool.game_date
  AND factor.player_lookup = pool.player_lookup
LEFT JOIN injuries AS report
  ON report.game_date = pool.game_date
  AND report.player_lookup = pool.player_lookup
LEFT JOIN forecasts AS forecast
  ON forecast.game_date = pool.game_date
  AND forecast.player_lookup = pool.player_lookup
WHERE pool.game_date BETWEEN @start_date AND @end_date
