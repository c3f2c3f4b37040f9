-- One row per as-of date, system and graded day of the season up to it; without any, one without system.
WITH as_of AS (
  SELECT DISTINCT game_date AS as_of_date, season_year
  FROM games
  WHERE game_date BETWEEN @start_date AND @end_date
),

-- A day's means are rounded, which a season's mean of them would show: the errors are summed anew.
errors AS (
  SELECT
    game_date,
    system_id,
    SUM(absolute_error) AS absolute_errors,
    SUM(signed_error) AS signed_errors
  FROM prediction_accuracy
  WHERE NOT is_voided
  GROUP BY game_date, system_id
)

SELECT
  as_of.as_of_date,
  as_of.season_year,
  daily.system_id,
  daily.game_date,
  daily.predictions_count AS predictions,
  errors.absolute_errors,
  errors.signed_errors,
  daily.correct_count AS correct,
  daily.incorrect_count AS incorrect,
  evaluated.line_rows,
  evaluated.mae_on_line_rows,
  evaluated.picks,
  evaluated.hit_rate
FROM as_of
LEFT JOIN system_daily_performance AS daily
  ON daily.season_year = as_of.season_year
  AND daily.game_date <= as_of.as_of_date
LEFT JOIN errors
  ON errors.game_date = daily.game_date
  AND errors.system_id = daily.system_id
LEFT JOIN evaluated ON evaluated.as_of_date = as_of.as_of_date
