WITH "games" AS (SELECT "game_date", "game_id", "nba_game_id", "season_year", "game_type", "home_team_abbr", "away_team_abbr", "is_final", "is_over", "tip_at", "arena_timezone", "is_neutral_site", "home_score", "away_score", "result_source", "result_doubt", "home_next_game_date", "away_next_game_date", "home_games_in_next_7_days", "away_games_in_next_7_days", "source"
FROM "nba_staging"."games"
WHERE "game_date" BETWEEN $games_from AND $games_to), "player_names" AS (SELECT "game_date", "player_name", "player_lookup", "universal_player_id", "resolved_by", "printed_by"
FROM "nba_staging"."player_names"
WHERE "game_date" BETWEEN $player_names_from AND $player_names_to), "espn_team_rosters" AS (SELECT "roster_date", "scrape_hour", "season_year", "team_abbr", "player_full_name", "player_lookup", "age", "birth_date", "processed_at"
FROM "nba_raw"."espn_team_rosters"
WHERE "roster_date" BETWEEN $espn_team_rosters_from AND $espn_team_rosters_to)
SELECT CAST("game_date" AS DATE) AS "game_date", CAST("player_lookup" AS TEXT) AS "player_lookup", CAST("universal_player_id" AS TEXT) AS "universal_player_id", CAST("team_abbr" AS TEXT) AS "team_abbr", CAST("roster_date" AS DATE) AS "roster_date", CAST("birth_date" AS DATE) AS "birth_date"
FROM (WITH clubs AS (/* One row per way a source writes one of the 30 clubs, in capitals: tricode, the codes of */ /* Basketball-Reference (BRK, CHO, PHO), ESPN (GS, NO, NY, SA, UTAH, WSH) and books, full name, */ /* city, nickname. Raw-input specification 1.2; what is not here is no club, and is named as such. */
SELECT SUBSTRING(entry, 1, 3) AS team_abbr, SUBSTRING(entry, 5) AS spelling
FROM UNNEST(['ATL ATL', 'ATL ATLANTA HAWKS', 'ATL HAWKS', 'ATL ATLANTA', 'BKN BKN', 'BKN BRK', 'BKN BRO', 'BKN BROOKLYN NETS', 'BKN NETS', 'BKN BROOKLYN', 'BOS BOS', 'BOS BOSTON CELTICS', 'BOS CELTICS', 'BOS BOSTON', 'CHA CHA', 'CHA CHO', 'CHA CHR', 'CHA CHARLOTTE HORNETS', 'CHA HORNETS', 'CHA CHARLOTTE', 'CHI CHI', 'CHI CHICAGO BULLS', 'CHI BULLS', 'CHI CHICAGO', 'CLE CLE', 'CLE CAVS', 'CLE CLEVELAND CAVALIERS', 'CLE CAVALIERS', 'CLE CLEVELAND', 'DAL DAL', 'DAL MAVS', 'DAL DALLAS MAVERICKS', 'DAL MAVERICKS', 'DAL DALLAS', 'DEN DEN', 'DEN DENVER NUGGETS', 'DEN NUGGETS', 'DEN DENVER', 'DET DET', 'DET DETROIT PISTONS', 'DET PISTONS', 'DET DETROIT', 'GSW GSW', 'GSW GS', 'GSW GOL', 'GSW GLS', 'GSW GOLDEN STATE WARRIORS', 'GSW WARRIORS', 'GSW GOLDEN STATE', 'HOU HOU', 'HOU HOUSTON ROCKETS', 'HOU ROCKETS', 'HOU HOUSTON', 'IND IND', 'IND INDIANA PACERS', 'IND PACERS', 'IND INDIANA', 'LAC LAC', 'LAC LA CLIPPERS', 'LAC L.A. CLIPPERS', 'LAC LOS ANGELES CLIPPERS', 'LAC CLIPPERS', 'LAL LAL', 'LAL LA LAKERS', 'LAL L.A. LAKERS', 'LAL LOS ANGELES LAKERS', 'LAL LAKERS', 'MEM MEM', 'MEM MEMPHIS GRIZZLIES', 'MEM GRIZZLIES', 'MEM MEMPHIS', 'MIA MIA', 'MIA MIAMI HEAT', 'MIA HEAT', 'MIA MIAMI', 'MIL MIL', 'MIL MILWAUKEE BUCKS', 'MIL BUCKS', 'MIL MILWAUKEE', 'MIN MIN', 'MIN WOLVES', 'MIN MINNESOTA TIMBERWOLVES', 'MIN TIMBERWOLVES', 'MIN MINNESOTA', 'NOP NOP', 'NOP NO', 'NOP NOR', 'NOP NOH', 'NOP NOLA', 'NOP NEW ORLEANS PELICANS', 'NOP PELICANS', 'NOP NEW ORLEANS', 'NYK NYK', 'NYK NY', 'NYK NEW YORK KNICKS', 'NYK KNICKS', 'NYK NEW YORK', 'OKC OKC', 'OKC OKLAHOMA CITY THUNDER', 'OKC THUNDER', 'OKC OKLAHOMA CITY', 'ORL ORL', 'ORL ORLANDO MAGIC', 'ORL MAGIC', 'ORL ORLANDO', 'PHI PHI', 'PHI PHL', 'PHI SIXERS', 'PHI PHILADELPHIA 76ERS', 'PHI 76ERS', 'PHI PHILADELPHIA', 'PHX PHX', 'PHX PHO', 'PHX PHOENIX SUNS', 'PHX SUNS', 'PHX PHOENIX', 'POR POR', 'POR TRAILBLAZERS', 'POR BLAZERS', 'POR PORTLAND TRAIL BLAZERS', 'POR TRAIL BLAZERS', 'POR PORTLAND', 'SAC SAC', 'SAC SACRAMENTO KINGS', 'SAC KINGS', 'SAC SACRAMENTO', 'SAS SAS', 'SAS SA', 'SAS SAN ANTONIO SPURS', 'SAS SPURS', 'SAS SAN ANTONIO', 'TOR TOR', 'TOR TORONTO RAPTORS', 'TOR RAPTORS', 'TOR TORONTO', 'UTA UTA', 'UTA UTAH', 'UTA UTH', 'UTA UTAH JAZZ', 'UTA JAZZ', 'WAS WAS', 'WAS WSH', 'WAS WIZ', 'WAS WASHINGTON WIZARDS', 'WAS WIZARDS', 'WAS WASHINGTON']) AS _t0(entry)), 
team_games AS (/* One row per club and game of the day, from the club's side. */
SELECT game_date, game_id, nba_game_id, season_year, home_team_abbr AS team_abbr, away_team_abbr AS opponent_team_abbr, TRUE AS is_home, is_final, home_score AS final_score, tip_at
FROM games
UNION ALL
SELECT game_date, game_id, nba_game_id, season_year, away_team_abbr, home_team_abbr, FALSE, is_final, away_score, tip_at
FROM games)
SELECT *
FROM (/* One row per game day and player on the roster of a club playing that day, by the club's latest */ /* roster of the last seven days. */
WITH roster_rows AS (SELECT club.team_abbr, roster.roster_date, COALESCE(roster.scrape_hour, 0) AS scrape_hour, COALESCE(roster.player_full_name, roster.player_lookup) AS player_name, roster.birth_date, roster.processed_at
FROM espn_team_rosters AS roster
JOIN clubs AS club ON club.spelling = UPPER(TRIM(roster.team_abbr))), 
latest_scrapes AS (SELECT game.game_date, game.team_abbr, scrape.roster_date, scrape.scrape_hour
FROM team_games AS game
JOIN (SELECT DISTINCT team_abbr, roster_date, scrape_hour
FROM roster_rows) AS scrape ON scrape.team_abbr = game.team_abbr AND DATE_DIFF('DAY', scrape.roster_date, game.game_date) BETWEEN 0 AND 7
WHERE TRUE
QUALIFY ROW_NUMBER() OVER (PARTITION BY game.game_date, game.team_abbr ORDER BY scrape.roster_date DESC, scrape.scrape_hour DESC) = 1)
SELECT latest.game_date, name.player_lookup, name.universal_player_id, latest.team_abbr, latest.roster_date, roster.birth_date
FROM latest_scrapes AS latest
JOIN roster_rows AS roster ON roster.team_abbr = latest.team_abbr AND roster.roster_date = latest.roster_date AND roster.scrape_hour = latest.scrape_hour
JOIN player_names AS name ON name.game_date = latest.game_date AND name.player_name = roster.player_name /* A traded player may stand on two rosters scraped on different days: the newer one is right. */
WHERE TRUE
QUALIFY ROW_NUMBER() OVER (PARTITION BY latest.game_date, name.player_lookup ORDER BY latest.roster_date DESC, latest.scrape_hour DESC, roster.processed_at DESC, latest.team_abbr NULLS FIRST, roster.birth_date DESC) = 1))
WHERE "game_date" BETWEEN $start_date AND $end_date
