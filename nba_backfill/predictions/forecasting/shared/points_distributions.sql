-- One row per player, trained system with an interval and centre: it, and the chances at the line.

-- His points are taken to be two halves of normal distributions that meet at the median: the lower
-- half as wide as puts a tenth below the interval, the upper half likewise. Points are whole, so a
-- half counts as at least half a point wide. The median is the forecast, and a second time, where
-- there is one, the forecast drawn to the line.
WITH centres AS (
  SELECT game_date, player_lookup, system_id, FALSE AS is_anchored, points AS median
  FROM forecasts
  UNION ALL
  SELECT game_date, player_lookup, system_id, TRUE, line_anchored_points
  FROM challenger
  WHERE line_anchored_points IS NOT NULL
),

widths AS (
  SELECT
    f.game_date,
    f.player_lookup,
    f.system_id,
    c.is_anchored,
    c.median,
    q.predicted_points_p10 AS p10,
    q.predicted_points_p90 AS p90,
    GREATEST(f.points - q.predicted_points_p10, 0.5) / 1.2815515655446004 AS below,
    GREATEST(q.predicted_points_p90 - f.points, 0.5) / 1.2815515655446004 AS above,
    -- More than a line of 20 is 21, which begins at 20.5, as it does for a line of 20.5; less than
    -- 20 ends at 19.5. What lies between the two is the push.
    FLOOR(p.line) + 0.5 AS over_from,
    CEIL(p.line) - 0.5 AS under_to
  FROM forecasts AS f
  JOIN centres AS c
    ON c.game_date = f.game_date
    AND c.player_lookup = f.player_lookup
    AND c.system_id = f.system_id
  JOIN point_forecasts AS q
    ON q.game_date = f.game_date
    AND q.player_lookup = f.player_lookup
    AND q.model_id = f.system_id
  JOIN pool AS p
    ON p.game_date = f.game_date
    AND p.player_lookup = f.player_lookup
  WHERE f.model_type = 'trained'
    AND q.predicted_points_p10 IS NOT NULL
    AND q.predicted_points_p90 IS NOT NULL
),

standardised AS (
  SELECT
    widths.*,
    (over_from - median) / IF(over_from < median, below, above) AS over_z,
    (under_to - median) / IF(under_to < median, below, above) AS under_z
  FROM widths
)

-- SQL knows no normal distribution. This form of it (Bowling et al. 2009, A logistic approximation
-- to the cumulative normal distribution) is nowhere more than 0.00014 off.
SELECT
  game_date,
  player_lookup,
  system_id,
  is_anchored,
  -- Points are whole: to one decimal, one end in ten would be drawn onto a score it does not hold.
  ROUND(p10 + 1e-9, 2) AS predicted_points_p10,
  ROUND(p90 + 1e-9, 2) AS predicted_points_p90,
  ROUND(1 / (1 + EXP(1.5976 * over_z + 0.07056 * over_z * over_z * over_z)) + 1e-9, 6)
    AS over_probability,
  ROUND(1 / (1 + EXP(-1.5976 * under_z - 0.07056 * under_z * under_z * under_z)) + 1e-9, 6)
    AS under_probability
FROM standardised
