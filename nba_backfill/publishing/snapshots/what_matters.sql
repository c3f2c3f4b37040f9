-- One row per as-of day and player of its window: what he scores, and his overs by rest and side.
WITH recent AS (
  SELECT
    a.as_of_date, g.player_lookup, g.player_full_name, g.points, g.is_home,
    DATE_DIFF(a.as_of_date, g.game_date, DAY) <= 90 AS is_of_90_days,
    ROW_NUMBER() OVER (
      PARTITION BY a.as_of_date, g.player_lookup ORDER BY g.game_date DESC
    ) AS newest_first,
    g.over_under_result IN ('OVER', 'UNDER') AS is_decided,
    g.over_under_result = 'OVER' AS is_over,
    -- Unknown for the first game of the window, whatever else is in sight.
    IF(
      DATE_DIFF(a.as_of_date, g.previous_date, DAY) <= @player_game_summary_days,
      DATE_DIFF(g.game_date, g.previous_date, DAY) - 1,
      NULL
    ) AS days_off
  FROM as_of_days AS a
  JOIN games_in_order AS g
    ON DATE_DIFF(a.as_of_date, g.game_date, DAY) BETWEEN 0 AND @player_game_summary_days
)

SELECT
  as_of_date,
  player_lookup,
  MAX(IF(newest_first = 1, player_full_name, NULL)) AS player_full_name,
  COUNT(*) AS games,
  SUM(points) AS points,
  COUNTIF(is_of_90_days) AS games_90,
  SUM(IF(is_of_90_days, points, 0)) AS points_90,
  COUNTIF(is_decided) AS all_games,
  COUNTIF(is_over) AS all_overs,
  COUNTIF(is_decided AND days_off = 0) AS b2b_games,
  COUNTIF(is_over AND days_off = 0) AS b2b_overs,
  COUNTIF(is_decided AND days_off = 1) AS one_day_games,
  COUNTIF(is_over AND days_off = 1) AS one_day_overs,
  COUNTIF(is_decided AND days_off >= 2) AS rested_games,
  COUNTIF(is_over AND days_off >= 2) AS rested_overs,
  COUNTIF(is_decided AND is_home) AS home_games,
  COUNTIF(is_over AND is_home) AS home_overs,
  COUNTIF(is_decided AND NOT is_home) AS away_games,
  COUNTIF(is_over AND NOT is_home) AS away_overs
FROM recent
GROUP BY as_of_date, player_lookup
