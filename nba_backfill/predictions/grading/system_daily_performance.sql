-- One row per graded day and prediction system: its record of that day, voids set apart.
WITH counted AS (
  SELECT
    game_date,
    system_id,
    MIN(season_year) AS season_year,
    COUNTIF(NOT is_voided) AS predictions_count,
    COUNTIF(is_voided) AS voided_count,
    COUNTIF(NOT is_voided AND recommendation IN ('OVER', 'UNDER')) AS recommendations_count,
    COUNTIF(prediction_correct) AS correct_count,
    COUNTIF(NOT prediction_correct) AS incorrect_count,
    COUNTIF(
      NOT is_voided AND recommendation IN ('OVER', 'UNDER') AND actual_points = line_value
    ) AS push_count,
    COUNTIF(NOT is_voided AND recommendation = 'PASS') AS pass_count,
    COUNTIF(NOT is_voided AND recommendation = 'NO_LINE') AS no_line_count,
    COUNTIF(NOT is_voided AND recommendation = 'OVER') AS over_count,
    COUNTIF(recommendation = 'OVER' AND prediction_correct) AS over_correct,
    COUNTIF(recommendation = 'OVER' AND NOT prediction_correct) AS over_incorrect,
    COUNTIF(NOT is_voided AND recommendation = 'UNDER') AS under_count,
    COUNTIF(recommendation = 'UNDER' AND prediction_correct) AS under_correct,
    COUNTIF(recommendation = 'UNDER' AND NOT prediction_correct) AS under_incorrect,
    COUNTIF(within_3_points) AS within_3_count,
    COUNTIF(within_5_points) AS within_5_count,
    -- Exact sums, divided last: the order of rows must not show in the digits.
    CAST(SUM(absolute_error) AS FLOAT64) AS absolute_errors,
    CAST(SUM(signed_error) AS FLOAT64) AS signed_errors,
    CAST(SUM(signed_error * signed_error) AS FLOAT64) AS squared_errors,
    CAST(SUM(IF(is_voided, NULL, confidence_score)) AS FLOAT64) AS confidences,
    COUNTIF(
      NOT is_voided AND recommendation IN ('OVER', 'UNDER') AND confidence_score * 100 >= 70
    ) AS high_confidence_count,
    COUNTIF(confidence_score * 100 >= 70 AND prediction_correct) AS high_confidence_correct,
    COUNTIF(confidence_score * 100 >= 70 AND NOT prediction_correct) AS high_confidence_incorrect
  FROM prediction_accuracy
  GROUP BY game_date, system_id
)

-- + 1e-9 before rounding: a tie such as 0.5125 is not exact in binary, and the engines would
-- round it differently.
SELECT
  game_date,
  system_id,
  season_year,
  predictions_count,
  voided_count,
  recommendations_count,
  correct_count,
  incorrect_count,
  push_count,
  pass_count,
  no_line_count,
  ROUND(SAFE_DIVIDE(correct_count, correct_count + incorrect_count) + 1e-9, 3) AS win_rate,
  ROUND(SAFE_DIVIDE(absolute_errors, predictions_count) + 1e-9, 2) AS mae,
  ROUND(
    SAFE_DIVIDE(signed_errors, predictions_count) + SIGN(signed_errors) * 1e-9, 2
  ) AS avg_bias,
  ROUND(SQRT(SAFE_DIVIDE(squared_errors, predictions_count)) + 1e-9, 2) AS rmse,
  over_count,
  over_correct,
  ROUND(SAFE_DIVIDE(over_correct, over_correct + over_incorrect) + 1e-9, 3) AS over_win_rate,
  under_count,
  under_correct,
  ROUND(SAFE_DIVIDE(under_correct, under_correct + under_incorrect) + 1e-9, 3)
    AS under_win_rate,
  within_3_count,
  ROUND(SAFE_DIVIDE(within_3_count, predictions_count) + 1e-9, 3) AS within_3_pct,
  within_5_count,
  ROUND(SAFE_DIVIDE(within_5_count, predictions_count) + 1e-9, 3) AS within_5_pct,
  ROUND(SAFE_DIVIDE(confidences, predictions_count) + 1e-9, 3) AS avg_confidence,
  high_confidence_count,
  high_confidence_correct,
  ROUND(
    SAFE_DIVIDE(
      high_confidence_correct, high_confidence_correct + high_confidence_incorrect
    ) + 1e-9,
    3
  ) AS high_confidence_win_rate
FROM counted
