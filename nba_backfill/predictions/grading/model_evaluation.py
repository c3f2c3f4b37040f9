"""Out-of-time accuracy of every prediction system, by month and season to date (spec 40, 2.8).

Predictions of players who were on court, as they were graded; beside each figure what a plain
average and the line achieved on the same rows. An error of all players and one of players with a
line are of different populations and never to be compared (spec 41).

A system that is better than is honestly possible fails here: upstream's best figures all came
from results that had leaked into the features, and looked like success.
"""

from nba_backfill.core.table import Column, Layer, Per, Reconciliation, Rows, Rule, Table
from nba_backfill.core.window import Window
from nba_backfill.predictions.forecasting.prediction_columns import SYSTEMS
from nba_backfill.predictions.grading import accuracy_report

POPULATIONS = ("all", "line_rows", "no_line_rows", "0_8", "8_15", "15_22", "22_plus")
PERIODS = ("month", "season")

ROWS_NEEDED = 2000
"""Rows or picks from which an alarm speaks: below, luck explains as much."""

IMPOSSIBLE_ERROR = 4.25 / 4.694
"""Error below which a forecast must have seen the result, as a share of the season average's on
the same rows: 4.25 in the study of spec 41, where the season average erred by 4.694. Leagues
differ in level, the share does not; knowing every line-up in advance reaches 0.93 at best."""

IMPOSSIBLE_GAIN = 0.10
"""Points by which nothing honest beats the line on the same rows."""

IMPOSSIBLE_HIT_RATE = 0.57
HIGHEST_FALLBACK_SHARE = 0.05
HIGHEST_BIAS = 1.5
BIAS_ROWS = 1000

REAGGREGATES = Reconciliation(
    name="reaggregates_from_the_grades",
    description=(
        "Predictions, errors, lines and picks of the season are exactly those of its grades up to"
        " the day."
    ),
    reads=("model_evaluation", "prediction_accuracy"),
    windows={"prediction_accuracy": Window.season_to_date(before=False)},
    sql="""
WITH by_day AS (
  SELECT
    season_year,
    game_date,
    system_id,
    COUNT(*) AS predictions,
    SUM(absolute_error) AS absolute_errors,
    SUM(signed_error) AS signed_errors,
    COUNT(line_value) AS line_rows,
    COUNTIF(ABS(predicted_margin) >= 1 AND actual_margin != 0) AS picks,
    COUNTIF(
      ABS(predicted_margin) >= 1 AND actual_margin != 0
      AND SIGN(predicted_margin) = SIGN(actual_margin)
    ) AS pick_hits
  FROM prediction_accuracy
  WHERE NOT is_voided AND minutes_played > 0
  GROUP BY season_year, game_date, system_id
),

evaluated AS (
  SELECT *
  FROM model_evaluation
  WHERE population = 'all' AND period = 'season'
),

compared AS (
  SELECT
    e.as_of_date AS day,
    e.system_id,
    e.predictions,
    e.mae,
    e.bias,
    e.line_rows,
    e.picks,
    e.pick_hits,
    SUM(d.predictions) AS graded,
    CAST(SUM(d.absolute_errors) AS FLOAT64) AS absolute_errors,
    CAST(SUM(d.signed_errors) AS FLOAT64) AS signed_errors,
    SUM(d.line_rows) AS graded_lines,
    SUM(d.picks) AS graded_picks,
    SUM(d.pick_hits) AS graded_hits
  FROM evaluated AS e
  LEFT JOIN by_day AS d
    ON d.season_year = e.season_year
    AND d.system_id = e.system_id
    AND d.game_date <= e.as_of_date
  GROUP BY
    e.as_of_date, e.system_id, e.predictions, e.mae, e.bias, e.line_rows, e.picks, e.pick_hits
)

SELECT day, system_id, predictions, graded, mae, absolute_errors
FROM compared
WHERE graded IS NULL
  OR predictions != graded
  OR line_rows != graded_lines
  OR picks != graded_picks
  OR pick_hits != graded_hits
  OR ABS(mae * graded - absolute_errors) > 0.000051 * graded
  OR ABS(bias * graded - signed_errors) > 0.000051 * graded
UNION ALL
SELECT by_day.game_date, by_day.system_id, NULL, by_day.predictions, NULL, NULL
FROM by_day
LEFT JOIN evaluated
  ON evaluated.as_of_date = by_day.game_date
  AND evaluated.system_id = by_day.system_id
WHERE by_day.game_date BETWEEN @start_date AND @end_date AND evaluated.system_id IS NULL
""",
)

