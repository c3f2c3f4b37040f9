-- One row per player-game of the feature store: what the models read, and their files of the day.
WITH models AS (
  SELECT
    game_date,
    MAX(IF(model_id = 'catboost_v8', artefact, NULL)) AS catboost_v8_artefact,
    MAX(IF(model_id = 'catboost_v8', model_version, NULL)) AS catboost_v8_version,
    MAX(IF(model_id = 'xgboost_v1', artefact, NULL)) AS xgboost_v1_artefact,
    MAX(IF(model_id = 'xgboost_v1', model_version, NULL)) AS xgboost_v1_version,
    MAX(IF(model_id = 'challenger', artefact, NULL)) AS challenger_artefact,
    MAX(IF(model_id = 'challenger', model_version, NULL)) AS challenger_version
  FROM points_models
  GROUP BY game_date
)

SELECT
  store.game_date,
  store.game_id,
  store.player_lookup,
  store.features,
  models.catboost_v8_artefact,
  models.catboost_v8_version,
  models.xgboost_v1_artefact,
  models.xgboost_v1_version,
  models.challenger_artefact,
  models.challenger_version,
  more.* EXCEPT (game_date, player_lookup, team_abbr)
FROM ml_feature_store_v2 AS store
LEFT JOIN models
  ON models.game_date = store.game_date
LEFT JOIN challenger_features AS more
  ON more.game_date = store.game_date
  AND more.player_lookup = store.player_lookup
