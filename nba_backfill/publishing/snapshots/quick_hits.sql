-- One row per as-of day and kind of game (weekday, rest, side, what the player scores): its overs.
WITH recent AS (
  SELECT
    a.as_of_date, g.player_lookup, g.points, g.is_home, g.over_under_result,
    -- 18 October 2021 was a Monday: 0 is Monday on both engines.
    MOD(DATE_DIFF(g.game_date, DATE '2021-10-18', DAY), 7) AS weekday,
    IF(
      DATE_DIFF(a.as_of_date, g.previous_date, DAY) <= @player_game_summary_days,
      DATE_DIFF(g.game_date, g.previous_date, DAY) - 1,
      NULL
    ) AS days_off
  FROM as_of_days AS a
  JOIN games_in_order AS g
    ON DATE_DIFF(a.as_of_date, g.game_date, DAY) BETWEEN 0 AND @player_game_summary_days
),

-- By all his games of the window, those without a line included.
players AS (
  SELECT
    as_of_date,
    player_lookup,
    CASE
      WHEN SUM(points) >= 22 * COUNT(*) THEN 'stars'
      WHEN SUM(points) >= 15 * COUNT(*) THEN 'scorers'
      WHEN SUM(points) >= 8 * COUNT(*) THEN 'rotation'
      ELSE 'bench'
    END AS tier
  FROM recent
  GROUP BY as_of_date, player_lookup
)

SELECT
  r.as_of_date,
  r.weekday,
  CASE
    WHEN r.days_off = 0 THEN 'b2b'
    WHEN r.days_off = 1 THEN 'one_day'
    WHEN r.days_off >= 2 THEN 'rested'
  END AS rest,
  r.is_home,
  p.tier,
  COUNT(*) AS games,
  COUNTIF(r.over_under_result = 'OVER') AS overs
FROM recent AS r
JOIN players AS p
  ON p.as_of_date = r.as_of_date
  AND p.player_lookup = r.player_lookup
WHERE r.over_under_result IN ('OVER', 'UNDER')
GROUP BY r.as_of_date, r.weekday, rest, r.is_home, p.tier
