-- One row per as-of day, player and game of his run against the line; of picks, one per run.
WITH season_games AS (
  SELECT
    a.as_of_date, p.player_lookup, p.player_full_name, p.team_abbr, p.opponent_team_abbr,
    p.game_date, p.points, p.points_line, p.margin, p.over_under_result,
    ROW_NUMBER() OVER (
      PARTITION BY a.as_of_date, p.player_lookup ORDER BY p.game_date DESC
    ) AS newest_first
  FROM as_of_days AS a
  JOIN player_game_summary AS p
    ON p.season_year = a.season_year
    AND p.game_date <= a.as_of_date
),

-- A traded player is one player: name and club are those of his newest game.
players AS (
  SELECT as_of_date, player_lookup, player_full_name, team_abbr
  FROM season_games
  WHERE newest_first = 1
),

-- A push is neither: it continues no run and breaks none.
decided AS (
  SELECT
    *,
    ROW_NUMBER() OVER (
      PARTITION BY as_of_date, player_lookup ORDER BY game_date DESC
    ) AS newest_decided_first
  FROM season_games
  WHERE over_under_result IN ('OVER', 'UNDER')
),

last_20 AS (
  SELECT
    *,
    MAX(IF(over_under_result = 'OVER', game_date, NULL)) OVER (
      PARTITION BY as_of_date, player_lookup
    ) AS last_over,
    MAX(IF(over_under_result = 'UNDER', game_date, NULL)) OVER (
      PARTITION BY as_of_date, player_lookup
    ) AS last_under
  FROM decided
  WHERE newest_decided_first <= 20
),

-- Every pick of the champion that came true or not: a push and a void are neither.
picks AS (
  SELECT
    graded.player_lookup, graded.team_abbr, graded.game_date, graded.prediction_correct,
    ROW_NUMBER() OVER (PARTITION BY graded.player_lookup ORDER BY graded.game_date) AS nth
  FROM prediction_accuracy AS graded
  JOIN champion
    ON champion.system_id = graded.system_id
  WHERE graded.recommendation IN ('OVER', 'UNDER')
    AND NOT graded.is_voided
    AND graded.prediction_correct IS NOT NULL
),

-- The length of the run of right picks that ends in each.
pick_runs AS (
  SELECT
    player_lookup, team_abbr, game_date,
    nth - COALESCE(
      MAX(IF(prediction_correct, NULL, nth)) OVER (
        PARTITION BY player_lookup ORDER BY game_date
        ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
      ),
      0
    ) AS run_length,
    LEAD(game_date) OVER (PARTITION BY player_lookup ORDER BY game_date) AS next_date
  FROM picks
)

SELECT
  g.as_of_date,
  g.over_under_result AS streak_type,
  g.player_lookup,
  p.player_full_name,
  p.team_abbr,
  CAST(NULL AS INT64) AS run_length,
  g.game_date,
  g.points,
  CAST(g.points_line AS FLOAT64) AS points_line,
  CAST(g.margin AS FLOAT64) AS margin,
  g.opponent_team_abbr
FROM last_20 AS g
JOIN players AS p
  ON p.as_of_date = g.as_of_date
  AND p.player_lookup = g.player_lookup
WHERE g.over_under_result = 'OVER' AND COALESCE(g.game_date > g.last_under, TRUE)
  OR g.over_under_result = 'UNDER' AND COALESCE(g.game_date > g.last_over, TRUE)
UNION ALL
SELECT
  a.as_of_date,
  'HIT' AS streak_type,
  r.player_lookup,
  p.player_full_name,
  COALESCE(p.team_abbr, r.team_abbr) AS team_abbr,
  LEAST(r.run_length, 20) AS run_length,
  r.game_date,
  NULL AS points,
  NULL AS points_line,
  NULL AS margin,
  NULL AS opponent_team_abbr
FROM as_of_days AS a
JOIN pick_runs AS r
  ON r.game_date <= a.as_of_date
  AND COALESCE(r.next_date > a.as_of_date, TRUE)
LEFT JOIN players AS p
  ON p.as_of_date = a.as_of_date
  AND p.player_lookup = r.player_lookup
WHERE r.run_length > 0
