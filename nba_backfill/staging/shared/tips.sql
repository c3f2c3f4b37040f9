-- One row per source, day and tip-off it prints that can be believed: a start of the day
-- (`starts`), and not the one time of day that a source prints for all games of three of its days
-- running or more, two games a day on average, as one does who has not been told the times. (In
-- three seasons no two days running are like that; finals are, at one game a day.)
WITH
printed AS (
  SELECT
    tip.source, tip.game_date, tip.printed_at, start.start_at,
    EXTRACT(YEAR FROM tip.game_date) - IF(EXTRACT(MONTH FROM tip.game_date) < 10, 1, 0)
      AS season_year,
    EXTRACT(HOUR FROM DATETIME(start.start_at, 'America/New_York')) * 60
      + EXTRACT(MINUTE FROM DATETIME(start.start_at, 'America/New_York')) AS minute_of_day
  FROM tip_rows AS tip
  JOIN starts AS start
    ON start.game_date = tip.game_date AND start.printed_at = tip.printed_at
  WHERE start.is_of_the_day AND start.start_at IS NOT NULL
),
printed_days AS (
  SELECT
    source, season_year, game_date, COUNT(*) AS games,
    IF(MIN(minute_of_day) = MAX(minute_of_day), MIN(minute_of_day), -1) AS only_minute
  FROM printed
  GROUP BY source, season_year, game_date
),
runs AS (
  SELECT
    *,
    ROW_NUMBER() OVER (PARTITION BY source, season_year ORDER BY game_date)
      - ROW_NUMBER() OVER (PARTITION BY source, season_year, only_minute ORDER BY game_date)
      AS run
  FROM printed_days
),
told_days AS (
  SELECT source, game_date
  FROM (
    SELECT
      source, game_date, only_minute,
      COUNT(*) OVER (PARTITION BY source, season_year, only_minute, run) AS run_days,
      SUM(games) OVER (PARTITION BY source, season_year, only_minute, run) AS run_games
    FROM runs
  )
  WHERE only_minute = -1 OR run_days < 3 OR run_games < 2 * run_days
)
SELECT DISTINCT printed.source, printed.game_date, printed.printed_at, printed.start_at
FROM printed
JOIN told_days AS day ON day.source = printed.source AND day.game_date = printed.game_date
