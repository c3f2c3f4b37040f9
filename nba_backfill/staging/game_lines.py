"""Spreads and totals of each club, closing and opening.

Selectors: raw-input specification 3.9 and 4 (draftkings, then fanduel; own-team perspective).
"""

from nba_backfill.core.table import Column, Layer, Reconciliation, Rows, Rule, Table
from nba_backfill.core.window import Window
from nba_backfill.staging.clubs import ClubCodes, unknown_clubs
from nba_backfill.staging.other_days import offers_of_another_day, printed_starts

STRANGE_LINES = offers_of_another_day(
    "lines_are_of_the_game",
    "Lines",
    table="game_lines",
    source="odds_api_game_lines",
    rows="line_rows",
    unread="lines_not_read",
    counted="team_abbr",
    kept="clubs_with_other_lines",
)

TABLE = Table(
    name="game_lines",
    dataset="nba_staging",
    layer=Layer.STAGING,
    date_column="game_date",
    grain=("game_date", "team_abbr"),
    unique=(("game_id", "team_abbr"),),
    clustering=("team_abbr",),
    reads={
        "games": Window.same_day(),
        "odds_api_game_lines": Window.same_day(),
    },
    steps=(
        "shared/clubs",
        "shared/team_games",
        printed_starts("line_rows"),
        "shared/starts",
    ),
    expects=Rows.one_per_team_game(before_tip=True),
    description=(
        "One row per game day and club with a spread or total seen before tip; opening and "
        "closing are the first and last look at the same book."
    ),
    columns=(
        Column("game_date", "DATE", "US-Eastern date of the game", required=True),
        Column("team_abbr", "STRING", "Club", required=True),
        Column("game_id", "STRING", "Canonical id YYYYMMDD_AWAY_HOME", required=True),
        Column("opponent_team_abbr", "STRING", "Opponent", required=True),
        Column(
            "spread",
            "NUMERIC(5,2)",
            "Closing spread of this club; negative = favourite",
            unit="points",
            max_null_rate=0.02,
            between=(-30, 30),
        ),
        Column(
            "opening_spread",
            "NUMERIC(5,2)",
            "Opening spread of this club; negative = favourite",
            unit="points",
            max_null_rate=0.02,
            between=(-30, 30),
        ),
        Column(
            "total",
            "NUMERIC(5,1)",
            "Closing total of both clubs",
            unit="points",
            max_null_rate=0.02,
            between=(150, 300),
        ),
        Column(
            "opening_total",
            "NUMERIC(5,1)",
            "Opening total of both clubs",
            unit="points",
            max_null_rate=0.02,
            between=(150, 300),
        ),
        Column("spread_source", "STRING", "Vendor and book, like odds_api:draftkings"),
        Column("total_source", "STRING", "Vendor and book, like odds_api:draftkings"),
        Column(
            "lines_updated_at", "TIMESTAMP", "When the newer closing line was seen", required=True
        ),
    ),
    rules=(
        Rule(
            "line_has_a_source",
            "(spread IS NULL) = (spread_source IS NULL) "
            "AND (total IS NULL) = (total_source IS NULL)",
            "A line and its source come together.",
        ),
    ),
    reconciliations=(
        STRANGE_LINES,
        unknown_clubs(
            "game_lines", {"odds_api_game_lines": ClubCodes(("home_team_abbr", "away_team_abbr"))}
        ),
        Reconciliation(
            "spreads_mirror",
            "The spreads of the two clubs of a game differ in sign only.",
            ("game_lines",),
            """
            SELECT own.game_date AS day, own.game_id, own.team_abbr, own.spread,
              other.spread AS opponent_spread
            FROM game_lines AS own
            JOIN game_lines AS other
              ON other.game_date = own.game_date AND other.team_abbr = own.opponent_team_abbr
            WHERE own.game_date BETWEEN @start_date AND @end_date
              AND own.spread + other.spread != 0
            """,
            blocking=False,
        ),
    ),
    source=__file__,
)
