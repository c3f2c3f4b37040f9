WITH "nbac_schedule" AS (SELECT "game_id", "game_date", "game_date_est", "season_year", "game_status", "home_team_tricode", "away_team_tricode", "home_team_score", "away_team_score", "is_regular_season", "is_playoffs", "is_all_star", "is_emirates_cup", "playoff_round", "neutral_site_flag", "arena_timezone", "processed_at"
FROM "nba_raw"."nbac_schedule"
WHERE "game_date" BETWEEN $nbac_schedule_from AND $nbac_schedule_to), "espn_scoreboard" AS (SELECT "game_id", "espn_game_id", "game_date", "season_year", "home_team_abbr", "away_team_abbr", "is_completed", "scheduled_start_time", "home_team_score", "away_team_score", "processed_at"
FROM "nba_raw"."espn_scoreboard"
WHERE "game_date" BETWEEN $espn_scoreboard_from AND $espn_scoreboard_to)
SELECT CAST("game_date" AS DATE) AS "game_date", CAST("game_id" AS TEXT) AS "game_id", CAST("nba_game_id" AS TEXT) AS "nba_game_id", CAST("season_year" AS BIGINT) AS "season_year", CAST("game_type" AS TEXT) AS "game_type", CAST("home_team_abbr" AS TEXT) AS "home_team_abbr", CAST("away_team_abbr" AS TEXT) AS "away_team_abbr", CAST("is_final" AS BOOLEAN) AS "is_final", CAST("tip_at" AS TIMESTAMPTZ) AS "tip_at", CAST("arena_timezone" AS TEXT) AS "arena_timezone", CAST("is_neutral_site" AS BOOLEAN) AS "is_neutral_site", CAST("home_score" AS BIGINT) AS "home_score", CAST("away_score" AS BIGINT) AS "away_score", CAST("home_next_game_date" AS DATE) AS "home_next_game_date", CAST("away_next_game_date" AS DATE) AS "away_next_game_date", CAST("home_games_in_next_7_days" AS BIGINT) AS "home_games_in_next_7_days", CAST("away_games_in_next_7_days" AS BIGINT) AS "away_games_in_next_7_days", CAST("source" AS TEXT) AS "source"
FROM (/* One row per game that counts (regular season, Cup final, play-in, play-offs), on the date it is */ /* or will be played: the truth about home and away that every other table is turned by. */
WITH clubs /* The 30 clubs, and the codes Basketball-Reference and ESPN write for some of them. */ AS (SELECT code, CASE code WHEN 'BRK' THEN 'BKN' WHEN 'CHO' THEN 'CHA' WHEN 'PHO' THEN 'PHX' WHEN 'GS' THEN 'GSW' WHEN 'NO' THEN 'NOP' WHEN 'NY' THEN 'NYK' WHEN 'SA' THEN 'SAS' WHEN 'UTAH' THEN 'UTA' WHEN 'WSH' THEN 'WAS' ELSE code END AS team_abbr
FROM UNNEST(['ATL', 'BKN', 'BOS', 'CHA', 'CHI', 'CLE', 'DAL', 'DEN', 'DET', 'GSW', 'HOU', 'IND', 'LAC', 'LAL', 'MEM', 'MIA', 'MIL', 'MIN', 'NOP', 'NYK', 'OKC', 'ORL', 'PHI', 'PHX', 'POR', 'SAC', 'SAS', 'TOR', 'UTA', 'WAS', 'BRK', 'CHO', 'PHO', 'GS', 'NO', 'NY', 'SA', 'UTAH', 'WSH']) AS _t0(code)), 
schedule_rows AS (SELECT game_id AS nba_game_id, game_date, EXTRACT(YEAR
FROM game_date) - CASE WHEN EXTRACT(MONTH
FROM game_date) < 10 THEN 1 ELSE 0 END AS season_year, COALESCE(game_status, 0) AS game_status, COALESCE(is_regular_season, REGEXP_MATCHES(game_id, '^00[26]')) AS is_regular_season /* An unreadable flag must not make a game vanish: the official id says what kind it is. */, COALESCE(is_playoffs, REGEXP_MATCHES(game_id, '^00[45]')) AS is_postseason, STARTS_WITH(game_id, '005') OR COALESCE(playoff_round, '') = 'play_in' AS is_play_in, STARTS_WITH(game_id, '006') AS is_cup_final, COALESCE(is_all_star, FALSE) AS is_all_star, home_team_tricode AS home_code, away_team_tricode AS away_code, game_date_est AS tip_at, arena_timezone, COALESCE(neutral_site_flag, FALSE) AS is_neutral_site, home_team_score AS home_score, away_team_score AS away_score, processed_at
FROM nbac_schedule), surviving_rows /* A moved game leaves its old row behind on the first date: the row furthest on in its life wins. */ AS (SELECT *
FROM schedule_rows
WHERE NOT nba_game_id IS NULL
QUALIFY ROW_NUMBER() OVER (PARTITION BY nba_game_id ORDER BY game_status DESC, processed_at DESC, game_date DESC, tip_at DESC, home_code NULLS FIRST, away_code NULLS FIRST, home_score NULLS FIRST, away_score NULLS FIRST) = 1), 
schedule_freshness AS (SELECT season_year, CAST(CAST(CAST(MAX(processed_at) AS TIMESTAMPTZ) AT TIME ZONE 'America/New_York' AS TIMESTAMP) AS DATE) AS newest_date
FROM schedule_rows
GROUP BY season_year), schedule_games /* Still "scheduled" more than two days before the newest load: postponed without a new date. */ AS (SELECT game.*
FROM surviving_rows AS game
JOIN schedule_freshness AS fresh ON fresh.season_year = game.season_year
WHERE NOT (game.game_status = 1 AND COALESCE(DATE_DIFF('DAY', game.game_date, fresh.newest_date) > 2, FALSE))), 
season_phases AS (SELECT season_year, MAX(CASE WHEN NOT is_regular_season AND NOT is_postseason AND NOT is_all_star THEN game_date ELSE NULL END) AS last_preseason_date, MIN(CASE WHEN is_postseason AND is_play_in THEN game_date ELSE NULL END) AS first_play_in_date, MIN(CASE WHEN is_postseason AND NOT is_play_in THEN game_date ELSE NULL END) AS first_playoff_date
FROM schedule_games
GROUP BY season_year), 
home_timezones AS (SELECT season_year, home_code, MIN(arena_timezone) AS arena_timezone
FROM schedule_games
WHERE NOT is_neutral_site
GROUP BY season_year, home_code), scoreboard_games /* The scoreboard fills dates the schedule lacks altogether, with finished games only; a date */ /* before the schedule's last preseason game is preseason, which the scoreboard does not mark. */ AS (SELECT board.game_date, EXTRACT(YEAR
FROM board.game_date) - CASE WHEN EXTRACT(MONTH
FROM board.game_date) < 10 THEN 1 ELSE 0 END AS season_year, home.team_abbr AS home_team_abbr, away.team_abbr AS away_team_abbr, board.scheduled_start_time AS tip_at, board.home_team_score AS home_score, board.away_team_score AS away_score
FROM espn_scoreboard AS board
JOIN clubs AS home ON home.code = board.home_team_abbr
JOIN clubs AS away ON away.code = board.away_team_abbr
LEFT JOIN (SELECT DISTINCT game_date
FROM schedule_games) AS known ON known.game_date = board.game_date
WHERE board.is_completed AND known.game_date IS NULL
QUALIFY ROW_NUMBER() OVER (PARTITION BY board.game_date, home.team_abbr, away.team_abbr ORDER BY board.processed_at DESC, board.game_id NULLS FIRST, board.home_team_score NULLS FIRST, board.away_team_score NULLS FIRST, board.scheduled_start_time NULLS FIRST) = 1), 
counting_games AS (SELECT game.nba_game_id, game.game_date, game.season_year, CASE WHEN game.is_cup_final THEN 'cup_final' WHEN game.is_play_in THEN 'play_in' WHEN game.is_postseason THEN 'playoffs' ELSE 'regular_season' END AS game_type, home.team_abbr AS home_team_abbr, away.team_abbr AS away_team_abbr, game.game_status = 3 AS is_final, game.tip_at, game.arena_timezone, game.is_neutral_site, CASE WHEN game.game_status = 3 THEN game.home_score ELSE NULL END AS home_score, CASE WHEN game.game_status = 3 THEN game.away_score ELSE NULL END AS away_score, 'nbac_schedule' AS source
FROM schedule_games AS game
JOIN clubs AS home ON home.code = game.home_code
JOIN clubs AS away ON away.code = game.away_code
WHERE (game.is_regular_season OR game.is_postseason) AND NOT game.is_all_star
UNION ALL
SELECT CAST(NULL AS TEXT), board.game_date, board.season_year, CASE WHEN board.game_date >= phase.first_playoff_date THEN 'playoffs' WHEN board.game_date >= phase.first_play_in_date THEN 'play_in' ELSE 'regular_season' END, board.home_team_abbr, board.away_team_abbr, TRUE, board.tip_at, zone.arena_timezone, FALSE, board.home_score, board.away_score, 'espn_scoreboard'
FROM scoreboard_games AS board
LEFT JOIN season_phases AS phase ON phase.season_year = board.season_year
LEFT JOIN home_timezones AS zone ON zone.season_year = board.season_year AND zone.home_code = board.home_team_abbr
WHERE COALESCE(board.game_date > phase.last_preseason_date, TRUE)), 
identified_games AS (SELECT STRFTIME(CAST(game_date AS DATE), '%Y%m%d') || '_' || away_team_abbr || '_' || home_team_abbr AS game_id, *
FROM counting_games), 
team_days AS (SELECT season_year, game_id, game_date, home_team_abbr AS team_abbr
FROM identified_games
UNION ALL
SELECT season_year, game_id, game_date, away_team_abbr
FROM identified_games), 
upcoming AS (SELECT game_id, team_abbr, LEAD(game_date) OVER (PARTITION BY season_year, team_abbr ORDER BY game_date NULLS FIRST, game_id NULLS FIRST) AS next_game_date, COUNT(*) OVER (PARTITION BY season_year, team_abbr ORDER BY DATE_DIFF('DAY', CAST('1970-01-01' AS DATE), game_date) NULLS FIRST RANGE BETWEEN 1 FOLLOWING AND 7 FOLLOWING) AS games_in_next_7_days
FROM team_days)
SELECT game.*, home.next_game_date AS home_next_game_date, away.next_game_date AS away_next_game_date, home.games_in_next_7_days AS home_games_in_next_7_days, away.games_in_next_7_days AS away_games_in_next_7_days
FROM identified_games AS game
JOIN upcoming AS home ON home.game_id = game.game_id AND home.team_abbr = game.home_team_abbr
JOIN upcoming AS away ON away.game_id = game.game_id AND away.team_abbr = game.away_team_abbr)
WHERE "game_date" BETWEEN $start_date AND $end_date
