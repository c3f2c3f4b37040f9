-- One row per game day and level of agreement: how good the ensemble was at it over 180 days.
WITH as_of AS (
  SELECT DISTINCT game_date AS as_of_date, season_year
  FROM games
),

-- Errors in tenths: whole numbers, so that no sum depends on the order of rows.
graded AS (
  SELECT
    p.game_date,
    p.system_id,
    l.agreement_level,
    CAST(p.absolute_error * 10 AS INT64) AS absolute_error,
    p.prediction_correct
  FROM prediction_accuracy AS p
  JOIN agreement_levels AS l
    ON l.system_id = p.system_id
    AND l.low <= p.prediction_variance
    AND COALESCE(p.prediction_variance < l.high, TRUE)
  WHERE NOT p.is_voided
),

by_day AS (
  SELECT
    game_date,
    system_id,
    agreement_level,
    COUNT(*) AS predictions,
    SUM(absolute_error) AS absolute_errors,
    COUNT(prediction_correct) AS picks,
    COUNTIF(prediction_correct) AS won
  FROM graded
  GROUP BY game_date, system_id, agreement_level
),

levels AS (
  SELECT
    a.as_of_date,
    a.season_year,
    d.system_id,
    d.agreement_level,
    MAX(d.game_date) AS last_game_date,
    SUM(d.predictions) AS predictions,
    SUM(d.absolute_errors) AS absolute_errors,
    SUM(d.picks) AS picks,
    SUM(d.won) AS won
  FROM as_of AS a
  JOIN by_day AS d
    ON DATE_DIFF(a.as_of_date, d.game_date, DAY) BETWEEN 0 AND @prediction_accuracy_days
  GROUP BY a.as_of_date, a.season_year, d.system_id, d.agreement_level
),

overall AS (
  SELECT
    as_of_date,
    system_id,
    SUM(absolute_errors) / (10 * SUM(predictions)) AS mae,
    SAFE_DIVIDE(SUM(won), SUM(picks)) AS win_rate
  FROM levels
  GROUP BY as_of_date, system_id
),

rates AS (
  SELECT
    l.*,
    a.high AS max_variance,
    l.absolute_errors / (10 * l.predictions) AS mae,
    SAFE_DIVIDE(l.won, l.picks) AS win_rate,
    o.mae AS overall_mae,
    o.win_rate AS overall_win_rate
  FROM levels AS l
  JOIN overall AS o
    ON o.as_of_date = l.as_of_date
    AND o.system_id = l.system_id
  JOIN agreement_levels AS a
    ON a.system_id = l.system_id
    AND a.agreement_level = l.agreement_level
)

SELECT
  as_of_date,
  season_year,
  system_id,
  agreement_level,
  max_variance,
  last_game_date,
  predictions AS sample_size,
  picks,
  win_rate,
  mae AS avg_mae,
  win_rate - overall_win_rate AS win_rate_vs_overall,
  mae - overall_mae AS mae_vs_overall,
  -- Where nobody has won a pick there is no rate to compare with.
  IF(
    picks < 50,
    1,
    COALESCE(LEAST(GREATEST(SAFE_DIVIDE(win_rate, overall_win_rate), 0.8), 1.2), 1)
  ) AS confidence_multiplier
FROM rates
