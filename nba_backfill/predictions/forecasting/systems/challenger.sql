-- One row per player of the pool: what the challenger forecasts, or the fallback.
WITH scores AS (
  SELECT
    t.game_date,
    t.player_lookup,
    t.line,
    f.predicted_points IS NOT NULL AS is_trained,
    ROUND(LEAST(GREATEST(COALESCE(f.predicted_points, t.fallback_points), 0), 60), 9) AS points,
    IF(f.predicted_points IS NULL, 50, 75 + t.steadiness + GREATEST(t.quality, 2)) AS confidence,
    f.model_version,
    IF(t.is_valid, COALESCE(f.fallback_reason, 'artefact_missing'), 'invalid_features') AS lacks,
    f.predicted_points_mean
  FROM learned_terms AS t
  LEFT JOIN point_forecasts AS f
    ON f.game_date = t.game_date
    AND f.player_lookup = t.player_lookup
    AND f.model_id = 'challenger'
    AND t.is_valid
)

SELECT
  game_date,
  player_lookup,
  'challenger' AS system_id,
  points,
  confidence,
  CASE
    WHEN NOT is_trained OR confidence < 60 THEN 0
    WHEN ROUND(points - line, 9) >= 1 THEN 1
    WHEN ROUND(points - line, 9) <= -1 THEN -1
    ELSE 0
  END AS pick,
  IF(is_trained, 'trained', 'fallback') AS model_type,
  IF(is_trained, model_version, 'fallback-1') AS model_version,
  IF(is_trained, NULL, lacks) AS fallback_reason,
  ROUND(predicted_points_mean + 1e-9, 1) AS predicted_points_mean,
  ROUND(line + 0.15 * (points - line) + 1e-9, 2) AS line_anchored_points
FROM scores
