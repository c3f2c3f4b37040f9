-- One row per game of the season that a player took part in: its number, and the day of his next.
SELECT
  facts.*,
  ROW_NUMBER() OVER (PARTITION BY player_lookup, season_year ORDER BY game_date, game_id)
    AS game_no,
  LEAD(game_date) OVER (PARTITION BY player_lookup, season_year ORDER BY game_date, game_id)
    AS next_game_date
FROM player_game_summary AS facts
WHERE is_active AND (minutes_played > 0 OR fg_attempts > 0 OR points > 0)
