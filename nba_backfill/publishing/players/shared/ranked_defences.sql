-- One row per day asked for and club: how it defended before that day, among all clubs' newest rows.
-- A third of the clubs at either end, in each zone by itself, counts as strong or weak: paint and
-- threes go in at quite different rates, so that no one cut-off serves both.
WITH newest AS (
  SELECT
    day.game_date,
    club.team_abbr,
    club.opponent_pace,
    club.defensive_rating_last_15,
    club.opponent_points_per_game,
    club.paint_pct_allowed_last_15 AS paint_pct,
    club.three_pt_pct_allowed_last_15 AS three_pct
  FROM (
    SELECT DISTINCT game_date FROM games WHERE game_date BETWEEN @start_date AND @end_date
  ) AS day
  JOIN team_defense_zone_analysis AS club
    ON club.analysis_date <= day.game_date
  WHERE TRUE
  QUALIFY ROW_NUMBER() OVER (
    PARTITION BY day.game_date, club.team_abbr ORDER BY club.analysis_date DESC
  ) = 1
),

ranked AS (
  SELECT
    *,
    RANK() OVER (PARTITION BY game_date ORDER BY defensive_rating_last_15) AS rating_rank,
    RANK() OVER (PARTITION BY game_date ORDER BY opponent_points_per_game) AS points_rank,
    COUNT(paint_pct) OVER (PARTITION BY game_date) AS paint_clubs,
    RANK() OVER (PARTITION BY game_date, paint_pct IS NULL ORDER BY paint_pct) AS paint_best,
    RANK() OVER (PARTITION BY game_date, paint_pct IS NULL ORDER BY paint_pct DESC) AS paint_worst,
    COUNT(three_pct) OVER (PARTITION BY game_date) AS three_clubs,
    RANK() OVER (PARTITION BY game_date, three_pct IS NULL ORDER BY three_pct) AS three_best,
    RANK() OVER (PARTITION BY game_date, three_pct IS NULL ORDER BY three_pct DESC) AS three_worst
  FROM newest
)

SELECT
  game_date,
  team_abbr,
  opponent_pace AS pace,
  defensive_rating_last_15 AS rating,
  IF(defensive_rating_last_15 IS NULL, NULL, rating_rank) AS rating_rank,
  opponent_points_per_game AS points_allowed,
  points_rank,
  CASE
    WHEN paint_pct IS NULL THEN NULL
    WHEN 3 * paint_best <= paint_clubs AND 3 * paint_worst > paint_clubs THEN 'strong'
    WHEN 3 * paint_worst <= paint_clubs AND 3 * paint_best > paint_clubs THEN 'weak'
    ELSE 'average'
  END AS paint_defense,
  CASE
    WHEN three_pct IS NULL THEN NULL
    WHEN 3 * three_best <= three_clubs AND 3 * three_worst > three_clubs THEN 'strong'
    WHEN 3 * three_worst <= three_clubs AND 3 * three_best > three_clubs THEN 'weak'
    ELSE 'average'
  END AS perimeter_defense
FROM ranked
