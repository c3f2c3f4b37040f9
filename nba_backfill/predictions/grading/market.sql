-- One row per system, graded day and tenth of over probability: sums about chances and closing lines.
WITH forecasts AS (
  SELECT
    system_id, season_year, game_date, actual_points, line_value, over_probability,
    under_probability, market_over_probability, opening_pick, closing_line_value,
    closing_probability_value
  FROM nba_predictions.prediction_accuracy
  WHERE game_date BETWEEN @start_date AND @end_date
    AND NOT is_voided
    AND minutes_played > 0
  UNION ALL
  -- What is drawn to the line stands beside the system as one more.
  SELECT
    CONCAT(system_id, ', line-anchored'), season_year, game_date, actual_points, line_value,
    line_anchored_over_probability, line_anchored_under_probability, market_over_probability,
    NULL, NULL, NULL
  FROM nba_predictions.prediction_accuracy
  WHERE game_date BETWEEN @start_date AND @end_date
    AND NOT is_voided
    AND minutes_played > 0
    AND line_anchored_over_probability IS NOT NULL
),

graded AS (
  SELECT
    system_id,
    season_year,
    game_date,
    opening_pick,
    CAST(closing_line_value AS FLOAT64) AS closing_line_value,
    closing_probability_value,
    IF(actual_points > line_value, 1, 0) AS went_over,
    -- A push pays nobody: of what is left, the share of the over. The market's prices know no push.
    IF(
      actual_points != line_value,
      over_probability / (over_probability + under_probability),
      NULL
    ) AS chance,
    IF(actual_points != line_value, market_over_probability, NULL) AS market_chance
  FROM forecasts
),

scored AS (
  SELECT
    graded.*,
    LEAST(CAST(FLOOR(chance * 10) AS INT64), 9) AS tenth,
    (chance - went_over) * (chance - went_over) AS squared_miss,
    IF(market_chance IS NULL, NULL, (chance - went_over) * (chance - went_over))
      AS squared_miss_beside_the_market,
    IF(chance IS NULL, NULL, (market_chance - went_over) * (market_chance - went_over))
      AS market_squared_miss
  FROM graded
)

SELECT
  system_id,
  season_year,
  game_date,
  tenth,
  COUNT(chance) AS bets,
  COALESCE(SUM(chance), 0) AS chances,
  COUNTIF(chance IS NOT NULL AND went_over = 1) AS overs,
  COALESCE(SUM(squared_miss), 0) AS squared_miss,
  COUNT(market_squared_miss) AS priced_bets,
  COALESCE(SUM(squared_miss_beside_the_market), 0) AS squared_miss_beside_the_market,
  COALESCE(SUM(market_squared_miss), 0) AS market_squared_miss,
  COUNT(opening_pick) AS opening_picks,
  COALESCE(SUM(closing_line_value), 0) AS closing_line_value,
  COUNTIF(closing_line_value > 0) AS beat_the_close,
  COUNTIF(closing_line_value < 0) AS lost_to_the_close,
  COUNT(closing_probability_value) AS priced_picks,
  COALESCE(SUM(closing_probability_value), 0) AS closing_probability_value
FROM scored
GROUP BY system_id, season_year, game_date, tenth
