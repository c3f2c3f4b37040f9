-- One row per pointer: the newest document of its kind up to the date.
WITH documents AS (
  SELECT 'results/latest.json' AS path, game_date, document
  FROM results
  UNION ALL
  SELECT 'best-bets/latest.json', game_date, document
  FROM best_bets
  UNION ALL
  SELECT 'predictions/today.json', game_date, document
  FROM predictions
)

SELECT
  as_of.as_of_date,
  documents.path,
  documents.game_date,
  documents.document
FROM (
  SELECT DISTINCT game_date AS as_of_date
  FROM games
  WHERE game_date BETWEEN @start_date AND @end_date
) AS as_of
INNER JOIN documents ON documents.game_date <= as_of.as_of_date
WHERE documents.document IS NOT NULL
QUALIFY ROW_NUMBER() OVER (
  PARTITION BY as_of.as_of_date, documents.path ORDER BY documents.game_date DESC
) = 1
