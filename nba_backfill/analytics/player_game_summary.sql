-- One row per player and final game of a day in which he appeared.
WITH played AS (
  SELECT
    b.*,
    IF(b.team_abbr = g.home_team_abbr, g.home_score, g.away_score) AS team_score,
    IF(b.team_abbr = g.home_team_abbr, g.away_score, g.home_score) AS opponent_score,
    CAST(b.minutes AS FLOAT64) AS exact_minutes,
    -- Hundredths, so that the 0.44 stays exact until the one division.
    100 * (b.field_goals_attempted + b.turnovers) + 44 * b.free_throws_attempted
      AS possessions_used_x100,
    100 * b.field_goals_attempted + 44 * b.free_throws_attempted AS shooting_attempts_x100
  FROM player_boxes AS b
  JOIN games AS g
    ON g.game_date = b.game_date
    AND g.game_id = b.game_id
  WHERE b.appeared AND g.is_final
),

-- Play-by-play is missing per game, never per player: a player without a shot has zeros.
covered_games AS (
  SELECT DISTINCT game_date, game_id
  FROM shot_zones
),

team_totals AS (
  SELECT
    game_date,
    team_abbr,
    100 * (fg_attempts + turnovers) + 44 * ft_attempts AS possessions_used_x100,
    minutes_total
  FROM team_offense_game_summary
),

joined AS (
  SELECT
    p.*,
    covered.game_id IS NOT NULL AS has_zones,
    z.paint_attempts,
    z.paint_makes,
    z.mid_range_attempts,
    z.mid_range_makes,
    z.unknown_attempts,
    z.assisted_fg_makes,
    z.unassisted_fg_makes,
    z.and1_count,
    z.paint_blocks,
    z.mid_range_blocks,
    z.three_pt_blocks,
    team.game_date IS NOT NULL AND team.minutes_total IS NOT NULL AS has_team_totals,
    -- 100 x player share of possessions x (game minutes / player minutes), game minutes being
    -- a fifth of the team's player-minutes. Everywhere + 1e-9 before rounding: a tie such as
    -- 20.65 is not exact in binary, and the engines would round it differently.
    ROUND(
      SAFE_DIVIDE(
        20.0 * p.possessions_used_x100 * team.minutes_total,
        p.exact_minutes * team.possessions_used_x100
      ) + 1e-9,
      1
    ) AS estimated_usage,
    l.points_line,
    l.opening_line,
    IF(l.player_lookup IS NOT NULL, CONCAT(l.source, ':', l.bookmaker), NULL) AS line_source,
    l.source AS line_table
  FROM played AS p
  LEFT JOIN covered_games AS covered
    ON covered.game_date = p.game_date
    AND covered.game_id = p.game_id
  LEFT JOIN shot_zones AS z
    ON z.game_date = p.game_date
    AND z.game_id = p.game_id
    AND z.player_lookup = p.player_lookup
    AND z.team_abbr = p.team_abbr
  LEFT JOIN team_totals AS team
    ON team.game_date = p.game_date
    AND team.team_abbr = p.team_abbr
  LEFT JOIN prop_lines AS l
    ON l.game_date = p.game_date
    AND l.player_lookup = p.player_lookup
)

SELECT
  player_lookup,
  universal_player_id,
  player_full_name,
  game_id,
  nba_game_id,
  game_date,
  season_year,
  team_abbr,
  opponent_team_abbr,
  points,
  ROUND(minutes, 1) AS minutes_played,
  assists,
  offensive_rebounds,
  defensive_rebounds,
  steals,
  blocks,
  turnovers,
  field_goals_attempted AS fg_attempts,
  field_goals_made AS fg_makes,
  three_pointers_attempted AS three_pt_attempts,
  three_pointers_made AS three_pt_makes,
  free_throws_attempted AS ft_attempts,
  free_throws_made AS ft_makes,
  plus_minus,
  personal_fouls,
  IF(has_zones, COALESCE(paint_attempts, 0), NULL) AS paint_attempts,
  IF(has_zones, COALESCE(paint_makes, 0), NULL) AS paint_makes,
  IF(has_zones, COALESCE(mid_range_attempts, 0), NULL) AS mid_range_attempts,
  IF(has_zones, COALESCE(mid_range_makes, 0), NULL) AS mid_range_makes,
  IF(has_zones, COALESCE(unknown_attempts, 0), NULL) AS unlocated_attempts,
  IF(has_zones, COALESCE(assisted_fg_makes, 0), NULL) AS assisted_fg_makes,
  IF(has_zones, COALESCE(unassisted_fg_makes, 0), NULL) AS unassisted_fg_makes,
  IF(has_zones, COALESCE(and1_count, 0), NULL) AS and1_count,
  IF(has_zones, COALESCE(paint_blocks, 0), NULL) AS paint_blocks,
  IF(has_zones, COALESCE(mid_range_blocks, 0), NULL) AS mid_range_blocks,
  IF(has_zones, COALESCE(three_pt_blocks, 0), NULL) AS three_pt_blocks,
  -- The estimate assumes that the team's possessions spread evenly over time, which a few seconds
  -- on court can contradict; nobody uses more than all of them.
  IF(estimated_usage > 100, 100, estimated_usage) AS usage_rate,
  ROUND(SAFE_DIVIDE(100 * points, CAST(2 * shooting_attempts_x100 AS FLOAT64)) + 1e-9, 3)
    AS ts_pct,
  ROUND(
    SAFE_DIVIDE(
      2 * field_goals_made + three_pointers_made, CAST(2 * field_goals_attempted AS FLOAT64)
    ) + 1e-9,
    3
  ) AS efg_pct,
  is_starter AS starter_flag,
  starter_source,
  team_score > opponent_score AS win_flag,
  points_line,
  CASE
    WHEN points > points_line THEN 'OVER'
    WHEN points < points_line THEN 'UNDER'
    WHEN points = points_line THEN 'PUSH'
  END AS over_under_result,
  points - points_line AS margin,
  opening_line,
  points_line - opening_line AS line_movement,
  line_source AS points_line_source,
  IF(opening_line IS NOT NULL, line_source, NULL) AS opening_line_source,
  TRUE AS is_active,
  player_status,
  source AS primary_source_used,
  IF(source = 'nbac_gamebook', 'gold', 'silver') AS quality_tier,
  IF(source = 'nbac_gamebook', 100.0, 85.0) AS quality_score,
  ARRAY_CONCAT(
    IF(source = 'nbac_gamebook', [], ['backup_source_used']),
    IF(universal_player_id IS NULL, ['unresolved_player'], []),
    IF(minutes IS NULL, ['missing_minutes'], []),
    IF(has_team_totals, [], ['missing_team_totals']),
    IF(estimated_usage > 100, ['usage_capped'], []),
    IF(has_zones, [], ['shot_zones_unavailable'])
  ) AS quality_issues,
  ARRAY_CONCAT(
    [source],
    IF(has_zones, ['bigdataball_play_by_play'], []),
    IF(line_table IS NOT NULL, [line_table], [])
  ) AS data_sources
FROM joined
