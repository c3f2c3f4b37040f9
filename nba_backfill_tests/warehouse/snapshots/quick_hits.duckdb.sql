WITH "games" AS (SELECT "game_date", "game_id", "nba_game_id", "season_year", "game_type", "home_team_abbr", "away_team_abbr", "is_final", "is_over", "tip_at", "arena_timezone", "is_neutral_site", "home_score", "away_score", "result_source", "result_doubt", "home_next_game_date", "away_next_game_date", "home_games_in_next_7_days", "away_games_in_next_7_days", "source"
FROM "nba_staging"."games"
WHERE "game_date" BETWEEN $games_from AND $games_to), "player_game_summary" AS (SELECT "player_lookup", "universal_player_id", "player_full_name", "game_id", "nba_game_id", "game_date", "season_year", "team_abbr", "opponent_team_abbr", "points", "minutes_played", "assists", "offensive_rebounds", "defensive_rebounds", "steals", "blocks", "turnovers", "fg_attempts", "fg_makes", "three_pt_attempts", "three_pt_makes", "ft_attempts", "ft_makes", "plus_minus", "personal_fouls", "paint_attempts", "paint_makes", "mid_range_attempts", "mid_range_makes", "unlocated_attempts", "assisted_fg_makes", "unassisted_fg_makes", "and1_count", "paint_blocks", "mid_range_blocks", "three_pt_blocks", "usage_rate", "ts_pct", "efg_pct", "starter_flag", "starter_source", "win_flag", "points_line", "over_under_result", "margin", "opening_line", "line_movement", "points_line_source", "opening_line_source", "is_active", "player_status", "primary_source_used", "quality_tier", "quality_score", "quality_issues", "data_sources"
FROM "nba_analytics"."player_game_summary"
WHERE "game_date" BETWEEN $player_game_summary_from AND $player_game_summary_to)
SELECT *
FROM (WITH as_of_days AS (/* One row per day with games that a document is wanted for. */
SELECT DISTINCT game_date AS as_of_date, season_year
FROM games
WHERE game_date BETWEEN $start_date AND $end_date), 
games_in_order AS (/* One row per player and game: the side he played on, and his games before and after it. */
SELECT facts.*, SUBSTRING(game_id, 14) /* YYYYMMDD_AWAY_HOME: the third token is the club at home. */ = team_abbr AS is_home, LAG(game_date) OVER (PARTITION BY player_lookup, season_year ORDER BY game_date NULLS FIRST) AS previous_date /* All his games of the season count for rest, with a line or without. Seasons do not touch: the */ /* opening night is neither rested nor tired. */, LEAD(game_date) OVER (PARTITION BY player_lookup, season_year ORDER BY game_date NULLS FIRST) AS next_date
FROM player_game_summary AS facts)
SELECT *
FROM (/* One row per as-of day and kind of game (weekday, rest, side, what the player scores): its overs. */
WITH recent AS (SELECT a.as_of_date, g.player_lookup, g.points, g.is_home, g.over_under_result, DATE_DIFF('DAY', CAST('2021-10-18' AS DATE), g.game_date) % 7 AS weekday /* 18 October 2021 was a Monday: 0 is Monday on both engines. */, CASE WHEN DATE_DIFF('DAY', g.previous_date, a.as_of_date) <= $player_game_summary_days THEN DATE_DIFF('DAY', g.previous_date, g.game_date) - 1 ELSE NULL END AS days_off
FROM as_of_days AS a
JOIN games_in_order AS g ON DATE_DIFF('DAY', g.game_date, a.as_of_date) BETWEEN 0 AND $player_game_summary_days), players /* By all his games of the window, those without a line included. */ AS (SELECT as_of_date, player_lookup, CASE WHEN SUM(points) >= 22 * COUNT(*) THEN 'stars' WHEN SUM(points) >= 15 * COUNT(*) THEN 'scorers' WHEN SUM(points) >= 8 * COUNT(*) THEN 'rotation' ELSE 'bench' END AS tier
FROM recent
GROUP BY as_of_date, player_lookup)
SELECT r.as_of_date, r.weekday, CASE WHEN r.days_off = 0 THEN 'b2b' WHEN r.days_off = 1 THEN 'one_day' WHEN r.days_off >= 2 THEN 'rested' END AS rest, r.is_home, p.tier, COUNT(*) AS games, COUNT_IF(COALESCE(r.over_under_result = 'OVER', FALSE)) AS overs
FROM recent AS r
JOIN players AS p ON p.as_of_date = r.as_of_date AND p.player_lookup = r.player_lookup
WHERE r.over_under_result IN ('OVER', 'UNDER')
GROUP BY r.as_of_date, r.weekday, rest, r.is_home, p.tier))
