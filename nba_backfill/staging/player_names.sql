-- One row per game day and player name printed by any source for that day: the only place where
-- a name becomes a lookup and a lookup becomes a player.
WITH
game_days AS (
  SELECT
    game_date,
    EXTRACT(YEAR FROM game_date) - IF(EXTRACT(MONTH FROM game_date) < 10, 1, 0) AS season_year
  FROM (SELECT DISTINCT game_date FROM games)
),
-- Who belongs to a club that plays: by its rosters of the last seven days and by the registry.
club_players AS (
  SELECT game.game_date, game.team_abbr, player.player_name
  FROM (
    SELECT
      day.game_date, club.team_abbr,
      COALESCE(roster.player_full_name, roster.player_lookup) AS player_name
    FROM espn_team_rosters AS roster
    JOIN game_days AS day ON DATE_DIFF(day.game_date, roster.roster_date, DAY) BETWEEN 0 AND 7
    JOIN clubs AS club ON club.spelling = UPPER(TRIM(roster.team_abbr))
    UNION DISTINCT
    SELECT day.game_date, club.team_abbr, COALESCE(entry.player_name, entry.player_lookup)
    FROM nba_players_registry AS entry
    JOIN game_days AS day ON SUBSTR(entry.season, 1, 4) = CAST(day.season_year AS STRING)
    JOIN clubs AS club ON club.spelling = UPPER(TRIM(entry.team_abbr))
  ) AS player
  JOIN team_games AS game
    ON game.game_date = player.game_date AND game.team_abbr = player.team_abbr
  WHERE player.player_name IS NOT NULL
),
name_words AS (
  SELECT
    player_name, name_lookup,
    REPLACE(base_words, ' ', '') AS same_letters,
    REPLACE(REGEXP_REPLACE(base_words, r'^(.+) ([^ ]+)$', r'\2 \1'), ' ', '') AS turned_letters,
    SUBSTR(base_words, 1, 1) AS initial,
    IF(STRPOS(base_words, ' ') > 0, SUBSTR(base_words, STRPOS(base_words, ' ') + 1), NULL)
      AS surname,
    REGEXP_EXTRACT(base_words, r'([^ ]+)$') AS last_word
  FROM (
    SELECT
      player_name,
      REGEXP_REPLACE(REPLACE(words, ' ', ''), r'^[0-9]+', '') AS name_lookup,
      REGEXP_REPLACE(words, r' (jr|sr|ii|iii|iv|v)$', '') AS base_words
    FROM (
      SELECT
        player_name,
        TRIM(REGEXP_REPLACE(REGEXP_REPLACE(folded_name, r'\s+', ' '), r'[^a-z0-9 ]', '')) AS words
      FROM folded_names
    )
  )
),
aliases AS (
  SELECT alias_lookup, nba_canonical_lookup
  FROM player_aliases
  WHERE is_active AND nba_canonical_lookup IS NOT NULL
  QUALIFY ROW_NUMBER() OVER (
    PARTITION BY alias_lookup ORDER BY processed_at DESC, nba_canonical_lookup
  ) = 1
),
canonical_names AS (
  SELECT
    name.*,
    COALESCE(alias.nba_canonical_lookup, name.name_lookup) AS player_lookup,
    alias.alias_lookup IS NOT NULL AS is_alias
  FROM name_words AS name
  LEFT JOIN aliases AS alias ON alias.alias_lookup = name.name_lookup
  WHERE name.name_lookup != ''
),
candidates AS (
  SELECT DISTINCT
    player.game_date, player.team_abbr, name.player_lookup, name.same_letters, name.initial,
    name.surname
  FROM club_players AS player
  JOIN canonical_names AS name ON name.player_name = player.player_name
),
-- Two ids for one lookup identify nobody: the name stays unresolved rather than guessed.
season_registry AS (
  SELECT entry.player_lookup, entry.season, MIN(entry.universal_player_id) AS universal_player_id
  FROM nba_players_registry AS entry
  GROUP BY entry.player_lookup, entry.season
  HAVING COUNT(DISTINCT entry.universal_player_id) = 1
),
whole_registry AS (
  SELECT
    entry.player_lookup,
    IF(COUNT(DISTINCT entry.universal_player_id) = 1, MIN(entry.universal_player_id), NULL)
      AS universal_player_id
  FROM nba_players_registry AS entry
  GROUP BY entry.player_lookup
),
-- Names that no player of the day's clubs goes by, each with the clubs its row is about; a roster
-- says itself who is who.
strangers AS (
  SELECT DISTINCT
    printed.game_date, printed.source, printed.player_name, printed.home_abbr, printed.away_abbr,
    name.player_lookup, name.same_letters, name.turned_letters, name.initial, name.surname,
    name.last_word,
    printed.source IN (
      'nbac_gamebook_player_stats', 'bdl_player_boxscores', 'bigdataball_play_by_play'
    ) AS is_fact,
    known.player_lookup IS NOT NULL OR name.is_alias AS is_known
  FROM printed_names AS printed
  JOIN canonical_names AS name ON name.player_name = printed.player_name
  LEFT JOIN whole_registry AS known ON known.player_lookup = name.player_lookup
  LEFT JOIN (SELECT DISTINCT game_date, player_lookup FROM candidates) AS present
    ON present.game_date = printed.game_date AND present.player_lookup = name.player_lookup
  WHERE present.player_lookup IS NULL AND printed.source != 'espn_team_rosters'
),
-- The closest likeness decides: 1 a suffix more or less, 2 surname first, 3 another given name with
-- the same initial, 4 two letters lost or wrong, 5 the surname, where a market or a report names
-- someone whom no registry knows. A player known elsewhere is only himself, unless nothing but the
-- suffix tells them apart. A row about no club that plays is about any of them.
likenesses AS (
  SELECT game_date, source, player_name, home_abbr, away_abbr, candidate, likeness, is_fact
  FROM (
    SELECT
      stranger.game_date, stranger.source, stranger.player_name, stranger.home_abbr,
      stranger.away_abbr, stranger.is_fact, stranger.is_known,
      candidate.player_lookup AS candidate,
      CASE
        WHEN candidate.same_letters = stranger.same_letters THEN 1
        WHEN candidate.same_letters = stranger.turned_letters THEN 2
        WHEN candidate.surname IN (stranger.surname, stranger.last_word)
          AND candidate.initial = stranger.initial THEN 3
        WHEN LENGTH(stranger.same_letters) >= 8
          AND ABS(LENGTH(candidate.same_letters) - LENGTH(stranger.same_letters)) <= 2
          AND EDIT_DISTANCE(candidate.same_letters, stranger.same_letters) <= 2 THEN 4
        WHEN candidate.surname IN (stranger.surname, stranger.last_word) AND NOT stranger.is_fact
          THEN 5
      END AS likeness
    FROM strangers AS stranger
    JOIN candidates AS candidate ON candidate.game_date = stranger.game_date
    WHERE (stranger.home_abbr IS NULL AND stranger.away_abbr IS NULL)
      OR candidate.team_abbr IN (stranger.home_abbr, stranger.away_abbr)
  )
  WHERE likeness = 1 OR (likeness > 1 AND NOT is_known)
),
-- A source of facts prints everybody once: who stands beside the name is someone else.
listed AS (
  SELECT DISTINCT printed.game_date, printed.source, name.player_lookup
  FROM printed_names AS printed
  JOIN canonical_names AS name ON name.player_name = printed.player_name
),
-- Exactly one must fit, and the same one wherever the name is printed that day.
recognised AS (
  SELECT closest.game_date, closest.player_name, MIN(closest.candidate) AS player_lookup
  FROM (
    SELECT
      *,
      MIN(likeness) OVER (
        PARTITION BY game_date, source, player_name, home_abbr, away_abbr
      ) AS closest
    FROM likenesses
  ) AS closest
  LEFT JOIN listed
    ON listed.game_date = closest.game_date AND listed.source = closest.source
    AND listed.player_lookup = closest.candidate AND closest.is_fact
  WHERE closest.likeness = closest.closest
  GROUP BY closest.game_date, closest.player_name
  HAVING MIN(closest.candidate) = MAX(closest.candidate) AND COUNT(listed.source) = 0
),
dated_names AS (
  SELECT
    printed.game_date,
    printed.player_name,
    day.season_year,
    COALESCE(same.player_lookup, name.player_lookup) AS player_lookup,
    CASE
      WHEN same.player_lookup IS NOT NULL THEN 'club'
      WHEN name.is_alias THEN 'alias'
      WHEN known.player_lookup IS NOT NULL OR present.player_lookup IS NOT NULL THEN 'name'
    END AS resolved_by,
    printed.printed_by
  FROM (
    SELECT game_date, player_name, STRING_AGG(DISTINCT source, ', ' ORDER BY source) AS printed_by
    FROM printed_names
    GROUP BY game_date, player_name
  ) AS printed
  JOIN game_days AS day ON day.game_date = printed.game_date
  JOIN canonical_names AS name ON name.player_name = printed.player_name
  LEFT JOIN recognised AS same
    ON same.game_date = printed.game_date AND same.player_name = printed.player_name
  LEFT JOIN whole_registry AS known ON known.player_lookup = name.player_lookup
  LEFT JOIN (SELECT DISTINCT game_date, player_lookup FROM candidates) AS present
    ON present.game_date = printed.game_date AND present.player_lookup = name.player_lookup
)
SELECT
  name.game_date,
  name.player_name,
  name.player_lookup,
  COALESCE(this_season.universal_player_id, any_season.universal_player_id) AS universal_player_id,
  name.resolved_by,
  name.printed_by
FROM dated_names AS name
LEFT JOIN season_registry AS this_season
  ON this_season.player_lookup = name.player_lookup
  AND SUBSTR(this_season.season, 1, 4) = CAST(name.season_year AS STRING)
LEFT JOIN whole_registry AS any_season ON any_season.player_lookup = name.player_lookup
