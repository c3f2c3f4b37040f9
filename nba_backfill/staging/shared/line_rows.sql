-- One row per offer on a game, the clubs by tricode: by their code, else by full name (NULL where
-- neither is a club's). Both spellings of the Clippers occur, also within one row.
SELECT
  line.* EXCEPT (home_team_abbr, away_team_abbr),
  line.commence_time AS printed_at,
  COALESCE(home.team_abbr, full_home.team_abbr) AS home_team_abbr,
  COALESCE(away.team_abbr, full_away.team_abbr) AS away_team_abbr,
  side.team_abbr AS side_abbr
FROM odds_api_game_lines AS line
LEFT JOIN clubs AS home ON home.spelling = UPPER(TRIM(line.home_team_abbr))
LEFT JOIN clubs AS away ON away.spelling = UPPER(TRIM(line.away_team_abbr))
LEFT JOIN clubs AS full_home ON full_home.spelling = UPPER(TRIM(line.home_team))
LEFT JOIN clubs AS full_away ON full_away.spelling = UPPER(TRIM(line.away_team))
LEFT JOIN clubs AS side ON side.spelling = UPPER(TRIM(line.outcome_name))
