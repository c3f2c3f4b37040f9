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
FROM (WITH own_events AS (/* One row per event of a club in a final game whose play-by-play adds up to the final score, within */ /* the few points by which the vendor's events are off. Events filed under another game do not. */
WITH team_games AS (SELECT game_date, game_id, home_team_abbr AS team_abbr, away_team_abbr AS opponent_team_abbr, home_score AS final_score
FROM games
WHERE is_final
UNION ALL
SELECT game_date, game_id, away_team_abbr, home_team_abbr, away_score
FROM games
WHERE is_final), game_events /* A game loaded twice stands twice; an event without its number cannot be told from another. */ AS (SELECT game.game_date, game.game_id, game.team_abbr, game.opponent_team_abbr, game.final_score, event.event_sequence, event.period, LOWER(event.event_type) AS event_type, COALESCE(LOWER(event.event_subtype), '') AS subtype, event.points_scored, COALESCE(event.player_1_name, event.player_1_lookup) AS player_1_name, COALESCE(event.player_2_name, event.player_2_lookup) AS player_2_name, COALESCE(LOWER(event.player_2_role), '') AS player_2_role
FROM bigdataball_play_by_play AS event
JOIN team_games AS game ON game.game_date = event.game_date AND game.team_abbr = event.player_1_team_abbr
WHERE NOT event.event_sequence IS NULL
QUALIFY ROW_NUMBER() OVER (PARTITION BY game.game_id, event.event_sequence ORDER BY event.processed_at DESC, event.game_id NULLS FIRST, event.event_type NULLS FIRST, event.event_subtype NULLS FIRST, event.player_1_name NULLS FIRST, event.player_2_name NULLS FIRST, event.points_scored NULLS FIRST) = 1), 
games_that_add_up AS (SELECT game_id
FROM (SELECT game_id, team_abbr, SUM(points_scored) - MIN(final_score) AS points_off
FROM game_events
GROUP BY game_id, team_abbr)
WHERE points_off BETWEEN -4 AND 4
GROUP BY game_id HAVING COUNT(*) = 2)
SELECT event.game_date, event.game_id, event.team_abbr, event.opponent_team_abbr, event.event_sequence, event.period, event.event_type, event.subtype, event.player_1_name, event.player_2_name, event.player_2_role
FROM game_events AS event
JOIN games_that_add_up AS game ON game.game_id = event.game_id)
SELECT *
FROM (/* One row per team and final game whose team totals agree with the final score. */
WITH team_games AS (SELECT game_date, game_id, nba_game_id, season_year, home_team_abbr AS team_abbr, away_team_abbr AS opponent_team_abbr, TRUE AS is_home, home_score AS final_score
FROM games
WHERE is_final
UNION ALL
SELECT game_date, game_id, nba_game_id, season_year, away_team_abbr, home_team_abbr, FALSE, away_score
FROM games
WHERE is_final), official_rows /* Official rows, latest load first. Date and club find the game; the row's own home flag and */ /* game id are exchanged in half of the older games and are not read. */ AS (SELECT game.game_id, game.team_abbr, game.final_score, box.points, box.fg_made AS fg_makes, box.fg_attempted AS fg_attempts, box.three_pt_made AS three_pt_makes, box.three_pt_attempted AS three_pt_attempts, box.ft_made AS ft_makes, box.ft_attempted AS ft_attempts, box.offensive_rebounds, box.defensive_rebounds, box.assists, box.steals, box.blocks, box.turnovers, box.personal_fouls, TRY_CAST(ARRAY_EXTRACT(REGEXP_EXTRACT_ALL(TRIM(box.minutes), '^(\d+)', 1), 1) AS BIGINT) AS official_minutes
FROM nbac_team_boxscore AS box
JOIN team_games AS game ON game.game_date = box.game_date AND game.team_abbr = box.team_abbr
WHERE COALESCE(box.nba_game_id, '') = COALESCE(game.nba_game_id, box.nba_game_id, '')
QUALIFY ROW_NUMBER() OVER (PARTITION BY game.game_id, game.team_abbr ORDER BY box.processed_at DESC, box.points DESC, box.fg_attempted DESC, box.fg_made DESC, box.three_pt_attempted DESC, box.three_pt_made DESC, box.ft_attempted DESC, box.ft_made DESC, box.offensive_rebounds DESC, box.defensive_rebounds DESC, box.assists DESC, box.steals DESC, box.blocks DESC, box.turnovers DESC, box.personal_fouls DESC, box.minutes DESC) = 1), 
official_games AS (SELECT game_id
FROM official_rows
WHERE points = final_score
GROUP BY game_id HAVING COUNT(*) = 2), summed_rows /* A missing count of one player leaves the team's sum unknown, not smaller. */ AS (SELECT box.game_id, box.team_abbr, SUM(box.points) AS points, CASE WHEN COUNT(box.field_goals_made) = COUNT(*) THEN SUM(box.field_goals_made) ELSE NULL END AS fg_makes, CASE WHEN COUNT(box.field_goals_attempted) = COUNT(*) THEN SUM(box.field_goals_attempted) ELSE NULL END AS fg_attempts, CASE WHEN COUNT(box.three_pointers_made) = COUNT(*) THEN SUM(box.three_pointers_made) ELSE NULL END AS three_pt_makes, CASE WHEN COUNT(box.three_pointers_attempted) = COUNT(*) THEN SUM(box.three_pointers_attempted) ELSE NULL END AS three_pt_attempts, CASE WHEN COUNT(box.free_throws_made) = COUNT(*) THEN SUM(box.free_throws_made) ELSE NULL END AS ft_makes, CASE WHEN COUNT(box.free_throws_attempted) = COUNT(*) THEN SUM(box.free_throws_attempted) ELSE NULL END AS ft_attempts, CASE WHEN COUNT(box.offensive_rebounds) = COUNT(*) THEN SUM(box.offensive_rebounds) ELSE NULL END AS offensive_rebounds, CASE WHEN COUNT(box.defensive_rebounds) = COUNT(*) THEN SUM(box.defensive_rebounds) ELSE NULL END AS defensive_rebounds, CASE WHEN COUNT(box.assists) = COUNT(*) THEN SUM(box.assists) ELSE NULL END AS assists, CASE WHEN COUNT(box.steals) = COUNT(*) THEN SUM(box.steals) ELSE NULL END AS steals, CASE WHEN COUNT(box.blocks) = COUNT(*) THEN SUM(box.blocks) ELSE NULL END AS blocks, CASE WHEN COUNT(box.turnovers) = COUNT(*) THEN SUM(box.turnovers) ELSE NULL END AS turnovers, CASE WHEN COUNT(box.personal_fouls) = COUNT(*) THEN SUM(box.personal_fouls) ELSE NULL END AS personal_fouls
FROM player_boxes AS box
JOIN team_games AS game ON game.game_id = box.game_id AND game.team_abbr = box.team_abbr
WHERE box.appeared
GROUP BY box.game_id, box.team_abbr HAVING COUNT(*) >= 5 AND COUNT(box.points) = COUNT(*) AND SUM(box.points) = MIN(game.final_score)), 
summed_games AS (SELECT summed.game_id
FROM summed_rows AS summed
LEFT JOIN official_games AS official ON official.game_id = summed.game_id
WHERE official.game_id IS NULL
GROUP BY summed.game_id HAVING COUNT(*) = 2), event_turnovers /* Turnovers charged to the club alone (shot clock, five seconds) name no player. The official rows */ /* count them from 2025-26 on and not before, so they are kept apart, from one source in all seasons. */ AS (SELECT game_id, team_abbr, COUNT_IF(COALESCE(event_type = 'turnover' AND player_1_name IS NULL, FALSE)) AS team_turnovers
FROM own_events
GROUP BY game_id, team_abbr), 
totals AS (SELECT box.game_id, box.team_abbr, box.points, box.fg_makes, box.fg_attempts, box.three_pt_makes, box.three_pt_attempts, box.ft_makes, box.ft_attempts, box.offensive_rebounds, box.defensive_rebounds, box.assists, box.steals, box.blocks, box.turnovers, box.personal_fouls, 'nbac_team_boxscore' AS source
FROM official_rows AS box
JOIN official_games AS game ON game.game_id = box.game_id
UNION ALL
SELECT box.game_id, box.team_abbr, box.points, box.fg_makes, box.fg_attempts, box.three_pt_makes, box.three_pt_attempts, box.ft_makes, box.ft_attempts, box.offensive_rebounds, box.defensive_rebounds, box.assists, box.steals, box.blocks, box.turnovers, box.personal_fouls, 'player_sum'
FROM summed_rows AS box
JOIN summed_games AS game ON game.game_id = box.game_id), official_overtimes /* Overtime belongs to the game: official minutes (240 + 25 per overtime) of either club, else */ /* the last period of the play-by-play, else the players' minutes; never 240 by assumption. */ AS (SELECT game_id, CASE WHEN (minutes_beyond_regulation // 25) IS NULL OR 0 IS NULL THEN NULL ELSE GREATEST(minutes_beyond_regulation // 25, 0) END AS overtime_periods
FROM (SELECT game_id, MAX(official_minutes) - 240 AS minutes_beyond_regulation
FROM official_rows
WHERE official_minutes > 0
GROUP BY game_id)), 
event_overtimes AS (SELECT game.game_id, MAX(event.period) - 4 AS overtime_periods
FROM (SELECT game_date, home_team_abbr, MAX(period) AS period
FROM bigdataball_play_by_play
GROUP BY game_date, home_team_abbr) AS event
JOIN team_games AS game ON game.game_date = event.game_date AND game.team_abbr = event.home_team_abbr
WHERE event.period >= 4
GROUP BY game.game_id), 
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
JOIN team_games AS game ON game.game_id = box.game_id AND game.team_abbr = box.team_abbr
JOIN overtimes AS overtime ON overtime.game_id = box.game_id
LEFT JOIN summed_rows AS players ON players.game_id = box.game_id AND players.team_abbr = box.team_abbr
LEFT JOIN event_turnovers AS event ON event.game_id = box.game_id AND event.team_abbr = box.team_abbr))
WHERE "game_date" BETWEEN $start_date AND $end_date
