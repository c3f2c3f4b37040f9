-- One row per as-of date, system and graded day of the season up to it; without any, one without system.
WITH as_of AS (
  SELECT DISTINCT game_date AS as_of_date, season_year
  FROM games
  WHERE game_date BETWEEN @start_date AND @end_date
)

SELECT
  as_of.as_of_date,
  as_of.season_year,
  daily.system_id,
  daily.game_date,
  daily.predictions_count AS predictions,
  daily.mae,
  daily.avg_bias AS bias,
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
LEFT JOIN evaluated ON evaluated.as_of_date = as_of.as_of_date
