-- One row per as-of day and player with his newest game and his history; one more for the league.
WITH judged AS (
  SELECT
    player_lookup, player_full_name, team_abbr, opponent_team_abbr, season_year, game_date, points,
    COUNT(*) OVER (
      PARTITION BY player_lookup, season_year ORDER BY game_date
      ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS season_games,
    SUM(points) OVER (
      PARTITION BY player_lookup, season_year ORDER BY game_date
      ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS season_points,
    LEAD(game_date) OVER (PARTITION BY player_lookup, season_year ORDER BY game_date) AS next_date,
    LEAD(points) OVER (PARTITION BY player_lookup, season_year ORDER BY game_date) AS next_points
  FROM player_game_summary
),

-- The games after which he would have been a candidate (the 10 points and 10 games of the
-- declaration, multiplied out: whole numbers only), and whether the next one made up for it. Each
-- is held against the average of its own season up to that game, never against a later one.
shortfalls AS (
  SELECT player_lookup, next_date, next_points * season_games >= season_points AS bounced
  FROM judged
  WHERE season_games >= 10
    AND season_points - season_games * points >= 10 * season_games
    AND next_date IS NOT NULL
),

histories AS (
  SELECT a.as_of_date, s.player_lookup, COUNT(*) AS shortfalls, COUNTIF(s.bounced) AS bounces
  FROM as_of_days AS a
  JOIN shortfalls AS s
    ON s.next_date <= a.as_of_date
  GROUP BY a.as_of_date, s.player_lookup
)

SELECT
  a.as_of_date,
  j.player_lookup,
  j.player_full_name,
  j.team_abbr,
  j.game_date,
  j.points,
  j.opponent_team_abbr,
  j.season_games,
  j.season_points,
  COALESCE(h.shortfalls, 0) AS shortfalls,
  COALESCE(h.bounces, 0) AS bounces,
  t.opponent_team_abbr AS next_opponent_team_abbr,
  t.is_home,
  t.tip_minute
FROM as_of_days AS a
JOIN judged AS j
  ON j.season_year = a.season_year
  AND j.game_date <= a.as_of_date
  AND COALESCE(j.next_date > a.as_of_date, TRUE)
LEFT JOIN histories AS h
  ON h.as_of_date = a.as_of_date
  AND h.player_lookup = j.player_lookup
LEFT JOIN tonight AS t
  ON t.game_date = a.as_of_date
  AND t.team_abbr = j.team_abbr
UNION ALL
SELECT
  as_of_date,
  NULL AS player_lookup,
  NULL AS player_full_name,
  NULL AS team_abbr,
  NULL AS game_date,
  NULL AS points,
  NULL AS opponent_team_abbr,
  NULL AS season_games,
  NULL AS season_points,
  SUM(shortfalls) AS shortfalls,
  SUM(bounces) AS bounces,
  NULL AS next_opponent_team_abbr,
  NULL AS is_home,
  NULL AS tip_minute
FROM histories
GROUP BY as_of_date
