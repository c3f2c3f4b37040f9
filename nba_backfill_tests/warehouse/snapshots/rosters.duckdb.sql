WITH "games" AS (SELECT "game_date", "game_id", "nba_game_id", "season_year", "game_type", "home_team_abbr", "away_team_abbr", "is_final", "is_over", "tip_at", "arena_timezone", "is_neutral_site", "home_score", "away_score", "result_source", "result_doubt", "home_next_game_date", "away_next_game_date", "home_games_in_next_7_days", "away_games_in_next_7_days", "source"
FROM "nba_staging"."games"
WHERE "game_date" BETWEEN $games_from AND $games_to), "player_names" AS (SELECT "game_date", "player_name", "player_lookup", "universal_player_id"
FROM "nba_staging"."player_names"
WHERE "game_date" BETWEEN $player_names_from AND $player_names_to), "espn_team_rosters" AS (SELECT "roster_date", "scrape_hour", "season_year", "team_abbr", "player_full_name", "player_lookup", "age", "birth_date", "processed_at"
FROM "nba_raw"."espn_team_rosters"
WHERE "roster_date" BETWEEN $espn_team_rosters_from AND $espn_team_rosters_to)
SELECT CAST("game_date" AS DATE) AS "game_date", CAST("player_lookup" AS TEXT) AS "player_lookup", CAST("universal_player_id" AS TEXT) AS "universal_player_id", CAST("team_abbr" AS TEXT) AS "team_abbr", CAST("roster_date" AS DATE) AS "roster_date", CAST("birth_date" AS DATE) AS "birth_date"
FROM (/* One row per game day and player on the roster of a club playing that day, by the club's latest */ /* roster of the last seven days. */
WITH team_games AS (SELECT game_date, home_team_abbr AS team_abbr
FROM games
UNION ALL
SELECT game_date, away_team_abbr
FROM games), 
roster_rows AS (SELECT CASE team_abbr WHEN 'GS' THEN 'GSW' WHEN 'NO' THEN 'NOP' WHEN 'NY' THEN 'NYK' WHEN 'SA' THEN 'SAS' WHEN 'UTAH' THEN 'UTA' WHEN 'WSH' THEN 'WAS' ELSE team_abbr END AS team_abbr /* The codes ESPN writes for some clubs. */, roster_date, COALESCE(scrape_hour, 0) AS scrape_hour, COALESCE(player_full_name, player_lookup) AS player_name, birth_date, processed_at
FROM espn_team_rosters), 
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
QUALIFY ROW_NUMBER() OVER (PARTITION BY latest.game_date, name.player_lookup ORDER BY latest.roster_date DESC, latest.scrape_hour DESC, roster.processed_at DESC, latest.team_abbr NULLS FIRST, roster.birth_date DESC) = 1)
WHERE "game_date" BETWEEN $start_date AND $end_date
