WITH "games" AS (SELECT "game_date", "game_id", "nba_game_id", "season_year", "game_type", "home_team_abbr", "away_team_abbr", "is_final", "is_over", "tip_at", "arena_timezone", "is_neutral_site", "home_score", "away_score", "result_source", "result_doubt", "home_next_game_date", "away_next_game_date", "home_games_in_next_7_days", "away_games_in_next_7_days", "source"
FROM "nba_staging"."games"
WHERE "game_date" BETWEEN $games_from AND $games_to), "upcoming_player_game_context" AS (SELECT "player_lookup", "universal_player_id", "game_date", "game_id", "nba_game_id", "season_year", "team_abbr", "opponent_team_abbr", "home_game", "population_source", "on_roster", "in_injury_report", "line_offered", "in_recent_games", "has_prop_line", "current_points_line", "opening_points_line", "line_movement", "current_points_line_source", "opening_points_line_source", "game_spread", "opening_spread", "spread_movement", "game_spread_source", "game_total", "opening_total", "total_movement", "game_total_source", "pace_differential", "opponent_pace_last_10", "opponent_def_rating_last_10", "opponent_ft_rate_allowed", "game_start_time_local", "days_rest", "back_to_back", "season_phase", "projected_usage_rate", "days_rest_before_last_game", "days_since_2_plus_days_rest", "games_in_last_7_days", "games_in_last_14_days", "minutes_in_last_7_days", "minutes_in_last_14_days", "avg_minutes_per_game_last_7", "back_to_backs_last_14_days", "next_game_days_rest", "games_in_next_7_days", "opponent_days_rest", "opponent_games_in_next_7_days", "opponent_next_game_days_rest", "travel_miles", "time_zone_changes", "consecutive_road_games", "miles_traveled_last_14_days", "time_zones_crossed_last_14_days", "points_avg_last_5", "points_avg_last_10", "l5_games_used", "l10_games_used", "l5_sample_quality", "l10_sample_quality", "prop_over_streak", "prop_under_streak", "avg_usage_rate_last_7_games", "fourth_quarter_minutes_last_7", "clutch_minutes_last_7_games", "fourth_quarter_production_last_7", "shooting_pct_decline_last_5", "player_age", "player_status", "injury_report", "star_teammates_out", "questionable_teammates", "probable_teammates", "is_production_ready", "completeness_percentage", "expected_games_count", "actual_games_count", "missing_games_count", "backfill_bootstrap_mode", "quality_tier", "quality_score", "quality_issues", "data_sources"
FROM "nba_analytics"."upcoming_player_game_context"
WHERE "game_date" BETWEEN $upcoming_player_game_context_from AND $upcoming_player_game_context_to), "nba_players_registry" AS (SELECT "universal_player_id", "player_name", "player_lookup", "team_abbr", "season", "processed_at"
FROM "nba_reference"."nba_players_registry")
SELECT *
FROM (WITH known_names AS (/* One row per player of the registry, however many clubs and seasons it lists: his newest name. */
SELECT player_lookup, player_name
FROM nba_players_registry
WHERE NOT player_name IS NULL
QUALIFY ROW_NUMBER() OVER (PARTITION BY player_lookup ORDER BY season DESC, processed_at DESC, player_name NULLS FIRST, team_abbr NULLS FIRST) = 1)
SELECT *
FROM (/* One row per player and day: his name, for news that print none, and the club he is expected at. */
SELECT day.game_date, known.player_lookup, known.player_name, pool.team_abbr
FROM (SELECT DISTINCT game_date
FROM games
WHERE game_date BETWEEN $start_date AND $end_date) AS day CROSS
JOIN known_names AS known
LEFT JOIN upcoming_player_game_context AS pool ON pool.game_date = day.game_date AND pool.player_lookup = known.player_lookup))
