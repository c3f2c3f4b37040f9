-- One row per tip-off that the schedule or the scoreboard prints.
SELECT 'nbac_schedule' AS source, game_date, game_date_est AS printed_at
FROM nbac_schedule
WHERE (is_regular_season OR is_playoffs OR (is_regular_season IS NULL AND is_playoffs IS NULL))
  AND game_date_est IS NOT NULL
UNION ALL
SELECT 'espn_scoreboard', game_date, scheduled_start_time
FROM espn_scoreboard
WHERE scheduled_start_time IS NOT NULL
