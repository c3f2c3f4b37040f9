"""Who the players are, for whom they play and who is hurt."""

from nba_backfill.core.table import Column, RawTable

PEOPLE: tuple[RawTable, ...] = (
    RawTable(
        name="nbac_injury_report",
        dataset="nba_raw",
        grain=("report_date", "report_hour", "game_date", "team", "player_name_original"),
        date_column="game_date",
        description=(
            "Injury report: one row per player, game and report; the stored lookup loses suffixes."
        ),
        write_discipline="append only; up to 24 reports a day",
        optional=True,
        columns=(
            Column("report_date", "DATE", "US-Eastern date of the report"),
            Column("report_hour", "INT64", "Eastern hour of the report", unit="0-23"),
            Column("game_date", "DATE", "US-Eastern date of the game"),
            Column(
                "game_id", "STRING", "Game id as the vendor stores it; see the table for its form"
            ),
            Column("team", "STRING", "Club; UNKNOWN where the parser lost the context"),
            Column("player_name_original", "STRING", "Name as printed"),
            Column("player_full_name", "STRING", "Full name"),
            Column(
                "player_lookup",
                "STRING",
                "Lookup as the vendor's loader made it; recomputed in staging",
            ),
            Column("injury_status", "STRING", "out, questionable, doubtful, probable or available"),
            Column("reason", "STRING", "Reason as printed"),
            Column("reason_category", "STRING", "Class of the reason"),
            Column("confidence_score", "FLOAT64", "The parser's confidence", unit="0-1"),
            Column("processed_at", "TIMESTAMP", "When the loader wrote the row"),
        ),
    ),
    RawTable(
        name="espn_team_rosters",
        dataset="nba_raw",
        grain=("roster_date", "scrape_hour", "team_abbr", "player_lookup"),
        date_column="roster_date",
        description=("Club rosters as scraped."),
        write_discipline="replace per team and date",
        optional=True,
        columns=(
            Column("roster_date", "DATE", "US-Eastern date of the scrape"),
            Column("scrape_hour", "INT64", "Eastern hour of the scrape", unit="0-23"),
            Column("season_year", "INT64", "Year the season starts in"),
            Column("team_abbr", "STRING", "Club"),
            Column("player_full_name", "STRING", "Full name"),
            Column(
                "player_lookup",
                "STRING",
                "Lookup as the vendor's loader made it; recomputed in staging",
            ),
            Column("age", "INT64", "Age at the scrape", unit="years"),
            Column("birth_date", "DATE", "Date of birth"),
            Column("processed_at", "TIMESTAMP", "When the loader wrote the row"),
        ),
    ),
    RawTable(
        name="nbac_player_list_current",
        dataset="nba_raw",
        grain=("player_lookup",),
        date_column=None,
        description=("Players known to the league, current state."),
        write_discipline="MERGE on player",
        optional=True,
        columns=(
            Column(
                "player_lookup",
                "STRING",
                "Lookup as the vendor's loader made it; recomputed in staging",
            ),
            Column("player_id", "INT64", "NBA.com id"),
            Column("player_full_name", "STRING", "Full name"),
            Column("team_abbr", "STRING", "Club"),
            Column("birth_date", "DATE", "Date of birth"),
            Column("is_active", "BOOL", "Offer open at scrape time"),
            Column("season_year", "INT64", "Year the season starts in"),
            Column("processed_at", "TIMESTAMP", "When the loader wrote the row"),
        ),
    ),
    RawTable(
        name="nba_players_registry",
        dataset="nba_reference",
        grain=("player_lookup", "season", "team_abbr"),
        date_column=None,
        description=("Universal player ids: one row per player, season and club."),
        write_discipline="multi-writer MERGE",
        optional=True,
        columns=(
            Column("universal_player_id", "STRING", "Id shared by all vendors"),
            Column("player_name", "STRING", "Name as printed"),
            Column(
                "player_lookup",
                "STRING",
                "Lookup as the vendor's loader made it; recomputed in staging",
            ),
            Column("team_abbr", "STRING", "Club"),
            Column("season", "STRING", "Season like 2023-24"),
            Column("processed_at", "TIMESTAMP", "When the loader wrote the row"),
        ),
    ),
    RawTable(
        name="player_aliases",
        dataset="nba_reference",
        grain=("alias_lookup",),
        date_column=None,
        description=("Name variants and the lookup they stand for."),
        write_discipline="curated",
        optional=True,
        columns=(
            Column("alias_lookup", "STRING", "Lookup of a name variant"),
            Column("nba_canonical_lookup", "STRING", "Lookup the variant stands for"),
            Column("is_active", "BOOL", "Offer open at scrape time"),
            Column("processed_at", "TIMESTAMP", "When the loader wrote the row"),
        ),
    ),
)
