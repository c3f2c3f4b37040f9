WITH "games" AS (SELECT "game_date", "game_id", "nba_game_id", "season_year", "game_type", "home_team_abbr", "away_team_abbr", "is_final", "is_over", "tip_at", "arena_timezone", "is_neutral_site", "home_score", "away_score", "result_source", "result_doubt", "home_next_game_date", "away_next_game_date", "home_games_in_next_7_days", "away_games_in_next_7_days", "source"
FROM "nba_staging"."games"
WHERE "game_date" BETWEEN $games_from AND $games_to), "player_names" AS (SELECT "game_date", "player_name", "player_lookup", "universal_player_id"
FROM "nba_staging"."player_names"
WHERE "game_date" BETWEEN $player_names_from AND $player_names_to), "nbac_gamebook_player_stats" AS (SELECT "game_id", "game_date", "season_year", "home_team_abbr", "away_team_abbr", "player_name", "player_lookup", "team_abbr", "player_status", "dnp_reason", "minutes", "points", "field_goals_made", "field_goals_attempted", "three_pointers_made", "three_pointers_attempted", "free_throws_made", "free_throws_attempted", "offensive_rebounds", "defensive_rebounds", "total_rebounds", "assists", "steals", "blocks", "turnovers", "personal_fouls", "plus_minus", "processed_at"
FROM "nba_raw"."nbac_gamebook_player_stats"
WHERE "game_date" BETWEEN $nbac_gamebook_player_stats_from AND $nbac_gamebook_player_stats_to), "bdl_player_boxscores" AS (SELECT "game_id", "game_date", "season_year", "home_team_abbr", "away_team_abbr", "team_abbr", "player_full_name", "player_lookup", "minutes", "points", "assists", "rebounds", "offensive_rebounds", "defensive_rebounds", "steals", "blocks", "turnovers", "personal_fouls", "field_goals_made", "field_goals_attempted", "three_pointers_made", "three_pointers_attempted", "free_throws_made", "free_throws_attempted", "processed_at"
FROM "nba_raw"."bdl_player_boxscores"
WHERE "game_date" BETWEEN $bdl_player_boxscores_from AND $bdl_player_boxscores_to), "bigdataball_play_by_play" AS (SELECT "game_id", "bdb_game_id", "game_date", "season_year", "home_team_abbr", "away_team_abbr", "event_sequence", "period", "event_type", "event_subtype", "player_1_name", "player_1_lookup", "player_1_team_abbr", "player_2_name", "player_2_lookup", "player_2_role", "shot_made", "shot_distance", "points_scored", "processed_at"
FROM "nba_raw"."bigdataball_play_by_play"
WHERE "game_date" BETWEEN $bigdataball_play_by_play_from AND $bigdataball_play_by_play_to)
SELECT CAST("game_date" AS DATE) AS "game_date", CAST("game_id" AS TEXT) AS "game_id", CAST("nba_game_id" AS TEXT) AS "nba_game_id", CAST("season_year" AS BIGINT) AS "season_year", CAST("team_abbr" AS TEXT) AS "team_abbr", CAST("opponent_team_abbr" AS TEXT) AS "opponent_team_abbr", CAST("is_home" AS BOOLEAN) AS "is_home", CAST("player_lookup" AS TEXT) AS "player_lookup", CAST("universal_player_id" AS TEXT) AS "universal_player_id", CAST("player_full_name" AS TEXT) AS "player_full_name", CAST("player_status" AS TEXT) AS "player_status", CAST("appeared" AS BOOLEAN) AS "appeared", CAST("is_starter" AS BOOLEAN) AS "is_starter", CAST("starter_source" AS TEXT) AS "starter_source", CAST(CAST("minutes" AS DECIMAL(18, 9)) AS DECIMAL(6, 2)) AS "minutes", CAST("points" AS BIGINT) AS "points", CAST("field_goals_made" AS BIGINT) AS "field_goals_made", CAST("field_goals_attempted" AS BIGINT) AS "field_goals_attempted", CAST("three_pointers_made" AS BIGINT) AS "three_pointers_made", CAST("three_pointers_attempted" AS BIGINT) AS "three_pointers_attempted", CAST("free_throws_made" AS BIGINT) AS "free_throws_made", CAST("free_throws_attempted" AS BIGINT) AS "free_throws_attempted", CAST("offensive_rebounds" AS BIGINT) AS "offensive_rebounds", CAST("defensive_rebounds" AS BIGINT) AS "defensive_rebounds", CAST("assists" AS BIGINT) AS "assists", CAST("steals" AS BIGINT) AS "steals", CAST("blocks" AS BIGINT) AS "blocks", CAST("turnovers" AS BIGINT) AS "turnovers", CAST("personal_fouls" AS BIGINT) AS "personal_fouls", CAST("plus_minus" AS BIGINT) AS "plus_minus", CAST("source" AS TEXT) AS "source"
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
JOIN games_that_add_up AS game ON game.game_id = event.game_id), 
starting_fives AS (/* One row per player of a club's starting five: the five who are on court as the game opens. */ /* Whoever acts in the first quarter was on court then; he started unless his first substitution */ /* brings him in. A technical foul may also be that of a player on the bench. */
WITH appearances AS (SELECT game_date, game_id, team_abbr, event_sequence, subtype, player_1_name AS player_name
FROM own_events
WHERE period = 1 AND NOT player_1_name IS NULL AND NOT (event_type = 'foul' AND STRPOS(subtype, 'technical') > 0)
UNION ALL /* An assist is the shooter's team-mate's, a block or a steal the opponent's. */
SELECT game_date, game_id, CASE WHEN player_2_role = 'assist' THEN team_abbr ELSE opponent_team_abbr END, event_sequence, 'second player', player_2_name
FROM own_events
WHERE period = 1 AND NOT player_2_name IS NULL AND player_2_role IN ('assist', 'block', 'steal')), 
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
WITH team_games AS (SELECT game_date, game_id, nba_game_id, season_year, home_team_abbr AS team_abbr, away_team_abbr AS opponent_team_abbr, TRUE AS is_home, home_score AS final_score
FROM games
WHERE is_final
UNION ALL
SELECT game_date, game_id, nba_game_id, season_year, away_team_abbr, home_team_abbr, FALSE, away_score
FROM games
WHERE is_final), vendor_rows /* Both vendors in one shape. In the second, `0` and `00` minutes mean that a player sat out; the */ /* official `0` with status active means less than half a minute on court. */ AS (SELECT 'nbac_gamebook' AS source, 1 AS source_rank, game_date, team_abbr, home_team_abbr, away_team_abbr, COALESCE(player_name, player_lookup) AS player_name, LOWER(TRIM(player_status)) AS player_status, TRIM(minutes) AS minutes_text, points, field_goals_made, field_goals_attempted, three_pointers_made, three_pointers_attempted, free_throws_made, free_throws_attempted, offensive_rebounds, defensive_rebounds, assists, steals, blocks, turnovers, personal_fouls, plus_minus, processed_at
FROM nbac_gamebook_player_stats
UNION ALL
SELECT 'bdl_boxscores', 2, game_date, team_abbr, home_team_abbr, away_team_abbr, COALESCE(player_full_name, player_lookup), CASE WHEN COALESCE(TRIM(minutes), '') IN ('', '0', '00') THEN 'dnp' ELSE 'active' END, TRIM(minutes), points, field_goals_made, field_goals_attempted, three_pointers_made, three_pointers_attempted, free_throws_made, free_throws_attempted, offensive_rebounds, defensive_rebounds, assists, steals, blocks, turnovers, personal_fouls, CAST(NULL AS BIGINT), processed_at
FROM bdl_player_boxscores), timed_rows /* Minutes come as MM:SS (seconds 0-59) or as a number; anything else is unknown. A numeric cast */ /* of the whole text would lose every MM:SS row. */ AS (SELECT *, CASE WHEN REGEXP_MATCHES(minutes_text, '^\d+:[0-5]\d$') THEN ROUND(TRY_CAST(ARRAY_EXTRACT(REGEXP_EXTRACT_ALL(minutes_text, '^(\d+):', 1), 1) AS BIGINT) + TRY_CAST(ARRAY_EXTRACT(REGEXP_EXTRACT_ALL(minutes_text, ':(\d+)$', 1), 1) AS BIGINT) / 60, 2) WHEN REGEXP_MATCHES(minutes_text, '^\d+(\.\d+)?$') THEN ROUND(TRY_CAST(minutes_text AS DOUBLE), 2) END AS minutes_played
FROM vendor_rows), game_rows /* The game is found by date and club, which is unique; a row filed under another pairing of */ /* clubs belongs to another game. A name that resolves to nothing cannot be kept, and its points */ /* will be missing in the sum below. */ AS (SELECT game.*, name.player_lookup, name.universal_player_id, row_.source, row_.source_rank, row_.player_name, row_.player_status, row_.minutes_played, row_.points, row_.field_goals_made, row_.field_goals_attempted, row_.three_pointers_made, row_.three_pointers_attempted, row_.free_throws_made, row_.free_throws_attempted, row_.offensive_rebounds, row_.defensive_rebounds, row_.assists, row_.steals, row_.blocks, row_.turnovers, row_.personal_fouls, row_.plus_minus, row_.processed_at
FROM timed_rows AS row_
JOIN team_games AS game ON game.game_date = row_.game_date AND game.team_abbr = row_.team_abbr
JOIN player_names AS name ON name.game_date = row_.game_date AND name.player_name = row_.player_name
WHERE COALESCE(row_.home_team_abbr, game.team_abbr) IN (game.team_abbr, game.opponent_team_abbr) AND COALESCE(row_.away_team_abbr, game.team_abbr) IN (game.team_abbr, game.opponent_team_abbr)), latest_rows /* A game loaded twice stands twice: the latest load wins, and within a load the active row. */ AS (SELECT *
FROM game_rows
WHERE TRUE
QUALIFY ROW_NUMBER() OVER (PARTITION BY source, game_id, player_lookup ORDER BY processed_at DESC, CASE player_status WHEN 'active' THEN 1 WHEN 'dnp' THEN 2 ELSE 3 END NULLS FIRST, minutes_played DESC, points DESC, field_goals_attempted DESC, field_goals_made DESC, three_pointers_attempted DESC, three_pointers_made DESC, free_throws_attempted DESC, free_throws_made DESC, offensive_rebounds DESC, defensive_rebounds DESC, assists DESC, steals DESC, blocks DESC, turnovers DESC, personal_fouls DESC, plus_minus DESC, team_abbr NULLS FIRST, player_name NULLS FIRST) = 1), complete_teams /* Complete: at least five active players and exactly the final score; an unreadable points value */ /* leaves the sum unknown. */ AS (SELECT source, source_rank, game_id, team_abbr
FROM latest_rows
WHERE player_status = 'active'
GROUP BY source, source_rank, game_id, team_abbr HAVING COUNT(*) >= 5 AND COUNT(points) = COUNT(*) AND SUM(points) = MIN(final_score)), 
accepted_sources AS (SELECT game_id, MIN(source_rank) AS source_rank
FROM (SELECT game_id, source_rank
FROM complete_teams
GROUP BY game_id, source_rank HAVING COUNT(*) = 2)
GROUP BY game_id), substituted_players /* Who entered or left the game was on court, whatever the rounded minutes say. */ AS (SELECT DISTINCT event.game_date, name.player_lookup
FROM bigdataball_play_by_play AS event
JOIN player_names AS name ON name.game_date = event.game_date AND name.player_name = COALESCE(event.player_1_name, event.player_1_lookup)
WHERE LOWER(event.event_type) = 'substitution'), played_rows /* Rows played, as the league counts them: every active official row with readable minutes, `0` */ /* (under half a minute) and `0:00` included; with unreadable minutes a count above 0 must prove */ /* it. A zero-minute row of the second vendor is one who sat out, unless the play-by-play shows a */ /* substitution and the row adds no points (the accepted game is already at its final score). */ AS (SELECT box.*, CASE WHEN box.player_status = 'active' THEN NOT box.minutes_played IS NULL OR COALESCE(box.points, 0) > 0 OR COALESCE(box.field_goals_attempted, 0) > 0 OR COALESCE(box.free_throws_attempted, 0) > 0 OR COALESCE(box.offensive_rebounds, 0) > 0 OR COALESCE(box.defensive_rebounds, 0) > 0 OR COALESCE(box.assists, 0) > 0 OR COALESCE(box.steals, 0) > 0 OR COALESCE(box.blocks, 0) > 0 OR COALESCE(box.turnovers, 0) > 0 OR COALESCE(box.personal_fouls, 0) > 0 ELSE box.source = 'bdl_boxscores' AND box.points = 0 AND NOT sub.player_lookup IS NULL END AS appeared, NOT five.player_lookup IS NULL AS is_of_the_five
FROM latest_rows AS box
JOIN accepted_sources AS accepted ON accepted.game_id = box.game_id AND accepted.source_rank = box.source_rank
LEFT JOIN substituted_players AS sub ON sub.game_date = box.game_date AND sub.player_lookup = box.player_lookup
LEFT JOIN starting_fives AS five ON five.game_id = box.game_id AND five.team_abbr = box.team_abbr AND five.player_lookup = box.player_lookup
WHERE box.player_status IN ('active', 'dnp')), boxes_with_five /* A five of whom the box score lacks one is not the club's. */ AS (SELECT *, COUNT_IF(COALESCE(appeared AND is_of_the_five, FALSE)) OVER (PARTITION BY game_id, team_abbr) = 5 AS knows_the_five
FROM played_rows)
SELECT game_date, game_id, nba_game_id, season_year, team_abbr, opponent_team_abbr, is_home, player_lookup, universal_player_id, player_name AS player_full_name, CASE WHEN appeared THEN 'active' ELSE player_status END AS player_status, appeared, CASE WHEN knows_the_five THEN is_of_the_five ELSE NULL END AS is_starter, CASE WHEN knows_the_five THEN 'play_by_play' ELSE NULL END AS starter_source, CASE WHEN appeared THEN minutes_played ELSE NULL END AS minutes, CASE WHEN appeared THEN points ELSE NULL END AS points, CASE WHEN appeared THEN field_goals_made ELSE NULL END AS field_goals_made, CASE WHEN appeared THEN field_goals_attempted ELSE NULL END AS field_goals_attempted, CASE WHEN appeared THEN three_pointers_made ELSE NULL END AS three_pointers_made, CASE WHEN appeared THEN three_pointers_attempted ELSE NULL END AS three_pointers_attempted, CASE WHEN appeared THEN free_throws_made ELSE NULL END AS free_throws_made, CASE WHEN appeared THEN free_throws_attempted ELSE NULL END AS free_throws_attempted, CASE WHEN appeared THEN offensive_rebounds ELSE NULL END AS offensive_rebounds, CASE WHEN appeared THEN defensive_rebounds ELSE NULL END AS defensive_rebounds, CASE WHEN appeared THEN assists ELSE NULL END AS assists, CASE WHEN appeared THEN steals ELSE NULL END AS steals, CASE WHEN appeared THEN blocks ELSE NULL END AS blocks, CASE WHEN appeared THEN turnovers ELSE NULL END AS turnovers, CASE WHEN appeared THEN personal_fouls ELSE NULL END AS personal_fouls, CASE WHEN appeared THEN plus_minus ELSE NULL END AS plus_minus, source
FROM boxes_with_five /* Who changed clubs is listed by the old one too, as one who did not play: where he played says */ /* whose he is. */
WHERE TRUE
QUALIFY appeared OR ROW_NUMBER() OVER (PARTITION BY game_date, player_lookup ORDER BY appeared DESC, source_rank NULLS FIRST, game_id NULLS FIRST) = 1))
WHERE "game_date" BETWEEN $start_date AND $end_date
