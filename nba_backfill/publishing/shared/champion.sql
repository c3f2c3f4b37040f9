-- One row: the system whose predictions are published.
SELECT 'catboost_v8' AS system_id
