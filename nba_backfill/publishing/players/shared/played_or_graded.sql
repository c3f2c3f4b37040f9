-- One row per player and game he played or was graded in: his figures, and how the champion did.
-- Voids are no predictions that came out one way or the other.
SELECT
  COALESCE(game.season_year, grade.season_year) AS season_year,
  COALESCE(game.game_date, grade.game_date) AS game_date,
  COALESCE(game.game_id, grade.game_id) AS game_id,
  COALESCE(game.player_lookup, grade.player_lookup) AS player_lookup,
  COALESCE(game.team_abbr, grade.team_abbr) AS team_abbr,
  COALESCE(game.opponent_team_abbr, grade.opponent_team_abbr) AS opponent,
  game.player_lookup IS NOT NULL AS is_played,
  grade.player_lookup IS NOT NULL AS is_graded,
  game.* EXCEPT (season_year, game_date, game_id, player_lookup, team_abbr, opponent_team_abbr),
  grade.recommendation,
  grade.prediction_correct,
  CAST(grade.actual_margin AS FLOAT64) AS graded_margin,
  CAST(grade.confidence_score AS FLOAT64) AS confidence,
  CAST(grade.absolute_error AS FLOAT64) AS absolute_error,
  CAST(grade.signed_error AS FLOAT64) AS signed_error,
  grade.within_3_points,
  grade.within_5_points
FROM player_games AS game
FULL JOIN (
  SELECT said.*
  FROM prediction_accuracy AS said
  JOIN champion
    ON champion.system_id = said.system_id
  WHERE NOT said.is_voided
) AS grade
  ON grade.game_date = game.game_date
  AND grade.player_lookup = game.player_lookup
