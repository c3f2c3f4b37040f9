"""What fatigue, match-up and pace should do to a player on day D (spec 30, section 4).

The population is the player context's, whole: a player without zone rows keeps his row with a
zone score of 0. Facts about D are those known before tip-off (schedule, rest, injury report).
"""

from nba_backfill.core.table import Column, Layer, Reconciliation, Rows, Rule, Table
from nba_backfill.core.window import Window
from nba_backfill.precompute.pool_reconciliations import (
    holds_those_who_played,
    population_is_the_pool,
)

OPPONENTS_NEEDED = 4
"""Opponents of a day from which one shared strength is no coincidence."""

POPULATION = population_is_the_pool("player_composite_factors", "factors")
PLAYED_RECALL = holds_those_who_played("player_composite_factors", "factors")

# What the reference's zero opponent_strength_score stood for: the defence table was empty and
# every row below it neutral without a word.
STRENGTH_VARIES = Reconciliation(
    name="opponent_strength_varies",
    description=(
        "A day knows the strength of some opponent, and opponents differ in it: otherwise the "
        "defence table was empty or broken when the factors were computed."
    ),
    reads=("player_composite_factors",),
    # A defence table without facts to rest on is a missing source, and these rows say so.
    blocking=False,
    sql=f"""
SELECT
  game_date AS day, COUNT(DISTINCT opponent_team_abbr) AS opponents,
  COUNT(DISTINCT opponent_strength_score) AS strengths
FROM player_composite_factors
GROUP BY game_date
HAVING COUNT(opponent_strength_score) = 0
  OR (
    COUNT(DISTINCT opponent_team_abbr) >= {OPPONENTS_NEEDED}
    AND COUNT(DISTINCT opponent_strength_score) = 1
  )
""",
)

STRENGTH_KNOWN = Reconciliation(
    name="opponent_strength_known",
    description="At most 5 % of a day's rows lack the opponent's strength.",
    reads=("player_composite_factors",),
    blocking=False,
    sql="""
SELECT
  game_date AS day,
  COUNT(*) AS player_rows,
  COUNTIF(opponent_strength_score IS NULL) AS unknown_rows
FROM player_composite_factors
GROUP BY game_date
HAVING COUNTIF(opponent_strength_score IS NULL) > 0.05 * COUNT(*)
""",
)

LAYERS_COVERED = Reconciliation(
    name="layers_cover_the_same_games",
    description=(
        "Clubs in the facts are at least 90 % of those in the second vendor's raw box scores, and"
        " clubs with factors at least 90 % of those with facts and 80 % of those in raw."
    ),
    reads=("bdl_player_boxscores", "player_game_summary", "player_composite_factors"),
    blocking=False,
    sql="""
WITH layers AS (
  SELECT game_date AS day, COUNT(DISTINCT team_abbr) AS raw_clubs, 0 AS facts, 0 AS factors
  FROM bdl_player_boxscores
  GROUP BY game_date
  UNION ALL
  SELECT game_date, 0, COUNT(DISTINCT team_abbr), 0
  FROM player_game_summary
  GROUP BY game_date
  UNION ALL
  SELECT game_date, 0, 0, 2 * COUNT(DISTINCT game_id)
  FROM player_composite_factors
  GROUP BY game_date
),
by_day AS (
  SELECT day, SUM(raw_clubs) AS raw_clubs, SUM(facts) AS facts, SUM(factors) AS factors
  FROM layers
  GROUP BY day
)
SELECT day, raw_clubs, facts, factors
FROM by_day
WHERE 10 * facts < 9 * raw_clubs OR 10 * factors < 9 * facts OR 10 * factors < 8 * raw_clubs
""",
)

