"""Circumstances of a team's game under which forecasts may be off (spec 40, section 4.5).

Known before tip-off. Told once here: `context_error_correlations` asks whether forecasts err
differently in them, `adjusted_predictions` which of them a new prediction is in.
"""

from nba_backfill.core.table import Column, Layer, Rows, Table
from nba_backfill.core.window import Window
from nba_backfill.predictions.feedback.feedback_columns import CONTEXTS

ALWAYS_KNOWN = 3
"""Contexts that the schedule alone decides: back-to-back, three in four nights, home."""

TABLE = Table(
    name="prediction_contexts",
    dataset="nba_predictions",
    layer=Layer.FEEDBACK,
    date_column="game_date",
    grain=("game_date", "team_abbr", "context_feature"),
    reads={
        "upcoming_team_game_context": Window.same_day(),
        "team_defense_zone_analysis": Window.same_day(),
        # The third game within four calendar dates: D and the three days before it.
        "games": Window.days(3),
    },
    description="Which circumstances a team's game is in, for those that are known before tip-off.",
    source=__file__,
    clustering=("team_abbr",),
    expects=Rows.at_least_per_team_game(ALWAYS_KNOWN, before_tip=True),
    columns=(
        Column("game_date", "DATE", "US-Eastern date of the game", required=True),
        Column("game_id", "STRING", "Canonical game id, YYYYMMDD_AWAY_HOME", required=True),
        Column("season_year", "INT64", "Year the season starts in: 2024 is 2024-25", required=True),
        Column("team_abbr", "STRING", "The team whose players are predicted", required=True),
        Column(
            "context_feature",
            "STRING",
            "back_to_back: the team played yesterday; 3_games_in_4_nights: its third game in "
            "[D-3, D]; home_game; high_pace_matchup: the opponent's games of its last 15 ran at "
            "more than 102 possessions; blowout_risk: the spread is 10 or more either way. No row "
            "where the pace or the spread is unknown",
            required=True,
            one_of=CONTEXTS,
        ),
        Column("applies", "BOOL", "Whether the game is in that circumstance", required=True),
    ),
)
