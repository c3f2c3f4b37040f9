-- One row per club and game of the day, from the club's side.
SELECT
  game_date, game_id, nba_game_id, season_year,
  home_team_abbr AS team_abbr, away_team_abbr AS opponent_team_abbr,
  TRUE AS is_home, is_final, home_score AS final_score, tip_at
FROM games
UNION ALL
SELECT
  game_date, game_id, nba_game_id, season_year,
  away_team_abbr, home_team_abbr,
  FALSE, is_final, away_score, tip_at
FROM games
