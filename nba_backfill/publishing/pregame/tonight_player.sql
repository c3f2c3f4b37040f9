-- One row per player expected to play on a day and earlier game of his, one without where none is.
SELECT
  tonight.*,
  defence.points_rank AS defense_rank,
  defence.points_allowed,
  played.game_date AS played_date,
  played.game_id AS played_game_id,
  played.opponent_team_abbr AS opponent,
  played.* EXCEPT (
    document_date, game_date, game_id, season_year, player_lookup, player_full_name, team_abbr,
    opponent_team_abbr, line
  ),
  played.line AS played_line
FROM expected_tonight AS tonight
LEFT JOIN ranked_defences AS defence
  ON defence.game_date = tonight.game_date
  AND defence.team_abbr = tonight.opponent_team_abbr
LEFT JOIN games_before AS played
  ON played.document_date = tonight.game_date
  AND played.player_lookup = tonight.player_lookup
