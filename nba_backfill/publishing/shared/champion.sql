-- One row per system whose predictions are published: one.
SELECT 'catboost_v8' AS system_id
