-- One row per club of a game of the day and player expected for it: run, form and rest before it.
WITH pool AS (
  SELECT
    t.game_date, t.season_year, t.game_id, t.team_abbr, t.opponent_team_abbr, t.is_home,
    t.tip_minute, u.player_lookup
  FROM tonight AS t
  -- The club he belongs to now: whatever he did for another counts, what that one plays does not.
  LEFT JOIN upcoming_player_game_context AS u
    ON u.game_date = t.game_date
    AND u.team_abbr = t.team_abbr
),

-- Of his career since 2022-23, how he scores after days off and without.
careers AS (
  SELECT
    player_lookup, player_full_name, season_year, game_date, next_date,
    SUM(IF(season_year >= 2022, 1, 0)) OVER (
      PARTITION BY player_lookup ORDER BY game_date
      ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS overall_games,
    SUM(IF(season_year >= 2022, points, 0)) OVER (
      PARTITION BY player_lookup ORDER BY game_date
      ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS overall_points,
    SUM(
      IF(season_year >= 2022 AND DATE_DIFF(game_date, previous_date, DAY) >= 3, 1, 0)
    ) OVER (
      PARTITION BY player_lookup ORDER BY game_date
      ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS fresh_games,
    SUM(
      IF(season_year >= 2022 AND DATE_DIFF(game_date, previous_date, DAY) >= 3, points, 0)
    ) OVER (
      PARTITION BY player_lookup ORDER BY game_date
      ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS fresh_points,
    SUM(
      IF(season_year >= 2022 AND DATE_DIFF(game_date, previous_date, DAY) = 1, 1, 0)
    ) OVER (
      PARTITION BY player_lookup ORDER BY game_date
      ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS tired_games,
    SUM(
      IF(season_year >= 2022 AND DATE_DIFF(game_date, previous_date, DAY) = 1, points, 0)
    ) OVER (
      PARTITION BY player_lookup ORDER BY game_date
      ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS tired_points
  FROM games_in_order
),

recent AS (
  SELECT
    p.game_date, p.player_lookup, g.game_date AS played_on, g.points, g.margin,
    DATE_DIFF(p.game_date, g.game_date, DAY) <= 30
      AND COALESCE(g.over_under_result IN ('OVER', 'UNDER'), FALSE) AS is_of_run,
    g.over_under_result,
    ROW_NUMBER() OVER (
      PARTITION BY p.game_date, p.player_lookup ORDER BY g.game_date DESC
    ) AS newest_first
  FROM pool AS p
  JOIN games_in_order AS g
    ON g.player_lookup = p.player_lookup
    AND DATE_DIFF(p.game_date, g.game_date, DAY) BETWEEN 1 AND 45
),

marked AS (
  SELECT
    *,
    SUM(IF(is_of_run, 1, 0)) OVER (
      PARTITION BY game_date, player_lookup ORDER BY played_on DESC
      ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS newest_decided_first,
    MAX(IF(is_of_run AND over_under_result = 'OVER', played_on, NULL)) OVER (
      PARTITION BY game_date, player_lookup
    ) AS last_over,
    MAX(IF(is_of_run AND over_under_result = 'UNDER', played_on, NULL)) OVER (
      PARTITION BY game_date, player_lookup
    ) AS last_under
  FROM recent
),

form AS (
  SELECT
    game_date,
    player_lookup,
    COUNTIF(is_of_run) AS run_games,
    SUM(IF(is_of_run, margin, NULL)) AS margin_sum,
    COUNTIF(
      is_of_run AND over_under_result = 'OVER' AND COALESCE(played_on > last_under, TRUE)
    ) AS over_run,
    COUNTIF(
      is_of_run AND over_under_result = 'UNDER' AND COALESCE(played_on > last_over, TRUE)
    ) AS under_run,
    COUNTIF(is_of_run AND newest_decided_first <= 10) AS last_10_games,
    COUNTIF(is_of_run AND newest_decided_first <= 10 AND over_under_result = 'OVER')
      AS last_10_overs,
    COUNTIF(newest_first <= 5) AS games_5,
    SUM(IF(newest_first <= 5, points, 0)) AS points_5,
    COUNTIF(newest_first <= 15) AS games_15,
    SUM(IF(newest_first <= 15, points, 0)) AS points_15
  FROM marked
  GROUP BY game_date, player_lookup
)

SELECT
  p.game_date,
  p.game_id,
  p.team_abbr,
  p.opponent_team_abbr,
  p.is_home,
  p.tip_minute,
  p.player_lookup,
  c.player_full_name,
  DATE_DIFF(p.game_date, c.game_date, DAY) AS days_rest,
  f.run_games,
  CAST(f.margin_sum AS FLOAT64) AS margin_sum,
  f.over_run,
  f.under_run,
  f.last_10_games,
  f.last_10_overs,
  f.games_5,
  f.points_5,
  f.games_15,
  f.points_15,
  c.overall_games,
  c.overall_points,
  c.fresh_games,
  c.fresh_points,
  c.tired_games,
  c.tired_points
FROM pool AS p
LEFT JOIN careers AS c
  ON c.player_lookup = p.player_lookup
  AND c.season_year = p.season_year
  AND c.game_date < p.game_date
  AND COALESCE(c.next_date >= p.game_date, TRUE)
LEFT JOIN form AS f
  ON f.game_date = p.game_date
  AND f.player_lookup = p.player_lookup
