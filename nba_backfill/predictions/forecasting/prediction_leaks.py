"""What stops player_prop_predictions from knowing what came after the tip-off (C-5A-9, C-5A-10).

No forecast may show what a player did on the day itself, and no line, report or model may be
younger than the tip-off.
"""

from nba_backfill.core.table import Reconciliation
from nba_backfill.core.window import Window
from nba_backfill.precompute.features import FEATURES
from nba_backfill.predictions.forecasting.prediction_columns import LISTED_START_MINUTES

PREDICTIONS = "player_prop_predictions"
FACTS = "player_game_summary"

TOLERANCE = 0.05
"""Points by which a feature may differ from what the facts say (C-5A-9)."""

DIFFERING_SHARE = 0.02
"""Share of a day's rows that may differ without showing the day itself: negligible."""

AVERAGE_DEFAULT = next(f.default for f in FEATURES if f.name == "points_avg_last_5")

# The averages are recomputed from the facts twice, strictly before the day and with it. A feature
# that is the second and not the first has seen the game. The moving average is a sum of the three
# and of features that no score can enter, so it is recomputed whole.
NO_LEAK = Reconciliation(
    name="features_see_nothing_of_the_day",
    description=(
        f"Last-5, last-10 and season average are, within {TOLERANCE} points, those of the games "
        "strictly before the day, and the moving average is made of them: no row has them of the "
        f"day's own game, and at most {DIFFERING_SHARE:.0%} of a day's rows differ otherwise."
    ),
    reads=(PREDICTIONS, "ml_feature_store_v2", FACTS),
    windows={FACTS: Window.season_to_date(before=False)},
    sql=f"""
WITH numbered AS (
  SELECT
    player_lookup,
    season_year,
    game_date,
    LEAD(game_date) OVER (PARTITION BY player_lookup, season_year ORDER BY game_date) AS next_date,
    ROW_NUMBER() OVER (PARTITION BY player_lookup, season_year ORDER BY game_date) AS games,
    SUM(points) OVER (
      PARTITION BY player_lookup, season_year ORDER BY game_date
      ROWS BETWEEN 4 PRECEDING AND CURRENT ROW
    ) AS points_5,
    SUM(points) OVER (
      PARTITION BY player_lookup, season_year ORDER BY game_date
      ROWS BETWEEN 9 PRECEDING AND CURRENT ROW
    ) AS points_10,
    SUM(points) OVER (
      PARTITION BY player_lookup, season_year ORDER BY game_date
      ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS points_season
  FROM player_game_summary
  WHERE is_active AND (minutes_played > 0 OR fg_attempts > 0 OR points > 0)
),

averages AS (
  SELECT
    player_lookup,
    season_year,
    game_date,
    next_date,
    IF(games >= 5, points_5 / 5.0, {AVERAGE_DEFAULT}) AS of_5,
    points_10 / CAST(LEAST(games, 10) AS FLOAT64) AS of_10,
    points_season / CAST(games AS FLOAT64) AS of_season
  FROM numbered
),

compared AS (
  SELECT
    p.game_date AS day,
    p.player_lookup,
    CAST(p.predicted_points AS FLOAT64) AS predicted,
    f.points_avg_last_5 AS shown_5,
    f.points_avg_last_10 AS shown_10,
    f.points_avg_season AS shown_season,
    COALESCE(b.of_5, {AVERAGE_DEFAULT}) AS before_5,
    COALESCE(b.of_10, {AVERAGE_DEFAULT}) AS before_10,
    COALESCE(b.of_season, {AVERAGE_DEFAULT}) AS before_season,
    t.of_5 AS through_5,
    t.of_10 AS through_10,
    t.of_season AS through_season,
    CASE WHEN f.fatigue_score < 50 THEN -2.5 WHEN f.fatigue_score < 70 THEN -1.0 ELSE 0.0 END
      + 0.3 * f.shot_zone_mismatch_score
      - 1.5 * f.back_to_back
      + 0.3 * f.pace_score
      + IF(p.is_home, 0.5, -0.5)
      + 0.4 * f.usage_spike_score AS adjustment
  FROM player_prop_predictions AS p
  JOIN ml_feature_store_v2 AS f
    ON f.game_date = p.game_date
    AND f.player_lookup = p.player_lookup
  LEFT JOIN averages AS b
    ON b.player_lookup = p.player_lookup
    AND b.season_year = p.season_year
    AND b.game_date < p.game_date
    AND (b.next_date IS NULL OR b.next_date >= p.game_date)
  LEFT JOIN averages AS t
    ON t.player_lookup = p.player_lookup
    AND t.season_year = p.season_year
    AND t.game_date = p.game_date
  WHERE p.system_id = 'moving_average_baseline_v1'
),

verdicts AS (
  SELECT
    day,
    player_lookup,
    ABS(shown_5 - before_5) > {TOLERANCE}
      OR ABS(shown_10 - before_10) > {TOLERANCE}
      OR ABS(shown_season - before_season) > {TOLERANCE}
      OR ABS(
        LEAST(
          GREATEST(0.5 * before_5 + 0.3 * before_10 + 0.2 * before_season + adjustment, 0), 60
        ) - predicted
      ) > {TOLERANCE} + {TOLERANCE} AS differs,
    COALESCE(
      ABS(shown_5 - before_5) > {TOLERANCE} AND ABS(shown_5 - through_5) <= {TOLERANCE}
      OR ABS(shown_10 - before_10) > {TOLERANCE} AND ABS(shown_10 - through_10) <= {TOLERANCE}
      OR ABS(shown_season - before_season) > {TOLERANCE}
        AND ABS(shown_season - through_season) <= {TOLERANCE},
      FALSE
    ) AS leaks
  FROM compared
)

SELECT
  day,
  COUNT(*) AS player_rows,
  COUNTIF(differs) AS differing_rows,
  COUNTIF(leaks) AS leaking_rows,
  MIN(IF(leaks, player_lookup, NULL)) AS a_leaking_player,
  MIN(IF(differs, player_lookup, NULL)) AS a_differing_player
FROM verdicts
GROUP BY day
HAVING COUNTIF(leaks) > 0 OR COUNTIF(differs) > {DIFFERING_SHARE} * COUNT(*)
""",
)

