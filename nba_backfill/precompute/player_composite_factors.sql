-- One row per player expected to play and day: what fatigue, match-up and pace should do to him.

-- Opponents' defence among the clubs rated that day: rank 1 has the lowest defensive rating.
WITH rated_defences AS (
  SELECT
    analysis_date,
    team_abbr,
    COUNT(*) OVER (PARTITION BY analysis_date) AS teams,
    RANK() OVER (PARTITION BY analysis_date ORDER BY defensive_rating_last_15) AS defence_rank
  FROM team_defense_zone_analysis
  WHERE defensive_rating_last_15 IS NOT NULL
),

-- Every zone but mid-range and perimeter, an unknown one included, is judged in the paint.
matchups AS (
  SELECT
    u.*,
    z.player_lookup IS NOT NULL AS has_player_zones,
    t.team_abbr IS NOT NULL AS has_opponent_zones,
    z.primary_scoring_zone AS player_primary_zone,
    CASE z.primary_scoring_zone
      WHEN 'mid_range' THEN z.mid_range_rate_last_10
      WHEN 'perimeter' THEN z.three_pt_rate_last_10
      ELSE z.paint_rate_last_10
    END AS player_zone_rate,
    CASE z.primary_scoring_zone
      WHEN 'mid_range' THEN t.mid_range_defense_vs_league_avg
      WHEN 'perimeter' THEN t.three_pt_defense_vs_league_avg
      ELSE t.paint_defense_vs_league_avg
    END AS opponent_zone_defense,
    t.weakest_zone AS opponent_weak_zone,
    100.0 * (r.teams - r.defence_rank + 1) / r.teams AS opponent_strength
  FROM upcoming_player_game_context AS u
  LEFT JOIN player_shot_zone_analysis AS z
    ON z.analysis_date = u.game_date
    AND z.player_lookup = u.player_lookup
  LEFT JOIN team_defense_zone_analysis AS t
    ON t.analysis_date = u.game_date
    AND t.team_abbr = u.opponent_team_abbr
  LEFT JOIN rated_defences AS r
    ON r.analysis_date = u.game_date
    AND r.team_abbr = u.opponent_team_abbr
),

raw_scores AS (
  SELECT
    matchups.*,
    100
      + CASE WHEN back_to_back THEN -15 WHEN COALESCE(days_rest, 1) >= 3 THEN 5 ELSE 0 END
      + IF(COALESCE(games_in_last_7_days, 3) >= 4, -10, 0)
      + IF(COALESCE(minutes_in_last_7_days, 200) > 240, -10, 0)
      + IF(COALESCE(avg_minutes_per_game_last_7, 30) > 35, -8, 0)
      + CASE
        WHEN COALESCE(back_to_backs_last_14_days, 0) >= 2 THEN -12
        WHEN COALESCE(back_to_backs_last_14_days, 0) = 1 THEN -5
        ELSE 0
      END
      + CASE
        WHEN COALESCE(player_age, 25) >= 35 THEN -10
        WHEN COALESCE(player_age, 25) >= 30 THEN -5
        ELSE 0
      END AS freshness,
    IF(
      has_player_zones AND has_opponent_zones,
      COALESCE(opponent_zone_defense, 0) * LEAST(COALESCE(player_zone_rate, 50) / 50, 1),
      0
    ) AS mismatch,
    COALESCE(CAST(pace_differential AS FLOAT64) / 2, 0) AS pace,
    -- Unknown usage scores nothing: a league-wide guess would measure only his own recent usage.
    IF(
      projected_usage_rate IS NULL OR COALESCE(avg_usage_rate_last_7_games, 0) = 0,
      0,
      0.3 * (CAST(projected_usage_rate AS FLOAT64) - CAST(avg_usage_rate_last_7_games AS FLOAT64))
    ) AS usage_rise
  FROM matchups
),

