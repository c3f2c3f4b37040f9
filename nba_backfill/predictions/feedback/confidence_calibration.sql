-- One row per game day, system and confidence bucket: how many of its picks of 180 days were won.
WITH as_of AS (
  SELECT DISTINCT game_date AS as_of_date, season_year
  FROM games
),

by_day AS (
  SELECT
    game_date,
    system_id,
    confidence_decile,
    COUNT(*) AS picks,
    COUNTIF(prediction_correct) AS won
  FROM prediction_accuracy
  WHERE NOT is_voided AND prediction_correct IS NOT NULL
  GROUP BY game_date, system_id, confidence_decile
),

samples AS (
  SELECT
    a.as_of_date,
    a.season_year,
    d.system_id,
    d.confidence_decile,
    MAX(d.game_date) AS last_game_date,
    SUM(d.picks) AS picks,
    SUM(d.won) AS won
  FROM as_of AS a
  JOIN by_day AS d
    ON DATE_DIFF(a.as_of_date, d.game_date, DAY) BETWEEN 0 AND @prediction_accuracy_days
  GROUP BY a.as_of_date, a.season_year, d.system_id, d.confidence_decile
),

rates AS (
  SELECT
    samples.*,
    won / picks AS win_rate,
    (confidence_decile - 0.5) / 10 AS midpoint
  FROM samples
)

SELECT
  as_of_date,
  season_year,
  system_id,
  confidence_decile AS confidence_bucket,
  midpoint AS bucket_midpoint,
  last_game_date,
  picks AS sample_size,
  win_rate AS actual_win_rate,
  ABS(win_rate - midpoint) AS calibration_error,
  IF(picks < 50, 1, LEAST(GREATEST(win_rate / midpoint, 0.5), 1.5)) AS recommended_multiplier
FROM rates
