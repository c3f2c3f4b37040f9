"""What the corrections did to the forecasts of the last 30 days (check C-5C-2 of spec 40).

The only place where it can be judged honestly: each prediction is taken with the correction it
was given before its game (`adjusted_predictions`, learnt strictly earlier) and compared with what
was then scored. A table of adjustments cannot judge itself, since the games it was learnt from
are those it would be judged by. The first day of a season has no corrections to judge, so no rows.
"""

from nba_backfill.core.table import Column, Layer, Reconciliation, Rule, Table
from nba_backfill.core.window import Window
from nba_backfill.predictions.feedback.feedback_columns import (
    A_STATE_ONCE_ENOUGH_IS_GRADED,
    AS_OF_DATE,
    LAST_GAME_DATE,
    NO_LATER_GAME,
    SEASON_YEAR,
    SYSTEM_ID,
    sample_size,
)

JUDGED_PREDICTIONS = 1000
"""Graded predictions of all systems from which harm is no accident: about a full day of games."""

# Per system this is common, and right to say: on real seasons the adjustments cost a typical
# system 0.01 points.
ADJUSTED_IS_NO_WORSE = Reconciliation(
    name="adjusted_is_no_worse",
    description="The tier adjustment does not raise a system's mean absolute error over 30 days.",
    reads=("adjustment_performance",),
    blocking=False,
    sql="""
SELECT
  as_of_date AS day,
  system_id AS system,
  sample_size AS predictions,
  raw_mae AS raw,
  adjusted_mae AS adjusted
FROM adjustment_performance
WHERE correction = 'tier' AND mae_difference > 0
""",
)

# Over all systems: a single one passes 0.1 when tiers learnt while starters rested meet the
# play-offs (three days of May 2022), though its adjustments are computed rightly. All together
# reached 0.08 at the worst; beyond 0.1 they may be applied wrongly.
ADJUSTED_DOES_NO_HARM = Reconciliation(
    name="adjusted_does_no_harm",
    description=(
        "The tier adjustments raise the mean absolute error of all systems over 30 days by 0.1 "
        "points at most."
    ),
    reads=("adjustment_performance",),
    blocking=False,
    sql=f"""
SELECT
  as_of_date AS day,
  SUM(sample_size) AS predictions,
  SUM(sample_size * raw_mae) AS raw_errors,
  SUM(sample_size * adjusted_mae) AS adjusted_errors
FROM adjustment_performance
WHERE correction = 'tier'
GROUP BY as_of_date
HAVING SUM(sample_size) >= {JUDGED_PREDICTIONS}
  AND 10 * SUM(sample_size * mae_difference) > SUM(sample_size)
""",
)


def error_column(name: str, description: str, low: float) -> Column:
    """A mean error in points with three decimals: corrections move hundredths."""
    return Column(
        name, "NUMERIC(6,3)", description, unit="points", required=True, between=(low, 60)
    )


TABLE = Table(
    name="adjustment_performance",
    dataset="nba_predictions",
    layer=Layer.FEEDBACK,
    date_column="as_of_date",
    grain=("as_of_date", "system_id", "correction"),
    reads={
        # Which days have games.
        "games": Window.same_day(),
        # 30 dates: as_of_date - 30 < game_date <= as_of_date.
        "adjusted_predictions": Window.days(29, before=False),
        "prediction_accuracy": Window.days(29, before=False),
    },
    description="Errors with and without each correction, over the last 30 days, out of sample.",
    source=__file__,
    clustering=("system_id",),
    expects=A_STATE_ONCE_ENOUGH_IS_GRADED,
    columns=(
        AS_OF_DATE,
        SEASON_YEAR,
        SYSTEM_ID,
        Column(
            "correction",
            "STRING",
            "tier: adjusted_points; player_bias and context: that adjustment alone; combined: the "
            "sum of those a prediction has",
            required=True,
            one_of=("tier", "player_bias", "context", "combined"),
        ),
        LAST_GAME_DATE,
        sample_size(
            "Graded predictions that have the correction; both sides use these", at_least=1
        ),
        error_column("raw_mae", "Mean absolute error of predicted_points", 0),
        error_column("adjusted_mae", "Mean absolute error with the correction", 0),
        error_column(
            "mae_difference", "adjusted_mae - raw_mae; negative = the correction helps", -60
        ),
        error_column("raw_bias", "Mean of predicted_points - actual", -60),
        error_column("adjusted_bias", "The same with the correction", -60),
    ),
    rules=(
        NO_LATER_GAME,
        Rule(
            "difference_adds_up",
            "ABS(mae_difference - (adjusted_mae - raw_mae)) <= 0.001",
            "The difference is that of the two errors, each rounded to three decimals",
        ),
    ),
    reconciliations=(ADJUSTED_IS_NO_WORSE, ADJUSTED_DOES_NO_HARM),
)
