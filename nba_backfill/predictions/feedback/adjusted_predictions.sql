-- One row per prediction: the corrections that were known before its day, each in its own column.
WITH as_of_dates AS (
  SELECT 'tier' AS component, season_year, as_of_date FROM scoring_tier_adjustments
  UNION DISTINCT
  SELECT 'player_bias' AS component, season_year, as_of_date FROM player_prediction_bias
  UNION DISTINCT
  SELECT 'context' AS component, season_year, as_of_date FROM context_error_correlations
  UNION DISTINCT
  SELECT 'confidence' AS component, season_year, as_of_date FROM confidence_calibration
  UNION DISTINCT
  SELECT 'agreement' AS component, season_year, as_of_date FROM system_agreement_patterns
),

days AS (
  SELECT DISTINCT game_date, season_year
  FROM player_prop_predictions
),

-- The newest state of each table before the day. What that state leaves out (a tier that has too
-- few games by now) is not looked up in an older one.
newest AS (
  SELECT
    d.game_date,
    MAX(IF(a.component = 'tier', a.as_of_date, NULL)) AS tier_date,
    MAX(IF(a.component = 'player_bias', a.as_of_date, NULL)) AS player_date,
    MAX(IF(a.component = 'context', a.as_of_date, NULL)) AS context_date,
    MAX(IF(a.component = 'confidence', a.as_of_date, NULL)) AS confidence_date,
    MAX(IF(a.component = 'agreement', a.as_of_date, NULL)) AS agreement_date
  FROM days AS d
  JOIN as_of_dates AS a
    ON a.season_year = d.season_year
    AND a.as_of_date < d.game_date
  GROUP BY d.game_date
),

-- A default is no season average.
season_averages AS (
  SELECT
    game_date,
    player_lookup,
    IF(
      ARRAY_TO_STRING(default_features, ' ') LIKE '%points_avg_season%', NULL, points_avg_season
    ) AS points_avg_season
  FROM ml_feature_store_v2
),

predictions AS (
  SELECT
    p.game_date,
    p.game_id,
    p.season_year,
    p.player_lookup,
    p.system_id,
    p.team_abbr,
    p.predicted_points,
    p.recommendation,
    p.confidence_score,
    t.scoring_tier,
    LEAST(DIV(CAST(p.confidence_score * 1000 AS INT64), 100) + 1, 10) AS confidence_bucket,
    l.agreement_level,
    n.tier_date,
    n.player_date,
    n.confidence_date,
    n.agreement_date
  FROM player_prop_predictions AS p
  LEFT JOIN season_averages AS s
    ON s.game_date = p.game_date
    AND s.player_lookup = p.player_lookup
  -- An unknown average is the lowest tier's.
  JOIN scoring_tiers AS t
    ON COALESCE(s.points_avg_season, 0) >= t.low
    AND COALESCE(s.points_avg_season < t.high, TRUE)
  LEFT JOIN agreement_levels AS l
    ON l.system_id = p.system_id
    AND l.low <= p.prediction_variance
    AND COALESCE(p.prediction_variance < l.high, TRUE)
  LEFT JOIN newest AS n
    ON n.game_date = p.game_date
),

-- What is not significant has an adjustment of 0.
contexts AS (
  SELECT
    n.game_date,
    c.team_abbr,
    e.system_id,
    n.context_date,
    SUM(IF(c.applies, e.recommended_adjustment, 0)) AS adjustment,
    COUNTIF(c.applies AND e.is_significant) AS significant
  FROM newest AS n
  JOIN prediction_contexts AS c
    ON c.game_date = n.game_date
  JOIN context_error_correlations AS e
    ON e.as_of_date = n.context_date
    AND e.context_feature = c.context_feature
  GROUP BY n.game_date, c.team_abbr, e.system_id, n.context_date
),

corrected AS (
  SELECT
    p.*,
    t.as_of_date AS tier_as_of_date,
    CAST(t.recommended_adjustment * t.application_factor AS NUMERIC(5, 2)) AS tier_adjustment,
    b.as_of_date AS player_bias_as_of_date,
    IF(b.adjustment_confidence > 0.5, b.adjustment_confidence, 0) AS player_weight,
    b.recommended_adjustment AS player_adjustment,
    x.context_date AS context_as_of_date,
    x.adjustment AS context_adjustment,
    x.significant AS significant_contexts,
    c.as_of_date AS confidence_as_of_date,
    c.recommended_multiplier,
    g.as_of_date AS agreement_as_of_date,
    g.confidence_multiplier AS agreement_multiplier
  FROM predictions AS p
  LEFT JOIN scoring_tier_adjustments AS t
    ON t.as_of_date = p.tier_date
    AND t.system_id = p.system_id
    AND t.scoring_tier = p.scoring_tier
  LEFT JOIN player_prediction_bias AS b
    ON b.as_of_date = p.player_date
    AND b.player_lookup = p.player_lookup
    AND b.system_id = p.system_id
  LEFT JOIN contexts AS x
    ON x.game_date = p.game_date
    AND x.team_abbr = p.team_abbr
    AND x.system_id = p.system_id
  LEFT JOIN confidence_calibration AS c
    ON c.as_of_date = p.confidence_date
    AND c.system_id = p.system_id
    AND c.confidence_bucket = p.confidence_bucket
  LEFT JOIN system_agreement_patterns AS g
    ON g.as_of_date = p.agreement_date
    AND g.system_id = p.system_id
    AND g.agreement_level = p.agreement_level
)

SELECT
  game_date,
  game_id,
  season_year,
  player_lookup,
  system_id,
  team_abbr,
  predicted_points,
  recommendation,
  confidence_score,
  scoring_tier,
  tier_as_of_date,
  tier_adjustment,
  predicted_points + tier_adjustment AS adjusted_points,
  player_bias_as_of_date,
  player_adjustment * player_weight AS player_bias_adjustment,
  context_as_of_date,
  context_adjustment,
  significant_contexts,
  confidence_as_of_date,
  LEAST(confidence_score * recommended_multiplier, 1) AS calibrated_confidence,
  agreement_level,
  agreement_as_of_date,
  agreement_multiplier
FROM corrected
