-- One row per player with valid features: his average, moved by how weak tonight's defence is.
WITH
-- Ratings become decimals before they are summed: a sum of floats depends on their order.
league AS (
  SELECT
    analysis_date,
    SAFE_DIVIDE(
      CAST(SUM(CAST(defensive_rating_last_15 AS NUMERIC(12, 9))) AS FLOAT64),
      COUNT(defensive_rating_last_15)
    ) AS mean_rating
  FROM team_defense_zone_analysis
  GROUP BY analysis_date
),

-- How much worse than the league's the defence is, and how much each zone counts for the player.
matchups AS (
  SELECT
    p.*,
    COALESCE(p.opponent_def_rating - l.mean_rating, 0) * 0.3 AS weakness,
    CASE WHEN p.pct_paint >= 0.40 THEN 1.0 WHEN p.pct_paint >= 0.20 THEN 0.7 ELSE 0.4 END
      AS paint_weight,
    CASE WHEN p.pct_mid_range >= 0.40 THEN 1.0 WHEN p.pct_mid_range >= 0.20 THEN 0.7 ELSE 0.4 END
      AS mid_range_weight,
    CASE WHEN p.pct_three >= 0.40 THEN 1.0 WHEN p.pct_three >= 0.20 THEN 0.7 ELSE 0.4 END
      AS three_weight,
    CASE WHEN p.pct_free_throw >= 0.40 THEN 1.0 WHEN p.pct_free_throw >= 0.20 THEN 0.7 ELSE 0.4 END
      AS free_throw_weight
  FROM pool AS p
  LEFT JOIN league AS l
    ON l.analysis_date = p.game_date
  WHERE p.is_valid
),

forecasts AS (
  SELECT
    game_date,
    player_lookup,
    line,
    points_avg_season
      + LEAST(GREATEST(weakness * 1.2, -3), 3) * paint_weight
      + LEAST(GREATEST(weakness * 1.0, -3), 3) * mid_range_weight
      + LEAST(GREATEST(weakness * 1.1, -3), 3) * three_weight
      + LEAST(GREATEST(weakness * 0.8, -3), 3) * free_throw_weight
      + 0.4 * pace_score
      + IF(is_home, 0.8, -0.8)
      -- 100 is fresh, below 50 tired.
      + CASE WHEN fatigue_score < 50 THEN -1.5 WHEN fatigue_score < 70 THEN -0.8 ELSE 0.0 END
      AS forecast
  FROM matchups
),

-- As much to be trusted as the averages, which it starts from.
scores AS (
  SELECT
    f.game_date,
    f.player_lookup,
    f.line,
    ROUND(LEAST(GREATEST(f.forecast, 0), 60), 9) AS points,
    averages.confidence
  FROM forecasts AS f
  JOIN moving_average_baseline_v1 AS averages
    ON averages.game_date = f.game_date
    AND averages.player_lookup = f.player_lookup
)

SELECT
  game_date,
  player_lookup,
  'zone_matchup_v1' AS system_id,
  points,
  confidence,
  -- Needs more than its edge and confidence, not just as much.
  CASE
    WHEN confidence <= 45 THEN 0
    WHEN ROUND(points - line, 9) > 2 THEN 1
    WHEN ROUND(points - line, 9) < -2 THEN -1
    ELSE 0
  END AS pick,
  'rule' AS model_type,
  'rule-1' AS model_version,
  CAST(NULL AS STRING) AS fallback_reason
FROM scores
