-- One row per player expected to play, game day and prediction system: points forecast and pick.

-- What keeps a pick from being acted on; confidences are points of 100.
WITH settings AS (
  SELECT
    88 AS distrusted_confidence_from,
    90 AS distrusted_confidence_below,
    50 AS quality_needed,
    15 AS minutes_needed
),

systems AS (
  SELECT 'moving_average_baseline_v1' AS system_id
  UNION ALL SELECT 'zone_matchup_v1'
  UNION ALL SELECT 'similarity_balanced_v1'
  UNION ALL SELECT 'xgboost_v1'
  UNION ALL SELECT 'catboost_v8'
  UNION ALL SELECT 'challenger'
  UNION ALL SELECT 'ensemble_v1'
),

-- Ratings become decimals before they are summed: a sum of floats depends on their order.
league_defence AS (
  SELECT
    analysis_date,
    SAFE_DIVIDE(
      CAST(SUM(CAST(defensive_rating_last_15 AS NUMERIC(12, 9))) AS FLOAT64),
      COUNT(defensive_rating_last_15)
    ) AS mean_rating
  FROM team_defense_zone_analysis
  GROUP BY analysis_date
),

-- The hour of a report; it is out by the end of that hour.
reports AS (
  SELECT
    game_date,
    player_lookup,
    injury_status,
    reason,
    TIMESTAMP(
      CONCAT(CAST(report_date AS STRING), ' ', LPAD(CAST(report_hour AS STRING), 2, '0'), ':00:00'),
      'America/New_York'
    ) AS reported_at
  FROM injuries
),

-- Who is predicted: the day's player context with features, less those doubtful or out.
pool AS (
  SELECT
    f.*,
    u.backfill_bootstrap_mode,
    u.is_production_ready AS context_is_ready,
    u.l10_games_used,
    u.points_avg_last_5 AS context_points_5,
    u.points_avg_last_10 AS context_points_10,
    u.avg_minutes_per_game_last_7,
    u.questionable_teammates IS NOT NULL AS has_report,
    l.points_line,
    CAST(l.points_line AS FLOAT64) AS line,
    l.source AS line_vendor,
    l.bookmaker,
    l.closing_at,
    g.tip_at,
    i.injury_status,
    i.reason AS injury_reason,
    i.reported_at,
    d.mean_rating,
    -- Outside these ranges the rules do not predict and the models are not asked.
    f.points_avg_season BETWEEN 0 AND 60
      AND f.points_avg_last_5 BETWEEN 0 AND 80
      AND f.points_avg_last_10 BETWEEN 0 AND 80
      AND f.fatigue_score BETWEEN 0 AND 100
      AND f.opponent_def_rating BETWEEN 95 AND 125
      AND f.home_away IN (0, 1)
      AND f.back_to_back IN (0, 1)
      AND f.playoff_game IN (0, 1) AS is_valid,
    ARRAY_TO_STRING(f.default_features, ' ') AS defaults
  FROM upcoming_player_game_context AS u
  JOIN ml_feature_store_v2 AS f
    ON f.game_date = u.game_date
    AND f.player_lookup = u.player_lookup
  -- A line offered for a game of the club he left, or came to, is none for this game.
  LEFT JOIN prop_lines AS l
    ON l.game_date = u.game_date
    AND l.player_lookup = u.player_lookup
    AND COALESCE(l.game_id, u.game_id) = u.game_id
  LEFT JOIN games AS g
    ON g.game_date = u.game_date
    AND g.game_id = u.game_id
  -- The report of a club he left may be about a later game.
  LEFT JOIN reports AS i
    ON i.game_date = u.game_date
    AND i.player_lookup = u.player_lookup
    AND COALESCE(TIMESTAMP_ADD(i.reported_at, INTERVAL 60 MINUTE) <= g.tip_at, TRUE)
  LEFT JOIN league_defence AS d
    ON d.analysis_date = u.game_date
  WHERE COALESCE(u.player_status, 'available') NOT IN ('out', 'doubtful')
),

