-- One row per day with games that a document is wanted for.
SELECT DISTINCT game_date AS as_of_date, season_year
FROM games
WHERE game_date BETWEEN @start_date AND @end_date