TABLE = Table(
    name="player_composite_factors",
    dataset="nba_precompute",
    layer=Layer.PRECOMPUTE,
    date_column="game_date",
    grain=("game_date", "player_lookup"),
    unique=(("game_id", "player_lookup"),),
    reads={
        "upcoming_player_game_context": Window.same_day(),
        "player_shot_zone_analysis": Window.same_day(),
        "team_defense_zone_analysis": Window.same_day(),
    },
    description="Composite adjustments per player expected to play; nobody dropped for thin data.",
    source=__file__,
    clustering=("player_lookup", "universal_player_id"),
    expects=Rows.at_least_per_team_game(5, before_tip=True),
    columns=(
        Column("player_lookup", "STRING", "Canonical player name key", required=True),
        Column(
            "universal_player_id",
            "STRING",
            "Registry id; NULL if the name resolves to nobody",
            max_null_rate=0.05,
        ),
        Column("game_date", "DATE", "US-Eastern date of the game", required=True),
        Column("analysis_date", "DATE", "Same as game_date", required=True),
        Column("game_id", "STRING", "Canonical game id, YYYYMMDD_AWAY_HOME", required=True),
        Column("season_year", "INT64", "Year the season starts in: 2024 is 2024-25", required=True),
        Column("team_abbr", "STRING", "His club as known before tip-off", required=True),
        Column("opponent_team_abbr", "STRING", "The other team", required=True),
        Column(
            "fatigue_score",
            "INT64",
            "Freshness, 100 = rested: 100, -15 if he played yesterday, else +5 from 3 days of rest "
            "(1 = played yesterday); -10 from 4 games and -10 beyond 240 minutes in 7 days; -8 "
            "beyond 35 minutes per game in them; -5 for one, -12 for more back-to-backs in 14 "
            "days; -5 from age 30, -10 from 35. Unknown inputs change nothing",
            unit="points 0-100",
            required=True,
            between=(0, 100),
        ),
        Column(
            "shot_zone_mismatch_score",
            "FLOAT64",
            "opponent_zone_defense weighted by min(player_zone_rate / 50, 1), x 1.2 beyond 5; "
            "positive favours the scorer; 0 if either zone row is missing",
            unit="points -10..10",
            required=True,
            between=(-10, 10),
        ),
        Column(
            "pace_score",
            "FLOAT64",
            "Half of pace_differential; positive = a faster game; 0 if unknown",
            unit="points -3..3",
            required=True,
            between=(-3, 3),
        ),
        Column(
            "usage_spike_score",
            "FLOAT64",
            "0.3 x (projected usage - recent usage), more with star team-mates out. Always 0: no "
            "source projects usage before tip-off and the specification has no model of it, so "
            "projected_usage_rate is NULL, and unknown scores 0",
            unit="points -3..3",
            required=True,
            between=(-3, 3),
        ),
        Column(
            "opponent_strength_score",
            "FLOAT64",
            "Share of the clubs rated that day whose defensive rating over the last 15 games is no "
            "better than the opponent's: 100 = best defence, 3.3 = worst of 30; NULL if unknown. "
            "Information and check only, it enters no total",
            unit="percent 0-100",
            max_null_rate=0.05,
            between=(0.1, 100),
        ),
        Column(
            "total_composite_adjustment",
            "FLOAT64",
            "(fatigue_score - 100) / 20 plus the unrounded zone, pace and usage scores",
            unit="points",
            required=True,
            between=(-21, 16),
        ),
        Column("days_rest", "INT64", "Days since his last game (1 = played yesterday)"),
        Column("back_to_back", "BOOL", "He played yesterday", required=True),
        Column("games_in_last_7_days", "INT64", "Games in [D-7, D-1]"),
        Column("minutes_in_last_7_days", "INT64", "Minutes in [D-7, D-1]", unit="minutes"),
        Column(
            "avg_minutes_per_game_last_7",
            "NUMERIC(5,1)",
            "Minutes per game over [D-7, D-1]; NULL without a game",
            unit="minutes",
        ),
        Column("back_to_backs_last_14_days", "INT64", "Back-to-backs inside [D-14, D-1]"),
        Column(
            "player_age",
            "INT64",
            "Whole years at D; NULL if no source knows the date of birth",
            unit="years",
        ),
        Column(
            "player_primary_zone",
            "STRING",
            "primary_scoring_zone of his shot zones; NULL without them",
            one_of=("paint", "mid_range", "perimeter", "balanced"),
        ),
        Column(
            "player_zone_rate",
            "FLOAT64",
            "Share of his shots from the zone compared: his primary one, the paint if that is "
            "balanced or unknown; NULL if unknown, the score then assumes 50",
            unit="percent 0-100",
            between=(0, 100),
        ),
        Column(
            "opponent_zone_defense",
            "FLOAT64",
            "What the opponent allows above the league in that zone; positive = weak defence; NULL "
            "if unknown, the score then assumes 0",
            unit="percentage points",
        ),
        Column(
            "opponent_weak_zone",
            "STRING",
            "Zone in which the opponent is worst against the league",
            one_of=("paint", "mid_range", "perimeter"),
        ),
        Column(
            "pace_differential",
            "NUMERIC(5,1)",
            "Opponent's mean pace minus his team's, last 10 games each",
            unit="possessions per 48 min",
        ),
        Column(
            "projected_usage_rate",
            "NUMERIC(5,2)",
            "Always NULL: needs a model of who takes over the shots of absent team-mates",
            unit="percent",
        ),
        Column(
            "avg_usage_rate_last_7_games",
            "NUMERIC(6,2)",
            "Mean usage of his last 7 games of the season",
            unit="percent",
        ),
        Column("star_teammates_out", "INT64", "Star team-mates out; NULL without a report"),
        Column(
            "fatigue_context_json",
            "STRING",
            "The inputs of fatigue_score and the score, as a JSON object",
            required=True,
        ),
        Column(
            "calculation_version",
            "STRING",
            "Version of the formulas",
            required=True,
            one_of=("v1_4factors",),
        ),
        Column(
            "data_completeness_pct",
            "FLOAT64",
            "20 for each of days_rest, projected_usage_rate, pace_differential and the two zone "
            "rows that is there; at most 80 while no model projects usage",
            unit="percent",
            required=True,
            between=(0, 100),
        ),
        Column("missing_data_fields", "STRING", "Those absent, separated by commas; NULL if none"),
        Column("has_warnings", "BOOL", "Whether warning_details is not NULL", required=True),
        Column(
            "warning_details",
            "STRING",
            "Fatigue below 50, zone score beyond 8 or total beyond 12, separated by commas",
        ),
        Column(
            "early_season_flag",
            "BOOL",
            "Fewer than 10 games of the season before the day",
            required=True,
        ),
    ),
    rules=(
        Rule(
            "zone_score_needs_both_sides",
            "shot_zone_mismatch_score = 0 OR opponent_zone_defense IS NOT NULL",
            "A zone score other than 0 comes from a known defence",
        ),
        Rule(
            "usage_score_needs_a_projection",
            "usage_spike_score = 0 OR projected_usage_rate IS NOT NULL",
            "Unknown usage scores nothing",
        ),
        Rule(
            "total_adds_up",
            "ABS(total_composite_adjustment - (fatigue_score - 100) / 20"
            " - shot_zone_mismatch_score - pace_score - usage_spike_score) <= 0.16",
            "The total is the sum of its parts, each rounded to one decimal",
        ),
        Rule(
            "warnings_agree",
            "has_warnings = (warning_details IS NOT NULL)",
            "A row with warnings names them",
        ),
        Rule("analysis_date_agrees", "analysis_date = game_date", "Both name the same day"),
    ),
    reconciliations=(
        POPULATION,
        PLAYED_RECALL,
        STRENGTH_VARIES,
        STRENGTH_KNOWN,
        LAYERS_COVERED,
    ),
)
