WITH "games" AS (SELECT "game_date", "game_id", "nba_game_id", "season_year", "game_type", "home_team_abbr", "away_team_abbr", "is_final", "is_over", "tip_at", "arena_timezone", "is_neutral_site", "home_score", "away_score", "result_source", "result_doubt", "home_next_game_date", "away_next_game_date", "home_games_in_next_7_days", "away_games_in_next_7_days", "source"
FROM "nba_staging"."games"
WHERE "game_date" BETWEEN $games_from AND $games_to), "player_names" AS (SELECT "game_date", "player_name", "player_lookup", "universal_player_id", "resolved_by", "printed_by"
FROM "nba_staging"."player_names"
WHERE "game_date" BETWEEN $player_names_from AND $player_names_to), "nbac_gamebook_player_stats" AS (SELECT "game_id", "game_date", "season_year", "home_team_abbr", "away_team_abbr", "player_name", "player_lookup", "team_abbr", "player_status", "dnp_reason", "minutes", "points", "field_goals_made", "field_goals_attempted", "three_pointers_made", "three_pointers_attempted", "free_throws_made", "free_throws_attempted", "offensive_rebounds", "defensive_rebounds", "total_rebounds", "assists", "steals", "blocks", "turnovers", "personal_fouls", "plus_minus", "processed_at"
FROM "nba_raw"."nbac_gamebook_player_stats"
WHERE "game_date" BETWEEN $nbac_gamebook_player_stats_from AND $nbac_gamebook_player_stats_to), "bdl_player_boxscores" AS (SELECT "game_id", "game_date", "season_year", "home_team_abbr", "away_team_abbr", "team_abbr", "player_full_name", "player_lookup", "minutes", "points", "assists", "rebounds", "offensive_rebounds", "defensive_rebounds", "steals", "blocks", "turnovers", "personal_fouls", "field_goals_made", "field_goals_attempted", "three_pointers_made", "three_pointers_attempted", "free_throws_made", "free_throws_attempted", "processed_at"
FROM "nba_raw"."bdl_player_boxscores"
WHERE "game_date" BETWEEN $bdl_player_boxscores_from AND $bdl_player_boxscores_to), "bigdataball_play_by_play" AS (SELECT "game_id", "bdb_game_id", "game_date", "season_year", "home_team_abbr", "away_team_abbr", "event_sequence", "period", "event_type", "event_subtype", "player_1_name", "player_1_lookup", "player_1_team_abbr", "player_2_name", "player_2_lookup", "player_2_role", "shot_made", "shot_distance", "points_scored", "processed_at"
FROM "nba_raw"."bigdataball_play_by_play"
WHERE "game_date" BETWEEN $bigdataball_play_by_play_from AND $bigdataball_play_by_play_to)
SELECT CAST("game_date" AS DATE) AS "game_date", CAST("game_id" AS TEXT) AS "game_id", CAST("nba_game_id" AS TEXT) AS "nba_game_id", CAST("season_year" AS BIGINT) AS "season_year", CAST("team_abbr" AS TEXT) AS "team_abbr", CAST("opponent_team_abbr" AS TEXT) AS "opponent_team_abbr", CAST("is_home" AS BOOLEAN) AS "is_home", CAST("player_lookup" AS TEXT) AS "player_lookup", CAST("universal_player_id" AS TEXT) AS "universal_player_id", CAST("player_full_name" AS TEXT) AS "player_full_name", CAST("player_status" AS TEXT) AS "player_status", CAST("appeared" AS BOOLEAN) AS "appeared", CAST("is_starter" AS BOOLEAN) AS "is_starter", CAST("starter_source" AS TEXT) AS "starter_source", CAST(CAST("minutes" AS DECIMAL(18, 9)) AS DECIMAL(6, 2)) AS "minutes", CAST("points" AS BIGINT) AS "points", CAST("field_goals_made" AS BIGINT) AS "field_goals_made", CAST("field_goals_attempted" AS BIGINT) AS "field_goals_attempted", CAST("three_pointers_made" AS BIGINT) AS "three_pointers_made", CAST("three_pointers_attempted" AS BIGINT) AS "three_pointers_attempted", CAST("free_throws_made" AS BIGINT) AS "free_throws_made", CAST("free_throws_attempted" AS BIGINT) AS "free_throws_attempted", CAST("offensive_rebounds" AS BIGINT) AS "offensive_rebounds", CAST("defensive_rebounds" AS BIGINT) AS "defensive_rebounds", CAST("assists" AS BIGINT) AS "assists", CAST("steals" AS BIGINT) AS "steals", CAST("blocks" AS BIGINT) AS "blocks", CAST("turnovers" AS BIGINT) AS "turnovers", CAST("personal_fouls" AS BIGINT) AS "personal_fouls", CAST("plus_minus" AS BIGINT) AS "plus_minus", CAST("source" AS TEXT) AS "source"
FROM (WITH clubs AS (/* One row per way a source writes one of the 30 clubs, in capitals: tricode, the codes of */ /* Basketball-Reference (BRK, CHO, PHO), ESPN (GS, NO, NY, SA, UTAH, WSH) and books, full name, */ /* city, nickname. Raw-input specification 1.2; what is not here is no club, and is named as such. */
SELECT SUBSTRING(entry, 1, 3) AS team_abbr, SUBSTRING(entry, 5) AS spelling
FROM UNNEST(['ATL ATL', 'ATL ATLANTA HAWKS', 'ATL HAWKS', 'ATL ATLANTA', 'BKN BKN', 'BKN BRK', 'BKN BRO', 'BKN BROOKLYN NETS', 'BKN NETS', 'BKN BROOKLYN', 'BOS BOS', 'BOS BOSTON CELTICS', 'BOS CELTICS', 'BOS BOSTON', 'CHA CHA', 'CHA CHO', 'CHA CHR', 'CHA CHARLOTTE HORNETS', 'CHA HORNETS', 'CHA CHARLOTTE', 'CHI CHI', 'CHI CHICAGO BULLS', 'CHI BULLS', 'CHI CHICAGO', 'CLE CLE', 'CLE CAVS', 'CLE CLEVELAND CAVALIERS', 'CLE CAVALIERS', 'CLE CLEVELAND', 'DAL DAL', 'DAL MAVS', 'DAL DALLAS MAVERICKS', 'DAL MAVERICKS', 'DAL DALLAS', 'DEN DEN', 'DEN DENVER NUGGETS', 'DEN NUGGETS', 'DEN DENVER', 'DET DET', 'DET DETROIT PISTONS', 'DET PISTONS', 'DET DETROIT', 'GSW GSW', 'GSW GS', 'GSW GOL', 'GSW GLS', 'GSW GOLDEN STATE WARRIORS', 'GSW WARRIORS', 'GSW GOLDEN STATE', 'HOU HOU', 'HOU HOUSTON ROCKETS', 'HOU ROCKETS', 'HOU HOUSTON', 'IND IND', 'IND INDIANA PACERS', 'IND PACERS', 'IND INDIANA', 'LAC LAC', 'LAC LA CLIPPERS', 'LAC L.A. CLIPPERS', 'LAC LOS ANGELES CLIPPERS', 'LAC CLIPPERS', 'LAL LAL', 'LAL LA LAKERS', 'LAL L.A. LAKERS', 'LAL LOS ANGELES LAKERS', 'LAL LAKERS', 'MEM MEM', 'MEM MEMPHIS GRIZZLIES', 'MEM GRIZZLIES', 'MEM MEMPHIS', 'MIA MIA', 'MIA MIAMI HEAT', 'MIA HEAT', 'MIA MIAMI', 'MIL MIL', 'MIL MILWAUKEE BUCKS', 'MIL BUCKS', 'MIL MILWAUKEE', 'MIN MIN', 'MIN WOLVES', 'MIN MINNESOTA TIMBERWOLVES', 'MIN TIMBERWOLVES', 'MIN MINNESOTA', 'NOP NOP', 'NOP NO', 'NOP NOR', 'NOP NOH', 'NOP NOLA', 'NOP NEW ORLEANS PELICANS', 'NOP PELICANS', 'NOP NEW ORLEANS', 'NYK NYK', 'NYK NY', 'NYK NEW YORK KNICKS', 'NYK KNICKS', 'NYK NEW YORK', 'OKC OKC', 'OKC OKLAHOMA CITY THUNDER', 'OKC THUNDER', 'OKC OKLAHOMA CITY', 'ORL ORL', 'ORL ORLANDO MAGIC', 'ORL MAGIC', 'ORL ORLANDO', 'PHI PHI', 'PHI PHL', 'PHI SIXERS', 'PHI PHILADELPHIA 76ERS', 'PHI 76ERS', 'PHI PHILADELPHIA', 'PHX PHX', 'PHX PHO', 'PHX PHOENIX SUNS', 'PHX SUNS', 'PHX PHOENIX', 'POR POR', 'POR TRAILBLAZERS', 'POR BLAZERS', 'POR PORTLAND TRAIL BLAZERS', 'POR TRAIL BLAZERS', 'POR PORTLAND', 'SAC SAC', 'SAC SACRAMENTO KINGS', 'SAC KINGS', 'SAC SACRAMENTO', 'SAS SAS', 'SAS SA', 'SAS SAN ANTONIO SPURS', 'SAS SPURS', 'SAS SAN ANTONIO', 'TOR TOR', 'TOR TORONTO RAPTORS', 'TOR RAPTORS', 'TOR TORONTO', 'UTA UTA', 'UTA UTAH', 'UTA UTH', 'UTA UTAH JAZZ', 'UTA JAZZ', 'WAS WAS', 'WAS WSH', 'WAS WIZ', 'WAS WASHINGTON WIZARDS', 'WAS WIZARDS', 'WAS WASHINGTON']) AS _t0(entry)), 
team_games AS (/* One row per club and game of the day, from the club's side. */
SELECT game_date, game_id, nba_game_id, season_year, home_team_abbr AS team_abbr, away_team_abbr AS opponent_team_abbr, TRUE AS is_home, is_final, home_score AS final_score, tip_at
FROM games
UNION ALL
SELECT game_date, game_id, nba_game_id, season_year, away_team_abbr, home_team_abbr, FALSE, is_final, away_score, tip_at
FROM games), 
box_rows AS (/* One row per player and load of a game in the box scores, both vendors in one shape, clubs by */ /* tricode (NULL where the code is no club's). `has_counts`: a counted statistic above 0, which */ /* only someone who was on court has. */
SELECT printed.*, COALESCE(printed.points, 0) > 0 OR COALESCE(printed.field_goals_attempted, 0) > 0 OR COALESCE(printed.free_throws_attempted, 0) > 0 OR COALESCE(printed.offensive_rebounds, 0) > 0 OR COALESCE(printed.defensive_rebounds, 0) > 0 OR COALESCE(printed.assists, 0) > 0 OR COALESCE(printed.steals, 0) > 0 OR COALESCE(printed.blocks, 0) > 0 OR COALESCE(printed.turnovers, 0) > 0 OR COALESCE(printed.personal_fouls, 0) > 0 OR COALESCE(printed.plus_minus, 0) <> 0 AS has_counts, club.team_abbr, home.team_abbr AS home_team_abbr, away.team_abbr AS away_team_abbr
FROM (SELECT 'nbac_gamebook' AS source, 1 AS source_rank, game_date, team_abbr AS club_code, home_team_abbr AS home_code, away_team_abbr AS away_code, COALESCE(player_name, player_lookup) AS player_name, LOWER(TRIM(player_status)) AS printed_status, minutes AS minutes_text, points, field_goals_made, field_goals_attempted, three_pointers_made, three_pointers_attempted, free_throws_made, free_throws_attempted, offensive_rebounds, defensive_rebounds, assists, steals, blocks, turnovers, personal_fouls, plus_minus, processed_at
FROM nbac_gamebook_player_stats
UNION ALL
SELECT 'bdl_boxscores', 2, game_date, team_abbr, home_team_abbr, away_team_abbr, COALESCE(player_full_name, player_lookup), CAST(NULL AS TEXT), minutes, points, field_goals_made, field_goals_attempted, three_pointers_made, three_pointers_attempted, free_throws_made, free_throws_attempted, offensive_rebounds, defensive_rebounds, assists, steals, blocks, turnovers, personal_fouls, CAST(NULL AS BIGINT), processed_at
FROM bdl_player_boxscores) AS printed
LEFT JOIN clubs AS club ON club.spelling = UPPER(TRIM(printed.club_code))
LEFT JOIN clubs AS home ON home.spelling = UPPER(TRIM(printed.home_code))
LEFT JOIN clubs AS away ON away.spelling = UPPER(TRIM(printed.away_code))), 
printed_minutes AS (SELECT minutes_text
FROM box_rows), 
minutes AS (/* One row per way a source prints minutes: what it means in minutes, NULL if it says nothing */ /* (DNP, a dash, an empty text). `to_the_second`: 0 is then no second on court, whereas the 0 of a */ /* source that prints whole minutes is less than half of one. */ /* Forms: MM:SS, where MM:60 is the next minute (analytics specification 2.2 makes it unknown; 52 */ /* rows of five seasons say otherwise), 0:MM:SS, MM:SS:00 as spreadsheets turn it, ISO 8601 */ /* (PT27M15.00S), and numbers. */
SELECT minutes_text, CASE form WHEN 'clock' THEN ROUND(TRY_CAST(ARRAY_EXTRACT(REGEXP_EXTRACT_ALL(said, '^(\d+):', 1), 1) AS BIGINT) + TRY_CAST(ARRAY_EXTRACT(REGEXP_EXTRACT_ALL(said, ':([\d.]+)$', 1), 1) AS DOUBLE) / 60 + 1e-9, 2) WHEN 'iso' THEN ROUND(COALESCE(TRY_CAST(ARRAY_EXTRACT(REGEXP_EXTRACT_ALL(said, '(\d+)H', 1), 1) AS BIGINT), 0) * 60 + COALESCE(TRY_CAST(ARRAY_EXTRACT(REGEXP_EXTRACT_ALL(said, '(\d+)M', 1), 1) AS BIGINT), 0) + COALESCE(TRY_CAST(ARRAY_EXTRACT(REGEXP_EXTRACT_ALL(said, '([\d.]+)S', 1), 1) AS DOUBLE), 0) / 60 + 1e-9, 2) WHEN 'number' THEN ROUND(TRY_CAST(REPLACE(said, ',', '.') AS DOUBLE) + 1e-9, 2) END AS minutes, form IN ('clock', 'iso') AS to_the_second
FROM (SELECT minutes_text, said, CASE WHEN REGEXP_MATCHES(said, '^\d{1,3}:([0-5]\d|60)(\.\d+)?$') THEN 'clock' WHEN REGEXP_MATCHES(said, '^PT(\d+H)?(\d+M)?(\d+(\.\d+)?S)?$') AND said <> 'PT' THEN 'iso' WHEN REGEXP_MATCHES(said, '^\d+([.,]\d+)?$') THEN 'number' ELSE 'nothing' END AS form
FROM (SELECT minutes_text, REGEXP_REPLACE(REGEXP_REPLACE(UPPER(TRIM(minutes_text)), '^0{1,2}:([0-5]\d:[0-5]\d)$', '\1', 'g'), '^(\d{2,3}:[0-5]\d):00$', '\1', 'g') AS said
FROM (SELECT DISTINCT minutes_text
FROM printed_minutes)
WHERE NOT minutes_text IS NULL))), 
events AS (/* One row per event of a final game, by the club of the acting player. */ /* The clubs a row names must be those of the game, and where some rows name the game by its ids, */ /* the others are of another. What the events add up to is on every row, for whoever can compare it */ /* with the club's box score: `club_attempts`, and `points_gap` from the final score, NULL where a */ /* source prints no points with its events. */
WITH claimed_events AS (SELECT game.game_date, game.game_id, game.team_abbr, game.opponent_team_abbr, game.final_score, LOWER(TRIM(event.event_type)) AS event_type, COALESCE(LOWER(event.event_subtype), '') AS subtype, event.event_sequence, event.period, event.shot_made, event.shot_distance, COALESCE(event.player_1_name, event.player_1_lookup) AS player_name, COALESCE(event.player_2_name, event.player_2_lookup) AS second_name, COALESCE(LOWER(event.player_2_role), '') AS second_role, event.points_scored, event.processed_at, COALESCE(SUBSTRING(event.game_id, 1, 8) = STRFTIME(CAST(game.game_date AS DATE), '%Y%m%d'), TRUE) /* The canonical id begins with the day; the number is the official id without its zeros. */ AND COALESCE(event.bdb_game_id = TRY_CAST(ARRAY_EXTRACT(REGEXP_EXTRACT_ALL(game.nba_game_id, '^0*(\d+)$', 1), 1) AS BIGINT), TRUE) AS is_named
FROM bigdataball_play_by_play AS event
JOIN clubs AS club ON club.spelling = UPPER(TRIM(event.player_1_team_abbr))
JOIN team_games AS game ON game.game_date = event.game_date AND game.team_abbr = club.team_abbr AND game.is_final
LEFT JOIN clubs AS home ON home.spelling = UPPER(TRIM(event.home_team_abbr))
LEFT JOIN clubs AS away ON away.spelling = UPPER(TRIM(event.away_team_abbr))
WHERE COALESCE(home.team_abbr, game.team_abbr) IN (game.team_abbr, game.opponent_team_abbr) AND COALESCE(away.team_abbr, game.team_abbr) IN (game.team_abbr, game.opponent_team_abbr)
QUALIFY is_named OR COUNT_IF(COALESCE(is_named, FALSE)) OVER (PARTITION BY game.game_id) = 0), game_numbers /* Numbers that tell fewer than one event in four from the others (one number for all of a game) */ /* tell nothing; a game loaded up to four times still passes. */ AS (SELECT game_id, COUNT(DISTINCT event_sequence) * 4 >= COUNT(*) AS numbers_tell, COUNT(DISTINCT event_sequence) = COUNT(*) AS every_number_once
FROM claimed_events
GROUP BY game_id), copied_events /* A game loaded twice stands twice: of identical events one stays. Without a number that tells */ /* them apart, two events of one load that look alike are two events. (A fraction is no key in */ /* GoogleSQL: distances count in hundredths of a foot.) */ AS (SELECT event.*, CASE WHEN number.numbers_tell AND NOT event.event_sequence IS NULL THEN 1 ELSE ROW_NUMBER() OVER (PARTITION BY event.game_id, event.team_abbr, event.event_type, event.subtype, event.event_sequence, event.period, event.shot_made, CAST(ROUND(event.shot_distance * 100) AS BIGINT), event.player_name, event.second_name, event.second_role, event.points_scored, event.processed_at ORDER BY event.event_sequence NULLS FIRST) END AS nth_alike
FROM claimed_events AS event
JOIN game_numbers AS number ON number.game_id = event.game_id AND NOT number.every_number_once), 
events_once AS (SELECT event.*, 1 AS nth_alike
FROM claimed_events AS event
JOIN game_numbers AS number ON number.game_id = event.game_id AND number.every_number_once
UNION ALL
SELECT *
FROM copied_events
WHERE TRUE
QUALIFY ROW_NUMBER() OVER (PARTITION BY game_id, team_abbr, event_type, subtype, event_sequence, period, shot_made, CAST(ROUND(shot_distance * 100) AS BIGINT), player_name, second_name, second_role, points_scored, nth_alike ORDER BY processed_at DESC) = 1), 
club_totals AS (SELECT game_id, team_abbr, COUNT_IF(COALESCE(event_type = 'shot' AND NOT shot_made IS NULL, FALSE)) AS club_attempts, CASE WHEN COUNT_IF(COALESCE(points_scored IS NULL AND (shot_made OR event_type = 'free throw'), FALSE)) = 0 THEN ABS(SUM(points_scored) - MIN(final_score)) ELSE NULL END AS points_gap
FROM events_once
GROUP BY game_id, team_abbr)
SELECT event.*, total.club_attempts, total.points_gap
FROM events_once AS event
JOIN club_totals AS total ON total.game_id = event.game_id AND total.team_abbr = event.team_abbr), 
own_events AS (/* One row per event of a final game whose play-by-play adds up to the final score of both clubs, */ /* within the few points by which the vendor's events are off. Events filed under another game do not. */
WITH games_that_add_up AS (SELECT game_id
FROM (SELECT game_id, team_abbr, MIN(points_gap) AS points_gap
FROM events
GROUP BY game_id, team_abbr)
WHERE points_gap <= 4
GROUP BY game_id HAVING COUNT(*) = 2)
SELECT event.*
FROM events AS event
JOIN games_that_add_up AS game ON game.game_id = event.game_id), 
starting_fives AS (/* One row per player of a club's starting five: the five who are on court as the game opens. */ /* Whoever acts in the first quarter was on court then; he started unless his first substitution */ /* brings him in. A technical foul may also be that of a player on the bench. */
WITH appearances AS (SELECT game_date, game_id, team_abbr, event_sequence, subtype, player_name
FROM own_events
WHERE period = 1 AND NOT player_name IS NULL AND NOT (event_type = 'foul' AND STRPOS(subtype, 'technical') > 0)
UNION ALL /* An assist is the shooter's team-mate's, a block or a steal the opponent's. */
SELECT game_date, game_id, CASE WHEN second_role = 'assist' THEN team_abbr ELSE opponent_team_abbr END, event_sequence, 'second player', second_name
FROM own_events
WHERE period = 1 AND NOT second_name IS NULL AND second_role IN ('assist', 'block', 'steal')), 
substitutions AS (SELECT seen.game_date, seen.game_id, seen.team_abbr, name.player_lookup, MIN(CASE WHEN seen.subtype = 'substitution in' THEN seen.event_sequence ELSE NULL END) AS came_in, MIN(CASE WHEN seen.subtype = 'substitution out' THEN seen.event_sequence ELSE NULL END) AS went_out
FROM appearances AS seen
JOIN player_names AS name ON name.game_date = seen.game_date AND name.player_name = seen.player_name
GROUP BY seen.game_date, seen.game_id, seen.team_abbr, name.player_lookup) /* Fewer than five: somebody played the quarter and left no trace; more: an event is wrong. Then the */ /* five are not known. */
SELECT game_date, game_id, team_abbr, player_lookup
FROM substitutions
WHERE came_in IS NULL OR went_out < came_in
QUALIFY COUNT(*) OVER (PARTITION BY game_id, team_abbr) = 5)
SELECT *
FROM (/* One row per player and final game listed in the game's accepted box score, dnp rows included. */
WITH timed_rows /* Both vendors say in two ways who played: the official one by its status, the second by minutes */ /* alone, where nothing or 0 means that a player sat out, unless he is counted with anything. */ AS (SELECT box.*, printed.minutes AS minutes_played, COALESCE(printed.minutes = 0 AND printed.to_the_second, FALSE) AS not_a_second, COALESCE(box.printed_status, CASE WHEN box.has_counts OR printed.minutes > 0 THEN 'active' ELSE 'dnp' END) AS player_status
FROM box_rows AS box
LEFT JOIN minutes AS printed ON printed.minutes_text = box.minutes_text), game_rows /* The game is found by date and club, which is unique; a row filed under another pairing of */ /* clubs belongs to another game. A name that resolves to nothing cannot be kept, and its points */ /* will be missing in the sum below. */ AS (SELECT game.*, name.player_lookup, name.universal_player_id, row_.source, row_.source_rank, row_.player_name, row_.player_status, row_.minutes_played, row_.not_a_second, row_.has_counts, row_.points, row_.field_goals_made, row_.field_goals_attempted, row_.three_pointers_made, row_.three_pointers_attempted, row_.free_throws_made, row_.free_throws_attempted, row_.offensive_rebounds, row_.defensive_rebounds, row_.assists, row_.steals, row_.blocks, row_.turnovers, row_.personal_fouls, row_.plus_minus, row_.processed_at
FROM timed_rows AS row_
JOIN team_games AS game ON game.game_date = row_.game_date AND game.team_abbr = row_.team_abbr AND game.is_final
JOIN player_names AS name ON name.game_date = row_.game_date AND name.player_name = row_.player_name
WHERE COALESCE(row_.home_team_abbr, game.team_abbr) IN (game.team_abbr, game.opponent_team_abbr) AND COALESCE(row_.away_team_abbr, game.team_abbr) IN (game.team_abbr, game.opponent_team_abbr)), latest_rows /* A game loaded twice stands twice: the latest load wins, and within a load the active row. */ AS (SELECT *
FROM game_rows
WHERE TRUE
QUALIFY ROW_NUMBER() OVER (PARTITION BY source, game_id, player_lookup ORDER BY processed_at DESC, CASE player_status WHEN 'active' THEN 1 WHEN 'dnp' THEN 2 ELSE 3 END NULLS FIRST, minutes_played DESC, points DESC, field_goals_attempted DESC, field_goals_made DESC, three_pointers_attempted DESC, three_pointers_made DESC, free_throws_attempted DESC, free_throws_made DESC, offensive_rebounds DESC, defensive_rebounds DESC, assists DESC, steals DESC, blocks DESC, turnovers DESC, personal_fouls DESC, plus_minus DESC, team_abbr NULLS FIRST, player_name NULLS FIRST) = 1), complete_teams /* Complete: at least five active players and exactly the final score; an unreadable points value */ /* leaves the sum unknown. A box in which nobody has minutes was printed before they were known. */ AS (SELECT source, source_rank, game_id, team_abbr
FROM latest_rows
WHERE player_status = 'active'
GROUP BY source, source_rank, game_id, team_abbr HAVING COUNT(*) >= 5 AND COUNT(points) = COUNT(*) AND SUM(points) = MIN(final_score) AND COUNT_IF(COALESCE(minutes_played > 0, FALSE)) > 0), 
accepted_sources AS (SELECT game_id, MIN(source_rank) AS source_rank
FROM (SELECT game_id, source_rank
FROM complete_teams
GROUP BY game_id, source_rank HAVING COUNT(*) = 2)
GROUP BY game_id), substituted_players /* Who entered or left the game was on court, whatever the minutes say; events that are not at the */ /* score of the game (two field goals off at most) are of another. */ AS (SELECT DISTINCT event.game_date, name.player_lookup
FROM events AS event
JOIN player_names AS name ON name.game_date = event.game_date AND name.player_name = event.player_name
WHERE event.event_type = 'substitution' AND COALESCE(event.points_gap, 0) <= 8), played_rows /* Rows played, as the league counts them: who is counted with anything, and who was substituted; */ /* else an active official row with minutes, the `0` of whole minutes (under half of one) included. */ /* Not a second (0:00) or nothing readable is then no appearance. The accepted game is at its final */ /* score already, so that a substitute among the second vendor's zeros adds no points. */ AS (SELECT box.*, CASE WHEN box.player_status = 'active' THEN box.has_counts OR NOT sub.player_lookup IS NULL OR (NOT box.minutes_played IS NULL AND NOT box.not_a_second) ELSE box.source = 'bdl_boxscores' AND NOT sub.player_lookup IS NULL END AS appeared, NOT five.player_lookup IS NULL AS is_of_the_five
FROM latest_rows AS box
JOIN accepted_sources AS accepted ON accepted.game_id = box.game_id AND accepted.source_rank = box.source_rank
LEFT JOIN substituted_players AS sub ON sub.game_date = box.game_date AND sub.player_lookup = box.player_lookup
LEFT JOIN starting_fives AS five ON five.game_id = box.game_id AND five.team_abbr = box.team_abbr AND five.player_lookup = box.player_lookup
WHERE box.player_status IN ('active', 'dnp')), boxes_with_five /* A five of whom the box score lacks one is not the club's. */ AS (SELECT *, COUNT_IF(COALESCE(appeared AND is_of_the_five, FALSE)) OVER (PARTITION BY game_id, team_abbr) = 5 AS knows_the_five
FROM played_rows)
SELECT game_date, game_id, nba_game_id, season_year, team_abbr, opponent_team_abbr, is_home, player_lookup, universal_player_id, player_name AS player_full_name, CASE WHEN appeared THEN 'active' ELSE 'dnp' END AS player_status, appeared, CASE WHEN knows_the_five THEN is_of_the_five ELSE NULL END AS is_starter, CASE WHEN knows_the_five THEN 'play_by_play' ELSE NULL END AS starter_source, CASE WHEN appeared AND NOT not_a_second THEN minutes_played ELSE NULL END AS minutes, CASE WHEN appeared THEN points ELSE NULL END AS points, CASE WHEN appeared THEN field_goals_made ELSE NULL END AS field_goals_made, CASE WHEN appeared THEN field_goals_attempted ELSE NULL END AS field_goals_attempted, CASE WHEN appeared THEN three_pointers_made ELSE NULL END AS three_pointers_made, CASE WHEN appeared THEN three_pointers_attempted ELSE NULL END AS three_pointers_attempted, CASE WHEN appeared THEN free_throws_made ELSE NULL END AS free_throws_made, CASE WHEN appeared THEN free_throws_attempted ELSE NULL END AS free_throws_attempted, CASE WHEN appeared THEN offensive_rebounds ELSE NULL END AS offensive_rebounds, CASE WHEN appeared THEN defensive_rebounds ELSE NULL END AS defensive_rebounds, CASE WHEN appeared THEN assists ELSE NULL END AS assists, CASE WHEN appeared THEN steals ELSE NULL END AS steals, CASE WHEN appeared THEN blocks ELSE NULL END AS blocks, CASE WHEN appeared THEN turnovers ELSE NULL END AS turnovers, CASE WHEN appeared THEN personal_fouls ELSE NULL END AS personal_fouls, CASE WHEN appeared THEN plus_minus ELSE NULL END AS plus_minus, source
FROM boxes_with_five /* Who changed clubs is listed by the old one too, as one who did not play: where he played says */ /* whose he is. */
WHERE TRUE
QUALIFY appeared OR ROW_NUMBER() OVER (PARTITION BY game_date, player_lookup ORDER BY appeared DESC, source_rank NULLS FIRST, game_id NULLS FIRST) = 1))
WHERE "game_date" BETWEEN $start_date AND $end_date
