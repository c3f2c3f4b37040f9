-- One row per as-of date and club.
SELECT as_of.game_date AS as_of_date, t.team_abbr AS team, SUM(t.points) AS points
FROM (SELECT DISTINCT game_date FROM games) AS as_of
INNER JOIN team_points AS t ON t.game_date <= as_of.game_date
GROUP BY as_of.game_date, t.team_abbr
