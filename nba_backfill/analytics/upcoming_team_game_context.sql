-- One row per team and scheduled game of a day: what is known about the team before tip-off.
WITH team_games AS (
  SELECT
    game_date, game_id, nba_game_id, season_year, source,
    home_team_abbr AS team_abbr,
    away_team_abbr AS opponent_team_abbr,
    TRUE AS home_game,
    -- A neutral site is nobody's arena, and its coordinates are not recorded.
    IF(is_neutral_site, NULL, home_team_abbr) AS venue,
    home_next_game_date AS next_game_date,
    home_games_in_next_7_days AS games_in_next_7_days,
    is_over,
    is_final,
    home_score - away_score AS margin
  FROM games
  UNION ALL
  SELECT
    game_date, game_id, nba_game_id, season_year, source,
    away_team_abbr AS team_abbr,
    home_team_abbr AS opponent_team_abbr,
    FALSE AS home_game,
    IF(is_neutral_site, NULL, home_team_abbr) AS venue,
    away_next_game_date AS next_game_date,
    away_games_in_next_7_days AS games_in_next_7_days,
    is_over,
    is_final,
    away_score - home_score AS margin
  FROM games
),

-- COUNT(IF()) and not COUNTIF in windows: over an empty frame DuckDB's COUNTIF is NULL, not 0.
-- Whether and how a game ended is used for later days only: no frame below that reads is_over,
-- is_final or margin contains the row's own day. A game of unknown result was played all the same:
-- it counts for rest and travel, not for streaks.
numbered AS (
  SELECT
    t.*,
    b.team_abbr IS NOT NULL AS has_box,
    COUNT(IF(t.is_over, 1, NULL)) OVER (
      PARTITION BY t.team_abbr, t.season_year ORDER BY t.game_date, t.game_id
      ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS finals_so_far,
    COUNT(IF(t.is_final, 1, NULL)) OVER (
      PARTITION BY t.team_abbr, t.season_year ORDER BY t.game_date, t.game_id
      ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS results_so_far
  FROM team_games AS t
  LEFT JOIN team_boxes AS b
    ON b.game_date = t.game_date
    AND b.team_abbr = t.team_abbr
),

history AS (
  SELECT
    numbered.*,
    MIN(game_date) OVER (PARTITION BY season_year) AS season_first_day,
    COUNT(IF(is_over, 1, NULL)) OVER (
      PARTITION BY team_abbr, season_year ORDER BY game_date, game_id
      ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ) AS finals_before,
    COUNT(IF(is_final, 1, NULL)) OVER (
      PARTITION BY team_abbr, season_year ORDER BY game_date, game_id
      ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ) AS results_before,
    MAX(IF(is_over, game_date, NULL)) OVER (
      PARTITION BY team_abbr, season_year ORDER BY game_date, game_id
      ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ) AS last_game_date,
    MAX(IF(is_final AND margin < 0, results_so_far, NULL)) OVER (
      PARTITION BY team_abbr, season_year ORDER BY game_date, game_id
      ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ) AS last_loss,
    MAX(IF(is_final AND margin > 0, results_so_far, NULL)) OVER (
      PARTITION BY team_abbr, season_year ORDER BY game_date, game_id
      ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ) AS last_win,
    MAX(IF(is_over AND home_game, finals_so_far, NULL)) OVER (
      PARTITION BY team_abbr, season_year ORDER BY game_date, game_id
      ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ) AS last_home_game,
    COUNT(IF(is_over, 1, NULL)) OVER (
      PARTITION BY team_abbr, season_year ORDER BY UNIX_DATE(game_date)
      RANGE BETWEEN 7 PRECEDING AND 1 PRECEDING
    ) AS finals_last_7_days,
    COUNT(IF(is_over, 1, NULL)) OVER (
      PARTITION BY team_abbr, season_year ORDER BY UNIX_DATE(game_date)
      RANGE BETWEEN 14 PRECEDING AND 1 PRECEDING
    ) AS finals_last_14_days,
    COUNT(IF(is_over AND has_box, 1, NULL)) OVER (
      PARTITION BY team_abbr, season_year ORDER BY UNIX_DATE(game_date)
      RANGE BETWEEN 14 PRECEDING AND 1 PRECEDING
    ) AS boxes_last_14_days,
    COUNT(IF(is_over, 1, NULL)) OVER (
      PARTITION BY team_abbr, season_year ORDER BY UNIX_DATE(game_date)
      RANGE BETWEEN 30 PRECEDING AND 1 PRECEDING
    ) AS finals_last_30_days,
    COUNT(IF(is_over AND has_box, 1, NULL)) OVER (
      PARTITION BY team_abbr, season_year ORDER BY UNIX_DATE(game_date)
      RANGE BETWEEN 30 PRECEDING AND 1 PRECEDING
    ) AS boxes_last_30_days
  FROM numbered
),

trips AS (
  SELECT
    h.*,
    previous.margin AS last_game_margin,
    IF(h.venue = previous.venue, 0, d.distance_miles) AS trip_miles,
    IF(h.venue = previous.venue, 0, d.time_zones_crossed) AS trip_zones
  FROM history AS h
  LEFT JOIN team_games AS previous
    ON previous.team_abbr = h.team_abbr
    AND previous.game_date = h.last_game_date
    AND previous.season_year = h.season_year
  LEFT JOIN travel_distances AS d
    ON d.from_team = previous.venue
    AND d.to_team = h.venue
),

travelled AS (
  SELECT
    trips.*,
    SUM(IF(is_over, trip_miles, NULL)) OVER (
      PARTITION BY team_abbr, season_year ORDER BY UNIX_DATE(game_date)
      RANGE BETWEEN 13 PRECEDING AND 1 PRECEDING
    ) AS earlier_miles,
    SUM(IF(is_over, trip_zones, NULL)) OVER (
      PARTITION BY team_abbr, season_year ORDER BY UNIX_DATE(game_date)
      RANGE BETWEEN 13 PRECEDING AND 1 PRECEDING
    ) AS earlier_zones
  FROM trips
),

absences AS (
  SELECT
    game_date,
    team_abbr,
    COUNTIF(injury_status = 'out') AS out_players,
    COUNTIF(injury_status IN ('questionable', 'doubtful')) AS doubtful_players
  FROM injuries
  GROUP BY game_date, team_abbr
),

reported_days AS (
  SELECT DISTINCT game_date
  FROM injuries
),

scored AS (
  SELECT
    t.*,
    IF(finals_last_14_days = 0, 100.0, 100.0 * boxes_last_14_days / finals_last_14_days)
      AS completeness_14_days,
    -- + 1e-9: a tie is not exact in binary, and the engines would round it differently.
    ROUND(
      IF(finals_last_30_days = 0, 100.0, 100.0 * boxes_last_30_days / finals_last_30_days) + 1e-9,
      2
    ) AS completeness_30_days,
    DATE_DIFF(game_date, season_first_day, DAY) < 14 AS is_bootstrap
  FROM travelled AS t
)

SELECT
  s.team_abbr,
  s.game_id,
  s.nba_game_id,
  s.game_date,
  s.season_year,
  s.opponent_team_abbr,
  s.home_game,
  DATE_DIFF(s.game_date, s.last_game_date, DAY) AS days_since_last_game,
  DATE_DIFF(s.game_date, s.last_game_date, DAY) - 1 AS team_days_rest,
  COALESCE(DATE_DIFF(s.game_date, s.last_game_date, DAY) = 1, FALSE) AS is_back_to_back,
  COALESCE(DATE_DIFF(s.game_date, s.last_game_date, DAY) = 1, FALSE) AS team_back_to_back,
  s.finals_before + 1 AS game_number_in_season,
  s.finals_last_7_days AS games_in_last_7_days,
  s.finals_last_14_days AS games_in_last_14_days,
  s.games_in_next_7_days,
  DATE_DIFF(s.next_game_date, s.game_date, DAY) AS next_game_days_rest,
  l.spread AS game_spread,
  l.opening_spread,
  l.spread - l.opening_spread AS spread_movement,
  l.total AS game_total,
  l.opening_total,
  l.total - l.opening_total AS total_movement,
  l.spread_source AS game_spread_source,
  l.total_source AS game_total_source,
  l.lines_updated_at AS betting_lines_updated_at,
  COALESCE(a.out_players, 0) AS players_out_count,
  COALESCE(a.doubtful_players, 0) AS questionable_players_count,
  s.results_before - COALESCE(s.last_loss, 0) AS team_win_streak_entering,
  s.results_before - COALESCE(s.last_win, 0) AS team_loss_streak_entering,
  s.last_game_margin,
  CASE WHEN s.last_game_margin > 0 THEN 'W' WHEN s.last_game_margin < 0 THEN 'L' END
    AS last_game_result,
  s.trip_miles AS travel_miles,
  s.trip_zones AS time_zone_changes,
  IF(s.home_game, 0, 1 + s.finals_before - COALESCE(s.last_home_game, 0))
    AS consecutive_road_games,
  IF(
    s.trip_miles IS NULL AND s.earlier_miles IS NULL,
    NULL,
    COALESCE(s.trip_miles, 0) + COALESCE(s.earlier_miles, 0)
  ) AS miles_traveled_last_14_days,
  IF(
    s.trip_zones IS NULL AND s.earlier_zones IS NULL,
    NULL,
    COALESCE(s.trip_zones, 0) + COALESCE(s.earlier_zones, 0)
  ) AS time_zones_crossed_last_14_days,
  s.completeness_30_days >= 90 OR s.is_bootstrap AS is_production_ready,
  s.completeness_30_days AS completeness_percentage,
  s.finals_last_30_days AS expected_games_count,
  s.boxes_last_30_days AS actual_games_count,
  s.finals_last_30_days - s.boxes_last_30_days AS missing_games_count,
  s.is_bootstrap AS backfill_bootstrap_mode,
  CASE
    WHEN s.completeness_14_days >= 95 THEN 'gold'
    WHEN s.completeness_14_days >= 75 THEN 'silver'
    WHEN s.completeness_14_days >= 50 THEN 'bronze'
    ELSE 'poor'
  END AS quality_tier,
  CASE
    WHEN s.completeness_14_days >= 95 THEN 95.0
    WHEN s.completeness_14_days >= 75 THEN 75.0
    WHEN s.completeness_14_days >= 50 THEN 50.0
    ELSE 25.0
  END AS quality_score,
  ARRAY_CONCAT(
    IF(s.source = 'nbac_schedule', [], ['backup_source_used']),
    IF(l.spread IS NULL, ['missing_game_spread'], []),
    IF(l.total IS NULL, ['missing_game_total'], []),
    IF(r.game_date IS NULL, ['injury_report_unavailable'], []),
    IF(s.boxes_last_30_days < s.finals_last_30_days, ['missing_team_history'], [])
  ) AS quality_issues,
  ARRAY_CONCAT(
    [s.source],
    IF(l.team_abbr IS NOT NULL, ['odds_api_game_lines'], []),
    IF(r.game_date IS NOT NULL, ['nbac_injury_report'], [])
  ) AS data_sources
FROM scored AS s
LEFT JOIN game_lines AS l
  ON l.game_date = s.game_date
  AND l.team_abbr = s.team_abbr
LEFT JOIN absences AS a
  ON a.game_date = s.game_date
  AND a.team_abbr = s.team_abbr
LEFT JOIN reported_days AS r
  ON r.game_date = s.game_date
