-- One row per final game of the season and club in it.
SELECT game_date, season_year, home_team_abbr AS team_abbr
FROM games
WHERE is_over
UNION ALL
SELECT game_date, season_year, away_team_abbr AS team_abbr
FROM games
WHERE is_over
