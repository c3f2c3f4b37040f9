-- One row per game day, system and circumstance: errors of 365 days with it and without it.
WITH as_of AS (
  SELECT DISTINCT game_date AS as_of_date, season_year
  FROM games
),

-- Errors in tenths: whole numbers, so that no sum depends on the order of rows.
graded AS (
  SELECT game_date, system_id, team_abbr, CAST(signed_error * 10 AS INT64) AS error
  FROM prediction_accuracy
  WHERE NOT is_voided
),

by_team AS (
  SELECT
    game_date,
    system_id,
    team_abbr,
    COUNT(*) AS predictions,
    SUM(error) AS errors,
    SUM(ABS(error)) AS absolute_errors,
    SUM(error * error) AS squared_errors
  FROM graded
  GROUP BY game_date, system_id, team_abbr
),

by_day AS (
  SELECT
    t.game_date,
    t.system_id,
    c.context_feature,
    SUM(IF(c.applies, t.predictions, 0)) AS n_with,
    SUM(IF(c.applies, 0, t.predictions)) AS n_without,
    SUM(IF(c.applies, t.errors, 0)) AS errors_with,
    SUM(IF(c.applies, 0, t.errors)) AS errors_without,
    SUM(IF(c.applies, t.absolute_errors, 0)) AS absolute_with,
    SUM(IF(c.applies, 0, t.absolute_errors)) AS absolute_without,
    SUM(IF(c.applies, t.squared_errors, 0)) AS squared_with,
    SUM(IF(c.applies, 0, t.squared_errors)) AS squared_without
  FROM by_team AS t
  JOIN prediction_contexts AS c
    ON c.game_date = t.game_date
    AND c.team_abbr = t.team_abbr
  GROUP BY t.game_date, t.system_id, c.context_feature
),

samples AS (
  SELECT
    a.as_of_date,
    a.season_year,
    d.system_id,
    d.context_feature,
    MAX(d.game_date) AS last_game_date,
    SUM(d.n_with) AS n_with,
    SUM(d.n_without) AS n_without,
    SUM(d.errors_with) AS errors_with,
    SUM(d.errors_without) AS errors_without,
    SUM(d.absolute_with) AS absolute_with,
    SUM(d.absolute_without) AS absolute_without,
    SUM(d.squared_with) AS squared_with,
    SUM(d.squared_without) AS squared_without
  FROM as_of AS a
  JOIN by_day AS d
    ON DATE_DIFF(a.as_of_date, d.game_date, DAY) BETWEEN 0 AND @prediction_accuracy_days
  GROUP BY a.as_of_date, a.season_year, d.system_id, d.context_feature
),

-- In points from here. The variance of a mean is the sample's (n - 1) divided by n.
means AS (
  SELECT
    samples.*,
    SAFE_DIVIDE(absolute_with, 10 * n_with) AS mae_with,
    SAFE_DIVIDE(absolute_without, 10 * n_without) AS mae_without,
    SAFE_DIVIDE(errors_with, 10 * n_with) AS bias_with,
    SAFE_DIVIDE(errors_without, 10 * n_without) AS bias_without,
    SAFE_DIVIDE(n_with * squared_with - errors_with * errors_with, n_with * (n_with - 1))
      / (100 * GREATEST(n_with, 1)) AS variance_with,
    SAFE_DIVIDE(
      n_without * squared_without - errors_without * errors_without, n_without * (n_without - 1)
    ) / (100 * GREATEST(n_without, 1)) AS variance_without
  FROM samples
),

tests AS (
  SELECT
    means.*,
    SAFE_DIVIDE(bias_with - bias_without, SQRT(variance_with + variance_without)) AS t_statistic
  FROM means
),

verdicts AS (
  SELECT
    tests.*,
    n_with >= 100 AND n_without >= 100 AND COALESCE(ABS(t_statistic) > 3.189, FALSE)
      AS is_significant
  FROM tests
)

SELECT
  as_of_date,
  season_year,
  system_id,
  context_feature,
  last_game_date,
  n_with AS sample_size_with_context,
  n_without AS sample_size_without_context,
  mae_with AS mae_with_context,
  mae_without AS mae_without_context,
  mae_with - mae_without AS mae_difference,
  bias_with AS bias_with_context,
  bias_without AS bias_without_context,
  t_statistic,
  is_significant,
  IF(is_significant, bias_without - bias_with, 0) AS recommended_adjustment
FROM verdicts
