-- One row per team and final game whose team totals agree with the final score.
WITH
-- Official rows, latest load first. Date and club find the game; the row's own home flag and
-- game id are exchanged in half of the older games and are not read.
official_rows AS (
  SELECT
    game.game_id, game.team_abbr, game.final_score,
    box.points,
    box.fg_made AS fg_makes,
    box.fg_attempted AS fg_attempts,
    box.three_pt_made AS three_pt_makes,
    box.three_pt_attempted AS three_pt_attempts,
    box.ft_made AS ft_makes,
    box.ft_attempted AS ft_attempts,
    box.offensive_rebounds, box.defensive_rebounds, box.assists, box.steals, box.blocks,
    box.turnovers, box.personal_fouls,
    printed.minutes AS official_minutes
  FROM team_rows AS box
  JOIN team_games AS game
    ON game.game_date = box.game_date AND game.team_abbr = box.team_abbr AND game.is_final
  LEFT JOIN minutes AS printed ON printed.minutes_text = box.minutes_text
  WHERE COALESCE(box.nba_game_id, '') = COALESCE(game.nba_game_id, box.nba_game_id, '')
  QUALIFY ROW_NUMBER() OVER (
    PARTITION BY game.game_id, game.team_abbr
    ORDER BY box.processed_at DESC, box.points DESC, box.fg_attempted DESC, box.fg_made DESC,
      box.three_pt_attempted DESC, box.three_pt_made DESC, box.ft_attempted DESC,
      box.ft_made DESC, box.offensive_rebounds DESC, box.defensive_rebounds DESC,
      box.assists DESC, box.steals DESC, box.blocks DESC, box.turnovers DESC,
      box.personal_fouls DESC, box.minutes DESC
  ) = 1
),
official_games AS (
  SELECT game_id
  FROM official_rows
  WHERE points = final_score
  GROUP BY game_id
  HAVING COUNT(*) = 2
),
-- A missing count of one player leaves the team's sum unknown, not smaller.
summed_rows AS (
  SELECT
    box.game_id, box.team_abbr,
    SUM(box.points) AS points,
    IF(COUNT(box.field_goals_made) = COUNT(*), SUM(box.field_goals_made), NULL) AS fg_makes,
    IF(COUNT(box.field_goals_attempted) = COUNT(*), SUM(box.field_goals_attempted), NULL)
      AS fg_attempts,
    IF(COUNT(box.three_pointers_made) = COUNT(*), SUM(box.three_pointers_made), NULL)
      AS three_pt_makes,
    IF(COUNT(box.three_pointers_attempted) = COUNT(*), SUM(box.three_pointers_attempted), NULL)
      AS three_pt_attempts,
    IF(COUNT(box.free_throws_made) = COUNT(*), SUM(box.free_throws_made), NULL) AS ft_makes,
    IF(COUNT(box.free_throws_attempted) = COUNT(*), SUM(box.free_throws_attempted), NULL)
      AS ft_attempts,
    IF(COUNT(box.offensive_rebounds) = COUNT(*), SUM(box.offensive_rebounds), NULL)
      AS offensive_rebounds,
    IF(COUNT(box.defensive_rebounds) = COUNT(*), SUM(box.defensive_rebounds), NULL)
      AS defensive_rebounds,
    IF(COUNT(box.assists) = COUNT(*), SUM(box.assists), NULL) AS assists,
    IF(COUNT(box.steals) = COUNT(*), SUM(box.steals), NULL) AS steals,
    IF(COUNT(box.blocks) = COUNT(*), SUM(box.blocks), NULL) AS blocks,
    IF(COUNT(box.turnovers) = COUNT(*), SUM(box.turnovers), NULL) AS turnovers,
    IF(COUNT(box.personal_fouls) = COUNT(*), SUM(box.personal_fouls), NULL) AS personal_fouls
  FROM player_boxes AS box
  JOIN team_games AS game
    ON game.game_id = box.game_id AND game.team_abbr = box.team_abbr AND game.is_final
  WHERE box.appeared
  GROUP BY box.game_id, box.team_abbr
  HAVING COUNT(*) >= 5
    AND COUNT(box.points) = COUNT(*)
    AND SUM(box.points) = MIN(game.final_score)
),
summed_games AS (
  SELECT summed.game_id
  FROM summed_rows AS summed
  LEFT JOIN official_games AS official ON official.game_id = summed.game_id
  WHERE official.game_id IS NULL
  GROUP BY summed.game_id
  HAVING COUNT(*) = 2
),
-- Turnovers charged to the club alone (shot clock, five seconds) name no player. The official rows
-- count them from 2025-26 on and not before, so they are kept apart, from one source in all seasons.
event_turnovers AS (
  SELECT
    game_id, team_abbr,
    COUNTIF(event_type = 'turnover' AND player_name IS NULL) AS team_turnovers
  FROM own_events
  GROUP BY game_id, team_abbr
),
totals AS (
  SELECT
    box.game_id, box.team_abbr, box.points, box.fg_makes, box.fg_attempts, box.three_pt_makes,
    box.three_pt_attempts, box.ft_makes, box.ft_attempts, box.offensive_rebounds,
    box.defensive_rebounds, box.assists, box.steals, box.blocks, box.turnovers,
    box.personal_fouls, 'nbac_team_boxscore' AS source
  FROM official_rows AS box
  JOIN official_games AS game ON game.game_id = box.game_id
  UNION ALL
  SELECT
    box.game_id, box.team_abbr, box.points, box.fg_makes, box.fg_attempts, box.three_pt_makes,
    box.three_pt_attempts, box.ft_makes, box.ft_attempts, box.offensive_rebounds,
    box.defensive_rebounds, box.assists, box.steals, box.blocks, box.turnovers,
    box.personal_fouls, 'player_sum'
  FROM summed_rows AS box
  JOIN summed_games AS game ON game.game_id = box.game_id
),
-- Overtime belongs to the game: official minutes (240 + 25 per overtime) of either club, else
-- the last period of the play-by-play, if its shots are those of the game, else the players'
-- minutes; never 240 by assumption, which minutes below it (of one player, or none) would be.
official_overtimes AS (
  SELECT
    game_id,
    CAST(ROUND((MAX(official_minutes) - 240) / 25) AS INT64) AS overtime_periods
  FROM official_rows
  WHERE official_minutes >= 239
  GROUP BY game_id
),
event_totals AS (
  SELECT
    game_id, team_abbr, MAX(period) AS last_period, MIN(club_attempts) AS club_attempts
  FROM events
  GROUP BY game_id, team_abbr
),
event_overtimes AS (
  SELECT event.game_id, MAX(event.last_period) - 4 AS overtime_periods
  FROM event_totals AS event
  JOIN totals AS box ON box.game_id = event.game_id AND box.team_abbr = event.team_abbr
  GROUP BY event.game_id
  HAVING MAX(event.last_period) >= 4
    AND COUNT(*) = 2
    AND COUNTIF(ABS(event.club_attempts - box.fg_attempts) > 2) = 0
),
player_overtimes AS (
  SELECT
    game_id,
    GREATEST(
      CAST(ROUND(SAFE_DIVIDE(CAST(SUM(minutes) AS FLOAT64) - 480, 50)) AS INT64), 0
    ) AS overtime_periods
  FROM player_boxes
  WHERE appeared
  GROUP BY game_id
  HAVING COUNT(minutes) = COUNT(*)
),
overtimes AS (
  SELECT
    game.game_id,
    COALESCE(official.overtime_periods, event.overtime_periods, player.overtime_periods)
      AS overtime_periods
  FROM games AS game
  LEFT JOIN official_overtimes AS official ON official.game_id = game.game_id
  LEFT JOIN event_overtimes AS event ON event.game_id = game.game_id
  LEFT JOIN player_overtimes AS player ON player.game_id = game.game_id
)
SELECT
  game.game_date,
  game.game_id,
  game.nba_game_id,
  game.season_year,
  game.team_abbr,
  game.opponent_team_abbr,
  game.is_home,
  box.points,
  box.fg_makes,
  box.fg_attempts,
  box.three_pt_makes,
  box.three_pt_attempts,
  box.ft_makes,
  box.ft_attempts,
  box.offensive_rebounds,
  box.defensive_rebounds,
  box.assists,
  box.steals,
  box.blocks,
  -- What the official row counts beyond its players' turnovers is the club's own.
  LEAST(box.turnovers, COALESCE(players.turnovers, box.turnovers)) AS turnovers,
  COALESCE(
    event.team_turnovers,
    IF(box.turnovers > players.turnovers, box.turnovers - players.turnovers, NULL)
  ) AS team_turnovers,
  box.personal_fouls,
  240 + 25 * overtime.overtime_periods AS minutes_total,
  overtime.overtime_periods,
  box.source
FROM totals AS box
JOIN team_games AS game
  ON game.game_id = box.game_id AND game.team_abbr = box.team_abbr AND game.is_final
JOIN overtimes AS overtime ON overtime.game_id = box.game_id
LEFT JOIN summed_rows AS players
  ON players.game_id = box.game_id AND players.team_abbr = box.team_abbr
LEFT JOIN event_turnovers AS event
  ON event.game_id = box.game_id AND event.team_abbr = box.team_abbr
