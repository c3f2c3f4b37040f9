-- One row per game a player took part in and each lost one that his club played before his next.

-- Lost: final, but we have facts of nobody of his club, so he may have played.
WITH held AS (
  SELECT DISTINCT game_date, team_abbr
  FROM player_game_summary
)

SELECT g.player_lookup, g.season_year, g.game_no, f.game_date
FROM finals AS f
LEFT JOIN held AS h
  ON h.game_date = f.game_date
  AND h.team_abbr = f.team_abbr
JOIN games_played AS g
  ON g.team_abbr = f.team_abbr
  AND g.season_year = f.season_year
  AND g.game_date < f.game_date
  AND (g.next_game_date IS NULL OR g.next_game_date > f.game_date)
WHERE h.game_date IS NULL
