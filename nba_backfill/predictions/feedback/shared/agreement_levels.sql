-- One row per level of agreement of the ensemble's members: their variance, from low to below high.
SELECT 'ensemble_v1' AS system_id, 'HIGH' AS agreement_level, 0 AS low, 4 AS high
UNION ALL
SELECT 'ensemble_v1' AS system_id, 'GOOD' AS agreement_level, 4 AS low, 9 AS high
UNION ALL
SELECT 'ensemble_v1' AS system_id, 'MODERATE' AS agreement_level, 9 AS low, 36 AS high
UNION ALL
SELECT 'ensemble_v1' AS system_id, 'LOW' AS agreement_level, 36 AS low, CAST(NULL AS INT64) AS high
