-- One row per event of a club in a final game whose play-by-play adds up to the final score, within
-- the few points by which the vendor's events are off. Events filed under another game do not.
WITH
team_games AS (
  SELECT
    game_date, game_id, home_team_abbr AS team_abbr, away_team_abbr AS opponent_team_abbr,
    home_score AS final_score
  FROM games
  WHERE is_final
  UNION ALL
  SELECT game_date, game_id, away_team_abbr, home_team_abbr, away_score
  FROM games
  WHERE is_final
),
-- A game loaded twice stands twice; an event without its number cannot be told from another.
game_events AS (
  SELECT
    game.game_date, game.game_id, game.team_abbr, game.opponent_team_abbr, game.final_score,
    event.event_sequence, event.period, LOWER(event.event_type) AS event_type,
    COALESCE(LOWER(event.event_subtype), '') AS subtype, event.points_scored,
    COALESCE(event.player_1_name, event.player_1_lookup) AS player_1_name,
    COALESCE(event.player_2_name, event.player_2_lookup) AS player_2_name,
    COALESCE(LOWER(event.player_2_role), '') AS player_2_role
  FROM bigdataball_play_by_play AS event
  JOIN team_games AS game
    ON game.game_date = event.game_date AND game.team_abbr = event.player_1_team_abbr
  WHERE event.event_sequence IS NOT NULL
  QUALIFY ROW_NUMBER() OVER (
    PARTITION BY game.game_id, event.event_sequence
    ORDER BY event.processed_at DESC, event.game_id, event.event_type, event.event_subtype,
      event.player_1_name, event.player_2_name, event.points_scored
  ) = 1
),
games_that_add_up AS (
  SELECT game_id
  FROM (
    SELECT game_id, team_abbr, SUM(points_scored) - MIN(final_score) AS points_off
    FROM game_events
    GROUP BY game_id, team_abbr
  )
  WHERE points_off BETWEEN -4 AND 4
  GROUP BY game_id
  HAVING COUNT(*) = 2
)
SELECT
  event.game_date, event.game_id, event.team_abbr, event.opponent_team_abbr,
  event.event_sequence, event.period, event.event_type, event.subtype,
  event.player_1_name, event.player_2_name, event.player_2_role
FROM game_events AS event
JOIN games_that_add_up AS game ON game.game_id = event.game_id
