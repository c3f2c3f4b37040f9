-- One row per player predicted on a game day: his features, his line and the report on him.
WITH
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
)

-- The day's player context with features, less those doubtful or out.
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
  l.over_price_american,
  l.under_price_american,
  l.over_probability AS market_over_probability,
  l.source AS line_vendor,
  l.bookmaker,
  l.closing_at,
  g.tip_at,
  i.injury_status,
  i.reason AS injury_reason,
  i.reported_at,
  -- Outside these ranges the rules do not predict and the models are not asked.
  f.points_avg_season BETWEEN 0 AND 60
    AND f.points_avg_last_5 BETWEEN 0 AND 80
    AND f.points_avg_last_10 BETWEEN 0 AND 80
    AND f.fatigue_score BETWEEN 0 AND 100
    AND f.opponent_def_rating BETWEEN 95 AND 125
    AND f.home_away IN (0, 1)
    AND f.back_to_back IN (0, 1)
    AND f.playoff_game IN (0, 1) AS is_valid
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
WHERE COALESCE(u.player_status, 'available') NOT IN ('out', 'doubtful')
