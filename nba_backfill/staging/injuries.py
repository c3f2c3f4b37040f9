"""The last injury status known before tip, one per listed player.

Point-in-time rule: raw-input specification 3.10.
"""

from nba_backfill.core.table import Column, Layer, Rule, Table
from nba_backfill.core.window import Window

TABLE = Table(
    name="injuries",
    dataset="nba_staging",
    layer=Layer.STAGING,
    date_column="game_date",
    grain=("game_date", "player_lookup"),
    clustering=("team_abbr",),
    reads={
        "games": Window.same_day(),
        "player_names": Window.same_day(),
        "nbac_injury_report": Window.days(2, before=False),
    },
    description=(
        "One row per game day and player listed in an injury report of the last two days: the "
        "last report whose hour was over at tip, or that of hour 17 at the latest where the tip "
        "is unknown."
    ),
    columns=(
        Column("game_date", "DATE", "US-Eastern date of the game", required=True),
        Column("player_lookup", "STRING", "Canonical lookup of the name", required=True),
        Column(
            "team_abbr", "STRING", "Club in the report; NULL if it was lost", max_null_rate=0.02
        ),
        Column(
            "injury_status",
            "STRING",
            "Status in small letters",
            required=True,
            one_of=("out", "doubtful", "questionable", "probable", "available"),
        ),
        Column("reason", "STRING", "Reason as printed, else its class", max_null_rate=0.05),
        Column("report_date", "DATE", "US-Eastern date of the report, in [D-2, D]", required=True),
        Column("report_hour", "INT64", "Eastern hour of the report", unit="0-23", between=(0, 23)),
    ),
    rules=(
        Rule(
            "report_is_not_later_than_the_game",
            "DATE_DIFF(game_date, report_date, DAY) BETWEEN 0 AND 2",
            "A status learnt after the game's day could not be known before it.",
        ),
    ),
    source=__file__,
)
