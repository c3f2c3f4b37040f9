-- One row per player and final game listed in the game's accepted box score, dnp rows included.
WITH
-- Both vendors say in two ways who played: the official one by its status, the second by minutes
-- alone, where nothing or 0 means that a player sat out, unless he is counted with anything.
timed_rows AS (
  SELECT
    box.*,
    printed.minutes AS minutes_played,
    COALESCE(printed.minutes = 0 AND printed.to_the_second, FALSE) AS not_a_second,
    COALESCE(
      box.printed_status,
      IF(box.has_counts OR printed.minutes > 0, 'active', 'dnp')) AS player_status
  FROM box_rows AS box
  LEFT JOIN minutes AS printed ON printed.minutes_text = box.minutes_text
),
-- The game is found by date and club, which is unique; a row filed under another pairing of
-- clubs belongs to another game. A name that resolves to nothing cannot be kept, and its points
-- will be missing in the sum below.
game_rows AS (
  SELECT
    game.*, name.player_lookup, name.universal_player_id,
    row_.source, row_.source_rank, row_.player_name, row_.player_status, row_.minutes_played,
    row_.not_a_second, row_.has_counts,
    row_.points, row_.field_goals_made, row_.field_goals_attempted, row_.three_pointers_made,
    row_.three_pointers_attempted, row_.free_throws_made, row_.free_throws_attempted,
    row_.offensive_rebounds, row_.defensive_rebounds, row_.assists, row_.steals, row_.blocks,
    row_.turnovers, row_.personal_fouls, row_.plus_minus, row_.processed_at
  FROM timed_rows AS row_
  JOIN team_games AS game
    ON game.game_date = row_.game_date AND game.team_abbr = row_.team_abbr AND game.is_final
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
-- leaves the sum unknown. A box in which nobody has minutes was printed before they were known.
complete_teams AS (
  SELECT source, source_rank, game_id, team_abbr
  FROM latest_rows
  WHERE player_status = 'active'
  GROUP BY source, source_rank, game_id, team_abbr
  HAVING COUNT(*) >= 5
    AND COUNT(points) = COUNT(*)
    AND SUM(points) = MIN(final_score)
    AND COUNTIF(minutes_played > 0) > 0
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
-- Who entered or left the game was on court, whatever the minutes say; events that are not at the
-- score of the game (two field goals off at most) are of another.
substituted_players AS (
  SELECT DISTINCT event.game_date, name.player_lookup
  FROM events AS event
  JOIN player_names AS name
    ON name.game_date = event.game_date AND name.player_name = event.player_name
  WHERE event.event_type = 'substitution' AND COALESCE(event.points_gap, 0) <= 8
),
-- Rows played, as the league counts them: who is counted with anything, and who was substituted;
-- else an active official row with minutes, the `0` of whole minutes (under half of one) included.
-- Not a second (0:00) or nothing readable is then no appearance. The accepted game is at its final
-- score already, so that a substitute among the second vendor's zeros adds no points.
played_rows AS (
  SELECT
    box.*,
    CASE
      WHEN box.player_status = 'active' THEN
        box.has_counts OR sub.player_lookup IS NOT NULL
        OR (box.minutes_played IS NOT NULL AND NOT box.not_a_second)
      ELSE box.source = 'bdl_boxscores' AND sub.player_lookup IS NOT NULL
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
  IF(appeared, 'active', 'dnp') AS player_status,
  appeared,
  IF(knows_the_five, is_of_the_five, NULL) AS is_starter,
  IF(knows_the_five, 'play_by_play', NULL) AS starter_source,
  -- The second vendor writes zeros for who sat out: no statistics is what they mean. Not a second
  -- is nothing printed, for one who was on court.
  IF(appeared AND NOT not_a_second, minutes_played, NULL) AS minutes,
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
