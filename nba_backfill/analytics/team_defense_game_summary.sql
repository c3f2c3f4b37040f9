-- One row per defending team and final game of a day: the opponent's offence, turned round.
WITH own_blocks AS (
  SELECT
    game_date,
    team_abbr,
    SUM(paint_blocks) AS paint_blocks,
    SUM(mid_range_blocks) AS mid_range_blocks,
    SUM(three_pt_blocks) AS three_pt_blocks
  FROM shot_zones
  GROUP BY game_date, team_abbr
)

SELECT
  own.game_id,
  own.nba_game_id,
  own.game_date,
  own.season_year,
  own.team_abbr AS defending_team_abbr,
  own.opponent_team_abbr,
  own.home_game,
  opponent.points_scored AS points_allowed,
  opponent.fg_makes AS opp_fg_makes,
  opponent.fg_attempts AS opp_fg_attempts,
  opponent.three_pt_makes AS opp_three_pt_makes,
  opponent.three_pt_attempts AS opp_three_pt_attempts,
  opponent.ft_makes AS opp_ft_makes,
  opponent.ft_attempts AS opp_ft_attempts,
  opponent.rebounds AS opp_rebounds,
  opponent.assists AS opp_assists,
  opponent.turnovers AS turnovers_forced,
  own.personal_fouls AS fouls_committed,
  opponent.team_paint_attempts AS opp_paint_attempts,
  opponent.team_paint_makes AS opp_paint_makes,
  opponent.team_mid_range_attempts AS opp_mid_range_attempts,
  opponent.team_mid_range_makes AS opp_mid_range_makes,
  opponent.team_unlocated_attempts AS opp_unlocated_attempts,
  2 * opponent.team_paint_makes AS points_in_paint_allowed,
  2 * opponent.team_mid_range_makes AS mid_range_points_allowed,
  3 * opponent.three_pt_makes AS three_pt_points_allowed,
  CAST(NULL AS INT64) AS second_chance_points_allowed,
  CAST(NULL AS INT64) AS fast_break_points_allowed,
  -- A team may have play-by-play and no block in it: that is 0, not unknown.
  IF(own.shot_zones_available, COALESCE(own_blocks.paint_blocks, 0), NULL) AS blocks_paint,
  IF(own.shot_zones_available, COALESCE(own_blocks.mid_range_blocks, 0), NULL)
    AS blocks_mid_range,
  IF(own.shot_zones_available, COALESCE(own_blocks.three_pt_blocks, 0), NULL) AS blocks_three_pt,
  own.blocks AS blocks_total,
  own.steals,
  own.defensive_rebounds,
  -- Possessions are rounded to a tenth in storage; the rating is taken over unrounded.
  opponent.offensive_rating AS defensive_rating,
  opponent.pace AS opponent_pace,
  opponent.ts_pct AS opponent_ts_pct,
  own.points_scored > opponent.points_scored AS win_flag,
  own.points_scored - opponent.points_scored AS margin_of_victory,
  own.overtime_periods,
  opponent.shot_zones_available,
  opponent.primary_source_used,
  IF(own.quality_score < opponent.quality_score, own.quality_tier, opponent.quality_tier)
    AS quality_tier,
  LEAST(own.quality_score, opponent.quality_score) AS quality_score,
  ARRAY_CONCAT(
    IF(
      LEAST(own.quality_score, opponent.quality_score) < 100,
      ['backup_source_used', 'reconstructed'],
      []
    ),
    IF(opponent.shot_zones_available, [], ['shot_zones_unavailable']),
    IF(own.overtime_periods IS NULL, ['overtime_unknown'], []),
    IF(
      own.steals IS NULL OR own.defensive_rebounds IS NULL OR own.blocks IS NULL,
      ['missing_defensive_actions'],
      []
    )
  ) AS quality_issues,
  opponent.data_sources
FROM team_offense_game_summary AS own
JOIN team_offense_game_summary AS opponent
  ON opponent.game_date = own.game_date
  AND opponent.team_abbr = own.opponent_team_abbr
LEFT JOIN own_blocks
  ON own_blocks.game_date = own.game_date
  AND own_blocks.team_abbr = own.team_abbr
