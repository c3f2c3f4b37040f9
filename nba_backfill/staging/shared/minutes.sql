-- One row per way a source prints minutes: what it means in minutes, NULL if it says nothing
-- (DNP, a dash, an empty text). `to_the_second`: 0 is then no second on court, whereas the 0 of a
-- source that prints whole minutes is less than half of one.
-- Forms: MM:SS, where MM:60 is the next minute (analytics specification 2.2 makes it unknown; 52
-- rows of five seasons say otherwise), 0:MM:SS, MM:SS:00 as spreadsheets turn it, ISO 8601
-- (PT27M15.00S), and numbers.
SELECT
  minutes_text,
  CASE form
    WHEN 'clock' THEN ROUND(
      SAFE_CAST(REGEXP_EXTRACT(said, r'^(\d+):') AS INT64)
      + SAFE_CAST(REGEXP_EXTRACT(said, r':([\d.]+)$') AS FLOAT64) / 60 + 1e-9, 2)
    WHEN 'iso' THEN ROUND(
      COALESCE(SAFE_CAST(REGEXP_EXTRACT(said, r'(\d+)H') AS INT64), 0) * 60
      + COALESCE(SAFE_CAST(REGEXP_EXTRACT(said, r'(\d+)M') AS INT64), 0)
      + COALESCE(SAFE_CAST(REGEXP_EXTRACT(said, r'([\d.]+)S') AS FLOAT64), 0) / 60 + 1e-9, 2)
    WHEN 'number' THEN ROUND(SAFE_CAST(REPLACE(said, ',', '.') AS FLOAT64) + 1e-9, 2)
  END AS minutes,
  form IN ('clock', 'iso') AS to_the_second
FROM (
  SELECT
    minutes_text,
    said,
    CASE
      WHEN REGEXP_CONTAINS(said, r'^\d{1,3}:([0-5]\d|60)(\.\d+)?$') THEN 'clock'
      WHEN REGEXP_CONTAINS(said, r'^PT(\d+H)?(\d+M)?(\d+(\.\d+)?S)?$') AND said != 'PT' THEN 'iso'
      WHEN REGEXP_CONTAINS(said, r'^\d+([.,]\d+)?$') THEN 'number'
      ELSE 'nothing'
    END AS form
  FROM (
    SELECT
      minutes_text,
      REGEXP_REPLACE(
        REGEXP_REPLACE(UPPER(TRIM(minutes_text)), r'^0{1,2}:([0-5]\d:[0-5]\d)$', r'\1'),
        r'^(\d{2,3}:[0-5]\d):00$', r'\1') AS said
    FROM (SELECT DISTINCT minutes_text FROM printed_minutes)
    WHERE minutes_text IS NOT NULL
  )
)
