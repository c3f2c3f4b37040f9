"""What the tables that learn from graded predictions share (spec 40, section 4).

A row as of day D holds what was known after D's games: it may correct predictions of later days
only. Errors are always those of the raw forecast, so that no correction feeds on itself.
"""

from nba_backfill.core.table import Column, Per, Rows, Rule
from nba_backfill.predictions.forecasting.prediction_columns import SYSTEMS

SCORING_TIERS = ("STAR_30PLUS", "STARTER_20_29", "ROTATION_10_19", "BENCH_0_9")

AGREEMENT_LEVELS = ("HIGH", "GOOD", "MODERATE", "LOW")

CONTEXTS = (
    "back_to_back",
    "3_games_in_4_nights",
    "home_game",
    "high_pace_matchup",
    "blowout_risk",
)
"""`primetime_game` is missing on purpose: no source says which games are on national television."""

A_STATE_PER_GAME_DAY = Rows(Per.DAY)
"""Rows on every game day once its games are final: such a row knows what they brought."""

A_STATE_ONCE_ENOUGH_IS_GRADED = Rows(Per.DAY, at_least=0)
"""As above, but small samples are left out, so that early days rightly have no rows."""

AS_OF_DATE = Column(
    "as_of_date",
    "DATE",
    "Game day D, US-Eastern: graded games up to and including D are in, so the row may serve days "
    "after D only",
    required=True,
)

SEASON_YEAR = Column(
    "season_year", "INT64", "Year D's season starts in: 2024 is 2024-25", required=True
)

SYSTEM_ID = Column("system_id", "STRING", "Prediction system", required=True, one_of=SYSTEMS)

LAST_GAME_DATE = Column(
    "last_game_date", "DATE", "Newest graded game day in the sample, D at the latest", required=True
)

NO_LATER_GAME = Rule(
    "no_game_after_the_as_of_date",
    "last_game_date <= as_of_date",
    "No graded game after the as-of date is in the sample",
)

ADJUSTMENT_IS_THE_OPPOSITE_OF_THE_BIAS = Rule(
    "adjustment_is_the_opposite_of_the_bias",
    "recommended_adjustment = -avg_signed_error",
    "What is recommended takes back the mean error, rounded alike",
)


def sample_size(description: str, *, at_least: int, at_most: int | None = None) -> Column:
    """The column `sample_size`: how many rows the figures of a row rest on."""
    limits = (at_least, at_most or 1_000_000)
    return Column("sample_size", "INT64", description, required=True, between=limits)


def points_column(
    name: str, description: str, *, low: float = -60, high: float = 60, required: bool = True
) -> Column:
    """A figure in points with two decimals."""
    return Column(
        name, "NUMERIC(5,2)", description, unit="points", required=required, between=(low, high)
    )


def share_column(name: str, description: str, *, required: bool = False) -> Column:
    """A share between 0 and 1 with three decimals."""
    return Column(
        name, "NUMERIC(4,3)", description, unit="share 0-1", required=required, between=(0, 1)
    )
