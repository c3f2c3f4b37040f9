-- One row per day with games: how many forecasts the champion has for it.
SELECT
  day.game_date,
  COUNT(forecast.player_lookup) AS forecasts
FROM (
  SELECT DISTINCT game_date FROM games WHERE game_date BETWEEN @start_date AND @end_date
) AS day
LEFT JOIN forecasts AS forecast
  ON forecast.game_date = day.game_date
  AND forecast.is_active
GROUP BY day.game_date
