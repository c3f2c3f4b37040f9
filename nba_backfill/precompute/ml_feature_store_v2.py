"""The 33 features every prediction system reads, per player expected to play (spec 30, section 6).

Day D sees games strictly before it and, of D itself, only what is known before tip-off: schedule,
injury report, lines. The population is the player context's, whole. What is unknown becomes the
feature's default and is counted, so that a row says itself how much of it is knowledge.
"""

from nba_backfill.core.table import Column, Layer, Rows, Rule, Table
from nba_backfill.core.window import Window
from nba_backfill.precompute.feature_reconciliations import RECONCILIATIONS
from nba_backfill.precompute.features import FEATURE_VERSION, FEATURES
from nba_backfill.precompute.window_columns import window_columns, window_rule

OPPONENT_HISTORY_DAYS = 1096
"""Three years, back over season boundaries: the only feature that looks beyond the season."""

READY_QUALITY = 70
"""Quality from which a row is ready; consumers call 70 and more high confidence."""

READY_GAMES = 5
"""Games of the season a ready row rests on at least."""

QUALITY_TIERS = ("gold", "silver", "bronze", "poor", "unusable")

IDENTITY = (
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
        "days_rest",
        "INT64",
        "Days since his last game of the season (1 = played yesterday); NULL before his first",
        unit="days",
        between=(1, 245),
    ),
)

VECTOR = (
    Column(
        "features",
        "ARRAY<FLOAT64>",
        "The 33 features in the order of feature_names, never NULL inside; the contract of the "
        "models. The columns below hold the same values, typed",
        required=True,
    ),
    Column(
        "feature_names",
        "ARRAY<STRING>",
        "Names of the elements of features, in their order",
        required=True,
    ),
    Column("feature_count", "INT64", "Elements of features", required=True, between=(33, 33)),
    Column(
        "feature_version",
        "STRING",
        "Definition of the features: names and order of v2_33features, its defects corrected. "
        "A model trained on another version must not read them",
        required=True,
        one_of=(FEATURE_VERSION,),
    ),
)

QUALITY = (
    Column(
        "feature_quality_score",
        "FLOAT64",
        "Mean weight of the 33 features by where their value came from: 100 computed from its own "
        "source, 75 substituted from another one, 0 default. usage_spike_score is always a "
        "default, so the best is 96.97; without a points line vegas_line_move is one too and "
        "the line's two features are substituted, so the best is then 92.42",
        unit="0-100",
        required=True,
        between=(0, 100),
    ),
    Column(
        "quality_tier",
        "STRING",
        "By feature_quality_score: gold >= 95, silver >= 75, bronze >= 50, poor >= 25, unusable. "
        "Gold takes a points line offered for him: in a season without lines there is none",
        required=True,
        one_of=QUALITY_TIERS,
    ),
    Column(
        "data_source",
        "STRING",
        "phase4: at least 90 % of the features computed from their own source; phase4_partial: at "
        "least 50 %; phase3: at least 50 % substituted; else mixed",
        required=True,
        one_of=("phase4", "phase4_partial", "phase3", "mixed"),
    ),
    Column("n_default_features", "INT64", "Features at default", required=True, between=(0, 33)),
    Column(
        "default_features",
        "ARRAY<STRING>",
        "Their names, in the order of the array; a factor of 0 for want of an input is among them",
        required=True,
    ),
    Column(
        "n_substituted_features",
        "INT64",
        "Features taken from a substitute source",
        required=True,
        between=(0, 11),
    ),
    Column(
        "min_games_in_windows",
        "INT64",
        "Games in the thinnest of four windows: his last 10, his team's last 10, his shot zones "
        "(of 10, with play-by-play), the opponent's defence (of 15); 0 = one of them is empty",
        unit="games",
        required=True,
        between=(0, 10),
    ),
    *window_columns(
        "window",
        wanted=10,
        minimum=0,
        lost="Games lost inside his last 10: the daily cache's count; without one (below 5 games) "
        "final games of his clubs in the last 30 days whose player facts we lack",
    ),
    Column(
        "early_season_flag",
        "BOOL",
        "Fewer than 10 games of the season before the day",
        required=True,
    ),
    Column(
        "completeness_percentage",
        "FLOAT64",
        "Copy of the player context: share of his clubs' final games of the last 30 days whose "
        "player facts we hold",
        unit="percent",
        required=True,
        between=(0, 100),
    ),
    Column(
        "is_production_ready",
        "BOOL",
        f"completeness_percentage >= 90, feature_quality_score >= {READY_QUALITY} and at least "
        f"{READY_GAMES} games of the season before the day",
        required=True,
    ),
)

TABLE = Table(
    name="ml_feature_store_v2",
    dataset="nba_predictions",
    layer=Layer.PRECOMPUTE,
    date_column="game_date",
    grain=("game_date", "player_lookup"),
    unique=(("game_id", "player_lookup"),),
    reads={
        "upcoming_player_game_context": Window.same_day(),
        "player_daily_cache": Window.same_day(),
        "player_composite_factors": Window.same_day(),
        "player_shot_zone_analysis": Window.same_day(),
        "team_defense_zone_analysis": Window.same_day(),
        "prop_lines": Window.same_day(),
        "player_game_summary": Window.optional(OPPONENT_HISTORY_DAYS),
        "team_offense_game_summary": Window.season_to_date(before=True),
    },
    description="Feature vector per player expected to play, with the provenance of its values.",
    source=__file__,
    steps=("shared/games_played",),
    clustering=("player_lookup", "feature_version"),
    expects=Rows.at_least_per_team_game(5, before_tip=True),
    columns=(*IDENTITY, *VECTOR, *(feature.column for feature in FEATURES), *QUALITY),
    rules=(
        Rule(
            "vector_is_whole",
            "ARRAY_LENGTH(features) = feature_count AND ARRAY_LENGTH(feature_names) = 33",
            "33 values and 33 names",
        ),
        Rule(
            "provenance_adds_up",
            "n_default_features = ARRAY_LENGTH(default_features)"
            " AND n_default_features + n_substituted_features <= 33"
            " AND ABS(feature_quality_score - (3300 - 100 * n_default_features"
            " - 25 * n_substituted_features) / 33) <= 0.01",
            "The score follows from the features' provenance",
        ),
        Rule(
            "back_to_back_matches_rest",
            "back_to_back = IF(days_rest = 1, 1, 0)",
            "Back-to-back means played yesterday",
        ),
        Rule(
            "home_matches_flag", "home_away = IF(is_home, 1, 0)", "The feature is the column's copy"
        ),
        Rule(
            "line_move_adds_up",
            "ABS(vegas_points_line - vegas_opening_line - vegas_line_move) <= 0.001",
            "Closing minus opening is the move",
        ),
        Rule("no_line_no_move", "has_vegas_line = 1 OR vegas_line_move = 0", "No line, no move"),
        Rule(
            "ready_rows_are_good",
            f"NOT is_production_ready OR (feature_quality_score >= {READY_QUALITY}"
            f" AND window_games_found >= {READY_GAMES})",
            "Ready rows rest on enough",
        ),
        Rule(
            "defence_is_within_the_models_range",
            "opponent_def_rating BETWEEN 95 AND 125",
            "Prediction systems refuse an opponent_def_rating outside 95-125",
            blocking=False,
        ),
        Rule(
            "seasoned_rows_are_usable",
            f"window_games_found < {READY_GAMES} OR feature_quality_score >= 50",
            "A player with games of the season scores 50 or more",
            blocking=False,
        ),
        window_rule("window"),
    ),
    reconciliations=RECONCILIATIONS,
)
