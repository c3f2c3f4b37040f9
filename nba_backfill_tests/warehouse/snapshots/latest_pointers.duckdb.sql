WITH "games" AS (SELECT "game_date", "game_id", "nba_game_id", "season_year", "game_type", "home_team_abbr", "away_team_abbr", "is_final", "is_over", "tip_at", "arena_timezone", "is_neutral_site", "home_score", "away_score", "result_source", "result_doubt", "home_next_game_date", "away_next_game_date", "home_games_in_next_7_days", "away_games_in_next_7_days", "source"
FROM "nba_staging"."games"
WHERE "game_date" BETWEEN $games_from AND $games_to), "results" AS (SELECT "game_date", "path", "document", "entries", "is_empty", "bytes", "problem"
FROM "nba_publishing"."results"
WHERE "game_date" BETWEEN $results_from AND $results_to), "best_bets" AS (SELECT "game_date", "path", "document", "entries", "is_empty", "bytes", "problem"
FROM "nba_publishing"."best_bets"
WHERE "game_date" BETWEEN $best_bets_from AND $best_bets_to), "predictions" AS (SELECT "game_date", "path", "document", "entries", "is_empty", "bytes", "problem"
FROM "nba_publishing"."predictions"
WHERE "game_date" BETWEEN $predictions_from AND $predictions_to)
SELECT *
FROM (/* One row per pointer: the newest document of its kind up to the date. */
WITH documents AS (SELECT 'results/latest.json' AS path, game_date, document
FROM results
UNION ALL
SELECT 'best-bets/latest.json', game_date, document
FROM best_bets
UNION ALL
SELECT 'predictions/today.json', game_date, document
FROM predictions)
SELECT as_of.as_of_date, documents.path, documents.game_date, documents.document
FROM (SELECT DISTINCT game_date AS as_of_date
FROM games
WHERE game_date BETWEEN $start_date AND $end_date) AS as_of
INNER JOIN documents ON documents.game_date <= as_of.as_of_date
WHERE NOT documents.document IS NULL
QUALIFY ROW_NUMBER() OVER (PARTITION BY as_of.as_of_date, documents.path ORDER BY documents.game_date DESC) = 1)
