-- One row per club and game of a day: opponent, side, and tip-off by the clock of the East.
WITH clubs AS (
  SELECT
    game_date, season_year, game_id, tip_at,
    home_team_abbr AS team_abbr, away_team_abbr AS opponent_team_abbr, TRUE AS is_home
  FROM games
  WHERE game_date BETWEEN @start_date AND @end_date
  UNION ALL
  SELECT
    game_date, season_year, game_id, tip_at,
    away_team_abbr, home_team_abbr, FALSE
  FROM games
  WHERE game_date BETWEEN @start_date AND @end_date
)

SELECT
  game_date, season_year, game_id, team_abbr, opponent_team_abbr, is_home,
  -- Minutes since midnight of the Eastern day, so that no reader converts a clock again.
  EXTRACT(HOUR FROM DATETIME(tip_at, 'America/New_York')) * 60
    + EXTRACT(MINUTE FROM DATETIME(tip_at, 'America/New_York')) AS tip_minute
FROM clubs
