-- One row per prediction of a finished day: what the player did, how far off it was, or why void.
WITH
-- A day is graded whole: while a game is still to be played, none of them is.
finished_days AS (
  SELECT game_date
  FROM games
  GROUP BY game_date
  HAVING LOGICAL_AND(is_over)
),

-- A box score stands in the facts complete, to the last point, or not at all.
games_with_facts AS (
  SELECT game_date, game_id
  FROM player_game_summary
  GROUP BY game_date, game_id
  HAVING COUNT(DISTINCT team_abbr) = 2
),

-- Who is listed with neither a minute, nor a point, nor any other act did not play: under half a
-- minute, or minutes unreadable. A single foul is an appearance, and graded.
appearances AS (
  SELECT
    facts.*,
    COALESCE(minutes_played, 0) > 0
      OR points + COALESCE(fg_attempts, 0) + COALESCE(ft_attempts, 0) + COALESCE(assists, 0)
        + COALESCE(offensive_rebounds, 0) + COALESCE(defensive_rebounds, 0) + COALESCE(steals, 0)
        + COALESCE(blocks, 0) + COALESCE(turnovers, 0) + COALESCE(personal_fouls, 0) > 0
      AS appeared
  FROM player_game_summary AS facts
),

-- The plain forecasts that models are measured against; a default is no forecast.
baselines AS (
  SELECT
    game_date,
    game_id,
    player_lookup,
    IF(defaults LIKE '%points_avg_season%', NULL, points_avg_season) AS points_avg_season,
    IF(defaults LIKE '%points_avg_last_5%', NULL, points_avg_last_5) AS points_avg_last_5,
    IF(defaults LIKE '%points_avg_last_10%', NULL, points_avg_last_10) AS points_avg_last_10
  FROM (
    SELECT *, ARRAY_TO_STRING(default_features, ' ') AS defaults
    FROM ml_feature_store_v2
  )
),

-- A prediction whose game is no longer on the day's schedule was about a postponed game. One of
-- a game without facts has to wait for them.
gradable AS (
  SELECT
    p.*,
    game.game_id IS NULL AS is_postponed,
    COALESCE(a.appeared, FALSE) AS appeared,
    a.points,
    a.minutes_played,
    COALESCE(a.team_abbr, p.team_abbr) AS actual_team_abbr,
    COALESCE(a.opponent_team_abbr, p.opponent_team_abbr) AS actual_opponent_team_abbr,
    -- What was captured with the prediction counts; only without it the day's last report.
    UPPER(
      IF(
        p.injury_status_at_prediction IS NULL AND p.injury_flag_at_prediction IS NULL,
        report.injury_status,
        p.injury_status_at_prediction
      )
    ) AS injury_status,
    IF(
      p.injury_status_at_prediction IS NULL AND p.injury_flag_at_prediction IS NULL,
      COALESCE(
        report.injury_status IN ('out', 'doubtful', 'questionable', 'probable'), FALSE
      ),
      COALESCE(p.injury_flag_at_prediction, FALSE)
    ) AS injury_flag,
    b.points_avg_season,
    b.points_avg_last_5,
    b.points_avg_last_10,
    quote.opening_line,
    quote.opening_over_probability,
    -- Whoever looked at the book only once cannot say how its line moved. What the vendor tells of
    -- the opening without its time is from before all looks.
    COALESCE(quote.opening_at < quote.closing_at, quote.opening_line IS NOT NULL) AS was_seen_twice
  FROM player_prop_predictions AS p
  JOIN finished_days AS finished
    ON finished.game_date = p.game_date
  LEFT JOIN games AS game
    ON game.game_date = p.game_date
    AND game.game_id = p.game_id
  LEFT JOIN games_with_facts AS known
    ON known.game_date = p.game_date
    AND known.game_id = p.game_id
  LEFT JOIN appearances AS a
    ON a.game_date = p.game_date
    AND a.game_id = p.game_id
    AND a.game_id = game.game_id
    AND a.player_lookup = p.player_lookup
  LEFT JOIN injuries AS report
    ON report.game_date = p.game_date
    AND report.player_lookup = p.player_lookup
  LEFT JOIN baselines AS b
    ON b.game_date = p.game_date
    AND b.game_id = p.game_id
    AND b.player_lookup = p.player_lookup
  LEFT JOIN prop_lines AS quote
    ON quote.game_date = p.game_date
    AND quote.player_lookup = p.player_lookup
    AND COALESCE(quote.game_id, p.game_id) = p.game_id
    AND p.has_prop_line
  WHERE game.game_id IS NULL OR known.game_id IS NOT NULL
),

