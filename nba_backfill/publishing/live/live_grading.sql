-- One row per forecast of a day by the champion, and one per game and known spelling of a name.
SELECT
  game_date,
  section,
  game_id,
  home_team_abbr,
  away_team_abbr,
  spelling,
  player_lookup,
  CAST(NULL AS STRING) AS player_name,
  CAST(NULL AS STRING) AS team_abbr,
  CAST(NULL AS FLOAT64) AS predicted,
  CAST(NULL AS FLOAT64) AS line,
  CAST(NULL AS STRING) AS line_source,
  CAST(NULL AS STRING) AS recommendation,
  CAST(NULL AS FLOAT64) AS confidence
FROM live_scores
UNION ALL
SELECT
  forecast.game_date,
  'forecast',
  forecast.game_id,
  IF(forecast.is_home, forecast.team_abbr, forecast.opponent_team_abbr),
  IF(forecast.is_home, forecast.opponent_team_abbr, forecast.team_abbr),
  CAST(NULL AS STRING),
  forecast.player_lookup,
  COALESCE(known.player_name, forecast.player_lookup),
  forecast.team_abbr,
  CAST(forecast.predicted_points AS FLOAT64),
  CAST(forecast.current_points_line AS FLOAT64),
  forecast.line_source,
  forecast.recommendation,
  CAST(forecast.confidence_score AS FLOAT64)
FROM forecasts AS forecast
LEFT JOIN known_names AS known
  ON known.player_lookup = forecast.player_lookup
WHERE forecast.game_date BETWEEN @start_date AND @end_date
