"""How far each system was off per scoring tier over the last 30 days (spec 40, section 4.1).

The tier is the player's season average before the game, never the points he then scored: who
scores 30 was, on that night, under-predicted by everybody, and a tier made of such nights only
measures its own selection. What the adjustments do to later predictions is in
`adjustment_performance`.
"""

from nba_backfill.core.table import Column, Layer, Rule, Table
from nba_backfill.core.window import Window
from nba_backfill.predictions.feedback.feedback_columns import (
    A_STATE_ONCE_ENOUGH_IS_GRADED,
    ADJUSTMENT_IS_THE_OPPOSITE_OF_THE_BIAS,
    AS_OF_DATE,
    LAST_GAME_DATE,
    NO_LATER_GAME,
    SCORING_TIERS,
    SEASON_YEAR,
    SYSTEM_ID,
    points_column,
    sample_size,
    share_column,
)

LARGEST_PLAUSIBLE_ADJUSTMENT = 3
"""Points. The reference's tiers by actual points asked for 7 and 12: a sign of selection."""

TABLE = Table(
    name="scoring_tier_adjustments",
    dataset="nba_predictions",
    layer=Layer.FEEDBACK,
    date_column="as_of_date",
    grain=("as_of_date", "system_id", "scoring_tier"),
    reads={
        # Which days have games.
        "games": Window.same_day(),
        # 30 dates: as_of_date - 30 < game_date <= as_of_date.
        "prediction_accuracy": Window.days(29, before=False),
    },
    description="Bias per system and scoring tier over the last 30 days, and what would undo it.",
    source=__file__,
    steps=("shared/scoring_tiers",),
    clustering=("system_id",),
    expects=A_STATE_ONCE_ENOUGH_IS_GRADED,
    columns=(
        AS_OF_DATE,
        SEASON_YEAR,
        SYSTEM_ID,
        Column(
            "scoring_tier",
            "STRING",
            "Tier of the season average before the game, bounds beside it; BENCH_0_9 if unknown",
            required=True,
            one_of=SCORING_TIERS,
        ),
        Column("tier_min_points", "NUMERIC(5,1)", "Lower bound, in the tier", required=True),
        Column("tier_max_points", "NUMERIC(5,1)", "Upper bound, not in the tier; NULL for stars"),
        Column(
            "lookback_days",
            "INT64",
            "Dates the sample is from, the as-of date included",
            required=True,
            between=(30, 30),
        ),
        LAST_GAME_DATE,
        sample_size("Graded predictions; tiers with fewer than 20 have no row", at_least=20),
        points_column("avg_signed_error", "Mean of predicted - actual; + = over-predicted"),
        points_column("avg_absolute_error", "Mean absolute error of the raw forecast", low=0),
        points_column(
            "std_signed_error", "Sample standard deviation (n - 1) of predicted - actual", low=0
        ),
        points_column("recommended_adjustment", "-avg_signed_error: what would undo the bias"),
        share_column(
            "adjustment_confidence",
            "min(1, sample_size / 100) x max(0.3, 1 - std_signed_error / 20)",
            required=True,
        ),
        Column(
            "application_factor",
            "NUMERIC(3,2)",
            "Share of recommended_adjustment that is applied: 1 stars, 0.75 starters, else 0.5",
            required=True,
            between=(0, 1),
        ),
        share_column(
            "current_win_rate",
            "Correct among the sample's OVER and UNDER picks without pushes; NULL without picks",
        ),
        share_column(
            "projected_win_rate",
            "The same picks, had they followed the sign of predicted + application_factor x "
            "recommended_adjustment - line. In-sample: an upper bound of what to expect",
        ),
        Column(
            "model_version",
            "STRING",
            "Version of the formulas",
            required=True,
            one_of=("v1.0",),
        ),
    ),
    rules=(
        NO_LATER_GAME,
        ADJUSTMENT_IS_THE_OPPOSITE_OF_THE_BIAS,
        Rule(
            "bias_within_the_absolute_error",
            "ABS(avg_signed_error) <= avg_absolute_error",
            "A mean error cannot exceed the mean absolute error",
        ),
        Rule(
            "adjustment_is_plausible",
            f"ABS(recommended_adjustment) <= {LARGEST_PLAUSIBLE_ADJUSTMENT}",
            "No tier is off by more than 3 points on average",
            blocking=False,
        ),
    ),
)
