-- One row per player expected to play and day: the 33 model features as known before tip-off.

-- Earlier seasons serve the history against the opponent only.
WITH eligible_games AS (
  SELECT
    player_lookup, season_year, game_date, game_no, next_game_date, opponent_team_abbr, points,
    ft_makes, minutes_played,
    -- Rounded to a decimal before it is summed: a sum of floats depends on their order.
    IF(
      minutes_played > 0,
      CAST(ROUND(points / CAST(minutes_played AS FLOAT64), 9) AS NUMERIC(12, 9)),
      NULL
    ) AS points_per_minute
  FROM games_played
),

seasons AS (
  SELECT DISTINCT season_year
  FROM upcoming_player_game_context
),

season_games AS (
  SELECT g.*
  FROM eligible_games AS g
  JOIN seasons
    ON seasons.season_year = g.season_year
),

-- A player's games of the season with everything that ends in this game; next_played says until
-- which day this row is the newest.
form AS (
  SELECT
    player_lookup,
    season_year,
    game_date,
    next_game_date AS next_played,
    game_no AS games,
    SUM(points) OVER (
      PARTITION BY player_lookup, season_year ORDER BY game_date
      ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS points_season,
    SUM(minutes_played) OVER (
      PARTITION BY player_lookup, season_year ORDER BY game_date
      ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS minutes_season,
    COUNT(minutes_played) OVER (
      PARTITION BY player_lookup, season_year ORDER BY game_date
      ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS timed_games_season,
    SUM(points) OVER (
      PARTITION BY player_lookup, season_year ORDER BY game_date
      ROWS BETWEEN 1 PRECEDING AND CURRENT ROW
    ) AS points_2,
    SUM(points) OVER (
      PARTITION BY player_lookup, season_year ORDER BY game_date
      ROWS BETWEEN 4 PRECEDING AND CURRENT ROW
    ) AS points_5,
    SUM(points) OVER (
      PARTITION BY player_lookup, season_year ORDER BY game_date
      ROWS BETWEEN 9 PRECEDING AND CURRENT ROW
    ) AS points_10,
    SUM(ft_makes) OVER (
      PARTITION BY player_lookup, season_year ORDER BY game_date
      ROWS BETWEEN 9 PRECEDING AND CURRENT ROW
    ) AS ft_makes_10,
    SUM(minutes_played) OVER (
      PARTITION BY player_lookup, season_year ORDER BY game_date
      ROWS BETWEEN 9 PRECEDING AND CURRENT ROW
    ) AS minutes_10,
    COUNT(minutes_played) OVER (
      PARTITION BY player_lookup, season_year ORDER BY game_date
      ROWS BETWEEN 9 PRECEDING AND CURRENT ROW
    ) AS timed_games_10,
    SUM(points_per_minute) OVER (
      PARTITION BY player_lookup, season_year ORDER BY game_date
      ROWS BETWEEN 9 PRECEDING AND CURRENT ROW
    ) AS points_per_minute_10,
    COUNT(points_per_minute) OVER (
      PARTITION BY player_lookup, season_year ORDER BY game_date
      ROWS BETWEEN 9 PRECEDING AND CURRENT ROW
    ) AS rated_games_10
  FROM season_games
),

form_averages AS (
  SELECT
    form.*,
    points_season / CAST(games AS FLOAT64) AS points_avg_season,
    points_10 / CAST(LEAST(games, 10) AS FLOAT64) AS points_avg_10,
    SAFE_DIVIDE(CAST(minutes_season AS FLOAT64), timed_games_season) AS minutes_avg_season,
    SAFE_DIVIDE(CAST(minutes_10 AS FLOAT64), timed_games_10) AS minutes_avg_10,
    -- Six times the mean of the newest 2 minus the mean of the 3 before.
    IF(games >= 5, 3 * points_2 - 2 * (points_5 - points_2), NULL) AS trend_times_6
  FROM form
),

team_form AS (
  SELECT
    team_abbr,
    season_year,
    game_date,
    LEAD(game_date) OVER (PARTITION BY team_abbr, season_year ORDER BY game_date) AS next_played,
    ROW_NUMBER() OVER (PARTITION BY team_abbr, season_year ORDER BY game_date) AS games,
    SUM(IF(win_flag, 1, 0)) OVER (
      PARTITION BY team_abbr, season_year ORDER BY game_date
      ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS wins,
    SUM(pace) OVER (
      PARTITION BY team_abbr, season_year ORDER BY game_date
      ROWS BETWEEN 9 PRECEDING AND CURRENT ROW
    ) AS pace_10,
    COUNT(pace) OVER (
      PARTITION BY team_abbr, season_year ORDER BY game_date
      ROWS BETWEEN 9 PRECEDING AND CURRENT ROW
    ) AS paced_games_10,
    SUM(offensive_rating) OVER (
      PARTITION BY team_abbr, season_year ORDER BY game_date
      ROWS BETWEEN 9 PRECEDING AND CURRENT ROW
    ) AS rating_10,
    COUNT(offensive_rating) OVER (
      PARTITION BY team_abbr, season_year ORDER BY game_date
      ROWS BETWEEN 9 PRECEDING AND CURRENT ROW
    ) AS rated_games_10
  FROM team_offense_game_summary
),

-- Ratings become decimals before they are summed: a sum of floats depends on their order.
league_defence AS (
  SELECT
    analysis_date,
    SAFE_DIVIDE(
      CAST(SUM(CAST(defensive_rating_last_15 AS NUMERIC(12, 9))) AS FLOAT64),
      COUNT(defensive_rating_last_15)
    ) AS rating
  FROM team_defense_zone_analysis
  GROUP BY analysis_date
),

meetings AS (
  SELECT u.game_date, u.player_lookup, COUNT(*) AS games, SUM(g.points) AS points
  FROM upcoming_player_game_context AS u
  JOIN eligible_games AS g
    ON g.player_lookup = u.player_lookup
    AND g.opponent_team_abbr = u.opponent_team_abbr
    AND DATE_DIFF(u.game_date, g.game_date, DAY) <= @player_game_summary_days
    AND g.game_date < u.game_date
  GROUP BY u.game_date, u.player_lookup
),

joined AS (
  SELECT
    u.player_lookup,
    u.universal_player_id,
    u.game_date,
    u.game_id,
    u.season_year,
    u.team_abbr,
    u.opponent_team_abbr,
    u.home_game,
    u.days_rest,
    u.opponent_days_rest,
    u.back_to_back AS played_yesterday,
    u.season_phase,
    u.player_status,
    u.questionable_teammates IS NOT NULL AS has_report,
    u.games_in_last_7_days AS context_games_7,
    u.completeness_percentage,
    COALESCE(c.window_games_missing, u.missing_games_count) AS games_missing,
    c.points_avg_last_5 AS cache_points_5,
    c.points_avg_last_10 AS cache_points_10,
    c.points_avg_season AS cache_points_season,
    c.points_std_last_10,
    c.games_in_last_7_days AS cache_games_7,
    c.minutes_avg_last_10 AS cache_minutes_10,
    c.paint_rate_last_10 AS cache_paint_rate,
    c.three_pt_rate_last_10 AS cache_three_rate,
    c.team_pace_last_10 AS cache_team_pace,
    c.team_off_rating_last_10 AS cache_team_rating,
    f.fatigue_score,
    -- A factor that is 0 because an input is unknown is a default, not a finding.
    IF(
      f.opponent_zone_defense IS NULL OR f.player_zone_rate IS NULL,
      NULL,
      f.shot_zone_mismatch_score
    ) AS shot_zone_mismatch_score,
    IF(f.pace_differential IS NULL, NULL, f.pace_score) AS pace_score,
    IF(f.projected_usage_rate IS NULL, NULL, f.usage_spike_score) AS usage_spike_score,
    z.n_zone_10 AS zone_games,
    z.paint_rate_last_10 AS paint_rate,
    z.mid_range_rate_last_10 AS mid_range_rate,
    z.three_pt_rate_last_10 AS three_rate,
    d.games_in_sample AS opponent_games,
    -- As if the club had played five more games, at the league's mean: after few games a rating is
    -- mostly chance.
    ROUND(
      (d.games_in_sample * d.defensive_rating_last_15 + 5 * league_defence.rating)
        / (d.games_in_sample + 5),
      9
    ) AS opponent_rating,
    d.opponent_pace AS opponent_pace_last_15,
    l.points_line,
    l.opening_line,
    COALESCE(h.games, 0) AS games,
    h.points_5,
    h.points_10,
    h.ft_makes_10,
    h.points_avg_season AS facts_points_season,
    h.points_avg_10 AS facts_points_10,
    h.minutes_avg_season,
    h.minutes_avg_10,
    h.trend_times_6,
    SAFE_DIVIDE(CAST(h.points_per_minute_10 AS FLOAT64), h.rated_games_10)
      AS points_per_minute_avg,
    COALESCE(t.games, 0) AS team_games,
    t.wins,
    SAFE_DIVIDE(CAST(t.pace_10 AS FLOAT64), t.paced_games_10) AS facts_team_pace,
    SAFE_DIVIDE(CAST(t.rating_10 AS FLOAT64), t.rated_games_10) AS facts_team_rating,
    m.points / CAST(m.games AS FLOAT64) AS points_per_meeting,
    COALESCE(m.games, 0) AS meetings
  FROM upcoming_player_game_context AS u
  LEFT JOIN player_daily_cache AS c
    ON c.cache_date = u.game_date
    AND c.player_lookup = u.player_lookup
  LEFT JOIN player_composite_factors AS f
    ON f.game_date = u.game_date
    AND f.player_lookup = u.player_lookup
  LEFT JOIN player_shot_zone_analysis AS z
    ON z.analysis_date = u.game_date
    AND z.player_lookup = u.player_lookup
  LEFT JOIN team_defense_zone_analysis AS d
    ON d.analysis_date = u.game_date
    AND d.team_abbr = u.opponent_team_abbr
  LEFT JOIN league_defence
    ON league_defence.analysis_date = u.game_date
  LEFT JOIN prop_lines AS l
    ON l.game_date = u.game_date
    AND l.player_lookup = u.player_lookup
  LEFT JOIN form_averages AS h
    ON h.player_lookup = u.player_lookup
    AND h.season_year = u.season_year
    AND h.game_date < u.game_date
    AND (h.next_played IS NULL OR h.next_played >= u.game_date)
  LEFT JOIN team_form AS t
    ON t.team_abbr = u.team_abbr
    AND t.season_year = u.season_year
    AND t.game_date < u.game_date
    AND (t.next_played IS NULL OR t.next_played >= u.game_date)
  LEFT JOIN meetings AS m
    ON m.game_date = u.game_date
    AND m.player_lookup = u.player_lookup
),

changes AS (
  SELECT
    joined.*,
    COALESCE(cache_points_season, facts_points_season) AS season_average,
    -- Rounded: a change of exactly 20 % must not fall short of it in binary.
    IF(
      COALESCE(cache_minutes_10, minutes_avg_10) > 0 AND minutes_avg_season > 0,
      ROUND(COALESCE(cache_minutes_10, minutes_avg_10) / minutes_avg_season - 1, 9),
      NULL
    ) AS minutes_ratio
  FROM joined
),

-- Each feature as its own source knows it; NULL means unknown.
known AS (
  SELECT
    game_date,
    player_lookup,
    cache_points_5 AS points_avg_last_5,
    cache_points_10 AS points_avg_last_10,
    cache_points_season AS points_avg_season,
    points_std_last_10,
    cache_games_7 AS games_in_last_7_days,
    fatigue_score,
    shot_zone_mismatch_score,
    pace_score,
    usage_spike_score,
    LEAST(GREATEST(days_rest - opponent_days_rest, -2), 2) AS rest_advantage,
    CASE
      WHEN NOT has_report THEN NULL
      WHEN player_status = 'probable' THEN 1
      WHEN player_status = 'questionable' THEN 2
      WHEN player_status IN ('doubtful', 'out') THEN 3
      ELSE 0
    END AS injury_risk,
    CASE
      WHEN trend_times_6 >= 30 THEN 2
      WHEN trend_times_6 >= 12 THEN 1
      WHEN trend_times_6 <= -30 THEN -2
      WHEN trend_times_6 <= -12 THEN -1
      WHEN trend_times_6 IS NOT NULL THEN 0
    END AS recent_trend,
    CASE
      WHEN minutes_ratio >= 0.20 THEN 2
      WHEN minutes_ratio >= 0.10 THEN 1
      WHEN minutes_ratio <= -0.20 THEN -2
      WHEN minutes_ratio <= -0.10 THEN -1
      WHEN minutes_ratio IS NOT NULL THEN 0
    END AS minutes_change,
    opponent_rating AS opponent_def_rating,
    opponent_pace_last_15 AS opponent_pace,
    IF(home_game, 1, 0) AS home_away,
    IF(played_yesterday, 1, 0) AS back_to_back,
    IF(season_phase = 'playoffs', 1, 0) AS playoff_game,
    paint_rate / 100 AS pct_paint,
    mid_range_rate / 100 AS pct_mid_range,
    three_rate / 100 AS pct_three,
    IF(
      games >= 5 AND points_10 > 0,
      ROUND(LEAST(ft_makes_10 / CAST(points_10 AS FLOAT64), 0.5), 9),
      NULL
    ) AS pct_free_throw,
    cache_team_pace AS team_pace,
    cache_team_rating AS team_off_rating,
    IF(team_games >= 5, ROUND(wins / CAST(team_games AS FLOAT64), 9), NULL) AS team_win_pct,
    CAST(points_line AS FLOAT64) AS vegas_points_line,
    CAST(opening_line AS FLOAT64) AS vegas_opening_line,
    CAST(points_line - opening_line AS FLOAT64) AS vegas_line_move,
    IF(points_line IS NULL, 0, 1) AS has_vegas_line,
    points_per_meeting AS avg_points_vs_opponent,
    meetings AS games_vs_opponent,
    minutes_avg_10 AS minutes_avg_last_10,
    points_per_minute_avg AS ppm_avg_last_10
  FROM changes
),

-- What stands in for an unknown feature before its default does.
substitutes AS (
  SELECT
    game_date,
    player_lookup,
    IF(games >= 5, points_5 / 5.0, NULL) AS points_avg_last_5,
    facts_points_10 AS points_avg_last_10,
    facts_points_season AS points_avg_season,
    context_games_7 AS games_in_last_7_days,
    cache_paint_rate / 100 AS pct_paint,
    cache_three_rate / 100 AS pct_three,
    facts_team_pace AS team_pace,
    facts_team_rating AS team_off_rating,
    season_average AS vegas_points_line,
    season_average AS vegas_opening_line,
    season_average AS avg_points_vs_opponent
  FROM changes
),

resolved AS (
  SELECT
    known.game_date,
    known.player_lookup,
    COALESCE(known.points_avg_last_5, substitutes.points_avg_last_5) AS points_avg_last_5,
    COALESCE(known.points_avg_last_10, substitutes.points_avg_last_10) AS points_avg_last_10,
    COALESCE(known.points_avg_season, substitutes.points_avg_season) AS points_avg_season,
    known.points_std_last_10,
    COALESCE(known.games_in_last_7_days, substitutes.games_in_last_7_days) AS games_in_last_7_days,
    known.fatigue_score,
    known.shot_zone_mismatch_score,
    known.pace_score,
    known.usage_spike_score,
    known.rest_advantage,
    known.injury_risk,
    known.recent_trend,
    known.minutes_change,
    known.opponent_def_rating,
    known.opponent_pace,
    known.home_away,
    known.back_to_back,
    known.playoff_game,
    COALESCE(known.pct_paint, substitutes.pct_paint) AS pct_paint,
    known.pct_mid_range,
    COALESCE(known.pct_three, substitutes.pct_three) AS pct_three,
    known.pct_free_throw,
    COALESCE(known.team_pace, substitutes.team_pace) AS team_pace,
    COALESCE(known.team_off_rating, substitutes.team_off_rating) AS team_off_rating,
    known.team_win_pct,
    COALESCE(known.vegas_points_line, substitutes.vegas_points_line) AS vegas_points_line,
    COALESCE(known.vegas_opening_line, substitutes.vegas_opening_line) AS vegas_opening_line,
    known.vegas_line_move,
    known.has_vegas_line,
    COALESCE(known.avg_points_vs_opponent, substitutes.avg_points_vs_opponent)
      AS avg_points_vs_opponent,
    known.games_vs_opponent,
    known.minutes_avg_last_10,
    known.ppm_avg_last_10,
    IF(known.points_avg_last_5 IS NULL AND substitutes.points_avg_last_5 IS NOT NULL, 1, 0)
      + IF(known.points_avg_last_10 IS NULL AND substitutes.points_avg_last_10 IS NOT NULL, 1, 0)
      + IF(known.points_avg_season IS NULL AND substitutes.points_avg_season IS NOT NULL, 1, 0)
      + IF(
        known.games_in_last_7_days IS NULL AND substitutes.games_in_last_7_days IS NOT NULL, 1, 0
      )
      + IF(known.pct_paint IS NULL AND substitutes.pct_paint IS NOT NULL, 1, 0)
      + IF(known.pct_three IS NULL AND substitutes.pct_three IS NOT NULL, 1, 0)
      + IF(known.team_pace IS NULL AND substitutes.team_pace IS NOT NULL, 1, 0)
      + IF(known.team_off_rating IS NULL AND substitutes.team_off_rating IS NOT NULL, 1, 0)
      + IF(known.vegas_points_line IS NULL AND substitutes.vegas_points_line IS NOT NULL, 1, 0)
      + IF(known.vegas_opening_line IS NULL AND substitutes.vegas_opening_line IS NOT NULL, 1, 0)
      + IF(
        known.avg_points_vs_opponent IS NULL AND substitutes.avg_points_vs_opponent IS NOT NULL,
        1,
        0
      ) AS n_substituted
  FROM known
  JOIN substitutes
    ON substitutes.game_date = known.game_date
    AND substitutes.player_lookup = known.player_lookup
),

-- The defaults stand here and nowhere else in the SQL.
features AS (
  SELECT
    resolved.game_date,
    resolved.player_lookup,
    changes.universal_player_id,
    changes.game_id,
    changes.season_year,
    changes.team_abbr,
    changes.opponent_team_abbr,
    changes.home_game,
    changes.days_rest,
    changes.games,
    changes.team_games,
    changes.zone_games,
    changes.opponent_games,
    changes.completeness_percentage,
    changes.games_missing,
    resolved.n_substituted,
    COALESCE(resolved.points_avg_last_5, 10.0) AS points_avg_last_5,
    COALESCE(resolved.points_avg_last_10, 10.0) AS points_avg_last_10,
    COALESCE(resolved.points_avg_season, 10.0) AS points_avg_season,
    COALESCE(resolved.points_std_last_10, 5.0) AS points_std_last_10,
    COALESCE(resolved.games_in_last_7_days, 3) AS games_in_last_7_days,
    COALESCE(resolved.fatigue_score, 50) AS fatigue_score,
    COALESCE(resolved.shot_zone_mismatch_score, 0.0) AS shot_zone_mismatch_score,
    COALESCE(resolved.pace_score, 0.0) AS pace_score,
    COALESCE(resolved.usage_spike_score, 0.0) AS usage_spike_score,
    COALESCE(resolved.rest_advantage, 0) AS rest_advantage,
    COALESCE(resolved.injury_risk, 0) AS injury_risk,
    COALESCE(resolved.recent_trend, 0) AS recent_trend,
    COALESCE(resolved.minutes_change, 0) AS minutes_change,
    COALESCE(resolved.opponent_def_rating, 112.0) AS opponent_def_rating,
    COALESCE(resolved.opponent_pace, 100.0) AS opponent_pace,
    resolved.home_away,
    resolved.back_to_back,
    resolved.playoff_game,
    COALESCE(resolved.pct_paint, 0.30) AS pct_paint,
    COALESCE(resolved.pct_mid_range, 0.20) AS pct_mid_range,
    COALESCE(resolved.pct_three, 0.35) AS pct_three,
    COALESCE(resolved.pct_free_throw, 0.15) AS pct_free_throw,
    COALESCE(resolved.team_pace, 100.0) AS team_pace,
    COALESCE(resolved.team_off_rating, 112.0) AS team_off_rating,
    COALESCE(resolved.team_win_pct, 0.5) AS team_win_pct,
    COALESCE(resolved.vegas_points_line, 15.0) AS vegas_points_line,
    COALESCE(resolved.vegas_opening_line, 15.0) AS vegas_opening_line,
    COALESCE(resolved.vegas_line_move, 0.0) AS vegas_line_move,
    resolved.has_vegas_line,
    COALESCE(resolved.avg_points_vs_opponent, 15.0) AS avg_points_vs_opponent,
    resolved.games_vs_opponent,
    COALESCE(resolved.minutes_avg_last_10, 28.0) AS minutes_avg_last_10,
    COALESCE(resolved.ppm_avg_last_10, 0.4) AS ppm_avg_last_10,
    ARRAY_CONCAT(
      IF(resolved.points_avg_last_5 IS NULL, ['points_avg_last_5'], []),
      IF(resolved.points_avg_last_10 IS NULL, ['points_avg_last_10'], []),
      IF(resolved.points_avg_season IS NULL, ['points_avg_season'], []),
      IF(resolved.points_std_last_10 IS NULL, ['points_std_last_10'], []),
      IF(resolved.games_in_last_7_days IS NULL, ['games_in_last_7_days'], []),
      IF(resolved.fatigue_score IS NULL, ['fatigue_score'], []),
      IF(resolved.shot_zone_mismatch_score IS NULL, ['shot_zone_mismatch_score'], []),
      IF(resolved.pace_score IS NULL, ['pace_score'], []),
      IF(resolved.usage_spike_score IS NULL, ['usage_spike_score'], []),
      IF(resolved.rest_advantage IS NULL, ['rest_advantage'], []),
      IF(resolved.injury_risk IS NULL, ['injury_risk'], []),
      IF(resolved.recent_trend IS NULL, ['recent_trend'], []),
      IF(resolved.minutes_change IS NULL, ['minutes_change'], []),
      IF(resolved.opponent_def_rating IS NULL, ['opponent_def_rating'], []),
      IF(resolved.opponent_pace IS NULL, ['opponent_pace'], []),
      IF(resolved.pct_paint IS NULL, ['pct_paint'], []),
      IF(resolved.pct_mid_range IS NULL, ['pct_mid_range'], []),
      IF(resolved.pct_three IS NULL, ['pct_three'], []),
      IF(resolved.pct_free_throw IS NULL, ['pct_free_throw'], []),
      IF(resolved.team_pace IS NULL, ['team_pace'], []),
      IF(resolved.team_off_rating IS NULL, ['team_off_rating'], []),
      IF(resolved.team_win_pct IS NULL, ['team_win_pct'], []),
      IF(resolved.vegas_points_line IS NULL, ['vegas_points_line'], []),
      IF(resolved.vegas_opening_line IS NULL, ['vegas_opening_line'], []),
      IF(resolved.vegas_line_move IS NULL, ['vegas_line_move'], []),
      IF(resolved.avg_points_vs_opponent IS NULL, ['avg_points_vs_opponent'], []),
      IF(resolved.minutes_avg_last_10 IS NULL, ['minutes_avg_last_10'], []),
      IF(resolved.ppm_avg_last_10 IS NULL, ['ppm_avg_last_10'], [])
    ) AS default_features
  FROM changes
  JOIN resolved
    ON resolved.game_date = changes.game_date
    AND resolved.player_lookup = changes.player_lookup
),

counted AS (
  SELECT
    features.*,
    ARRAY_LENGTH(default_features) AS n_defaults,
    33 - ARRAY_LENGTH(default_features) - n_substituted AS n_computed
  FROM features
),

scored AS (
  SELECT
    counted.*,
    ROUND((100.0 * n_computed + 75.0 * n_substituted) / 33 + 1e-9, 2) AS quality
  FROM counted
)

SELECT
  player_lookup,
  universal_player_id,
  game_date,
  game_id,
  season_year,
  team_abbr,
  opponent_team_abbr,
  home_game AS is_home,
  days_rest,
  [
    CAST(points_avg_last_5 AS FLOAT64),
    CAST(points_avg_last_10 AS FLOAT64),
    CAST(points_avg_season AS FLOAT64),
    CAST(points_std_last_10 AS FLOAT64),
    CAST(games_in_last_7_days AS FLOAT64),
    CAST(fatigue_score AS FLOAT64),
    CAST(shot_zone_mismatch_score AS FLOAT64),
    CAST(pace_score AS FLOAT64),
    CAST(usage_spike_score AS FLOAT64),
    CAST(rest_advantage AS FLOAT64),
    CAST(injury_risk AS FLOAT64),
    CAST(recent_trend AS FLOAT64),
    CAST(minutes_change AS FLOAT64),
    CAST(opponent_def_rating AS FLOAT64),
    CAST(opponent_pace AS FLOAT64),
    CAST(home_away AS FLOAT64),
    CAST(back_to_back AS FLOAT64),
    CAST(playoff_game AS FLOAT64),
    CAST(pct_paint AS FLOAT64),
    CAST(pct_mid_range AS FLOAT64),
    CAST(pct_three AS FLOAT64),
    CAST(pct_free_throw AS FLOAT64),
    CAST(team_pace AS FLOAT64),
    CAST(team_off_rating AS FLOAT64),
    CAST(team_win_pct AS FLOAT64),
    CAST(vegas_points_line AS FLOAT64),
    CAST(vegas_opening_line AS FLOAT64),
    CAST(vegas_line_move AS FLOAT64),
    CAST(has_vegas_line AS FLOAT64),
    CAST(avg_points_vs_opponent AS FLOAT64),
    CAST(games_vs_opponent AS FLOAT64),
    CAST(minutes_avg_last_10 AS FLOAT64),
    CAST(ppm_avg_last_10 AS FLOAT64)
  ] AS features,
  [
    'points_avg_last_5', 'points_avg_last_10', 'points_avg_season', 'points_std_last_10',
    'games_in_last_7_days', 'fatigue_score', 'shot_zone_mismatch_score', 'pace_score',
    'usage_spike_score', 'rest_advantage', 'injury_risk', 'recent_trend', 'minutes_change',
    'opponent_def_rating', 'opponent_pace', 'home_away', 'back_to_back', 'playoff_game',
    'pct_paint', 'pct_mid_range', 'pct_three', 'pct_free_throw', 'team_pace', 'team_off_rating',
    'team_win_pct', 'vegas_points_line', 'vegas_opening_line', 'vegas_line_move',
    'has_vegas_line', 'avg_points_vs_opponent', 'games_vs_opponent', 'minutes_avg_last_10',
    'ppm_avg_last_10'
  ] AS feature_names,
  33 AS feature_count,
  'v4_33features' AS feature_version,
  points_avg_last_5,
  points_avg_last_10,
  points_avg_season,
  points_std_last_10,
  games_in_last_7_days,
  fatigue_score,
  shot_zone_mismatch_score,
  pace_score,
  usage_spike_score,
  rest_advantage,
  injury_risk,
  recent_trend,
  minutes_change,
  opponent_def_rating,
  opponent_pace,
  home_away,
  back_to_back,
  playoff_game,
  pct_paint,
  pct_mid_range,
  pct_three,
  pct_free_throw,
  team_pace,
  team_off_rating,
  team_win_pct,
  vegas_points_line,
  vegas_opening_line,
  vegas_line_move,
  has_vegas_line,
  avg_points_vs_opponent,
  games_vs_opponent,
  minutes_avg_last_10,
  ppm_avg_last_10,
  quality AS feature_quality_score,
  CASE
    WHEN quality >= 95 THEN 'gold'
    WHEN quality >= 75 THEN 'silver'
    WHEN quality >= 50 THEN 'bronze'
    WHEN quality >= 25 THEN 'poor'
    ELSE 'unusable'
  END AS quality_tier,
  CASE
    WHEN n_computed >= 0.90 * 33 THEN 'phase4'
    WHEN n_computed >= 0.50 * 33 THEN 'phase4_partial'
    WHEN n_substituted >= 0.50 * 33 THEN 'phase3'
    ELSE 'mixed'
  END AS data_source,
  n_defaults AS n_default_features,
  default_features,
  n_substituted AS n_substituted_features,
  LEAST(
    LEAST(games, 10),
    LEAST(team_games, 10),
    COALESCE(zone_games, 0),
    COALESCE(opponent_games, 0)
  ) AS min_games_in_windows,
  10 AS window_games_wanted,
  LEAST(games, 10) AS window_games_found,
  games_missing AS window_games_missing,
  CASE
    WHEN games_missing > 0 THEN 'truncated'
    WHEN games >= 10 THEN 'complete'
    ELSE 'bootstrap'
  END AS window_status,
  games < 10 AS early_season_flag,
  completeness_percentage,
  completeness_percentage >= 90 AND quality >= 70 AND games >= 5 AS is_production_ready
FROM scored
