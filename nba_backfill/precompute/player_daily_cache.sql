-- One row per player expected to play on a day who has 5 games of the season before it: his form.

-- Each game with all before it. Assists are known only where the game has play-by-play; the makes
-- they are set against are therefore those of the same games.
WITH windows AS (
  SELECT
    newest.game_no AS newest_no,
    newest.game_date AS last_game_date,
    newest.next_game_date AS valid_until,
    newest.game_no - g.game_no < 5 AS in_last_5,
    newest.game_no - g.game_no < 10 AS in_last_10,
    IF(g.assisted_fg_makes IS NULL, NULL, g.fg_makes) AS zone_fg_makes,
    g.*
  FROM games_played AS newest
  JOIN games_played AS g
    ON g.player_lookup = newest.player_lookup
    AND g.season_year = newest.season_year
    AND g.game_no <= newest.game_no
),

-- What is known after a game holds until the day of his next one.
states AS (
  SELECT
    player_lookup,
    season_year,
    newest_no AS game_no,
    last_game_date,
    valid_until,
    LEAST(newest_no, 10) AS games_10,
    SUM(IF(in_last_5, points, NULL)) AS points_5,
    SUM(IF(in_last_10, points, NULL)) AS points_10,
    SUM(IF(in_last_10, points * points, NULL)) AS squared_points_10,
    SUM(points) AS points_season,
    SUM(IF(in_last_10, minutes_played, NULL)) AS minutes_10,
    COUNT(IF(in_last_10, minutes_played, NULL)) AS timed_games_10,
    SUM(IF(in_last_10, usage_rate, NULL)) AS usage_10,
    COUNT(IF(in_last_10, usage_rate, NULL)) AS usage_games_10,
    SUM(usage_rate) AS usage_season,
    COUNT(usage_rate) AS usage_games_season,
    SUM(IF(in_last_10, ts_pct, NULL)) AS ts_10,
    COUNT(IF(in_last_10, ts_pct, NULL)) AS shooting_games_10,
    COUNT(IF(in_last_10, assisted_fg_makes, NULL)) AS n_zone_10,
    SUM(IF(in_last_10, assisted_fg_makes, NULL)) AS assisted_10,
    SUM(IF(in_last_10, zone_fg_makes, NULL)) AS zone_fg_makes_10
  FROM windows
  GROUP BY player_lookup, season_year, newest_no, last_game_date, valid_until
),

-- The pool of the day decides who has a row, here as in every table about players of the day.
as_of AS (
  SELECT
    u.player_lookup, u.universal_player_id, u.game_date AS cache_date, u.team_abbr, u.season_year,
    u.games_in_last_7_days, u.games_in_last_14_days,
    u.minutes_in_last_7_days, u.minutes_in_last_14_days,
    u.back_to_backs_last_14_days, u.avg_minutes_per_game_last_7,
    u.fourth_quarter_minutes_last_7, u.player_age,
    s.game_no, s.last_game_date, s.games_10,
    s.points_5, s.points_10, s.squared_points_10, s.points_season,
    s.minutes_10, s.timed_games_10, s.usage_10, s.usage_games_10,
    s.usage_season, s.usage_games_season, s.ts_10, s.shooting_games_10,
    s.n_zone_10, s.assisted_10, s.zone_fg_makes_10
  FROM upcoming_player_game_context AS u
  JOIN states AS s
    ON s.player_lookup = u.player_lookup
    AND s.season_year = u.season_year
    AND s.last_game_date < u.game_date
    AND (s.valid_until IS NULL OR s.valid_until >= u.game_date)
  WHERE s.game_no >= 5
),

-- The last 10 games of the season of the club he is at on the day, whoever it was before.
clubs AS (
  SELECT DISTINCT cache_date, season_year, team_abbr
  FROM as_of
),

club_games AS (
  SELECT c.cache_date, c.season_year, c.team_abbr, t.game_date, t.pace, t.offensive_rating
  FROM clubs AS c
  JOIN team_offense_game_summary AS t
    ON t.team_abbr = c.team_abbr
    AND t.season_year = c.season_year
    AND t.game_date < c.cache_date
  WHERE TRUE
  QUALIFY ROW_NUMBER() OVER (
    PARTITION BY c.cache_date, c.team_abbr ORDER BY t.game_date DESC, t.game_id DESC
  ) <= 10
),

club_form AS (
  SELECT
    cache_date,
    season_year,
    team_abbr,
    COUNT(*) AS games,
    MIN(game_date) AS first_game_date,
    SAFE_DIVIDE(CAST(SUM(pace) AS FLOAT64), COUNT(pace)) AS pace,
    SAFE_DIVIDE(CAST(SUM(offensive_rating) AS FLOAT64), COUNT(offensive_rating)) AS rating
  FROM club_games
  GROUP BY cache_date, season_year, team_abbr
),

