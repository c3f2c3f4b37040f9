"""Every prediction with the corrections that were known before its day (spec 40, 4.1-4.5).

Each correction stands on its own, computed from raw errors; `predicted_points`, the
recommendation and the confidence stay as they were predicted. Nothing here feeds back: the tables
it reads grade raw forecasts, so the predictions themselves never wait for yesterday's grading.
A combination that wins (`adjustment_performance`) is to become a system of its own, not to
replace these columns.
"""

from nba_backfill.core.table import Column, Layer, Reconciliation, Rows, Rule, Table
from nba_backfill.core.window import Window
from nba_backfill.predictions.feedback.feedback_columns import (
    AGREEMENT_LEVELS,
    SCORING_TIERS,
    SYSTEM_ID,
    points_column,
    share_column,
)

COPIES_PREDICTIONS = Reconciliation(
    name="copies_the_predictions",
    description=(
        "The rows are exactly those of player_prop_predictions, with forecast, confidence and "
        "recommendation as predicted."
    ),
    reads=("adjusted_predictions", "player_prop_predictions"),
    sql="""
SELECT
  COALESCE(a.game_date, p.game_date) AS day,
  COALESCE(a.game_id, p.game_id) AS game_id,
  COALESCE(a.player_lookup, p.player_lookup) AS player_lookup,
  COALESCE(a.system_id, p.system_id) AS system,
  a.predicted_points AS adjusted_from,
  p.predicted_points AS predicted
FROM adjusted_predictions AS a
FULL OUTER JOIN player_prop_predictions AS p
  ON p.game_date = a.game_date
  AND p.game_id = a.game_id
  AND p.player_lookup = a.player_lookup
  AND p.system_id = a.system_id
WHERE a.system_id IS NULL
  OR p.system_id IS NULL
  OR a.predicted_points != p.predicted_points
  OR a.confidence_score != p.confidence_score
  OR a.recommendation != p.recommendation
""",
)


def as_of_column(prefix: str, table: str) -> Column:
    """The column that says which day's row of a feedback table was used."""
    return Column(
        f"{prefix}_as_of_date",
        "DATE",
        f"As-of date of the row of {table} used, always before game_date; NULL if there is none",
    )


COMPONENTS = ("tier", "player_bias", "context", "confidence", "agreement")

TABLE = Table(
    name="adjusted_predictions",
    dataset="nba_predictions",
    layer=Layer.FEEDBACK,
    date_column="game_date",
    grain=("game_date", "game_id", "player_lookup", "system_id"),
    reads={
        "player_prop_predictions": Window.same_day(),
        # The season average that decides the tier.
        "ml_feature_store_v2": Window.same_day(),
        "prediction_contexts": Window.same_day(),
        "scoring_tier_adjustments": Window.season_to_date(before=True),
        "player_prediction_bias": Window.season_to_date(before=True),
        "context_error_correlations": Window.season_to_date(before=True),
        "confidence_calibration": Window.season_to_date(before=True),
        "system_agreement_patterns": Window.season_to_date(before=True),
    },
    description="Predictions with corrections learnt strictly before their day, one per column.",
    source=__file__,
    steps=("shared/scoring_tiers", "shared/agreement_levels"),
    clustering=("system_id", "player_lookup"),
    expects=Rows.at_least_per_team_game(5, before_tip=True),
    columns=(
        Column("game_date", "DATE", "US-Eastern date of the game", required=True),
        Column("game_id", "STRING", "Canonical game id, YYYYMMDD_AWAY_HOME", required=True),
        Column("season_year", "INT64", "Year the season starts in: 2024 is 2024-25", required=True),
        Column("player_lookup", "STRING", "Canonical player name key", required=True),
        SYSTEM_ID,
        Column("team_abbr", "STRING", "His club as known before tip-off", required=True),
        Column(
            "predicted_points",
            "NUMERIC(5,1)",
            "The raw forecast, unchanged",
            unit="points",
            required=True,
            between=(0, 60),
        ),
        Column(
            "recommendation",
            "STRING",
            "The recommendation on the raw forecast, unchanged",
            required=True,
            one_of=("OVER", "UNDER", "PASS", "NO_LINE"),
        ),
        share_column("confidence_score", "The raw confidence, unchanged", required=True),
        Column(
            "scoring_tier",
            "STRING",
            "Tier of his season average before the game, bounds as in scoring_tier_adjustments; "
            "BENCH_0_9 if unknown",
            required=True,
            one_of=SCORING_TIERS,
        ),
        as_of_column("tier", "scoring_tier_adjustments"),
        points_column(
            "tier_adjustment",
            "recommended_adjustment x application_factor of the tier; NULL while it has no row",
            required=False,
        ),
        Column(
            "adjusted_points",
            "NUMERIC(6,2)",
            "predicted_points + tier_adjustment, not clipped; NULL without one",
            unit="points",
            between=(-60, 120),
        ),
        as_of_column("player_bias", "player_prediction_bias"),
        points_column(
            "player_bias_adjustment",
            "recommended_adjustment x adjustment_confidence of the player if that confidence "
            "exceeds 0.5, else 0; NULL while he has no row",
            required=False,
        ),
        as_of_column("context", "context_error_correlations"),
        points_column(
            "context_adjustment",
            "Sum of the significant adjustments of the contexts the game is in; NULL while the "
            "system has no rows",
            required=False,
        ),
        Column(
            "significant_contexts",
            "INT64",
            "Contexts the game is in that are significant for the system",
            between=(0, 5),
        ),
        as_of_column("confidence", "confidence_calibration"),
        share_column(
            "calibrated_confidence",
            "confidence_score x recommended_multiplier of its bucket, at most 1; NULL while the "
            "bucket has no graded pick",
        ),
        Column(
            "agreement_level",
            "STRING",
            "How far the ensemble's members are apart, as in system_agreement_patterns; NULL for "
            "the other systems",
            one_of=AGREEMENT_LEVELS,
        ),
        as_of_column("agreement", "system_agreement_patterns"),
        Column(
            "agreement_multiplier",
            "NUMERIC(4,3)",
            "confidence_multiplier of the level; NULL for other systems and while it has no row",
            between=(0.8, 1.2),
        ),
    ),
    rules=(
        Rule(
            "learnt_before_the_day",
            " AND ".join(f"COALESCE({c}_as_of_date < game_date, TRUE)" for c in COMPONENTS),
            "No correction knows the day's own results",
        ),
        Rule(
            "adjusted_points_add_up",
            "(adjusted_points IS NULL) = (tier_adjustment IS NULL)"
            " AND COALESCE(adjusted_points = predicted_points + tier_adjustment, TRUE)",
            "adjusted_points is the raw forecast plus the tier's adjustment, nothing else",
        ),
        Rule(
            "corrections_name_their_date",
            "(tier_adjustment IS NULL) = (tier_as_of_date IS NULL)"
            " AND (player_bias_adjustment IS NULL) = (player_bias_as_of_date IS NULL)"
            " AND (context_adjustment IS NULL) = (context_as_of_date IS NULL)"
            " AND (calibrated_confidence IS NULL) = (confidence_as_of_date IS NULL)"
            " AND (agreement_multiplier IS NULL) = (agreement_as_of_date IS NULL)",
            "Each correction comes with the date it was learnt by",
        ),
    ),
    reconciliations=(COPIES_PREDICTIONS,),
)
