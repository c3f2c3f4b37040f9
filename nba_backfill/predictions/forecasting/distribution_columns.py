"""The columns of player_prop_predictions that say how far from the forecast he may end up."""

from nba_backfill.core.table import Column

DISTRIBUTION = (
    Column(
        "predicted_points_p10",
        "NUMERIC(5,2)",
        "Lower end of the 80 % interval: he stays below it in one game of ten; of trained systems "
        "whose model gives one (see point_forecasts), else NULL",
        unit="points",
        between=(0, 60),
    ),
    Column("predicted_points_p90", "NUMERIC(5,2)", "Upper end", unit="points", between=(0, 60)),
    Column(
        "over_probability",
        "FLOAT64",
        "Probability of more points than current_points_line: two half normal distributions that "
        "meet at the unrounded forecast, each as wide as its end of the interval says, cut at half "
        "points because points are whole; NULL without a line or an interval",
        unit="probability",
        between=(0, 1),
    ),
    Column(
        "under_probability",
        "FLOAT64",
        "Probability of fewer points than current_points_line, likewise; at a whole line the rest "
        "to 1 is the push",
        unit="probability",
        between=(0, 1),
    ),
    Column(
        "predicted_points_mean",
        "NUMERIC(5,1)",
        "The challenger's mean, where predicted_points is its median: points are skewed, so the "
        "mean is the higher one",
        unit="points",
        between=(0, 60),
    ),
    Column(
        "line_anchored_points",
        "NUMERIC(5,2)",
        "Line + 0.15 x (challenger's unrounded forecast - line): on rows with a line more exact "
        "than either; NULL on other systems' rows and without a line",
        unit="points",
        between=(0, 60),
    ),
    Column(
        "line_anchored_over_probability",
        "FLOAT64",
        "As over_probability, with the distribution moved from the forecast to "
        "line_anchored_points: of forecasts that disagree with the line, the line is right more "
        "often, so this is the probability to bet by; NULL on other systems' rows",
        unit="probability",
        between=(0, 1),
    ),
    Column(
        "line_anchored_under_probability",
        "FLOAT64",
        "Likewise of fewer points; at a whole line the rest to 1 is the push",
        unit="probability",
        between=(0, 1),
    ),
)
