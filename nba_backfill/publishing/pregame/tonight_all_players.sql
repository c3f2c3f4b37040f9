-- One row per game of a day, player expected in it, and earlier game of his, as far as there are any.
WITH
-- A game that was moved, or loaded twice, has several rows: the newest load counts.
statuses AS (
  SELECT game_date, game_id AS nba_game_id, game_status
  FROM nbac_schedule
  WHERE TRUE
  QUALIFY ROW_NUMBER() OVER (
    PARTITION BY game_date, game_id ORDER BY processed_at DESC, game_status DESC
  ) = 1
)

SELECT
  game.game_date,
  game.game_id,
  game.home_team_abbr,
  game.away_team_abbr,
  EXTRACT(HOUR FROM DATETIME(game.tip_at, 'America/New_York')) * 60
    + EXTRACT(MINUTE FROM DATETIME(game.tip_at, 'America/New_York')) AS tip_minute,
  status.game_status,
  tonight.* EXCEPT (game_date, game_id),
  played.is_of_season,
  played.games_ago,
  played.points,
  played.minutes,
  played.over_under
FROM games AS game
LEFT JOIN statuses AS status
  ON status.game_date = game.game_date
  AND status.nba_game_id = game.nba_game_id
LEFT JOIN expected_tonight AS tonight
  ON tonight.game_date = game.game_date
  AND tonight.game_id = game.game_id
LEFT JOIN games_before AS played
  ON played.document_date = tonight.game_date
  AND played.player_lookup = tonight.player_lookup
WHERE game.game_date BETWEEN @start_date AND @end_date
