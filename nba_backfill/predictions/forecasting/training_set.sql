-- One row per player of the feature store who played: what was known before tip-off, and his points.
SELECT
  store.* EXCEPT (default_features),
  facts.points AS label_points,
  CAST(facts.minutes_played AS FLOAT64) AS label_minutes
FROM nba_predictions.ml_feature_store_v2 AS store
JOIN nba_analytics.player_game_summary AS facts
  ON facts.game_date = store.game_date
  AND facts.game_id = store.game_id
  AND facts.player_lookup = store.player_lookup
WHERE store.game_date BETWEEN @start_date AND @end_date
  AND facts.game_date BETWEEN @start_date AND @end_date
  AND facts.minutes_played > 0
  AND facts.points IS NOT NULL
ORDER BY store.game_date, store.game_id, store.player_lookup
