-- One row per team and game day: points of the season before the day.
SELECT
  g.game_date,
  t.team_abbr,
  COALESCE(SUM(p.points), 0) AS points_before
FROM games AS g
INNER JOIN (SELECT DISTINCT game_date, team_abbr FROM (
  SELECT game_date, home_team_abbr AS team_abbr FROM games
  UNION ALL
  SELECT game_date, away_team_abbr AS team_abbr FROM games
)) AS t ON t.game_date = g.game_date AND t.team_abbr IN (g.home_team_abbr, g.away_team_abbr)
LEFT JOIN team_points AS p ON p.team_abbr = t.team_abbr AND p.game_date < g.game_date
GROUP BY g.game_date, t.team_abbr
