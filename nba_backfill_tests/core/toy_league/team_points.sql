-- One row per team and final game: its points on the day.
SELECT
  s.game_date,
  g.game_id,
  s.team_abbr,
  s.points
FROM scores AS s
INNER JOIN games AS g ON g.game_date = s.game_date AND s.team_abbr IN (g.home_team_abbr, g.away_team_abbr)
