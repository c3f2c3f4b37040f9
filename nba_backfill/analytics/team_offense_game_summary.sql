-- One row per team and final game of a day: its box score, shot zones, possessions and result.
WITH zones AS (
  SELECT
    game_date,
    team_abbr,
    SUM(paint_attempts) AS paint_attempts,
    SUM(paint_makes) AS paint_makes,
    SUM(mid_range_attempts) AS mid_range_attempts,
    SUM(mid_range_makes) AS mid_range_makes,
    SUM(unknown_attempts) AS unlocated_attempts
  FROM shot_zones
  GROUP BY game_date, team_abbr
),

-- A club's own count of possessions: shots and trips to the line, less those that an offensive
-- rebound gave back, and turnovers. 1.07 weighs the share of its misses that it rebounded.
estimates AS (
  SELECT
    own.*,
    opponent.points AS opponent_points,
    own.fg_attempts + 0.4 * own.ft_attempts
      - 1.07
        * SAFE_DIVIDE(
          own.offensive_rebounds,
          CAST(own.offensive_rebounds + opponent.defensive_rebounds AS FLOAT64)
        )
        * (own.fg_attempts - own.fg_makes)
      + own.turnovers + COALESCE(own.team_turnovers, 0) AS own_possessions,
    100 * own.fg_attempts + 44 * own.ft_attempts AS shooting_attempts_x100
  FROM team_boxes AS own
  JOIN team_boxes AS opponent
    ON opponent.game_date = own.game_date
    AND opponent.team_abbr = own.opponent_team_abbr
),

-- Both teams or neither: a margin needs the opponent, and possessions alternate, so that both had
-- as many: the mean of the two counts.
paired AS (
  SELECT
    own.*,
    0.5 * (own.own_possessions + opponent.own_possessions) AS game_possessions
  FROM estimates AS own
  JOIN estimates AS opponent
    ON opponent.game_date = own.game_date
    AND opponent.team_abbr = own.opponent_team_abbr
)

-- + 1e-9 before rounding: a tie such as 98.65 is not exact in binary, and the engines would round
-- it differently.
SELECT
  paired.game_id,
  paired.nba_game_id,
  paired.game_date,
  paired.season_year,
  paired.team_abbr,
  paired.opponent_team_abbr,
  paired.is_home AS home_game,
  paired.points AS points_scored,
  paired.fg_makes,
  paired.fg_attempts,
  paired.three_pt_makes,
  paired.three_pt_attempts,
  paired.ft_makes,
  paired.ft_attempts,
  paired.offensive_rebounds + paired.defensive_rebounds AS rebounds,
  paired.offensive_rebounds,
  paired.defensive_rebounds,
  paired.assists,
  paired.steals,
  paired.blocks,
  paired.turnovers,
  paired.team_turnovers,
  paired.personal_fouls,
  zones.paint_attempts AS team_paint_attempts,
  zones.paint_makes AS team_paint_makes,
  zones.mid_range_attempts AS team_mid_range_attempts,
  zones.mid_range_makes AS team_mid_range_makes,
  zones.unlocated_attempts AS team_unlocated_attempts,
  2 * zones.paint_makes AS points_in_paint_scored,
  CAST(NULL AS INT64) AS second_chance_points_scored,
  ROUND(SAFE_DIVIDE(100 * paired.points, game_possessions) + 1e-9, 2) AS offensive_rating,
  -- 48 minutes over the game's length in minutes, which is a fifth of the player-minutes.
  ROUND(SAFE_DIVIDE(48 * 5 * game_possessions, paired.minutes_total) + 1e-9, 1) AS pace,
  ROUND(game_possessions + 1e-9, 1) AS possessions,
  ROUND(SAFE_DIVIDE(100 * paired.points, CAST(2 * shooting_attempts_x100 AS FLOAT64)) + 1e-9, 3)
    AS ts_pct,
  paired.minutes_total,
  paired.overtime_periods,
  paired.points > paired.opponent_points AS win_flag,
  paired.points - paired.opponent_points AS margin_of_victory,
  zones.team_abbr IS NOT NULL AS shot_zones_available,
  IF(zones.team_abbr IS NOT NULL, 'bigdataball_play_by_play', NULL) AS shot_zones_source,
  paired.source AS primary_source_used,
  IF(paired.source = 'nbac_team_boxscore', 'gold', 'silver') AS quality_tier,
  IF(paired.source = 'nbac_team_boxscore', 100.0, 85.0) AS quality_score,
  ARRAY_CONCAT(
    IF(paired.source = 'nbac_team_boxscore', [], ['backup_source_used', 'reconstructed']),
    IF(zones.team_abbr IS NULL, ['shot_zones_unavailable'], []),
    IF(paired.overtime_periods IS NULL, ['overtime_unknown'], []),
    IF(paired.team_turnovers IS NULL, ['team_turnovers_unknown'], [])
  ) AS quality_issues,
  ARRAY_CONCAT(
    [paired.source],
    IF(zones.team_abbr IS NOT NULL, ['bigdataball_play_by_play'], [])
  ) AS data_sources
FROM paired
LEFT JOIN zones
  ON zones.game_date = paired.game_date
  AND zones.team_abbr = paired.team_abbr
