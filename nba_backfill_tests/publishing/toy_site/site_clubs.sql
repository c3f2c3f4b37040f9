-- One row per club and game day.
SELECT game_date, team_abbr AS team, points_before FROM season_points
