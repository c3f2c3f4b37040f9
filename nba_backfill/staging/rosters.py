"""Who belongs to which club on a game day, by the latest roster at most seven days old.

Raw-input specification 3.11; the population rule that reads it is analytics specification 3.4.
"""

from nba_backfill.core.table import Column, Layer, Rows, Rule, Table
from nba_backfill.core.window import Window
from nba_backfill.staging.clubs import ClubCodes, unknown_clubs

TABLE = Table(
    name="rosters",
    dataset="nba_staging",
    layer=Layer.STAGING,
    date_column="game_date",
    grain=("game_date", "player_lookup"),
    clustering=("team_abbr",),
    reads={
        "games": Window.same_day(),
        "player_names": Window.same_day(),
        "espn_team_rosters": Window.days(7, before=False),
    },
    steps=("shared/clubs", "shared/team_games"),
    expects=Rows.at_least_per_team_game(5, before_tip=True),
    description=(
        "One row per game day and player on the latest roster, at most seven days old, of a club "
        "that plays that day; a player on two rosters belongs to the newer one."
    ),
    columns=(
        Column("game_date", "DATE", "US-Eastern date of the games", required=True),
        Column("player_lookup", "STRING", "Canonical lookup of the name", required=True),
        Column("universal_player_id", "STRING", "Id of the player", max_null_rate=0.01),
        Column("team_abbr", "STRING", "Club that plays on this day", required=True),
        Column("roster_date", "DATE", "US-Eastern date of the scrape, in [D-7, D]", required=True),
        Column("birth_date", "DATE", "Date of birth", max_null_rate=0.2),
    ),
    rules=(
        Rule(
            "roster_is_recent",
            "DATE_DIFF(game_date, roster_date, DAY) BETWEEN 0 AND 7",
            "A roster serves the day of its scrape and the seven days after it.",
        ),
    ),
    reconciliations=(
        unknown_clubs(
            "rosters",
            {
                "espn_team_rosters": ClubCodes(
                    ("team_abbr",),
                    on="DATE_DIFF(day.game_date, row_.roster_date, DAY) BETWEEN 0 AND 7",
                )
            },
            windows={"espn_team_rosters": Window.days(7, before=False)},
        ),
    ),
    source=__file__,
)
