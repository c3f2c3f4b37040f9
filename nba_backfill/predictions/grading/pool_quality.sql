-- One row per season: whom the graded games' predictions were about, and who played in them.
WITH predicted AS (
  SELECT DISTINCT game_date, game_id, season_year, player_lookup
  FROM nba_predictions.prediction_accuracy
  WHERE game_date BETWEEN @start_date AND @end_date
),

players AS (
  SELECT facts.game_date, facts.game_id, facts.season_year, facts.player_lookup, facts.points,
    facts.minutes_played, facts.points_line
  FROM nba_analytics.player_game_summary AS facts
  JOIN (SELECT DISTINCT game_date, game_id FROM predicted) AS graded
    ON graded.game_date = facts.game_date
    AND graded.game_id = facts.game_id
  WHERE facts.minutes_played > 0
),

-- A game called off was predicted and not played by anybody: it tells nothing of the pool.
asked AS (
  SELECT predicted.*
  FROM predicted
  JOIN (SELECT DISTINCT game_date, game_id FROM players) AS played
    ON played.game_date = predicted.game_date
    AND played.game_id = predicted.game_id
),

recalled AS (
  SELECT
    players.season_year,
    COUNT(DISTINCT players.game_id) AS games,
    COUNT(*) AS played,
    COUNT(asked.player_lookup) AS played_and_predicted,
    SUM(players.minutes_played) AS minutes,
    SUM(IF(asked.player_lookup IS NOT NULL, players.minutes_played, NULL)) AS minutes_predicted,
    COALESCE(SUM(IF(asked.player_lookup IS NULL, players.points, NULL)), 0) AS points_missed,
    COUNTIF(asked.player_lookup IS NULL AND players.points_line IS NOT NULL) AS lines_missed
  FROM players
  LEFT JOIN asked
    ON asked.game_date = players.game_date
    AND asked.game_id = players.game_id
    AND asked.player_lookup = players.player_lookup
  GROUP BY players.season_year
)

SELECT
  recalled.season_year,
  recalled.games,
  totals.predicted,
  recalled.played,
  recalled.played_and_predicted,
  CAST(recalled.minutes AS FLOAT64) AS minutes,
  CAST(COALESCE(recalled.minutes_predicted, 0) AS FLOAT64) AS minutes_predicted,
  recalled.points_missed,
  recalled.lines_missed
FROM recalled
JOIN (SELECT season_year, COUNT(*) AS predicted FROM asked GROUP BY season_year) AS totals
  ON totals.season_year = recalled.season_year
ORDER BY recalled.season_year
