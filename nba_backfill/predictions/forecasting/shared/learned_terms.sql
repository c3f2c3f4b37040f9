-- One row per player of the pool: what stands in for a model, and what the trust in one rests on.
WITH known AS (
  SELECT pool.*, ARRAY_TO_STRING(default_features, ' ') AS defaults
  FROM pool
)

SELECT
  game_date,
  player_lookup,
  line,
  is_valid,
  -- An average that is unknown (the feature's default) leaves its weight to the season's.
  0.40 * IF(defaults LIKE '%points_avg_last_5%', points_avg_season, points_avg_last_5)
    + 0.35 * IF(defaults LIKE '%points_avg_last_10%', points_avg_season, points_avg_last_10)
    + 0.25 * points_avg_season AS fallback_points,
  CASE
    WHEN points_std_last_10 < 4 THEN 10
    WHEN points_std_last_10 < 6 THEN 7
    WHEN points_std_last_10 < 8 THEN 5
    ELSE 2
  END AS steadiness,
  CASE
    WHEN feature_quality_score >= 90 THEN 10
    WHEN feature_quality_score >= 80 THEN 7
    WHEN feature_quality_score >= 70 THEN 5
    WHEN feature_quality_score >= 60 THEN 2
    ELSE 0
  END AS quality
FROM known
