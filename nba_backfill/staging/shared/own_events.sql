-- One row per event of a final game whose play-by-play adds up to the final score of both clubs,
-- within the few points by which the vendor's events are off. Events filed under another game do not.
WITH
games_that_add_up AS (
  SELECT game_id
  FROM (
    SELECT game_id, team_abbr, MIN(points_gap) AS points_gap
    FROM events
    GROUP BY game_id, team_abbr
  )
  WHERE points_gap <= 4
  GROUP BY game_id
  HAVING COUNT(*) = 2
)
SELECT event.*
FROM events AS event
JOIN games_that_add_up AS game ON game.game_id = event.game_id
