-- One row per as-of day and club: pace, points at home, away, tired and rested, zones defended.
WITH club_games AS (
  SELECT
    game_date, team_abbr, points_scored, pace, home_game,
    LAG(game_date) OVER (PARTITION BY team_abbr, season_year ORDER BY game_date) AS previous_date
  FROM team_offense_game_summary
),

recent AS (
  SELECT
    a.as_of_date, g.team_abbr, g.points_scored, g.pace, g.home_game,
    DATE_DIFF(a.as_of_date, g.game_date, DAY) <= 30 AS is_of_30_days,
    DATE_DIFF(a.as_of_date, g.game_date, DAY) <= 60 AS is_of_60_days,
    IF(
      DATE_DIFF(a.as_of_date, g.previous_date, DAY) <= @team_offense_game_summary_days,
      DATE_DIFF(g.game_date, g.previous_date, DAY),
      NULL
    ) AS gap
  FROM as_of_days AS a
  JOIN club_games AS g
    ON DATE_DIFF(a.as_of_date, g.game_date, DAY) BETWEEN 0 AND @team_offense_game_summary_days
),

offence AS (
  SELECT
    as_of_date,
    team_abbr,
    COUNTIF(is_of_30_days AND pace IS NOT NULL) AS pace_games,
    SUM(IF(is_of_30_days, pace, NULL)) AS pace_sum,
    SUM(IF(is_of_30_days AND pace IS NOT NULL, points_scored, 0)) AS pace_points,
    COUNTIF(is_of_60_days AND home_game) AS home_games,
    SUM(IF(is_of_60_days AND home_game, points_scored, 0)) AS home_points,
    COUNTIF(is_of_60_days AND NOT home_game) AS away_games,
    SUM(IF(is_of_60_days AND NOT home_game, points_scored, 0)) AS away_points,
    COUNTIF(gap = 1) AS b2b_games,
    SUM(IF(gap = 1, points_scored, 0)) AS b2b_points,
    COUNTIF(gap > 1) AS rested_games,
    SUM(IF(gap > 1, points_scored, 0)) AS rested_points
  FROM recent
  GROUP BY as_of_date, team_abbr
),

-- Every row is a rolling window already: the newest says it all, a mean of many would blur it.
zones AS (
  SELECT
    a.as_of_date, z.team_abbr, z.paint_pct_allowed_last_15, z.three_pt_pct_allowed_last_15,
    z.opponent_points_per_game, z.games_in_sample,
    ROW_NUMBER() OVER (
      PARTITION BY a.as_of_date, z.team_abbr ORDER BY z.analysis_date DESC
    ) AS newest_first
  FROM as_of_days AS a
  JOIN team_defense_zone_analysis AS z
    ON DATE_DIFF(a.as_of_date, z.analysis_date, DAY)
      BETWEEN 0 AND @team_defense_zone_analysis_days
)

SELECT
  o.as_of_date,
  o.team_abbr,
  o.pace_games,
  CAST(o.pace_sum AS FLOAT64) AS pace_sum,
  o.pace_points,
  o.home_games,
  o.home_points,
  o.away_games,
  o.away_points,
  o.b2b_games,
  o.b2b_points,
  o.rested_games,
  o.rested_points,
  z.games_in_sample AS zone_games,
  z.paint_pct_allowed_last_15 AS paint_share,
  z.three_pt_pct_allowed_last_15 AS perimeter_share,
  CAST(z.opponent_points_per_game AS FLOAT64) AS opponent_points
FROM offence AS o
LEFT JOIN zones AS z
  ON z.as_of_date = o.as_of_date
  AND z.team_abbr = o.team_abbr
  AND z.newest_first = 1
