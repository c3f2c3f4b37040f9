-- One row per game of the toy league.
SELECT
  f.game_date,
  CONCAT(f.away, '_', f.home) AS game_id,
  f.home AS home_team_abbr,
  f.away AS away_team_abbr,
  f.final AS is_over
FROM fixtures AS f
