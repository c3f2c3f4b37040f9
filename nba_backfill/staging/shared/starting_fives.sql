-- One row per player of a club's starting five: the five who are on court as the game opens.
-- Whoever acts in the first quarter was on court then; he started unless his first substitution
-- brings him in. A technical foul may also be that of a player on the bench.
WITH
appearances AS (
  SELECT game_date, game_id, team_abbr, event_sequence, subtype, player_name
  FROM own_events
  WHERE period = 1
    AND player_name IS NOT NULL
    AND NOT (event_type = 'foul' AND STRPOS(subtype, 'technical') > 0)
  UNION ALL
  -- An assist is the shooter's team-mate's, a block or a steal the opponent's.
  SELECT
    game_date, game_id,
    IF(second_role = 'assist', team_abbr, opponent_team_abbr),
    event_sequence, 'second player', second_name
  FROM own_events
  WHERE period = 1
    AND second_name IS NOT NULL
    AND second_role IN ('assist', 'block', 'steal')
),
substitutions AS (
  SELECT
    seen.game_date, seen.game_id, seen.team_abbr, name.player_lookup,
    MIN(IF(seen.subtype = 'substitution in', seen.event_sequence, NULL)) AS came_in,
    MIN(IF(seen.subtype = 'substitution out', seen.event_sequence, NULL)) AS went_out
  FROM appearances AS seen
  JOIN player_names AS name
    ON name.game_date = seen.game_date AND name.player_name = seen.player_name
  GROUP BY seen.game_date, seen.game_id, seen.team_abbr, name.player_lookup
)
-- Fewer than five: somebody played the quarter and left no trace; more: an event is wrong. Then the
-- five are not known.
SELECT game_date, game_id, team_abbr, player_lookup
FROM substitutions
WHERE came_in IS NULL OR went_out < came_in
QUALIFY COUNT(*) OVER (PARTITION BY game_id, team_abbr) = 5
