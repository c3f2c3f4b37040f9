-- One row per pointer: the newest document up to the date.
SELECT as_of.game_date AS as_of_date, 'scores/latest.json' AS path, s.document
FROM (SELECT DISTINCT game_date FROM games) AS as_of
INNER JOIN site_scores AS s ON s.game_date <= as_of.game_date
WHERE s.document IS NOT NULL
QUALIFY ROW_NUMBER() OVER (PARTITION BY as_of.game_date ORDER BY s.game_date DESC) = 1
