-- One row per day on which the champion was evaluated: his season to date, against real lines.
SELECT
  evaluation.as_of_date,
  evaluation.line_rows,
  evaluation.mae_on_line_rows,
  evaluation.picks,
  evaluation.hit_rate
FROM model_evaluation AS evaluation
INNER JOIN champion ON champion.system_id = evaluation.system_id
WHERE evaluation.period = 'season' AND evaluation.population = 'line_rows'
