WITH "nbac_schedule" AS (SELECT "game_id", "game_date", "game_date_est", "season_year", "game_status", "home_team_tricode", "away_team_tricode", "home_team_score", "away_team_score", "is_regular_season", "is_playoffs", "is_all_star", "is_emirates_cup", "playoff_round", "neutral_site_flag", "arena_timezone", "processed_at"
FROM "nba_raw"."nbac_schedule"
WHERE "game_date" BETWEEN $nbac_schedule_from AND $nbac_schedule_to), "espn_scoreboard" AS (SELECT "game_id", "espn_game_id", "game_date", "season_year", "home_team_abbr", "away_team_abbr", "is_completed", "scheduled_start_time", "home_team_score", "away_team_score", "processed_at"
FROM "nba_raw"."espn_scoreboard"
WHERE "game_date" BETWEEN $espn_scoreboard_from AND $espn_scoreboard_to), "nbac_gamebook_player_stats" AS (SELECT "game_id", "game_date", "season_year", "home_team_abbr", "away_team_abbr", "player_name", "player_lookup", "team_abbr", "player_status", "dnp_reason", "minutes", "points", "field_goals_made", "field_goals_attempted", "three_pointers_made", "three_pointers_attempted", "free_throws_made", "free_throws_attempted", "offensive_rebounds", "defensive_rebounds", "total_rebounds", "assists", "steals", "blocks", "turnovers", "personal_fouls", "plus_minus", "processed_at"
FROM "nba_raw"."nbac_gamebook_player_stats"
WHERE "game_date" BETWEEN $nbac_gamebook_player_stats_from AND $nbac_gamebook_player_stats_to), "bdl_player_boxscores" AS (SELECT "game_id", "game_date", "season_year", "home_team_abbr", "away_team_abbr", "team_abbr", "player_full_name", "player_lookup", "minutes", "points", "assists", "rebounds", "offensive_rebounds", "defensive_rebounds", "steals", "blocks", "turnovers", "personal_fouls", "field_goals_made", "field_goals_attempted", "three_pointers_made", "three_pointers_attempted", "free_throws_made", "free_throws_attempted", "processed_at"
FROM "nba_raw"."bdl_player_boxscores"
WHERE "game_date" BETWEEN $bdl_player_boxscores_from AND $bdl_player_boxscores_to), "nbac_team_boxscore" AS (SELECT "game_id", "nba_game_id", "game_date", "season_year", "team_abbr", "is_home", "minutes", "points", "fg_made", "fg_attempted", "three_pt_made", "three_pt_attempted", "ft_made", "ft_attempted", "offensive_rebounds", "defensive_rebounds", "total_rebounds", "assists", "steals", "blocks", "turnovers", "personal_fouls", "processed_at"
FROM "nba_raw"."nbac_team_boxscore"
WHERE "game_date" BETWEEN $nbac_team_boxscore_from AND $nbac_team_boxscore_to)
SELECT CAST("game_date" AS DATE) AS "game_date", CAST("game_id" AS TEXT) AS "game_id", CAST("nba_game_id" AS TEXT) AS "nba_game_id", CAST("season_year" AS BIGINT) AS "season_year", CAST("game_type" AS TEXT) AS "game_type", CAST("home_team_abbr" AS TEXT) AS "home_team_abbr", CAST("away_team_abbr" AS TEXT) AS "away_team_abbr", CAST("is_final" AS BOOLEAN) AS "is_final", CAST("is_over" AS BOOLEAN) AS "is_over", CAST("tip_at" AS TIMESTAMPTZ) AS "tip_at", CAST("arena_timezone" AS TEXT) AS "arena_timezone", CAST("is_neutral_site" AS BOOLEAN) AS "is_neutral_site", CAST("home_score" AS BIGINT) AS "home_score", CAST("away_score" AS BIGINT) AS "away_score", CAST("result_source" AS TEXT) AS "result_source", CAST("result_doubt" AS TEXT) AS "result_doubt", CAST("home_next_game_date" AS DATE) AS "home_next_game_date", CAST("away_next_game_date" AS DATE) AS "away_next_game_date", CAST("home_games_in_next_7_days" AS BIGINT) AS "home_games_in_next_7_days", CAST("away_games_in_next_7_days" AS BIGINT) AS "away_games_in_next_7_days", CAST("source" AS TEXT) AS "source"
FROM (WITH clubs AS (/* One row per way a source writes one of the 30 clubs, in capitals: tricode, the codes of */ /* Basketball-Reference (BRK, CHO, PHO), ESPN (GS, NO, NY, SA, UTAH, WSH) and books, full name, */ /* city, nickname. Raw-input specification 1.2; what is not here is no club, and is named as such. */
SELECT SUBSTRING(entry, 1, 3) AS team_abbr, SUBSTRING(entry, 5) AS spelling
FROM UNNEST(['ATL ATL', 'ATL ATLANTA HAWKS', 'ATL HAWKS', 'ATL ATLANTA', 'BKN BKN', 'BKN BRK', 'BKN BRO', 'BKN BROOKLYN NETS', 'BKN NETS', 'BKN BROOKLYN', 'BOS BOS', 'BOS BOSTON CELTICS', 'BOS CELTICS', 'BOS BOSTON', 'CHA CHA', 'CHA CHO', 'CHA CHR', 'CHA CHARLOTTE HORNETS', 'CHA HORNETS', 'CHA CHARLOTTE', 'CHI CHI', 'CHI CHICAGO BULLS', 'CHI BULLS', 'CHI CHICAGO', 'CLE CLE', 'CLE CAVS', 'CLE CLEVELAND CAVALIERS', 'CLE CAVALIERS', 'CLE CLEVELAND', 'DAL DAL', 'DAL MAVS', 'DAL DALLAS MAVERICKS', 'DAL MAVERICKS', 'DAL DALLAS', 'DEN DEN', 'DEN DENVER NUGGETS', 'DEN NUGGETS', 'DEN DENVER', 'DET DET', 'DET DETROIT PISTONS', 'DET PISTONS', 'DET DETROIT', 'GSW GSW', 'GSW GS', 'GSW GOL', 'GSW GLS', 'GSW GOLDEN STATE WARRIORS', 'GSW WARRIORS', 'GSW GOLDEN STATE', 'HOU HOU', 'HOU HOUSTON ROCKETS', 'HOU ROCKETS', 'HOU HOUSTON', 'IND IND', 'IND INDIANA PACERS', 'IND PACERS', 'IND INDIANA', 'LAC LAC', 'LAC LA CLIPPERS', 'LAC L.A. CLIPPERS', 'LAC LOS ANGELES CLIPPERS', 'LAC CLIPPERS', 'LAL LAL', 'LAL LA LAKERS', 'LAL L.A. LAKERS', 'LAL LOS ANGELES LAKERS', 'LAL LAKERS', 'MEM MEM', 'MEM MEMPHIS GRIZZLIES', 'MEM GRIZZLIES', 'MEM MEMPHIS', 'MIA MIA', 'MIA MIAMI HEAT', 'MIA HEAT', 'MIA MIAMI', 'MIL MIL', 'MIL MILWAUKEE BUCKS', 'MIL BUCKS', 'MIL MILWAUKEE', 'MIN MIN', 'MIN WOLVES', 'MIN MINNESOTA TIMBERWOLVES', 'MIN TIMBERWOLVES', 'MIN MINNESOTA', 'NOP NOP', 'NOP NO', 'NOP NOR', 'NOP NOH', 'NOP NOLA', 'NOP NEW ORLEANS PELICANS', 'NOP PELICANS', 'NOP NEW ORLEANS', 'NYK NYK', 'NYK NY', 'NYK NEW YORK KNICKS', 'NYK KNICKS', 'NYK NEW YORK', 'OKC OKC', 'OKC OKLAHOMA CITY THUNDER', 'OKC THUNDER', 'OKC OKLAHOMA CITY', 'ORL ORL', 'ORL ORLANDO MAGIC', 'ORL MAGIC', 'ORL ORLANDO', 'PHI PHI', 'PHI PHL', 'PHI SIXERS', 'PHI PHILADELPHIA 76ERS', 'PHI 76ERS', 'PHI PHILADELPHIA', 'PHX PHX', 'PHX PHO', 'PHX PHOENIX SUNS', 'PHX SUNS', 'PHX PHOENIX', 'POR POR', 'POR TRAILBLAZERS', 'POR BLAZERS', 'POR PORTLAND TRAIL BLAZERS', 'POR TRAIL BLAZERS', 'POR PORTLAND', 'SAC SAC', 'SAC SACRAMENTO KINGS', 'SAC KINGS', 'SAC SACRAMENTO', 'SAS SAS', 'SAS SA', 'SAS SAN ANTONIO SPURS', 'SAS SPURS', 'SAS SAN ANTONIO', 'TOR TOR', 'TOR TORONTO RAPTORS', 'TOR RAPTORS', 'TOR TORONTO', 'UTA UTA', 'UTA UTAH', 'UTA UTH', 'UTA UTAH JAZZ', 'UTA JAZZ', 'WAS WAS', 'WAS WSH', 'WAS WIZ', 'WAS WASHINGTON WIZARDS', 'WAS WIZARDS', 'WAS WASHINGTON']) AS _t0(entry)), 
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
team_rows AS (/* One row per club and load of a game in the official team box scores, the club by tricode (NULL */ /* where the code is no club's). */
SELECT club.team_abbr, box.* EXCLUDE (team_abbr), box.minutes AS minutes_text
FROM nbac_team_boxscore AS box
LEFT JOIN clubs AS club ON club.spelling = UPPER(TRIM(box.team_abbr))), 
tip_rows AS (/* One row per tip-off that the schedule or the scoreboard prints. */
SELECT 'nbac_schedule' AS source, game_date, game_date_est AS printed_at
FROM nbac_schedule
WHERE (is_regular_season OR is_playoffs OR (is_regular_season IS NULL AND is_playoffs IS NULL)) AND NOT game_date_est IS NULL
UNION ALL
SELECT 'espn_scoreboard', game_date, scheduled_start_time
FROM espn_scoreboard
WHERE NOT scheduled_start_time IS NULL), 
printed_starts AS (SELECT game_date, printed_at
FROM tip_rows), 
starts AS (/* One row per day and start of a game that a source prints for it: the start, NULL where it stands */ /* for nothing, which is midnight of the day by Eastern or universal clock. `is_of_the_day`: by the */ /* Eastern clock it lies on the game's day, as every start of three seasons does, in the schedule, */ /* on the scoreboard and with offers; that of another day is another game's. */
SELECT game_date, printed_at, CASE WHEN is_midnight THEN NULL ELSE printed_at END AS start_at, is_midnight OR CAST(CAST(CAST(printed_at AS TIMESTAMPTZ) AT TIME ZONE 'America/New_York' AS TIMESTAMP) AS DATE) = game_date AS is_of_the_day
FROM (SELECT game_date, printed_at, printed_at IN (CAST(CAST(game_date AS TEXT) || ' 00:00:00' AS TIMESTAMP) AT TIME ZONE 'UTC', CAST(CAST(game_date AS TEXT) || ' 00:00:00' AS TIMESTAMP) AT TIME ZONE 'America/New_York') AS is_midnight
FROM (SELECT DISTINCT game_date, printed_at
FROM printed_starts)
WHERE NOT printed_at IS NULL)), 
tips AS (/* One row per source, day and tip-off it prints that can be believed: a start of the day */ /* (`starts`), and not the one time of day that a source prints for all games of three of its days */ /* running or more, two games a day on average, as one does who has not been told the times. (In */ /* three seasons no two days running are like that; finals are, at one game a day.) */
WITH printed AS (SELECT tip.source, tip.game_date, tip.printed_at, start.start_at, EXTRACT(YEAR
FROM tip.game_date) - CASE WHEN EXTRACT(MONTH
FROM tip.game_date) < 10 THEN 1 ELSE 0 END AS season_year, EXTRACT(HOUR
FROM CAST(CAST(start.start_at AS TIMESTAMPTZ) AT TIME ZONE 'America/New_York' AS TIMESTAMP)) * 60 + EXTRACT(MINUTE
FROM CAST(CAST(start.start_at AS TIMESTAMPTZ) AT TIME ZONE 'America/New_York' AS TIMESTAMP)) AS minute_of_day
FROM tip_rows AS tip
JOIN starts AS start ON start.game_date = tip.game_date AND start.printed_at = tip.printed_at
WHERE start.is_of_the_day AND NOT start.start_at IS NULL), 
printed_days AS (SELECT source, season_year, game_date, COUNT(*) AS games, CASE WHEN MIN(minute_of_day) = MAX(minute_of_day) THEN MIN(minute_of_day) ELSE -1 END AS only_minute
FROM printed
GROUP BY source, season_year, game_date), 
runs AS (SELECT *, ROW_NUMBER() OVER (PARTITION BY source, season_year ORDER BY game_date NULLS FIRST) - ROW_NUMBER() OVER (PARTITION BY source, season_year, only_minute ORDER BY game_date NULLS FIRST) AS run
FROM printed_days), 
told_days AS (SELECT source, game_date
FROM (SELECT source, game_date, only_minute, COUNT(*) OVER (PARTITION BY source, season_year, only_minute, run) AS run_days, SUM(games) OVER (PARTITION BY source, season_year, only_minute, run) AS run_games
FROM runs)
WHERE only_minute = -1 OR run_days < 3 OR run_games < 2 * run_days)
SELECT DISTINCT printed.source, printed.game_date, printed.printed_at, printed.start_at
FROM printed
JOIN told_days AS day ON day.source = printed.source AND day.game_date = printed.game_date)
SELECT *
FROM (/* One row per game that counts (regular season, Cup final, play-in, play-offs), on the date it is */ /* or will be played: the truth about home and away that every other table is turned by. */
WITH schedule_rows AS (SELECT game_id AS nba_game_id, game_date, EXTRACT(YEAR
FROM game_date) - CASE WHEN EXTRACT(MONTH
FROM game_date) < 10 THEN 1 ELSE 0 END AS season_year, COALESCE(game_status, 0) AS game_status, COALESCE(is_regular_season, REGEXP_MATCHES(game_id, '^00[26]')) AS is_regular_season /* An unreadable flag must not make a game vanish: the official id says what kind it is. */, COALESCE(is_playoffs, REGEXP_MATCHES(game_id, '^00[45]')) AS is_postseason, STARTS_WITH(game_id, '005') OR COALESCE(playoff_round, '') = 'play_in' AS is_play_in, STARTS_WITH(game_id, '006') AS is_cup_final, COALESCE(is_all_star, FALSE) AS is_all_star, home.team_abbr AS home_team_abbr, away.team_abbr AS away_team_abbr, game_date_est AS printed_tip_at, arena_timezone, COALESCE(neutral_site_flag, FALSE) AS is_neutral_site, home_team_score AS home_score, away_team_score AS away_score, processed_at
FROM nbac_schedule AS schedule
LEFT JOIN clubs AS home ON home.spelling = UPPER(TRIM(schedule.home_team_tricode))
LEFT JOIN clubs AS away ON away.spelling = UPPER(TRIM(schedule.away_team_tricode))), rated_rows /* A finished game has two scores that a game can end with. A final of 0-0 is a game that was put off. */ AS (SELECT *, COALESCE(game_status = 3 AND home_score BETWEEN 50 AND 200 AND away_score BETWEEN 50 AND 200 AND home_score <> away_score, FALSE) AS has_result
FROM schedule_rows), surviving_rows /* A moved game leaves its old row behind on the first date: the row furthest on in its life wins, */ /* and a final without a result is nowhere on. */ AS (SELECT *
FROM rated_rows
WHERE NOT nba_game_id IS NULL
QUALIFY ROW_NUMBER() OVER (PARTITION BY nba_game_id ORDER BY has_result DESC, CASE WHEN game_status = 3 THEN 0 ELSE game_status END DESC, processed_at DESC, game_date DESC, printed_tip_at DESC, home_team_abbr NULLS FIRST, away_team_abbr NULLS FIRST, home_score NULLS FIRST, away_score NULLS FIRST) = 1), 
schedule_freshness AS (SELECT season_year, CAST(CAST(CAST(MAX(processed_at) AS TIMESTAMPTZ) AT TIME ZONE 'America/New_York' AS TIMESTAMP) AS DATE) AS newest_date
FROM schedule_rows
GROUP BY season_year), boards /* The scoreboard's games, once per day and pairing: finished before not, and the newest load. */ AS (SELECT board.game_date, home.team_abbr AS home_team_abbr, away.team_abbr AS away_team_abbr, tip.start_at AS tip_at, COALESCE(board.is_completed, FALSE) AS is_completed, board.home_team_score AS home_score, board.away_team_score AS away_score
FROM espn_scoreboard AS board
JOIN clubs AS home ON home.spelling = UPPER(TRIM(board.home_team_abbr))
JOIN clubs AS away ON away.spelling = UPPER(TRIM(board.away_team_abbr))
LEFT JOIN tips AS tip ON tip.source = 'espn_scoreboard' AND tip.game_date = board.game_date AND tip.printed_at = board.scheduled_start_time
WHERE TRUE
QUALIFY ROW_NUMBER() OVER (PARTITION BY board.game_date, home.team_abbr, away.team_abbr ORDER BY COALESCE(board.is_completed, FALSE) DESC, board.processed_at DESC, board.game_id NULLS FIRST, board.home_team_score NULLS FIRST, board.away_team_score NULLS FIRST, board.scheduled_start_time NULLS FIRST) = 1), 
finished_boards AS (SELECT *
FROM boards
WHERE is_completed), box_points /* Points of a club on a day in the box scores: five players who scored at all, or the club's row. */ /* A game loaded twice stands twice, so a player counts once. */ AS (SELECT source, game_date, team_abbr, SUM(points) AS club_points
FROM (SELECT CASE source WHEN 'nbac_gamebook' THEN 'nbac_gamebook_player_stats' ELSE 'bdl_player_boxscores' END AS source, game_date, team_abbr, player_name, MAX(points) AS points
FROM box_rows
GROUP BY source, game_date, team_abbr, player_name)
GROUP BY source, game_date, team_abbr HAVING COUNT_IF(COALESCE(points > 0, FALSE)) >= 5
UNION ALL
SELECT 'nbac_team_boxscore', game_date, team_abbr, MAX(points)
FROM team_rows
GROUP BY game_date, team_abbr), 
played_clubs AS (SELECT game_date, team_abbr, source
FROM box_points
WHERE club_points >= 50), witnessed_games /* What the other sources know of a scheduled game: the result, or at least that it was played. */ AS (SELECT game.nba_game_id, game.game_date, MAX(board.home_score) AS board_home_score, MAX(board.away_score) AS board_away_score, COUNT(DISTINCT away_box.source) AS witnesses, MIN(away_box.source) AS first_witness, MAX(away_box.source) AS last_witness
FROM surviving_rows AS game
LEFT JOIN finished_boards AS board ON board.game_date = game.game_date AND board.home_team_abbr = game.home_team_abbr AND board.away_team_abbr = game.away_team_abbr AND board.home_score BETWEEN 50 AND 200 AND board.away_score BETWEEN 50 AND 200 AND board.home_score <> board.away_score
LEFT JOIN played_clubs AS home_box ON home_box.game_date = game.game_date AND home_box.team_abbr = game.home_team_abbr
LEFT JOIN played_clubs AS away_box ON away_box.game_date = game.game_date AND away_box.team_abbr = game.away_team_abbr AND away_box.source = home_box.source
WHERE NOT game.has_result
GROUP BY game.nba_game_id, game.game_date), schedule_games /* A game without a result is over if the scoreboard has one, or if box scores say that it was */ /* played: one where the schedule itself calls it final, else two. Otherwise it is still to come; */ /* more than two days before the newest load it is postponed without a new date and no game of the */ /* day, unless the schedule says that it was begun. */ AS (SELECT game.*, game.has_result OR NOT witness.board_home_score IS NULL AS is_final, CASE WHEN game.has_result THEN game.home_score ELSE witness.board_home_score END AS final_home_score, CASE WHEN game.has_result THEN game.away_score ELSE witness.board_away_score END AS final_away_score, CASE WHEN game.has_result THEN 'nbac_schedule' WHEN NOT witness.board_home_score IS NULL THEN 'espn_scoreboard' END AS result_source, CASE WHEN game.has_result OR NOT witness.board_home_score IS NULL THEN NULL WHEN witness.witnesses >= CASE WHEN game.game_status = 3 THEN 1 ELSE 2 END THEN 'played by ' || witness.first_witness || CASE WHEN witness.witnesses > 1 THEN ' and ' || witness.last_witness ELSE '' END || ', in the schedule status ' || CAST(game.game_status AS TEXT) || ' with ' || COALESCE(CAST(game.away_score AS TEXT), 'no score') || '-' || COALESCE(CAST(game.home_score AS TEXT), 'no score') WHEN game.game_status IN (0, 2) AND game.is_old THEN 'in the schedule still status ' || CAST(game.game_status AS TEXT) || ' days later' END AS result_doubt
FROM (SELECT game.*, COALESCE(DATE_DIFF('DAY', game.game_date, fresh.newest_date) > 2, FALSE) AS is_old
FROM surviving_rows AS game
JOIN schedule_freshness AS fresh ON fresh.season_year = game.season_year) AS game
LEFT JOIN witnessed_games AS witness ON witness.nba_game_id = game.nba_game_id AND witness.game_date = game.game_date), 
live_games AS (SELECT *
FROM schedule_games
WHERE is_final OR NOT result_doubt IS NULL OR NOT is_old OR NOT game_status IN (1, 3)), 
season_phases AS (SELECT season_year, MAX(CASE WHEN NOT is_regular_season AND NOT is_postseason AND NOT is_all_star THEN game_date ELSE NULL END) AS last_preseason_date, MIN(CASE WHEN is_postseason AND is_play_in THEN game_date ELSE NULL END) AS first_play_in_date, MIN(CASE WHEN is_postseason AND NOT is_play_in THEN game_date ELSE NULL END) AS first_playoff_date
FROM live_games
GROUP BY season_year), 
home_timezones AS (SELECT season_year, home_team_abbr, MIN(arena_timezone) AS arena_timezone
FROM live_games
WHERE NOT is_neutral_site
GROUP BY season_year, home_team_abbr), scoreboard_games /* The scoreboard fills dates the schedule lacks altogether, with finished games only; a date */ /* before the schedule's last preseason game is preseason, which the scoreboard does not mark. */ AS (SELECT board.*, EXTRACT(YEAR
FROM board.game_date) - CASE WHEN EXTRACT(MONTH
FROM board.game_date) < 10 THEN 1 ELSE 0 END AS season_year
FROM finished_boards AS board
LEFT JOIN (SELECT DISTINCT game_date
FROM live_games) AS known ON known.game_date = board.game_date
WHERE known.game_date IS NULL), 
counting_games AS (SELECT game.nba_game_id, game.game_date, game.season_year, CASE WHEN game.is_cup_final THEN 'cup_final' WHEN game.is_play_in THEN 'play_in' WHEN game.is_postseason THEN 'playoffs' ELSE 'regular_season' END AS game_type, game.home_team_abbr, game.away_team_abbr, game.is_final, game.is_final OR NOT game.result_doubt IS NULL AS is_over, COALESCE(tip.start_at, board.tip_at) AS tip_at, game.arena_timezone, game.is_neutral_site, game.final_home_score AS home_score, game.final_away_score AS away_score, game.result_source, game.result_doubt, 'nbac_schedule' AS source
FROM live_games AS game
LEFT JOIN tips AS tip ON tip.source = 'nbac_schedule' AND tip.game_date = game.game_date AND tip.printed_at = game.printed_tip_at
LEFT JOIN boards AS board ON board.game_date = game.game_date AND board.home_team_abbr = game.home_team_abbr AND board.away_team_abbr = game.away_team_abbr
WHERE (game.is_regular_season OR game.is_postseason) AND NOT game.is_all_star AND NOT game.home_team_abbr IS NULL AND NOT game.away_team_abbr IS NULL
UNION ALL
SELECT CAST(NULL AS TEXT), board.game_date, board.season_year, CASE WHEN board.game_date >= phase.first_playoff_date THEN 'playoffs' WHEN board.game_date >= phase.first_play_in_date THEN 'play_in' ELSE 'regular_season' END, board.home_team_abbr, board.away_team_abbr, TRUE, TRUE, board.tip_at, zone.arena_timezone, FALSE, board.home_score, board.away_score, 'espn_scoreboard', CAST(NULL AS TEXT), 'espn_scoreboard'
FROM scoreboard_games AS board
LEFT JOIN season_phases AS phase ON phase.season_year = board.season_year
LEFT JOIN home_timezones AS zone ON zone.season_year = board.season_year AND zone.home_team_abbr = board.home_team_abbr
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
JOIN upcoming AS away ON away.game_id = game.game_id AND away.team_abbr = game.away_team_abbr))
WHERE "game_date" BETWEEN $start_date AND $end_date
