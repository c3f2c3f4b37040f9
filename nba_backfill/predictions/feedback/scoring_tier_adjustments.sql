-- One row per game day, system and scoring tier: by how much its forecasts of 30 days were off.
WITH as_of AS (
  SELECT DISTINCT game_date AS as_of_date, season_year
  FROM games
),

-- Points and lines in tenths: whole numbers, so that no sum depends on the order of rows.
graded AS (
  SELECT
    p.game_date,
    p.system_id,
    t.scoring_tier,
    CAST(p.signed_error * 10 AS INT64) AS error,
    p.prediction_correct,
    CAST(p.predicted_margin * 10 AS INT64) AS margin,
    p.actual_margin > 0 AS went_over
  FROM prediction_accuracy AS p
  -- An unknown average is the lowest tier's.
  JOIN scoring_tiers AS t
    ON COALESCE(p.points_avg_season, 0) >= t.low
    AND COALESCE(p.points_avg_season < t.high, TRUE)
  WHERE NOT p.is_voided
),

by_day AS (
  SELECT
    game_date,
    system_id,
    scoring_tier,
    COUNT(*) AS predictions,
    SUM(error) AS errors,
    SUM(ABS(error)) AS absolute_errors,
    SUM(error * error) AS squared_errors,
    COUNTIF(prediction_correct) AS correct,
    COUNT(prediction_correct) AS picks
  FROM graded
  GROUP BY game_date, system_id, scoring_tier
),

samples AS (
  SELECT
    a.as_of_date,
    a.season_year,
    d.system_id,
    d.scoring_tier,
    MAX(d.game_date) AS last_game_date,
    SUM(d.predictions) AS n,
    SUM(d.errors) AS errors,
    SUM(d.absolute_errors) AS absolute_errors,
    SUM(d.squared_errors) AS squared_errors,
    SUM(d.correct) AS correct,
    SUM(d.picks) AS picks
  FROM as_of AS a
  JOIN by_day AS d
    ON DATE_DIFF(a.as_of_date, d.game_date, DAY) BETWEEN 0 AND @prediction_accuracy_days
  GROUP BY a.as_of_date, a.season_year, d.system_id, d.scoring_tier
  HAVING SUM(d.predictions) >= 20
),

adjustments AS (
  SELECT
    s.*,
    t.low,
    t.high,
    t.percent_applied,
    SQRT(GREATEST(n * squared_errors - errors * errors, 0) / (n * (n - 1))) / 10 AS std,
    CAST(-errors / (10 * n) AS NUMERIC(5, 2)) AS recommended_adjustment
  FROM samples AS s
  JOIN scoring_tiers AS t
    ON t.scoring_tier = s.scoring_tier
),

-- The picks of a sample again, with the forecasts moved; in ten-thousandths of a point.
moved_picks AS (
  SELECT
    a.as_of_date,
    a.system_id,
    a.scoring_tier,
    g.went_over,
    g.margin * 1000 + CAST(a.recommended_adjustment * 100 AS INT64) * a.percent_applied AS margin
  FROM adjustments AS a
  JOIN graded AS g
    ON g.system_id = a.system_id
    AND g.scoring_tier = a.scoring_tier
    AND DATE_DIFF(a.as_of_date, g.game_date, DAY) BETWEEN 0 AND @prediction_accuracy_days
  WHERE g.prediction_correct IS NOT NULL
),

projected AS (
  SELECT
    as_of_date,
    system_id,
    scoring_tier,
    COUNTIF((margin > 0) = went_over) AS correct,
    COUNT(*) AS picks
  FROM moved_picks
  WHERE margin != 0
  GROUP BY as_of_date, system_id, scoring_tier
)

SELECT
  a.as_of_date,
  a.season_year,
  a.system_id,
  a.scoring_tier,
  a.low AS tier_min_points,
  a.high AS tier_max_points,
  @prediction_accuracy_days + 1 AS lookback_days,
  a.last_game_date,
  a.n AS sample_size,
  a.errors / (10 * a.n) AS avg_signed_error,
  a.absolute_errors / (10 * a.n) AS avg_absolute_error,
  a.std AS std_signed_error,
  a.recommended_adjustment,
  LEAST(1, a.n / 100) * GREATEST(0.3, 1 - a.std / 20) AS adjustment_confidence,
  a.percent_applied / 100 AS application_factor,
  SAFE_DIVIDE(a.correct, a.picks) AS current_win_rate,
  SAFE_DIVIDE(p.correct, p.picks) AS projected_win_rate,
  'v1.0' AS model_version
FROM adjustments AS a
LEFT JOIN projected AS p
  ON p.as_of_date = a.as_of_date
  AND p.system_id = a.system_id
  AND p.scoring_tier = a.scoring_tier
