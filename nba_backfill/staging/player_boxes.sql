-- One row per player and final game listed in the game's accepted box score, dnp rows included.
WITH
team_games AS (
  SELECT
    game_date, game_id, nba_game_id, season_year,
    home_team_abbr AS team_abbr, away_team_abbr AS opponent_team_abbr,
    TRUE AS is_home, home_score AS final_score
  FROM games
  WHERE is_final
  UNION ALL
  SELECT
    game_date, game_id, nba_game_id, season_year,
    away_team_abbr, home_team_abbr,
    FALSE, away_score
  FROM games
  WHERE is_final
),
-- Both vendors in one shape. In the second, `0` and `00` minutes mean that a player sat out; the
-- official `0` with status active means less than half a minute on court.
vendor_rows AS (
  SELECT
    'nbac_gamebook' AS source, 1 AS source_rank, game_date, team_abbr,
    home_team_abbr, away_team_abbr,
    COALESCE(player_name, player_lookup) AS player_name,
    LOWER(TRIM(player_status)) AS player_status,
    TRIM(minutes) AS minutes_text,
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
    IF(COALESCE(TRIM(minutes), '') IN ('', '0', '00'), 'dnp', 'active'),
    TRIM(minutes),
    points, field_goals_made, field_goals_attempted, three_pointers_made,
    three_pointers_attempted, free_throws_made, free_throws_attempted, offensive_rebounds,
    defensive_rebounds, assists, steals, blocks, turnovers, personal_fouls, CAST(NULL AS INT64),
    processed_at
  FROM bdl_player_boxscores
),
-- Minutes come as MM:SS (seconds 0-59) or as a number; anything else is unknown. A numeric cast
-- of the whole text would lose every MM:SS row.
timed_rows AS (
  SELECT
    *,
    CASE
      WHEN REGEXP_CONTAINS(minutes_text, r'^\d+:[0-5]\d$') THEN ROUND(
        SAFE_CAST(REGEXP_EXTRACT(minutes_text, r'^(\d+):') AS INT64)
        + SAFE_CAST(REGEXP_EXTRACT(minutes_text, r':(\d+)$') AS INT64) / 60, 2)
      WHEN REGEXP_CONTAINS(minutes_text, r'^\d+(\.\d+)?$')
        THEN ROUND(SAFE_CAST(minutes_text AS FLOAT64), 2)
    END AS minutes_played
  FROM vendor_rows
),
-- The game is found by date and club, which is unique; a row filed under another pairing of
-- clubs belongs to another game. A name that resolves to nothing cannot be kept, and its points
-- will be missing in the sum below.
game_rows AS (
  SELECT
    game.*, name.player_lookup, name.universal_player_id,
    row_.source, row_.source_rank, row_.player_name, row_.player_status, row_.minutes_played,
    row_.points, row_.field_goals_made, row_.field_goals_attempted, row_.three_pointers_made,
    row_.three_pointers_attempted, row_.free_throws_made, row_.free_throws_attempted,
    row_.offensive_rebounds, row_.defensive_rebounds, row_.assists, row_.steals, row_.blocks,
    row_.turnovers, row_.personal_fouls, row_.plus_minus, row_.processed_at
  FROM timed_rows AS row_
  JOIN team_games AS game
    ON game.game_date = row_.game_date AND game.team_abbr = row_.team_abbr
  JOIN player_names AS name
    ON name.game_date = row_.game_date AND name.player_name = row_.player_name
  WHERE COALESCE(row_.home_team_abbr, game.team_abbr)
      IN (game.team_abbr, game.opponent_team_abbr)
    AND COALESCE(row_.away_team_abbr, game.team_abbr)
      IN (game.team_abbr, game.opponent_team_abbr)
),
-- A game loaded twice stands twice: the latest load wins, and within a load the active row.
latest_rows AS (
  SELECT *
  FROM game_rows
  WHERE TRUE
  QUALIFY ROW_NUMBER() OVER (
    PARTITION BY source, game_id, player_lookup
    ORDER BY processed_at DESC,
      CASE player_status WHEN 'active' THEN 1 WHEN 'dnp' THEN 2 ELSE 3 END,
      minutes_played DESC, points DESC, field_goals_attempted DESC, field_goals_made DESC,
      three_pointers_attempted DESC, three_pointers_made DESC, free_throws_attempted DESC,
      free_throws_made DESC, offensive_rebounds DESC, defensive_rebounds DESC, assists DESC,
      steals DESC, blocks DESC, turnovers DESC, personal_fouls DESC, plus_minus DESC,
      team_abbr, player_name
  ) = 1
),
-- Complete: at least five active players and exactly the final score; an unreadable points value
-- leaves the sum unknown.
complete_teams AS (
  SELECT source, source_rank, game_id, team_abbr
  FROM latest_rows
  WHERE player_status = 'active'
  GROUP BY source, source_rank, game_id, team_abbr
  HAVING COUNT(*) >= 5
    AND COUNT(points) = COUNT(*)
    AND SUM(points) = MIN(final_score)
),
accepted_sources AS (
  SELECT game_id, MIN(source_rank) AS source_rank
  FROM (
    SELECT game_id, source_rank
    FROM complete_teams
    GROUP BY game_id, source_rank
    HAVING COUNT(*) = 2
  )
  GROUP BY game_id
),
-- Who entered or left the game was on court, whatever the rounded minutes say.
substituted_players AS (
  SELECT DISTINCT event.game_date, name.player_lookup
  FROM bigdataball_play_by_play AS event
  JOIN player_names AS name
    ON name.game_date = event.game_date
    AND name.player_name = COALESCE(event.player_1_name, event.player_1_lookup)
  WHERE LOWER(event.event_type) = 'substitution'
),
-- Rows played, as the league counts them: every active official row with readable minutes, `0`
-- (under half a minute) and `0:00` included; with unreadable minutes a count above 0 must prove
-- it. A zero-minute row of the second vendor is one who sat out, unless the play-by-play shows a
-- substitution and the row adds no points (the accepted game is already at its final score).
played_rows AS (
  SELECT
    box.*,
    CASE
      WHEN box.player_status = 'active' THEN
        box.minutes_played IS NOT NULL
        OR COALESCE(box.points, 0) > 0 OR COALESCE(box.field_goals_attempted, 0) > 0
        OR COALESCE(box.free_throws_attempted, 0) > 0 OR COALESCE(box.offensive_rebounds, 0) > 0
        OR COALESCE(box.defensive_rebounds, 0) > 0 OR COALESCE(box.assists, 0) > 0
        OR COALESCE(box.steals, 0) > 0 OR COALESCE(box.blocks, 0) > 0
        OR COALESCE(box.turnovers, 0) > 0 OR COALESCE(box.personal_fouls, 0) > 0
      ELSE box.source = 'bdl_boxscores' AND box.points = 0 AND sub.player_lookup IS NOT NULL
    END AS appeared,
    five.player_lookup IS NOT NULL AS is_of_the_five
  FROM latest_rows AS box
  JOIN accepted_sources AS accepted
    ON accepted.game_id = box.game_id AND accepted.source_rank = box.source_rank
  LEFT JOIN substituted_players AS sub
    ON sub.game_date = box.game_date AND sub.player_lookup = box.player_lookup
  LEFT JOIN starting_fives AS five
    ON five.game_id = box.game_id AND five.team_abbr = box.team_abbr
    AND five.player_lookup = box.player_lookup
  WHERE box.player_status IN ('active', 'dnp')
),
-- A five of whom the box score lacks one is not the club's.
boxes_with_five AS (
  SELECT
    *,
    COUNTIF(appeared AND is_of_the_five) OVER (PARTITION BY game_id, team_abbr) = 5
      AS knows_the_five
  FROM played_rows
)
SELECT
  game_date,
  game_id,
  nba_game_id,
  season_year,
  team_abbr,
  opponent_team_abbr,
  is_home,
  player_lookup,
  universal_player_id,
  player_name AS player_full_name,
  IF(appeared, 'active', player_status) AS player_status,
  appeared,
  IF(knows_the_five, is_of_the_five, NULL) AS is_starter,
  IF(knows_the_five, 'play_by_play', NULL) AS starter_source,
  -- The second vendor writes zeros for who sat out: no statistics is what they mean.
  IF(appeared, minutes_played, NULL) AS minutes,
  IF(appeared, points, NULL) AS points,
  IF(appeared, field_goals_made, NULL) AS field_goals_made,
  IF(appeared, field_goals_attempted, NULL) AS field_goals_attempted,
  IF(appeared, three_pointers_made, NULL) AS three_pointers_made,
  IF(appeared, three_pointers_attempted, NULL) AS three_pointers_attempted,
  IF(appeared, free_throws_made, NULL) AS free_throws_made,
  IF(appeared, free_throws_attempted, NULL) AS free_throws_attempted,
  IF(appeared, offensive_rebounds, NULL) AS offensive_rebounds,
  IF(appeared, defensive_rebounds, NULL) AS defensive_rebounds,
  IF(appeared, assists, NULL) AS assists,
  IF(appeared, steals, NULL) AS steals,
  IF(appeared, blocks, NULL) AS blocks,
  IF(appeared, turnovers, NULL) AS turnovers,
  IF(appeared, personal_fouls, NULL) AS personal_fouls,
  IF(appeared, plus_minus, NULL) AS plus_minus,
  source
FROM boxes_with_five
-- Who changed clubs is listed by the old one too, as one who did not play: where he played says
-- whose he is.
WHERE TRUE
QUALIFY appeared OR ROW_NUMBER() OVER (
  PARTITION BY game_date, player_lookup ORDER BY appeared DESC, source_rank, game_id
) = 1
