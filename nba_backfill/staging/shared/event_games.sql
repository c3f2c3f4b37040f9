-- One row per final game with events, and whether they are those of the game: of both clubs, field
-- goals attempted within 2 of the team's row (the play-by-play of three seasons is, in all 7,712
-- team games), points within 2 of the score, and 3 more for each attempt they differ by. What
-- cannot be compared contradicts nothing.
SELECT
  game_date,
  game_id,
  COUNT(*) = 2
    AND COUNTIF(ABS(club_attempts - fg_attempts) > 2) = 0
    AND COUNTIF(points_gap > 2 + 3 * COALESCE(ABS(club_attempts - fg_attempts), 0)) = 0
    AS fits,
  MIN(team_abbr) AS first_club,
  MIN(CONCAT(
    team_abbr, ' ', CAST(club_attempts AS STRING), ' shots, team row ',
    COALESCE(CAST(fg_attempts AS STRING), 'unknown'), '; points off the score by ',
    COALESCE(CAST(points_gap AS STRING), 'an unknown number'))) AS said
FROM (
  SELECT DISTINCT
    event.game_date, event.game_id, event.team_abbr, event.club_attempts, event.points_gap,
    box.fg_attempts
  FROM events AS event
  LEFT JOIN team_boxes AS box
    ON box.game_id = event.game_id AND box.team_abbr = event.team_abbr
)
GROUP BY game_date, game_id