-- His games of the season, each with what was known before it.
played AS (
  SELECT
    player_lookup,
    season_year,
    game_date,
    points,
    opponent_team_abbr,
    -- YYYYMMDD_AWAY_HOME
    SUBSTR(game_id, 14) = team_abbr AS was_home,
    ROW_NUMBER() OVER (PARTITION BY player_lookup, season_year ORDER BY game_date) AS game_no,
    LAG(game_date) OVER (PARTITION BY player_lookup, season_year ORDER BY game_date)
      AS previous_date,
    LEAD(game_date) OVER (PARTITION BY player_lookup, season_year ORDER BY game_date)
      AS next_date,
    SUM(points) OVER (
      PARTITION BY player_lookup, season_year ORDER BY game_date
      ROWS BETWEEN 5 PRECEDING AND 1 PRECEDING
    ) AS points_5,
    SUM(points) OVER (
      PARTITION BY player_lookup, season_year ORDER BY game_date
      ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ) AS points_season
  FROM player_game_summary
  WHERE is_active AND (minutes_played > 0 OR fg_attempts > 0 OR points > 0)
),

-- The circumstances in which games are alike. Opponent's defence: 1 elite, 2 average, 3 weak, NULL
-- on the season's first days, which have no ratings. Rest: full days off, 3 for more. Form: 1 hot,
-- -1 cold; in whole numbers, 3 points above the season's mean is 3 points above it.
past_games AS (
  SELECT
    p.player_lookup,
    p.season_year,
    p.game_date,
    p.game_no,
    p.points,
    p.was_home,
    CASE
      WHEN d.defensive_rating_last_15 < 110 THEN 1
      WHEN d.defensive_rating_last_15 < 115 THEN 2
      WHEN d.defensive_rating_last_15 >= 115 THEN 3
    END AS tier,
    LEAST(DATE_DIFF(p.game_date, p.previous_date, DAY) - 1, 3) AS rest,
    CASE
      WHEN p.points_5 * (p.game_no - 1) - p.points_season * LEAST(p.game_no - 1, 5)
        >= 3 * LEAST(p.game_no - 1, 5) * (p.game_no - 1) THEN 1
      WHEN p.points_5 * (p.game_no - 1) - p.points_season * LEAST(p.game_no - 1, 5)
        <= -3 * LEAST(p.game_no - 1, 5) * (p.game_no - 1) THEN -1
      WHEN p.points_season IS NOT NULL THEN 0
    END AS form
  FROM played AS p
  LEFT JOIN team_defense_zone_analysis AS d
    ON d.analysis_date = p.game_date
    AND d.team_abbr = p.opponent_team_abbr
),

tonight AS (
  SELECT
    pool.game_date,
    pool.player_lookup,
    pool.season_year,
    newest.game_no AS games_before,
    pool.is_home,
    CASE
      WHEN pool.opponent_def_rating < 110 THEN 1
      WHEN pool.opponent_def_rating < 115 THEN 2
      ELSE 3
    END AS tier,
    LEAST(pool.days_rest - 1, 3) AS rest,
    CASE
      WHEN ROUND(pool.points_avg_last_5 - pool.points_avg_season, 9) >= 3 THEN 1
      WHEN ROUND(pool.points_avg_last_5 - pool.points_avg_season, 9) <= -3 THEN -1
      ELSE 0
    END AS form
  FROM pool
  JOIN played AS newest
    ON newest.player_lookup = pool.player_lookup
    AND newest.season_year = pool.season_year
    AND newest.game_date < pool.game_date
    AND (newest.next_date IS NULL OR newest.next_date >= pool.game_date)
  WHERE pool.is_valid
),

-- The newest 30 games of the last 90 days. What is unknown of a game matches nothing.
compared_games AS (
  SELECT
    t.game_date,
    t.player_lookup,
    g.game_no,
    g.points,
    CASE ABS(g.tier - t.tier) WHEN 0 THEN 40 WHEN 1 THEN 20 ELSE 0 END
      + CASE ABS(g.rest - t.rest) WHEN 0 THEN 30 WHEN 1 THEN 15 ELSE 0 END
      + IF(g.was_home = t.is_home, 15, 0)
      + IF(g.form = t.form, 15, 5) AS similarity
  FROM tonight AS t
  JOIN past_games AS g
    ON g.player_lookup = t.player_lookup
    AND g.season_year = t.season_year
    AND g.game_no BETWEEN t.games_before - 29 AND t.games_before
    AND DATE_DIFF(t.game_date, g.game_date, DAY) <= 90
),

