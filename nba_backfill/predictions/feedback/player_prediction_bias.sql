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
    player_lookup,
    system_id,
    game_date,
    next_game_date,
    games,
    LEAST(games, 30) AS n,
    errors / (10 * LEAST(games, 30)) AS bias,
    absolute_errors / (10 * LEAST(games, 30)) AS mae,
    points / LEAST(games, 30) AS points,
    SQRT(
      GREATEST(LEAST(games, 30) * squared_errors - errors * errors, 0)
        / (LEAST(games, 30) * (LEAST(games, 30) - 1))
    ) / 10 AS std,
    CASE
      WHEN points_avg_season >= 30 THEN 'STAR_30PLUS'
      WHEN points_avg_season >= 20 THEN 'STARTER_20_29'
      WHEN points_avg_season >= 10 THEN 'ROTATION_10_19'
      ELSE 'BENCH_0_9'
    END AS scoring_tier
  FROM states
  WHERE games >= 5
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
