-- Puts every table of ours back to what backup.sql kept of one moment.
--
-- Set the moment to the suffix of the snapshots wanted (SELECT table_name FROM
-- nba_backup.INFORMATION_SCHEMA.TABLES). Stop the daemon and all runs first: a table is put back at a
-- time, so rows and ledger agree only when the script has ended. Run it again if it breaks off.
--   bq query --use_legacy_sql=false --location=LOCATION < deploy/restore.sql
DECLARE moment STRING DEFAULT '20260101T000000';

FOR kept IN (
  SELECT table_name, SPLIT(table_name, '__') AS part
  FROM nba_backup.INFORMATION_SCHEMA.TABLES
  WHERE table_type = 'SNAPSHOT' AND ENDS_WITH(table_name, CONCAT('__', moment))
)
DO
  EXECUTE IMMEDIATE FORMAT(
    "CREATE OR REPLACE TABLE `%s.%s` CLONE `nba_backup.%s`",
    kept.part[OFFSET(0)], kept.part[OFFSET(1)], kept.table_name
  );
END FOR;
