WITH "games" AS (SELECT "game_date", "game_id", "nba_game_id", "season_year", "game_type", "home_team_abbr", "away_team_abbr", "is_final", "is_over", "tip_at", "arena_timezone", "is_neutral_site", "home_score", "away_score", "result_source", "result_doubt", "home_next_game_date", "away_next_game_date", "home_games_in_next_7_days", "away_games_in_next_7_days", "source"
FROM "nba_staging"."games"
WHERE "game_date" BETWEEN $games_from AND $games_to), "player_names" AS (SELECT "game_date", "player_name", "player_lookup", "universal_player_id", "resolved_by", "printed_by"
FROM "nba_staging"."player_names"
WHERE "game_date" BETWEEN $player_names_from AND $player_names_to), "rosters" AS (SELECT "game_date", "player_lookup", "universal_player_id", "team_abbr", "roster_date", "birth_date"
FROM "nba_staging"."rosters"
WHERE "game_date" BETWEEN $rosters_from AND $rosters_to), "odds_api_player_points_props" AS (SELECT "game_id", "game_date", "game_start_time", "home_team_abbr", "away_team_abbr", "snapshot_timestamp", "bookmaker", "player_name", "player_lookup", "points_line", "over_price_american", "under_price_american", "processed_at"
FROM "nba_raw"."odds_api_player_points_props"
WHERE "game_date" BETWEEN $odds_api_player_points_props_from AND $odds_api_player_points_props_to), "bettingpros_player_points_props" AS (SELECT "game_date", "player_name", "player_lookup", "player_team", "bet_side", "bookmaker", "points_line", "odds_american", "opening_line", "opening_timestamp", "is_active", "bookmaker_last_update", "processed_at"
FROM "nba_raw"."bettingpros_player_points_props"
WHERE "game_date" BETWEEN $bettingpros_player_points_props_from AND $bettingpros_player_points_props_to)
SELECT CAST("game_date" AS DATE) AS "game_date", CAST("player_lookup" AS TEXT) AS "player_lookup", CAST("game_id" AS TEXT) AS "game_id", CAST("team_abbr" AS TEXT) AS "team_abbr", CAST(CAST("points_line" AS DECIMAL(18, 9)) AS DECIMAL(4, 1)) AS "points_line", CAST(CAST("opening_line" AS DECIMAL(18, 9)) AS DECIMAL(4, 1)) AS "opening_line", CAST("bookmaker" AS TEXT) AS "bookmaker", CAST("source" AS TEXT) AS "source", CAST("closing_at" AS TIMESTAMPTZ) AS "closing_at", CAST("books" AS BIGINT) AS "books"
FROM (WITH clubs AS (/* One row per way a source writes one of the 30 clubs, in capitals: tricode, the codes of */ /* Basketball-Reference (BRK, CHO, PHO), ESPN (GS, NO, NY, SA, UTAH, WSH) and books, full name, */ /* city, nickname. Raw-input specification 1.2; what is not here is no club, and is named as such. */
SELECT SUBSTRING(entry, 1, 3) AS team_abbr, SUBSTRING(entry, 5) AS spelling
FROM UNNEST(['ATL ATL', 'ATL ATLANTA HAWKS', 'ATL HAWKS', 'ATL ATLANTA', 'BKN BKN', 'BKN BRK', 'BKN BRO', 'BKN BROOKLYN NETS', 'BKN NETS', 'BKN BROOKLYN', 'BOS BOS', 'BOS BOSTON CELTICS', 'BOS CELTICS', 'BOS BOSTON', 'CHA CHA', 'CHA CHO', 'CHA CHR', 'CHA CHARLOTTE HORNETS', 'CHA HORNETS', 'CHA CHARLOTTE', 'CHI CHI', 'CHI CHICAGO BULLS', 'CHI BULLS', 'CHI CHICAGO', 'CLE CLE', 'CLE CAVS', 'CLE CLEVELAND CAVALIERS', 'CLE CAVALIERS', 'CLE CLEVELAND', 'DAL DAL', 'DAL MAVS', 'DAL DALLAS MAVERICKS', 'DAL MAVERICKS', 'DAL DALLAS', 'DEN DEN', 'DEN DENVER NUGGETS', 'DEN NUGGETS', 'DEN DENVER', 'DET DET', 'DET DETROIT PISTONS', 'DET PISTONS', 'DET DETROIT', 'GSW GSW', 'GSW GS', 'GSW GOL', 'GSW GLS', 'GSW GOLDEN STATE WARRIORS', 'GSW WARRIORS', 'GSW GOLDEN STATE', 'HOU HOU', 'HOU HOUSTON ROCKETS', 'HOU ROCKETS', 'HOU HOUSTON', 'IND IND', 'IND INDIANA PACERS', 'IND PACERS', 'IND INDIANA', 'LAC LAC', 'LAC LA CLIPPERS', 'LAC L.A. CLIPPERS', 'LAC LOS ANGELES CLIPPERS', 'LAC CLIPPERS', 'LAL LAL', 'LAL LA LAKERS', 'LAL L.A. LAKERS', 'LAL LOS ANGELES LAKERS', 'LAL LAKERS', 'MEM MEM', 'MEM MEMPHIS GRIZZLIES', 'MEM GRIZZLIES', 'MEM MEMPHIS', 'MIA MIA', 'MIA MIAMI HEAT', 'MIA HEAT', 'MIA MIAMI', 'MIL MIL', 'MIL MILWAUKEE BUCKS', 'MIL BUCKS', 'MIL MILWAUKEE', 'MIN MIN', 'MIN WOLVES', 'MIN MINNESOTA TIMBERWOLVES', 'MIN TIMBERWOLVES', 'MIN MINNESOTA', 'NOP NOP', 'NOP NO', 'NOP NOR', 'NOP NOH', 'NOP NOLA', 'NOP NEW ORLEANS PELICANS', 'NOP PELICANS', 'NOP NEW ORLEANS', 'NYK NYK', 'NYK NY', 'NYK NEW YORK KNICKS', 'NYK KNICKS', 'NYK NEW YORK', 'OKC OKC', 'OKC OKLAHOMA CITY THUNDER', 'OKC THUNDER', 'OKC OKLAHOMA CITY', 'ORL ORL', 'ORL ORLANDO MAGIC', 'ORL MAGIC', 'ORL ORLANDO', 'PHI PHI', 'PHI PHL', 'PHI SIXERS', 'PHI PHILADELPHIA 76ERS', 'PHI 76ERS', 'PHI PHILADELPHIA', 'PHX PHX', 'PHX PHO', 'PHX PHOENIX SUNS', 'PHX SUNS', 'PHX PHOENIX', 'POR POR', 'POR TRAILBLAZERS', 'POR BLAZERS', 'POR PORTLAND TRAIL BLAZERS', 'POR TRAIL BLAZERS', 'POR PORTLAND', 'SAC SAC', 'SAC SACRAMENTO KINGS', 'SAC KINGS', 'SAC SACRAMENTO', 'SAS SAS', 'SAS SA', 'SAS SAN ANTONIO SPURS', 'SAS SPURS', 'SAS SAN ANTONIO', 'TOR TOR', 'TOR TORONTO RAPTORS', 'TOR RAPTORS', 'TOR TORONTO', 'UTA UTA', 'UTA UTAH', 'UTA UTH', 'UTA UTAH JAZZ', 'UTA JAZZ', 'WAS WAS', 'WAS WSH', 'WAS WIZ', 'WAS WASHINGTON WIZARDS', 'WAS WIZARDS', 'WAS WASHINGTON']) AS _t0(entry)), 
team_games AS (/* One row per club and game of the day, from the club's side. */
SELECT game_date, game_id, nba_game_id, season_year, home_team_abbr AS team_abbr, away_team_abbr AS opponent_team_abbr, TRUE AS is_home, is_final, home_score AS final_score, tip_at
FROM games
UNION ALL
SELECT game_date, game_id, nba_game_id, season_year, away_team_abbr, home_team_abbr, FALSE, is_final, away_score, tip_at
FROM games), 
prop_rows AS (/* One row per offer on a player by the first vendor, the clubs by tricode (NULL where the code is no */ /* club's). */
SELECT offer.* EXCLUDE (home_team_abbr, away_team_abbr), offer.game_start_time AS printed_at, home.team_abbr AS home_team_abbr, away.team_abbr AS away_team_abbr
FROM odds_api_player_points_props AS offer
LEFT JOIN clubs AS home ON home.spelling = UPPER(TRIM(offer.home_team_abbr))
LEFT JOIN clubs AS away ON away.spelling = UPPER(TRIM(offer.away_team_abbr))), 
printed_starts AS (SELECT game_date, printed_at
FROM prop_rows), 
starts AS (/* One row per day and start of a game that a source prints for it: the start, NULL where it stands */ /* for nothing, which is midnight of the day by Eastern or universal clock. `is_of_the_day`: by the */ /* Eastern clock it lies on the game's day, as every start of three seasons does, in the schedule, */ /* on the scoreboard and with offers; that of another day is another game's. */
SELECT game_date, printed_at, CASE WHEN is_midnight THEN NULL ELSE printed_at END AS start_at, is_midnight OR CAST(CAST(CAST(printed_at AS TIMESTAMPTZ) AT TIME ZONE 'America/New_York' AS TIMESTAMP) AS DATE) = game_date AS is_of_the_day
FROM (SELECT game_date, printed_at, printed_at IN (CAST(CAST(game_date AS TEXT) || ' 00:00:00' AS TIMESTAMP) AT TIME ZONE 'UTC', CAST(CAST(game_date AS TEXT) || ' 00:00:00' AS TIMESTAMP) AT TIME ZONE 'America/New_York') AS is_midnight
FROM (SELECT DISTINCT game_date, printed_at
FROM printed_starts)
WHERE NOT printed_at IS NULL))
SELECT *
FROM (/* One row per game day and player with a points line offered before tip. */
WITH odds_api_offers /* First vendor: date and both clubs find the game; which club is the player's, it does not say. */ /* Its stored game id is official or canonical by date of loading and is not read. Games start some */ /* ten minutes after the listed time, and the vendor lists that start: up to 30 minutes after the */ /* schedule's tip it is believed; one on another day is another game's. */ AS (SELECT offer.game_date, name.player_lookup, game.game_id, CASE WHEN roster.team_abbr IN (game.team_abbr, game.opponent_team_abbr) THEN roster.team_abbr ELSE NULL END AS team_abbr, 'odds_api' AS source, 1 AS source_rank, LOWER(offer.bookmaker) AS book, offer.snapshot_timestamp AS seen_at, offer.points_line, offer.over_price_american AS over_price, offer.under_price_american AS under_price, CAST(NULL AS DOUBLE) AS stated_opening, CASE WHEN start.start_at <= (game.tip_at + INTERVAL '30' MINUTE) THEN start.start_at ELSE COALESCE(game.tip_at, start.start_at) END AS start_at
FROM prop_rows AS offer
JOIN player_names AS name ON name.game_date = offer.game_date AND name.player_name = COALESCE(offer.player_name, offer.player_lookup)
JOIN team_games AS game ON game.game_date = offer.game_date AND game.team_abbr = offer.home_team_abbr AND game.opponent_team_abbr = offer.away_team_abbr
LEFT JOIN starts AS start ON start.game_date = offer.game_date AND start.printed_at = offer.printed_at
LEFT JOIN rosters AS roster ON roster.game_date = name.game_date AND roster.player_lookup = name.player_lookup
WHERE COALESCE(start.is_of_the_day, TRUE)), bettingpros_offers /* Second vendor: over and under are two rows. It knows no game, and its club may be stale or FA, */ /* so the roster's club goes first. */ AS (SELECT offer.game_date, offer.player_lookup, game.game_id, game.team_abbr, 'bettingpros', 2, offer.book, offer.seen_at, offer.points_line, offer.over_price, offer.under_price, offer.stated_opening, game.tip_at
FROM (SELECT side.game_date, name.player_lookup, LOWER(side.bookmaker) AS book, side.bookmaker_last_update AS seen_at, side.points_line, MAX(CASE WHEN LOWER(side.bet_side) = 'over' THEN side.odds_american ELSE NULL END) AS over_price, MAX(CASE WHEN LOWER(side.bet_side) = 'under' THEN side.odds_american ELSE NULL END) AS under_price, MIN(CASE WHEN side.opening_line BETWEEN CAST(0.5 AS DOUBLE) AND 60 THEN side.opening_line ELSE NULL END) AS stated_opening, MIN(club.team_abbr) AS stated_team_abbr
FROM bettingpros_player_points_props AS side
LEFT JOIN clubs AS club ON club.spelling = UPPER(TRIM(side.player_team))
JOIN player_names AS name ON name.game_date = side.game_date AND name.player_name = COALESCE(side.player_name, side.player_lookup)
WHERE COALESCE(side.is_active, TRUE)
GROUP BY side.game_date, name.player_lookup, book, seen_at, side.points_line) AS offer
LEFT JOIN rosters AS roster ON roster.game_date = offer.game_date AND roster.player_lookup = offer.player_lookup
LEFT JOIN team_games AS game ON game.game_date = offer.game_date AND game.team_abbr = COALESCE(roster.team_abbr, offer.stated_team_abbr)), pre_tip_offers /* What was offered before tip. Where nobody knows the tip, offers of the evening (from 5 pm */ /* Eastern) may be in-game prices. Implied probabilities are those of the American odds. */ AS (SELECT offer.*, CASE WHEN offer.book = 'draftkings' THEN 1 WHEN offer.book = 'fanduel' THEN 2 WHEN offer.book = 'betmgm' THEN 3 WHEN offer.book = 'pointsbet' THEN 4 WHEN offer.book = 'caesars' THEN 5 ELSE 6 END AS book_rank, CASE WHEN offer.over_price < 0 THEN offer.over_price / (offer.over_price - 100) ELSE 100 / (offer.over_price + 100) END AS over_probability, CASE WHEN offer.under_price < 0 THEN offer.under_price / (offer.under_price - 100) ELSE 100 / (offer.under_price + 100) END AS under_probability
FROM (SELECT *
FROM odds_api_offers
UNION ALL
SELECT *
FROM bettingpros_offers) AS offer
JOIN (SELECT DISTINCT game_date
FROM games) AS day ON day.game_date = offer.game_date
WHERE offer.points_line BETWEEN CAST(0.5 AS DOUBLE) AND 60 AND offer.seen_at < COALESCE(offer.start_at, CAST(CAST(offer.game_date AS TEXT) || ' 17:00:00' AS TIMESTAMP) AT TIME ZONE 'America/New_York')), main_lines /* Of a ladder of alternative lines the main one is that whose two prices are closest in */ /* probability; an offer with one price only is the last resort. */ AS (SELECT *
FROM pre_tip_offers
WHERE TRUE
QUALIFY ROW_NUMBER() OVER (PARTITION BY game_date, player_lookup, source, book, seen_at ORDER BY COALESCE(ABS(over_probability - under_probability), 2) NULLS FIRST, points_line NULLS FIRST, stated_opening NULLS FIRST, over_price NULLS FIRST, under_price NULLS FIRST, game_id NULLS FIRST, team_abbr NULLS FIRST) = 1), ordered_lines /* Closing: latest look at the best-ranked book of the first vendor that has the player; opening: */ /* first look at the same book. */ AS (SELECT *, ROW_NUMBER() OVER (PARTITION BY game_date, player_lookup ORDER BY source_rank NULLS FIRST, book_rank NULLS FIRST, book NULLS FIRST, seen_at DESC) AS from_the_end, ROW_NUMBER() OVER (PARTITION BY game_date, player_lookup ORDER BY source_rank NULLS FIRST, book_rank NULLS FIRST, book NULLS FIRST, seen_at NULLS FIRST) AS from_the_start
FROM main_lines), 
books_seen AS (SELECT game_date, player_lookup, source, COUNT(DISTINCT book) AS books
FROM main_lines
GROUP BY game_date, player_lookup, source)
SELECT closing.game_date, closing.player_lookup, closing.game_id, closing.team_abbr, closing.points_line, COALESCE(closing.stated_opening, opening.points_line) AS opening_line, closing.book AS bookmaker, closing.source, closing.seen_at AS closing_at, seen.books
FROM ordered_lines AS closing
JOIN ordered_lines AS opening ON opening.game_date = closing.game_date AND opening.player_lookup = closing.player_lookup
JOIN books_seen AS seen ON seen.game_date = closing.game_date AND seen.player_lookup = closing.player_lookup AND seen.source = closing.source
WHERE closing.from_the_end = 1 AND opening.from_the_start = 1))
WHERE "game_date" BETWEEN $start_date AND $end_date
