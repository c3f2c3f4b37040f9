"""What a system's confidence was worth: win rate by confidence bucket, 180 days (spec 40, 4.3).

`sample_size` counts picks that were won or lost. A bucket without any has no row; one with fewer
than 50 keeps its multiplier at 1, since a handful of picks says nothing. A day that no graded pick
precedes (there were no lines) has no rows.
"""

from nba_backfill.core.table import Column, Layer, Rule, Table
from nba_backfill.core.window import Window
from nba_backfill.predictions.feedback.feedback_columns import (
    A_STATE_ONCE_ENOUGH_IS_GRADED,
    AS_OF_DATE,
    LAST_GAME_DATE,
    NO_LATER_GAME,
    SEASON_YEAR,
    SYSTEM_ID,
    sample_size,
    share_column,
)

TABLE = Table(
    name="confidence_calibration",
    dataset="nba_predictions",
    layer=Layer.FEEDBACK,
    date_column="as_of_date",
    grain=("as_of_date", "system_id", "confidence_bucket"),
    reads={
        # Which days have games.
        "games": Window.same_day(),
        # 180 dates: as_of_date - 180 < game_date <= as_of_date.
        "prediction_accuracy": Window.optional(179, before=False),
    },
    description="Win rate of a system's picks per confidence bucket over the last 180 days.",
    source=__file__,
    clustering=("system_id",),
    expects=A_STATE_ONCE_ENOUGH_IS_GRADED,
    columns=(
        AS_OF_DATE,
        SEASON_YEAR,
        SYSTEM_ID,
        Column(
            "confidence_bucket",
            "INT64",
            "confidence_decile of the predictions: 1 is 0 to below 0.1, 10 is 0.9 to 1",
            required=True,
            between=(1, 10),
        ),
        share_column("bucket_midpoint", "(confidence_bucket - 0.5) / 10", required=True),
        LAST_GAME_DATE,
        sample_size("OVER and UNDER picks won or lost, no pushes, no voids", at_least=1),
        share_column("actual_win_rate", "Picks won / sample_size", required=True),
        share_column("calibration_error", "abs(actual_win_rate - bucket_midpoint)", required=True),
        Column(
            "recommended_multiplier",
            "NUMERIC(4,3)",
            "actual_win_rate / bucket_midpoint within 0.5-1.5; 1 below 50 picks. Calibrated "
            "confidence = confidence x multiplier, at most 1",
            required=True,
            between=(0.5, 1.5),
        ),
    ),
    rules=(
        NO_LATER_GAME,
        Rule(
            "small_samples_change_nothing",
            "sample_size >= 50 OR recommended_multiplier = 1",
            "Fewer than 50 picks move no confidence",
        ),
    ),
)
