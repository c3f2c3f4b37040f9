-- One row per day asked for, predicted player, and game up to that day: played, graded, or both.
WITH
days AS (
  SELECT DISTINCT game_date AS as_of_date
  FROM games
  WHERE game_date BETWEEN @start_date AND @end_date
),

followed AS (
  SELECT days.as_of_date, events.player_lookup
  FROM days
  JOIN played_or_graded AS events
    ON events.game_date <= days.as_of_date
    AND events.is_graded
  GROUP BY days.as_of_date, events.player_lookup
),

-- A game of the day itself that is not over yet comes first, for those expected to play.
tonight AS (
  SELECT
    pool.game_date AS as_of_date,
    pool.player_lookup,
    pool.game_date,
    pool.game_id,
    pool.opponent_team_abbr AS opponent,
    pool.home_game,
    forecast.player_lookup IS NOT NULL AS has_prediction
  FROM upcoming_player_game_context AS pool
  JOIN games AS game
    ON game.game_date = pool.game_date
    AND game.game_id = pool.game_id
    AND NOT game.is_over
  LEFT JOIN forecasts AS forecast
    ON forecast.game_date = pool.game_date
    AND forecast.player_lookup = pool.player_lookup
),

-- Else the next game of the club of his newest game, which the schedule names in advance.
newest_clubs AS (
  SELECT days.as_of_date, game.player_lookup, game.team_abbr
  FROM days
  JOIN player_games AS game
    ON game.game_date <= days.as_of_date
  WHERE TRUE
  QUALIFY ROW_NUMBER() OVER (
    PARTITION BY days.as_of_date, game.player_lookup ORDER BY game.game_date DESC, game.game_id DESC
  ) = 1
),

club_games AS (
  SELECT game_date, home_team_abbr AS team_abbr, home_next_game_date AS next_game_date
  FROM games
  UNION ALL
  SELECT game_date, away_team_abbr, away_next_game_date
  FROM games
),

next_dates AS (
  SELECT days.as_of_date, club.team_abbr, club.next_game_date
  FROM days
  JOIN club_games AS club
    ON club.game_date <= days.as_of_date
  WHERE TRUE
  QUALIFY ROW_NUMBER() OVER (
    PARTITION BY days.as_of_date, club.team_abbr ORDER BY club.game_date DESC
  ) = 1
),

fixtures AS (
  SELECT
    row_.game_date,
    home.team_abbr AS home_team_abbr,
    away.team_abbr AS away_team_abbr,
    row_.processed_at
  FROM nbac_schedule AS row_
  JOIN clubs AS home
    ON home.spelling = UPPER(TRIM(row_.home_team_tricode))
  JOIN clubs AS away
    ON away.spelling = UPPER(TRIM(row_.away_team_tricode))
),

scheduled AS (
  SELECT
    coming.as_of_date,
    coming.team_abbr,
    coming.next_game_date AS game_date,
    CONCAT(
      FORMAT_DATE('%Y%m%d', game.game_date), '_', game.away_team_abbr, '_', game.home_team_abbr
    ) AS game_id,
    IF(game.home_team_abbr = coming.team_abbr, game.away_team_abbr, game.home_team_abbr) AS opponent,
    game.home_team_abbr = coming.team_abbr AS home_game
  FROM next_dates AS coming
  JOIN fixtures AS game
    ON game.game_date = coming.next_game_date
  WHERE coming.team_abbr IN (game.home_team_abbr, game.away_team_abbr)
  QUALIFY ROW_NUMBER() OVER (
    PARTITION BY coming.as_of_date, coming.team_abbr
    ORDER BY game.processed_at DESC, game.home_team_abbr, game.away_team_abbr
  ) = 1
)

SELECT
  followed.as_of_date,
  known.player_name,
  COALESCE(tonight.game_date, scheduled.game_date) AS next_game_date,
  COALESCE(tonight.game_id, scheduled.game_id) AS next_game_id,
  COALESCE(tonight.opponent, scheduled.opponent) AS next_opponent,
  COALESCE(tonight.home_game, scheduled.home_game) AS next_home_game,
  COALESCE(tonight.has_prediction, FALSE) AS next_has_prediction,
  events.*
FROM followed
JOIN played_or_graded AS events
  ON events.player_lookup = followed.player_lookup
  AND events.game_date <= followed.as_of_date
LEFT JOIN known_names AS known
  ON known.player_lookup = followed.player_lookup
LEFT JOIN tonight
  ON tonight.as_of_date = followed.as_of_date
  AND tonight.player_lookup = followed.player_lookup
LEFT JOIN newest_clubs AS club
  ON club.as_of_date = followed.as_of_date
  AND club.player_lookup = followed.player_lookup
LEFT JOIN scheduled
  ON scheduled.as_of_date = followed.as_of_date
  AND scheduled.team_abbr = club.team_abbr
