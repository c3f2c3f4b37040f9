-- One snapshot per table of ours, all of the same moment: rows and the ledger that records them.
--
-- A snapshot costs what changes in its table afterwards, and expires by itself. Run it daily, in the
-- location of the datasets, as an account that may make tables in nba_backup:
--   bq query --use_legacy_sql=false --location=LOCATION < deploy/backup.sql
DECLARE moment TIMESTAMP DEFAULT TIMESTAMP_TRUNC(CURRENT_TIMESTAMP(), SECOND);
DECLARE kept_until TIMESTAMP DEFAULT TIMESTAMP_ADD(moment, INTERVAL 35 DAY);

CREATE SCHEMA IF NOT EXISTS nba_backup;

FOR source IN (
  SELECT 'nba_orchestration' AS dataset, table_name
  FROM nba_orchestration.INFORMATION_SCHEMA.TABLES WHERE table_type = 'BASE TABLE'
  UNION ALL
  SELECT 'nba_staging', table_name
  FROM nba_staging.INFORMATION_SCHEMA.TABLES WHERE table_type = 'BASE TABLE'
  UNION ALL
  SELECT 'nba_analytics', table_name
  FROM nba_analytics.INFORMATION_SCHEMA.TABLES WHERE table_type = 'BASE TABLE'
  UNION ALL
  SELECT 'nba_precompute', table_name
  FROM nba_precompute.INFORMATION_SCHEMA.TABLES WHERE table_type = 'BASE TABLE'
  UNION ALL
  SELECT 'nba_predictions', table_name
  FROM nba_predictions.INFORMATION_SCHEMA.TABLES WHERE table_type = 'BASE TABLE'
  UNION ALL
  SELECT 'nba_publishing', table_name
  FROM nba_publishing.INFORMATION_SCHEMA.TABLES WHERE table_type = 'BASE TABLE'
)
DO
  EXECUTE IMMEDIATE FORMAT(
    "CREATE SNAPSHOT TABLE `nba_backup.%s__%s__%s` CLONE `%s.%s` FOR SYSTEM_TIME AS OF TIMESTAMP '%t' OPTIONS (expiration_timestamp = TIMESTAMP '%t')",
    source.dataset, source.table_name, FORMAT_TIMESTAMP('%Y%m%dT%H%M%S', moment),
    source.dataset, source.table_name, moment, kept_until
  );
END FOR;
