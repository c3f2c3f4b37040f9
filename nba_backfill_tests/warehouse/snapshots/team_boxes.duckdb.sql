WITH "games" AS (SELECT "game_date", "game_id", "nba_game_id", "season_year", "game_type", "home_team_abbr", "away_team_abbr", "is_final", "is_over", "tip_at", "arena_timezone", "is_neutral_site", "home_score", "away_score", "result_source", "result_doubt", "home_next_game_date", "away_next_game_date", "home_games_in_next_7_days", "away_games_in_next_7_days", "source"
FROM "nba_staging"."games"
WHERE "game_date" BETWEEN $games_from AND $games_to), "player_boxes" AS (SELECT "game_date", "game_id", "nba_game_id", "season_year", "team_abbr", "opponent_team_abbr", "is_home", "player_lookup", "universal_player_id", "player_full_name", "player_status", "appeared", "is_starter", "starter_source", "minutes", "points", "field_goals_made", "field_goals_attempted", "three_pointers_made", "three_pointers_attempted", "free_throws_made", "free_throws_attempted", "offensive_rebounds", "defensive_rebounds", "assists", "steals", "blocks", "turnovers", "personal_fouls", "plus_minus", "source"
FROM "nba_staging"."player_boxes"
WHERE "game_date" BETWEEN $player_boxes_from AND $player_boxes_to), "nbac_team_boxscore" AS (SELECT "game_id", "nba_game_id", "game_date", "season_year", "team_abbr", "is_home", "minutes", "points", "fg_made", "fg_attempted", "three_pt_made", "three_pt_attempted", "ft_made", "ft_attempted", "offensive_rebounds", "defensive_rebounds", "total_rebounds", "assists", "steals", "blocks", "turnovers", "personal_fouls", "processed_at"
FROM "nba_raw"."nbac_team_boxscore"
WHERE "game_date" BETWEEN $nbac_team_boxscore_from AND $nbac_team_boxscore_to), "bigdataball_play_by_play" AS (SELECT "game_id", "bdb_game_id", "game_date", "season_year", "home_team_abbr", "away_team_abbr", "event_sequence", "period", "event_type", "event_subtype", "player_1_name", "player_1_lookup", "player_1_team_abbr", "player_2_name", "player_2_lookup", "player_2_role", "shot_made", "shot_distance", "points_scored", "processed_at"
FROM "nba_raw"."bigdataball_play_by_play"
WHERE "game_date" BETWEEN $bigdataball_play_by_play_from AND $bigdataball_play_by_play_to)
SELECT CAST("game_date" AS DATE) AS "game_date", CAST("game_id" AS TEXT) AS "game_id", CAST("nba_game_id" AS TEXT) AS "nba_game_id", CAST("season_year" AS BIGINT) AS "season_year", CAST("team_abbr" AS TEXT) AS "team_abbr", CAST("opponent_team_abbr" AS TEXT) AS "opponent_team_abbr", CAST("is_home" AS BOOLEAN) AS "is_home", CAST("points" AS BIGINT) AS "points", CAST("fg_makes" AS BIGINT) AS "fg_makes", CAST("fg_attempts" AS BIGINT) AS "fg_attempts", CAST("three_pt_makes" AS BIGINT) AS "three_pt_makes", CAST("three_pt_attempts" AS BIGINT) AS "three_pt_attempts", CAST("ft_makes" AS BIGINT) AS "ft_makes", CAST("ft_attempts" AS BIGINT) AS "ft_attempts", CAST("offensive_rebounds" AS BIGINT) AS "offensive_rebounds", CAST("defensive_rebounds" AS BIGINT) AS "defensive_rebounds", CAST("assists" AS BIGINT) AS "assists", CAST("steals" AS BIGINT) AS "steals", CAST("blocks" AS BIGINT) AS "blocks", CAST("turnovers" AS BIGINT) AS "turnovers", CAST("team_turnovers" AS BIGINT) AS "team_turnovers", CAST("personal_fouls" AS BIGINT) AS "personal_fouls", CAST("minutes_total" AS BIGINT) AS "minutes_total", CAST("overtime_periods" AS BIGINT) AS "overtime_periods", CAST("source" AS TEXT) AS "source"
FROM (WITH clubs AS (/* One row per way a source writes one of the 30 clubs, in capitals: tricode, the codes of */ /* Basketball-Reference (BRK, CHO, PHO), ESPN (GS, NO, NY, SA, UTAH, WSH) and books, full name, */ /* city, nickname. Raw-input specification 1.2; what is not here is no club, and is named as such. */
SELECT SUBSTRING(entry, 1, 3) AS team_abbr, SUBSTRING(entry, 5) AS spelling
FROM UNNEST(['ATL ATL', 'ATL ATLANTA HAWKS', 'ATL HAWKS', 'ATL ATLANTA', 'BKN BKN', 'BKN BRK', 'BKN BRO', 'BKN BROOKLYN NETS', 'BKN NETS', 'BKN BROOKLYN', 'BOS BOS', 'BOS BOSTON CELTICS', 'BOS CELTICS', 'BOS BOSTON', 'CHA CHA', 'CHA CHO', 'CHA CHR', 'CHA CHARLOTTE HORNETS', 'CHA HORNETS', 'CHA CHARLOTTE', 'CHI CHI', 'CHI CHICAGO BULLS', 'CHI BULLS', 'CHI CHICAGO', 'CLE CLE', 'CLE CAVS', 'CLE CLEVELAND CAVALIERS', 'CLE CAVALIERS', 'CLE CLEVELAND', 'DAL DAL', 'DAL MAVS', 'DAL DALLAS MAVERICKS', 'DAL MAVERICKS', 'DAL DALLAS', 'DEN DEN', 'DEN DENVER NUGGETS', 'DEN NUGGETS', 'DEN DENVER', 'DET DET', 'DET DETROIT PISTONS', 'DET PISTONS', 'DET DETROIT', 'GSW GSW', 'GSW GS', 'GSW GOL', 'GSW GLS', 'GSW GOLDEN STATE WARRIORS', 'GSW WARRIORS', 'GSW GOLDEN STATE', 'HOU HOU', 'HOU HOUSTON ROCKETS', 'HOU ROCKETS', 'HOU HOUSTON', 'IND IND', 'IND INDIANA PACERS', 'IND PACERS', 'IND INDIANA', 'LAC LAC', 'LAC LA CLIPPERS', 'LAC L.A. CLIPPERS', 'LAC LOS ANGELES CLIPPERS', 'LAC CLIPPERS', 'LAL LAL', 'LAL LA LAKERS', 'LAL L.A. LAKERS', 'LAL LOS ANGELES LAKERS', 'LAL LAKERS', 'MEM MEM', 'MEM MEMPHIS GRIZZLIES', 'MEM GRIZZLIES', 'MEM MEMPHIS', 'MIA MIA', 'MIA MIAMI HEAT', 'MIA HEAT', 'MIA MIAMI', 'MIL MIL', 'MIL MILWAUKEE BUCKS', 'MIL BUCKS', 'MIL MILWAUKEE', 'MIN MIN', 'MIN WOLVES', 'MIN MINNESOTA TIMBERWOLVES', 'MIN TIMBERWOLVES', 'MIN MINNESOTA', 'NOP NOP', 'NOP NO', 'NOP NOR', 'NOP NOH', 'NOP NOLA', 'NOP NEW ORLEANS PELICANS', 'NOP PELICANS', 'NOP NEW ORLEANS', 'NYK NYK', 'NYK NY', 'NYK NEW YORK KNICKS', 'NYK KNICKS', 'NYK NEW YORK', 'OKC OKC', 'OKC OKLAHOMA CITY THUNDER', 'OKC THUNDER', 'OKC OKLAHOMA CITY', 'ORL ORL', 'ORL ORLANDO MAGIC', 'ORL MAGIC', 'ORL ORLANDO', 'PHI PHI', 'PHI PHL', 'PHI SIXERS', 'PHI PHILADELPHIA 76ERS', 'PHI 76ERS', 'PHI PHILADELPHIA', 'PHX PHX', 'PHX PHO', 'PHX PHOENIX SUNS', 'PHX SUNS', 'PHX PHOENIX', 'POR POR', 'POR TRAILBLAZERS', 'POR BLAZERS', 'POR PORTLAND TRAIL BLAZERS', 'POR TRAIL BLAZERS', 'POR PORTLAND', 'SAC SAC', 'SAC SACRAMENTO KINGS', 'SAC KINGS', 'SAC SACRAMENTO', 'SAS SAS', 'SAS SA', 'SAS SAN ANTONIO SPURS', 'SAS SPURS', 'SAS SAN ANTONIO', 'TOR TOR', 'TOR TORONTO RAPTORS', 'TOR RAPTORS', 'TOR TORONTO', 'UTA UTA', 'UTA UTAH', 'UTA UTH', 'UTA UTAH JAZZ', 'UTA JAZZ', 'WAS WAS', 'WAS WSH', 'WAS WIZ', 'WAS WASHINGTON WIZARDS', 'WAS WIZARDS', 'WAS WASHINGTON']) AS _t0(entry)), 
team_games AS (/* One row per club and game of the day, from the club's side. */
SELECT game_date, game_id, nba_game_id, season_year, home_team_abbr AS team_abbr, away_team_abbr AS opponent_team_abbr, TRUE AS is_home, is_final, home_score AS final_score, tip_at
FROM games
UNION ALL
SELECT game_date, game_id, nba_game_id, season_year, away_team_abbr, home_team_abbr, FALSE, is_final, away_score, tip_at
FROM games), 
team_rows AS (/* One row per club and load of a game in the official team box scores, the club by tricode (NULL */ /* where the code is no club's). */
SELECT club.team_abbr, box.* EXCLUDE (team_abbr), box.minutes AS minutes_text
FROM nbac_team_boxscore AS box
LEFT JOIN clubs AS club ON club.spelling = UPPER(TRIM(box.team_abbr))), 
printed_minutes AS (SELECT minutes_text
FROM team_rows), 
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
JOIN games_that_add_up AS game ON game.game_id = event.game_id)
SELECT *
FROM (/* One row per team and final game whose team totals agree with the final score. */
WITH official_rows /* Official rows, latest load first. Date and club find the game; the row's own home flag and */ /* game id are exchanged in half of the older games and are not read. */ AS (SELECT game.game_id, game.team_abbr, game.final_score, box.points, box.fg_made AS fg_makes, box.fg_attempted AS fg_attempts, box.three_pt_made AS three_pt_makes, box.three_pt_attempted AS three_pt_attempts, box.ft_made AS ft_makes, box.ft_attempted AS ft_attempts, box.offensive_rebounds, box.defensive_rebounds, box.assists, box.steals, box.blocks, box.turnovers, box.personal_fouls, printed.minutes AS official_minutes
FROM team_rows AS box
JOIN team_games AS game ON game.game_date = box.game_date AND game.team_abbr = box.team_abbr AND game.is_final
LEFT JOIN minutes AS printed ON printed.minutes_text = box.minutes_text
WHERE COALESCE(box.nba_game_id, '') = COALESCE(game.nba_game_id, box.nba_game_id, '')
QUALIFY ROW_NUMBER() OVER (PARTITION BY game.game_id, game.team_abbr ORDER BY box.processed_at DESC, box.points DESC, box.fg_attempted DESC, box.fg_made DESC, box.three_pt_attempted DESC, box.three_pt_made DESC, box.ft_attempted DESC, box.ft_made DESC, box.offensive_rebounds DESC, box.defensive_rebounds DESC, box.assists DESC, box.steals DESC, box.blocks DESC, box.turnovers DESC, box.personal_fouls DESC, box.minutes DESC) = 1), 
official_games AS (SELECT game_id
FROM official_rows
WHERE points = final_score
GROUP BY game_id HAVING COUNT(*) = 2), summed_rows /* A missing count of one player leaves the team's sum unknown, not smaller. */ AS (SELECT box.game_id, box.team_abbr, SUM(box.points) AS points, CASE WHEN COUNT(box.field_goals_made) = COUNT(*) THEN SUM(box.field_goals_made) ELSE NULL END AS fg_makes, CASE WHEN COUNT(box.field_goals_attempted) = COUNT(*) THEN SUM(box.field_goals_attempted) ELSE NULL END AS fg_attempts, CASE WHEN COUNT(box.three_pointers_made) = COUNT(*) THEN SUM(box.three_pointers_made) ELSE NULL END AS three_pt_makes, CASE WHEN COUNT(box.three_pointers_attempted) = COUNT(*) THEN SUM(box.three_pointers_attempted) ELSE NULL END AS three_pt_attempts, CASE WHEN COUNT(box.free_throws_made) = COUNT(*) THEN SUM(box.free_throws_made) ELSE NULL END AS ft_makes, CASE WHEN COUNT(box.free_throws_attempted) = COUNT(*) THEN SUM(box.free_throws_attempted) ELSE NULL END AS ft_attempts, CASE WHEN COUNT(box.offensive_rebounds) = COUNT(*) THEN SUM(box.offensive_rebounds) ELSE NULL END AS offensive_rebounds, CASE WHEN COUNT(box.defensive_rebounds) = COUNT(*) THEN SUM(box.defensive_rebounds) ELSE NULL END AS defensive_rebounds, CASE WHEN COUNT(box.assists) = COUNT(*) THEN SUM(box.assists) ELSE NULL END AS assists, CASE WHEN COUNT(box.steals) = COUNT(*) THEN SUM(box.steals) ELSE NULL END AS steals, CASE WHEN COUNT(box.blocks) = COUNT(*) THEN SUM(box.blocks) ELSE NULL END AS blocks, CASE WHEN COUNT(box.turnovers) = COUNT(*) THEN SUM(box.turnovers) ELSE NULL END AS turnovers, CASE WHEN COUNT(box.personal_fouls) = COUNT(*) THEN SUM(box.personal_fouls) ELSE NULL END AS personal_fouls
FROM player_boxes AS box
JOIN team_games AS game ON game.game_id = box.game_id AND game.team_abbr = box.team_abbr AND game.is_final
WHERE box.appeared
GROUP BY box.game_id, box.team_abbr HAVING COUNT(*) >= 5 AND COUNT(box.points) = COUNT(*) AND SUM(box.points) = MIN(game.final_score)), 
summed_games AS (SELECT summed.game_id
FROM summed_rows AS summed
LEFT JOIN official_games AS official ON official.game_id = summed.game_id
WHERE official.game_id IS NULL
GROUP BY summed.game_id HAVING COUNT(*) = 2), event_turnovers /* Turnovers charged to the club alone (shot clock, five seconds) name no player. The official rows */ /* count them from 2025-26 on and not before, so they are kept apart, from one source in all seasons. */ AS (SELECT game_id, team_abbr, COUNT_IF(COALESCE(event_type = 'turnover' AND player_name IS NULL, FALSE)) AS team_turnovers
FROM own_events
GROUP BY game_id, team_abbr), 
totals AS (SELECT box.game_id, box.team_abbr, box.points, box.fg_makes, box.fg_attempts, box.three_pt_makes, box.three_pt_attempts, box.ft_makes, box.ft_attempts, box.offensive_rebounds, box.defensive_rebounds, box.assists, box.steals, box.blocks, box.turnovers, box.personal_fouls, 'nbac_team_boxscore' AS source
FROM official_rows AS box
JOIN official_games AS game ON game.game_id = box.game_id
UNION ALL
SELECT box.game_id, box.team_abbr, box.points, box.fg_makes, box.fg_attempts, box.three_pt_makes, box.three_pt_attempts, box.ft_makes, box.ft_attempts, box.offensive_rebounds, box.defensive_rebounds, box.assists, box.steals, box.blocks, box.turnovers, box.personal_fouls, 'player_sum'
FROM summed_rows AS box
JOIN summed_games AS game ON game.game_id = box.game_id), official_overtimes /* Overtime belongs to the game: official minutes (240 + 25 per overtime) of either club, else */ /* the last period of the play-by-play, if its shots are those of the game, else the players' */ /* minutes; never 240 by assumption, which minutes below it (of one player, or none) would be. */ AS (SELECT game_id, CAST(ROUND((MAX(official_minutes) - 240) / 25) AS BIGINT) AS overtime_periods
FROM official_rows
WHERE official_minutes >= 239
GROUP BY game_id), 
event_totals AS (SELECT game_id, team_abbr, MAX(period) AS last_period, MIN(club_attempts) AS club_attempts
FROM events
GROUP BY game_id, team_abbr), 
event_overtimes AS (SELECT event.game_id, MAX(event.last_period) - 4 AS overtime_periods
FROM event_totals AS event
JOIN totals AS box ON box.game_id = event.game_id AND box.team_abbr = event.team_abbr
GROUP BY event.game_id HAVING MAX(event.last_period) >= 4 AND COUNT(*) = 2 AND COUNT_IF(COALESCE(ABS(event.club_attempts - box.fg_attempts) > 2, FALSE)) = 0), 
player_overtimes AS (SELECT game_id, CASE WHEN CAST(ROUND(CASE WHEN 50 <> 0 THEN (CAST(SUM(minutes) AS DOUBLE) - 480) / 50 ELSE NULL END) AS BIGINT) IS NULL OR 0 IS NULL THEN NULL ELSE GREATEST(CAST(ROUND(CASE WHEN 50 <> 0 THEN (CAST(SUM(minutes) AS DOUBLE) - 480) / 50 ELSE NULL END) AS BIGINT), 0) END AS overtime_periods
FROM player_boxes
WHERE appeared
GROUP BY game_id HAVING COUNT(minutes) = COUNT(*)), 
overtimes AS (SELECT game.game_id, COALESCE(official.overtime_periods, event.overtime_periods, player.overtime_periods) AS overtime_periods
FROM games AS game
LEFT JOIN official_overtimes AS official ON official.game_id = game.game_id
LEFT JOIN event_overtimes AS event ON event.game_id = game.game_id
LEFT JOIN player_overtimes AS player ON player.game_id = game.game_id)
SELECT game.game_date, game.game_id, game.nba_game_id, game.season_year, game.team_abbr, game.opponent_team_abbr, game.is_home, box.points, box.fg_makes, box.fg_attempts, box.three_pt_makes, box.three_pt_attempts, box.ft_makes, box.ft_attempts, box.offensive_rebounds, box.defensive_rebounds, box.assists, box.steals, box.blocks, CASE WHEN box.turnovers IS NULL OR COALESCE(players.turnovers, box.turnovers) IS NULL THEN NULL ELSE LEAST(box.turnovers, COALESCE(players.turnovers, box.turnovers)) END AS turnovers /* What the official row counts beyond its players' turnovers is the club's own. */, COALESCE(event.team_turnovers, CASE WHEN box.turnovers > players.turnovers THEN box.turnovers - players.turnovers ELSE NULL END) AS team_turnovers, box.personal_fouls, 240 + 25 * overtime.overtime_periods AS minutes_total, overtime.overtime_periods, box.source
FROM totals AS box
JOIN team_games AS game ON game.game_id = box.game_id AND game.team_abbr = box.team_abbr AND game.is_final
JOIN overtimes AS overtime ON overtime.game_id = box.game_id
LEFT JOIN summed_rows AS players ON players.game_id = box.game_id AND players.team_abbr = box.team_abbr
LEFT JOIN event_turnovers AS event ON event.game_id = box.game_id AND event.team_abbr = box.team_abbr))
WHERE "game_date" BETWEEN $start_date AND $end_date
