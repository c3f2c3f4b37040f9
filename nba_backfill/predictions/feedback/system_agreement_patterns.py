"""Whether the ensemble is better when its members agree, over the last 180 days (spec 40, 4.4)."""

from nba_backfill.core.table import Column, Layer, Rule, Table
from nba_backfill.core.window import Window
from nba_backfill.predictions.feedback.feedback_columns import (
    A_STATE_PER_GAME_DAY,
    AGREEMENT_LEVELS,
    AS_OF_DATE,
    LAST_GAME_DATE,
    NO_LATER_GAME,
    SEASON_YEAR,
    points_column,
    sample_size,
    share_column,
)

TABLE = Table(
    name="system_agreement_patterns",
    dataset="nba_predictions",
    layer=Layer.FEEDBACK,
    date_column="as_of_date",
    grain=("as_of_date", "system_id", "agreement_level"),
    reads={
        # Which days have games.
        "games": Window.same_day(),
        # 180 dates: as_of_date - 180 < game_date <= as_of_date.
        "prediction_accuracy": Window.optional(179, before=False),
    },
    description="Accuracy of the ensemble by how far its members were apart, last 180 days.",
    source=__file__,
    steps=("shared/agreement_levels",),
    expects=A_STATE_PER_GAME_DAY,
    columns=(
        AS_OF_DATE,
        SEASON_YEAR,
        Column(
            "system_id",
            "STRING",
            "The system whose members agree or not",
            required=True,
            one_of=("ensemble_v1",),
        ),
        Column(
            "agreement_level",
            "STRING",
            "By the standard deviation of the members' forecasts: HIGH below 2 points, GOOD below "
            "3, MODERATE below 6, else LOW",
            required=True,
            one_of=AGREEMENT_LEVELS,
        ),
        Column(
            "max_variance",
            "NUMERIC(5,2)",
            "prediction_variance the level stays below: 4, 9, 36; NULL for LOW",
            unit="points squared",
        ),
        LAST_GAME_DATE,
        sample_size("Graded predictions at the level", at_least=1),
        Column(
            "picks",
            "INT64",
            "OVER and UNDER picks among them won or lost, no pushes",
            required=True,
            between=(0, 1_000_000),
        ),
        share_column("win_rate", "Picks won / picks; NULL without picks"),
        points_column("avg_mae", "Mean absolute error at the level", low=0),
        Column(
            "win_rate_vs_overall",
            "NUMERIC(4,3)",
            "win_rate minus that of all levels together",
            unit="share",
            between=(-1, 1),
        ),
        points_column("mae_vs_overall", "avg_mae minus that of all levels together"),
        Column(
            "confidence_multiplier",
            "NUMERIC(4,3)",
            "win_rate / that of all levels, within 0.8-1.2; 1 below 50 picks",
            required=True,
            between=(0.8, 1.2),
        ),
    ),
    rules=(
        NO_LATER_GAME,
        Rule(
            "small_samples_change_nothing",
            "picks >= 50 OR confidence_multiplier = 1",
            "Fewer than 50 picks move no confidence",
        ),
        Rule("picks_are_predictions", "picks <= sample_size", "A pick is a graded prediction"),
    ),
)
