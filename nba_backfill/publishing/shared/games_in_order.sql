-- One row per player and game: the side he played on, and his games before and after it.
SELECT
  facts.*,
  -- YYYYMMDD_AWAY_HOME: the third token is the club at home.
  SUBSTR(game_id, 14) = team_abbr AS is_home,
  -- All his games of the season count for rest, with a line or without. Seasons do not touch: the
  -- opening night is neither rested nor tired.
  LAG(game_date) OVER (PARTITION BY player_lookup, season_year ORDER BY game_date)
    AS previous_date,
  LEAD(game_date) OVER (PARTITION BY player_lookup, season_year ORDER BY game_date)
    AS next_date
FROM player_game_summary AS facts
