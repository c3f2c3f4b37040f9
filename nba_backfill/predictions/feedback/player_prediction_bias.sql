-- One row per game day, player and system with 5 graded games: how far his last 30 were off.
WITH as_of AS (
  SELECT DISTINCT game_date AS as_of_date, season_year
  FROM games
  WHERE game_date BETWEEN @start_date AND @end_date
),

seasons AS (
  SELECT DISTINCT season_year
  FROM as_of
),

-- Errors in tenths: whole numbers, so that no sum depends on the order of rows.
graded AS (
  SELECT
    p.player_lookup,
    p.system_id,
    p.game_date,
    p.game_id,
    p.points_avg_season,
    p.actual_points,
    CAST(p.signed_error * 10 AS INT64) AS error
  FROM prediction_accuracy AS p
  JOIN seasons AS s
    ON p.season_year BETWEEN s.season_year - 1 AND s.season_year
  WHERE NOT p.is_voided
),

-- What is known after a game holds until the day of his next one.
states AS (
  SELECT
    player_lookup,
    system_id,
    game_date,
    points_avg_season,
    ROW_NUMBER() OVER (PARTITION BY player_lookup, system_id ORDER BY game_date, game_id)
      AS games,
    COALESCE(
      LEAD(game_date) OVER (PARTITION BY player_lookup, system_id ORDER BY game_date, game_id),
      DATE '9999-01-01'
    ) AS next_game_date,
    SUM(error) OVER (
      PARTITION BY player_lookup, system_id ORDER BY game_date, game_id
      ROWS BETWEEN 29 PRECEDING AND CURRENT ROW
    ) AS errors,
    SUM(ABS(error)) OVER (
      PARTITION BY player_lookup, system_id ORDER BY game_date, game_id
      ROWS BETWEEN 29 PRECEDING AND CURRENT ROW
    ) AS absolute_errors,
    SUM(error * error) OVER (
      PARTITION BY player_lookup, system_id ORDER BY game_date, game_id
      ROWS BETWEEN 29 PRECEDING AND CURRENT ROW
    ) AS squared_errors,
    SUM(actual_points) OVER (
      PARTITION BY player_lookup, system_id ORDER BY game_date, game_id
      ROWS BETWEEN 29 PRECEDING AND CURRENT ROW
    ) AS points
  FROM graded
),

figures AS (
  SELECT
    s.player_lookup,
    s.system_id,
    s.game_date,
    s.next_game_date,
    s.games,
    t.scoring_tier,
    LEAST(s.games, 30) AS n,
    s.errors / (10 * LEAST(s.games, 30)) AS bias,
    s.absolute_errors / (10 * LEAST(s.games, 30)) AS mae,
    s.points / LEAST(s.games, 30) AS points,
    SQRT(
      GREATEST(LEAST(s.games, 30) * s.squared_errors - s.errors * s.errors, 0)
        / (LEAST(s.games, 30) * (LEAST(s.games, 30) - 1))
    ) / 10 AS std
  FROM states AS s
  -- An unknown average is the lowest tier's.
  JOIN scoring_tiers AS t
    ON COALESCE(s.points_avg_season, 0) >= t.low
    AND COALESCE(s.points_avg_season < t.high, TRUE)
  WHERE s.games >= 5
),

-- How many games he had behind him 30 days earlier.
earlier AS (
  SELECT a.as_of_date, s.player_lookup, s.system_id, s.games
  FROM states AS s
  JOIN as_of AS a
    ON UNIX_DATE(a.as_of_date) >= UNIX_DATE(s.game_date) + 30
    AND UNIX_DATE(a.as_of_date) < UNIX_DATE(s.next_game_date) + 30
),

known AS (
  SELECT a.as_of_date, a.season_year, f.*
  FROM figures AS f
  JOIN as_of AS a
    ON a.as_of_date >= f.game_date
    AND a.as_of_date < f.next_game_date
)

SELECT
  k.as_of_date,
  k.season_year,
  k.player_lookup,
  k.system_id,
  k.game_date AS last_game_date,
  k.n AS sample_size,
  k.games - COALESCE(e.games, 0) AS games_last_30d,
  k.bias AS avg_signed_error,
  k.mae AS avg_absolute_error,
  k.std AS bias_stddev,
  -k.bias AS recommended_adjustment,
  LEAST(GREATEST(LEAST(1, k.n / 20) * (1 - k.std / 10), 0), 1) AS adjustment_confidence,
  k.points AS avg_actual_points,
  k.scoring_tier
FROM known AS k
LEFT JOIN earlier AS e
  ON e.as_of_date = k.as_of_date
  AND e.player_lookup = k.player_lookup
  AND e.system_id = k.system_id
