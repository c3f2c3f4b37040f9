-- One row per game of a day, and one per known spelling of a name, for the day's live feed to meet.
WITH days AS (
  SELECT DISTINCT game_date FROM games WHERE game_date BETWEEN @start_date AND @end_date
)

SELECT
  game_date,
  'game' AS section,
  game_id,
  home_team_abbr,
  away_team_abbr,
  CAST(NULL AS STRING) AS spelling,
  CAST(NULL AS STRING) AS player_lookup
FROM games
WHERE game_date BETWEEN @start_date AND @end_date
UNION ALL
-- As any source of the day prints it.
SELECT
  game_date, 'name', CAST(NULL AS STRING), CAST(NULL AS STRING), CAST(NULL AS STRING),
  player_name, player_lookup
FROM player_names
WHERE game_date BETWEEN @start_date AND @end_date
UNION ALL
-- In small letters.
SELECT
  days.game_date, 'name', CAST(NULL AS STRING), CAST(NULL AS STRING), CAST(NULL AS STRING),
  alias.alias_lookup, alias.nba_canonical_lookup
FROM days
CROSS JOIN player_aliases AS alias
WHERE alias.is_active AND alias.nba_canonical_lookup IS NOT NULL
