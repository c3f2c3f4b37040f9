-- One row per player and game day he was expected or played, and each of his last five games before.
WITH
subjects AS (
  SELECT
    COALESCE(played.game_date, pool.game_date) AS game_date,
    COALESCE(played.player_lookup, pool.player_lookup) AS player_lookup,
    COALESCE(played.game_id, pool.game_id) AS game_id,
    COALESCE(played.season_year, pool.season_year) AS season_year,
    COALESCE(played.opponent_team_abbr, pool.opponent_team_abbr) AS opponent,
    COALESCE(played.is_home, pool.home_game) AS is_home,
    played.player_lookup IS NOT NULL AS has_played,
    played.points AS actual,
    played.line AS closing_line
  FROM (
    SELECT * FROM player_games WHERE game_date BETWEEN @start_date AND @end_date
  ) AS played
  FULL JOIN upcoming_player_game_context AS pool
    ON pool.game_date = played.game_date
    AND pool.player_lookup = played.player_lookup
),

grades AS (
  SELECT said.*
  FROM prediction_accuracy AS said
  JOIN champion
    ON champion.system_id = said.system_id
),

-- Of every game, what its end had brought him to: means of the season, and his record against
-- the club. Of a day, his newest game before it says all that was known.
career AS (
  SELECT
    *,
    ROW_NUMBER() OVER (PARTITION BY player_lookup ORDER BY game_date, game_id) AS career_no,
    LEAD(game_date) OVER (PARTITION BY player_lookup ORDER BY game_date, game_id) AS next_game_date,
    LEAD(game_date) OVER (
      PARTITION BY player_lookup, opponent_team_abbr ORDER BY game_date, game_id
    ) AS next_meeting_date,
    AVG(points) OVER (
      PARTITION BY player_lookup, season_year ORDER BY game_date, game_id
      ROWS BETWEEN 4 PRECEDING AND CURRENT ROW
    ) AS points_last_5,
    AVG(points) OVER (
      PARTITION BY player_lookup, season_year ORDER BY game_date, game_id
      ROWS BETWEEN 9 PRECEDING AND CURRENT ROW
    ) AS points_last_10,
    AVG(points) OVER (
      PARTITION BY player_lookup, season_year ORDER BY game_date, game_id
      ROWS BETWEEN 19 PRECEDING AND CURRENT ROW
    ) AS points_last_20,
    AVG(points) OVER (
      PARTITION BY player_lookup, season_year ORDER BY game_date, game_id
      ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS points_season,
    COUNT(*) OVER (
      PARTITION BY player_lookup, opponent_team_abbr ORDER BY game_date, game_id
      ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS meetings,
    AVG(points) OVER (
      PARTITION BY player_lookup, opponent_team_abbr ORDER BY game_date, game_id
      ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS meeting_points,
    AVG(line_tenths) OVER (
      PARTITION BY player_lookup, opponent_team_abbr ORDER BY game_date, game_id
      ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS meeting_line,
    COUNT(IF(over_under = 'OVER', 1, NULL)) OVER (
      PARTITION BY player_lookup, opponent_team_abbr ORDER BY game_date, game_id
      ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS meeting_overs,
    COUNT(IF(over_under = 'UNDER', 1, NULL)) OVER (
      PARTITION BY player_lookup, opponent_team_abbr ORDER BY game_date, game_id
      ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS meeting_unders
  FROM player_games
)

SELECT
  subject.game_date,
  subject.player_lookup,
  known.player_name,
  subject.game_id,
  subject.opponent,
  subject.is_home,
  subject.has_played,
  game.is_over,
  subject.actual,
  subject.closing_line,
  forecast.player_lookup IS NOT NULL AS has_prediction,
  CAST(forecast.current_points_line AS FLOAT64) AS line,
  forecast.recommendation,
  CAST(forecast.predicted_points AS FLOAT64) AS predicted,
  CAST(forecast.confidence_score AS FLOAT64) AS confidence,
  grade.prediction_correct,
  zone.paint_rate_last_10,
  zone.mid_range_rate_last_10,
  zone.three_pt_rate_last_10,
  defence.pace AS opp_pace,
  defence.rating AS opp_def_rating,
  defence.rating_rank AS opp_def_rank,
  defence.paint_defense AS opp_paint_defense,
  defence.perimeter_defense AS opp_perimeter_defense,
  IF(newest.season_year = subject.season_year, newest.points_last_5, NULL) AS points_last_5,
  IF(newest.season_year = subject.season_year, newest.points_last_10, NULL) AS points_last_10,
  IF(newest.season_year = subject.season_year, newest.points_last_20, NULL) AS points_last_20,
  IF(newest.season_year = subject.season_year, newest.points_season, NULL) AS points_season,
  COALESCE(meeting.meetings, 0) AS meetings,
  meeting.meeting_points,
  meeting.meeting_line / 10 AS meeting_line,
  meeting.meeting_overs,
  meeting.meeting_unders,
  recent.game_date AS recent_date,
  recent.opponent_team_abbr AS recent_opponent,
  recent.points AS recent_points,
  recent.line AS recent_line,
  recent.over_under,
  recent.minutes AS recent_minutes
FROM subjects AS subject
LEFT JOIN games AS game
  ON game.game_date = subject.game_date
  AND game.game_id = subject.game_id
LEFT JOIN known_names AS known
  ON known.player_lookup = subject.player_lookup
LEFT JOIN forecasts AS forecast
  ON forecast.game_date = subject.game_date
  AND forecast.player_lookup = subject.player_lookup
LEFT JOIN grades AS grade
  ON grade.game_date = subject.game_date
  AND grade.player_lookup = subject.player_lookup
LEFT JOIN player_shot_zone_analysis AS zone
  ON zone.analysis_date = subject.game_date
  AND zone.player_lookup = subject.player_lookup
LEFT JOIN ranked_defences AS defence
  ON defence.game_date = subject.game_date
  AND defence.team_abbr = subject.opponent
LEFT JOIN career AS newest
  ON newest.player_lookup = subject.player_lookup
  AND newest.game_date < subject.game_date
  AND (newest.next_game_date IS NULL OR newest.next_game_date >= subject.game_date)
LEFT JOIN career AS meeting
  ON meeting.player_lookup = subject.player_lookup
  AND meeting.opponent_team_abbr = subject.opponent
  AND meeting.game_date < subject.game_date
  AND (meeting.next_meeting_date IS NULL OR meeting.next_meeting_date >= subject.game_date)
LEFT JOIN career AS recent
  ON recent.player_lookup = newest.player_lookup
  AND recent.career_no BETWEEN newest.career_no - 4 AND newest.career_no
