"""The last injury status known before tip, one per listed player.

Point-in-time rule: raw-input specification 3.10.
"""

from nba_backfill.core.table import Column, Layer, Reconciliation, Rule, Table
from nba_backfill.core.window import Window
from nba_backfill.staging.clubs import ClubCodes, steps_of, unknown_clubs

STRANGE_REPORTS = Reconciliation(
    name="reports_are_of_the_game",
    description="Lines of a report whose game is of another day or other clubs: not read",
    reads=("injuries", "games", "nbac_injury_report"),
    blocking=False,
    contradiction=True,
    sql=steps_of(
        "shared/clubs",
        "shared/report_rows",
        sql="""
SELECT
  report.game_date AS day, report.game_id AS stated_game, report.team_abbr AS club,
  COUNT(*) AS lines_not_read, COUNT(DISTINCT kept.player_lookup) AS players_otherwise_listed
FROM report_rows AS report
JOIN (SELECT DISTINCT game_date FROM games) AS day ON day.game_date = report.game_date
LEFT JOIN injuries AS kept
  ON kept.game_date = report.game_date AND kept.team_abbr = report.team_abbr
WHERE NOT report.is_of_the_game
GROUP BY report.game_date, report.game_id, report.team_abbr
""",
    ),
)

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
    steps=("shared/clubs", "shared/team_games", "shared/report_rows"),
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
    reconciliations=(
        STRANGE_REPORTS,
        unknown_clubs("injuries", {"nbac_injury_report": ClubCodes(("team",))}),
    ),
    source=__file__,
)
