-- One row per event of a final game, by the club of the acting player.
--
-- The clubs a row names must be those of the game, and where some rows name the game by its ids,
-- the others are of another. What the events add up to is on every row, for whoever can compare it
-- with the club's box score: `club_attempts`, and `points_gap` from the final score, NULL where a
-- source prints no points with its events.
WITH
claimed_events AS (
  SELECT
    game.game_date, game.game_id, game.team_abbr, game.opponent_team_abbr, game.final_score,
    LOWER(TRIM(event.event_type)) AS event_type,
    COALESCE(LOWER(event.event_subtype), '') AS subtype,
    event.event_sequence, event.period, event.shot_made, event.shot_distance,
    COALESCE(event.player_1_name, event.player_1_lookup) AS player_name,
    COALESCE(event.player_2_name, event.player_2_lookup) AS second_name,
    COALESCE(LOWER(event.player_2_role), '') AS second_role,
    event.points_scored, event.processed_at,
    -- The canonical id begins with the day; the number is the official id without its zeros.
    COALESCE(SUBSTR(event.game_id, 1, 8) = FORMAT_DATE('%Y%m%d', game.game_date), TRUE)
      AND COALESCE(
        event.bdb_game_id
          = SAFE_CAST(REGEXP_EXTRACT(game.nba_game_id, r'^0*(\d+)$') AS INT64), TRUE) AS is_named
  FROM bigdataball_play_by_play AS event
  JOIN clubs AS club ON club.spelling = UPPER(TRIM(event.player_1_team_abbr))
  JOIN team_games AS game
    ON game.game_date = event.game_date AND game.team_abbr = club.team_abbr AND game.is_final
  LEFT JOIN clubs AS home ON home.spelling = UPPER(TRIM(event.home_team_abbr))
  LEFT JOIN clubs AS away ON away.spelling = UPPER(TRIM(event.away_team_abbr))
  WHERE COALESCE(home.team_abbr, game.team_abbr) IN (game.team_abbr, game.opponent_team_abbr)
    AND COALESCE(away.team_abbr, game.team_abbr) IN (game.team_abbr, game.opponent_team_abbr)
  QUALIFY is_named OR COUNTIF(is_named) OVER (PARTITION BY game.game_id) = 0
),
-- Numbers that tell fewer than one event in four from the others (one number for all of a game)
-- tell nothing; a game loaded up to four times still passes.
game_numbers AS (
  SELECT
    game_id,
    COUNT(DISTINCT event_sequence) * 4 >= COUNT(*) AS numbers_tell,
    COUNT(DISTINCT event_sequence) = COUNT(*) AS every_number_once
  FROM claimed_events
  GROUP BY game_id
),
-- A game loaded twice stands twice: of identical events one stays. Without a number that tells
-- them apart, two events of one load that look alike are two events. (A fraction is no key in
-- GoogleSQL: distances count in hundredths of a foot.)
copied_events AS (
  SELECT
    event.*,
    IF(
      number.numbers_tell AND event.event_sequence IS NOT NULL,
      1,
      ROW_NUMBER() OVER (
        PARTITION BY event.game_id, event.team_abbr, event.event_type, event.subtype,
          event.event_sequence, event.period, event.shot_made,
          CAST(ROUND(event.shot_distance * 100) AS INT64), event.player_name, event.second_name,
          event.second_role, event.points_scored, event.processed_at
        ORDER BY event.event_sequence
      )
    ) AS nth_alike
  FROM claimed_events AS event
  JOIN game_numbers AS number
    ON number.game_id = event.game_id AND NOT number.every_number_once
),
events_once AS (
  SELECT event.*, 1 AS nth_alike
  FROM claimed_events AS event
  JOIN game_numbers AS number ON number.game_id = event.game_id AND number.every_number_once
  UNION ALL
  SELECT *
  FROM copied_events
  WHERE TRUE
  QUALIFY ROW_NUMBER() OVER (
    PARTITION BY game_id, team_abbr, event_type, subtype, event_sequence, period, shot_made,
      CAST(ROUND(shot_distance * 100) AS INT64), player_name, second_name, second_role,
      points_scored, nth_alike
    ORDER BY processed_at DESC
  ) = 1
),
club_totals AS (
  SELECT
    game_id, team_abbr,
    COUNTIF(event_type = 'shot' AND shot_made IS NOT NULL) AS club_attempts,
    IF(
      COUNTIF(points_scored IS NULL AND (shot_made OR event_type = 'free throw')) = 0,
      ABS(SUM(points_scored) - MIN(final_score)), NULL) AS points_gap
  FROM events_once
  GROUP BY game_id, team_abbr
)
SELECT event.*, total.club_attempts, total.points_gap
FROM events_once AS event
JOIN club_totals AS total
  ON total.game_id = event.game_id AND total.team_abbr = event.team_abbr