MODELS_PRECEDE = Reconciliation(
    name="learned_rows_are_the_forecasts",
    description=(
        "A trained row is the forecast of its model, whose cut-off is not after the day; a "
        "fallback has no forecast to show and is the blend of averages."
    ),
    reads=(PREDICTIONS, "point_forecasts", "ml_feature_store_v2"),
    sql=f"""
WITH blends AS (
  SELECT
    game_date,
    player_lookup,
    0.40 * IF(defaults LIKE '%points_avg_last_5%', points_avg_season, points_avg_last_5)
      + 0.35 * IF(defaults LIKE '%points_avg_last_10%', points_avg_season, points_avg_last_10)
      + 0.25 * points_avg_season AS points
  FROM (
    SELECT
      game_date,
      player_lookup,
      points_avg_last_5,
      points_avg_last_10,
      points_avg_season,
      ARRAY_TO_STRING(default_features, ' ') AS defaults
    FROM ml_feature_store_v2
  )
)

SELECT
  p.game_date AS day, p.game_id, p.player_lookup, p.system_id, p.predicted_points, p.model_version,
  f.predicted_points AS forecast, f.model_version AS forecast_version, f.model_cutoff,
  b.points AS blend
FROM player_prop_predictions AS p
LEFT JOIN point_forecasts AS f
  ON f.game_date = p.game_date
  AND f.player_lookup = p.player_lookup
  AND f.model_id = p.system_id
LEFT JOIN blends AS b
  ON b.game_date = p.game_date
  AND b.player_lookup = p.player_lookup
WHERE p.model_type = 'trained' AND (
    f.predicted_points IS NULL
    OR ABS(CAST(p.predicted_points AS FLOAT64) - f.predicted_points) > {TOLERANCE} + 1e-6
    OR (p.predicted_points_p10 IS NULL) != (f.predicted_points_p10 IS NULL)
    OR ABS(CAST(p.predicted_points_p10 AS FLOAT64) - f.predicted_points_p10) > {TOLERANCE} + 1e-6
    OR ABS(CAST(p.predicted_points_p90 AS FLOAT64) - f.predicted_points_p90) > {TOLERANCE} + 1e-6
    OR COALESCE(f.model_version, '') != p.model_version
    OR f.model_cutoff IS NULL
    OR f.model_cutoff > f.game_date
  )
  OR p.model_type = 'fallback' AND (
    f.predicted_points IS NOT NULL AND p.fallback_reason != 'invalid_features'
    OR b.points IS NULL
    OR ABS(CAST(p.predicted_points AS FLOAT64) - LEAST(b.points, 60)) > {TOLERANCE} + 1e-6
  )
""",
)

LINES_PRECEDE = Reconciliation(
    name="lines_and_reports_precede_the_tip",
    description=(
        "The line and its prices are those staged for the game, seen before the start (at most "
        f"{LISTED_START_MINUTES} minutes after the scheduled tip, where the vendor lists it so), "
        "and the injury report was out before the tip."
    ),
    reads=(PREDICTIONS, "prop_lines", "games"),
    sql=f"""
SELECT
  p.game_date AS day, p.game_id, p.player_lookup, p.system_id, p.current_points_line, l.points_line,
  l.closing_at, p.injury_checked_at, g.tip_at
FROM player_prop_predictions AS p
LEFT JOIN prop_lines AS l
  ON l.game_date = p.game_date
  AND l.player_lookup = p.player_lookup
  AND COALESCE(l.game_id, p.game_id) = p.game_id
LEFT JOIN games AS g
  ON g.game_date = p.game_date
  AND g.game_id = p.game_id
WHERE COALESCE(p.current_points_line, 0) != COALESCE(l.points_line, 0)
  OR COALESCE(p.over_price_american, 0) != COALESCE(l.over_price_american, 0)
  OR COALESCE(p.under_price_american, 0) != COALESCE(l.under_price_american, 0)
  OR COALESCE(p.market_over_probability, -1) != COALESCE(l.over_probability, -1)
  OR l.closing_at > TIMESTAMP_ADD(g.tip_at, INTERVAL {LISTED_START_MINUTES} MINUTE)
  OR p.injury_checked_at > g.tip_at
""",
)

RECONCILIATIONS = (NO_LEAK, MODELS_PRECEDE, LINES_PRECEDE)