judged AS (
  SELECT
    gradable.*,
    is_postponed OR NOT appeared AS is_voided,
    CASE
      WHEN is_postponed THEN 'game_postponed'
      WHEN appeared THEN NULL
      WHEN injury_flag AND injury_status IN ('OUT', 'DOUBTFUL') THEN 'dnp_injury_confirmed'
      WHEN injury_flag AND injury_status IN ('QUESTIONABLE', 'PROBABLE') THEN 'dnp_late_scratch'
      ELSE 'dnp_unknown'
    END AS void_reason,
    -- A void has no error: a night on the bench is not twenty points of over-prediction.
    IF(is_postponed OR NOT appeared, NULL, predicted_points - points) AS signed_error,
    -- Only systems that have not read the closing line: the others would look ahead.
    IF(
      appeared AND NOT is_postponed AND was_seen_twice
      AND system_id IN (
        'moving_average_baseline_v1', 'zone_matchup_v1', 'similarity_balanced_v1', 'xgboost_v1'
      ),
      CASE
        WHEN predicted_points - opening_line >= 1 THEN 1
        WHEN predicted_points - opening_line <= -1 THEN -1
      END,
      NULL
    ) AS opening_side
  FROM gradable
)

SELECT
  game_date,
  game_id,
  player_lookup,
  system_id,
  season_year,
  actual_team_abbr AS team_abbr,
  actual_opponent_team_abbr AS opponent_team_abbr,
  is_home,
  predicted_points,
  predicted_points_p10,
  predicted_points_p90,
  predicted_points_mean,
  line_anchored_points,
  confidence_score,
  LEAST(DIV(CAST(confidence_score * 1000 AS INT64), 100) + 1, 10) AS confidence_decile,
  recommendation,
  current_points_line AS line_value,
  points AS actual_points,
  minutes_played,
  ABS(signed_error) AS absolute_error,
  signed_error,
  ABS(signed_error) <= 3 AS within_3_points,
  ABS(signed_error) <= 5 AS within_5_points,
  predicted_points - current_points_line AS predicted_margin,
  IF(is_voided, NULL, points - current_points_line) AS actual_margin,
  IF(
    NOT is_voided AND recommendation IN ('OVER', 'UNDER') AND points != current_points_line,
    (points > current_points_line) = (recommendation = 'OVER'),
    NULL
  ) AS prediction_correct,
  is_voided,
  void_reason,
  injury_flag AS pre_game_injury_flag,
  injury_status AS pre_game_injury_status,
  COALESCE(void_reason IN ('dnp_injury_confirmed', 'dnp_late_scratch'), FALSE)
    AS injury_confirmed_postgame,
  over_probability,
  under_probability,
  line_anchored_over_probability,
  line_anchored_under_probability,
  over_price_american,
  under_price_american,
  market_over_probability,
  opening_line AS opening_line_value,
  IF(opening_side > 0, 'OVER', IF(opening_side < 0, 'UNDER', NULL)) AS opening_pick,
  opening_side * (current_points_line - opening_line) AS closing_line_value,
  IF(
    current_points_line = opening_line,
    opening_side * ROUND(market_over_probability - opening_over_probability + 1e-9, 6),
    NULL
  ) AS closing_probability_value,
  has_prop_line,
  line_source,
  estimated_line_value,
  is_actionable,
  filter_reason,
  pace_adjustment,
  similar_games_count AS similarity_sample_size,
  prediction_variance,
  model_type,
  model_version,
  points_avg_season,
  points_avg_last_5,
  points_avg_last_10
FROM judged
