WITH "games" AS (SELECT "game_date", "game_id", "nba_game_id", "season_year", "game_type", "home_team_abbr", "away_team_abbr", "is_final", "is_over", "tip_at", "arena_timezone", "is_neutral_site", "home_score", "away_score", "result_source", "result_doubt", "home_next_game_date", "away_next_game_date", "home_games_in_next_7_days", "away_games_in_next_7_days", "source"
FROM "nba_staging"."games"
WHERE "game_date" BETWEEN $games_from AND $games_to), "nbac_gamebook_player_stats" AS (SELECT "game_id", "game_date", "season_year", "home_team_abbr", "away_team_abbr", "player_name", "player_lookup", "team_abbr", "player_status", "dnp_reason", "minutes", "points", "field_goals_made", "field_goals_attempted", "three_pointers_made", "three_pointers_attempted", "free_throws_made", "free_throws_attempted", "offensive_rebounds", "defensive_rebounds", "total_rebounds", "assists", "steals", "blocks", "turnovers", "personal_fouls", "plus_minus", "processed_at"
FROM "nba_raw"."nbac_gamebook_player_stats"
WHERE "game_date" BETWEEN $nbac_gamebook_player_stats_from AND $nbac_gamebook_player_stats_to), "bdl_player_boxscores" AS (SELECT "game_id", "game_date", "season_year", "home_team_abbr", "away_team_abbr", "team_abbr", "player_full_name", "player_lookup", "minutes", "points", "assists", "rebounds", "offensive_rebounds", "defensive_rebounds", "steals", "blocks", "turnovers", "personal_fouls", "field_goals_made", "field_goals_attempted", "three_pointers_made", "three_pointers_attempted", "free_throws_made", "free_throws_attempted", "processed_at"
FROM "nba_raw"."bdl_player_boxscores"
WHERE "game_date" BETWEEN $bdl_player_boxscores_from AND $bdl_player_boxscores_to), "bigdataball_play_by_play" AS (SELECT "game_id", "bdb_game_id", "game_date", "season_year", "home_team_abbr", "away_team_abbr", "event_sequence", "period", "event_type", "event_subtype", "player_1_name", "player_1_lookup", "player_1_team_abbr", "player_2_name", "player_2_lookup", "player_2_role", "shot_made", "shot_distance", "points_scored", "processed_at"
FROM "nba_raw"."bigdataball_play_by_play"
WHERE "game_date" BETWEEN $bigdataball_play_by_play_from AND $bigdataball_play_by_play_to), "odds_api_player_points_props" AS (SELECT "game_id", "game_date", "game_start_time", "home_team_abbr", "away_team_abbr", "snapshot_timestamp", "bookmaker", "player_name", "player_lookup", "points_line", "over_price_american", "under_price_american", "processed_at"
FROM "nba_raw"."odds_api_player_points_props"
WHERE "game_date" BETWEEN $odds_api_player_points_props_from AND $odds_api_player_points_props_to), "bettingpros_player_points_props" AS (SELECT "game_date", "player_name", "player_lookup", "player_team", "bet_side", "bookmaker", "points_line", "odds_american", "opening_line", "opening_timestamp", "is_active", "bookmaker_last_update", "processed_at"
FROM "nba_raw"."bettingpros_player_points_props"
WHERE "game_date" BETWEEN $bettingpros_player_points_props_from AND $bettingpros_player_points_props_to), "nbac_injury_report" AS (SELECT "report_date", "report_hour", "game_date", "game_id", "team", "player_name_original", "player_full_name", "player_lookup", "injury_status", "reason", "reason_category", "confidence_score", "processed_at"
FROM "nba_raw"."nbac_injury_report"
WHERE "game_date" BETWEEN $nbac_injury_report_from AND $nbac_injury_report_to), "espn_team_rosters" AS (SELECT "roster_date", "scrape_hour", "season_year", "team_abbr", "player_full_name", "player_lookup", "age", "birth_date", "processed_at"
FROM "nba_raw"."espn_team_rosters"
WHERE "roster_date" BETWEEN $espn_team_rosters_from AND $espn_team_rosters_to), "nba_players_registry" AS (SELECT "universal_player_id", "player_name", "player_lookup", "team_abbr", "season", "processed_at"
FROM "nba_reference"."nba_players_registry"), "player_aliases" AS (SELECT "alias_lookup", "nba_canonical_lookup", "is_active", "processed_at"
FROM "nba_reference"."player_aliases")
SELECT CAST("game_date" AS DATE) AS "game_date", CAST("player_name" AS TEXT) AS "player_name", CAST("player_lookup" AS TEXT) AS "player_lookup", CAST("universal_player_id" AS TEXT) AS "universal_player_id"
FROM (/* One row per game day and player name printed by any source for that day: the only place where */ /* a name becomes a lookup and a lookup becomes a player. */
WITH game_days AS (SELECT DISTINCT game_date
FROM games), printed_names /* Where a source lost the name, the lookup its loader stored is the best name there is. */ AS (SELECT game_date, COALESCE(player_name, player_lookup) AS player_name
FROM nbac_gamebook_player_stats UNION
SELECT game_date, COALESCE(player_full_name, player_lookup)
FROM bdl_player_boxscores UNION
SELECT game_date, COALESCE(player_1_name, player_1_lookup)
FROM bigdataball_play_by_play UNION
SELECT game_date, COALESCE(player_2_name, player_2_lookup)
FROM bigdataball_play_by_play UNION
SELECT game_date, COALESCE(player_name, player_lookup)
FROM odds_api_player_points_props UNION
SELECT game_date, COALESCE(player_name, player_lookup)
FROM bettingpros_player_points_props UNION
SELECT game_date, COALESCE(player_full_name, player_lookup)
FROM nbac_injury_report
WHERE DATE_DIFF('DAY', report_date, game_date) BETWEEN 0 AND 2 UNION
SELECT day.game_date, COALESCE(roster.player_full_name, roster.player_lookup)
FROM espn_team_rosters AS roster
JOIN game_days AS day ON DATE_DIFF('DAY', roster.roster_date, day.game_date) BETWEEN 0 AND 7), folded_names /* Small letters without accents; these do not decompose into a letter and a mark. */ AS (SELECT player_name, REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(LOWER(STRIP_ACCENTS(player_name)), 'đ', 'd'), 'ð', 'd'), 'ø', 'o'), 'ł', 'l'), 'ı', 'i'), 'æ', 'ae'), 'œ', 'oe'), 'ß', 'ss'), 'þ', 'th') AS folded_name
FROM (SELECT DISTINCT player_name
FROM printed_names)
WHERE NOT player_name IS NULL), normalised_names /* Combining marks fall with everything else outside [a-z0-9]. Digits in front are the numeric */ /* player id that play-by-play lookups carry since October 2024. */ AS (SELECT player_name, REGEXP_REPLACE(REGEXP_REPLACE(folded_name, '[^a-z0-9]', '', 'g'), '^[0-9]+', '', 'g') AS name_lookup
FROM folded_names), 
aliases AS (SELECT alias_lookup, nba_canonical_lookup
FROM player_aliases
WHERE is_active AND NOT nba_canonical_lookup IS NULL
QUALIFY ROW_NUMBER() OVER (PARTITION BY alias_lookup ORDER BY processed_at DESC, nba_canonical_lookup NULLS FIRST) = 1), 
canonical_names AS (SELECT name.player_name, COALESCE(alias.nba_canonical_lookup, name.name_lookup) AS player_lookup
FROM normalised_names AS name
LEFT JOIN aliases AS alias ON alias.alias_lookup = name.name_lookup
WHERE name.name_lookup <> ''), season_registry /* Two ids for one lookup identify nobody: the name stays unresolved rather than guessed. */ AS (SELECT entry.player_lookup, entry.season, MIN(entry.universal_player_id) AS universal_player_id
FROM nba_players_registry AS entry
GROUP BY entry.player_lookup, entry.season HAVING COUNT(DISTINCT entry.universal_player_id) = 1), 
whole_registry AS (SELECT entry.player_lookup, MIN(entry.universal_player_id) AS universal_player_id
FROM nba_players_registry AS entry
GROUP BY entry.player_lookup HAVING COUNT(DISTINCT entry.universal_player_id) = 1), 
dated_names AS (SELECT printed.game_date, printed.player_name, name.player_lookup, EXTRACT(YEAR
FROM printed.game_date) - CASE WHEN EXTRACT(MONTH
FROM printed.game_date) < 10 THEN 1 ELSE 0 END AS season_year
FROM printed_names AS printed
JOIN canonical_names AS name ON name.player_name = printed.player_name
JOIN game_days AS day ON day.game_date = printed.game_date)
SELECT name.game_date, name.player_name, name.player_lookup, COALESCE(this_season.universal_player_id, any_season.universal_player_id) AS universal_player_id
FROM dated_names AS name
LEFT JOIN season_registry AS this_season ON this_season.player_lookup = name.player_lookup AND SUBSTRING(this_season.season, 1, 4) = CAST(name.season_year AS TEXT)
LEFT JOIN whole_registry AS any_season ON any_season.player_lookup = name.player_lookup)
WHERE "game_date" BETWEEN $start_date AND $end_date
