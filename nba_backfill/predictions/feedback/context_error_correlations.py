"""Whether forecasts err differently in certain circumstances, last 365 days (spec 40, 4.5).

Welch's t-test on predicted - actual, with against without the context. Both samples hold at least
100 rows, so t is read as a normal deviate; 0.05 is divided by the 35 questions asked at once (5
contexts x 7 systems), which makes the two-sided critical value 3.189. Errors of one game night
are not independent, so a borderline result means less than its p-value says.
"""

from nba_backfill.core.table import Column, Layer, Rule, Table
from nba_backfill.core.window import Window
from nba_backfill.predictions.feedback.feedback_columns import (
    A_STATE_PER_GAME_DAY,
    AS_OF_DATE,
    CONTEXTS,
    LAST_GAME_DATE,
    NO_LATER_GAME,
    SEASON_YEAR,
    SYSTEM_ID,
    points_column,
)

TABLE = Table(
    name="context_error_correlations",
    dataset="nba_predictions",
    layer=Layer.FEEDBACK,
    date_column="as_of_date",
    grain=("as_of_date", "system_id", "context_feature"),
    reads={
        # Which days have games.
        "games": Window.same_day(),
        # 365 dates: as_of_date - 365 < game_date <= as_of_date.
        "prediction_accuracy": Window.optional(364, before=False),
        "prediction_contexts": Window.optional(364, before=False),
    },
    description="Errors of a system with and without a circumstance over the last 365 days.",
    source=__file__,
    clustering=("system_id",),
    expects=A_STATE_PER_GAME_DAY,
    columns=(
        AS_OF_DATE,
        SEASON_YEAR,
        SYSTEM_ID,
        Column(
            "context_feature",
            "STRING",
            "Circumstance of the game, as prediction_contexts tells it",
            required=True,
            one_of=CONTEXTS,
        ),
        LAST_GAME_DATE,
        Column(
            "sample_size_with_context",
            "INT64",
            "Graded predictions of games in the circumstance",
            required=True,
            between=(0, 1_000_000),
        ),
        Column(
            "sample_size_without_context",
            "INT64",
            "Graded predictions of games not in it; games of which it is unknown are in neither",
            required=True,
            between=(0, 1_000_000),
        ),
        points_column("mae_with_context", "Mean absolute error with it", low=0, required=False),
        points_column(
            "mae_without_context", "Mean absolute error without it", low=0, required=False
        ),
        points_column("mae_difference", "With minus without", required=False),
        points_column("bias_with_context", "Mean of predicted - actual with it", required=False),
        points_column(
            "bias_without_context", "Mean of predicted - actual without it", required=False
        ),
        Column(
            "t_statistic",
            "NUMERIC(9,3)",
            "Welch's t of the two biases; NULL below 2 rows on either side",
        ),
        Column(
            "is_significant",
            "BOOL",
            "Both samples hold 100 rows and abs(t_statistic) exceeds 3.189: p < 0.05 / 35",
            required=True,
        ),
        points_column(
            "recommended_adjustment",
            "-(bias_with_context - bias_without_context) if significant, else 0; for predictions "
            "in the circumstance",
        ),
    ),
    rules=(
        NO_LATER_GAME,
        Rule(
            "small_samples_are_not_significant",
            "NOT is_significant"
            " OR (sample_size_with_context >= 100 AND sample_size_without_context >= 100)",
            "Nothing is called significant on fewer than 100 rows a side",
        ),
        Rule(
            "only_the_significant_is_adjusted",
            "is_significant OR recommended_adjustment = 0",
            "What is not significant adjusts nothing",
        ),
    ),
)
