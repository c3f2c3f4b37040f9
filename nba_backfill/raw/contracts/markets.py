"""What bookmakers offered: points props and game lines."""

from nba_backfill.core.table import Column, RawTable

MARKETS: tuple[RawTable, ...] = (
    RawTable(
        name="odds_api_player_points_props",
        dataset="nba_raw",
        grain=("game_date", "player_lookup", "bookmaker", "points_line", "snapshot_timestamp"),
        date_column="game_date",
        description=(
            "Points props: one row per player, book, line and snapshot; game_id is canonical "
            "before April 2024 and official after."
        ),
        write_discipline="append only",
        optional=True,
        columns=(
            Column(
                "game_id", "STRING", "Game id as the vendor stores it; see the table for its form"
            ),
            Column("game_date", "DATE", "US-Eastern date of the game"),
            Column("game_start_time", "TIMESTAMP", "Instant of tip-off as the vendor knew it"),
            Column("home_team_abbr", "STRING", "Home club"),
            Column("away_team_abbr", "STRING", "Away club"),
            Column("snapshot_timestamp", "TIMESTAMP", "When the offer was seen"),
            Column("bookmaker", "STRING", "Book"),
            Column("player_name", "STRING", "Name as printed"),
            Column(
                "player_lookup",
                "STRING",
                "Lookup as the vendor's loader made it; recomputed in staging",
            ),
            Column("points_line", "FLOAT64", "Points line", unit="points"),
            Column("over_price_american", "INT64", "Price of the over", unit="American odds"),
            Column("under_price_american", "INT64", "Price of the under", unit="American odds"),
            Column("processed_at", "TIMESTAMP", "When the loader wrote the row"),
        ),
    ),
    RawTable(
        name="bettingpros_player_points_props",
        dataset="nba_raw",
        grain=(
            "game_date",
            "player_lookup",
            "bookmaker",
            "bet_side",
            "points_line",
            "bookmaker_last_update",
        ),
        date_column="game_date",
        description=(
            "Points props, second vendor: one row per player, book, side and scrape; no game id."
        ),
        write_discipline="append once per source file",
        optional=True,
        columns=(
            Column("game_date", "DATE", "US-Eastern date of the game"),
            Column("player_name", "STRING", "Name as printed"),
            Column(
                "player_lookup",
                "STRING",
                "Lookup as the vendor's loader made it; recomputed in staging",
            ),
            Column("player_team", "STRING", "Club as the vendor knows it; may be stale"),
            Column("bet_side", "STRING", "over or under"),
            Column("bookmaker", "STRING", "Book"),
            Column("points_line", "FLOAT64", "Points line", unit="points"),
            Column("odds_american", "INT64", "Price", unit="American odds"),
            Column("opening_line", "FLOAT64", "First line of the book", unit="points"),
            Column("opening_timestamp", "TIMESTAMP", "When the first line was seen"),
            Column("is_active", "BOOL", "Offer open at scrape time"),
            Column("bookmaker_last_update", "TIMESTAMP", "When the book last changed the offer"),
            Column("processed_at", "TIMESTAMP", "When the loader wrote the row"),
        ),
    ),
    RawTable(
        name="odds_api_game_lines",
        dataset="nba_raw",
        grain=("game_id", "bookmaker_key", "market_key", "outcome_name", "snapshot_timestamp"),
        date_column="game_date",
        description=(
            "Spreads and totals: one row per game, book, market, outcome and snapshot; game_id is"
            " the vendor's event id."
        ),
        write_discipline="MERGE per snapshot",
        optional=True,
        columns=(
            Column(
                "game_id", "STRING", "Game id as the vendor stores it; see the table for its form"
            ),
            Column("game_date", "DATE", "US-Eastern date of the game"),
            Column("commence_time", "TIMESTAMP", "Instant of tip-off as the vendor knew it"),
            Column("home_team", "STRING", "Home club's full name"),
            Column("away_team", "STRING", "Away club's full name"),
            Column("home_team_abbr", "STRING", "Home club"),
            Column("away_team_abbr", "STRING", "Away club"),
            Column("bookmaker_key", "STRING", "Book"),
            Column("market_key", "STRING", "spreads or totals"),
            Column("outcome_name", "STRING", "Club's full name, or Over / Under"),
            Column("outcome_point", "FLOAT64", "Spread or total"),
            Column("snapshot_timestamp", "TIMESTAMP", "When the offer was seen"),
            Column("processed_at", "TIMESTAMP", "When the loader wrote the row"),
        ),
    ),
)
