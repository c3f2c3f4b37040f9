"""What each of seven systems expects a player to score on day D, and its pick (spec 40, section 2).

Three rules, three learned systems (their forecasts come from `point_forecasts`) and a blend, all
over the same features and the same line. Nothing of day D enters but what is known before tip-off.
Who is doubtful or out has no row; who lacks data keeps his, and a reason not to act on it.
"""

from nba_backfill.core.composition import UnionAll
from nba_backfill.core.table import Layer, Rows, Rule, Table
from nba_backfill.core.window import Window
from nba_backfill.predictions.forecasting.prediction_columns import (
    COLUMNS,
    LEARNED,
    SAID_BY_SYSTEMS,
    SYSTEMS,
)
from nba_backfill.predictions.forecasting.prediction_reconciliations import RECONCILIATIONS

PLAYERS_PER_TEAM = 5
"""As many as the pool holds of every team; each has at least the rows of the learned systems."""

LEARNED_IDS = ", ".join(f"'{name}'" for name in LEARNED)

TABLE = Table(
    name="player_prop_predictions",
    dataset="nba_predictions",
    layer=Layer.PREDICTIONS,
    date_column="game_date",
    grain=("game_date", "game_id", "player_lookup", "system_id"),
    unique=(("prediction_id",),),
    reads={
        "upcoming_player_game_context": Window.same_day(),
        "ml_feature_store_v2": Window.same_day(),
        "point_forecasts": Window.same_day(),
        "prop_lines": Window.same_day(),
        "injuries": Window.same_day(),
        "games": Window.same_day(),
        "player_game_summary": Window.season_to_date(before=True),
        # Of D too: how the opponents defended before D is known before tip-off.
        "team_defense_zone_analysis": Window.season_to_date(before=False),
    },
    columns=COLUMNS,
    description="Points forecast and pick per player expected to play and prediction system.",
    source=__file__,
    steps=(
        "../../precompute/shared/games_played",
        "shared/pool",
        "shared/similar_games",
        "shared/learned_terms",
        UnionAll(
            "forecasts",
            of=tuple(f"systems/{system}" for system in SYSTEMS),
            columns=SAID_BY_SYSTEMS,
        ),
        "shared/points_distributions",
    ),
    clustering=("system_id", "player_lookup"),
    expects=Rows.at_least_per_team_game(PLAYERS_PER_TEAM * len(LEARNED), before_tip=True),
    rules=(
        Rule("two_different_teams", "team_abbr != opponent_team_abbr", "A team has an opponent"),
        Rule(
            "game_id_names_away_and_home",
            "game_id = CONCAT(REPLACE(CAST(game_date AS STRING), '-', ''), '_',"
            " IF(is_home, opponent_team_abbr, team_abbr), '_',"
            " IF(is_home, team_abbr, opponent_team_abbr))",
            "The game id's third token is the home team",
        ),
        Rule(
            "lookup_is_normalised",
            "REGEXP_CONTAINS(player_lookup, r'^[a-z0-9]+$')",
            "Player names are keys: small letters and digits without separators",
        ),
        Rule(
            "not_in_the_first_days",
            "NOT backfill_bootstrap_mode",
            "The first 14 days of a season are not predicted",
        ),
        Rule("row_is_active", "is_active", "A row of the unique key is the active one"),
        Rule(
            "line_matches_flag",
            "has_prop_line = (current_points_line IS NOT NULL)"
            " AND has_prop_line = (line_source = 'ACTUAL_PROP')"
            " AND has_prop_line = (sportsbook IS NOT NULL)"
            " AND has_prop_line = (was_line_fallback IS NOT NULL)",
            "A real line has a value, a source and a book",
        ),
        Rule(
            "estimate_stands_apart",
            "(estimated_line_value IS NOT NULL) = (line_source = 'ESTIMATED_AVG')"
            " AND (estimation_method IS NOT NULL) = (line_source = 'ESTIMATED_AVG')",
            "An estimated line exists only where there is no real one",
        ),
        Rule(
            "nothing_recommended_without_a_line",
            "(recommendation = 'NO_LINE') = (current_points_line IS NULL)",
            "NO_LINE says that there is no line, and nothing else",
        ),
        Rule(
            "margin_adds_up",
            "(line_margin IS NULL) = (current_points_line IS NULL) AND"
            " COALESCE(ABS(line_margin - (predicted_points - current_points_line)) <= 0.05, TRUE)",
            "The margin is the prediction minus the line",
        ),
        Rule(
            "pick_follows_the_margin",
            "CASE recommendation WHEN 'OVER' THEN line_margin > 0"
            " WHEN 'UNDER' THEN line_margin < 0 ELSE TRUE END",
            "Nobody recommends against his own forecast",
        ),
        Rule(
            "learned_systems_have_models",
            f"(system_id IN ({LEARNED_IDS})) = (model_type != 'rule')",
            "Rules and the ensemble are formulas, the others are trained or fall back",
        ),
        Rule(
            "fallbacks_say_why",
            "(model_type = 'fallback') = (fallback_reason IS NOT NULL) AND (model_type !="
            " 'fallback' OR (confidence_score = 0.5 AND recommendation IN ('PASS', 'NO_LINE')))",
            "A fallback has a reason, confidence 0.50 and no pick",
        ),
        Rule(
            "actionable_rows_are_picks",
            "is_actionable = (filter_reason IS NULL)"
            " AND (NOT is_actionable OR recommendation IN ('OVER', 'UNDER'))",
            "What is acted on is a pick without a reason against it",
        ),
        Rule(
            "blend_shows_its_members",
            "(system_id = 'ensemble_v1') = (contributing_systems IS NOT NULL)"
            " AND (system_id = 'ensemble_v1') = (prediction_variance IS NOT NULL)"
            " AND (system_id = 'ensemble_v1') = (system_agreement_score IS NOT NULL)",
            "Ensemble rows, and no others, say how many members agree how well",
        ),
        Rule(
            "similarity_shows_its_games",
            "(system_id = 'similarity_balanced_v1') = (avg_similarity_score IS NOT NULL)"
            " AND (system_id != 'similarity_balanced_v1' OR similar_games_count >= 5)"
            " AND (similar_games_count IS NULL) = (pace_adjustment IS NULL)",
            "A similarity row rests on at least 5 games",
        ),
        Rule(
            "anchored_to_the_line",
            "(line_anchored_points IS NOT NULL) = (system_id = 'challenger' AND has_prop_line)"
            " AND COALESCE(ABS(CAST(line_anchored_points - current_points_line AS FLOAT64)"
            " - 0.15 * CAST(line_margin AS FLOAT64)) <= 0.013, TRUE)",
            "The anchored forecast goes 15 % of the way from the line to the challenger's",
        ),
        Rule(
            "interval_holds_the_forecast",
            "predicted_points_p10 <= predicted_points + 0.06"
            " AND predicted_points <= predicted_points_p90 + 0.06",
            "The interval's ends lie on both sides of the forecast, which is rounded to a tenth",
        ),
        Rule(
            "probabilities_rest_on_an_interval_and_a_line",
            "(over_probability IS NOT NULL)"
            " = (has_prop_line AND predicted_points_p10 IS NOT NULL)"
            " AND (over_probability IS NULL) = (under_probability IS NULL)",
            "Over and under have a probability exactly where there are an interval and a line",
        ),
        Rule(
            "anchored_probabilities_are_the_challengers",
            "(line_anchored_over_probability IS NOT NULL)"
            " = (system_id = 'challenger' AND over_probability IS NOT NULL)"
            " AND (line_anchored_over_probability IS NULL)"
            " = (line_anchored_under_probability IS NULL)",
            "The challenger's probabilities stand beside the same drawn to the line",
        ),
        Rule(
            "only_a_whole_line_can_be_a_push",
            "IF(current_points_line = TRUNC(current_points_line),"
            " over_probability + under_probability <= 1.000002,"
            " ABS(over_probability + under_probability - 1) <= 0.000002)",
            "Over and under add up to 1 at a half point; at a whole one the push is the rest",
        ),
        Rule(
            "probabilities_follow_the_margin",
            "CASE WHEN line_margin > 0.6 THEN over_probability > 0.5"
            " WHEN line_margin < -0.6 THEN under_probability > 0.5 ELSE TRUE END",
            "The forecast is the median: what it lies beyond is more likely than not",
        ),
    ),
    reconciliations=RECONCILIATIONS,
)
