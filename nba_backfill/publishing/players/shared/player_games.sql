-- One row per game a player took part in: figures, place, who won, and days since his last game.
SELECT
  played.game_date,
  played.season_year,
  played.game_id,
  played.player_lookup,
  played.player_full_name,
  played.team_abbr,
  played.opponent_team_abbr,
  -- The third token of a game id is the home club.
  ENDS_WITH(played.game_id, CONCAT('_', played.team_abbr)) AS is_home,
  -- By the final scores; nothing is said of a game whose result is unknown.
  CASE
    WHEN NOT result.is_final THEN NULL
    WHEN ENDS_WITH(played.game_id, CONCAT('_', played.team_abbr))
      THEN result.home_score > result.away_score
    ELSE result.away_score > result.home_score
  END AS team_won,
  DATE_DIFF(
    played.game_date,
    LAG(played.game_date) OVER (
      PARTITION BY played.player_lookup, played.season_year
      ORDER BY played.game_date, played.game_id
    ),
    DAY
  ) AS days_since_last,
  played.points,
  CAST(played.minutes_played AS FLOAT64) AS minutes,
  played.fg_makes,
  played.fg_attempts,
  played.three_pt_makes,
  played.three_pt_attempts,
  played.ft_makes,
  played.ft_attempts,
  played.offensive_rebounds + played.defensive_rebounds AS rebounds,
  played.assists,
  played.steals,
  played.blocks,
  played.turnovers,
  CAST(played.points_line AS FLOAT64) AS line,
  -- In tenths, all that a line has, so that sums do not depend on the order of games.
  CAST(played.points_line * 10 AS INT64) AS line_tenths,
  played.over_under_result AS over_under
FROM games_played AS played
LEFT JOIN games AS result
  ON result.game_date = played.game_date
  AND result.game_id = played.game_id