scores AS (
  SELECT
    raw_scores.*,
    LEAST(GREATEST(freshness, 0), 100) AS fatigue_score,
    LEAST(GREATEST(mismatch * IF(ABS(mismatch) > 5, 1.2, 1.0), -10), 10) AS zone_score,
    LEAST(GREATEST(pace, -3), 3) AS pace_score,
    LEAST(
      GREATEST(
        usage_rise * CASE
          WHEN usage_rise <= 0 THEN 1.0
          WHEN COALESCE(star_teammates_out, 0) >= 2 THEN 1.30
          WHEN COALESCE(star_teammates_out, 0) = 1 THEN 1.15
          ELSE 1.0
        END,
        -3
      ),
      3
    ) AS usage_score,
    CAST(avg_minutes_per_game_last_7 * 10 AS INT64) AS tenths_of_minutes,
    ARRAY_TO_STRING(
      ARRAY_CONCAT(
        IF(days_rest IS NULL, ['days_rest'], []),
        IF(projected_usage_rate IS NULL, ['projected_usage_rate'], []),
        IF(pace_differential IS NULL, ['pace_differential'], []),
        IF(has_player_zones, [], ['player_shot_zone']),
        IF(has_opponent_zones, [], ['team_defense_zone'])
      ),
      ','
    ) AS missing_data_fields
  FROM raw_scores
),

totals AS (
  SELECT
    scores.*,
    (fatigue_score - 100) / 20 + zone_score + pace_score + usage_score AS total
  FROM scores
),

warned AS (
  SELECT
    totals.*,
    ARRAY_TO_STRING(
      ARRAY_CONCAT(
        IF(fatigue_score < 50, ['fatigue_score below 50'], []),
        IF(ABS(zone_score) > 8, ['shot_zone_mismatch_score beyond 8'], []),
        IF(ABS(total) > 12, ['total_composite_adjustment beyond 12'], [])
      ),
      ','
    ) AS warning_details
  FROM totals
)

-- + SIGN(x) * 1e-9 before rounding: a tie such as 0.35 is not exact in binary, and the engines
-- would round it differently.
SELECT
  player_lookup,
  universal_player_id,
  game_date,
  game_date AS analysis_date,
  game_id,
  season_year,
  team_abbr,
  opponent_team_abbr,
  fatigue_score,
  ROUND(zone_score + SIGN(zone_score) * 1e-9, 1) AS shot_zone_mismatch_score,
  ROUND(pace_score + SIGN(pace_score) * 1e-9, 1) AS pace_score,
  ROUND(usage_score + SIGN(usage_score) * 1e-9, 1) AS usage_spike_score,
  ROUND(opponent_strength + 1e-9, 1) AS opponent_strength_score,
  ROUND(total + SIGN(total) * 1e-9, 2) AS total_composite_adjustment,
  days_rest,
  back_to_back,
  games_in_last_7_days,
  minutes_in_last_7_days,
  avg_minutes_per_game_last_7,
  back_to_backs_last_14_days,
  player_age,
  player_primary_zone,
  player_zone_rate,
  opponent_zone_defense,
  opponent_weak_zone,
  pace_differential,
  projected_usage_rate,
  avg_usage_rate_last_7_games,
  star_teammates_out,
  -- Integers only: the engines print decimals differently.
  CONCAT(
    '{"days_rest": ', COALESCE(CAST(days_rest AS STRING), 'null'),
    ', "back_to_back": ', IF(back_to_back, 'true', 'false'),
    ', "games_last_7": ', COALESCE(CAST(games_in_last_7_days AS STRING), 'null'),
    ', "minutes_last_7": ', COALESCE(CAST(minutes_in_last_7_days AS STRING), 'null'),
    ', "avg_minutes_pg_last_7": ',
    COALESCE(
      CONCAT(
        CAST(DIV(tenths_of_minutes, 10) AS STRING),
        '.',
        CAST(MOD(tenths_of_minutes, 10) AS STRING)
      ),
      'null'
    ),
    ', "back_to_backs_last_14": ', COALESCE(CAST(back_to_backs_last_14_days AS STRING), 'null'),
    ', "player_age": ', COALESCE(CAST(player_age AS STRING), 'null'),
    ', "final_score": ', CAST(fatigue_score AS STRING),
    '}'
  ) AS fatigue_context_json,
  'v1_4factors' AS calculation_version,
  20.0 * (
    IF(days_rest IS NULL, 0, 1)
    + IF(projected_usage_rate IS NULL, 0, 1)
    + IF(pace_differential IS NULL, 0, 1)
    + IF(has_player_zones, 1, 0)
    + IF(has_opponent_zones, 1, 0)
  ) AS data_completeness_pct,
  NULLIF(missing_data_fields, '') AS missing_data_fields,
  warning_details != '' AS has_warnings,
  NULLIF(warning_details, '') AS warning_details,
  l10_games_used < 10 AS early_season_flag
FROM warned
