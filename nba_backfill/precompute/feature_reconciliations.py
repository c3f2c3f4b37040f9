"""What ml_feature_store_v2 must agree with, and the alarm on features that never vary.

The alarm would have caught the four features that were constant for years without a failure:
pace score, usage spike, back-to-back and win percentage (spec 30, 10.1).
"""

from nba_backfill.core.table import Reconciliation
from nba_backfill.precompute.features import FEATURES, Feature
from nba_backfill.precompute.pool_reconciliations import (
    holds_those_who_played,
    population_is_the_pool,
)

WEEK_DAYS = 7
WEEK_GAMES = 8
"""Games below which a week is too small for a constant to mean anything (late play-offs)."""

POPULATION = population_is_the_pool("ml_feature_store_v2", "features")
PLAYED_RECALL = holds_those_who_played("ml_feature_store_v2", "features")

DEFAULTS_SHARE = Reconciliation(
    name="few_defaults",
    description=(
        "At most 20 % of a day's rows have points_avg_season or opponent_def_rating at default."
    ),
    reads=("ml_feature_store_v2",),
    blocking=False,
    sql="""
SELECT day, player_rows, season_defaults, opponent_defaults
FROM (
  SELECT
    game_date AS day,
    COUNT(*) AS player_rows,
    COUNTIF(ARRAY_TO_STRING(default_features, ' ') LIKE '%points_avg_season%') AS season_defaults,
    COUNTIF(ARRAY_TO_STRING(default_features, ' ') LIKE '%opponent_def_rating%')
      AS opponent_defaults
  FROM ml_feature_store_v2
  GROUP BY game_date
)
WHERE season_defaults > 0.2 * player_rows OR opponent_defaults > 0.2 * player_rows
""",
)


def _constant_condition(feature: Feature) -> str:
    """TRUE for a week in which the feature has one value and should have more."""
    constant = f"lowest_{feature.name} = highest_{feature.name}"
    return f"{constant} AND {feature.varies_when}" if feature.varies_when else constant


def constant_alarm() -> Reconciliation:
    """The alarm on judged features that hold one value over the 7 days ending on a day.

    A warning, since a range shows only weeks that lie inside it: a single day is never judged,
    and a verdict that depends on how days are cut into ranges may not reject them.
    """
    judged = [f for f in FEATURES if f.may_be_constant is None]
    frame = (
        "OVER (ORDER BY UNIX_DATE(days.day)"
        f" RANGE BETWEEN {WEEK_DAYS - 1} PRECEDING AND CURRENT ROW)"
    )
    bounds = ",\n    ".join(
        f"MIN({f.name}) AS lowest_{f.name}, MAX({f.name}) AS highest_{f.name}" for f in judged
    )
    rolled = ",\n    ".join(
        f"MIN(lowest_{f.name}) {frame} AS lowest_{f.name},\n"
        f"    MAX(highest_{f.name}) {frame} AS highest_{f.name}"
        for f in judged
    )
    named = ",\n    ".join(f"IF({_constant_condition(f)}, ['{f.name}'], [])" for f in judged)
    return Reconciliation(
        name="no_constant_features",
        description=(
            f"No feature holds a single value over the {WEEK_DAYS} days ending on a day, declared "
            "exceptions aside; weeks that begin before the range judged, or with fewer than "
            f"{WEEK_GAMES} games, are not judged."
        ),
        reads=("ml_feature_store_v2", "upcoming_team_game_context"),
        blocking=False,
        sql=f"""
WITH days AS (
  SELECT
    game_date AS day,
    COUNT(DISTINCT game_id) AS games,
    {bounds}
  FROM ml_feature_store_v2
  GROUP BY game_date
),

schedule AS (
  SELECT
    game_date AS day,
    COUNTIF(days_since_last_game = 1) AS team_back_to_backs,
    MAX(game_number_in_season) AS team_games
  FROM upcoming_team_game_context
  GROUP BY game_date
),

weeks AS (
  SELECT
    days.day,
    SUM(games) {frame} AS games,
    SUM(team_back_to_backs) {frame} AS team_back_to_backs,
    MAX(team_games) {frame} AS most_team_games,
    {rolled}
  FROM days
  LEFT JOIN schedule
    ON schedule.day = days.day
),

verdicts AS (
  SELECT
    day,
    ARRAY_TO_STRING(ARRAY_CONCAT(
    {named}
    ), ', ') AS constant_features
  FROM weeks
  WHERE games >= {WEEK_GAMES}
    AND DATE_SUB(day, INTERVAL {WEEK_DAYS - 1} DAY) >= @start_date
)

SELECT day, constant_features
FROM verdicts
WHERE constant_features != ''
""",
    )


RECONCILIATIONS = (POPULATION, PLAYED_RECALL, DEFAULTS_SHARE, constant_alarm())
