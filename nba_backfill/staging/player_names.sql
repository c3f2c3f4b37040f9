-- One row per game day and player name printed by any source for that day: the only place where
-- a name becomes a lookup and a lookup becomes a player.
WITH
game_days AS (
  SELECT DISTINCT game_date FROM games
),
-- Where a source lost the name, the lookup its loader stored is the best name there is.
printed_names AS (
  SELECT game_date, COALESCE(player_name, player_lookup) AS player_name
  FROM nbac_gamebook_player_stats
  UNION DISTINCT
  SELECT game_date, COALESCE(player_full_name, player_lookup) FROM bdl_player_boxscores
  UNION DISTINCT
  SELECT game_date, COALESCE(player_1_name, player_1_lookup) FROM bigdataball_play_by_play
  UNION DISTINCT
  SELECT game_date, COALESCE(player_2_name, player_2_lookup) FROM bigdataball_play_by_play
  UNION DISTINCT
  SELECT game_date, COALESCE(player_name, player_lookup) FROM odds_api_player_points_props
  UNION DISTINCT
  SELECT game_date, COALESCE(player_name, player_lookup) FROM bettingpros_player_points_props
  UNION DISTINCT
  SELECT game_date, COALESCE(player_full_name, player_lookup)
  FROM nbac_injury_report
  WHERE DATE_DIFF(game_date, report_date, DAY) BETWEEN 0 AND 2
  UNION DISTINCT
  SELECT day.game_date, COALESCE(roster.player_full_name, roster.player_lookup)
  FROM espn_team_rosters AS roster
  JOIN game_days AS day ON DATE_DIFF(day.game_date, roster.roster_date, DAY) BETWEEN 0 AND 7
),
-- Small letters without accents; these do not decompose into a letter and a mark.
folded_names AS (
  SELECT
    player_name,
    REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(
      LOWER(NORMALIZE(player_name, NFD)),
      'đ', 'd'), 'ð', 'd'), 'ø', 'o'), 'ł', 'l'), 'ı', 'i'),
      'æ', 'ae'), 'œ', 'oe'), 'ß', 'ss'), 'þ', 'th') AS folded_name
  FROM (SELECT DISTINCT player_name FROM printed_names)
  WHERE player_name IS NOT NULL
),
-- Combining marks fall with everything else outside [a-z0-9]. Digits in front are the numeric
-- player id that play-by-play lookups carry since October 2024.
normalised_names AS (
  SELECT
    player_name,
    REGEXP_REPLACE(REGEXP_REPLACE(folded_name, r'[^a-z0-9]', ''), r'^[0-9]+', '') AS name_lookup
  FROM folded_names
),
aliases AS (
  SELECT alias_lookup, nba_canonical_lookup
  FROM player_aliases
  WHERE is_active AND nba_canonical_lookup IS NOT NULL
  QUALIFY ROW_NUMBER() OVER (
    PARTITION BY alias_lookup ORDER BY processed_at DESC, nba_canonical_lookup
  ) = 1
),
canonical_names AS (
  SELECT
    name.player_name,
    COALESCE(alias.nba_canonical_lookup, name.name_lookup) AS player_lookup
  FROM normalised_names AS name
  LEFT JOIN aliases AS alias ON alias.alias_lookup = name.name_lookup
  WHERE name.name_lookup != ''
),
-- Two ids for one lookup identify nobody: the name stays unresolved rather than guessed.
season_registry AS (
  SELECT entry.player_lookup, entry.season, MIN(entry.universal_player_id) AS universal_player_id
  FROM nba_players_registry AS entry
  GROUP BY entry.player_lookup, entry.season
  HAVING COUNT(DISTINCT entry.universal_player_id) = 1
),
whole_registry AS (
  SELECT entry.player_lookup, MIN(entry.universal_player_id) AS universal_player_id
  FROM nba_players_registry AS entry
  GROUP BY entry.player_lookup
  HAVING COUNT(DISTINCT entry.universal_player_id) = 1
),
dated_names AS (
  SELECT
    printed.game_date,
    printed.player_name,
    name.player_lookup,
    EXTRACT(YEAR FROM printed.game_date) - IF(EXTRACT(MONTH FROM printed.game_date) < 10, 1, 0)
      AS season_year
  FROM printed_names AS printed
  JOIN canonical_names AS name ON name.player_name = printed.player_name
  JOIN game_days AS day ON day.game_date = printed.game_date
)
SELECT
  name.game_date,
  name.player_name,
  name.player_lookup,
  COALESCE(this_season.universal_player_id, any_season.universal_player_id) AS universal_player_id
FROM dated_names AS name
LEFT JOIN season_registry AS this_season
  ON this_season.player_lookup = name.player_lookup
  AND SUBSTR(this_season.season, 1, 4) = CAST(name.season_year AS STRING)
LEFT JOIN whole_registry AS any_season ON any_season.player_lookup = name.player_lookup
