-- One row per graded day, prediction system, period and population: accuracy in the period up to
-- the day, beside what plain forecasts and the line achieved on the same rows.
WITH
-- Who was on court: what a forecast of points is about. Plain forecasts are compared where all of
-- them are known, so that their figures are of the same rows.
played AS (
  SELECT
    *,
    EXTRACT(YEAR FROM game_date) * 100 + EXTRACT(MONTH FROM game_date) AS month,
    line_value IS NOT NULL AS has_line,
    CASE
      WHEN points_avg_season < 8 THEN '0_8'
      WHEN points_avg_season < 15 THEN '8_15'
      WHEN points_avg_season < 22 THEN '15_22'
      WHEN points_avg_season >= 22 THEN '22_plus'
    END AS tier,
    points_avg_season IS NOT NULL
      AND points_avg_last_5 IS NOT NULL
      AND points_avg_last_10 IS NOT NULL AS has_baselines,
    0.5 * points_avg_last_5 + 0.3 * points_avg_last_10 + 0.2 * points_avg_season AS points_blend,
    predicted_points_p10 IS NOT NULL AND predicted_points_p90 IS NOT NULL AS has_interval,
    ABS(predicted_points - line_value) >= 1 AND actual_points != line_value AS is_pick
  FROM prediction_accuracy
  WHERE NOT is_voided AND minutes_played > 0
),

members AS (
  SELECT 'all' AS population, played.* FROM played
  UNION ALL
  SELECT IF(has_line, 'line_rows', 'no_line_rows'), played.* FROM played
  UNION ALL
  SELECT tier, played.* FROM played WHERE tier IS NOT NULL
),

-- Exact sums of a day; the errors of averages count in millionths of a point, since a sum of
-- floats would depend on the order of rows.
cells AS (
  SELECT
    season_year,
    month,
    game_date,
    system_id,
    population,
    COUNT(*) AS predictions,
    SUM(absolute_error) AS absolute_errors,
    SUM(signed_error) AS signed_errors,
    SUM(signed_error * signed_error) AS squared_errors,
    COUNTIF(within_3_points) AS within_3,
    COUNTIF(within_5_points) AS within_5,
    COUNTIF(has_baselines) AS baseline_rows,
    SUM(IF(has_baselines, absolute_error, 0)) AS errors_with_baselines,
    SUM(
      IF(has_baselines, CAST(ROUND(ABS(points_avg_season - actual_points) * 1e6) AS INT64), 0)
    ) AS season_errors,
    SUM(
      IF(has_baselines, CAST(ROUND(ABS(points_avg_last_10 - actual_points) * 1e6) AS INT64), 0)
    ) AS last_10_errors,
    SUM(
      IF(has_baselines, CAST(ROUND(ABS(points_avg_last_5 - actual_points) * 1e6) AS INT64), 0)
    ) AS last_5_errors,
    SUM(
      IF(has_baselines, CAST(ROUND(ABS(points_blend - actual_points) * 1e6) AS INT64), 0)
    ) AS blend_errors,
    COUNTIF(has_line) AS line_rows,
    SUM(IF(has_line, absolute_error, 0)) AS errors_with_line,
    SUM(IF(has_line, ABS(line_value - actual_points), 0)) AS line_errors,
    COUNTIF(has_line AND line_anchored_points IS NOT NULL) AS anchored_rows,
    SUM(IF(has_line, COALESCE(ABS(line_anchored_points - actual_points), 0), 0))
      AS anchored_errors,
    SUM(IF(has_line AND line_anchored_points IS NOT NULL, ABS(line_value - actual_points), 0))
      AS line_errors_beside_anchored,
    COUNTIF(is_pick) AS picks,
    COUNTIF(is_pick AND (predicted_points > line_value) = (actual_points > line_value))
      AS pick_hits,
    COUNTIF(has_interval) AS interval_rows,
    COUNTIF(
      has_interval AND actual_points BETWEEN predicted_points_p10 AND predicted_points_p90
    ) AS inside_interval,
    COUNTIF(has_interval AND actual_points < predicted_points_p10) AS below_p10,
    COUNTIF(has_interval AND actual_points < predicted_points_p90) AS below_p90,
    COUNTIF(model_type = 'trained') AS trained_rows,
    COUNTIF(model_type = 'fallback') AS fallback_rows
  FROM members
  GROUP BY season_year, month, game_date, system_id, population
),

days AS (
  SELECT DISTINCT season_year, month, game_date AS as_of_date
  FROM cells
),

periods AS (
  SELECT 'month' AS period
  UNION ALL
  SELECT 'season'
),

