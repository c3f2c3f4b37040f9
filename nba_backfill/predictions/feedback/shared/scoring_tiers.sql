-- One row per scoring tier: its season averages, from low to below high, and how much is applied.
SELECT 'STAR_30PLUS' AS scoring_tier, 30 AS low, CAST(NULL AS INT64) AS high, 100 AS percent_applied
UNION ALL
SELECT 'STARTER_20_29' AS scoring_tier, 20 AS low, 30 AS high, 75 AS percent_applied
UNION ALL
SELECT 'ROTATION_10_19' AS scoring_tier, 10 AS low, 20 AS high, 50 AS percent_applied
UNION ALL
SELECT 'BENCH_0_9' AS scoring_tier, 0 AS low, 10 AS high, 50 AS percent_applied
