WITH "games" AS (SELECT "game_date", "game_id", "nba_game_id", "season_year", "game_type", "home_team_abbr", "away_team_abbr", "is_final", "is_over", "tip_at", "arena_timezone", "is_neutral_site", "home_score", "away_score", "result_source", "result_doubt", "home_next_game_date", "away_next_game_date", "home_games_in_next_7_days", "away_games_in_next_7_days", "source"
FROM "nba_staging"."games"
WHERE "game_date" BETWEEN $games_from AND $games_to), "player_names" AS (SELECT "game_date", "player_name", "player_lookup", "universal_player_id", "resolved_by", "printed_by"
FROM "nba_staging"."player_names"
WHERE "game_date" BETWEEN $player_names_from AND $player_names_to), "player_aliases" AS (SELECT "alias_lookup", "nba_canonical_lookup", "is_active", "processed_at"
FROM "nba_reference"."player_aliases")
SELECT *
FROM (/* One row per game of a day, and one per known spelling of a name, for the day's live feed to meet. */
WITH days AS (SELECT DISTINCT game_date
FROM games
WHERE game_date BETWEEN $start_date AND $end_date)
SELECT game_date, 'game' AS section, game_id, home_team_abbr, away_team_abbr, CAST(NULL AS TEXT) AS spelling, CAST(NULL AS TEXT) AS player_lookup
FROM games
WHERE game_date BETWEEN $start_date AND $end_date
UNION ALL /* As any source of the day prints it. */
SELECT game_date, 'name', CAST(NULL AS TEXT), CAST(NULL AS TEXT), CAST(NULL AS TEXT), player_name, player_lookup
FROM player_names
WHERE game_date BETWEEN $start_date AND $end_date
UNION ALL /* In small letters. */
SELECT days.game_date, 'name', CAST(NULL AS TEXT), CAST(NULL AS TEXT), CAST(NULL AS TEXT), alias.alias_lookup, alias.nba_canonical_lookup
FROM days CROSS
JOIN player_aliases AS alias
WHERE alias.is_active AND NOT alias.nba_canonical_lookup IS NULL)
