-- One row per player with 5 similar games: what he scored in them, moved by tonight's conditions.
WITH terms AS (
  SELECT
    p.game_date,
    p.player_lookup,
    p.line,
    s.* EXCEPT (game_date, player_lookup),
    -- 100 is fresh.
    (p.fatigue_score - 70) * 0.015 AS fatigue,
    0.4 * p.shot_zone_mismatch_score AS zones,
    0.8 * p.pace_score AS pace,
    0.8 * p.usage_spike_score AS usage,
    IF(p.is_home, 0.8, -0.5) AS venue,
    50
      + CASE
        WHEN s.games >= 15 THEN 20
        WHEN s.games >= 10 THEN 15
        WHEN s.games >= 7 THEN 10
        WHEN s.games >= 5 THEN -15
      END
      + CASE WHEN s.mean_similarity >= 85 THEN 20 WHEN s.mean_similarity >= 75 THEN 15 ELSE 10 END
      + CASE
        WHEN s.points_variance < 16 THEN 15
        WHEN s.points_variance < 36 THEN 8
        WHEN s.points_variance < 64 THEN 3
        ELSE -5
      END AS trust
  FROM pool AS p
  JOIN similar_games AS s
    ON s.game_date = p.game_date
    AND s.player_lookup = p.player_lookup
),

scores AS (
  SELECT
    terms.*,
    ROUND(LEAST(GREATEST(mean_points + fatigue + zones + pace + usage + venue, 0), 60), 9)
      AS points,
    LEAST(GREATEST(trust, 0), 100) AS confidence
  FROM terms
)

-- SIGN, because what is rounded may be below zero: see player_prop_predictions.sql.
SELECT
  game_date,
  player_lookup,
  'similarity_balanced_v1' AS system_id,
  points,
  confidence,
  CASE
    WHEN confidence < 65 THEN 0
    WHEN ROUND(points - line, 9) >= 2 THEN 1
    WHEN ROUND(points - line, 9) <= -2 THEN -1
    ELSE 0
  END AS pick,
  'rule' AS model_type,
  'rule-1' AS model_version,
  CAST(NULL AS STRING) AS fallback_reason,
  games AS similar_games_count,
  ROUND(mean_points + 1e-9, 2) AS similarity_baseline,
  ROUND(mean_similarity + 1e-9, 2) AS avg_similarity_score,
  lowest_similarity AS min_similarity_score,
  ROUND(pace + SIGN(pace) * 1e-9, 2) AS pace_adjustment,
  ROUND(fatigue + SIGN(fatigue) * 1e-9, 2) AS fatigue_adjustment,
  ROUND(zones + SIGN(zones) * 1e-9, 2) AS shot_zone_adjustment,
  ROUND(usage + SIGN(usage) * 1e-9, 2) AS usage_spike_adjustment,
  venue AS home_away_adjustment
FROM scores
