-- One row per day and start of a game that a source prints for it: the start, NULL where it stands
-- for nothing, which is midnight of the day by Eastern or universal clock. `is_of_the_day`: by the
-- Eastern clock it lies on the game's day, as every start of three seasons does, in the schedule,
-- on the scoreboard and with offers; that of another day is another game's.
SELECT
  game_date,
  printed_at,
  IF(is_midnight, NULL, printed_at) AS start_at,
  is_midnight OR CAST(DATETIME(printed_at, 'America/New_York') AS DATE) = game_date
    AS is_of_the_day
FROM (
  SELECT
    game_date,
    printed_at,
    printed_at IN (
      TIMESTAMP(CONCAT(CAST(game_date AS STRING), ' 00:00:00'), 'UTC'),
      TIMESTAMP(CONCAT(CAST(game_date AS STRING), ' 00:00:00'), 'America/New_York')
    ) AS is_midnight
  FROM (SELECT DISTINCT game_date, printed_at FROM printed_starts)
  WHERE printed_at IS NOT NULL
)