POPULATIONS_ADD_UP = Reconciliation(
    name="populations_add_up",
    description="Rows with and without a line are all rows; the tiers are at most all.",
    reads=("model_evaluation",),
    sql="""
SELECT
  as_of_date AS day,
  system_id,
  period,
  SUM(IF(population = 'all', predictions, 0)) AS everyone,
  SUM(IF(population IN ('line_rows', 'no_line_rows'), predictions, 0)) AS by_line,
  SUM(IF(population IN ('0_8', '8_15', '15_22', '22_plus'), predictions, 0)) AS by_tier
FROM model_evaluation
GROUP BY as_of_date, system_id, period
HAVING SUM(IF(population = 'all', predictions, 0))
    != SUM(IF(population IN ('line_rows', 'no_line_rows'), predictions, 0))
  OR SUM(IF(population = 'all', predictions, 0))
    < SUM(IF(population IN ('0_8', '8_15', '15_22', '22_plus'), predictions, 0))
""",
)


def _count(name: str, description: str) -> Column:
    return Column(name, "INT64", description, required=True, between=(0, 100_000))


def _error(name: str, description: str) -> Column:
    return Column(name, "FLOAT64", description, unit="points", between=(0, 60))


def _share(name: str, description: str) -> Column:
    return Column(name, "FLOAT64", description, unit="fraction 0-1", between=(0, 1))


