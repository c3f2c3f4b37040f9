-- One row per team of the season and day with games: how it defended in its last 15 games before.
WITH days AS (
  SELECT DISTINCT game_date AS analysis_date, season_year
  FROM games
  WHERE game_date BETWEEN @start_date AND @end_date
),

-- Zones are known only where the game has play-by-play; elsewhere they are NULL, which no sum
-- may take for 0, and the per-game figures of a zone divide by the games that have it.
facts AS (
  SELECT
    game_id, game_date, season_year, defending_team_abbr AS team_abbr, points_allowed,
    defensive_rating, opponent_pace, opp_three_pt_makes, opp_three_pt_attempts,
    IF(blocks_paint IS NULL, NULL, opp_paint_attempts) AS zone_paint_attempts,
    IF(blocks_paint IS NULL, NULL, opp_paint_makes) AS zone_paint_makes,
    IF(blocks_paint IS NULL, NULL, points_in_paint_allowed) AS zone_paint_points,
    IF(blocks_paint IS NULL, NULL, opp_mid_range_attempts) AS zone_mid_attempts,
    IF(blocks_paint IS NULL, NULL, opp_mid_range_makes) AS zone_mid_makes,
    IF(opp_paint_attempts IS NULL, NULL, blocks_paint) AS zone_paint_blocks,
    IF(opp_paint_attempts IS NULL, NULL, blocks_mid_range) AS zone_mid_blocks,
    IF(opp_paint_attempts IS NULL, NULL, blocks_three_pt) AS zone_three_blocks
  FROM team_defense_game_summary
),

-- Every game of the season that lies strictly before the day, newest first.
known AS (
  SELECT
    d.analysis_date,
    f.*,
    DATE_DIFF(d.analysis_date, f.game_date, DAY) AS days_ago,
    ROW_NUMBER() OVER (
      PARTITION BY d.analysis_date, f.team_abbr ORDER BY f.game_date DESC, f.game_id DESC
    ) AS recency
  FROM days AS d
  JOIN facts AS f
    ON f.season_year = d.season_year
    AND f.game_date < d.analysis_date
),

samples AS (
  SELECT
    analysis_date,
    season_year,
    team_abbr,
    COUNT(*) AS n,
    COUNT(zone_paint_attempts) AS n_zone,
    MIN(game_date) AS first_game_date,
    MAX(game_date) AS last_game_date,
    SUM(zone_paint_attempts) AS paint_attempts,
    SUM(zone_paint_makes) AS paint_makes,
    SUM(zone_paint_points) AS paint_points,
    SUM(zone_paint_blocks) AS paint_blocks,
    SUM(zone_mid_attempts) AS mid_attempts,
    SUM(zone_mid_makes) AS mid_makes,
    SUM(zone_mid_blocks) AS mid_blocks,
    SUM(opp_three_pt_attempts) AS three_attempts,
    SUM(opp_three_pt_makes) AS three_makes,
    SUM(zone_three_blocks) AS three_blocks,
    SUM(points_allowed) AS points_allowed,
    SUM(defensive_rating) AS ratings,
    COUNT(defensive_rating) AS rated_games,
    SUM(opponent_pace) AS paces,
    COUNT(opponent_pace) AS paced_games
  FROM known
  WHERE recency <= 15
  GROUP BY analysis_date, season_year, team_abbr
  HAVING COUNT(*) >= 5
),

-- What the league allows, in order of preference: the last 30 days while enough teams play, which
-- they do not in the play-offs, then the season to date.
baselines AS (
  SELECT 'last_30_days' AS league_baseline, 1 AS preference, 30 AS days_back, 10 AS minimum_games
  UNION ALL
  SELECT 'season_to_date' AS league_baseline, 2 AS preference, 366 AS days_back, 5 AS minimum_games
),

team_baselines AS (
  SELECT
    k.analysis_date,
    b.league_baseline,
    b.preference,
    k.team_abbr,
    SAFE_DIVIDE(SUM(k.zone_paint_makes), SUM(k.zone_paint_attempts)) AS paint_pct,
    SAFE_DIVIDE(SUM(k.zone_mid_makes), SUM(k.zone_mid_attempts)) AS mid_pct,
    SAFE_DIVIDE(SUM(k.opp_three_pt_makes), SUM(k.opp_three_pt_attempts)) AS three_pct
  FROM known AS k
  CROSS JOIN baselines AS b
  WHERE k.days_ago <= b.days_back
  GROUP BY k.analysis_date, b.league_baseline, b.preference, k.team_abbr, b.minimum_games
  HAVING COUNT(*) >= b.minimum_games AND COUNT(k.zone_paint_attempts) >= 5
),

-- The unweighted mean over teams, in whole trillionths: a sum of floats would depend on the order
-- of the rows.
league AS (
  SELECT
    analysis_date,
    league_baseline,
    SUM(CAST(ROUND(1e12 * paint_pct) AS INT64)) / (1e12 * COUNT(*)) AS paint_pct,
    SUM(CAST(ROUND(1e12 * mid_pct) AS INT64)) / (1e12 * COUNT(*)) AS mid_pct,
    SUM(CAST(ROUND(1e12 * three_pct) AS INT64)) / (1e12 * COUNT(*)) AS three_pct
  FROM team_baselines
  WHERE paint_pct IS NOT NULL AND mid_pct IS NOT NULL AND three_pct IS NOT NULL
  GROUP BY analysis_date, league_baseline, preference
  HAVING COUNT(*) >= 10
  QUALIFY ROW_NUMBER() OVER (PARTITION BY analysis_date ORDER BY preference) = 1
),

