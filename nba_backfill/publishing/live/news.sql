-- One row per player and day: his name, for news that print none, and the club he is expected at.
SELECT
  day.game_date,
  known.player_lookup,
  known.player_name,
  pool.team_abbr
FROM (
  SELECT DISTINCT game_date FROM games WHERE game_date BETWEEN @start_date AND @end_date
) AS day
CROSS JOIN known_names AS known
LEFT JOIN upcoming_player_game_context AS pool
  ON pool.game_date = day.game_date
  AND pool.player_lookup = known.player_lookup
