-- One row per as-of day and player of its window: his results against the line, and his next game.
WITH recent AS (
  SELECT
    a.as_of_date, p.player_lookup, p.player_full_name, p.team_abbr, p.game_date, p.margin,
    p.over_under_result,
    ROW_NUMBER() OVER (
      PARTITION BY a.as_of_date, p.player_lookup ORDER BY p.game_date DESC
    ) AS newest_first,
    MAX(IF(p.over_under_result = 'OVER', p.game_date, NULL)) OVER (
      PARTITION BY a.as_of_date, p.player_lookup
    ) AS last_over,
    MAX(IF(p.over_under_result = 'UNDER', p.game_date, NULL)) OVER (
      PARTITION BY a.as_of_date, p.player_lookup
    ) AS last_under
  FROM as_of_days AS a
  JOIN player_game_summary AS p
    ON DATE_DIFF(a.as_of_date, p.game_date, DAY) BETWEEN 0 AND @player_game_summary_days
),

-- Pushes and games without a line count for nothing but the club.
players AS (
  SELECT
    as_of_date,
    player_lookup,
    MAX(IF(newest_first = 1, player_full_name, NULL)) AS player_full_name,
    MAX(IF(newest_first = 1, team_abbr, NULL)) AS team_abbr,
    COUNTIF(over_under_result IN ('OVER', 'UNDER')) AS games,
    COUNTIF(over_under_result = 'OVER') AS overs,
    SUM(IF(over_under_result IN ('OVER', 'UNDER'), margin, NULL)) AS margin_sum,
    COUNTIF(over_under_result = 'OVER' AND COALESCE(game_date > last_under, TRUE)) AS over_run,
    COUNTIF(over_under_result = 'UNDER' AND COALESCE(game_date > last_over, TRUE)) AS under_run
  FROM recent
  GROUP BY as_of_date, player_lookup
)

SELECT
  p.as_of_date,
  p.player_lookup,
  p.player_full_name,
  p.team_abbr,
  p.games,
  p.overs,
  CAST(p.margin_sum AS FLOAT64) AS margin_sum,
  p.over_run,
  p.under_run,
  t.opponent_team_abbr,
  t.is_home,
  t.tip_minute
FROM players AS p
LEFT JOIN tonight AS t
  ON t.game_date = p.as_of_date
  AND t.team_abbr = p.team_abbr
