-- One row per game day and player with a points line offered before tip.
WITH
-- First vendor: date and both clubs find the game; which club is the player's, it does not say.
-- Its stored game id is official or canonical by date of loading and is not read. Games start some
-- ten minutes after the listed time, and the vendor lists that start: up to 30 minutes after the
-- schedule's tip it is believed; one on another day is another game's.
odds_api_offers AS (
  SELECT
    offer.game_date, name.player_lookup, game.game_id,
    IF(roster.team_abbr IN (game.team_abbr, game.opponent_team_abbr), roster.team_abbr, NULL)
      AS team_abbr,
    'odds_api' AS source, 1 AS source_rank, LOWER(offer.bookmaker) AS book,
    offer.snapshot_timestamp AS seen_at, offer.points_line,
    offer.over_price_american AS over_price, offer.under_price_american AS under_price,
    CAST(NULL AS FLOAT64) AS stated_opening, CAST(NULL AS TIMESTAMP) AS stated_opening_at,
    IF(
      start.start_at <= TIMESTAMP_ADD(game.tip_at, INTERVAL 30 MINUTE),
      start.start_at,
      COALESCE(game.tip_at, start.start_at)) AS start_at
  FROM prop_rows AS offer
  JOIN player_names AS name
    ON name.game_date = offer.game_date
    AND name.player_name = COALESCE(offer.player_name, offer.player_lookup)
  JOIN team_games AS game
    ON game.game_date = offer.game_date
    AND game.team_abbr = offer.home_team_abbr
    AND game.opponent_team_abbr = offer.away_team_abbr
  LEFT JOIN starts AS start
    ON start.game_date = offer.game_date AND start.printed_at = offer.printed_at
  LEFT JOIN rosters AS roster
    ON roster.game_date = name.game_date AND roster.player_lookup = name.player_lookup
  WHERE COALESCE(start.is_of_the_day, TRUE)
),
-- Second vendor: over and under are two rows. It knows no game, and its club may be stale or FA,
-- so the roster's club goes first.
bettingpros_offers AS (
  SELECT
    offer.game_date, offer.player_lookup, game.game_id, game.team_abbr,
    'bettingpros', 2, offer.book,
    offer.seen_at, offer.points_line,
    offer.over_price, offer.under_price,
    offer.stated_opening, offer.stated_opening_at,
    game.tip_at
  FROM (
    SELECT
      side.game_date, name.player_lookup, LOWER(side.bookmaker) AS book,
      side.bookmaker_last_update AS seen_at, side.points_line,
      MAX(IF(LOWER(side.bet_side) = 'over', side.odds_american, NULL)) AS over_price,
      MAX(IF(LOWER(side.bet_side) = 'under', side.odds_american, NULL)) AS under_price,
      MIN(IF(side.opening_line BETWEEN 0.5 AND 60, side.opening_line, NULL)) AS stated_opening,
      MIN(IF(side.opening_line BETWEEN 0.5 AND 60, side.opening_timestamp, NULL))
        AS stated_opening_at,
      MIN(club.team_abbr) AS stated_team_abbr
    FROM bettingpros_player_points_props AS side
    LEFT JOIN clubs AS club ON club.spelling = UPPER(TRIM(side.player_team))
    JOIN player_names AS name
      ON name.game_date = side.game_date
      AND name.player_name = COALESCE(side.player_name, side.player_lookup)
    WHERE COALESCE(side.is_active, TRUE)
    GROUP BY side.game_date, name.player_lookup, book, seen_at, side.points_line
  ) AS offer
  LEFT JOIN rosters AS roster
    ON roster.game_date = offer.game_date AND roster.player_lookup = offer.player_lookup
  LEFT JOIN team_games AS game
    ON game.game_date = offer.game_date
    AND game.team_abbr = COALESCE(roster.team_abbr, offer.stated_team_abbr)
),
-- What was offered before tip. Where nobody knows the tip, offers of the evening (from 5 pm
-- Eastern) may be in-game prices. Fantasy operators pay every line alike and a consensus is no
-- book's offer: their prices say nothing of what the market thinks.
pre_tip_offers AS (
  SELECT
    offer.*,
    CASE
      WHEN offer.book = 'draftkings' THEN 1
      WHEN offer.book = 'fanduel' THEN 2
      WHEN offer.book = 'betmgm' THEN 3
      WHEN offer.book = 'pointsbet' THEN 4
      WHEN offer.book = 'caesars' THEN 5
      ELSE 6
    END AS book_rank,
    over_side.probability AS over_probability,
    under_side.probability AS under_probability,
    offer.book NOT IN (
      'prizepicks', 'underdog', 'underdog fantasy', 'pick6', 'sleeper', 'betr_us_dfs',
      'bettingpros consensus'
    ) AS is_priced_by_the_market
  FROM (
    SELECT * FROM odds_api_offers
    UNION ALL
    SELECT * FROM bettingpros_offers
  ) AS offer
  JOIN (SELECT DISTINCT game_date FROM games) AS day ON day.game_date = offer.game_date
  LEFT JOIN american_prices AS over_side ON over_side.price = offer.over_price
  LEFT JOIN american_prices AS under_side ON under_side.price = offer.under_price
  WHERE offer.points_line BETWEEN 0.5 AND 60
    AND offer.seen_at < COALESCE(
      offer.start_at,
      TIMESTAMP(CONCAT(CAST(offer.game_date AS STRING), ' 17:00:00'), 'America/New_York'))
),
-- Of a ladder of alternative lines the main one is that whose two prices are closest in
-- probability; an offer with one price only is the last resort.
main_lines AS (
  SELECT
    *,
    IF(is_priced_by_the_market AND over_probability IS NOT NULL, over_price, NULL)
      AS over_market_price,
    IF(is_priced_by_the_market AND under_probability IS NOT NULL, under_price, NULL)
      AS under_market_price,
    -- Both prices hold the book's margin; what remains without it adds up to 1.
    IF(
      is_priced_by_the_market,
      ROUND(over_probability / (over_probability + under_probability) + 1e-9, 6),
      NULL
    ) AS no_vig_probability
  FROM pre_tip_offers
  WHERE TRUE
  QUALIFY ROW_NUMBER() OVER (
    PARTITION BY game_date, player_lookup, source, book, seen_at
    ORDER BY COALESCE(ABS(over_probability - under_probability), 2), points_line,
      stated_opening, stated_opening_at, over_price, under_price, game_id, team_abbr
  ) = 1
),
-- Closing: latest look at the best-ranked book of the first vendor that has the player; opening:
-- first look at the same book.
ordered_lines AS (
  SELECT
    *,
    ROW_NUMBER() OVER (
      PARTITION BY game_date, player_lookup
      ORDER BY source_rank, book_rank, book, seen_at DESC
    ) AS from_the_end,
    ROW_NUMBER() OVER (
      PARTITION BY game_date, player_lookup
      ORDER BY source_rank, book_rank, book, seen_at
    ) AS from_the_start
  FROM main_lines
),
books_seen AS (
  SELECT game_date, player_lookup, source, COUNT(DISTINCT book) AS books
  FROM main_lines
  GROUP BY game_date, player_lookup, source
),
-- A vendor may know an earlier opening than was seen: then its price is unknown.
first_and_last AS (
  SELECT
    closing.*,
    opening.points_line AS first_line,
    opening.seen_at AS first_seen_at,
    opening.no_vig_probability AS first_no_vig_probability,
    COALESCE(
      closing.stated_opening = opening.points_line
        AND COALESCE(closing.stated_opening_at >= opening.seen_at, TRUE),
      TRUE
    ) AS opening_was_seen
  FROM ordered_lines AS closing
  JOIN ordered_lines AS opening
    ON opening.game_date = closing.game_date AND opening.player_lookup = closing.player_lookup
  WHERE closing.from_the_end = 1 AND opening.from_the_start = 1
)
SELECT
  line.game_date,
  line.player_lookup,
  line.game_id,
  line.team_abbr,
  line.points_line,
  line.over_market_price AS over_price_american,
  line.under_market_price AS under_price_american,
  line.no_vig_probability AS over_probability,
  COALESCE(line.stated_opening, line.first_line) AS opening_line,
  IF(line.opening_was_seen, line.first_seen_at, line.stated_opening_at) AS opening_at,
  IF(line.opening_was_seen, line.first_no_vig_probability, NULL) AS opening_over_probability,
  line.book AS bookmaker,
  line.source,
  line.seen_at AS closing_at,
  seen.books
FROM first_and_last AS line
JOIN books_seen AS seen
  ON seen.game_date = line.game_date
  AND seen.player_lookup = line.player_lookup
  AND seen.source = line.source
