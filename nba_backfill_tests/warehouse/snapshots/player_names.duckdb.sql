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
SELECT CAST("game_date" AS DATE) AS "game_date", CAST("player_name" AS TEXT) AS "player_name", CAST("player_lookup" AS TEXT) AS "player_lookup", CAST("universal_player_id" AS TEXT) AS "universal_player_id", CAST("resolved_by" AS TEXT) AS "resolved_by", CAST("printed_by" AS TEXT) AS "printed_by"
FROM (WITH clubs AS (/* One row per way a source writes one of the 30 clubs, in capitals: tricode, the codes of */ /* Basketball-Reference (BRK, CHO, PHO), ESPN (GS, NO, NY, SA, UTAH, WSH) and books, full name, */ /* city, nickname. Raw-input specification 1.2; what is not here is no club, and is named as such. */
SELECT SUBSTRING(entry, 1, 3) AS team_abbr, SUBSTRING(entry, 5) AS spelling
FROM UNNEST(['ATL ATL', 'ATL ATLANTA HAWKS', 'ATL HAWKS', 'ATL ATLANTA', 'BKN BKN', 'BKN BRK', 'BKN BRO', 'BKN BROOKLYN NETS', 'BKN NETS', 'BKN BROOKLYN', 'BOS BOS', 'BOS BOSTON CELTICS', 'BOS CELTICS', 'BOS BOSTON', 'CHA CHA', 'CHA CHO', 'CHA CHR', 'CHA CHARLOTTE HORNETS', 'CHA HORNETS', 'CHA CHARLOTTE', 'CHI CHI', 'CHI CHICAGO BULLS', 'CHI BULLS', 'CHI CHICAGO', 'CLE CLE', 'CLE CAVS', 'CLE CLEVELAND CAVALIERS', 'CLE CAVALIERS', 'CLE CLEVELAND', 'DAL DAL', 'DAL MAVS', 'DAL DALLAS MAVERICKS', 'DAL MAVERICKS', 'DAL DALLAS', 'DEN DEN', 'DEN DENVER NUGGETS', 'DEN NUGGETS', 'DEN DENVER', 'DET DET', 'DET DETROIT PISTONS', 'DET PISTONS', 'DET DETROIT', 'GSW GSW', 'GSW GS', 'GSW GOL', 'GSW GLS', 'GSW GOLDEN STATE WARRIORS', 'GSW WARRIORS', 'GSW GOLDEN STATE', 'HOU HOU', 'HOU HOUSTON ROCKETS', 'HOU ROCKETS', 'HOU HOUSTON', 'IND IND', 'IND INDIANA PACERS', 'IND PACERS', 'IND INDIANA', 'LAC LAC', 'LAC LA CLIPPERS', 'LAC L.A. CLIPPERS', 'LAC LOS ANGELES CLIPPERS', 'LAC CLIPPERS', 'LAL LAL', 'LAL LA LAKERS', 'LAL L.A. LAKERS', 'LAL LOS ANGELES LAKERS', 'LAL LAKERS', 'MEM MEM', 'MEM MEMPHIS GRIZZLIES', 'MEM GRIZZLIES', 'MEM MEMPHIS', 'MIA MIA', 'MIA MIAMI HEAT', 'MIA HEAT', 'MIA MIAMI', 'MIL MIL', 'MIL MILWAUKEE BUCKS', 'MIL BUCKS', 'MIL MILWAUKEE', 'MIN MIN', 'MIN WOLVES', 'MIN MINNESOTA TIMBERWOLVES', 'MIN TIMBERWOLVES', 'MIN MINNESOTA', 'NOP NOP', 'NOP NO', 'NOP NOR', 'NOP NOH', 'NOP NOLA', 'NOP NEW ORLEANS PELICANS', 'NOP PELICANS', 'NOP NEW ORLEANS', 'NYK NYK', 'NYK NY', 'NYK NEW YORK KNICKS', 'NYK KNICKS', 'NYK NEW YORK', 'OKC OKC', 'OKC OKLAHOMA CITY THUNDER', 'OKC THUNDER', 'OKC OKLAHOMA CITY', 'ORL ORL', 'ORL ORLANDO MAGIC', 'ORL MAGIC', 'ORL ORLANDO', 'PHI PHI', 'PHI PHL', 'PHI SIXERS', 'PHI PHILADELPHIA 76ERS', 'PHI 76ERS', 'PHI PHILADELPHIA', 'PHX PHX', 'PHX PHO', 'PHX PHOENIX SUNS', 'PHX SUNS', 'PHX PHOENIX', 'POR POR', 'POR TRAILBLAZERS', 'POR BLAZERS', 'POR PORTLAND TRAIL BLAZERS', 'POR TRAIL BLAZERS', 'POR PORTLAND', 'SAC SAC', 'SAC SACRAMENTO KINGS', 'SAC KINGS', 'SAC SACRAMENTO', 'SAS SAS', 'SAS SA', 'SAS SAN ANTONIO SPURS', 'SAS SPURS', 'SAS SAN ANTONIO', 'TOR TOR', 'TOR TORONTO RAPTORS', 'TOR RAPTORS', 'TOR TORONTO', 'UTA UTA', 'UTA UTAH', 'UTA UTH', 'UTA UTAH JAZZ', 'UTA JAZZ', 'WAS WAS', 'WAS WSH', 'WAS WIZ', 'WAS WASHINGTON WIZARDS', 'WAS WIZARDS', 'WAS WASHINGTON']) AS _t0(entry)), 
team_games AS (/* One row per club and game of the day, from the club's side. */
SELECT game_date, game_id, nba_game_id, season_year, home_team_abbr AS team_abbr, away_team_abbr AS opponent_team_abbr, TRUE AS is_home, is_final, home_score AS final_score, tip_at
FROM games
UNION ALL
SELECT game_date, game_id, nba_game_id, season_year, away_team_abbr, home_team_abbr, FALSE, is_final, away_score, tip_at
FROM games), 
printed_names AS (/* One row per game day, source, player name it prints for that day and pair of clubs its row is */ /* about (NULL where it names none that is one): rosters count for every day they serve. Where a */ /* source lost the name, the lookup its loader stored is the best name there is. */
SELECT DISTINCT printed.source, printed.game_date, printed.player_name, COALESCE(home.team_abbr, own.team_abbr) AS home_abbr, COALESCE(away.team_abbr, own.team_abbr) AS away_abbr
FROM (SELECT 'nbac_gamebook_player_stats' AS source, game_date, COALESCE(player_name, player_lookup) AS player_name, home_team_abbr AS home_code, away_team_abbr AS away_code, team_abbr AS own_code
FROM nbac_gamebook_player_stats UNION
SELECT 'bdl_player_boxscores', game_date, COALESCE(player_full_name, player_lookup), home_team_abbr, away_team_abbr, team_abbr
FROM bdl_player_boxscores UNION
SELECT 'bigdataball_play_by_play', game_date, COALESCE(player_1_name, player_1_lookup), home_team_abbr, away_team_abbr, player_1_team_abbr
FROM bigdataball_play_by_play UNION
SELECT 'bigdataball_play_by_play', game_date, COALESCE(player_2_name, player_2_lookup), home_team_abbr, away_team_abbr, CAST(NULL AS TEXT)
FROM bigdataball_play_by_play UNION
SELECT 'odds_api_player_points_props', game_date, COALESCE(player_name, player_lookup), home_team_abbr, away_team_abbr, CAST(NULL AS TEXT)
FROM odds_api_player_points_props UNION
SELECT 'bettingpros_player_points_props', game_date, COALESCE(player_name, player_lookup), CAST(NULL AS TEXT), CAST(NULL AS TEXT), player_team
FROM bettingpros_player_points_props UNION
SELECT 'nbac_injury_report', game_date, COALESCE(player_full_name, player_lookup), CAST(NULL AS TEXT), CAST(NULL AS TEXT), team
FROM nbac_injury_report
WHERE DATE_DIFF('DAY', report_date, game_date) BETWEEN 0 AND 2 UNION
SELECT 'espn_team_rosters', day.game_date, COALESCE(roster.player_full_name, roster.player_lookup), CAST(NULL AS TEXT), CAST(NULL AS TEXT), roster.team_abbr
FROM espn_team_rosters AS roster
JOIN (SELECT DISTINCT game_date
FROM games) AS day ON DATE_DIFF('DAY', roster.roster_date, day.game_date) BETWEEN 0 AND 7) AS printed
LEFT JOIN clubs AS home ON home.spelling = UPPER(TRIM(printed.home_code))
LEFT JOIN clubs AS away ON away.spelling = UPPER(TRIM(printed.away_code))
LEFT JOIN clubs AS own ON own.spelling = UPPER(TRIM(printed.own_code))
WHERE NOT printed.player_name IS NULL), 
folded_names AS (/* One row per name that a source, the registry or a roster prints: in small letters without */ /* accents, a surname before a comma put behind the given name ("Harris, Tobias"; a suffix behind a */ /* comma, as in "Porter, Jr.", stays where it is). */
SELECT player_name, REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(CASE WHEN REGEXP_MATCHES(lowered, '^[^,]+,\s*[^,]+$') AND NOT REGEXP_MATCHES(lowered, ',\s*(jr|sr|ii|iii|iv|v)\.?\s*$') THEN TRIM(SUBSTRING(lowered, STRPOS(lowered, ',') + 1)) || ' ' || TRIM(SUBSTRING(lowered, 1, STRPOS(lowered, ',') - 1)) ELSE lowered END, 'đ' /* These do not decompose into a letter and a mark. */, 'd'), 'ð', 'd'), 'ø', 'o'), 'ł', 'l'), 'ı', 'i'), 'æ', 'ae'), 'œ', 'oe'), 'ß', 'ss'), 'þ', 'th') AS folded_name
FROM (SELECT player_name, LOWER(STRIP_ACCENTS(player_name)) AS lowered
FROM (SELECT player_name
FROM printed_names UNION
SELECT COALESCE(player_name, player_lookup)
FROM nba_players_registry)
WHERE NOT player_name IS NULL))
SELECT *
FROM (/* One row per game day and player name printed by any source for that day: the only place where */ /* a name becomes a lookup and a lookup becomes a player. */
WITH game_days AS (SELECT game_date, EXTRACT(YEAR
FROM game_date) - CASE WHEN EXTRACT(MONTH
FROM game_date) < 10 THEN 1 ELSE 0 END AS season_year
FROM (SELECT DISTINCT game_date
FROM games)), club_players /* Who belongs to a club that plays: by its rosters of the last seven days and by the registry. */ AS (SELECT game.game_date, game.team_abbr, player.player_name
FROM (SELECT day.game_date, club.team_abbr, COALESCE(roster.player_full_name, roster.player_lookup) AS player_name
FROM espn_team_rosters AS roster
JOIN game_days AS day ON DATE_DIFF('DAY', roster.roster_date, day.game_date) BETWEEN 0 AND 7
JOIN clubs AS club ON club.spelling = UPPER(TRIM(roster.team_abbr)) UNION
SELECT day.game_date, club.team_abbr, COALESCE(entry.player_name, entry.player_lookup)
FROM nba_players_registry AS entry
JOIN game_days AS day ON SUBSTRING(entry.season, 1, 4) = CAST(day.season_year AS TEXT)
JOIN clubs AS club ON club.spelling = UPPER(TRIM(entry.team_abbr))) AS player
JOIN team_games AS game ON game.game_date = player.game_date AND game.team_abbr = player.team_abbr
WHERE NOT player.player_name IS NULL), 
name_words AS (SELECT player_name, name_lookup, REPLACE(base_words, ' ', '') AS same_letters, REPLACE(REGEXP_REPLACE(base_words, '^(.+) ([^ ]+)$', '\2 \1', 'g'), ' ', '') AS turned_letters, SUBSTRING(base_words, 1, 1) AS initial, CASE WHEN STRPOS(base_words, ' ') > 0 THEN SUBSTRING(base_words, STRPOS(base_words, ' ') + 1) ELSE NULL END AS surname, ARRAY_EXTRACT(REGEXP_EXTRACT_ALL(base_words, '([^ ]+)$', 1), 1) AS last_word
FROM (SELECT player_name, REGEXP_REPLACE(REPLACE(words, ' ', ''), '^[0-9]+', '', 'g') AS name_lookup, REGEXP_REPLACE(words, ' (jr|sr|ii|iii|iv|v)$', '', 'g') AS base_words
FROM (SELECT player_name, TRIM(REGEXP_REPLACE(REGEXP_REPLACE(folded_name, '\s+', ' ', 'g'), '[^a-z0-9 ]', '', 'g')) AS words
FROM folded_names))), 
aliases AS (SELECT alias_lookup, nba_canonical_lookup
FROM player_aliases
WHERE is_active AND NOT nba_canonical_lookup IS NULL
QUALIFY ROW_NUMBER() OVER (PARTITION BY alias_lookup ORDER BY processed_at DESC, nba_canonical_lookup NULLS FIRST) = 1), 
canonical_names AS (SELECT name.*, COALESCE(alias.nba_canonical_lookup, name.name_lookup) AS player_lookup, NOT alias.alias_lookup IS NULL AS is_alias
FROM name_words AS name
LEFT JOIN aliases AS alias ON alias.alias_lookup = name.name_lookup
WHERE name.name_lookup <> ''), 
candidates AS (SELECT DISTINCT player.game_date, player.team_abbr, name.player_lookup, name.same_letters, name.initial, name.surname
FROM club_players AS player
JOIN canonical_names AS name ON name.player_name = player.player_name), season_registry /* Two ids for one lookup identify nobody: the name stays unresolved rather than guessed. */ AS (SELECT entry.player_lookup, entry.season, MIN(entry.universal_player_id) AS universal_player_id
FROM nba_players_registry AS entry
GROUP BY entry.player_lookup, entry.season HAVING COUNT(DISTINCT entry.universal_player_id) = 1), 
whole_registry AS (SELECT entry.player_lookup, CASE WHEN COUNT(DISTINCT entry.universal_player_id) = 1 THEN MIN(entry.universal_player_id) ELSE NULL END AS universal_player_id
FROM nba_players_registry AS entry
GROUP BY entry.player_lookup), strangers /* Names that no player of the day's clubs goes by, each with the clubs its row is about; a roster */ /* says itself who is who. */ AS (SELECT DISTINCT printed.game_date, printed.source, printed.player_name, printed.home_abbr, printed.away_abbr, name.player_lookup, name.same_letters, name.turned_letters, name.initial, name.surname, name.last_word, printed.source IN ('nbac_gamebook_player_stats', 'bdl_player_boxscores', 'bigdataball_play_by_play') AS is_fact, NOT known.player_lookup IS NULL OR name.is_alias AS is_known
FROM printed_names AS printed
JOIN canonical_names AS name ON name.player_name = printed.player_name
LEFT JOIN whole_registry AS known ON known.player_lookup = name.player_lookup
LEFT JOIN (SELECT DISTINCT game_date, player_lookup
FROM candidates) AS present ON present.game_date = printed.game_date AND present.player_lookup = name.player_lookup
WHERE present.player_lookup IS NULL AND printed.source <> 'espn_team_rosters'), likenesses /* The closest likeness decides: 1 a suffix more or less, 2 surname first, 3 another given name with */ /* the same initial, 4 two letters lost or wrong, 5 the surname, where a market or a report names */ /* someone whom no registry knows. A player known elsewhere is only himself, unless nothing but the */ /* suffix tells them apart. A row about no club that plays is about any of them. */ AS (SELECT game_date, source, player_name, home_abbr, away_abbr, candidate, likeness, is_fact
FROM (SELECT stranger.game_date, stranger.source, stranger.player_name, stranger.home_abbr, stranger.away_abbr, stranger.is_fact, stranger.is_known, candidate.player_lookup AS candidate, CASE WHEN candidate.same_letters = stranger.same_letters THEN 1 WHEN candidate.same_letters = stranger.turned_letters THEN 2 WHEN candidate.surname IN (stranger.surname, stranger.last_word) AND candidate.initial = stranger.initial THEN 3 WHEN CASE TYPEOF(stranger.same_letters) WHEN 'BLOB' THEN OCTET_LENGTH(CAST(stranger.same_letters AS BLOB)) ELSE LENGTH(CAST(stranger.same_letters AS TEXT)) END >= 8 AND ABS(CASE TYPEOF(candidate.same_letters) WHEN 'BLOB' THEN OCTET_LENGTH(CAST(candidate.same_letters AS BLOB)) ELSE LENGTH(CAST(candidate.same_letters AS TEXT)) END - CASE TYPEOF(stranger.same_letters) WHEN 'BLOB' THEN OCTET_LENGTH(CAST(stranger.same_letters AS BLOB)) ELSE LENGTH(CAST(stranger.same_letters AS TEXT)) END) <= 2 AND LEVENSHTEIN(candidate.same_letters, stranger.same_letters) <= 2 THEN 4 WHEN candidate.surname IN (stranger.surname, stranger.last_word) AND NOT stranger.is_fact THEN 5 END AS likeness
FROM strangers AS stranger
JOIN candidates AS candidate ON candidate.game_date = stranger.game_date
WHERE (stranger.home_abbr IS NULL AND stranger.away_abbr IS NULL) OR candidate.team_abbr IN (stranger.home_abbr, stranger.away_abbr))
WHERE likeness = 1 OR (likeness > 1 AND NOT is_known)), listed /* A source of facts prints everybody once: who stands beside the name is someone else. */ AS (SELECT DISTINCT printed.game_date, printed.source, name.player_lookup
FROM printed_names AS printed
JOIN canonical_names AS name ON name.player_name = printed.player_name), recognised /* Exactly one must fit, and the same one wherever the name is printed that day. */ AS (SELECT closest.game_date, closest.player_name, MIN(closest.candidate) AS player_lookup
FROM (SELECT *, MIN(likeness) OVER (PARTITION BY game_date, source, player_name, home_abbr, away_abbr) AS closest
FROM likenesses) AS closest
LEFT JOIN listed ON listed.game_date = closest.game_date AND listed.source = closest.source AND listed.player_lookup = closest.candidate AND closest.is_fact
WHERE closest.likeness = closest.closest
GROUP BY closest.game_date, closest.player_name HAVING MIN(closest.candidate) = MAX(closest.candidate) AND COUNT(listed.source) = 0), 
dated_names AS (SELECT printed.game_date, printed.player_name, day.season_year, COALESCE(same.player_lookup, name.player_lookup) AS player_lookup, CASE WHEN NOT same.player_lookup IS NULL THEN 'club' WHEN name.is_alias THEN 'alias' WHEN NOT known.player_lookup IS NULL OR NOT present.player_lookup IS NULL THEN 'name' END AS resolved_by, printed.printed_by
FROM (SELECT game_date, player_name, LISTAGG(DISTINCT source, ', ' ORDER BY source NULLS FIRST) AS printed_by
FROM printed_names
GROUP BY game_date, player_name) AS printed
JOIN game_days AS day ON day.game_date = printed.game_date
JOIN canonical_names AS name ON name.player_name = printed.player_name
LEFT JOIN recognised AS same ON same.game_date = printed.game_date AND same.player_name = printed.player_name
LEFT JOIN whole_registry AS known ON known.player_lookup = name.player_lookup
LEFT JOIN (SELECT DISTINCT game_date, player_lookup
FROM candidates) AS present ON present.game_date = printed.game_date AND present.player_lookup = name.player_lookup)
SELECT name.game_date, name.player_name, name.player_lookup, COALESCE(this_season.universal_player_id, any_season.universal_player_id) AS universal_player_id, name.resolved_by, name.printed_by
FROM dated_names AS name
LEFT JOIN season_registry AS this_season ON this_season.player_lookup = name.player_lookup AND SUBSTRING(this_season.season, 1, 4) = CAST(name.season_year AS TEXT)
LEFT JOIN whole_registry AS any_season ON any_season.player_lookup = name.player_lookup))
WHERE "game_date" BETWEEN $start_date AND $end_date
