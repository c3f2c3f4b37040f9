-- One row per prediction of the champion: player, game and day.
SELECT
  prediction.game_date,
  prediction.game_id,
  prediction.player_lookup,
  prediction.team_abbr AS team,
  prediction.is_home,
  prediction.predicted_points AS points,
  prediction.confidence_score AS confidence,
  prediction.recommendation,
  prediction.current_points_line AS line,
  prediction.pace_adjustment,
  prediction.similar_games_count AS similar_games
FROM player_prop_predictions AS prediction
INNER JOIN champion ON champion.system_id = prediction.system_id
