-- One row per player with 5 similar games among his last 30: what he scored in them.
WITH
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
    game_no,
    next_game_date,
    LAG(game_date) OVER (PARTITION BY player_lookup, season_year ORDER BY game_date)
      AS previous_date,
    SUM(points) OVER (
      PARTITION BY player_lookup, season_year ORDER BY game_date
      ROWS BETWEEN 5 PRECEDING AND 1 PRECEDING
    ) AS points_5,
    SUM(points) OVER (
      PARTITION BY player_lookup, season_year ORDER BY game_date
      ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ) AS points_season
  FROM games_played
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
    AND (newest.next_game_date IS NULL OR newest.next_game_date >= pool.game_date)
  WHERE pool.is_valid
),

-- The newest 30 games of the last 90 days. What is unknown of a game matches nothing.
compared AS (
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

most_similar AS (
  SELECT game_date, player_lookup, points, similarity
  FROM compared
  WHERE similarity >= 70
  QUALIFY ROW_NUMBER() OVER (
    PARTITION BY game_date, player_lookup ORDER BY similarity DESC, game_no DESC
  ) <= 20
),

sums AS (
  SELECT
    game_date,
    player_lookup,
    COUNT(*) AS games,
    MIN(similarity) AS lowest_similarity,
    SUM(similarity) AS similarity,
    SUM(similarity * points) AS weighted_points,
    COUNT(*) * SUM(points * points) - SUM(points) * SUM(points) AS variance_times_games_squared
  FROM most_similar
  GROUP BY game_date, player_lookup
  HAVING COUNT(*) >= 5
)

SELECT
  game_date,
  player_lookup,
  games,
  lowest_similarity,
  similarity / CAST(games AS FLOAT64) AS mean_similarity,
  weighted_points / CAST(similarity AS FLOAT64) AS mean_points,
  variance_times_games_squared / CAST(games * games AS FLOAT64) AS points_variance
FROM sums
