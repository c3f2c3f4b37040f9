-- One row per player of the season with 5 games and day with games: where he shot from before it.
WITH days AS (
  SELECT DISTINCT game_date AS analysis_date, season_year
  FROM games
  WHERE game_date BETWEEN @start_date AND @end_date
),

season_starts AS (
  SELECT season_year, MIN(game_date) AS first_day
  FROM games
  GROUP BY season_year
),

-- Each game with the 19 before it. Zones are known only where the game has play-by-play; the threes
-- and makes they are set against are therefore those of the same games.
windows AS (
  SELECT
    newest.game_no AS newest_no,
    newest.game_no - g.game_no < 10 AS in_last_10,
    IF(g.paint_attempts IS NULL, NULL, g.three_pt_attempts) AS zone_three_attempts,
    IF(g.paint_attempts IS NULL, NULL, g.fg_makes) AS zone_fg_makes,
    g.*
  FROM games_played AS newest
  JOIN games_played AS g
    ON g.player_lookup = newest.player_lookup
    AND g.season_year = newest.season_year
    AND g.game_no BETWEEN newest.game_no - 19 AND newest.game_no
),

-- What is known after each game: it holds from the next day until the day of his next game.
states AS (
  SELECT
    player_lookup,
    season_year,
    newest_no,
    COUNTIF(in_last_10) AS games_10,
    COUNT(IF(in_last_10, paint_attempts, NULL)) AS n_zone_10,
    SUM(IF(in_last_10, paint_attempts, NULL)) AS paint_attempts_10,
    SUM(IF(in_last_10, paint_makes, NULL)) AS paint_makes_10,
    SUM(IF(in_last_10, mid_range_attempts, NULL)) AS mid_attempts_10,
    SUM(IF(in_last_10, mid_range_makes, NULL)) AS mid_makes_10,
    SUM(IF(in_last_10, zone_three_attempts, NULL)) AS zone_three_attempts_10,
    SUM(IF(in_last_10, three_pt_attempts, NULL)) AS three_attempts_10,
    SUM(IF(in_last_10, three_pt_makes, NULL)) AS three_makes_10,
    SUM(IF(in_last_10, zone_fg_makes, NULL)) AS zone_fg_makes_10,
    SUM(IF(in_last_10, assisted_fg_makes, NULL)) AS assisted_10,
    SUM(IF(in_last_10, unassisted_fg_makes, NULL)) AS unassisted_10,
    COUNT(*) AS games_20,
    COUNT(paint_attempts) AS n_zone_20,
    SUM(paint_attempts) AS paint_attempts_20,
    SUM(paint_makes) AS paint_makes_20,
    SUM(paint_attempts + mid_range_attempts + zone_three_attempts) AS shots_20
  FROM windows
  GROUP BY player_lookup, season_year, newest_no
),

as_of AS (
  SELECT
    d.analysis_date,
    n.universal_player_id,
    n.game_date AS last_game_date,
    s.*,
    s.paint_attempts_10 + s.mid_attempts_10 + s.zone_three_attempts_10 AS shots_10
  FROM days AS d
  JOIN games_played AS n
    ON n.season_year = d.season_year
    AND n.game_date < d.analysis_date
    AND (n.next_game_date IS NULL OR n.next_game_date >= d.analysis_date)
  JOIN states AS s
    ON s.player_lookup = n.player_lookup
    AND s.season_year = n.season_year
    AND s.newest_no = n.game_no
  WHERE s.games_10 >= 5
),

lost AS (
  SELECT a.analysis_date, a.player_lookup, COUNT(*) AS games
  FROM as_of AS a
  JOIN games_lost AS l
    ON l.player_lookup = a.player_lookup
    AND l.season_year = a.season_year
    AND l.game_no BETWEEN a.newest_no - 9 AND a.newest_no
    AND l.game_date < a.analysis_date
  GROUP BY a.analysis_date, a.player_lookup
),

player_pools AS (
  SELECT d.analysis_date, COUNT(*) AS players
  FROM days AS d
  JOIN games_played AS n
    ON n.season_year = d.season_year
    AND n.game_no = 1
    AND n.game_date < d.analysis_date
  GROUP BY d.analysis_date
),

