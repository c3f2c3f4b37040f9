"""The columns of player_prop_predictions, kept apart from its declaration for their number."""

from nba_backfill.core.table import Column
from nba_backfill.predictions.forecasting.distribution_columns import DISTRIBUTION
from nba_backfill.predictions.forecasting.point_forecasts import FALLBACK_REASONS

BY_SIMILARITY = "similarity_balanced_v1"
"""The only system that has no row of a player while he has too few games like tonight's."""

RULES = ("moving_average_baseline_v1", "zone_matchup_v1", BY_SIMILARITY)
LEARNED = ("xgboost_v1", "catboost_v8", "challenger")
CHAMPION = "catboost_v8"
"""The learned system that the exports show."""

ENSEMBLE = "ensemble_v1"
SYSTEMS = (*RULES, *LEARNED, ENSEMBLE)
"""Every system, the blend after what it blends. One more is its id here and its SQL in systems/."""

SAID_BY_SYSTEMS = (
    "game_date",
    "player_lookup",
    "system_id",
    "points",
    "confidence",
    "pick",
    "model_type",
    "model_version",
    "fallback_reason",
)
"""What the SQL of a system yields per player: points to nine decimals, so that an edge of exactly
2 is one, confidence in points of 100, pick 1 (over), -1 (under) or 0. What it adds to these, only
its own rows show."""

FILTER_REASONS = (
    "confidence_tier_88_90",
    "fallback",
    "low_quality",
    "low_minutes",
    "incomplete_context",
    "no_line",
    "pass",
)
LISTED_START_MINUTES = 30
"""How long after the schedule's tip a vendor's listed start is believed (see prop_lines)."""

OLDEST_LINE_MINUTES = 30 * 24 * 60

IDENTITY = (
    Column(
        "prediction_id",
        "STRING",
        "MD5 of `game_date|game_id|player_lookup|system_id` in hexadecimal: the same prediction "
        "keeps its id when it is computed again",
        required=True,
    ),
    Column("system_id", "STRING", "Prediction system", required=True, one_of=SYSTEMS),
    Column("player_lookup", "STRING", "Canonical player name key", required=True),
    Column(
        "universal_player_id",
        "STRING",
        "Registry id; NULL if the name resolves to nobody",
        max_null_rate=0.05,
    ),
    Column("game_date", "DATE", "US-Eastern date of the game", required=True),
    Column("game_id", "STRING", "Canonical game id, YYYYMMDD_AWAY_HOME", required=True),
    Column("season_year", "INT64", "Year the season starts in: 2024 is 2024-25", required=True),
    Column("team_abbr", "STRING", "His club as known before tip-off", required=True),
    Column("opponent_team_abbr", "STRING", "The other team", required=True),
    Column("is_home", "BOOL", "Whether the schedule calls his team home", required=True),
    Column(
        "prediction_version",
        "INT64",
        "Always 1: the day's rows are replaced, never added to",
        required=True,
        between=(1, 1),
    ),
)

FORECAST = (
    Column(
        "predicted_points",
        "NUMERIC(5,1)",
        "Points forecast. Of a learned system the median, of a rule a weighted mean",
        unit="points",
        required=True,
        between=(0, 60),
    ),
    Column(
        "confidence_score",
        "NUMERIC(4,3)",
        "The system's own trust in the forecast, to 0.01; a score by which upstream's thresholds "
        "are set, and no probability: that is over_probability",
        unit="fraction 0-1",
        required=True,
        between=(0, 1),
    ),
    Column(
        "recommendation",
        "STRING",
        "OVER or UNDER: unrounded edge and confidence reach the system's thresholds (averages and "
        "zones: edge > 2, confidence > 0.45; similarity: >= 2, >= 0.65; xgboost_v1: >= 1.5, >= "
        "0.60; catboost_v8 and challenger: >= 1, >= 0.60; ensemble: >= 1.5, >= 0.65, and no "
        "majority of its members against its own edge). PASS: they do not. NO_LINE: no real line",
        required=True,
        one_of=("OVER", "UNDER", "PASS", "NO_LINE"),
    ),
)

