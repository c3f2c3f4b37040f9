"""Games: when, where, who plays whom, and how far apart the clubs are."""

from nba_backfill.core.table import Column, RawTable

SCHEDULE: tuple[RawTable, ...] = (
    RawTable(
        name="nbac_schedule",
        dataset="nba_raw",
        grain=("game_id", "game_date"),
        date_column="game_date",
        description=(
            "The league's schedule: one row per official game id and date; a postponed game may "
            "leave its old row behind."
        ),
        write_discipline="MERGE on (game_id, game_date)",
        columns=(
            Column(
                "game_id", "STRING", "Game id as the vendor stores it; see the table for its form"
            ),
            Column("game_date", "DATE", "US-Eastern date of the game"),
            Column("game_date_est", "TIMESTAMP", "Instant of tip-off"),
            Column("season_year", "INT64", "Year the season starts in"),
            Column("game_status", "INT64", "1 scheduled, 2 in progress, 3 final"),
            Column("home_team_tricode", "STRING", "Home club"),
            Column("away_team_tricode", "STRING", "Away club"),
            Column("home_team_score", "INT64", "Home score, final games only"),
            Column("away_team_score", "INT64", "Away score, final games only"),
            Column("is_regular_season", "BOOL", "Regular season, Cup final included"),
            Column("is_playoffs", "BOOL", "Play-in or playoffs"),
            Column("is_all_star", "BOOL", "All-Star exhibition"),
            Column("is_emirates_cup", "BOOL", "In-season tournament final"),
            Column("playoff_round", "STRING", "Round; play_in for the play-in"),
            Column("neutral_site_flag", "BOOL", "Played at neither club's arena"),
            Column("arena_timezone", "STRING", "IANA zone of the arena"),
            Column("processed_at", "TIMESTAMP", "When the loader wrote the row"),
        ),
    ),
    RawTable(
        name="espn_scoreboard",
        dataset="nba_raw",
        grain=("game_id",),
        date_column="game_date",
        description=("Fills dates the schedule lacks altogether; final games only."),
        write_discipline="MERGE on game_id",
        optional=True,
        columns=(
            Column(
                "game_id", "STRING", "Game id as the vendor stores it; see the table for its form"
            ),
            Column("espn_game_id", "STRING", "ESPN's own id"),
            Column("game_date", "DATE", "US-Eastern date of the game"),
            Column("season_year", "INT64", "Year the season starts in"),
            Column("home_team_abbr", "STRING", "Home club"),
            Column("away_team_abbr", "STRING", "Away club"),
            Column("is_completed", "BOOL", "Whether the game is over"),
            Column("scheduled_start_time", "TIMESTAMP", "Instant of tip-off"),
            Column("home_team_score", "INT64", "Home score, final games only"),
            Column("away_team_score", "INT64", "Away score, final games only"),
            Column("processed_at", "TIMESTAMP", "When the loader wrote the row"),
        ),
    ),
    RawTable(
        name="team_locations",
        dataset="nba_static",
        grain=("team_abbr",),
        date_column=None,
        description=("Where each club plays."),
        write_discipline="one-off",
        optional=True,
        columns=(
            Column("team_abbr", "STRING", "Club"),
            Column("latitude", "FLOAT64", "Arena latitude", unit="degrees"),
            Column("longitude", "FLOAT64", "Arena longitude", unit="degrees"),
            Column("timezone", "STRING", "IANA zone of the arena"),
        ),
    ),
    RawTable(
        name="travel_distances",
        dataset="nba_static",
        grain=("from_team", "to_team"),
        date_column=None,
        description=("Distance between any two clubs' arenas."),
        write_discipline="one-off",
        optional=True,
        columns=(
            Column("from_team", "STRING", "Club travelled from"),
            Column("to_team", "STRING", "Club travelled to"),
            Column(
                "distance_miles", "INT64", "Great-circle distance between the arenas", unit="miles"
            ),
            Column("time_zones_crossed", "INT64", "Time zones between the arenas"),
        ),
    ),
)