-- Days of cells, not rows, meet the days on or after them.
totals AS (
  SELECT
    days.season_year,
    days.as_of_date,
    c.system_id,
    periods.period,
    c.population,
    MIN(c.game_date) AS first_date,
    SUM(c.predictions) AS predictions,
    CAST(SUM(c.absolute_errors) AS FLOAT64) AS absolute_errors,
    CAST(SUM(c.signed_errors) AS FLOAT64) AS signed_errors,
    CAST(SUM(c.squared_errors) AS FLOAT64) AS squared_errors,
    SUM(c.within_3) AS within_3,
    SUM(c.within_5) AS within_5,
    SUM(c.baseline_rows) AS baseline_rows,
    CAST(SUM(c.errors_with_baselines) AS FLOAT64) AS errors_with_baselines,
    SUM(c.season_errors) / 1e6 AS season_errors,
    SUM(c.last_10_errors) / 1e6 AS last_10_errors,
    SUM(c.last_5_errors) / 1e6 AS last_5_errors,
    SUM(c.blend_errors) / 1e6 AS blend_errors,
    SUM(c.line_rows) AS line_rows,
    CAST(SUM(c.errors_with_line) AS FLOAT64) AS errors_with_line,
    CAST(SUM(c.line_errors) AS FLOAT64) AS line_errors,
    SUM(c.anchored_rows) AS anchored_rows,
    CAST(SUM(c.anchored_errors) AS FLOAT64) AS anchored_errors,
    CAST(SUM(c.line_errors_beside_anchored) AS FLOAT64) AS line_errors_beside_anchored,
    SUM(c.picks) AS picks,
    SUM(c.pick_hits) AS pick_hits,
    SUM(c.interval_rows) AS interval_rows,
    SUM(c.inside_interval) AS inside_interval,
    SUM(c.below_p10) AS below_p10,
    SUM(c.below_p90) AS below_p90,
    SUM(c.trained_rows) AS trained_rows,
    SUM(c.fallback_rows) AS fallback_rows
  FROM days
  JOIN cells AS c
    ON c.season_year = days.season_year
    AND c.game_date <= days.as_of_date
  JOIN periods
    ON periods.period = 'season' OR c.month = days.month
  GROUP BY days.season_year, days.as_of_date, c.system_id, periods.period, c.population
),

-- Wilson's 95 % interval of the hit rate: z = 1.959964, z squared = 3.841459.
rated AS (
  SELECT
    totals.*,
    SAFE_DIVIDE(pick_hits, picks) AS hit_rate,
    SAFE_DIVIDE(pick_hits + 3.841459 / 2, picks + 3.841459) AS wilson_centre,
    SAFE_DIVIDE(
      1.959964 * SQRT(SAFE_DIVIDE(pick_hits * (picks - pick_hits), picks) + 3.841459 / 4),
      picks + 3.841459
    ) AS wilson_reach
  FROM totals
)

-- + 1e-9 before rounding: a tie such as 4.12345 is not exact in binary, and the engines would
-- round it differently.
SELECT
  as_of_date,
  system_id,
  period,
  population,
  season_year,
  first_date,
  predictions,
  ROUND(absolute_errors / predictions + 1e-9, 4) AS mae,
  ROUND(SQRT(squared_errors / predictions) + 1e-9, 4) AS rmse,
  ROUND(signed_errors / predictions + SIGN(signed_errors) * 1e-9, 4) AS bias,
  ROUND(within_3 / predictions + 1e-9, 4) AS within_3_pct,
  ROUND(within_5 / predictions + 1e-9, 4) AS within_5_pct,
  baseline_rows,
  ROUND(SAFE_DIVIDE(errors_with_baselines, baseline_rows) + 1e-9, 4) AS mae_on_baseline_rows,
  ROUND(SAFE_DIVIDE(season_errors, baseline_rows) + 1e-9, 4) AS season_average_mae,
  ROUND(SAFE_DIVIDE(last_10_errors, baseline_rows) + 1e-9, 4) AS last_10_mae,
  ROUND(SAFE_DIVIDE(last_5_errors, baseline_rows) + 1e-9, 4) AS last_5_mae,
  ROUND(SAFE_DIVIDE(blend_errors, baseline_rows) + 1e-9, 4) AS blend_mae,
  line_rows,
  ROUND(SAFE_DIVIDE(errors_with_line, line_rows) + 1e-9, 4) AS mae_on_line_rows,
  ROUND(SAFE_DIVIDE(line_errors, line_rows) + 1e-9, 4) AS line_mae,
  anchored_rows,
  ROUND(SAFE_DIVIDE(anchored_errors, anchored_rows) + 1e-9, 4) AS line_anchored_mae,
  ROUND(SAFE_DIVIDE(line_errors_beside_anchored, anchored_rows) + 1e-9, 4)
    AS line_mae_on_anchored_rows,
  picks,
  pick_hits,
  ROUND(hit_rate + 1e-9, 4) AS hit_rate,
  ROUND(IF(picks > 0, wilson_centre - wilson_reach, NULL) + 1e-9, 4) AS hit_rate_low,
  ROUND(IF(picks > 0, wilson_centre + wilson_reach, NULL) + 1e-9, 4) AS hit_rate_high,
  interval_rows,
  ROUND(SAFE_DIVIDE(inside_interval, interval_rows) + 1e-9, 4) AS interval_coverage,
  ROUND(SAFE_DIVIDE(below_p10, interval_rows) + 1e-9, 4) AS below_p10_pct,
  ROUND(SAFE_DIVIDE(below_p90, interval_rows) + 1e-9, 4) AS below_p90_pct,
  trained_rows,
  fallback_rows
FROM rated
