-- One row per game day and player listed in an injury report before tip: his last status then.
WITH
-- Tip-off in minutes since 1970 by the Eastern clock, in which reports are dated.
team_tips AS (
  SELECT
    game_date, team_abbr,
    UNIX_DATE(CAST(DATETIME(tip_at, 'America/New_York') AS DATE)) * 1440
      + EXTRACT(HOUR FROM DATETIME(tip_at, 'America/New_York')) * 60
      + EXTRACT(MINUTE FROM DATETIME(tip_at, 'America/New_York')) AS tip_minute
  FROM team_games
),
game_days AS (
  SELECT DISTINCT game_date FROM games
),
-- A report of hour h is out by the end of that hour, so the whole hour must lie before tip; an
-- unreadable hour is taken for the day's last. Only the five known statuses say anything.
printed_statuses AS (
  SELECT
    game_date,
    team_abbr,
    COALESCE(player_full_name, player_lookup) AS player_name,
    LOWER(TRIM(injury_status)) AS injury_status,
    reason,
    reason_category,
    report_date,
    report_hour,
    UNIX_DATE(report_date) * 1440 + (COALESCE(report_hour, 23) + 1) * 60 AS out_by_minute,
    processed_at
  FROM report_rows
  WHERE is_of_the_game
    AND DATE_DIFF(game_date, report_date, DAY) BETWEEN 0 AND 2
    AND LOWER(TRIM(injury_status))
      IN ('out', 'doubtful', 'questionable', 'probable', 'available')
),
-- A club that does not play that day after all has no injuries for it. Where the tip is unknown,
-- or the club, the last report taken is that of 5 pm Eastern (hour 17).
timely_rows AS (
  SELECT report.*
  FROM printed_statuses AS report
  JOIN game_days AS day ON day.game_date = report.game_date
  LEFT JOIN team_tips AS game
    ON game.game_date = report.game_date AND game.team_abbr = report.team_abbr
  WHERE (report.team_abbr IS NULL OR game.team_abbr IS NOT NULL)
    AND report.out_by_minute
      <= COALESCE(game.tip_minute, UNIX_DATE(report.game_date) * 1440 + 18 * 60)
)
SELECT
  report.game_date,
  name.player_lookup,
  report.team_abbr,
  report.injury_status,
  -- What the parsers write for nothing is nothing.
  COALESCE(
    IF(LOWER(TRIM(report.reason)) IN ('', 'unknown', 'nan', 'none'), NULL, report.reason),
    IF(
      LOWER(TRIM(report.reason_category)) IN ('', 'unknown', 'nan', 'none'),
      NULL, report.reason_category)
  ) AS reason,
  report.report_date,
  report.report_hour
FROM timely_rows AS report
JOIN player_names AS name
  ON name.game_date = report.game_date AND name.player_name = report.player_name
WHERE TRUE
QUALIFY ROW_NUMBER() OVER (
  PARTITION BY report.game_date, name.player_lookup
  ORDER BY report.out_by_minute DESC, report.processed_at DESC, report.team_abbr DESC,
    report.injury_status, report.reason, report.reason_category
) = 1
