-- One row per system and graded day: sums of errors, from which every figure of accuracy follows.
WITH graded AS (
  SELECT
    system_id,
    season_year,
    game_date,
    model_type,
    actual_points - CAST(predicted_points AS FLOAT64) AS miss,
    actual_points - points_avg_season AS season_miss,
    actual_points - points_avg_last_10 AS last_10_miss,
    actual_points
      - (0.5 * points_avg_last_5 + 0.3 * points_avg_last_10 + 0.2 * points_avg_season) AS blend_miss,
    actual_points - CAST(predicted_points_mean AS FLOAT64) AS mean_miss,
    actual_points - CAST(line_value AS FLOAT64) AS line_miss,
    actual_points - CAST(line_anchored_points AS FLOAT64) AS anchored_miss,
    CAST(predicted_points AS FLOAT64) - CAST(line_value AS FLOAT64) AS edge,
    actual_points BETWEEN predicted_points_p10 AND predicted_points_p90 AS is_inside,
    predicted_points_p10
  FROM nba_predictions.prediction_accuracy
  WHERE game_date BETWEEN @start_date AND @end_date
    AND NOT is_voided
    AND minutes_played > 0
)

SELECT
  system_id,
  season_year,
  game_date,
  COUNT(*) AS predictions,
  COUNTIF(model_type = 'fallback') AS fallbacks,
  SUM(ABS(miss)) AS absolute_miss,
  SUM(-miss) AS signed_miss,
  SUM(miss * miss) AS squared_miss,
  COUNT(season_miss) AS with_season,
  COALESCE(SUM(ABS(season_miss)), 0) AS season_absolute_miss,
  COALESCE(SUM(IF(season_miss IS NOT NULL, ABS(miss), NULL)), 0) AS absolute_miss_with_season,
  COUNT(last_10_miss) AS with_last_10,
  COALESCE(SUM(ABS(last_10_miss)), 0) AS last_10_absolute_miss,
  COUNT(blend_miss) AS with_blend,
  COALESCE(SUM(ABS(blend_miss)), 0) AS blend_absolute_miss,
  COALESCE(SUM(IF(blend_miss IS NOT NULL, ABS(miss), NULL)), 0) AS absolute_miss_with_blend,
  COUNT(mean_miss) AS means,
  COALESCE(SUM(-mean_miss), 0) AS mean_signed_miss,
  COUNT(line_miss) AS lines,
  COALESCE(SUM(ABS(line_miss)), 0) AS line_absolute_miss,
  COALESCE(SUM(IF(line_miss IS NOT NULL, ABS(miss), NULL)), 0) AS absolute_miss_on_lines,
  COUNT(anchored_miss) AS anchored,
  COALESCE(SUM(ABS(anchored_miss)), 0) AS anchored_absolute_miss,
  COALESCE(SUM(IF(anchored_miss IS NOT NULL, ABS(line_miss), NULL)), 0)
    AS line_absolute_miss_on_anchored,
  COUNT(predicted_points_p10) AS intervals,
  COUNTIF(is_inside) AS inside,
  COUNTIF(line_miss != 0 AND ABS(edge) >= 1) AS picks_1,
  COUNTIF(ABS(edge) >= 1 AND line_miss * edge > 0) AS hits_1,
  COUNTIF(line_miss != 0 AND ABS(edge) >= 2) AS picks_2,
  COUNTIF(ABS(edge) >= 2 AND line_miss * edge > 0) AS hits_2,
  COUNTIF(line_miss != 0 AND ABS(edge) >= 3) AS picks_3,
  COUNTIF(ABS(edge) >= 3 AND line_miss * edge > 0) AS hits_3,
  COUNTIF(line_miss != 0 AND ABS(edge) >= 5) AS picks_5,
  COUNTIF(ABS(edge) >= 5 AND line_miss * edge > 0) AS hits_5
FROM graded
GROUP BY system_id, season_year, game_date