LINE = (
    Column("has_prop_line", "BOOL", "Whether there is a real line", required=True),
    Column(
        "current_points_line",
        "NUMERIC(4,1)",
        "Closing points line, last seen before tip-off; NULL if nobody offered one, never a guess",
        unit="points",
        max_null_rate=0,
        null_rate_where="has_prop_line",
        between=(0.5, 60),
    ),
    Column(
        "line_margin",
        "NUMERIC(5,2)",
        "predicted_points minus current_points_line",
        unit="points",
        between=(-60, 60),
    ),
    Column(
        "line_source",
        "STRING",
        "ACTUAL_PROP: a real line. ESTIMATED_AVG: none, see estimated_line_value. NEEDS_BOOTSTRAP: "
        "none, and fewer than 3 games to estimate one from",
        required=True,
        one_of=("ACTUAL_PROP", "ESTIMATED_AVG", "NEEDS_BOOTSTRAP"),
    ),
    Column(
        "estimated_line_value",
        "NUMERIC(4,1)",
        "What a line might have been: the player context's mean of his last 5 games, else 10, to "
        "the nearest 0.5; only without a real line, and nothing is recommended on it",
        unit="points",
        between=(0, 100),
    ),
    Column(
        "estimation_method",
        "STRING",
        "Average behind estimated_line_value",
        one_of=("points_avg_last_5", "points_avg_last_10"),
    ),
    Column(
        "line_source_api",
        "STRING",
        "Where the line comes from; NULL if there is neither line nor estimate",
        one_of=("ODDS_API", "BETTINGPROS", "ESTIMATED"),
    ),
    Column(
        "over_price_american",
        "INT64",
        "Price of the over at that line; NULL where prop_lines has none, as at books that pay "
        "every line alike",
        unit="American odds",
    ),
    Column("under_price_american", "INT64", "Price of the under, likewise", unit="American odds"),
    Column(
        "market_over_probability",
        "FLOAT64",
        "What the market gives the over: both prices as probabilities, normalised to 1; NULL "
        "unless both are known. It leaves pushes out, which over_probability does not",
        unit="probability",
        between=(0, 1),
    ),
    Column("sportsbook", "STRING", "Book of the real line, in capitals; NULL without one"),
    Column(
        "was_line_fallback",
        "BOOL",
        "FALSE if the line is DraftKings' from the Odds API, TRUE if it is another book's or "
        "vendor's, NULL without a line",
    ),
    Column(
        "line_minutes_before_game",
        "INT64",
        "Minutes from the sight of the line to the scheduled tip-off; below 0 where the vendor "
        f"lists a later start (by up to {LISTED_START_MINUTES} minutes); NULL if the tip is "
        "unknown",
        unit="minutes",
        between=(-LISTED_START_MINUTES, OLDEST_LINE_MINUTES),
    ),
)

STANDING = (
    Column("is_active", "BOOL", "Always TRUE: one row per key", required=True),
    Column("is_actionable", "BOOL", "Whether to act on the pick: no filter_reason", required=True),
    Column(
        "filter_reason",
        "STRING",
        "First reason not to act: confidence_tier_88_90 (0.88 <= unrounded confidence < 0.90), "
        "fallback, low_quality (feature_quality_score < 50), low_minutes (no line and fewer than "
        "15 minutes per game in the last 7 days), incomplete_context (under 90 % of his clubs' "
        "games of 30 days are known), no_line, pass; NULL if there is none",
        one_of=FILTER_REASONS,
    ),
    Column(
        "model_version",
        "STRING",
        "Version of the rule, or id, cut-off and hash of the model; of the ensemble: its rule's "
        "and that of the learned member",
        required=True,
    ),
    Column(
        "model_type",
        "STRING",
        "rule: a formula (the ensemble is one). trained: a model. fallback: a learned system that "
        "had none to ask",
        required=True,
        one_of=("rule", "trained", "fallback"),
    ),
    Column(
        "fallback_reason",
        "STRING",
        "Why the row is 0.40 x last 5 + 0.35 x last 10 + 0.25 x season average instead of a "
        "model's forecast; NULL if it is not",
        one_of=FALLBACK_REASONS,
    ),
)