rates AS (
  SELECT
    a.*,
    COALESCE(lost.games, 0) AS lost_games,
    p.players,
    DATE_DIFF(a.analysis_date, s.first_day, DAY) AS day_of_season,
    IF(a.n_zone_10 >= 5, SAFE_DIVIDE(100 * a.paint_attempts_10, a.shots_10), NULL) AS paint_rate,
    IF(a.n_zone_10 >= 5, SAFE_DIVIDE(100 * a.mid_attempts_10, a.shots_10), NULL) AS mid_rate,
    IF(a.n_zone_10 >= 5, SAFE_DIVIDE(100 * a.zone_three_attempts_10, a.shots_10), NULL)
      AS three_rate
  FROM as_of AS a
  JOIN season_starts AS s
    ON s.season_year = a.season_year
  JOIN player_pools AS p
    ON p.analysis_date = a.analysis_date
  LEFT JOIN lost
    ON lost.analysis_date = a.analysis_date
    AND lost.player_lookup = a.player_lookup
)

SELECT
  player_lookup,
  universal_player_id,
  analysis_date,
  paint_rate AS paint_rate_last_10,
  mid_rate AS mid_range_rate_last_10,
  three_rate AS three_pt_rate_last_10,
  NULLIF(shots_10, 0) AS total_shots_last_10,
  games_10 AS games_in_sample_10,
  n_zone_10,
  CASE
    WHEN games_10 >= 10 THEN 'excellent'
    WHEN games_10 >= 7 THEN 'good'
    WHEN games_10 >= 5 THEN 'limited'
    ELSE 'insufficient'
  END AS sample_quality_10,
  games_10 >= 10 AS meets_min_games,
  IF(n_zone_10 >= 5, SAFE_DIVIDE(paint_makes_10, paint_attempts_10), NULL) AS paint_pct_last_10,
  IF(n_zone_10 >= 5, SAFE_DIVIDE(mid_makes_10, mid_attempts_10), NULL) AS mid_range_pct_last_10,
  SAFE_DIVIDE(three_makes_10, three_attempts_10) AS three_pt_pct_last_10,
  IF(n_zone_10 >= 5, paint_attempts_10 / n_zone_10, NULL) AS paint_attempts_per_game,
  IF(n_zone_10 >= 5, mid_attempts_10 / n_zone_10, NULL) AS mid_range_attempts_per_game,
  three_attempts_10 / games_10 AS three_pt_attempts_per_game,
  IF(games_20 >= 15 AND n_zone_20 >= 5, SAFE_DIVIDE(100 * paint_attempts_20, shots_20), NULL)
    AS paint_rate_last_20,
  IF(games_20 >= 15 AND n_zone_20 >= 5, SAFE_DIVIDE(paint_makes_20, paint_attempts_20), NULL)
    AS paint_pct_last_20,
  games_20 AS games_in_sample_20,
  n_zone_20,
  CASE
    WHEN games_20 >= 20 THEN 'excellent'
    WHEN games_20 >= 14 THEN 'good'
    WHEN games_20 >= 10 THEN 'limited'
    ELSE 'insufficient'
  END AS sample_quality_20,
  IF(n_zone_10 >= 5, SAFE_DIVIDE(100 * assisted_10, zone_fg_makes_10), NULL)
    AS assisted_rate_last_10,
  IF(n_zone_10 >= 5, SAFE_DIVIDE(100 * unassisted_10, zone_fg_makes_10), NULL)
    AS unassisted_rate_last_10,
  CAST(NULL AS STRING) AS player_position,
  CASE
    WHEN paint_rate >= 40 THEN 'paint'
    WHEN three_rate >= 40 THEN 'perimeter'
    WHEN mid_rate >= 35 THEN 'mid_range'
    WHEN paint_rate IS NOT NULL THEN 'balanced'
  END AS primary_scoring_zone,
  CASE WHEN games_10 >= 10 THEN 'high' WHEN games_10 >= 7 THEN 'medium' ELSE 'low' END
    AS data_quality_tier,
  last_game_date,
  10 AS window_games_wanted,
  games_10 AS window_games_found,
  lost_games AS window_games_missing,
  CASE
    WHEN lost_games > 0 THEN 'truncated'
    WHEN games_10 = 10 THEN 'complete'
    ELSE 'bootstrap'
  END AS window_status,
  day_of_season,
  players AS players_in_season
FROM rates
