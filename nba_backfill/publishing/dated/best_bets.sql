-- One row per candidate of a day with predictions; a day without candidates has one without player.
WITH predicted AS (
  SELECT
    prediction.game_date,
    prediction.game_id,
    prediction.player_lookup,
    prediction.team_abbr,
    prediction.opponent_team_abbr,
    prediction.recommendation,
    prediction.predicted_points,
    prediction.current_points_line,
    prediction.confidence_score,
    prediction.line_source
  FROM player_prop_predictions AS prediction
  INNER JOIN champion ON champion.system_id = prediction.system_id
),

-- Below 25 points; confidence from 0.88 to below 0.90 has failed and is left out.
candidates AS (
  SELECT *
  FROM predicted
  WHERE recommendation IN ('OVER', 'UNDER')
    AND predicted_points < 25
    AND NOT (confidence_score >= 0.88 AND confidence_score < 0.90)
    AND line_source = 'ACTUAL_PROP'
    AND current_points_line IS NOT NULL
),

graded AS (
  SELECT
    accuracy.game_date,
    accuracy.game_id,
    accuracy.player_lookup,
    accuracy.recommendation,
    accuracy.prediction_correct,
    accuracy.is_voided,
    accuracy.actual_points,
    accuracy.absolute_error
  FROM prediction_accuracy AS accuracy
  INNER JOIN champion ON champion.system_id = accuracy.system_id
),

-- His earlier picks on the same side that were decided, whichever the season.
histories AS (
  SELECT
    candidates.game_date,
    candidates.game_id,
    candidates.player_lookup,
    COUNTIF(graded.prediction_correct) AS earlier_right,
    COUNT(graded.prediction_correct) AS earlier_decided
  FROM candidates
  INNER JOIN graded
    ON graded.player_lookup = candidates.player_lookup
    AND graded.recommendation = candidates.recommendation
    AND DATE_DIFF(candidates.game_date, graded.game_date, DAY)
      BETWEEN 1 AND @prediction_accuracy_days
  GROUP BY candidates.game_date, candidates.game_id, candidates.player_lookup
),

-- A traded player stands in the registry once per club.
names AS (
  SELECT player_lookup, player_name
  FROM nba_players_registry
  QUALIFY ROW_NUMBER() OVER (
    PARTITION BY player_lookup ORDER BY season DESC, player_name, team_abbr
  ) = 1
),

days AS (
  SELECT DISTINCT game_date
  FROM predicted
)

SELECT
  days.game_date,
  candidates.player_lookup,
  candidates.game_id,
  names.player_name,
  candidates.team_abbr AS team,
  candidates.opponent_team_abbr AS opponent,
  candidates.recommendation,
  candidates.predicted_points AS predicted,
  candidates.current_points_line AS line,
  ABS(candidates.predicted_points - candidates.current_points_line) AS edge,
  candidates.confidence_score AS confidence,
  COALESCE(histories.earlier_right, 0) AS earlier_right,
  COALESCE(histories.earlier_decided, 0) AS earlier_decided,
  factors.fatigue_score,
  graded.prediction_correct,
  graded.is_voided,
  graded.actual_points AS actual,
  graded.absolute_error AS error,
  evaluated.line_rows,
  evaluated.mae_on_line_rows,
  evaluated.picks,
  evaluated.hit_rate
FROM days
LEFT JOIN candidates ON candidates.game_date = days.game_date
LEFT JOIN graded
  ON graded.game_date = candidates.game_date
  AND graded.game_id = candidates.game_id
  AND graded.player_lookup = candidates.player_lookup
LEFT JOIN histories
  ON histories.game_date = candidates.game_date
  AND histories.game_id = candidates.game_id
  AND histories.player_lookup = candidates.player_lookup
LEFT JOIN player_composite_factors AS factors
  ON factors.game_date = candidates.game_date
  AND factors.player_lookup = candidates.player_lookup
LEFT JOIN names ON names.player_lookup = candidates.player_lookup
LEFT JOIN evaluated ON evaluated.as_of_date = days.game_date