similar_games AS (
  SELECT game_date, player_lookup, points, similarity
  FROM compared_games
  WHERE similarity >= 70
  QUALIFY ROW_NUMBER() OVER (
    PARTITION BY game_date, player_lookup ORDER BY similarity DESC, game_no DESC
  ) <= 20
),

resemblance AS (
  SELECT
    game_date,
    player_lookup,
    COUNT(*) AS games,
    MIN(similarity) AS lowest_similarity,
    SUM(similarity) AS similarity,
    SUM(similarity * points) AS weighted_points,
    COUNT(*) * SUM(points * points) - SUM(points) * SUM(points) AS variance_times_games_squared
  FROM similar_games
  GROUP BY game_date, player_lookup
  HAVING COUNT(*) >= 5
),

-- A learned system without a usable forecast falls back to a blend of his averages; an average
-- that is unknown (the feature's default) leaves its weight to the season's.
forecasts AS (
  SELECT
    pool.*,
    r.games AS similar_games,
    r.lowest_similarity,
    r.similarity / CAST(r.games AS FLOAT64) AS mean_similarity,
    r.weighted_points / CAST(r.similarity AS FLOAT64) AS similarity_baseline,
    r.variance_times_games_squared / CAST(r.games * r.games AS FLOAT64) AS similar_points_variance,
    IF(pool.is_valid, x.predicted_points, NULL) AS xgboost_forecast,
    x.model_version AS xgboost_version,
    IF(pool.is_valid, COALESCE(x.fallback_reason, 'artefact_missing'), 'invalid_features')
      AS xgboost_lacks,
    IF(pool.is_valid, c.predicted_points, NULL) AS catboost_forecast,
    c.model_version AS catboost_version,
    IF(pool.is_valid, COALESCE(c.fallback_reason, 'artefact_missing'), 'invalid_features')
      AS catboost_lacks,
    IF(pool.is_valid, h.predicted_points, NULL) AS challenger_forecast,
    h.model_version AS challenger_version,
    IF(pool.is_valid, COALESCE(h.fallback_reason, 'artefact_missing'), 'invalid_features')
      AS challenger_lacks,
    IF(pool.is_valid, h.predicted_points_p10, NULL) AS challenger_p10,
    IF(pool.is_valid, h.predicted_points_p90, NULL) AS challenger_p90,
    IF(pool.is_valid, h.predicted_points_mean, NULL) AS challenger_mean,
    0.40 * IF(
      pool.defaults LIKE '%points_avg_last_5%', pool.points_avg_season, pool.points_avg_last_5
    )
    + 0.35 * IF(
      pool.defaults LIKE '%points_avg_last_10%', pool.points_avg_season, pool.points_avg_last_10
    )
    + 0.25 * pool.points_avg_season AS fallback_points
  FROM pool
  LEFT JOIN resemblance AS r
    ON r.game_date = pool.game_date
    AND r.player_lookup = pool.player_lookup
  LEFT JOIN point_forecasts AS x
    ON x.game_date = pool.game_date
    AND x.player_lookup = pool.player_lookup
    AND x.model_id = 'xgboost_v1'
  LEFT JOIN point_forecasts AS c
    ON c.game_date = pool.game_date
    AND c.player_lookup = pool.player_lookup
    AND c.model_id = 'catboost_v8'
  LEFT JOIN point_forecasts AS h
    ON h.game_date = pool.game_date
    AND h.player_lookup = pool.player_lookup
    AND h.model_id = 'challenger'
),

-- How much worse than the league's the opponent's defence is, and how much each zone counts for
-- the player. Fatigue: 100 is fresh, below 50 tired.
terms AS (
  SELECT
    forecasts.*,
    COALESCE(opponent_def_rating - mean_rating, 0) * 0.3 AS weak_defence,
    CASE WHEN pct_paint >= 0.40 THEN 1.0 WHEN pct_paint >= 0.20 THEN 0.7 ELSE 0.4 END
      AS paint_weight,
    CASE WHEN pct_mid_range >= 0.40 THEN 1.0 WHEN pct_mid_range >= 0.20 THEN 0.7 ELSE 0.4 END
      AS mid_range_weight,
    CASE WHEN pct_three >= 0.40 THEN 1.0 WHEN pct_three >= 0.20 THEN 0.7 ELSE 0.4 END
      AS three_weight,
    CASE WHEN pct_free_throw >= 0.40 THEN 1.0 WHEN pct_free_throw >= 0.20 THEN 0.7 ELSE 0.4 END
      AS free_throw_weight,
    CASE WHEN fatigue_score < 50 THEN -2.5 WHEN fatigue_score < 70 THEN -1.0 ELSE 0.0 END
      AS average_fatigue,
    CASE WHEN fatigue_score < 50 THEN -1.5 WHEN fatigue_score < 70 THEN -0.8 ELSE 0.0 END
      AS zone_fatigue,
    (fatigue_score - 70) * 0.015 AS similarity_fatigue,
    0.4 * shot_zone_mismatch_score AS similarity_zones,
    0.8 * pace_score AS similarity_pace,
    0.8 * usage_spike_score AS similarity_usage,
    IF(is_home, 0.8, -0.5) AS similarity_venue,
    CASE
      WHEN points_std_last_10 < 4 THEN 10
      WHEN points_std_last_10 < 6 THEN 7
      WHEN points_std_last_10 < 8 THEN 5
      ELSE 2
    END AS steadiness
  FROM forecasts
),

-- Sums before they are cut to their ranges; NULL where the system has no forecast.
sums AS (
  SELECT
    terms.*,
    IF(
      is_valid,
      0.5 * points_avg_last_5 + 0.3 * points_avg_last_10 + 0.2 * points_avg_season
        + average_fatigue
        + 0.3 * shot_zone_mismatch_score
        + IF(back_to_back = 1, -1.5, 0.0)
        + 0.3 * pace_score
        + IF(is_home, 0.5, -0.5)
        + 0.4 * usage_spike_score,
      NULL
    ) AS average_sum,
    IF(
      is_valid,
      points_avg_season
        + LEAST(GREATEST(weak_defence * 1.2, -3), 3) * paint_weight
        + LEAST(GREATEST(weak_defence * 1.0, -3), 3) * mid_range_weight
        + LEAST(GREATEST(weak_defence * 1.1, -3), 3) * three_weight
        + LEAST(GREATEST(weak_defence * 0.8, -3), 3) * free_throw_weight
        + 0.4 * pace_score
        + IF(is_home, 0.8, -0.8)
        + zone_fatigue,
      NULL
    ) AS zone_sum,
    similarity_baseline + similarity_fatigue + similarity_zones + similarity_pace
      + similarity_usage + similarity_venue AS similarity_sum,
    COALESCE(xgboost_forecast, fallback_points) AS xgboost_sum,
    COALESCE(catboost_forecast, fallback_points) AS catboost_sum,
    COALESCE(challenger_forecast, fallback_points) AS challenger_sum,
    50
      - CASE WHEN points_std_last_10 > 6 THEN 15 WHEN points_std_last_10 > 4 THEN 8 ELSE 0 END
      + CASE
        WHEN games_in_last_7_days >= 3 THEN 10
        WHEN games_in_last_7_days = 2 THEN 5
        ELSE -10
      END AS average_trust,
    50
      + CASE
        WHEN similar_games >= 15 THEN 20
        WHEN similar_games >= 10 THEN 15
        WHEN similar_games >= 7 THEN 10
        WHEN similar_games >= 5 THEN -15
      END
      + CASE WHEN mean_similarity >= 85 THEN 20 WHEN mean_similarity >= 75 THEN 15 ELSE 10 END
      + CASE
        WHEN similar_points_variance < 16 THEN 15
        WHEN similar_points_variance < 36 THEN 8
        WHEN similar_points_variance < 64 THEN 3
        ELSE -5
      END AS similarity_trust,
    70 + steadiness + CASE
      WHEN feature_quality_score >= 90 THEN 10
      WHEN feature_quality_score >= 80 THEN 7
      WHEN feature_quality_score >= 70 THEN 5
      WHEN feature_quality_score >= 60 THEN 2
      ELSE 0
    END AS xgboost_trust,
    75 + steadiness + CASE
      WHEN feature_quality_score >= 90 THEN 10
      WHEN feature_quality_score >= 80 THEN 7
      WHEN feature_quality_score >= 70 THEN 5
      ELSE 2
    END AS champion_trust
  FROM terms
),

-- Points and confidence (points of 100, whole numbers) of each system. Rounding to nine decimals
-- lets an edge of exactly 2 be one.
scores AS (
  SELECT
    sums.*,
    ROUND(LEAST(GREATEST(average_sum, 0), 60), 9) AS average_points,
    ROUND(LEAST(GREATEST(zone_sum, 0), 60), 9) AS zone_points,
    ROUND(LEAST(GREATEST(similarity_sum, 0), 60), 9) AS similarity_points,
    ROUND(LEAST(GREATEST(xgboost_sum, 0), 60), 9) AS xgboost_points,
    ROUND(LEAST(GREATEST(catboost_sum, 0), 60), 9) AS catboost_points,
    ROUND(LEAST(GREATEST(challenger_sum, 0), 60), 9) AS challenger_points,
    LEAST(GREATEST(average_trust, 20), 80) AS average_confidence,
    LEAST(GREATEST(similarity_trust, 0), 100) AS similarity_confidence,
    IF(xgboost_forecast IS NULL, 50, xgboost_trust) AS xgboost_confidence,
    IF(catboost_forecast IS NULL, 50, champion_trust) AS catboost_confidence,
    IF(challenger_forecast IS NULL, 50, champion_trust) AS challenger_confidence
  FROM sums
),

-- 1 over, -1 under, 0 neither. Only the averages need more than their edge and confidence, not
-- just as much. A fallback picks nothing.
picks AS (
  SELECT
    scores.*,
    CASE
      WHEN average_confidence <= 45 THEN 0
      WHEN ROUND(average_points - line, 9) > 2 THEN 1
      WHEN ROUND(average_points - line, 9) < -2 THEN -1
      ELSE 0
    END AS average_pick,
    CASE
      WHEN average_confidence <= 45 THEN 0
      WHEN ROUND(zone_points - line, 9) > 2 THEN 1
      WHEN ROUND(zone_points - line, 9) < -2 THEN -1
      ELSE 0
    END AS zone_pick,
    CASE
      WHEN similarity_confidence < 65 THEN 0
      WHEN ROUND(similarity_points - line, 9) >= 2 THEN 1
      WHEN ROUND(similarity_points - line, 9) <= -2 THEN -1
      ELSE 0
    END AS similarity_pick,
    CASE
      WHEN xgboost_forecast IS NULL OR xgboost_confidence < 60 THEN 0
      WHEN ROUND(xgboost_points - line, 9) >= 1.5 THEN 1
      WHEN ROUND(xgboost_points - line, 9) <= -1.5 THEN -1
      ELSE 0
    END AS xgboost_pick,
    CASE
      WHEN catboost_forecast IS NULL OR catboost_confidence < 60 THEN 0
      WHEN ROUND(catboost_points - line, 9) >= 1 THEN 1
      WHEN ROUND(catboost_points - line, 9) <= -1 THEN -1
      ELSE 0
    END AS catboost_pick,
    CASE
      WHEN challenger_forecast IS NULL OR challenger_confidence < 60 THEN 0
      WHEN ROUND(challenger_points - line, 9) >= 1 THEN 1
      WHEN ROUND(challenger_points - line, 9) <= -1 THEN -1
      ELSE 0
    END AS challenger_pick,
    IF(catboost_forecast IS NULL, xgboost_points, catboost_points) AS learned_points
  FROM scores
),

-- The blend has three or four members: the two averages, the similar games where there are enough,
-- and one learned system, the champion where it is trained. Invalid features leave only the
-- fallback, which is no blend.
members AS (
  SELECT
    picks.*,
    IF(similarity_points IS NULL, 3, 4) AS member_count,
    IF(catboost_forecast IS NULL, xgboost_confidence, catboost_confidence) AS learned_confidence,
    (average_points + zone_points + learned_points + COALESCE(similarity_points, 0))
      / IF(similarity_points IS NULL, 3, 4) AS mean_points,
    IF(average_pick = 1, 1, 0) + IF(zone_pick = 1, 1, 0)
      + IF(similarity_points IS NOT NULL AND similarity_pick = 1, 1, 0)
      + IF(IF(catboost_forecast IS NULL, xgboost_pick, catboost_pick) = 1, 1, 0) AS overs,
    IF(average_pick = -1, 1, 0) + IF(zone_pick = -1, 1, 0)
      + IF(similarity_points IS NOT NULL AND similarity_pick = -1, 1, 0)
      + IF(IF(catboost_forecast IS NULL, xgboost_pick, catboost_pick) = -1, 1, 0) AS unders
  FROM picks
),

blends AS (
  SELECT
    members.*,
    ROUND(
      (
        (average_points - mean_points) * (average_points - mean_points)
        + (zone_points - mean_points) * (zone_points - mean_points)
        + (learned_points - mean_points) * (learned_points - mean_points)
        + COALESCE((similarity_points - mean_points) * (similarity_points - mean_points), 0)
      ) / member_count, 9) AS member_variance,
    2 * average_confidence + learned_confidence
      + IF(similarity_points IS NULL, 0, similarity_confidence) AS confidence_sum,
    average_points * average_confidence + zone_points * average_confidence
      + learned_points * learned_confidence
      + COALESCE(similarity_points * similarity_confidence, 0) AS weighted_points
  FROM members
),

agreements AS (
  SELECT
    blends.*,
    ROUND(weighted_points / confidence_sum, 9) AS ensemble_points,
    LEAST(GREATEST(
      confidence_sum / member_count
      + CASE
        WHEN member_variance < 4 THEN 10
        WHEN member_variance < 9 THEN 5
        WHEN member_variance < 36 THEN -5
        ELSE -10
      END
      + IF(member_count = 4, 5, 0), 20), 95) AS ensemble_confidence,
    CASE
      WHEN member_variance < 4 THEN 95.0
      WHEN member_variance < 9 THEN 85.0
      WHEN member_variance < 36 THEN 70.0
      ELSE GREATEST(50.0, 100 - 5 * SQRT(member_variance))
    END AS agreement_score
  FROM blends
),

-- A majority of the members decides, but not against the blend's own edge. What all systems of a
-- player share is worked out here, once. + SIGN(x) * 1e-9 before rounding: a tie such as 0.35 is
-- not exact in binary, and the engines would round it differently.
player_games AS (
  SELECT
    agreements.*,
    CASE
      WHEN ensemble_confidence < 65 OR ABS(ROUND(ensemble_points - line, 9)) < 1.5 THEN 0
      WHEN 2 * overs > member_count THEN IF(ensemble_points > line, 1, 0)
      WHEN 2 * unders > member_count THEN IF(ensemble_points < line, -1, 0)
      WHEN ensemble_points > line THEN 1
      WHEN ensemble_points < line THEN -1
      ELSE 0
    END AS ensemble_pick,
    CASE
      WHEN line IS NOT NULL THEN 'ACTUAL_PROP'
      WHEN l10_games_used >= 3 THEN 'ESTIMATED_AVG'
      ELSE 'NEEDS_BOOTSTRAP'
    END AS line_source,
    IF(
      line IS NULL AND l10_games_used >= 3,
      ROUND(2 * CAST(COALESCE(context_points_5, context_points_10) AS FLOAT64) + 1e-9) / 2,
      NULL
    ) AS estimated_line_value,
    IF(
      line IS NULL AND l10_games_used >= 3,
      IF(context_points_5 IS NULL, 'points_avg_last_10', 'points_avg_last_5'),
      NULL
    ) AS estimation_method,
    CASE
      WHEN line_vendor = 'odds_api' THEN 'ODDS_API'
      WHEN line_vendor = 'bettingpros' THEN 'BETTINGPROS'
      WHEN l10_games_used >= 3 THEN 'ESTIMATED'
    END AS line_source_api,
    UPPER(bookmaker) AS sportsbook,
    TIMESTAMP_DIFF(tip_at, closing_at, MINUTE) AS line_minutes_before_game,
    line_vendor != 'odds_api' OR bookmaker != 'draftkings' AS was_line_fallback,
    ROUND(challenger_p10 + 1e-9, 1) AS p10,
    ROUND(challenger_p90 + 1e-9, 1) AS p90,
    ROUND(challenger_mean + 1e-9, 1) AS mean_forecast,
    ROUND(line + 0.15 * (challenger_points - line) + 1e-9, 2) AS anchored_points,
    IF(
      similarity_points IS NULL,
      NULL,
      ROUND(similarity_pace + SIGN(similarity_pace) * 1e-9, 2)
    ) AS pace_adjustment,
    ROUND(similarity_baseline + 1e-9, 2) AS rounded_baseline,
    ROUND(mean_similarity + 1e-9, 2) AS rounded_similarity,
    ROUND(similarity_fatigue + SIGN(similarity_fatigue) * 1e-9, 2) AS rounded_fatigue,
    ROUND(similarity_zones + SIGN(similarity_zones) * 1e-9, 2) AS rounded_zones,
    ROUND(similarity_usage + SIGN(similarity_usage) * 1e-9, 2) AS rounded_usage,
    ROUND(agreement_score + 1e-9, 2) AS rounded_agreement,
    UPPER(injury_status) AS injury_status_at_prediction,
    CASE
      WHEN injury_status IS NOT NULL THEN injury_status IN ('out', 'doubtful', 'questionable')
      WHEN has_report THEN FALSE
    END AS injury_flag_at_prediction
  FROM agreements
),

by_system AS (
  SELECT
    p.*,
    s.system_id,
    CASE s.system_id
      WHEN 'moving_average_baseline_v1' THEN p.average_points
      WHEN 'zone_matchup_v1' THEN p.zone_points
      WHEN 'similarity_balanced_v1' THEN p.similarity_points
      WHEN 'xgboost_v1' THEN p.xgboost_points
      WHEN 'catboost_v8' THEN p.catboost_points
      WHEN 'challenger' THEN p.challenger_points
      ELSE p.ensemble_points
    END AS points,
    CASE s.system_id
      WHEN 'moving_average_baseline_v1' THEN p.average_confidence
      WHEN 'zone_matchup_v1' THEN p.average_confidence
      WHEN 'similarity_balanced_v1' THEN p.similarity_confidence
      WHEN 'xgboost_v1' THEN p.xgboost_confidence
      WHEN 'catboost_v8' THEN p.catboost_confidence
      WHEN 'challenger' THEN p.challenger_confidence
      ELSE p.ensemble_confidence
    END AS confidence,
    CASE s.system_id
      WHEN 'moving_average_baseline_v1' THEN p.average_pick
      WHEN 'zone_matchup_v1' THEN p.zone_pick
      WHEN 'similarity_balanced_v1' THEN p.similarity_pick
      WHEN 'xgboost_v1' THEN p.xgboost_pick
      WHEN 'catboost_v8' THEN p.catboost_pick
      WHEN 'challenger' THEN p.challenger_pick
      ELSE p.ensemble_pick
    END AS pick,
    -- NULL where nothing is lacking, as with every rule.
    CASE s.system_id
      WHEN 'xgboost_v1' THEN IF(p.xgboost_forecast IS NULL, p.xgboost_lacks, NULL)
      WHEN 'catboost_v8' THEN IF(p.catboost_forecast IS NULL, p.catboost_lacks, NULL)
      WHEN 'challenger' THEN IF(p.challenger_forecast IS NULL, p.challenger_lacks, NULL)
    END AS fallback_reason,
    CASE s.system_id
      WHEN 'xgboost_v1' THEN IF(p.xgboost_forecast IS NULL, 'fallback-1', p.xgboost_version)
      WHEN 'catboost_v8' THEN IF(p.catboost_forecast IS NULL, 'fallback-1', p.catboost_version)
      WHEN 'challenger' THEN IF(p.challenger_forecast IS NULL, 'fallback-1', p.challenger_version)
      WHEN 'ensemble_v1' THEN CONCAT(
        'rule-1 with ',
        CASE
          WHEN p.catboost_forecast IS NOT NULL THEN p.catboost_version
          WHEN p.xgboost_forecast IS NOT NULL THEN p.xgboost_version
          ELSE 'fallback-1'
        END
      )
      ELSE 'rule-1'
    END AS model_version,
    s.system_id IN ('xgboost_v1', 'catboost_v8', 'challenger') AS is_learned,
    s.system_id = 'similarity_balanced_v1' AS by_similarity,
    s.system_id = 'challenger' AS by_challenger,
    s.system_id = 'ensemble_v1' AS by_ensemble
  FROM player_games AS p
  CROSS JOIN systems AS s
),

recommended AS (
  SELECT
    by_system.*,
    ROUND(points + 1e-9, 1) AS predicted_points,
    CASE
      WHEN line IS NULL THEN 'NO_LINE'
      WHEN pick > 0 THEN 'OVER'
      WHEN pick < 0 THEN 'UNDER'
      ELSE 'PASS'
    END AS recommendation
  FROM by_system
  WHERE points IS NOT NULL
),

-- The first reason is kept; that there is no pick comes last, since it follows from the others.
filtered AS (
  SELECT
    recommended.*,
    CASE
      WHEN confidence >= settings.distrusted_confidence_from
        AND confidence < settings.distrusted_confidence_below THEN 'confidence_tier_88_90'
      WHEN fallback_reason IS NOT NULL THEN 'fallback'
      WHEN feature_quality_score < settings.quality_needed THEN 'low_quality'
      WHEN line IS NULL
        AND COALESCE(avg_minutes_per_game_last_7, 0) < settings.minutes_needed THEN 'low_minutes'
      WHEN NOT context_is_ready THEN 'incomplete_context'
      WHEN recommendation = 'NO_LINE' THEN 'no_line'
      WHEN recommendation = 'PASS' THEN 'pass'
    END AS filter_reason
  FROM recommended
  CROSS JOIN settings
)

SELECT
  TO_HEX(
    MD5(CONCAT(CAST(game_date AS STRING), '|', game_id, '|', player_lookup, '|', system_id))
  ) AS prediction_id,
  system_id,
  player_lookup,
  universal_player_id,
  game_date,
  game_id,
  season_year,
  team_abbr,
  opponent_team_abbr,
  is_home,
  1 AS prediction_version,
  predicted_points,
  ROUND(confidence + 1e-9) / 100 AS confidence_score,
  recommendation,
  line IS NOT NULL AS has_prop_line,
  points_line AS current_points_line,
  IF(
    points_line IS NULL,
    NULL,
    CAST(predicted_points AS NUMERIC(5, 1)) - points_line
  ) AS line_margin,
  line_source,
  estimated_line_value,
  estimation_method,
  line_source_api,
  sportsbook,
  was_line_fallback,
  line_minutes_before_game,
  TRUE AS is_active,
  filter_reason IS NULL AS is_actionable,
  filter_reason,
  model_version,
  CASE
    WHEN NOT is_learned THEN 'rule'
    WHEN fallback_reason IS NULL THEN 'trained'
    ELSE 'fallback'
  END AS model_type,
  fallback_reason,
  IF(by_challenger, p10, NULL) AS predicted_points_p10,
  IF(by_challenger, p90, NULL) AS predicted_points_p90,
  IF(by_challenger, mean_forecast, NULL) AS predicted_points_mean,
  IF(by_challenger, anchored_points, NULL) AS line_anchored_points,
  pace_adjustment,
  similar_games AS similar_games_count,
  IF(by_similarity, rounded_baseline, NULL) AS similarity_baseline,
  IF(by_similarity, rounded_similarity, NULL) AS avg_similarity_score,
  IF(by_similarity, lowest_similarity, NULL) AS min_similarity_score,
  IF(by_similarity, rounded_fatigue, NULL) AS fatigue_adjustment,
  IF(by_similarity, rounded_zones, NULL) AS shot_zone_adjustment,
  IF(by_similarity, rounded_usage, NULL) AS usage_spike_adjustment,
  IF(by_similarity, similarity_venue, NULL) AS home_away_adjustment,
  IF(by_ensemble, member_variance, NULL) AS prediction_variance,
  IF(by_ensemble, rounded_agreement, NULL) AS system_agreement_score,
  IF(by_ensemble, member_count, NULL) AS contributing_systems,
  injury_status_at_prediction,
  injury_flag_at_prediction,
  injury_reason AS injury_reason_at_prediction,
  reported_at AS injury_checked_at,
  feature_quality_score,
  is_production_ready,
  completeness_percentage,
  backfill_bootstrap_mode
FROM filtered
