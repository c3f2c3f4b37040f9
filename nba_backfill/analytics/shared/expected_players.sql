-- One row per player whom a source expects to play for a club on a day: the club, and which sources
-- say so. Nothing of the day's own games is read.
WITH settings AS (
  SELECT
    -- Who missed more of his club's games is expected only if he is a regular, or a source of the
    -- day names him: of the others one in eight plays, for a few minutes. Of those not seen since
    -- last season one in sixteen plays in his club's second game, one in fifty in its fourth.
    3 AS games_away,
    10 AS minutes_of_a_regular
),

game_days AS (
  SELECT DISTINCT game_date, season_year
  FROM upcoming_team_game_context
),

club_rosters AS (
  SELECT game_date, team_abbr, MAX(roster_date) AS roster_date
  FROM rosters
  GROUP BY game_date, team_abbr
),

-- Box scores of this season and the last, with what a player had played by then. next_seen says
-- until which day a row is his newest.
boxes AS (
  SELECT
    player_lookup, universal_player_id, team_abbr, season_year, game_date,
    LEAD(game_date) OVER (PARTITION BY player_lookup ORDER BY game_date, game_id) AS next_seen,
    SUM(minutes) OVER (
      PARTITION BY player_lookup, season_year ORDER BY game_date, game_id
      ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS minutes_of_season,
    COUNT(minutes) OVER (
      PARTITION BY player_lookup, season_year ORDER BY game_date, game_id
      ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS games_of_season
  FROM player_boxes
),

club_games AS (
  SELECT
    team_abbr, season_year, game_date,
    ROW_NUMBER() OVER (PARTITION BY team_abbr ORDER BY game_date) AS game_number,
    LEAD(game_date) OVER (PARTITION BY team_abbr ORDER BY game_date) AS next_game
  FROM (SELECT DISTINCT team_abbr, season_year, game_date FROM player_boxes)
),

-- Where a player was last listed, whether he played or sat, and whether the club has had few games
-- since, or he is a regular.
sightings AS (
  SELECT
    d.game_date,
    b.player_lookup,
    b.universal_player_id,
    b.team_abbr,
    b.game_date AS seen_on,
    -- This season, or the last while the club has not played in this one.
    b.season_year = latest.season_year
      AND (
        latest.game_number - seen.game_number <= settings.games_away
        OR (
          b.games_of_season > 0
          AND b.minutes_of_season >= settings.minutes_of_a_regular * b.games_of_season
        )
      ) AS is_recent
  FROM game_days AS d
  CROSS JOIN settings
  JOIN boxes AS b
    ON b.game_date < d.game_date
    AND COALESCE(b.next_seen, d.game_date) >= d.game_date
    AND b.season_year >= d.season_year - 1
  JOIN club_games AS seen
    ON seen.team_abbr = b.team_abbr
    AND seen.game_date = b.game_date
  JOIN club_games AS latest
    ON latest.team_abbr = b.team_abbr
    AND latest.game_date < d.game_date
    AND COALESCE(latest.next_game, d.game_date) >= d.game_date
),

-- Clubs a player has been seen at before, last or not.
former_clubs AS (
  SELECT DISTINCT d.game_date, b.player_lookup, b.team_abbr
  FROM game_days AS d
  JOIN (
    SELECT player_lookup, team_abbr, season_year, MIN(game_date) AS first_seen
    FROM player_boxes
    GROUP BY player_lookup, team_abbr, season_year
  ) AS b
    ON b.first_seen < d.game_date
    AND b.season_year >= d.season_year - 1
),

-- A report says of a player that he can play; for a club that he has left since, it is an old one.
reports AS (
  SELECT report.game_date, report.player_lookup, report.team_abbr, report.report_date
  FROM injuries AS report
  LEFT JOIN sightings AS seen
    ON seen.game_date = report.game_date
    AND seen.player_lookup = report.player_lookup
  LEFT JOIN former_clubs AS former
    ON former.game_date = report.game_date
    AND former.player_lookup = report.player_lookup
    AND former.team_abbr = report.team_abbr
  WHERE report.injury_status IN ('available', 'probable')
    AND (former.player_lookup IS NULL OR seen.team_abbr = report.team_abbr)
),

-- A line is offered for a game; which of its two clubs is the player's, other sources tell. The
-- vendor's own word counts only for a club he was not at before: else it is an old one.
offers AS (
  SELECT
    line.game_date,
    line.player_lookup,
    CASE
      WHEN line.team_abbr = roster.team_abbr THEN line.team_abbr
      WHEN report.team_abbr IN (game.home_team_abbr, game.away_team_abbr) THEN report.team_abbr
      WHEN seen.team_abbr IN (game.home_team_abbr, game.away_team_abbr)
        AND COALESCE(seen.seen_on >= roster.roster_date, TRUE) THEN seen.team_abbr
      WHEN roster.player_lookup IS NULL AND former.player_lookup IS NULL THEN line.team_abbr
    END AS team_abbr
  FROM prop_lines AS line
  JOIN games AS game
    ON game.game_date = line.game_date
    AND game.game_id = line.game_id
  LEFT JOIN rosters AS roster
    ON roster.game_date = line.game_date
    AND roster.player_lookup = line.player_lookup
  LEFT JOIN reports AS report
    ON report.game_date = line.game_date
    AND report.player_lookup = line.player_lookup
  LEFT JOIN sightings AS seen
    ON seen.game_date = line.game_date
    AND seen.player_lookup = line.player_lookup
  LEFT JOIN former_clubs AS former
    ON former.game_date = line.game_date
    AND former.player_lookup = line.player_lookup
    AND former.team_abbr = line.team_abbr
),

evidence AS (
  SELECT
    game_date, player_lookup, team_abbr, roster_date AS known_on, 'roster' AS source,
    2 AS preference
  FROM rosters
  UNION ALL
  SELECT game_date, player_lookup, team_abbr, report_date, 'injury_report', 3
  FROM reports
  UNION ALL
  SELECT game_date, player_lookup, team_abbr, game_date, 'line', 4
  FROM offers
  UNION ALL
  -- A club's newer roster that does not name him says that he has left.
  SELECT seen.game_date, seen.player_lookup, seen.team_abbr, seen.seen_on, 'recent_games', 1
  FROM sightings AS seen
  LEFT JOIN club_rosters AS roster
    ON roster.game_date = seen.game_date
    AND roster.team_abbr = seen.team_abbr
  WHERE seen.is_recent AND COALESCE(seen.seen_on >= roster.roster_date, TRUE)
),

-- A player belongs to the club that the newest evidence puts him at (a game is newer than a roster
-- of its day): so one who was traded is at his new club as soon as any source of the day says so.
newest_evidence AS (
  SELECT *
  FROM evidence
  WHERE team_abbr IS NOT NULL
  QUALIFY ROW_NUMBER() OVER (
    PARTITION BY game_date, player_lookup ORDER BY known_on DESC, preference, team_abbr
  ) = 1
),

sources AS (
  SELECT
    game_date,
    player_lookup,
    team_abbr,
    COUNTIF(source = 'roster') > 0 AS on_roster,
    COUNTIF(source = 'injury_report') > 0 AS in_injury_report,
    COUNTIF(source = 'line') > 0 AS line_offered,
    COUNTIF(source = 'recent_games') > 0 AS in_recent_games
  FROM evidence
  GROUP BY game_date, player_lookup, team_abbr
),

-- For those whom no roster and no earlier box score identifies.
identities AS (
  SELECT game_date, player_lookup, MIN(universal_player_id) AS universal_player_id
  FROM player_names
  GROUP BY game_date, player_lookup
)

SELECT
  e.game_date,
  e.player_lookup,
  COALESCE(
    roster.universal_player_id, seen.universal_player_id, identity.universal_player_id
  ) AS universal_player_id,
  e.team_abbr,
  f.season_year,
  report.injury_status,
  CASE
    WHEN sources.on_roster THEN 'roster'
    WHEN sources.in_injury_report THEN 'injury_report'
    WHEN sources.line_offered THEN 'line'
    ELSE 'recent_games'
  END AS population_source,
  sources.on_roster,
  sources.in_injury_report,
  sources.line_offered,
  sources.in_recent_games
FROM newest_evidence AS e
JOIN upcoming_team_game_context AS f
  ON f.game_date = e.game_date
  AND f.team_abbr = e.team_abbr
JOIN sources
  ON sources.game_date = e.game_date
  AND sources.player_lookup = e.player_lookup
  AND sources.team_abbr = e.team_abbr
LEFT JOIN rosters AS roster
  ON roster.game_date = e.game_date
  AND roster.player_lookup = e.player_lookup
LEFT JOIN sightings AS seen
  ON seen.game_date = e.game_date
  AND seen.player_lookup = e.player_lookup
LEFT JOIN identities AS identity
  ON identity.game_date = e.game_date
  AND identity.player_lookup = e.player_lookup
LEFT JOIN injuries AS report
  ON report.game_date = e.game_date
  AND report.player_lookup = e.player_lookup
