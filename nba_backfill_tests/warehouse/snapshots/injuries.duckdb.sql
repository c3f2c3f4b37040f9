WITH "games" AS (SELECT "game_date", "game_id", "nba_game_id", "season_year", "game_type", "home_team_abbr", "away_team_abbr", "is_final", "is_over", "tip_at", "arena_timezone", "is_neutral_site", "home_score", "away_score", "result_source", "result_doubt", "home_next_game_date", "away_next_game_date", "home_games_in_next_7_days", "away_games_in_next_7_days", "source"
FROM "nba_staging"."games"
WHERE "game_date" BETWEEN $games_from AND $games_to), "player_names" AS (SELECT "game_date", "player_name", "player_lookup", "universal_player_id"
FROM "nba_staging"."player_names"
WHERE "game_date" BETWEEN $player_names_from AND $player_names_to), "nbac_injury_report" AS (SELECT "report_date", "report_hour", "game_date", "game_id", "team", "player_name_original", "player_full_name", "player_lookup", "injury_status", "reason", "reason_category", "confidence_score", "processed_at"
FROM "nba_raw"."nbac_injury_report"
WHERE "game_date" BETWEEN $nbac_injury_report_from AND $nbac_injury_report_to)
SELECT CAST("game_date" AS DATE) AS "game_date", CAST("player_lookup" AS TEXT) AS "player_lookup", CAST("team_abbr" AS TEXT) AS "team_abbr", CAST("injury_status" AS TEXT) AS "injury_status", CAST("reason" AS TEXT) AS "reason", CAST("report_date" AS DATE) AS "report_date", CAST("report_hour" AS BIGINT) AS "report_hour"
FROM (/* One row per game day and player listed in an injury report before tip: his last status then. */
WITH team_games /* Tip-off in minutes since 1970 by the Eastern clock, in which reports are dated. */ AS (SELECT game_date, team_abbr, DATE_DIFF('DAY', CAST('1970-01-01' AS DATE), CAST(CAST(CAST(tip_at AS TIMESTAMPTZ) AT TIME ZONE 'America/New_York' AS TIMESTAMP) AS DATE)) * 1440 + EXTRACT(HOUR
FROM CAST(CAST(tip_at AS TIMESTAMPTZ) AT TIME ZONE 'America/New_York' AS TIMESTAMP)) * 60 + EXTRACT(MINUTE
FROM CAST(CAST(tip_at AS TIMESTAMPTZ) AT TIME ZONE 'America/New_York' AS TIMESTAMP)) AS tip_minute
FROM (SELECT game_date, home_team_abbr AS team_abbr, tip_at
FROM games
UNION ALL
SELECT game_date, away_team_abbr, tip_at
FROM games)), 
game_days AS (SELECT DISTINCT game_date
FROM games), report_rows /* A report of hour h is out by the end of that hour, so the whole hour must lie before tip; an */ /* unreadable hour is taken for the day's last. Only the five known statuses say anything. */ AS (SELECT game_date, CASE WHEN team = 'UNKNOWN' THEN NULL ELSE team END AS team_abbr, COALESCE(player_full_name, player_lookup) AS player_name, LOWER(TRIM(injury_status)) AS injury_status, reason, reason_category, report_date, report_hour, DATE_DIFF('DAY', CAST('1970-01-01' AS DATE), report_date) * 1440 + (COALESCE(report_hour, 23) + 1) * 60 AS out_by_minute, processed_at
FROM nbac_injury_report
WHERE DATE_DIFF('DAY', report_date, game_date) BETWEEN 0 AND 2 AND LOWER(TRIM(injury_status)) IN ('out', 'doubtful', 'questionable', 'probable', 'available')), timely_rows /* A club that does not play that day after all has no injuries for it. Where the tip is unknown, */ /* or the club, the last report taken is that of 5 pm Eastern (hour 17). */ AS (SELECT report.*
FROM report_rows AS report
JOIN game_days AS day ON day.game_date = report.game_date
LEFT JOIN team_games AS game ON game.game_date = report.game_date AND game.team_abbr = report.team_abbr
WHERE (report.team_abbr IS NULL OR NOT game.team_abbr IS NULL) AND report.out_by_minute <= COALESCE(game.tip_minute, DATE_DIFF('DAY', CAST('1970-01-01' AS DATE), report.game_date) * 1440 + 18 * 60))
SELECT report.game_date, name.player_lookup, report.team_abbr, report.injury_status, COALESCE(CASE WHEN LOWER(TRIM(report.reason)) IN ('', 'unknown', 'nan', 'none') THEN NULL ELSE report.reason END, CASE WHEN LOWER(TRIM(report.reason_category)) IN ('', 'unknown', 'nan', 'none') THEN NULL ELSE report.reason_category END) AS reason /* What the parsers write for nothing is nothing. */, report.report_date, report.report_hour
FROM timely_rows AS report
JOIN player_names AS name ON name.game_date = report.game_date AND name.player_name = report.player_name
WHERE TRUE
QUALIFY ROW_NUMBER() OVER (PARTITION BY report.game_date, name.player_lookup ORDER BY report.out_by_minute DESC, report.processed_at DESC, report.team_abbr DESC, report.injury_status NULLS FIRST, report.reason NULLS FIRST, report.reason_category NULLS FIRST) = 1)
WHERE "game_date" BETWEEN $start_date AND $end_date
