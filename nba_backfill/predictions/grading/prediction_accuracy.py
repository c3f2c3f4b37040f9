"""Predictions against box scores: one graded row per prediction (spec 40, 3.1).

A day is graded once all its games are over, a game once its player facts are there; facts of a
game are complete by construction (`player_boxes` accepts a box score only to the last point), so
no number of players per club is asked for: real games were played with six. Predictions of a
game that left the day's schedule, and those whose player did not play, are void. A void has a
reason, no errors and no verdict.
"""

from nba_backfill.core.table import Column, Layer, Rows, Rule, Table
from nba_backfill.core.window import Window
from nba_backfill.predictions.grading import market_columns
from nba_backfill.predictions.grading.grade_reconciliations import RECONCILIATIONS

VOID_REASONS = ("dnp_injury_confirmed", "dnp_late_scratch", "dnp_unknown", "game_postponed")

IDENTITY = (
    Column("game_date", "DATE", "US-Eastern date of the game", required=True),
    Column("game_id", "STRING", "Canonical game id, YYYYMMDD_AWAY_HOME", required=True),
    Column("player_lookup", "STRING", "Canonical player name key", required=True),
    Column("system_id", "STRING", "Prediction system", required=True),
    Column("season_year", "INT64", "Year the season starts in: 2024 is 2024-25", required=True),
    Column(
        "team_abbr",
        "STRING",
        "Club he played for; the one predicted if he has no box score row",
        required=True,
    ),
    Column("opponent_team_abbr", "STRING", "The other team, likewise", required=True),
    Column("is_home", "BOOL", "Whether he was predicted as a home player", required=True),
)

PREDICTED = (
    Column(
        "predicted_points",
        "NUMERIC(5,1)",
        "Predicted points, as they were predicted: no later correction enters",
        unit="points",
        required=True,
        between=(0, 60),
    ),
    Column(
        "predicted_points_p10",
        "NUMERIC(5,2)",
        "Lower end of the 80 % interval; NULL if the system gave none",
        unit="points",
    ),
    Column("predicted_points_p90", "NUMERIC(5,2)", "Upper end of the 80 % interval", unit="points"),
    Column("predicted_points_mean", "NUMERIC(5,1)", "The challenger's mean", unit="points"),
    Column(
        "line_anchored_points",
        "NUMERIC(5,2)",
        "The challenger's prediction drawn to the line; NULL without a line",
        unit="points",
    ),
    Column(
        "confidence_score",
        "NUMERIC(4,3)",
        "Confidence of the system in its prediction",
        unit="fraction 0-1",
        required=True,
        between=(0, 1),
    ),
    Column(
        "confidence_decile",
        "INT64",
        "Tenth of the confidence scale: 1 is below 0.1, 10 from 0.9 on",
        required=True,
        between=(1, 10),
    ),
    Column(
        "recommendation",
        "STRING",
        "Pick against the line",
        required=True,
        one_of=("OVER", "UNDER", "PASS", "NO_LINE"),
    ),
    Column("line_value", "NUMERIC(5,1)", "The real line; NULL if there was none", unit="points"),
)

OUTCOME = (
    Column(
        "actual_points",
        "INT64",
        "Points scored; NULL if he has no box score row",
        unit="points",
        max_null_rate=0,
        null_rate_where="NOT is_voided",
        between=(0, 100),
    ),
    Column("minutes_played", "NUMERIC(5,1)", "Minutes on court", unit="minutes"),
    Column(
        "absolute_error",
        "NUMERIC(5,1)",
        "Size of signed_error; NULL if void",
        unit="points",
        between=(0, 100),
    ),
    Column(
        "signed_error",
        "NUMERIC(5,1)",
        "Predicted minus actual points: positive = predicted too much; NULL if void",
        unit="points",
        between=(-100, 60),
    ),
    Column("within_3_points", "BOOL", "absolute_error at most 3.0; NULL if void"),
    Column("within_5_points", "BOOL", "absolute_error at most 5.0; NULL if void"),
    Column("predicted_margin", "NUMERIC(5,1)", "predicted_points - line_value", unit="points"),
    Column(
        "actual_margin",
        "NUMERIC(5,1)",
        "actual_points - line_value; NULL if void or without a line",
        unit="points",
    ),
    Column(
        "prediction_correct",
        "BOOL",
        "Whether the OVER or UNDER came true; NULL without such a pick, without a line, if points "
        "and line are equal (a push), and if void",
    ),
    Column(
        "is_voided",
        "BOOL",
        "The game was postponed or he did not play: no row of the box score, or one without a "
        "minute, a point or any other act",
        required=True,
    ),
    Column(
        "void_reason",
        "STRING",
        "Why it is void: listed out or doubtful, listed questionable or probable, no report that "
        "explains it, or a game no longer on the day's schedule; NULL if graded",
        one_of=VOID_REASONS,
    ),
    Column(
        "pre_game_injury_flag",
        "BOOL",
        "Listed before tip as doubtful to play, as captured with the prediction; without a "
        "capture, listed as anything but available in the day's last report before tip",
        required=True,
    ),
    Column(
        "pre_game_injury_status",
        "STRING",
        "Status captured with the prediction, else of that report; NULL if not listed",
        one_of=("OUT", "DOUBTFUL", "QUESTIONABLE", "PROBABLE", "AVAILABLE"),
    ),
    Column(
        "injury_confirmed_postgame",
        "BOOL",
        "Void, and the injury listed before tip explains it",
        required=True,
    ),
)

