"""How far each system was off per player over his last 30 graded games (spec 40, section 4.2).

A row for every game day, whether he played or not, so that a consumer finds everybody at one
as-of date. Games of the season before count until 30 newer ones are graded. In the first days of
history nobody has five graded games: those days have no rows.
"""

from nba_backfill.core.table import Column, Layer, Table
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

GAMES_WANTED, GAMES_NEEDED = 30, 5

TABLE = Table(
    name="player_prediction_bias",
    dataset="nba_predictions",
    layer=Layer.FEEDBACK,
    date_column="as_of_date",
    grain=("as_of_date", "player_lookup", "system_id"),
    reads={
        # Which days have games.
        "games": Window.same_day(),
        # Wide enough for all of the season before; the SQL reads no older one.
        "prediction_accuracy": Window.optional(730, before=False),
    },
    description="Bias per player and system over his last 30 graded games of two seasons.",
    source=__file__,
    steps=("shared/scoring_tiers",),
    clustering=("player_lookup", "system_id"),
    expects=A_STATE_ONCE_ENOUGH_IS_GRADED,
    columns=(
        AS_OF_DATE,
        SEASON_YEAR,
        Column("player_lookup", "STRING", "Canonical player name key", required=True),
        SYSTEM_ID,
        LAST_GAME_DATE,
        sample_size(
            "Last graded games of this and the previous season, at most 30; players with fewer "
            "than 5 have no row",
            at_least=GAMES_NEEDED,
            at_most=GAMES_WANTED,
        ),
        Column(
            "games_last_30d",
            "INT64",
            "Those of them with as_of_date - 30 < game_date",
            required=True,
            between=(0, GAMES_WANTED),
        ),
        points_column("avg_signed_error", "Mean of predicted - actual; + = over-predicted"),
        points_column("avg_absolute_error", "Mean absolute error of the raw forecast", low=0),
        points_column(
            "bias_stddev", "Sample standard deviation (n - 1) of predicted - actual", low=0
        ),
        points_column("recommended_adjustment", "-avg_signed_error: what would undo the bias"),
        share_column(
            "adjustment_confidence",
            "min(1, sample_size / 20) x (1 - bias_stddev / 10), within 0-1; use the adjustment "
            "above 0.5 only, weighted with it",
            required=True,
        ),
        Column(
            "avg_actual_points",
            "NUMERIC(5,1)",
            "Mean points of the sample's games",
            unit="points",
            required=True,
            between=(0, 100),
        ),
        Column(
            "scoring_tier",
            "STRING",
            "Tier of his season average before the newest game of the sample, bounds as in "
            "scoring_tier_adjustments",
            required=True,
            one_of=SCORING_TIERS,
        ),
    ),
    rules=(NO_LATER_GAME, ADJUSTMENT_IS_THE_OPPOSITE_OF_THE_BIAS),
)
