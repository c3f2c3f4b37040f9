-- One row per player expected to play and earlier game: his last ten, and all others of the season.
SELECT
  tonight.game_date AS document_date,
  tonight.season_year = played.season_year AS is_of_season,
  ROW_NUMBER() OVER (
    PARTITION BY tonight.game_date, tonight.player_lookup
    ORDER BY played.game_date DESC, played.game_id DESC
  ) AS games_ago,
  played.*
FROM expected_tonight AS tonight
JOIN player_games AS played
  ON played.player_lookup = tonight.player_lookup
  AND played.game_date < tonight.game_date
  AND DATE_DIFF(tonight.game_date, played.game_date, DAY) <= @player_game_summary_days
WHERE TRUE
QUALIFY games_ago <= 10 OR is_of_season
