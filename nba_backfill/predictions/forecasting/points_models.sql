-- One row per player-game that may be learned from: the features of the day and the points scored.
SELECT
  store.game_date,
  store.player_lookup,
  store.features,
  facts.points,
  more.* EXCEPT (game_date, player_lookup, team_abbr)
FROM ml_feature_store_v2 AS store
JOIN player_game_summary AS facts
  ON facts.game_date = store.game_date
  AND facts.player_lookup = store.player_lookup
LEFT JOIN challenger_features AS more
  ON more.game_date = store.game_date
  AND more.player_lookup = store.player_lookup
WHERE facts.minutes_played > 0
