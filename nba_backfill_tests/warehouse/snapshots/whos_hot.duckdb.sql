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
FROM (/* One row per as-of day and player of its window: his results against the line, and his next game. */
WITH recent AS (SELECT a.as_of_date, p.player_lookup, p.player_full_name, p.team_abbr, p.game_date, p.margin, p.over_under_result, ROW_NUMBER() OVER (PARTITION BY a.as_of_date, p.player_lookup ORDER BY p.game_date DESC) AS newest_first, MAX(CASE WHEN p.over_under_result = 'OVER' THEN p.game_date ELSE NULL END) OVER (PARTITION BY a.as_of_date, p.player_lookup) AS last_over, MAX(CASE WHEN p.over_under_result = 'UNDER' THEN p.game_date ELSE NULL END) OVER (PARTITION BY a.as_of_date, p.player_lookup) AS last_under
FROM as_of_days AS a
JOIN player_game_summary AS p ON DATE_DIFF('DAY', p.game_date, a.as_of_date) BETWEEN 0 AND $player_game_summary_days), players /* Pushes and games without a line count for nothing but the club. */ AS (SELECT as_of_date, player_lookup, MAX(CASE WHEN newest_first = 1 THEN player_full_name ELSE NULL END) AS player_full_name, MAX(CASE WHEN newest_first = 1 THEN team_abbr ELSE NULL END) AS team_abbr, COUNT_IF(COALESCE(over_under_result IN ('OVER', 'UNDER'), FALSE)) AS games, COUNT_IF(COALESCE(over_under_result = 'OVER', FALSE)) AS overs, SUM(CASE WHEN over_under_result IN ('OVER', 'UNDER') THEN margin ELSE NULL END) AS margin_sum, COUNT_IF(COALESCE(over_under_result = 'OVER' AND COALESCE(game_date > last_under, TRUE), FALSE)) AS over_run, COUNT_IF(COALESCE(over_under_result = 'UNDER' AND COALESCE(game_date > last_over, TRUE), FALSE)) AS under_run
FROM recent
GROUP BY as_of_date, player_lookup)
SELECT p.as_of_date, p.player_lookup, p.player_full_name, p.team_abbr, p.games, p.overs, CAST(p.margin_sum AS DOUBLE) AS margin_sum, p.over_run, p.under_run, t.opponent_team_abbr, t.is_home, t.tip_minute
FROM players AS p
LEFT JOIN tonight AS t ON t.game_date = p.as_of_date AND t.team_abbr = p.team_abbr))