SIMILARITY = (
    Column(
        "pace_adjustment",
        "NUMERIC(5,2)",
        "Pace term of the similarity system, 0.8 x pace_score; on all rows of a player who has a "
        "similarity row, else NULL",
        unit="points",
        between=(-3, 3),
    ),
    Column(
        "similar_games_count",
        "INT64",
        "Similar games of the last 90 days, the best 20 at most; on all rows likewise",
        between=(5, 20),
    ),
    Column(
        "similarity_baseline",
        "NUMERIC(5,2)",
        "Mean points of the similar games, weighted by similarity; this and the next six only on "
        "similarity rows",
        unit="points",
        between=(0, 100),
    ),
    Column(
        "avg_similarity_score",
        "NUMERIC(5,2)",
        "Mean similarity of the games: opponent's defence 40, rest 30, venue 15, form 15",
        unit="0-100",
        between=(70, 100),
    ),
    Column(
        "min_similarity_score", "NUMERIC(5,2)", "Lowest of them", unit="0-100", between=(70, 100)
    ),
    Column(
        "fatigue_adjustment",
        "NUMERIC(5,2)",
        "(fatigue_score - 70) x 0.015; 100 is fresh",
        unit="points",
    ),
    Column("shot_zone_adjustment", "NUMERIC(5,2)", "0.4 x shot_zone_mismatch_score", unit="points"),
    Column(
        "usage_spike_adjustment",
        "NUMERIC(5,2)",
        "0.8 x usage_spike_score, 0 until a usage model exists",
        unit="points",
    ),
    Column("home_away_adjustment", "NUMERIC(5,2)", "0.8 at home, -0.5 away", unit="points"),
)

AGREEMENT = (
    Column(
        "prediction_variance",
        "NUMERIC(10,6)",
        "Population variance of the members' unrounded forecasts; this and the next two only on "
        "ensemble rows",
        unit="points squared",
        between=(0, 900),
    ),
    Column(
        "system_agreement_score",
        "NUMERIC(5,2)",
        "By the standard deviation s of the members: below 2 95, below 3 85, below 6 70, else "
        "100 - 5 s, at least 50",
        unit="0-100",
        between=(50, 95),
    ),
    Column(
        "contributing_systems",
        "INT64",
        "Members of the blend: averages, zones, similarity where it has a row, and catboost_v8 "
        "if trained, else xgboost_v1",
        between=(2, 4),
    ),
)

INJURY = (
    Column(
        "injury_status_at_prediction",
        "STRING",
        "Status in the last injury report before tip-off; NULL if he is not listed. Players "
        "doubtful or out have no row",
        one_of=("OUT", "DOUBTFUL", "QUESTIONABLE", "PROBABLE", "AVAILABLE"),
    ),
    Column(
        "injury_flag_at_prediction",
        "BOOL",
        "Whether that status is questionable (or worse); NULL without a report",
    ),
    Column("injury_reason_at_prediction", "STRING", "Reason in that report"),
    Column("injury_checked_at", "TIMESTAMP", "Hour of that report"),
)

QUALITY = (
    Column(
        "feature_quality_score",
        "FLOAT64",
        "Copy from the feature store: how much of the features is knowledge; below 50 the row is "
        "kept but not acted on",
        unit="0-100",
        required=True,
        between=(0, 100),
    ),
    Column("is_production_ready", "BOOL", "Copy from the feature store", required=True),
    Column(
        "completeness_percentage",
        "FLOAT64",
        "Copy from the feature store: share of his clubs' games of 30 days that are known",
        unit="percent",
        required=True,
        between=(0, 100),
    ),
    Column(
        "backfill_bootstrap_mode",
        "BOOL",
        "Always FALSE: the season's first 14 days are not predicted",
        required=True,
    ),
)

COLUMNS = (
    *IDENTITY,
    *FORECAST,
    *LINE,
    *STANDING,
    *DISTRIBUTION,
    *SIMILARITY,
    *AGREEMENT,
    *INJURY,
    *QUALITY,
)
