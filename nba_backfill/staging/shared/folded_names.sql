-- One row per name that a source, the registry or a roster prints: in small letters without
-- accents, a surname before a comma put behind the given name ("Harris, Tobias"; a suffix behind a
-- comma, as in "Porter, Jr.", stays where it is).
SELECT
  player_name,
  REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(
    IF(
      REGEXP_CONTAINS(lowered, r'^[^,]+,\s*[^,]+$')
        AND NOT REGEXP_CONTAINS(lowered, r',\s*(jr|sr|ii|iii|iv|v)\.?\s*$'),
      CONCAT(
        TRIM(SUBSTR(lowered, STRPOS(lowered, ',') + 1)), ' ',
        TRIM(SUBSTR(lowered, 1, STRPOS(lowered, ',') - 1))),
      lowered),
    -- These do not decompose into a letter and a mark.
    'đ', 'd'), 'ð', 'd'), 'ø', 'o'), 'ł', 'l'), 'ı', 'i'),
    'æ', 'ae'), 'œ', 'oe'), 'ß', 'ss'), 'þ', 'th') AS folded_name
FROM (
  SELECT player_name, LOWER(NORMALIZE(player_name, NFD)) AS lowered
  FROM (
    SELECT player_name FROM printed_names
    UNION DISTINCT
    SELECT COALESCE(player_name, player_lookup) FROM nba_players_registry
  )
  WHERE player_name IS NOT NULL
)