-- Final games of the club without facts since its window's first game (or since opening night while
-- the window is not full).
lost_of_club AS (
  SELECT c.cache_date, c.team_abbr, COUNT(*) AS games
  FROM finals AS f
  LEFT JOIN team_offense_game_summary AS t
    ON t.game_date = f.game_date
    AND t.team_abbr = f.team_abbr
  JOIN club_form AS c
    ON c.team_abbr = f.team_abbr
    AND c.season_year = f.season_year
    AND f.game_date < c.cache_date
    AND (f.game_date > c.first_game_date OR c.games < 10)
  WHERE t.game_id IS NULL
  GROUP BY c.cache_date, c.team_abbr
),

lost AS (
  SELECT
    a.cache_date,
    a.player_lookup,
    COUNTIF(a.game_no - l.game_no < 10) AS games_10,
    COUNT(*) AS games_season
  FROM as_of AS a
  JOIN games_lost AS l
    ON l.player_lookup = a.player_lookup
    AND l.season_year = a.season_year
    AND l.game_no <= a.game_no
    AND l.game_date < a.cache_date
  GROUP BY a.cache_date, a.player_lookup
),

joined AS (
  SELECT
    a.*,
    c.pace AS team_pace,
    c.rating AS team_rating,
    COALESCE(c.games, 0) AS team_games,
    COALESCE(lost_of_club.games, 0) AS team_lost_games,
    COALESCE(lost.games_10, 0) AS lost_games_10,
    COALESCE(lost.games_season, 0) AS lost_games_season,
    z.player_lookup IS NOT NULL AS has_zones,
    z.primary_scoring_zone,
    z.paint_rate_last_10,
    z.three_pt_rate_last_10
  FROM as_of AS a
  LEFT JOIN club_form AS c
    ON c.cache_date = a.cache_date
    AND c.team_abbr = a.team_abbr
  LEFT JOIN lost_of_club
    ON lost_of_club.cache_date = a.cache_date
    AND lost_of_club.team_abbr = a.team_abbr
  LEFT JOIN lost
    ON lost.cache_date = a.cache_date
    AND lost.player_lookup = a.player_lookup
  LEFT JOIN player_shot_zone_analysis AS z
    ON z.analysis_date = a.cache_date
    AND z.player_lookup = a.player_lookup
)

SELECT
  player_lookup,
  universal_player_id,
  cache_date,
  team_abbr,
  points_5 / LEAST(game_no, 5) AS points_avg_last_5,
  points_10 / games_10 AS points_avg_last_10,
  points_season / game_no AS points_avg_season,
  SQRT((games_10 * squared_points_10 - points_10 * points_10) / (games_10 * (games_10 - 1)))
    AS points_std_last_10,
  SAFE_DIVIDE(CAST(minutes_10 AS FLOAT64), timed_games_10) AS minutes_avg_last_10,
  SAFE_DIVIDE(CAST(usage_10 AS FLOAT64), usage_games_10) AS usage_rate_last_10,
  SAFE_DIVIDE(CAST(ts_10 AS FLOAT64), shooting_games_10) AS ts_pct_last_10,
  game_no AS games_played_season,
  SAFE_DIVIDE(CAST(usage_season AS FLOAT64), usage_games_season) AS player_usage_rate_season,
  team_pace AS team_pace_last_10,
  team_rating AS team_off_rating_last_10,
  games_in_last_7_days,
  games_in_last_14_days,
  minutes_in_last_7_days,
  minutes_in_last_14_days,
  back_to_backs_last_14_days,
  avg_minutes_per_game_last_7,
  fourth_quarter_minutes_last_7,
  primary_scoring_zone,
  paint_rate_last_10,
  three_pt_rate_last_10,
  IF(n_zone_10 >= 5, SAFE_DIVIDE(assisted_10, zone_fg_makes_10), NULL) AS assisted_rate_last_10,
  n_zone_10,
  player_age,
  game_no < 10 AS early_season_flag,
  has_zones AS shot_zone_data_available,
  last_game_date,
  10 AS window_games_wanted,
  games_10 AS window_games_found,
  lost_games_10 AS window_games_missing,
  CASE
    WHEN lost_games_10 > 0 THEN 'truncated'
    WHEN games_10 = 10 THEN 'complete'
    ELSE 'bootstrap'
  END AS window_status,
  lost_games_season AS season_games_missing,
  10 AS team_window_games_wanted,
  team_games AS team_window_games_found,
  team_lost_games AS team_window_games_missing,
  CASE
    WHEN team_lost_games > 0 THEN 'truncated'
    WHEN team_games = 10 THEN 'complete'
    ELSE 'bootstrap'
  END AS team_window_status,
  'v1' AS cache_version
FROM joined
