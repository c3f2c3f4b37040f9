-- One row per team, game and circumstance that is known before tip-off: whether it applies.
WITH clubs AS (
  SELECT game_date, home_team_abbr AS team_abbr
  FROM games
  WHERE is_over
  UNION ALL
  SELECT game_date, away_team_abbr AS team_abbr
  FROM games
  WHERE is_over
),

games_before AS (
  SELECT u.game_date, u.team_abbr, COUNT(*) AS games
  FROM upcoming_team_game_context AS u
  JOIN clubs AS c
    ON c.team_abbr = u.team_abbr
    AND DATE_DIFF(u.game_date, c.game_date, DAY) BETWEEN 1 AND @games_days
  GROUP BY u.game_date, u.team_abbr
),

facts AS (
  SELECT
    u.game_date,
    u.game_id,
    u.season_year,
    u.team_abbr,
    u.is_back_to_back,
    COALESCE(b.games, 0) + 1 >= 3 AS is_third_in_four_nights,
    u.home_game,
    d.opponent_pace > 102 AS is_fast,
    ABS(u.game_spread) >= 10 AS is_lopsided
  FROM upcoming_team_game_context AS u
  LEFT JOIN games_before AS b
    ON b.game_date = u.game_date
    AND b.team_abbr = u.team_abbr
  LEFT JOIN team_defense_zone_analysis AS d
    ON d.analysis_date = u.game_date
    AND d.team_abbr = u.opponent_team_abbr
),

contexts AS (
  SELECT
    game_date, game_id, season_year, team_abbr,
    'back_to_back' AS context_feature, is_back_to_back AS applies
  FROM facts
  UNION ALL
  SELECT
    game_date, game_id, season_year, team_abbr,
    '3_games_in_4_nights' AS context_feature, is_third_in_four_nights AS applies
  FROM facts
  UNION ALL
  SELECT
    game_date, game_id, season_year, team_abbr,
    'home_game' AS context_feature, home_game AS applies
  FROM facts
  UNION ALL
  SELECT
    game_date, game_id, season_year, team_abbr,
    'high_pace_matchup' AS context_feature, is_fast AS applies
  FROM facts
  UNION ALL
  SELECT
    game_date, game_id, season_year, team_abbr,
    'blowout_risk' AS context_feature, is_lopsided AS applies
  FROM facts
)

SELECT game_date, game_id, season_year, team_abbr, context_feature, applies
FROM contexts
WHERE applies IS NOT NULL
