-- One row per game day, source, player name it prints for that day and pair of clubs its row is
-- about (NULL where it names none that is one): rosters count for every day they serve. Where a
-- source lost the name, the lookup its loader stored is the best name there is.
SELECT DISTINCT
  printed.source, printed.game_date, printed.player_name,
  COALESCE(home.team_abbr, own.team_abbr) AS home_abbr,
  COALESCE(away.team_abbr, own.team_abbr) AS away_abbr
FROM (
  SELECT
    'nbac_gamebook_player_stats' AS source, game_date,
    COALESCE(player_name, player_lookup) AS player_name,
    home_team_abbr AS home_code, away_team_abbr AS away_code, team_abbr AS own_code
  FROM nbac_gamebook_player_stats
  UNION DISTINCT
  SELECT
    'bdl_player_boxscores', game_date, COALESCE(player_full_name, player_lookup),
    home_team_abbr, away_team_abbr, team_abbr
  FROM bdl_player_boxscores
  UNION DISTINCT
  SELECT
    'bigdataball_play_by_play', game_date, COALESCE(player_1_name, player_1_lookup),
    home_team_abbr, away_team_abbr, player_1_team_abbr
  FROM bigdataball_play_by_play
  UNION DISTINCT
  SELECT
    'bigdataball_play_by_play', game_date, COALESCE(player_2_name, player_2_lookup),
    home_team_abbr, away_team_abbr, CAST(NULL AS STRING)
  FROM bigdataball_play_by_play
  UNION DISTINCT
  SELECT
    'odds_api_player_points_props', game_date, COALESCE(player_name, player_lookup),
    home_team_abbr, away_team_abbr, CAST(NULL AS STRING)
  FROM odds_api_player_points_props
  UNION DISTINCT
  SELECT
    'bettingpros_player_points_props', game_date, COALESCE(player_name, player_lookup),
    CAST(NULL AS STRING), CAST(NULL AS STRING), player_team
  FROM bettingpros_player_points_props
  UNION DISTINCT
  SELECT
    'nbac_injury_report', game_date, COALESCE(player_full_name, player_lookup),
    CAST(NULL AS STRING), CAST(NULL AS STRING), team
  FROM nbac_injury_report
  WHERE DATE_DIFF(game_date, report_date, DAY) BETWEEN 0 AND 2
  UNION DISTINCT
  SELECT
    'espn_team_rosters', day.game_date,
    COALESCE(roster.player_full_name, roster.player_lookup),
    CAST(NULL AS STRING), CAST(NULL AS STRING), roster.team_abbr
  FROM espn_team_rosters AS roster
  JOIN (SELECT DISTINCT game_date FROM games) AS day
    ON DATE_DIFF(day.game_date, roster.roster_date, DAY) BETWEEN 0 AND 7
) AS printed
LEFT JOIN clubs AS home ON home.spelling = UPPER(TRIM(printed.home_code))
LEFT JOIN clubs AS away ON away.spelling = UPPER(TRIM(printed.away_code))
LEFT JOIN clubs AS own ON own.spelling = UPPER(TRIM(printed.own_code))
WHERE printed.player_name IS NOT NULL
