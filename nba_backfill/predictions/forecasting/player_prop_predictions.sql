-- One row per player expected to play, game day and prediction system: points forecast and pick.

-- What keeps a pick from being acted on; confidences are points of 100.
WITH settings AS (
  SELECT
    88 AS distrusted_confidence_from,
    90 AS distrusted_confidence_below,
    50 AS quality_needed,
    15 AS minutes_needed
),

-- + 1e-9 before rounding: a tie such as 0.35 is not exact in binary, and the engines would round
-- it differently.
recommended AS (
  SELECT
    p.*,
    f.system_id,
    f.confidence,
    f.model_type,
    f.model_version,
    f.fallback_reason,
    ROUND(f.points + 1e-9, 1) AS predicted_points,
    CASE
      WHEN p.line IS NULL THEN 'NO_LINE'
      WHEN f.pick > 0 THEN 'OVER'
      WHEN f.pick < 0 THEN 'UNDER'
      ELSE 'PASS'
    END AS recommendation
  FROM pool AS p
  JOIN forecasts AS f
    ON f.game_date = p.game_date
    AND f.player_lookup = p.player_lookup
  WHERE f.points IS NOT NULL
),

-- The first reason is kept; that there is no pick comes last, since it follows from the others.
filtered AS (
  SELECT
    recommended.*,
    CASE
      WHEN confidence >= settings.distrusted_confidence_from
        AND confidence < settings.distrusted_confidence_below THEN 'confidence_tier_88_90'
      WHEN fallback_reason IS NOT NULL THEN 'fallback'
      WHEN feature_quality_score < settings.quality_needed THEN 'low_quality'
      WHEN line IS NULL
        AND COALESCE(avg_minutes_per_game_last_7, 0) < settings.minutes_needed THEN 'low_minutes'
      WHEN NOT context_is_ready THEN 'incomplete_context'
      WHEN recommendation = 'NO_LINE' THEN 'no_line'
      WHEN recommendation = 'PASS' THEN 'pass'
    END AS filter_reason
  FROM recommended
  CROSS JOIN settings
)

SELECT
  TO_HEX(
    MD5(
      CONCAT(CAST(p.game_date AS STRING), '|', p.game_id, '|', p.player_lookup, '|', p.system_id)
    )
  ) AS prediction_id,
  p.system_id,
  p.player_lookup,
  p.universal_player_id,
  p.game_date,
  p.game_id,
  p.season_year,
  p.team_abbr,
  p.opponent_team_abbr,
  p.is_home,
  1 AS prediction_version,
  p.predicted_points,
  ROUND(p.confidence + 1e-9) / 100 AS confidence_score,
  p.recommendation,
  p.line IS NOT NULL AS has_prop_line,
  p.points_line AS current_points_line,
  IF(
    p.points_line IS NULL,
    NULL,
    CAST(p.predicted_points AS NUMERIC(5, 1)) - p.points_line
  ) AS line_margin,
  CASE
    WHEN p.line IS NOT NULL THEN 'ACTUAL_PROP'
    WHEN p.l10_games_used >= 3 THEN 'ESTIMATED_AVG'
    ELSE 'NEEDS_BOOTSTRAP'
  END AS line_source,
  IF(
    p.line IS NULL AND p.l10_games_used >= 3,
    ROUND(2 * CAST(COALESCE(p.context_points_5, p.context_points_10) AS FLOAT64) + 1e-9) / 2,
    NULL
  ) AS estimated_line_value,
  IF(
    p.line IS NULL AND p.l10_games_used >= 3,
    IF(p.context_points_5 IS NULL, 'points_avg_last_10', 'points_avg_last_5'),
    NULL
  ) AS estimation_method,
  CASE
    WHEN p.line_vendor = 'odds_api' THEN 'ODDS_API'
    WHEN p.line_vendor = 'bettingpros' THEN 'BETTINGPROS'
    WHEN p.l10_games_used >= 3 THEN 'ESTIMATED'
  END AS line_source_api,
  p.over_price_american,
  p.under_price_american,
  p.market_over_probability,
  UPPER(p.bookmaker) AS sportsbook,
  p.line_vendor != 'odds_api' OR p.bookmaker != 'draftkings' AS was_line_fallback,
  TIMESTAMP_DIFF(p.tip_at, p.closing_at, MINUTE) AS line_minutes_before_game,
  TRUE AS is_active,
  p.filter_reason IS NULL AS is_actionable,
  p.filter_reason,
  p.model_version,
  p.model_type,
  p.fallback_reason,
  d.predicted_points_p10,
  d.predicted_points_p90,
  d.over_probability,
  d.under_probability,
  c.predicted_points_mean,
  c.line_anchored_points,
  a.over_probability AS line_anchored_over_probability,
  a.under_probability AS line_anchored_under_probability,
  -- These two stand on all rows of a player who has a similarity row.
  s.pace_adjustment,
  s.similar_games_count,
  IF(s.system_id = p.system_id, s.similarity_baseline, NULL) AS similarity_baseline,
  IF(s.system_id = p.system_id, s.avg_similarity_score, NULL) AS avg_similarity_score,
  IF(s.system_id = p.system_id, s.min_similarity_score, NULL) AS min_similarity_score,
  IF(s.system_id = p.system_id, s.fatigue_adjustment, NULL) AS fatigue_adjustment,
  IF(s.system_id = p.system_id, s.shot_zone_adjustment, NULL) AS shot_zone_adjustment,
  IF(s.system_id = p.system_id, s.usage_spike_adjustment, NULL) AS usage_spike_adjustment,
  IF(s.system_id = p.system_id, s.home_away_adjustment, NULL) AS home_away_adjustment,
  e.prediction_variance,
  e.system_agreement_score,
  e.contributing_systems,
  UPPER(p.injury_status) AS injury_status_at_prediction,
  CASE
    WHEN p.injury_status IS NOT NULL THEN p.injury_status IN ('out', 'doubtful', 'questionable')
    WHEN p.has_report THEN FALSE
  END AS injury_flag_at_prediction,
  p.injury_reason AS injury_reason_at_prediction,
  p.reported_at AS injury_checked_at,
  p.feature_quality_score,
  p.is_production_ready,
  p.completeness_percentage,
  p.backfill_bootstrap_mode
FROM filtered AS p
-- What a system says beyond its forecast stands on its own rows.
LEFT JOIN points_distributions AS d
  ON d.game_date = p.game_date
  AND d.player_lookup = p.player_lookup
  AND d.system_id = p.system_id
  AND NOT d.is_anchored
LEFT JOIN points_distributions AS a
  ON a.game_date = p.game_date
  AND a.player_lookup = p.player_lookup
  AND a.system_id = p.system_id
  AND a.is_anchored
LEFT JOIN challenger AS c
  ON c.game_date = p.game_date
  AND c.player_lookup = p.player_lookup
  AND c.system_id = p.system_id
LEFT JOIN ensemble_v1 AS e
  ON e.game_date = p.game_date
  AND e.player_lookup = p.player_lookup
  AND e.system_id = p.system_id
LEFT JOIN similarity_balanced_v1 AS s
  ON s.game_date = p.game_date
  AND s.player_lookup = p.player_lookup
