-- One row per game day and club with a spread or total offered before tip, from the club's side.
WITH
-- The vendor's event id matches nothing; date and both clubs, in either order, find the game.
offers AS (
  SELECT
    game.game_date,
    game.game_id,
    line.market_key,
    line.side_abbr,
    LOWER(line.bookmaker_key) AS book,
    line.outcome_point AS point,
    line.snapshot_timestamp AS seen_at,
    line.processed_at
  FROM line_rows AS line
  JOIN team_games AS game
    ON game.game_date = line.game_date
    AND game.team_abbr = line.home_team_abbr
    AND game.opponent_team_abbr = line.away_team_abbr
  LEFT JOIN starts AS start
    ON start.game_date = line.game_date AND start.printed_at = line.printed_at
  -- A stated start on another day is another game's. Games start some ten minutes after the
  -- listed time, and the vendor lists that start: up to 30 minutes after the schedule's tip it is
  -- believed. Where nobody knows the tip, offers of the
  -- evening (from 5 pm Eastern) may be in-game prices.
  WHERE COALESCE(start.is_of_the_day, TRUE)
    AND line.snapshot_timestamp < IF(
      start.start_at <= TIMESTAMP_ADD(game.tip_at, INTERVAL 30 MINUTE),
      start.start_at,
      COALESCE(
        game.tip_at, start.start_at,
        TIMESTAMP(CONCAT(CAST(game.game_date AS STRING), ' 17:00:00'), 'America/New_York')))
    -- A number beyond these is no line, so that the next book's is used instead.
    AND (
      (line.market_key = 'spreads' AND ABS(line.outcome_point) <= 30)
      OR (line.market_key = 'totals' AND line.outcome_name = 'Over'
        AND line.outcome_point BETWEEN 150 AND 300)
    )
),
-- Both sides of a spread are stored with opposite signs: each club takes its own. The total is
-- both clubs'.
club_offers AS (
  SELECT
    team.game_date, team.team_abbr, team.game_id, team.opponent_team_abbr,
    offer.market_key, offer.book, offer.point, offer.seen_at, offer.processed_at,
    CASE offer.book WHEN 'draftkings' THEN 1 WHEN 'fanduel' THEN 2 ELSE 3 END AS book_rank
  FROM offers AS offer
  JOIN team_games AS team ON team.game_date = offer.game_date AND team.game_id = offer.game_id
  WHERE offer.market_key = 'totals' OR offer.side_abbr = team.team_abbr
),
-- Closing: latest look at the best-ranked book that has the market; opening: first look at the
-- same book.
ordered_offers AS (
  SELECT
    *,
    ROW_NUMBER() OVER (
      PARTITION BY game_date, team_abbr, market_key
      ORDER BY book_rank, book, seen_at DESC, processed_at DESC, point
    ) AS from_the_end,
    ROW_NUMBER() OVER (
      PARTITION BY game_date, team_abbr, market_key
      ORDER BY book_rank, book, seen_at, processed_at DESC, point
    ) AS from_the_start
  FROM club_offers
)
SELECT
  game_date,
  team_abbr,
  game_id,
  opponent_team_abbr,
  MAX(IF(market_key = 'spreads' AND from_the_end = 1, point, NULL)) AS spread,
  MAX(IF(market_key = 'spreads' AND from_the_start = 1, point, NULL)) AS opening_spread,
  MAX(IF(market_key = 'totals' AND from_the_end = 1, point, NULL)) AS total,
  MAX(IF(market_key = 'totals' AND from_the_start = 1, point, NULL)) AS opening_total,
  MAX(IF(market_key = 'spreads' AND from_the_end = 1, CONCAT('odds_api:', book), NULL))
    AS spread_source,
  MAX(IF(market_key = 'totals' AND from_the_end = 1, CONCAT('odds_api:', book), NULL))
    AS total_source,
  MAX(IF(from_the_end = 1, seen_at, NULL)) AS lines_updated_at
FROM ordered_offers
GROUP BY game_date, team_abbr, game_id, opponent_team_abbr
