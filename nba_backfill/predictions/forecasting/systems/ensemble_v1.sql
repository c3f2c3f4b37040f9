-- One row per player with valid features: three or four systems blended, weighed by confidence.

-- The averages, the zones, the similar games where there are enough, and one learned system, the
-- champion where it is trained. Invalid features leave only a fallback, which is no blend.
WITH members AS (
  SELECT
    p.game_date,
    p.player_lookup,
    p.line,
    averages.points AS average_points,
    averages.confidence AS average_confidence,
    averages.pick AS average_pick,
    zones.points AS zone_points,
    zones.confidence AS zone_confidence,
    zones.pick AS zone_pick,
    similar.points AS similar_points,
    similar.confidence AS similar_confidence,
    similar.pick AS similar_pick,
    IF(champion.model_type = 'trained', champion.points, other.points) AS learned_points,
    IF(champion.model_type = 'trained', champion.confidence, other.confidence)
      AS learned_confidence,
    IF(champion.model_type = 'trained', champion.pick, other.pick) AS learned_pick,
    IF(champion.model_type = 'trained', champion.model_version, other.model_version)
      AS learned_version,
    IF(similar.points IS NULL, 3, 4) AS n
  FROM pool AS p
  JOIN moving_average_baseline_v1 AS averages
    ON averages.game_date = p.game_date
    AND averages.player_lookup = p.player_lookup
  JOIN zone_matchup_v1 AS zones
    ON zones.game_date = p.game_date
    AND zones.player_lookup = p.player_lookup
  LEFT JOIN similarity_balanced_v1 AS similar
    ON similar.game_date = p.game_date
    AND similar.player_lookup = p.player_lookup
  JOIN catboost_v8 AS champion
    ON champion.game_date = p.game_date
    AND champion.player_lookup = p.player_lookup
  JOIN xgboost_v1 AS other
    ON other.game_date = p.game_date
    AND other.player_lookup = p.player_lookup
),

blends AS (
  SELECT
    members.*,
    (average_points + zone_points + learned_points + COALESCE(similar_points, 0)) / n AS mean,
    average_points * average_confidence + zone_points * zone_confidence
      + learned_points * learned_confidence
      + COALESCE(similar_points * similar_confidence, 0) AS weighted_points,
    average_confidence + zone_confidence + learned_confidence
      + IF(similar_points IS NULL, 0, similar_confidence) AS weights,
    IF(average_pick = 1, 1, 0) + IF(zone_pick = 1, 1, 0) + IF(learned_pick = 1, 1, 0)
      + IF(similar_pick = 1, 1, 0) AS overs,
    IF(average_pick = -1, 1, 0) + IF(zone_pick = -1, 1, 0) + IF(learned_pick = -1, 1, 0)
      + IF(similar_pick = -1, 1, 0) AS unders
  FROM members
),

disagreements AS (
  SELECT
    blends.*,
    ROUND(weighted_points / weights, 9) AS points,
    ROUND(
      (
        (average_points - mean) * (average_points - mean)
        + (zone_points - mean) * (zone_points - mean)
        + (learned_points - mean) * (learned_points - mean)
        + COALESCE((similar_points - mean) * (similar_points - mean), 0)
      ) / n, 9
    ) AS variance
  FROM blends
),

scores AS (
  SELECT
    disagreements.*,
    LEAST(GREATEST(
      weights / n
      + CASE
        WHEN variance < 4 THEN 10
        WHEN variance < 9 THEN 5
        WHEN variance < 36 THEN -5
        ELSE -10
      END
      + IF(n = 4, 5, 0), 20), 95) AS confidence,
    CASE
      WHEN variance < 4 THEN 95.0
      WHEN variance < 9 THEN 85.0
      WHEN variance < 36 THEN 70.0
      ELSE GREATEST(50.0, 100 - 5 * SQRT(variance))
    END AS agreement
  FROM disagreements
)

SELECT
  game_date,
  player_lookup,
  'ensemble_v1' AS system_id,
  points,
  confidence,
  -- A majority of the members decides, but not against the blend's own edge.
  CASE
    WHEN confidence < 65 OR ABS(ROUND(points - line, 9)) < 1.5 THEN 0
    WHEN 2 * overs > n THEN IF(points > line, 1, 0)
    WHEN 2 * unders > n THEN IF(points < line, -1, 0)
    WHEN points > line THEN 1
    WHEN points < line THEN -1
    ELSE 0
  END AS pick,
  'rule' AS model_type,
  CONCAT('rule-1 with ', learned_version) AS model_version,
  CAST(NULL AS STRING) AS fallback_reason,
  variance AS prediction_variance,
  ROUND(agreement + 1e-9, 2) AS system_agreement_score,
  n AS contributing_systems
FROM scores
