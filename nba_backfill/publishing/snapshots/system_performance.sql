-- One row per as-of date, system and period, and per date one without system that tells the date.
WITH as_of AS (
  SELECT DISTINCT game_date AS as_of_date, season_year
  FROM games
  WHERE game_date BETWEEN @start_date AND @end_date
),

periods AS (
  SELECT 'last_7_days' AS period
  UNION ALL
  SELECT 'last_30_days'
  UNION ALL
  SELECT 'season'
  UNION ALL
  SELECT 'all_time'
),

-- A day's means are rounded: over a season that would move the second digit, so errors are summed.
errors AS (
  SELECT
    game_date,
    system_id,
    SUM(absolute_error) AS absolute_errors,
    SUM(signed_error) AS signed_errors
  FROM prediction_accuracy
  WHERE NOT is_voided
  GROUP BY game_date, system_id
),

days AS (
  SELECT
    performance.game_date,
    performance.season_year,
    performance.system_id,
    performance.predictions_count,
    performance.recommendations_count,
    performance.correct_count,
    performance.incorrect_count,
    performance.within_3_count,
    performance.within_5_count,
    errors.absolute_errors,
    errors.signed_errors
  FROM system_daily_performance AS performance
  LEFT JOIN errors
    ON errors.game_date = performance.game_date
    AND errors.system_id = performance.system_id
),

sums AS (
  SELECT
    as_of.as_of_date,
    days.system_id,
    periods.period,
    SUM(days.predictions_count) AS predictions,
    SUM(days.recommendations_count) AS recommendations,
    SUM(days.correct_count) AS correct,
    SUM(days.incorrect_count) AS incorrect,
    SUM(days.within_3_count) AS within_3,
    SUM(days.within_5_count) AS within_5,
    SUM(days.absolute_errors) AS absolute_errors,
    SUM(days.signed_errors) AS signed_errors
  FROM as_of
  CROSS JOIN periods
  INNER JOIN days
    ON DATE_DIFF(as_of.as_of_date, days.game_date, DAY)
      BETWEEN 0 AND @system_daily_performance_days
    AND CASE periods.period
      WHEN 'last_7_days' THEN DATE_DIFF(as_of.as_of_date, days.game_date, DAY) < 7
      WHEN 'last_30_days' THEN DATE_DIFF(as_of.as_of_date, days.game_date, DAY) < 30
      WHEN 'season' THEN days.season_year = as_of.season_year
      ELSE TRUE
    END
  GROUP BY as_of.as_of_date, days.system_id, periods.period
),

-- Picks of the season that were decided: a push is neither right nor wrong.
sides AS (
  SELECT
    as_of.as_of_date,
    graded.system_id,
    COUNTIF(graded.recommendation = 'OVER') AS over_decided,
    COUNTIF(graded.recommendation = 'OVER' AND graded.prediction_correct) AS over_right,
    COUNTIF(graded.recommendation = 'UNDER') AS under_decided,
    COUNTIF(graded.recommendation = 'UNDER' AND graded.prediction_correct) AS under_right,
    COUNTIF(graded.confidence_score >= 0.70) AS confident_decided,
    COUNTIF(graded.confidence_score >= 0.70 AND graded.prediction_correct) AS confident_right
  FROM as_of
  INNER JOIN prediction_accuracy AS graded
    ON graded.season_year = as_of.season_year
    AND graded.game_date <= as_of.as_of_date
  WHERE graded.recommendation IN ('OVER', 'UNDER')
    AND graded.prediction_correct IS NOT NULL
    AND NOT graded.is_voided
  GROUP BY as_of.as_of_date, graded.system_id
)

SELECT
  as_of.as_of_date,
  sums.system_id,
  sums.system_id = champion.system_id AS is_primary,
  sums.period,
  sums.predictions,
  sums.recommendations,
  sums.correct,
  sums.incorrect,
  sums.within_3,
  sums.within_5,
  sums.absolute_errors,
  sums.signed_errors,
  sides.over_decided,
  sides.over_right,
  sides.under_decided,
  sides.under_right,
  sides.confident_decided,
  sides.confident_right,
  evaluated.line_rows,
  evaluated.mae_on_line_rows,
  evaluated.picks,
  evaluated.hit_rate
FROM as_of
CROSS JOIN champion
LEFT JOIN sums ON sums.as_of_date = as_of.as_of_date
LEFT JOIN sides
  ON sides.as_of_date = sums.as_of_date
  AND sides.system_id = sums.system_id
LEFT JOIN evaluated ON evaluated.as_of_date = as_of.as_of_date
