-- One row per graded prediction of the champion: player, game and day.
SELECT
  graded.game_date,
  graded.player_lookup,
  graded.game_id,
  graded.team_abbr AS team,
  graded.opponent_team_abbr AS opponent,
  graded.predicted_points AS predicted,
  graded.actual_points AS actual,
  graded.line_value AS line,
  graded.recommendation,
  graded.prediction_correct,
  graded.is_voided,
  graded.absolute_error AS error,
  graded.signed_error AS bias,
  graded.confidence_score AS confidence,
  graded.minutes_played AS minutes,
  graded.is_home,
  graded.points_avg_season,
  features.days_rest,
  COALESCE(features.back_to_back = 1, FALSE) AS is_back_to_back
FROM prediction_accuracy AS graded
INNER JOIN champion ON champion.system_id = graded.system_id
LEFT JOIN ml_feature_store_v2 AS features
  ON features.game_date = graded.game_date
  AND features.game_id = graded.game_id
  AND features.player_lookup = graded.player_lookup
