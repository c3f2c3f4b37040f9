WITH "games" AS (SELECT "game_date", "game_id", "nba_game_id", "season_year", "game_type", "home_team_abbr", "away_team_abbr", "is_final", "is_over", "tip_at", "arena_timezone", "is_neutral_site", "home_score", "away_score", "result_source", "result_doubt", "home_next_game_date", "away_next_game_date", "home_games_in_next_7_days", "away_games_in_next_7_days", "source"
FROM "nba_staging"."games"
WHERE "game_date" BETWEEN $games_from AND $games_to), "player_names" AS (SELECT "game_date", "player_name", "player_lookup", "universal_player_id"
FROM "nba_staging"."player_names"
WHERE "game_date" BETWEEN $player_names_from AND $player_names_to), "bigdataball_play_by_play" AS (SELECT "game_id", "bdb_game_id", "game_date", "season_year", "home_team_abbr", "away_team_abbr", "event_sequence", "period", "event_type", "event_subtype", "player_1_name", "player_1_lookup", "player_1_team_abbr", "player_2_name", "player_2_lookup", "player_2_role", "shot_made", "shot_distance", "points_scored", "processed_at"
FROM "nba_raw"."bigdataball_play_by_play"
WHERE "game_date" BETWEEN $bigdataball_play_by_play_from AND $bigdataball_play_by_play_to)
SELECT CAST("game_date" AS DATE) AS "game_date", CAST("game_id" AS TEXT) AS "game_id", CAST("team_abbr" AS TEXT) AS "team_abbr", CAST("player_lookup" AS TEXT) AS "player_lookup", CAST("paint_attempts" AS BIGINT) AS "paint_attempts", CAST("paint_makes" AS BIGINT) AS "paint_makes", CAST("mid_range_attempts" AS BIGINT) AS "mid_range_attempts", CAST("mid_range_makes" AS BIGINT) AS "mid_range_makes", CAST("three_pt_attempts" AS BIGINT) AS "three_pt_attempts", CAST("three_pt_makes" AS BIGINT) AS "three_pt_makes", CAST("unknown_attempts" AS BIGINT) AS "unknown_attempts", CAST("unknown_makes" AS BIGINT) AS "unknown_makes", CAST("assisted_fg_makes" AS BIGINT) AS "assisted_fg_makes", CAST("unassisted_fg_makes" AS BIGINT) AS "unassisted_fg_makes", CAST("and1_count" AS BIGINT) AS "and1_count", CAST("paint_blocks" AS BIGINT) AS "paint_blocks", CAST("mid_range_blocks" AS BIGINT) AS "mid_range_blocks", CAST("three_pt_blocks" AS BIGINT) AS "three_pt_blocks"
FROM (/* One row per player and final game with play-by-play: his shots by zone, and the opponents' shots */ /* he blocked by zone. */
WITH team_games AS (SELECT game_date, game_id, home_team_abbr AS team_abbr, away_team_abbr AS opponent_team_abbr
FROM games
WHERE is_final
UNION ALL
SELECT game_date, game_id, away_team_abbr, home_team_abbr
FROM games
WHERE is_final), game_events /* A game loaded twice stands twice; an event without its number cannot be told from another. */ AS (SELECT game.game_date, game.game_id, game.team_abbr, game.opponent_team_abbr, event.event_type, COALESCE(LOWER(event.event_subtype), '') AS subtype, event.shot_made, event.shot_distance, COALESCE(event.player_1_name, event.player_1_lookup) AS shooter_name, COALESCE(event.player_2_name, event.player_2_lookup) AS second_name, COALESCE(LOWER(event.player_2_role), '') AS second_role
FROM bigdataball_play_by_play AS event
JOIN team_games AS game ON game.game_date = event.game_date AND game.team_abbr = event.player_1_team_abbr
WHERE event.event_type = 'shot' OR (event.event_type = 'free throw' AND LOWER(event.event_subtype) = 'free throw 1/1')
QUALIFY event.event_sequence IS NULL OR ROW_NUMBER() OVER (PARTITION BY game.game_id, event.event_sequence ORDER BY event.processed_at DESC, event.game_id NULLS FIRST, event.event_type NULLS FIRST, event.event_subtype NULLS FIRST, event.player_1_name NULLS FIRST, event.player_2_name NULLS FIRST, event.shot_made NULLS FIRST, event.shot_distance NULLS FIRST) = 1), zoned_events /* A three by its subtype, whatever the distance; a shot within 8 feet is in the paint. Without a */ /* distance only layups, dunks and tips tell their zone (99 % of those measured are within 8 feet); */ /* the rest stays unknown, which is no zone of its own. */ AS (SELECT *, COALESCE(shot_made, FALSE) AS made, CASE WHEN event_type <> 'shot' OR shot_made IS NULL THEN 'no_shot' WHEN STRPOS(subtype, '3pt') > 0 THEN 'three' WHEN shot_distance <= 8 THEN 'paint' WHEN shot_distance > 8 THEN 'mid_range' WHEN REGEXP_MATCHES(subtype, 'layup|dunk|tip') THEN 'paint' ELSE 'unknown' END AS zone
FROM game_events), 
shooting AS (SELECT game_date, game_id, team_abbr, shooter_name AS player_name, COUNT_IF(COALESCE(zone = 'paint', FALSE)) AS paint_attempts, COUNT_IF(COALESCE(zone = 'paint' AND made, FALSE)) AS paint_makes, COUNT_IF(COALESCE(zone = 'mid_range', FALSE)) AS mid_range_attempts, COUNT_IF(COALESCE(zone = 'mid_range' AND made, FALSE)) AS mid_range_makes, COUNT_IF(COALESCE(zone = 'three', FALSE)) AS three_pt_attempts, COUNT_IF(COALESCE(zone = 'three' AND made, FALSE)) AS three_pt_makes, COUNT_IF(COALESCE(zone = 'unknown', FALSE)) AS unknown_attempts, COUNT_IF(COALESCE(zone = 'unknown' AND made, FALSE)) AS unknown_makes, COUNT_IF(COALESCE(zone <> 'no_shot' AND made AND second_role = 'assist', FALSE)) AS assisted_fg_makes, COUNT_IF(COALESCE(zone <> 'no_shot' AND made AND NOT second_role IN ('assist', 'block'), FALSE)) AS unassisted_fg_makes, COUNT_IF(COALESCE(event_type = 'free throw', FALSE)) AS and1_count, 0 AS paint_blocks, 0 AS mid_range_blocks, 0 AS three_pt_blocks
FROM zoned_events
GROUP BY game_date, game_id, team_abbr, shooter_name), blocking /* The source never names the blocker's club: it is the shooter's opponent. A shot that went in was */ /* not blocked. */ AS (SELECT game_date, game_id, opponent_team_abbr AS team_abbr, second_name AS player_name, 0 AS paint_attempts, 0 AS paint_makes, 0 AS mid_range_attempts, 0 AS mid_range_makes, 0 AS three_pt_attempts, 0 AS three_pt_makes, 0 AS unknown_attempts, 0 AS unknown_makes, 0 AS assisted_fg_makes, 0 AS unassisted_fg_makes, 0 AS and1_count, COUNT_IF(COALESCE(zone = 'paint', FALSE)) AS paint_blocks, COUNT_IF(COALESCE(zone = 'mid_range', FALSE)) AS mid_range_blocks, COUNT_IF(COALESCE(zone = 'three', FALSE)) AS three_pt_blocks
FROM zoned_events
WHERE second_role = 'block' AND zone <> 'no_shot' AND NOT made
GROUP BY game_date, game_id, opponent_team_abbr, second_name), 
credits AS (SELECT *
FROM shooting
UNION ALL
SELECT *
FROM blocking)
SELECT credit.game_date, credit.game_id, credit.team_abbr, name.player_lookup, SUM(credit.paint_attempts) AS paint_attempts, SUM(credit.paint_makes) AS paint_makes, SUM(credit.mid_range_attempts) AS mid_range_attempts, SUM(credit.mid_range_makes) AS mid_range_makes, SUM(credit.three_pt_attempts) AS three_pt_attempts, SUM(credit.three_pt_makes) AS three_pt_makes, SUM(credit.unknown_attempts) AS unknown_attempts, SUM(credit.unknown_makes) AS unknown_makes, SUM(credit.assisted_fg_makes) AS assisted_fg_makes, SUM(credit.unassisted_fg_makes) AS unassisted_fg_makes, SUM(credit.and1_count) AS and1_count, SUM(credit.paint_blocks) AS paint_blocks, SUM(credit.mid_range_blocks) AS mid_range_blocks, SUM(credit.three_pt_blocks) AS three_pt_blocks
FROM credits AS credit
JOIN player_names AS name ON name.game_date = credit.game_date AND name.player_name = credit.player_name
GROUP BY credit.game_date, credit.game_id, credit.team_abbr, name.player_lookup
QUALIFY ROW_NUMBER() OVER (PARTITION BY credit.game_date, name.player_lookup ORDER BY SUM(credit.paint_attempts + credit.mid_range_attempts + credit.three_pt_attempts + credit.unknown_attempts) DESC, COUNT(*) DESC, credit.game_id NULLS FIRST, credit.team_abbr NULLS FIRST) = 1)
WHERE "game_date" BETWEEN $start_date AND $end_date
