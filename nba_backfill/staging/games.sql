-- One row per game that counts (regular season, Cup final, play-in, play-offs), on the date it is
-- or will be played: the truth about home and away that every other table is turned by.
WITH
schedule_rows AS (
  SELECT
    game_id AS nba_game_id,
    game_date,
    EXTRACT(YEAR FROM game_date) - IF(EXTRACT(MONTH FROM game_date) < 10, 1, 0) AS season_year,
    COALESCE(game_status, 0) AS game_status,
    -- An unreadable flag must not make a game vanish: the official id says what kind it is.
    COALESCE(is_regular_season, REGEXP_CONTAINS(game_id, r'^00[26]')) AS is_regular_season,
    COALESCE(is_playoffs, REGEXP_CONTAINS(game_id, r'^00[45]')) AS is_postseason,
    STARTS_WITH(game_id, '005') OR COALESCE(playoff_round, '') = 'play_in' AS is_play_in,
    STARTS_WITH(game_id, '006') AS is_cup_final,
    COALESCE(is_all_star, FALSE) AS is_all_star,
    home.team_abbr AS home_team_abbr,
    away.team_abbr AS away_team_abbr,
    game_date_est AS printed_tip_at,
    arena_timezone,
    COALESCE(neutral_site_flag, FALSE) AS is_neutral_site,
    home_team_score AS home_score,
    away_team_score AS away_score,
    processed_at
  FROM nbac_schedule AS schedule
  LEFT JOIN clubs AS home ON home.spelling = UPPER(TRIM(schedule.home_team_tricode))
  LEFT JOIN clubs AS away ON away.spelling = UPPER(TRIM(schedule.away_team_tricode))
),
-- A finished game has two scores that a game can end with. A final of 0-0 is a game that was put off.
rated_rows AS (
  SELECT
    *,
    COALESCE(
      game_status = 3 AND home_score BETWEEN 50 AND 200 AND away_score BETWEEN 50 AND 200
        AND home_score != away_score,
      FALSE) AS has_result
  FROM schedule_rows
),
-- A moved game leaves its old row behind on the first date: the row furthest on in its life wins,
-- and a final without a result is nowhere on.
surviving_rows AS (
  SELECT *
  FROM rated_rows
  WHERE nba_game_id IS NOT NULL
  QUALIFY ROW_NUMBER() OVER (
    PARTITION BY nba_game_id
    ORDER BY has_result DESC, IF(game_status = 3, 0, game_status) DESC, processed_at DESC,
      game_date DESC, printed_tip_at DESC, home_team_abbr, away_team_abbr, home_score, away_score
  ) = 1
),
schedule_freshness AS (
  SELECT
    season_year,
    CAST(DATETIME(MAX(processed_at), 'America/New_York') AS DATE) AS newest_date
  FROM schedule_rows
  GROUP BY season_year
),
-- The scoreboard's games, once per day and pairing: finished before not, and the newest load.
boards AS (
  SELECT
    board.game_date,
    home.team_abbr AS home_team_abbr,
    away.team_abbr AS away_team_abbr,
    tip.start_at AS tip_at,
    COALESCE(board.is_completed, FALSE) AS is_completed,
    board.home_team_score AS home_score,
    board.away_team_score AS away_score
  FROM espn_scoreboard AS board
  JOIN clubs AS home ON home.spelling = UPPER(TRIM(board.home_team_abbr))
  JOIN clubs AS away ON away.spelling = UPPER(TRIM(board.away_team_abbr))
  LEFT JOIN tips AS tip
    ON tip.source = 'espn_scoreboard'
    AND tip.game_date = board.game_date
    AND tip.printed_at = board.scheduled_start_time
  WHERE TRUE
  QUALIFY ROW_NUMBER() OVER (
    PARTITION BY board.game_date, home.team_abbr, away.team_abbr
    ORDER BY COALESCE(board.is_completed, FALSE) DESC, board.processed_at DESC, board.game_id,
      board.home_team_score, board.away_team_score, board.scheduled_start_time
  ) = 1
),
finished_boards AS (
  SELECT * FROM boards WHERE is_completed
),
-- Points of a club on a day in the box scores: five players who scored at all, or the club's row.
-- A game loaded twice stands twice, so a player counts once.
box_points AS (
  SELECT source, game_date, team_abbr, SUM(points) AS club_points
  FROM (
    SELECT
      CASE source WHEN 'nbac_gamebook' THEN 'nbac_gamebook_player_stats'
        ELSE 'bdl_player_boxscores' END AS source,
      game_date, team_abbr, player_name, MAX(points) AS points
    FROM box_rows
    GROUP BY source, game_date, team_abbr, player_name
  )
  GROUP BY source, game_date, team_abbr
  HAVING COUNTIF(points > 0) >= 5
  UNION ALL
  SELECT 'nbac_team_boxscore', game_date, team_abbr, MAX(points)
  FROM team_rows
  GROUP BY game_date, team_abbr
),
played_clubs AS (
  SELECT game_date, team_abbr, source
  FROM box_points
  WHERE club_points >= 50
),
-- What the other sources know of a scheduled game: the result, or at least that it was played.
witnessed_games AS (
  SELECT
    game.nba_game_id,
    game.game_date,
    MAX(board.home_score) AS board_home_score,
    MAX(board.away_score) AS board_away_score,
    COUNT(DISTINCT away_box.source) AS witnesses,
    MIN(away_box.source) AS first_witness,
    MAX(away_box.source) AS last_witness
  FROM surviving_rows AS game
  LEFT JOIN finished_boards AS board
    ON board.game_date = game.game_date
    AND board.home_team_abbr = game.home_team_abbr
    AND board.away_team_abbr = game.away_team_abbr
    AND board.home_score BETWEEN 50 AND 200
    AND board.away_score BETWEEN 50 AND 200
    AND board.home_score != board.away_score
  LEFT JOIN played_clubs AS home_box
    ON home_box.game_date = game.game_date AND home_box.team_abbr = game.home_team_abbr
  LEFT JOIN played_clubs AS away_box
    ON away_box.game_date = game.game_date
    AND away_box.team_abbr = game.away_team_abbr
    AND away_box.source = home_box.source
  WHERE NOT game.has_result
  GROUP BY game.nba_game_id, game.game_date
),
-- A game without a result is over if the scoreboard has one, or if box scores say that it was
-- played: one where the schedule itself calls it final, else two. Otherwise it is still to come;
-- more than two days before the newest load it is postponed without a new date and no game of the
-- day, unless the schedule says that it was begun.
schedule_games AS (
  SELECT
    game.*,
    game.has_result OR witness.board_home_score IS NOT NULL AS is_final,
    IF(game.has_result, game.home_score, witness.board_home_score) AS final_home_score,
    IF(game.has_result, game.away_score, witness.board_away_score) AS final_away_score,
    CASE
      WHEN game.has_result THEN 'nbac_schedule'
      WHEN witness.board_home_score IS NOT NULL THEN 'espn_scoreboard'
    END AS result_source,
    CASE
      WHEN game.has_result OR witness.board_home_score IS NOT NULL THEN NULL
      WHEN witness.witnesses >= IF(game.game_status = 3, 1, 2) THEN CONCAT(
        'played by ', witness.first_witness,
        IF(witness.witnesses > 1, CONCAT(' and ', witness.last_witness), ''),
        ', in the schedule status ', CAST(game.game_status AS STRING), ' with ',
        COALESCE(CAST(game.away_score AS STRING), 'no score'), '-',
        COALESCE(CAST(game.home_score AS STRING), 'no score'))
      WHEN game.game_status IN (0, 2) AND game.is_old THEN CONCAT(
        'in the schedule still status ', CAST(game.game_status AS STRING), ' days later')
    END AS result_doubt
  FROM (
    SELECT
      game.*,
      COALESCE(DATE_DIFF(fresh.newest_date, game.game_date, DAY) > 2, FALSE) AS is_old
    FROM surviving_rows AS game
    JOIN schedule_freshness AS fresh ON fresh.season_year = game.season_year
  ) AS game
  LEFT JOIN witnessed_games AS witness
    ON witness.nba_game_id = game.nba_game_id AND witness.game_date = game.game_date
),
live_games AS (
  SELECT *
  FROM schedule_games
  WHERE is_final OR result_doubt IS NOT NULL OR NOT is_old OR game_status NOT IN (1, 3)
),
season_phases AS (
  SELECT
    season_year,
    MAX(IF(NOT is_regular_season AND NOT is_postseason AND NOT is_all_star, game_date, NULL))
      AS last_preseason_date,
    MIN(IF(is_postseason AND is_play_in, game_date, NULL)) AS first_play_in_date,
    MIN(IF(is_postseason AND NOT is_play_in, game_date, NULL)) AS first_playoff_date
  FROM live_games
  GROUP BY season_year
),
home_timezones AS (
  SELECT season_year, home_team_abbr, MIN(arena_timezone) AS arena_timezone
  FROM live_games
  WHERE NOT is_neutral_site
  GROUP BY season_year, home_team_abbr
),
-- The scoreboard fills dates the schedule lacks altogether, with finished games only; a date
-- before the schedule's last preseason game is preseason, which the scoreboard does not mark.
scoreboard_games AS (
  SELECT
    board.*,
    EXTRACT(YEAR FROM board.game_date) - IF(EXTRACT(MONTH FROM board.game_date) < 10, 1, 0)
      AS season_year
  FROM finished_boards AS board
  LEFT JOIN (SELECT DISTINCT game_date FROM live_games) AS known
    ON known.game_date = board.game_date
  WHERE known.game_date IS NULL
),
counting_games AS (
  SELECT
    game.nba_game_id,
    game.game_date,
    game.season_year,
    CASE
      WHEN game.is_cup_final THEN 'cup_final'
      WHEN game.is_play_in THEN 'play_in'
      WHEN game.is_postseason THEN 'playoffs'
      ELSE 'regular_season'
    END AS game_type,
    game.home_team_abbr,
    game.away_team_abbr,
    game.is_final,
    game.is_final OR game.result_doubt IS NOT NULL AS is_over,
    COALESCE(tip.start_at, board.tip_at) AS tip_at,
    game.arena_timezone,
    game.is_neutral_site,
    game.final_home_score AS home_score,
    game.final_away_score AS away_score,
    game.result_source,
    game.result_doubt,
    'nbac_schedule' AS source
  FROM live_games AS game
  LEFT JOIN tips AS tip
    ON tip.source = 'nbac_schedule'
    AND tip.game_date = game.game_date
    AND tip.printed_at = game.printed_tip_at
  LEFT JOIN boards AS board
    ON board.game_date = game.game_date
    AND board.home_team_abbr = game.home_team_abbr
    AND board.away_team_abbr = game.away_team_abbr
  WHERE (game.is_regular_season OR game.is_postseason) AND NOT game.is_all_star
    AND game.home_team_abbr IS NOT NULL AND game.away_team_abbr IS NOT NULL
  UNION ALL
  SELECT
    CAST(NULL AS STRING),
    board.game_date,
    board.season_year,
    CASE
      WHEN board.game_date >= phase.first_playoff_date THEN 'playoffs'
      WHEN board.game_date >= phase.first_play_in_date THEN 'play_in'
      ELSE 'regular_season'
    END,
    board.home_team_abbr,
    board.away_team_abbr,
    TRUE,
    TRUE,
    board.tip_at,
    zone.arena_timezone,
    FALSE,
    board.home_score,
    board.away_score,
    'espn_scoreboard',
    CAST(NULL AS STRING),
    'espn_scoreboard'
  FROM scoreboard_games AS board
  LEFT JOIN season_phases AS phase ON phase.season_year = board.season_year
  LEFT JOIN home_timezones AS zone
    ON zone.season_year = board.season_year AND zone.home_team_abbr = board.home_team_abbr
  WHERE COALESCE(board.game_date > phase.last_preseason_date, TRUE)
),
identified_games AS (
  SELECT
    CONCAT(FORMAT_DATE('%Y%m%d', game_date), '_', away_team_abbr, '_', home_team_abbr) AS game_id,
    *
  FROM counting_games
),
team_days AS (
  SELECT season_year, game_id, game_date, home_team_abbr AS team_abbr FROM identified_games
  UNION ALL
  SELECT season_year, game_id, game_date, away_team_abbr FROM identified_games
),
upcoming AS (
  SELECT
    game_id,
    team_abbr,
    LEAD(game_date) OVER (
      PARTITION BY season_year, team_abbr ORDER BY game_date, game_id
    ) AS next_game_date,
    COUNT(*) OVER (
      PARTITION BY season_year, team_abbr
      ORDER BY UNIX_DATE(game_date) RANGE BETWEEN 1 FOLLOWING AND 7 FOLLOWING
    ) AS games_in_next_7_days
  FROM team_days
)
SELECT
  game.*,
  home.next_game_date AS home_next_game_date,
  away.next_game_date AS away_next_game_date,
  home.games_in_next_7_days AS home_games_in_next_7_days,
  away.games_in_next_7_days AS away_games_in_next_7_days
FROM identified_games AS game
JOIN upcoming AS home ON home.game_id = game.game_id AND home.team_abbr = game.home_team_abbr
JOIN upcoming AS away ON away.game_id = game.game_id AND away.team_abbr = game.away_team_abbr