CONTEXT = (
    Column("has_prop_line", "BOOL", "Whether a real line was there", required=True),
    Column("line_source", "STRING", "Where the line came from"),
    Column(
        "estimated_line_value",
        "NUMERIC(4,1)",
        "Estimate where there was no line; never graded against",
        unit="points",
    ),
    Column("is_actionable", "BOOL", "Whether the pick was offered to users"),
    Column("filter_reason", "STRING", "Why it was not"),
    Column(
        "pace_adjustment",
        "NUMERIC(5,2)",
        "What the pace of the match-up added, by the similarity system",
        unit="points",
    ),
    Column("similarity_sample_size", "INT64", "Similar games the similarity system found"),
    Column(
        "prediction_variance",
        "NUMERIC(10,6)",
        "Population variance of the members' predictions; only the ensemble has members",
        unit="points squared",
        between=(0, 900),
    ),
    Column(
        "model_type",
        "STRING",
        "How the number came about",
        required=True,
        one_of=("rule", "trained", "fallback"),
    ),
    Column("model_version", "STRING", "Version of the rules, or id of the trained model"),
    Column(
        "points_avg_season",
        "FLOAT64",
        "Baseline: mean points of his games of the season before the day; NULL if there was none",
        unit="points",
        max_null_rate=0.05,
        null_rate_where="NOT is_voided",
    ),
    Column(
        "points_avg_last_5",
        "FLOAT64",
        "Baseline: mean points of his last 5 of them; NULL below 5 games",
        unit="points",
        max_null_rate=0.05,
        null_rate_where="NOT is_voided",
    ),
    Column(
        "points_avg_last_10",
        "FLOAT64",
        "Baseline: mean points of his last 10 of them; NULL if there was none",
        unit="points",
        max_null_rate=0.05,
        null_rate_where="NOT is_voided",
    ),
)

TABLE = Table(
    name="prediction_accuracy",
    dataset="nba_predictions",
    layer=Layer.GRADING,
    date_column="game_date",
    grain=("game_date", "game_id", "player_lookup", "system_id"),
    reads={
        "player_prop_predictions": Window.same_day(),
        "player_game_summary": Window.same_day(),
        "games": Window.same_day(),
        "injuries": Window.same_day(),
        "ml_feature_store_v2": Window.same_day(),
        "prop_lines": Window.same_day(),
    },
    description="Graded predictions, all systems, with or without a line; voids marked.",
    source=__file__,
    clustering=("system_id", "player_lookup"),
    expects=Rows.at_least_per_game(10, outside="void_reason = 'game_postponed'"),
    columns=(*IDENTITY, *PREDICTED, *OUTCOME, *market_columns.MARKET, *CONTEXT),
    rules=(
        Rule(
            "a_void_has_a_reason",
            "is_voided = (void_reason IS NOT NULL)",
            "A void has a reason, a grade has none",
        ),
        Rule(
            "a_void_has_no_errors",
            "NOT is_voided OR (absolute_error IS NULL AND signed_error IS NULL"
            " AND within_3_points IS NULL AND within_5_points IS NULL"
            " AND actual_margin IS NULL AND prediction_correct IS NULL)",
            "A prediction that is void has neither errors nor a verdict",
        ),
        Rule(
            "a_grade_has_an_actual",
            "is_voided OR (actual_points IS NOT NULL AND signed_error IS NOT NULL"
            " AND absolute_error IS NOT NULL)",
            "A prediction that is not void was compared with points scored",
        ),
        Rule(
            "error_is_predicted_minus_actual",
            "signed_error = predicted_points - actual_points"
            " AND absolute_error = ABS(signed_error)",
            "The errors follow from prediction and points",
        ),
        Rule(
            "nearness_follows_from_the_error",
            "within_3_points = (absolute_error <= 3) AND within_5_points = (absolute_error <= 5)",
            "Within 3 and within 5 points, both ends included",
        ),
        Rule(
            "verdict_only_on_decided_picks",
            "(prediction_correct IS NULL) = COALESCE(is_voided"
            " OR recommendation NOT IN ('OVER', 'UNDER') OR line_value IS NULL"
            " OR actual_points = line_value, FALSE)",
            "A verdict is missing exactly for voids, passes, rows without a line and pushes",
        ),
        Rule(
            "verdict_follows_from_the_line",
            "prediction_correct = ((actual_points > line_value) = (recommendation = 'OVER'))",
            "An OVER is right above the line, an UNDER below it",
        ),
        Rule(
            "line_and_flag_agree",
            "has_prop_line = (line_value IS NOT NULL)",
            "A real line is there exactly if the row says so",
        ),
        Rule(
            "confirmed_injuries_are_voids",
            "NOT injury_confirmed_postgame OR (is_voided AND pre_game_injury_flag)",
            "An injury is confirmed by a listed player who did not play",
        ),
        *market_columns.RULES,
    ),
    reconciliations=RECONCILIATIONS,
)
