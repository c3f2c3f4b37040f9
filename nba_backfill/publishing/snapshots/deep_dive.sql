-- One row per as-of day: overs of its month so far, and of its window by rest.
WITH decided AS (
  SELECT
    a.as_of_date,
    EXTRACT(YEAR FROM g.game_date) = EXTRACT(YEAR FROM a.as_of_date)
      AND EXTRACT(MONTH FROM g.game_date) = EXTRACT(MONTH FROM a.as_of_date) AS is_of_month,
    g.over_under_result = 'OVER' AS is_over,
    IF(
      DATE_DIFF(a.as_of_date, g.previous_date, DAY) <= @player_game_summary_days,
      DATE_DIFF(g.game_date, g.previous_date, DAY) - 1,
      NULL
    ) AS days_off
  FROM as_of_days AS a
  JOIN games_in_order AS g
    ON DATE_DIFF(a.as_of_date, g.game_date, DAY) BETWEEN 0 AND @player_game_summary_days
  WHERE g.over_under_result IN ('OVER', 'UNDER')
)

SELECT
  as_of_date,
  COUNTIF(is_of_month) AS month_games,
  COUNTIF(is_of_month AND is_over) AS month_overs,
  COUNTIF(days_off >= 2) AS rested_games,
  COUNTIF(days_off >= 2 AND is_over) AS rested_overs,
  COUNTIF(days_off = 0) AS b2b_games,
  COUNTIF(days_off = 0 AND is_over) AS b2b_overs
FROM decided
GROUP BY as_of_date
