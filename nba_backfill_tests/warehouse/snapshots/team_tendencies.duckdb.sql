WITH "games" AS (SELECT "game_date", "game_id", "nba_game_id", "season_year", "game_type", "home_team_abbr", "away_team_abbr", "is_final", "is_over", "tip_at", "arena_timezone", "is_neutral_site", "home_score", "away_score", "result_source", "result_doubt", "home_next_game_date", "away_next_game_date", "home_games_in_next_7_days", "away_games_in_next_7_days", "source"
FROM "nba_staging"."games"
WHERE "game_date" BETWEEN $games_from AND $games_to), "team_offense_game_summary" AS (SELECT "game_id", "nba_game_id", "game_date", "season_year", "team_abbr", "opponent_team_abbr", "home_game", "points_scored", "fg_makes", "fg_attempts", "three_pt_makes", "three_pt_attempts", "ft_makes", "ft_attempts", "rebounds", "offensive_rebounds", "defensive_rebounds", "assists", "steals", "blocks", "turnovers", "team_turnovers", "personal_fouls", "team_paint_attempts", "team_paint_makes", "team_mid_range_attempts", "team_mid_range_makes", "team_unlocated_attempts", "points_in_paint_scored", "second_chance_points_scored", "offensive_rating", "pace", "possessions", "ts_pct", "minutes_total", "overtime_periods", "win_flag", "margin_of_victory", "shot_zones_available", "shot_zones_source", "primary_source_used", "quality_tier", "quality_score", "quality_issues", "data_sources"
FROM "nba_analytics"."team_offense_game_summary"
WHERE "game_date" BETWEEN $team_offense_game_summary_from AND $team_offense_game_summary_to), "team_defense_zone_analysis" AS (SELECT "team_abbr", "analysis_date", "paint_pct_allowed_last_15", "paint_attempts_allowed_per_game", "paint_points_allowed_per_game", "paint_blocks_per_game", "paint_defense_vs_league_avg", "mid_range_pct_allowed_last_15", "mid_range_attempts_allowed_per_game", "mid_range_blocks_per_game", "mid_range_defense_vs_league_avg", "three_pt_pct_allowed_last_15", "three_pt_attempts_allowed_per_game", "three_pt_blocks_per_game", "three_pt_defense_vs_league_avg", "league_baseline", "defensive_rating_last_15", "opponent_points_per_game", "opponent_pace", "games_in_sample", "n_zone", "strongest_zone", "weakest_zone", "data_quality_tier", "calculation_notes", "last_game_date", "window_games_wanted", "window_games_found", "window_games_missing", "window_status"
FROM "nba_precompute"."team_defense_zone_analysis"
WHERE "analysis_date" BETWEEN $team_defense_zone_analysis_from AND $team_defense_zone_analysis_to)
SELECT *
FROM (WITH as_of_days AS (/* One row per day with games that a document is wanted for. */
SELECT DISTINCT game_date AS as_of_date, season_year
FROM games
WHERE game_date BETWEEN $start_date AND $end_date)
SELECT *
FROM (/* One row per as-of day and club: pace, points at home, away, tired and rested, zones defended. */
WITH club_games AS (SELECT game_date, team_abbr, points_scored, pace, home_game, LAG(game_date) OVER (PARTITION BY team_abbr, season_year ORDER BY game_date NULLS FIRST) AS previous_date
FROM team_offense_game_summary), 
recent AS (SELECT a.as_of_date, g.team_abbr, g.points_scored, g.pace, g.home_game, DATE_DIFF('DAY', g.game_date, a.as_of_date) <= 30 AS is_of_30_days, DATE_DIFF('DAY', g.game_date, a.as_of_date) <= 60 AS is_of_60_days, CASE WHEN DATE_DIFF('DAY', g.previous_date, a.as_of_date) <= $team_offense_game_summary_days THEN DATE_DIFF('DAY', g.previous_date, g.game_date) ELSE NULL END AS gap
FROM as_of_days AS a
JOIN club_games AS g ON DATE_DIFF('DAY', g.game_date, a.as_of_date) BETWEEN 0 AND $team_offense_game_summary_days), 
offence AS (SELECT as_of_date, team_abbr, COUNT_IF(COALESCE(is_of_30_days AND NOT pace IS NULL, FALSE)) AS pace_games, SUM(CASE WHEN is_of_30_days THEN pace ELSE NULL END) AS pace_sum, SUM(CASE WHEN is_of_30_days AND NOT pace IS NULL THEN points_scored ELSE 0 END) AS pace_points, COUNT_IF(COALESCE(is_of_60_days AND home_game, FALSE)) AS home_games, SUM(CASE WHEN is_of_60_days AND home_game THEN points_scored ELSE 0 END) AS home_points, COUNT_IF(COALESCE(is_of_60_days AND NOT home_game, FALSE)) AS away_games, SUM(CASE WHEN is_of_60_days AND NOT home_game THEN points_scored ELSE 0 END) AS away_points, COUNT_IF(COALESCE(gap = 1, FALSE)) AS b2b_games, SUM(CASE WHEN gap = 1 THEN points_scored ELSE 0 END) AS b2b_points, COUNT_IF(COALESCE(gap > 1, FALSE)) AS rested_games, SUM(CASE WHEN gap > 1 THEN points_scored ELSE 0 END) AS rested_points
FROM recent
GROUP BY as_of_date, team_abbr), zones /* Every row is a rolling window already: the newest says it all, a mean of many would blur it. */ AS (SELECT a.as_of_date, z.team_abbr, z.paint_pct_allowed_last_15, z.three_pt_pct_allowed_last_15, z.opponent_points_per_game, z.games_in_sample, ROW_NUMBER() OVER (PARTITION BY a.as_of_date, z.team_abbr ORDER BY z.analysis_date DESC) AS newest_first
FROM as_of_days AS a
JOIN team_defense_zone_analysis AS z ON DATE_DIFF('DAY', z.analysis_date, a.as_of_date) BETWEEN 0 AND $team_defense_zone_analysis_days)
SELECT o.as_of_date, o.team_abbr, o.pace_games, CAST(o.pace_sum AS DOUBLE) AS pace_sum, o.pace_points, o.home_games, o.home_points, o.away_games, o.away_points, o.b2b_games, o.b2b_points, o.rested_games, o.rested_points, z.games_in_sample AS zone_games, z.paint_pct_allowed_last_15 AS paint_share, z.three_pt_pct_allowed_last_15 AS perimeter_share, CAST(z.opponent_points_per_game AS DOUBLE) AS opponent_points
FROM offence AS o
LEFT JOIN zones AS z ON z.as_of_date = o.as_of_date AND z.team_abbr = o.team_abbr AND z.newest_first = 1))
