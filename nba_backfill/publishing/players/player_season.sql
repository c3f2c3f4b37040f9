-- One row per day asked for, player of its season, and game up to that day; one without, if none.
WITH
days AS (
  SELECT DISTINCT game_date AS as_of_date, season_year
  FROM games
  WHERE game_date BETWEEN @start_date AND @end_date
),

-- Whoever was expected to play counts as known, even before his first game of the season.
appearances AS (
  SELECT season_year, game_date, player_lookup, team_abbr
  FROM upcoming_player_game_context
  UNION ALL
  SELECT season_year, game_date, player_lookup, team_abbr
  FROM played_or_graded
),

players AS (
  SELECT days.as_of_date, days.season_year, known.player_lookup, known.team_abbr
  FROM days
  JOIN appearances AS known
    ON known.season_year = days.season_year
    AND known.game_date <= days.as_of_date
  WHERE TRUE
  QUALIFY ROW_NUMBER() OVER (
    PARTITION BY days.as_of_date, known.player_lookup
    ORDER BY known.game_date DESC, known.team_abbr
  ) = 1
),

zones AS (
  SELECT
    days.as_of_date,
    zone.player_lookup,
    zone.paint_rate_last_10,
    zone.mid_range_rate_last_10,
    zone.three_pt_rate_last_10
  FROM days
  JOIN player_shot_zone_analysis AS zone
    ON zone.analysis_date <= days.as_of_date
    -- Seasons begin in October.
    AND EXTRACT(YEAR FROM zone.analysis_date)
      - IF(EXTRACT(MONTH FROM zone.analysis_date) < 10, 1, 0) = days.season_year
  WHERE TRUE
  QUALIFY ROW_NUMBER() OVER (
    PARTITION BY days.as_of_date, zone.player_lookup ORDER BY zone.analysis_date DESC
  ) = 1
)

SELECT
  players.as_of_date,
  players.player_lookup,
  known.player_name,
  players.team_abbr AS newest_team,
  zones.paint_rate_last_10,
  zones.mid_range_rate_last_10,
  zones.three_pt_rate_last_10,
  events.* EXCEPT (player_lookup)
FROM players
LEFT JOIN played_or_graded AS events
  ON events.season_year = players.season_year
  AND events.player_lookup = players.player_lookup
  AND events.game_date <= players.as_of_date
LEFT JOIN known_names AS known
  ON known.player_lookup = players.player_lookup
LEFT JOIN zones
  ON zones.as_of_date = players.as_of_date
  AND zones.player_lookup = players.player_lookup
