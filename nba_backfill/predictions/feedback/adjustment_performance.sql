-- One row per game day, system and correction: errors of its predictions of 30 days with it and raw.
WITH as_of AS (
  SELECT DISTINCT game_date AS as_of_date, season_year
  FROM games
),

-- In hundredths of a point: whole numbers, so that no sum depends on the order of rows.
graded AS (
  SELECT
    g.game_date,
    g.system_id,
    CAST(g.signed_error * 100 AS INT64) AS error,
    CAST(a.tier_adjustment * 100 AS INT64) AS tier,
    CAST(a.player_bias_adjustment * 100 AS INT64) AS player_bias,
    CAST(a.context_adjustment * 100 AS INT64) AS context
  FROM prediction_accuracy AS g
  JOIN adjusted_predictions AS a
    ON a.game_date = g.game_date
    AND a.game_id = g.game_id
    AND a.player_lookup = g.player_lookup
    AND a.system_id = g.system_id
  WHERE NOT g.is_voided
),

corrected AS (
  SELECT game_date, system_id, 'tier' AS correction, error, error + tier AS corrected_error
  FROM graded
  UNION ALL
  SELECT
    game_date, system_id, 'player_bias' AS correction, error,
    error + player_bias AS corrected_error
  FROM graded
  UNION ALL
  SELECT game_date, system_id, 'context' AS correction, error, error + context AS corrected_error
  FROM graded
  UNION ALL
  SELECT
    game_date, system_id, 'combined' AS correction, error,
    IF(
      COALESCE(tier, player_bias, context) IS NULL,
      NULL,
      error + COALESCE(tier, 0) + COALESCE(player_bias, 0) + COALESCE(context, 0)
    ) AS corrected_error
  FROM graded
),

by_day AS (
  SELECT
    game_date,
    system_id,
    correction,
    COUNT(*) AS n,
    SUM(error) AS errors,
    SUM(ABS(error)) AS absolute_errors,
    SUM(corrected_error) AS corrected_errors,
    SUM(ABS(corrected_error)) AS absolute_corrected_errors
  FROM corrected
  WHERE corrected_error IS NOT NULL
  GROUP BY game_date, system_id, correction
),

samples AS (
  SELECT
    a.as_of_date,
    a.season_year,
    d.system_id,
    d.correction,
    MAX(d.game_date) AS last_game_date,
    SUM(d.n) AS n,
    SUM(d.errors) AS errors,
    SUM(d.absolute_errors) AS absolute_errors,
    SUM(d.corrected_errors) AS corrected_errors,
    SUM(d.absolute_corrected_errors) AS absolute_corrected_errors
  FROM as_of AS a
  JOIN by_day AS d
    ON DATE_DIFF(a.as_of_date, d.game_date, DAY) BETWEEN 0 AND @prediction_accuracy_days
  GROUP BY a.as_of_date, a.season_year, d.system_id, d.correction
)

SELECT
  as_of_date,
  season_year,
  system_id,
  correction,
  last_game_date,
  n AS sample_size,
  absolute_errors / (100 * n) AS raw_mae,
  absolute_corrected_errors / (100 * n) AS adjusted_mae,
  (absolute_corrected_errors - absolute_errors) / (100 * n) AS mae_difference,
  errors / (100 * n) AS raw_bias,
  corrected_errors / (100 * n) AS adjusted_bias
FROM samples
