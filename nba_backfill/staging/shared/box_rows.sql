-- One row per player and load of a game in the box scores, both vendors in one shape, clubs by
-- tricode (NULL where the code is no club's). `has_counts`: a counted statistic above 0, which
-- only someone who was on court has.
SELECT
  printed.*,
  COALESCE(printed.points, 0) > 0 OR COALESCE(printed.field_goals_attempted, 0) > 0
    OR COALESCE(printed.free_throws_attempted, 0) > 0
    OR COALESCE(printed.offensive_rebounds, 0) > 0
    OR COALESCE(printed.defensive_rebounds, 0) > 0 OR COALESCE(printed.assists, 0) > 0
    OR COALESCE(printed.steals, 0) > 0 OR COALESCE(printed.blocks, 0) > 0
    OR COALESCE(printed.turnovers, 0) > 0 OR COALESCE(printed.personal_fouls, 0) > 0
    OR COALESCE(printed.plus_minus, 0) != 0 AS has_counts,
  club.team_abbr,
  home.team_abbr AS home_team_abbr,
  away.team_abbr AS away_team_abbr
FROM (
  SELECT
    'nbac_gamebook' AS source, 1 AS source_rank, game_date, team_abbr AS club_code,
    home_team_abbr AS home_code, away_team_abbr AS away_code,
    COALESCE(player_name, player_lookup) AS player_name,
    LOWER(TRIM(player_status)) AS printed_status,
    minutes AS minutes_text,
    points, field_goals_made, field_goals_attempted, three_pointers_made,
    three_pointers_attempted, free_throws_made, free_throws_attempted, offensive_rebounds,
    defensive_rebounds, assists, steals, blocks, turnovers, personal_fouls, plus_minus,
    processed_at
  FROM nbac_gamebook_player_stats
  UNION ALL
  SELECT
    'bdl_boxscores', 2, game_date, team_abbr,
    home_team_abbr, away_team_abbr,
    COALESCE(player_full_name, player_lookup),
    CAST(NULL AS STRING),
    minutes,
    points, field_goals_made, field_goals_attempted, three_pointers_made,
    three_pointers_attempted, free_throws_made, free_throws_attempted, offensive_rebounds,
    defensive_rebounds, assists, steals, blocks, turnovers, personal_fouls, CAST(NULL AS INT64),
    processed_at
  FROM bdl_player_boxscores
) AS printed
LEFT JOIN clubs AS club ON club.spelling = UPPER(TRIM(printed.club_code))
LEFT JOIN clubs AS home ON home.spelling = UPPER(TRIM(printed.home_code))
LEFT JOIN clubs AS away ON away.spelling = UPPER(TRIM(printed.away_code))