TABLE = Table(
    name="model_evaluation",
    dataset="nba_predictions",
    layer=Layer.GRADING,
    date_column="as_of_date",
    grain=("as_of_date", "system_id", "period", "population"),
    reads={"prediction_accuracy": Window.season_to_date(before=False)},
    description="Accuracy of each system to date, beside plain averages and the line.",
    source=__file__,
    shows=accuracy_report.shows,
    # What is too good to be true for one system says that something leaks, not in which row.
    refuses=(),
    clustering=("system_id", "period"),
    expects=Rows(Per.DAY, 10, len(SYSTEMS) * len(PERIODS) * len(POPULATIONS)),
    columns=(
        Column(
            "as_of_date",
            "DATE",
            "Graded day up to which, itself included, predictions count",
            required=True,
        ),
        Column("system_id", "STRING", "Prediction system", required=True),
        Column(
            "period",
            "STRING",
            "month: from the first of the day's month; season: from the season's first prediction",
            required=True,
            one_of=PERIODS,
        ),
        Column(
            "population",
            "STRING",
            "all; with a real line or without one; or by points_avg_season before the game: "
            "[0, 8), [8, 15), [15, 22), 22 and more",
            required=True,
            one_of=POPULATIONS,
        ),
        Column("season_year", "INT64", "Year the season starts in: 2024 is 2024-25", required=True),
        Column("first_date", "DATE", "First day that counts", required=True),
        _count("predictions", "Predictions of players with minutes, voids left out"),
        _error("mae", "Mean absolute error"),
        _error("rmse", "Root of the mean squared error"),
        Column(
            "bias",
            "FLOAT64",
            "Mean of predicted minus actual points: positive = predicted too much. A forecast of "
            "the median stands at -0.5 to -0.7",
            unit="points",
            between=(-60, 60),
        ),
        _share("within_3_pct", "Share at most 3 points off"),
        _share("within_5_pct", "Share at most 5 points off"),
        _count("baseline_rows", "Predictions whose player has all averages below"),
        _error("mae_on_baseline_rows", "Mean absolute error on baseline_rows"),
        _error("season_average_mae", "Error of points_avg_season on baseline_rows"),
        _error("last_10_mae", "Error of points_avg_last_10 on baseline_rows"),
        _error("last_5_mae", "Error of points_avg_last_5 on baseline_rows"),
        _error("blend_mae", "Error of 0.5 last 5 + 0.3 last 10 + 0.2 season on baseline_rows"),
        _count("line_rows", "Predictions with a real line"),
        _error("mae_on_line_rows", "Mean absolute error on line_rows"),
        _error("line_mae", "Error of the line itself on line_rows"),
        _count("anchored_rows", "Predictions with line_anchored_points: the challenger's"),
        _error("line_anchored_mae", "Error of line_anchored_points on anchored_rows"),
        _error("line_mae_on_anchored_rows", "Error of the line itself on anchored_rows"),
        _count(
            "picks",
            "Predictions at least 1 point off the line, pushes left out, whatever was recommended",
        ),
        _count("pick_hits", "Picks whose side of the line came true"),
        _share("hit_rate", "pick_hits / picks; NULL without picks. Break-even at -110 is 0.524"),
        _share("hit_rate_low", "Lower end of its 95 % interval (Wilson)"),
        _share("hit_rate_high", "Upper end of its 95 % interval (Wilson)"),
        _count("interval_rows", "Predictions with an 80 % interval, which learned systems give"),
        _share("interval_coverage", "Share of interval_rows with points inside, ends included"),
        _share("below_p10_pct", "Share of interval_rows with points below the lower end"),
        _share("below_p90_pct", "Share of interval_rows with points below the upper end"),
        _count("trained_rows", "Predictions of a trained model"),
        _count("fallback_rows", "Predictions of a learned system that had no model to ask"),
    ),
    rules=(
        Rule(
            "not_better_than_possible",
            f"population != 'all' OR baseline_rows < {ROWS_NEEDED}"
            f" OR mae_on_baseline_rows >= {IMPOSSIBLE_ERROR:.4f} * season_average_mae",
            f"An error below {IMPOSSIBLE_ERROR:.1%} of the season average's means a leak",
        ),
        Rule(
            "not_better_than_the_line",
            f"population != 'line_rows' OR line_rows < {ROWS_NEEDED}"
            f" OR mae_on_line_rows >= line_mae - {IMPOSSIBLE_GAIN}",
            f"More than {IMPOSSIBLE_GAIN} points better than the line means a leak",
        ),
        Rule(
            "anchored_not_better_than_the_line",
            f"population != 'line_rows' OR anchored_rows < {ROWS_NEEDED}"
            f" OR line_anchored_mae >= line_mae_on_anchored_rows - {IMPOSSIBLE_GAIN}",
            "Nor does a prediction drawn to the line beat it by more",
        ),
        Rule(
            "hit_rate_is_possible",
            f"picks < {ROWS_NEEDED} OR hit_rate <= {IMPOSSIBLE_HIT_RATE}",
            f"More than {IMPOSSIBLE_HIT_RATE:.0%} right over so many picks means a leak",
        ),
        Rule(
            "champion_is_not_a_fallback",
            "system_id != 'catboost_v8' OR population != 'all' OR period != 'month'"
            f" OR trained_rows = 0 OR fallback_rows <= {HIGHEST_FALLBACK_SHARE} * predictions",
            "In a month with a model, the champion predicts with it (models change by the month)",
            blocking=False,
        ),
        Rule(
            "interval_holds_four_in_five",
            f"population != 'all' OR interval_rows < {ROWS_NEEDED}"
            " OR interval_coverage BETWEEN 0.77 AND 0.83",
            "The 80 % interval holds 77 to 83 % of the results",
            blocking=False,
        ),
        Rule(
            "bias_is_small",
            f"population != 'all' OR predictions < {BIAS_ROWS} OR ABS(bias) <= {HIGHEST_BIAS}",
            f"Predictions are at most {HIGHEST_BIAS} points too high or too low on average",
            blocking=False,
        ),
        Rule(
            "parts_within_wholes",
            "pick_hits <= picks AND picks <= line_rows AND line_rows <= predictions"
            " AND anchored_rows <= line_rows AND baseline_rows <= predictions"
            " AND interval_rows <= predictions AND trained_rows + fallback_rows <= predictions",
            "No part exceeds its whole",
        ),
        Rule(
            "errors_have_an_order",
            "rmse >= mae - 0.0001 AND mae >= ABS(bias) - 0.0001"
            " AND COALESCE(hit_rate BETWEEN hit_rate_low AND hit_rate_high, picks = 0)",
            "Root mean square, mean error and bias in this order; a rate inside its interval",
        ),
    ),
    reconciliations=(REAGGREGATES, POPULATIONS_ADD_UP),
)
