-- One row per player and final game with play-by-play: his shots by zone, and the opponents' shots
-- he blocked by zone.
WITH
-- Events of another game are nobody's.
game_events AS (
  SELECT event.*
  FROM events AS event
  JOIN event_games AS game ON game.game_id = event.game_id AND game.fits
  WHERE event.event_type = 'shot'
    OR (event.event_type = 'free throw' AND event.subtype = 'free throw 1/1')
),
-- A source that prints distances leaves out those of close shots: where three in four of the shots
-- from further out (no layup, dunk, tip, hook or floater) have one, a two-pointer without is from
-- 0-5 feet (99 % of them, by the shot files of three seasons). A game without distances says nothing.
printing_games AS (
  SELECT game_id
  FROM game_events
  WHERE event_type = 'shot' AND shot_made IS NOT NULL
    AND NOT REGEXP_CONTAINS(subtype, r'3pt|layup|dunk|tip|hook|float')
  GROUP BY game_id
  HAVING COUNT(shot_distance) * 4 >= COUNT(*) * 3
),
-- A three by its subtype, whatever the distance; a shot within 8 feet is in the paint. Without a
-- distance the words tell it of layups, dunks and tips (99 % of those measured are within 8 feet; of
-- hooks 88 %, of floaters 57 %, so those words tell nothing), else the silence; the rest stays
-- unknown, which is no zone of its own.
located_events AS (
  SELECT
    event.*,
    COALESCE(event.shot_made, FALSE) AS made,
    CASE
      WHEN event.event_type != 'shot' OR event.shot_made IS NULL THEN 'no_shot'
      WHEN STRPOS(event.subtype, '3pt') > 0 THEN 'three'
      WHEN event.shot_distance IS NOT NULL THEN 'distance'
      WHEN REGEXP_CONTAINS(event.subtype, r'layup|dunk|tip') THEN 'word'
      WHEN game.game_id IS NOT NULL THEN 'silence'
      ELSE 'nothing'
    END AS located_by
  FROM game_events AS event
  LEFT JOIN printing_games AS game ON game.game_id = event.game_id
),
zoned_events AS (
  SELECT
    *,
    CASE
      WHEN located_by IN ('no_shot', 'three') THEN located_by
      WHEN located_by IN ('word', 'silence') OR shot_distance <= 8 THEN 'paint'
      WHEN shot_distance > 8 THEN 'mid_range'
      ELSE 'unknown'
    END AS zone
  FROM located_events
),
shooting AS (
  SELECT
    game_date, game_id, team_abbr, player_name,
    COUNTIF(zone = 'paint') AS paint_attempts,
    COUNTIF(zone = 'paint' AND made) AS paint_makes,
    COUNTIF(zone = 'mid_range') AS mid_range_attempts,
    COUNTIF(zone = 'mid_range' AND made) AS mid_range_makes,
    COUNTIF(zone = 'three') AS three_pt_attempts,
    COUNTIF(zone = 'three' AND made) AS three_pt_makes,
    COUNTIF(zone = 'unknown') AS unknown_attempts,
    COUNTIF(zone = 'unknown' AND made) AS unknown_makes,
    COUNTIF(located_by = 'word') AS located_by_word,
    COUNTIF(located_by = 'silence') AS located_by_silence,
    COUNTIF(zone != 'no_shot' AND made AND second_role = 'assist') AS assisted_fg_makes,
    COUNTIF(zone != 'no_shot' AND made AND second_role NOT IN ('assist', 'block'))
      AS unassisted_fg_makes,
    COUNTIF(event_type = 'free throw') AS and1_count,
    0 AS paint_blocks,
    0 AS mid_range_blocks,
    0 AS three_pt_blocks
  FROM zoned_events
  GROUP BY game_date, game_id, team_abbr, player_name
),
-- The source never names the blocker's club: it is the shooter's opponent. A shot that went in was
-- not blocked.
blocking AS (
  SELECT
    game_date,
    game_id,
    opponent_team_abbr AS team_abbr,
    second_name AS player_name,
    0 AS paint_attempts,
    0 AS paint_makes,
    0 AS mid_range_attempts,
    0 AS mid_range_makes,
    0 AS three_pt_attempts,
    0 AS three_pt_makes,
    0 AS unknown_attempts,
    0 AS unknown_makes,
    0 AS located_by_word,
    0 AS located_by_silence,
    0 AS assisted_fg_makes,
    0 AS unassisted_fg_makes,
    0 AS and1_count,
    COUNTIF(zone = 'paint') AS paint_blocks,
    COUNTIF(zone = 'mid_range') AS mid_range_blocks,
    COUNTIF(zone = 'three') AS three_pt_blocks
  FROM zoned_events
  WHERE second_role = 'block' AND zone != 'no_shot' AND NOT made
  GROUP BY game_date, game_id, opponent_team_abbr, second_name
),
credits AS (
  SELECT * FROM shooting
  UNION ALL
  SELECT * FROM blocking
)
SELECT
  credit.game_date,
  credit.game_id,
  credit.team_abbr,
  name.player_lookup,
  SUM(credit.paint_attempts) AS paint_attempts,
  SUM(credit.paint_makes) AS paint_makes,
  SUM(credit.mid_range_attempts) AS mid_range_attempts,
  SUM(credit.mid_range_makes) AS mid_range_makes,
  SUM(credit.three_pt_attempts) AS three_pt_attempts,
  SUM(credit.three_pt_makes) AS three_pt_makes,
  SUM(credit.unknown_attempts) AS unknown_attempts,
  SUM(credit.unknown_makes) AS unknown_makes,
  SUM(credit.located_by_word) AS located_by_word,
  SUM(credit.located_by_silence) AS located_by_silence,
  SUM(credit.assisted_fg_makes) AS assisted_fg_makes,
  SUM(credit.unassisted_fg_makes) AS unassisted_fg_makes,
  SUM(credit.and1_count) AS and1_count,
  SUM(credit.paint_blocks) AS paint_blocks,
  SUM(credit.mid_range_blocks) AS mid_range_blocks,
  SUM(credit.three_pt_blocks) AS three_pt_blocks
FROM credits AS credit
JOIN player_names AS name
  ON name.game_date = credit.game_date AND name.player_name = credit.player_name
GROUP BY credit.game_date, credit.game_id, credit.team_abbr, name.player_lookup
-- An event under the wrong club, or a role mistaken, must not make two players of one.
QUALIFY ROW_NUMBER() OVER (
  PARTITION BY credit.game_date, name.player_lookup
  ORDER BY SUM(credit.paint_attempts + credit.mid_range_attempts + credit.three_pt_attempts
    + credit.unknown_attempts) DESC, COUNT(*) DESC, credit.game_id, credit.team_abbr
) = 1
