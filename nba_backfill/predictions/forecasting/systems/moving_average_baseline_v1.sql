-- One row per player with valid features: his averages, the newest games weighing most.
WITH forecasts AS (
  SELECT
    game_date,
    player_lookup,
    line,
    0.5 * points_avg_last_5 + 0.3 * points_avg_last_10 + 0.2 * points_avg_season
      -- 100 is fresh, below 50 tired.
      + CASE WHEN fatigue_score < 50 THEN -2.5 WHEN fatigue_score < 70 THEN -1.0 ELSE 0.0 END
      + 0.3 * shot_zone_mismatch_score
      + IF(back_to_back = 1, -1.5, 0.0)
      + 0.3 * pace_score
      + IF(is_home, 0.5, -0.5)
      + 0.4 * usage_spike_score AS forecast,
    50
      - CASE WHEN points_std_last_10 > 6 THEN 15 WHEN points_std_last_10 > 4 THEN 8 ELSE 0 END
      + CASE
        WHEN games_in_last_7_days >= 3 THEN 10
        WHEN games_in_last_7_days = 2 THEN 5
        ELSE -10
      END AS trust
  FROM pool
  WHERE is_valid
),

scores AS (
  SELECT
    forecasts.*,
    ROUND(LEAST(GREATEST(forecast, 0), 60), 9) AS points,
    LEAST(GREATEST(trust, 20), 80) AS confidence
  FROM forecasts
)

SELECT
  game_date,
  player_lookup,
  'moving_average_baseline_v1' AS system_id,
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
