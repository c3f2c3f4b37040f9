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
tonight AS (/* One row per club and game of a day: opponent, side, and tip-off by the clock of the East. */
WITH clubs AS (SELECT game_date, season_year, game_id, tip_at, home_team_abbr AS team_abbr, away_team_abbr AS opponent_team_abbr, TRUE AS is_home
FROM games
WHERE game_date BETWEEN $start_date AND $end_date
UNION ALL
SELECT game_date, season_year, game_id, tip_at, away_team_abbr, home_team_abbr, FALSE
FROM games
WHERE game_date BETWEEN $start_date AND $end_date)
SELECT game_date, season_year, game_id, team_abbr, opponent_team_abbr, is_home, EXTRACT(HOUR
FROM CAST(CAST(tip_at AS TIMESTAMPTZ) AT TIME ZONE 'America/New_York' AS TIMESTAMP)) /* Minutes since midnight of the Eastern day, so that no reader converts a clock again. */ * 60 + EXTRACT(MINUTE
FROM CAST(CAST(tip_at AS TIMESTAMPTZ) AT TIME ZONE 'America/New_York' AS TIMESTAMP)) AS tip_minute
FROM clubs)
SELECT *
FROM (/* One row per as-of day and player with his newest game and his history; one more for the league. */
WITH judged AS (SELECT player_lookup, player_full_name, team_abbr, opponent_team_abbr, season_year, game_date, points, COUNT(*) OVER (PARTITION BY player_lookup, season_year ORDER BY game_date NULLS FIRST ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS season_games, SUM(points) OVER (PARTITION BY player_lookup, season_year ORDER BY game_date NULLS FIRST ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS season_points, LEAD(game_date) OVER (PARTITION BY player_lookup, season_year ORDER BY game_date NULLS FIRST) AS next_date, LEAD(points) OVER (PARTITION BY player_lookup, season_year ORDER BY game_date NULLS FIRST) AS next_points
FROM player_game_summary), shortfalls /* The games after which he would have been a candidate (the 10 points and 10 games of the */ /* declaration, multiplied out: whole numbers only), and whether the next one made up for it. Each */ /* is held against the average of its own season up to that game, never against a later one. */ AS (SELECT player_lookup, next_date, next_points * season_games >= season_points AS bounced
FROM judged
WHERE season_games >= 10 AND season_points - season_games * points >= 10 * season_games AND NOT next_date IS NULL), 
histories AS (SELECT a.as_of_date, s.player_lookup, COUNT(*) AS shortfalls, COUNT_IF(COALESCE(s.bounced, FALSE)) AS bounces
FROM as_of_days AS a
JOIN shortfalls AS s ON s.next_date <= a.as_of_date
GROUP BY a.as_of_date, s.player_lookup)
SELECT a.as_of_date, j.player_lookup, j.player_full_name, j.team_abbr, j.game_date, j.points, j.opponent_team_abbr, j.season_games, j.season_points, COALESCE(h.shortfalls, 0) AS shortfalls, COALESCE(h.bounces, 0) AS bounces, t.opponent_team_abbr AS next_opponent_team_abbr, t.is_home, t.tip_minute
FROM as_of_days AS a
JOIN judged AS j ON j.season_year = a.season_year AND j.game_date <= a.as_of_date AND COALESCE(j.next_date > a.as_of_date, TRUE)
LEFT JOIN histories AS h ON h.as_of_date = a.as_of_date AND h.player_lookup = j.player_lookup
LEFT JOIN tonight AS t ON t.game_date = a.as_of_date AND t.team_abbr = j.team_abbr
UNION ALL
SELECT as_of_date, NULL AS player_lookup, NULL AS player_full_name, NULL AS team_abbr, NULL AS game_date, NULL AS points, NULL AS opponent_team_abbr, NULL AS season_games, NULL AS season_points, SUM(shortfalls) AS shortfalls, SUM(bounces) AS bounces, NULL AS next_opponent_team_abbr, NULL AS is_home, NULL AS tip_minute
FROM histories
GROUP BY as_of_date))
