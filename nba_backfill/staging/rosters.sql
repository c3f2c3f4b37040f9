-- One row per game day and player on the roster of a club playing that day, by the club's latest
-- roster of the last seven days.
WITH
roster_rows AS (
  SELECT
    club.team_abbr,
    roster.roster_date,
    COALESCE(roster.scrape_hour, 0) AS scrape_hour,
    COALESCE(roster.player_full_name, roster.player_lookup) AS player_name,
    roster.birth_date,
    roster.processed_at
  FROM espn_team_rosters AS roster
  JOIN clubs AS club ON club.spelling = UPPER(TRIM(roster.team_abbr))
),
latest_scrapes AS (
  SELECT game.game_date, game.team_abbr, scrape.roster_date, scrape.scrape_hour
  FROM team_games AS game
  JOIN (SELECT DISTINCT team_abbr, roster_date, scrape_hour FROM roster_rows) AS scrape
    ON scrape.team_abbr = game.team_abbr
    AND DATE_DIFF(game.game_date, scrape.roster_date, DAY) BETWEEN 0 AND 7
  WHERE TRUE
  QUALIFY ROW_NUMBER() OVER (
    PARTITION BY game.game_date, game.team_abbr
    ORDER BY scrape.roster_date DESC, scrape.scrape_hour DESC
  ) = 1
)
SELECT
  latest.game_date,
  name.player_lookup,
  name.universal_player_id,
  latest.team_abbr,
  latest.roster_date,
  roster.birth_date
FROM latest_scrapes AS latest
JOIN roster_rows AS roster
  ON roster.team_abbr = latest.team_abbr
  AND roster.roster_date = latest.roster_date
  AND roster.scrape_hour = latest.scrape_hour
JOIN player_names AS name
  ON name.game_date = latest.game_date AND name.player_name = roster.player_name
-- A traded player may stand on two rosters scraped on different days: the newer one is right.
WHERE TRUE
QUALIFY ROW_NUMBER() OVER (
  PARTITION BY latest.game_date, name.player_lookup
  ORDER BY latest.roster_date DESC, latest.scrape_hour DESC, roster.processed_at DESC,
    latest.team_abbr, roster.birth_date DESC
) = 1
