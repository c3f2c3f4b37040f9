-- One row per player expected to play and day: everything known about him before tip-off.
WITH fixtures AS (
  SELECT
    t.*,
    o.days_since_last_game AS opponent_days_rest,
    o.games_in_next_7_days AS opponent_games_in_next_7_days,
    o.next_game_days_rest AS opponent_next_game_days_rest,
    g.game_type,
    g.tip_at,
    g.arena_timezone,
    g.source AS schedule_source
  FROM upcoming_team_game_context AS t
  JOIN upcoming_team_game_context AS o
    ON o.game_date = t.game_date
    AND o.team_abbr = t.opponent_team_abbr
  JOIN games AS g
    ON g.game_date = t.game_date
    AND g.game_id = t.game_id
),

game_days AS (
  SELECT DISTINCT game_date, season_year
  FROM fixtures
),

-- WHERE TRUE below: some GoogleSQL releases refuse QUALIFY in a query without WHERE.

pool AS (
  SELECT *
  FROM expected_players
  WHERE COALESCE(injury_status, 'not listed') != 'out'
),

-- A player's games of the season with everything that ends in this game; next_played says until
-- which day this row is the newest.
history AS (
  SELECT
    player_lookup, season_year, game_date, team_abbr, points, minutes_played,
    LEAD(game_date) OVER (PARTITION BY player_lookup, season_year ORDER BY game_date, game_id)
      AS next_played,
    LAG(game_date) OVER (PARTITION BY player_lookup, season_year ORDER BY game_date, game_id)
      AS previous_played,
    ROW_NUMBER() OVER (PARTITION BY player_lookup, season_year ORDER BY game_date, game_id)
      AS games_played,
    SUM(points) OVER (
      PARTITION BY player_lookup, season_year ORDER BY game_date, game_id
      ROWS BETWEEN 4 PRECEDING AND CURRENT ROW
    ) AS points_last_5,
    SUM(points) OVER (
      PARTITION BY player_lookup, season_year ORDER BY game_date, game_id
      ROWS BETWEEN 9 PRECEDING AND CURRENT ROW
    ) AS points_last_10,
    SUM(usage_rate) OVER (
      PARTITION BY player_lookup, season_year ORDER BY game_date, game_id
      ROWS BETWEEN 6 PRECEDING AND CURRENT ROW
    ) AS usage_last_7,
    COUNT(usage_rate) OVER (
      PARTITION BY player_lookup, season_year ORDER BY game_date, game_id
      ROWS BETWEEN 6 PRECEDING AND CURRENT ROW
    ) AS usage_games_last_7,
    SUM(usage_rate) OVER (
      PARTITION BY player_lookup, season_year ORDER BY game_date, game_id
      ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS usage_season,
    COUNT(usage_rate) OVER (
      PARTITION BY player_lookup, season_year ORDER BY game_date, game_id
      ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS usage_games_season
  FROM player_game_summary
),

rested_history AS (
  SELECT
    history.*,
    DATE_DIFF(game_date, previous_played, DAY) AS gap_before,
    MAX(IF(DATE_DIFF(game_date, previous_played, DAY) >= 2, game_date, NULL)) OVER (
      PARTITION BY player_lookup, season_year ORDER BY game_date
      ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS last_rested_game
  FROM history
),

-- Calendar windows and the streak against today's line need the games one by one.
recent AS (
  SELECT
    p.game_date,
    p.player_lookup,
    COUNTIF(DATE_DIFF(p.game_date, h.game_date, DAY) <= 7) AS games_7,
    COUNT(*) AS games_14,
    SUM(IF(DATE_DIFF(p.game_date, h.game_date, DAY) <= 7, h.minutes_played, NULL)) AS minutes_7,
    SUM(h.minutes_played) AS minutes_14,
    COUNT(IF(DATE_DIFF(p.game_date, h.game_date, DAY) <= 7, h.minutes_played, NULL))
      AS timed_games_7,
    COUNTIF(h.gap_before = 1 AND DATE_DIFF(p.game_date, h.game_date, DAY) <= 13)
      AS back_to_backs_14
  FROM pool AS p
  JOIN rested_history AS h
    ON h.player_lookup = p.player_lookup
    AND h.season_year = p.season_year
    AND DATE_DIFF(p.game_date, h.game_date, DAY) BETWEEN 1 AND 14
  GROUP BY p.game_date, p.player_lookup
),

against_line AS (
  SELECT
    p.game_date,
    p.player_lookup,
    h.points > l.points_line AS is_over,
    h.points < l.points_line AS is_under,
    -- Later games that were not over (under) the line: a streak lasts while there are none.
    COUNT(IF(h.points < l.points_line, 1, NULL)) OVER (
      PARTITION BY p.game_date, p.player_lookup ORDER BY h.game_date DESC
      ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS unders_since,
    COUNT(IF(h.points > l.points_line, 1, NULL)) OVER (
      PARTITION BY p.game_date, p.player_lookup ORDER BY h.game_date DESC
      ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS overs_since
  FROM pool AS p
  JOIN prop_lines AS l
    ON l.game_date = p.game_date
    AND l.player_lookup = p.player_lookup
  JOIN history AS h
    ON h.player_lookup = p.player_lookup
    AND h.season_year = p.season_year
    AND h.game_date < p.game_date
),

streaks AS (
  SELECT
    game_date,
    player_lookup,
    COUNTIF(is_over AND unders_since = 0) AS over_streak,
    COUNTIF(is_under AND overs_since = 0) AS under_streak
  FROM against_line
  GROUP BY game_date, player_lookup
),

-- Form of every club playing on D over its last 10 games of the season.
recent_offence AS (
  SELECT f.game_date, f.team_abbr, h.pace
  FROM fixtures AS f
  JOIN team_offense_game_summary AS h
    ON h.team_abbr = f.team_abbr
    AND h.season_year = f.season_year
    AND h.game_date < f.game_date
  WHERE TRUE
  QUALIFY ROW_NUMBER() OVER (
    PARTITION BY f.game_date, f.team_abbr ORDER BY h.game_date DESC, h.game_id DESC
  ) <= 10
),

offence_form AS (
  SELECT
    game_date,
    team_abbr,
    SAFE_DIVIDE(CAST(SUM(pace) AS FLOAT64), COUNT(pace)) AS pace
  FROM recent_offence
  GROUP BY game_date, team_abbr
),

recent_defence AS (
  SELECT f.game_date, f.team_abbr, h.defensive_rating, h.opp_ft_attempts, h.opp_fg_attempts
  FROM fixtures AS f
  JOIN team_defense_game_summary AS h
    ON h.defending_team_abbr = f.team_abbr
    AND h.season_year = f.season_year
    AND h.game_date < f.game_date
  WHERE TRUE
  QUALIFY ROW_NUMBER() OVER (
    PARTITION BY f.game_date, f.team_abbr ORDER BY h.game_date DESC, h.game_id DESC
  ) <= 10
),

defence_form AS (
  SELECT
    game_date,
    team_abbr,
    SAFE_DIVIDE(CAST(SUM(defensive_rating) AS FLOAT64), COUNT(defensive_rating)) AS rating,
    SAFE_DIVIDE(SUM(opp_ft_attempts), CAST(SUM(opp_fg_attempts) AS FLOAT64)) AS ft_rate
  FROM recent_defence
  GROUP BY game_date, team_abbr
),

-- The injury report per club; a listed player whom the pool knows counts for the pool's club.
listed AS (
  SELECT
    i.game_date,
    COALESCE(c.team_abbr, i.team_abbr) AS team_abbr,
    i.player_lookup,
    i.injury_status,
    COALESCE(
      i.injury_status IN ('out', 'doubtful')
      AND h.usage_games_season >= 5
      AND h.usage_season >= 25 * h.usage_games_season,
      FALSE
    ) AS is_absent_star
  FROM injuries AS i
  JOIN game_days AS d
    ON d.game_date = i.game_date
  LEFT JOIN expected_players AS c
    ON c.game_date = i.game_date
    AND c.player_lookup = i.player_lookup
  LEFT JOIN history AS h
    ON h.player_lookup = i.player_lookup
    AND h.season_year = d.season_year
    AND h.game_date < i.game_date
    AND (h.next_played IS NULL OR h.next_played >= i.game_date)
),

absences AS (
  SELECT
    game_date,
    team_abbr,
    COUNTIF(is_absent_star) AS stars,
    COUNTIF(injury_status = 'questionable') AS questionable,
    COUNTIF(injury_status = 'probable') AS probable
  FROM listed
  GROUP BY game_date, team_abbr
),

reported_days AS (
  SELECT DISTINCT game_date
  FROM injuries
),

-- Completeness of our data: final games of the player's clubs of the last 30 days, and how many
-- of them player_game_summary covers.
finals AS (
  SELECT game_date, season_year, game_id, home_team_abbr AS team_abbr
  FROM games
  WHERE is_over
  UNION ALL
  SELECT game_date, season_year, game_id, away_team_abbr AS team_abbr
  FROM games
  WHERE is_over
),

covered AS (
  SELECT DISTINCT game_date, team_abbr
  FROM player_game_summary
),

club_completeness AS (
  SELECT
    d.game_date,
    f.team_abbr,
    COUNT(*) AS expected_games,
    COUNT(c.team_abbr) AS present_games
  FROM game_days AS d
  JOIN finals AS f
    ON DATE_DIFF(d.game_date, f.game_date, DAY) <= @games_days
    AND f.game_date < d.game_date
  LEFT JOIN covered AS c
    ON c.game_date = f.game_date
    AND c.team_abbr = f.team_abbr
  GROUP BY d.game_date, f.team_abbr
),

player_clubs AS (
  SELECT game_date, player_lookup, team_abbr
  FROM pool
  UNION DISTINCT
  SELECT p.game_date, p.player_lookup, h.team_abbr
  FROM pool AS p
  JOIN history AS h
    ON h.player_lookup = p.player_lookup
    AND h.season_year = p.season_year
    AND DATE_DIFF(p.game_date, h.game_date, DAY) BETWEEN 1 AND 30
),

completeness AS (
  SELECT
    p.game_date,
    p.player_lookup,
    COALESCE(SUM(c.expected_games), 0) AS expected_games,
    COALESCE(SUM(c.present_games), 0) AS present_games
  FROM player_clubs AS p
  LEFT JOIN club_completeness AS c
    ON c.game_date = p.game_date
    AND c.team_abbr = p.team_abbr
  GROUP BY p.game_date, p.player_lookup
),

-- A lookup with two birth dates is two people: neither is taken.
known_births AS (
  SELECT player_lookup, MIN(birth_date) AS only_date
  FROM nbac_player_list_current
  GROUP BY player_lookup
  HAVING MIN(birth_date) = MAX(birth_date)
),

assembled AS (
  SELECT
    p.*,
    f.game_id, f.nba_game_id, f.opponent_team_abbr, f.home_game, f.game_type, f.tip_at,
    f.arena_timezone, f.schedule_source,
    f.game_spread, f.opening_spread, f.spread_movement, f.game_spread_source,
    f.game_total, f.opening_total, f.total_movement, f.game_total_source,
    f.travel_miles, f.time_zone_changes, f.consecutive_road_games,
    f.miles_traveled_last_14_days, f.time_zones_crossed_last_14_days,
    f.next_game_days_rest, f.games_in_next_7_days,
    f.opponent_days_rest, f.opponent_games_in_next_7_days, f.opponent_next_game_days_rest,
    f.backfill_bootstrap_mode,
    l.player_lookup IS NOT NULL AS has_prop_line,
    l.points_line,
    l.opening_line,
    l.source AS line_table,
    CONCAT(l.source, ':', l.bookmaker) AS line_source,
    own_form.pace AS own_pace,
    opponent_form.pace AS opponent_pace,
    opponent_defence.rating AS opponent_rating,
    opponent_defence.ft_rate AS opponent_ft_rate,
    COALESCE(h.games_played, 0) AS games_played,
    DATE_DIFF(p.game_date, h.game_date, DAY) AS days_rest,
    h.gap_before,
    DATE_DIFF(p.game_date, h.last_rested_game, DAY) AS days_since_rested_game,
    h.points_last_5,
    h.points_last_10,
    h.usage_last_7,
    h.usage_games_last_7,
    recent.games_7,
    recent.games_14,
    recent.minutes_7,
    recent.minutes_14,
    recent.timed_games_7,
    recent.back_to_backs_14,
    streaks.over_streak,
    streaks.under_streak,
    -- A date that makes him a child or a grandfather is none.
    COALESCE(
      IF(
        EXTRACT(YEAR FROM p.game_date) - EXTRACT(YEAR FROM roster.birth_date) BETWEEN 19 AND 50,
        roster.birth_date, NULL),
      IF(
        EXTRACT(YEAR FROM p.game_date) - EXTRACT(YEAR FROM known.only_date) BETWEEN 19 AND 50,
        known.only_date, NULL)
    ) AS birth_date,
    i.player_lookup IS NOT NULL AS is_listed,
    i.reason,
    IF(
      reported.game_date IS NULL,
      NULL,
      COALESCE(a.stars, 0) - IF(COALESCE(own_listing.is_absent_star, FALSE), 1, 0)
    ) AS star_teammates_out,
    IF(
      reported.game_date IS NULL,
      NULL,
      COALESCE(a.questionable, 0) - IF(COALESCE(p.injury_status = 'questionable', FALSE), 1, 0)
    ) AS questionable_teammates,
    IF(
      reported.game_date IS NULL,
      NULL,
      COALESCE(a.probable, 0) - IF(COALESCE(p.injury_status = 'probable', FALSE), 1, 0)
    ) AS probable_teammates,
    reported.game_date IS NOT NULL AS has_report,
    c.expected_games,
    c.present_games,
    IF(c.expected_games = 0, 100.0, ROUND(100.0 * c.present_games / c.expected_games + 1e-9, 2))
      AS completeness
  FROM pool AS p
  JOIN fixtures AS f
    ON f.game_date = p.game_date
    AND f.team_abbr = p.team_abbr
  JOIN completeness AS c
    ON c.game_date = p.game_date
    AND c.player_lookup = p.player_lookup
  LEFT JOIN rosters AS roster
    ON roster.game_date = p.game_date
    AND roster.player_lookup = p.player_lookup
  LEFT JOIN known_births AS known
    ON known.player_lookup = p.player_lookup
  LEFT JOIN prop_lines AS l
    ON l.game_date = p.game_date
    AND l.player_lookup = p.player_lookup
  LEFT JOIN offence_form AS own_form
    ON own_form.game_date = p.game_date
    AND own_form.team_abbr = p.team_abbr
  LEFT JOIN offence_form AS opponent_form
    ON opponent_form.game_date = p.game_date
    AND opponent_form.team_abbr = f.opponent_team_abbr
  LEFT JOIN defence_form AS opponent_defence
    ON opponent_defence.game_date = p.game_date
    AND opponent_defence.team_abbr = f.opponent_team_abbr
  LEFT JOIN rested_history AS h
    ON h.player_lookup = p.player_lookup
    AND h.season_year = p.season_year
    AND h.game_date < p.game_date
    AND (h.next_played IS NULL OR h.next_played >= p.game_date)
  LEFT JOIN recent
    ON recent.game_date = p.game_date
    AND recent.player_lookup = p.player_lookup
  LEFT JOIN streaks
    ON streaks.game_date = p.game_date
    AND streaks.player_lookup = p.player_lookup
  LEFT JOIN injuries AS i
    ON i.game_date = p.game_date
    AND i.player_lookup = p.player_lookup
  LEFT JOIN listed AS own_listing
    ON own_listing.game_date = p.game_date
    AND own_listing.player_lookup = p.player_lookup
  LEFT JOIN absences AS a
    ON a.game_date = p.game_date
    AND a.team_abbr = p.team_abbr
  LEFT JOIN reported_days AS reported
    ON reported.game_date = p.game_date
)

-- + 1e-9 before rounding: a tie such as 102.05 is not exact in binary, and the engines would round
-- it differently.
SELECT
  player_lookup,
  universal_player_id,
  game_date,
  game_id,
  nba_game_id,
  season_year,
  team_abbr,
  opponent_team_abbr,
  home_game,
  population_source,
  on_roster,
  in_injury_report,
  line_offered,
  in_recent_games,
  has_prop_line,
  points_line AS current_points_line,
  opening_line AS opening_points_line,
  points_line - opening_line AS line_movement,
  line_source AS current_points_line_source,
  IF(opening_line IS NOT NULL, line_source, NULL) AS opening_points_line_source,
  game_spread,
  opening_spread,
  spread_movement,
  game_spread_source,
  game_total,
  opening_total,
  total_movement,
  game_total_source,
  ROUND(opponent_pace - own_pace + 1e-9, 1) AS pace_differential,
  ROUND(opponent_pace + 1e-9, 1) AS opponent_pace_last_10,
  ROUND(opponent_rating + 1e-9, 2) AS opponent_def_rating_last_10,
  ROUND(opponent_ft_rate + 1e-9, 3) AS opponent_ft_rate_allowed,
  CONCAT(
    LPAD(CAST(EXTRACT(HOUR FROM tip_at AT TIME ZONE arena_timezone) AS STRING), 2, '0'),
    ':',
    LPAD(CAST(EXTRACT(MINUTE FROM tip_at AT TIME ZONE arena_timezone) AS STRING), 2, '0')
  ) AS game_start_time_local,
  days_rest,
  COALESCE(days_rest = 1, FALSE) AS back_to_back,
  CASE
    WHEN game_type IN ('play_in', 'playoffs') THEN 'playoffs'
    WHEN EXTRACT(MONTH FROM game_date) IN (10, 11) THEN 'early'
    WHEN EXTRACT(MONTH FROM game_date) IN (12, 1, 2) THEN 'mid'
    WHEN EXTRACT(MONTH FROM game_date) IN (3, 4) THEN 'late'
    ELSE 'playoffs'
  END AS season_phase,
  CAST(NULL AS NUMERIC(5, 2)) AS projected_usage_rate,
  gap_before AS days_rest_before_last_game,
  days_since_rested_game AS days_since_2_plus_days_rest,
  COALESCE(games_7, 0) AS games_in_last_7_days,
  COALESCE(games_14, 0) AS games_in_last_14_days,
  CAST(TRUNC(COALESCE(minutes_7, 0)) AS INT64) AS minutes_in_last_7_days,
  CAST(TRUNC(COALESCE(minutes_14, 0)) AS INT64) AS minutes_in_last_14_days,
  ROUND(SAFE_DIVIDE(CAST(minutes_7 AS FLOAT64), timed_games_7) + 1e-9, 1)
    AS avg_minutes_per_game_last_7,
  COALESCE(back_to_backs_14, 0) AS back_to_backs_last_14_days,
  ROUND(SAFE_DIVIDE(CAST(usage_last_7 AS FLOAT64), usage_games_last_7) + 1e-9, 2)
    AS avg_usage_rate_last_7_games,
  CAST(NULL AS INT64) AS fourth_quarter_minutes_last_7,
  CAST(NULL AS NUMERIC(5, 1)) AS clutch_minutes_last_7_games,
  CAST(NULL AS NUMERIC(5, 1)) AS fourth_quarter_production_last_7,
  travel_miles,
  time_zone_changes,
  consecutive_road_games,
  miles_traveled_last_14_days,
  time_zones_crossed_last_14_days,
  EXTRACT(YEAR FROM game_date) - EXTRACT(YEAR FROM birth_date)
    - IF(
      EXTRACT(MONTH FROM game_date) * 100 + EXTRACT(DAY FROM game_date)
        < EXTRACT(MONTH FROM birth_date) * 100 + EXTRACT(DAY FROM birth_date),
      1,
      0
    ) AS player_age,
  ROUND(SAFE_DIVIDE(points_last_5, CAST(LEAST(games_played, 5) AS FLOAT64)) + 1e-9, 1)
    AS points_avg_last_5,
  ROUND(SAFE_DIVIDE(points_last_10, CAST(LEAST(games_played, 10) AS FLOAT64)) + 1e-9, 1)
    AS points_avg_last_10,
  LEAST(games_played, 5) AS l5_games_used,
  LEAST(games_played, 10) AS l10_games_used,
  CASE
    WHEN games_played >= 5 THEN 'excellent'
    WHEN games_played >= 3 THEN 'good'
    WHEN games_played >= 2 THEN 'limited'
    ELSE 'insufficient'
  END AS l5_sample_quality,
  CASE
    WHEN games_played >= 10 THEN 'excellent'
    WHEN games_played >= 7 THEN 'good'
    WHEN games_played >= 5 THEN 'limited'
    ELSE 'insufficient'
  END AS l10_sample_quality,
  COALESCE(over_streak, 0) AS prop_over_streak,
  COALESCE(under_streak, 0) AS prop_under_streak,
  star_teammates_out,
  CAST(NULL AS NUMERIC(5, 3)) AS shooting_pct_decline_last_5,
  next_game_days_rest,
  games_in_next_7_days,
  opponent_days_rest,
  opponent_games_in_next_7_days,
  opponent_next_game_days_rest,
  injury_status AS player_status,
  reason AS injury_report,
  questionable_teammates,
  probable_teammates,
  completeness >= 90 OR backfill_bootstrap_mode AS is_production_ready,
  completeness AS completeness_percentage,
  expected_games AS expected_games_count,
  present_games AS actual_games_count,
  expected_games - present_games AS missing_games_count,
  backfill_bootstrap_mode,
  CASE WHEN games_played >= 10 THEN 'gold' WHEN games_played >= 5 THEN 'silver' ELSE 'bronze' END
    AS quality_tier,
  CASE WHEN games_played >= 10 THEN 95.0 WHEN games_played >= 5 THEN 75.0 ELSE 50.0 END
    AS quality_score,
  ARRAY_CONCAT(
    IF(games_played < 3, [CONCAT('thin_sample:', CAST(games_played AS STRING), '/3')], []),
    IF(game_spread IS NULL, ['missing_game_spread'], []),
    IF(game_total IS NULL, ['missing_game_total'], []),
    IF(universal_player_id IS NULL, ['unresolved_player'], []),
    IF(has_report, [], ['injury_report_unavailable'])
  ) AS quality_issues,
  ARRAY_CONCAT(
    [schedule_source],
    IF(on_roster, ['espn_team_rosters'], []),
    IF(in_recent_games, ['player_boxes'], []),
    IF(games_played > 0, ['player_game_summary'], []),
    IF(line_table IS NOT NULL, [line_table], []),
    IF(game_spread IS NOT NULL OR game_total IS NOT NULL, ['odds_api_game_lines'], []),
    IF(is_listed, ['nbac_injury_report'], [])
  ) AS data_sources
FROM assembled
