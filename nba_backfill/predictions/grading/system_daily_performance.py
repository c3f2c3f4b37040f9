"""How each prediction system did on one day, counted from that day's grades (spec 40, 3.2).

Voids stand aside in `voided_count`; pushes count for neither side of a rate. Averages of several
days must be weighted by their counts: a day of two games is not a day of thirteen.
"""

from nba_backfill.core.table import Column, Layer, Per, Reconciliation, Rows, Rule, Table
from nba_backfill.core.window import Window
from nba_backfill.predictions.forecasting.prediction_columns import SYSTEMS

FEWEST_SYSTEMS = 5
"""Systems of a day: all seven, of which the two that need history may be silent early on."""


def _count(name: str, description: str) -> Column:
    return Column(name, "INT64", description, required=True, between=(0, 10_000))


def _rate(name: str, description: str) -> Column:
    return Column(name, "FLOAT64", description, unit="fraction 0-1", between=(0, 1))


REAGGREGATES = Reconciliation(
    name="reaggregates_from_the_grades",
    description=(
        "Counts, errors and confidence are exactly those of the day's grades, and every graded"
        " system has its row."
    ),
    reads=("system_daily_performance", "prediction_accuracy"),
    sql="""
WITH graded AS (
  SELECT
    game_date,
    system_id,
    COUNT(*) AS predictions,
    COUNTIF(is_voided) AS voided,
    COUNTIF(prediction_correct) AS correct,
    COUNTIF(NOT prediction_correct) AS incorrect,
    COUNTIF(NOT is_voided AND recommendation = 'OVER') AS overs,
    COUNTIF(NOT is_voided AND recommendation = 'UNDER') AS unders,
    COUNTIF(NOT is_voided AND recommendation = 'PASS') AS passes,
    COUNTIF(NOT is_voided AND recommendation = 'NO_LINE') AS no_lines,
    COUNTIF(within_3_points) AS within_3,
    COUNTIF(within_5_points) AS within_5,
    CAST(SUM(absolute_error) AS FLOAT64) AS absolute_errors,
    CAST(SUM(signed_error) AS FLOAT64) AS signed_errors,
    CAST(SUM(IF(is_voided, NULL, confidence_score)) AS FLOAT64) AS confidences
  FROM prediction_accuracy
  GROUP BY game_date, system_id
)

SELECT
  COALESCE(graded.game_date, daily.game_date) AS day,
  COALESCE(graded.system_id, daily.system_id) AS system_id,
  graded.predictions - graded.voided AS graded_predictions,
  daily.predictions_count
FROM graded
FULL JOIN system_daily_performance AS daily
  ON daily.game_date = graded.game_date
  AND daily.system_id = graded.system_id
WHERE daily.system_id IS NULL
  OR graded.system_id IS NULL
  OR daily.predictions_count != graded.predictions - graded.voided
  OR daily.voided_count != graded.voided
  OR daily.correct_count != graded.correct
  OR daily.incorrect_count != graded.incorrect
  OR daily.over_count != graded.overs
  OR daily.under_count != graded.unders
  OR daily.pass_count != graded.passes
  OR daily.no_line_count != graded.no_lines
  OR daily.within_3_count != graded.within_3
  OR daily.within_5_count != graded.within_5
  OR (daily.mae IS NULL) != (daily.predictions_count = 0)
  OR ABS(daily.mae * daily.predictions_count - graded.absolute_errors)
    > 0.0051 * daily.predictions_count
  OR ABS(daily.avg_bias * daily.predictions_count - graded.signed_errors)
    > 0.0051 * daily.predictions_count
  OR ABS(daily.avg_confidence * daily.predictions_count - graded.confidences)
    > 0.00051 * daily.predictions_count
""",
)

TABLE = Table(
    name="system_daily_performance",
    dataset="nba_predictions",
    layer=Layer.GRADING,
    date_column="game_date",
    grain=("game_date", "system_id"),
    reads={"prediction_accuracy": Window.same_day()},
    description="A day's record of each prediction system, voids set apart.",
    source=__file__,
    clustering=("system_id",),
    expects=Rows(Per.DAY, FEWEST_SYSTEMS, len(SYSTEMS)),
    columns=(
        Column("game_date", "DATE", "US-Eastern date of the games", required=True),
        Column("system_id", "STRING", "Prediction system", required=True),
        Column("season_year", "INT64", "Year the season starts in: 2024 is 2024-25", required=True),
        _count("predictions_count", "Predictions graded: voids are not among them"),
        _count("voided_count", "Predictions void: the player did not play, or the game was not"),
        _count("recommendations_count", "OVER and UNDER picks among predictions_count"),
        _count("correct_count", "Picks that came true"),
        _count("incorrect_count", "Picks that did not"),
        _count("push_count", "Picks whose line was hit exactly: neither right nor wrong"),
        _count("pass_count", "Predictions with a line and no pick"),
        _count("no_line_count", "Predictions without a line"),
        _rate("win_rate", "correct_count / (correct_count + incorrect_count); NULL without either"),
        Column(
            "mae",
            "FLOAT64",
            "Mean absolute error of predictions_count; NULL if that is 0",
            unit="points",
            between=(0, 60),
        ),
        Column(
            "avg_bias",
            "FLOAT64",
            "Mean of predicted minus actual points: positive = predicted too much",
            unit="points",
            between=(-60, 60),
        ),
        Column("rmse", "FLOAT64", "Root of the mean squared error", unit="points"),
        _count("over_count", "OVER picks"),
        _count("over_correct", "OVER picks that came true"),
        _rate("over_win_rate", "Share of the decided OVER picks that came true"),
        _count("under_count", "UNDER picks"),
        _count("under_correct", "UNDER picks that came true"),
        _rate("under_win_rate", "Share of the decided UNDER picks that came true"),
        _count("within_3_count", "Predictions at most 3 points off"),
        _rate("within_3_pct", "within_3_count / predictions_count"),
        _count("within_5_count", "Predictions at most 5 points off"),
        _rate("within_5_pct", "within_5_count / predictions_count"),
        _rate("avg_confidence", "Mean confidence of predictions_count"),
        _count("high_confidence_count", "OVER and UNDER picks with a confidence of 0.70 or more"),
        _count("high_confidence_correct", "Of these, came true"),
        _rate("high_confidence_win_rate", "Share of the decided ones of these that came true"),
    ),
    rules=(
        Rule(
            "picks_add_up",
            "correct_count + incorrect_count + push_count = recommendations_count"
            " AND over_count + under_count = recommendations_count",
            "Every pick is right, wrong or a push, and is an OVER or an UNDER",
        ),
        Rule(
            "predictions_add_up",
            "recommendations_count + pass_count + no_line_count = predictions_count",
            "Every prediction is a pick, a pass or without a line",
        ),
        Rule(
            "parts_within_wholes",
            "over_correct <= over_count AND under_correct <= under_count"
            " AND over_correct + under_correct = correct_count"
            " AND within_3_count <= within_5_count AND within_5_count <= predictions_count"
            " AND high_confidence_correct <= high_confidence_count"
            " AND high_confidence_count <= recommendations_count",
            "No part exceeds its whole",
        ),
        Rule(
            "errors_have_an_order",
            "rmse >= mae - 0.011 AND mae >= ABS(avg_bias) - 0.011",
            "Root mean square is at least the mean error, and that at least the bias",
        ),
    ),
    reconciliations=(REAGGREGATES,),
)
