-- One row per season of the feature store: its rows, those of players who played, and of them those
-- with a label. Who played is told by the box scores, whether a summary was written for him or not.
SELECT
  store.season_year,
  COUNT(DISTINCT store.game_date) AS days,
  COUNT(*) AS store_rows,
  COUNT(boxes.player_lookup) AS played,
  COUNTIF(boxes.player_lookup IS NOT NULL AND facts.points IS NOT NULL) AS labelled
FROM nba_predictions.ml_feature_store_v2 AS store
LEFT JOIN (
  SELECT game_date, game_id, player_lookup
  FROM nba_staging.player_boxes
  WHERE game_date BETWEEN @start_date AND @end_date AND minutes > 0
) AS boxes
  ON boxes.game_date = store.game_date
  AND boxes.game_id = store.game_id
  AND boxes.player_lookup = store.player_lookup
LEFT JOIN (
  SELECT game_date, game_id, player_lookup, points
  FROM nba_analytics.player_game_summary
  WHERE game_date BETWEEN @start_date AND @end_date
) AS facts
  ON facts.game_date = store.game_date
  AND facts.game_id = store.game_id
  AND facts.player_lookup = store.player_lookup
WHERE store.game_date BETWEEN @start_date AND @end_date
GROUP BY store.season_year
ORDER BY store.season_year
