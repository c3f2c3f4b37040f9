WITH "games" AS (SELECT "game_date", "game_id", "nba_game_id", "season_year", "game_type", "home_team_abbr", "away_team_abbr", "is_final", "is_over", "tip_at", "arena_timezone", "is_neutral_site", "home_score", "away_score", "result_source", "result_doubt", "home_next_game_date", "away_next_game_date", "home_games_in_next_7_days", "away_games_in_next_7_days", "source"
FROM "nba_staging"."games"
WHERE "game_date" BETWEEN $games_from AND $games_to), "player_names" AS (SELECT "game_date", "player_name", "player_lookup", "universal_player_id", "resolved_by", "printed_by"
FROM "nba_staging"."player_names"
WHERE "game_date" BETWEEN $player_names_from AND $player_names_to), "nbac_injury_report" AS (SELECT "report_date", "report_hour", "game_date", "game_id", "team", "player_name_original", "player_full_name", "player_lookup", "injury_status", "reason", "reason_category", "confidence_score", "processed_at"
FROM "nba_raw"."nbac_injury_report"
WHERE "game_date" BETWEEN $nbac_injury_report_from AND $nbac_injury_report_to)
SELECT CAST("game_date" AS DATE) AS "game_date", CAST("player_lookup" AS TEXT) AS "player_lookup", CAST("team_abbr" AS TEXT) AS "team_abbr", CAST("injury_status" AS TEXT) AS "injury_status", CAST("reason" AS TEXT) AS "reason", CAST("report_date" AS DATE) AS "report_date", CAST("report_hour" AS BIGINT) AS "report_hour"
FROM (WITH clubs AS (/* One row per way a source writes one of the 30 clubs, in capitals: tricode, the codes of */ /* Basketball-Reference (BRK, CHO, PHO), ESPN (GS, NO, NY, SA, UTAH, WSH) and books, full name, */ /* city, nickname. Raw-input specification 1.2; what is not here is no club, and is named as such. */
SELECT SUBSTRING(entry, 1, 3) AS team_abbr, SUBSTRING(entry, 5) AS spelling
FROM UNNEST(['ATL ATL', 'ATL ATLANTA HAWKS', 'ATL HAWKS', 'ATL ATLANTA', 'BKN BKN', 'BKN BRK', 'BKN BRO', 'BKN BROOKLYN NETS', 'BKN NETS', 'BKN BROOKLYN', 'BOS BOS', 'BOS BOSTON CELTICS', 'BOS CELTICS', 'BOS BOSTON', 'CHA CHA', 'CHA CHO', 'CHA CHR', 'CHA CHARLOTTE HORNETS', 'CHA HORNETS', 'CHA CHARLOTTE', 'CHI CHI', 'CHI CHICAGO BULLS', 'CHI BULLS', 'CHI CHICAGO', 'CLE CLE', 'CLE CAVS', 'CLE CLEVELAND CAVALIERS', 'CLE CAVALIERS', 'CLE CLEVELAND', 'DAL DAL', 'DAL MAVS', 'DAL DALLAS MAVERICKS', 'DAL MAVERICKS', 'DAL DALLAS', 'DEN DEN', 'DEN DENVER NUGGETS', 'DEN NUGGETS', 'DEN DENVER', 'DET DET', 'DET DETROIT PISTONS', 'DET PISTONS', 'DET DETROIT', 'GSW GSW', 'GSW GS', 'GSW GOL', 'GSW GLS', 'GSW GOLDEN STATE WARRIORS', 'GSW WARRIORS', 'GSW GOLDEN STATE', 'HOU HOU', 'HOU HOUSTON ROCKETS', 'HOU ROCKETS', 'HOU HOUSTON', 'IND IND', 'IND INDIANA PACERS', 'IND PACERS', 'IND INDIANA', 'LAC LAC', 'LAC LA CLIPPERS', 'LAC L.A. CLIPPERS', 'LAC LOS ANGELES CLIPPERS', 'LAC CLIPPERS', 'LAL LAL', 'LAL LA LAKERS', 'LAL L.A. LAKERS', 'LAL LOS ANGELES LAKERS', 'LAL LAKERS', 'MEM MEM', 'MEM MEMPHIS GRIZZLIES', 'MEM GRIZZLIES', 'MEM MEMPHIS', 'MIA MIA', 'MIA MIAMI HEAT', 'MIA HEAT', 'MIA MIAMI', 'MIL MIL', 'MIL MILWAUKEE BUCKS', 'MIL BUCKS', 'MIL MILWAUKEE', 'MIN MIN', 'MIN WOLVES', 'MIN MINNESOTA TIMBERWOLVES', 'MIN TIMBERWOLVES', 'MIN MINNESOTA', 'NOP NOP', 'NOP NO', 'NOP NOR', 'NOP NOH', 'NOP NOLA', 'NOP NEW ORLEANS PELICANS', 'NOP PELICANS', 'NOP NEW ORLEANS', 'NYK NYK', 'NYK NY', 'NYK NEW YORK KNICKS', 'NYK KNICKS', 'NYK NEW YORK', 'OKC OKC', 'OKC OKLAHOMA CITY THUNDER', 'OKC THUNDER', 'OKC OKLAHOMA CITY', 'ORL ORL', 'ORL ORLANDO MAGIC', 'ORL MAGIC', 'ORL ORLANDO', 'PHI PHI', 'PHI PHL', 'PHI SIXERS', 'PHI PHILADELPHIA 76ERS', 'PHI 76ERS', 'PHI PHILADELPHIA', 'PHX PHX', 'PHX PHO', 'PHX PHOENIX SUNS', 'PHX SUNS', 'PHX PHOENIX', 'POR POR', 'POR TRAILBLAZERS', 'POR BLAZERS', 'POR PORTLAND TRAIL BLAZERS', 'POR TRAIL BLAZERS', 'POR PORTLAND', 'SAC SAC', 'SAC SACRAMENTO KINGS', 'SAC KINGS', 'SAC SACRAMENTO', 'SAS SAS', 'SAS SA', 'SAS SAN ANTONIO SPURS', 'SAS SPURS', 'SAS SAN ANTONIO', 'TOR TOR', 'TOR TORONTO RAPTORS', 'TOR RAPTORS', 'TOR TORONTO', 'UTA UTA', 'UTA UTAH', 'UTA UTH', 'UTA UTAH JAZZ', 'UTA JAZZ', 'WAS WAS', 'WAS WSH', 'WAS WIZ', 'WAS WASHINGTON WIZARDS', 'WAS WIZARDS', 'WAS WASHINGTON']) AS _t0(entry)), 
team_games AS (/* One row per club and game of the day, from the club's side. */
SELECT game_date, game_id, nba_game_id, season_year, home_team_abbr AS team_abbr, away_team_abbr AS opponent_team_abbr, TRUE AS is_home, is_final, home_score AS final_score, tip_at
FROM games
UNION ALL
SELECT game_date, game_id, nba_game_id, season_year, away_team_abbr, home_team_abbr, FALSE, is_final, away_score, tip_at
FROM games), 
report_rows AS (/* One row per line of an injury report, the club by tricode, NULL where the report lost it or its */ /* code is no club's. `is_of_the_game`: the id the report gives its game names the day and the club. */
SELECT report.* EXCLUDE (team), club.team_abbr, report.game_id IS NULL OR NOT REGEXP_MATCHES(report.game_id, '^\d{8}_[A-Z]+_[A-Z]+$') OR (SUBSTRING(report.game_id, 1, 8) = STRFTIME(CAST(report.game_date AS DATE), '%Y%m%d') AND (club.team_abbr IS NULL OR home.team_abbr IS NULL OR away.team_abbr IS NULL OR club.team_abbr IN (home.team_abbr, away.team_abbr))) AS is_of_the_game
FROM nbac_injury_report AS report
LEFT JOIN clubs AS club ON club.spelling = UPPER(TRIM(report.team))
LEFT JOIN clubs AS home ON home.spelling = ARRAY_EXTRACT(REGEXP_EXTRACT_ALL(report.game_id, '^\d{8}_[A-Z]+_([A-Z]+)$', 1), 1)
LEFT JOIN clubs AS away ON away.spelling = ARRAY_EXTRACT(REGEXP_EXTRACT_ALL(report.game_id, '^\d{8}_([A-Z]+)_[A-Z]+$', 1), 1))
SELECT *
FROM (/* One row per game day and player listed in an injury report before tip: his last status then. */
WITH team_tips /* Tip-off in minutes since 1970 by the Eastern clock, in which reports are dated. */ AS (SELECT game_date, team_abbr, DATE_DIFF('DAY', CAST('1970-01-01' AS DATE), CAST(CAST(CAST(tip_at AS TIMESTAMPTZ) AT TIME ZONE 'America/New_York' AS TIMESTAMP) AS DATE)) * 1440 + EXTRACT(HOUR
FROM CAST(CAST(tip_at AS TIMESTAMPTZ) AT TIME ZONE 'America/New_York' AS TIMESTAMP)) * 60 + EXTRACT(MINUTE
FROM CAST(CAST(tip_at AS TIMESTAMPTZ) AT TIME ZONE 'America/New_York' AS TIMESTAMP)) AS tip_minute
FROM team_games), 
game_days AS (SELECT DISTINCT game_date
FROM games), printed_statuses /* A report of hour h is out by the end of that hour, so the whole hour must lie before tip; an */ /* unreadable hour is taken for the day's last. Only the five known statuses say anything. */ AS (SELECT game_date, team_abbr, COALESCE(player_full_name, player_lookup) AS player_name, LOWER(TRIM(injury_status)) AS injury_status, reason, reason_category, report_date, report_hour, DATE_DIFF('DAY', CAST('1970-01-01' AS DATE), report_date) * 1440 + (COALESCE(report_hour, 23) + 1) * 60 AS out_by_minute, processed_at
FROM report_rows
WHERE is_of_the_game AND DATE_DIFF('DAY', report_date, game_date) BETWEEN 0 AND 2 AND LOWER(TRIM(injury_status)) IN ('out', 'doubtful', 'questionable', 'probable', 'available')), timely_rows /* A club that does not play that day after all has no injuries for it. Where the tip is unknown, */ /* or the club, the last report taken is that of 5 pm Eastern (hour 17). */ AS (SELECT report.*
FROM printed_statuses AS report
JOIN game_days AS day ON day.game_date = report.game_date
LEFT JOIN team_tips AS game ON game.game_date = report.game_date AND game.team_abbr = report.team_abbr
WHERE (report.team_abbr IS NULL OR NOT game.team_abbr IS NULL) AND report.out_by_minute <= COALESCE(game.tip_minute, DATE_DIFF('DAY', CAST('1970-01-01' AS DATE), report.game_date) * 1440 + 18 * 60))
SELECT report.game_date, name.player_lookup, report.team_abbr, report.injury_status, COALESCE(CASE WHEN LOWER(TRIM(report.reason)) IN ('', 'unknown', 'nan', 'none') THEN NULL ELSE report.reason END, CASE WHEN LOWER(TRIM(report.reason_category)) IN ('', 'unknown', 'nan', 'none') THEN NULL ELSE report.reason_category END) AS reason /* What the parsers write for nothing is nothing. */, report.report_date, report.report_hour
FROM timely_rows AS report
JOIN player_names AS name ON name.game_date = report.game_date AND name.player_name = report.player_name
WHERE TRUE
QUALIFY ROW_NUMBER() OVER (PARTITION BY report.game_date, name.player_lookup ORDER BY report.out_by_minute DESC, report.processed_at DESC, report.team_abbr DESC, report.injury_status NULLS FIRST, report.reason NULLS FIRST, report.reason_category NULLS FIRST) = 1))
WHERE "game_date" BETWEEN $start_date AND $end_date