-- Final games without facts, from the sample's first game on; a sample that is not full should
-- reach back to the team's first game of the season.
lost_games AS (
  SELECT g.game_date, g.season_year, g.team_abbr
  FROM finals AS g
  LEFT JOIN facts AS f
    ON f.game_date = g.game_date
    AND f.team_abbr = g.team_abbr
  WHERE f.game_id IS NULL
),

lost AS (
  SELECT s.analysis_date, s.team_abbr, COUNT(*) AS games
  FROM samples AS s
  JOIN lost_games AS g
    ON g.team_abbr = s.team_abbr
    AND g.season_year = s.season_year
    AND g.game_date < s.analysis_date
    AND (g.game_date > s.first_game_date OR s.n < 15)
  GROUP BY s.analysis_date, s.team_abbr
),

rates AS (
  SELECT
    s.*,
    COALESCE(lost.games, 0) AS lost_games,
    COALESCE(league.league_baseline, 'constant') AS league_baseline,
    IF(s.n_zone >= 5, SAFE_DIVIDE(s.paint_makes, s.paint_attempts), NULL) AS paint_pct,
    IF(s.n_zone >= 5, SAFE_DIVIDE(s.mid_makes, s.mid_attempts), NULL) AS mid_pct,
    SAFE_DIVIDE(s.three_makes, s.three_attempts) AS three_pct,
    COALESCE(league.paint_pct, 0.58) AS league_paint_pct,
    COALESCE(league.mid_pct, 0.41) AS league_mid_pct,
    COALESCE(league.three_pct, 0.355) AS league_three_pct
  FROM samples AS s
  LEFT JOIN league
    ON league.analysis_date = s.analysis_date
  LEFT JOIN lost
    ON lost.analysis_date = s.analysis_date
    AND lost.team_abbr = s.team_abbr
),

compared AS (
  SELECT
    rates.*,
    100 * (paint_pct - league_paint_pct) AS paint_gap,
    100 * (mid_pct - league_mid_pct) AS mid_gap,
    100 * (three_pct - league_three_pct) AS three_gap
  FROM rates
)

SELECT
  team_abbr,
  analysis_date,
  paint_pct AS paint_pct_allowed_last_15,
  IF(n_zone >= 5, paint_attempts / n_zone, NULL) AS paint_attempts_allowed_per_game,
  IF(n_zone >= 5, paint_points / n_zone, NULL) AS paint_points_allowed_per_game,
  IF(n_zone >= 5, paint_blocks / n_zone, NULL) AS paint_blocks_per_game,
  paint_gap AS paint_defense_vs_league_avg,
  mid_pct AS mid_range_pct_allowed_last_15,
  IF(n_zone >= 5, mid_attempts / n_zone, NULL) AS mid_range_attempts_allowed_per_game,
  IF(n_zone >= 5, mid_blocks / n_zone, NULL) AS mid_range_blocks_per_game,
  mid_gap AS mid_range_defense_vs_league_avg,
  three_pct AS three_pt_pct_allowed_last_15,
  three_attempts / n AS three_pt_attempts_allowed_per_game,
  IF(n_zone >= 5, three_blocks / n_zone, NULL) AS three_pt_blocks_per_game,
  three_gap AS three_pt_defense_vs_league_avg,
  league_baseline,
  SAFE_DIVIDE(CAST(ratings AS FLOAT64), rated_games) AS defensive_rating_last_15,
  points_allowed / n AS opponent_points_per_game,
  SAFE_DIVIDE(CAST(paces AS FLOAT64), paced_games) AS opponent_pace,
  n AS games_in_sample,
  n_zone,
  -- The order of the branches settles ties: paint, mid-range, perimeter.
  CASE
    WHEN paint_gap <= COALESCE(mid_gap, paint_gap) AND paint_gap <= COALESCE(three_gap, paint_gap)
      THEN 'paint'
    WHEN mid_gap <= COALESCE(three_gap, mid_gap) THEN 'mid_range'
    WHEN three_gap IS NOT NULL THEN 'perimeter'
  END AS strongest_zone,
  CASE
    WHEN paint_gap >= COALESCE(mid_gap, paint_gap) AND paint_gap >= COALESCE(three_gap, paint_gap)
      THEN 'paint'
    WHEN mid_gap >= COALESCE(three_gap, mid_gap) THEN 'mid_range'
    WHEN three_gap IS NOT NULL THEN 'perimeter'
  END AS weakest_zone,
  CASE WHEN n >= 15 THEN 'high' WHEN n >= 10 THEN 'medium' ELSE 'low' END AS data_quality_tier,
  NULLIF(
    ARRAY_TO_STRING(
      ARRAY_CONCAT(
        IF(paint_pct IS NULL, ['paint'], []),
        IF(mid_pct IS NULL, ['mid_range'], []),
        IF(three_pct IS NULL, ['perimeter'], [])
      ),
      ', '
    ),
    ''
  ) AS calculation_notes,
  last_game_date,
  15 AS window_games_wanted,
  n AS window_games_found,
  lost_games AS window_games_missing,
  CASE WHEN lost_games > 0 THEN 'truncated' WHEN n = 15 THEN 'complete' ELSE 'bootstrap' END
    AS window_status
FROM compared
