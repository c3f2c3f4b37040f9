"""Each system's record over several periods, in slices of its predictions (spec 40, 3.3).

Periods end with the graded day and include it: 7 and 30 dates, the month and the season to date.
Slices: all predictions, each of the 200 most predicted players, player types, confidence tiers,
situations, and types by tier. Voids are left out; pushes count for neither side of a rate.

A player's type and situation are those of the day of the game, from his games before it: what he
did later moves no prediction from one slice to another.
"""

from nba_backfill.core.table import Column, Layer, Per, Reconciliation, Rows, Rule, Table
from nba_backfill.core.window import Window

PERIODS = ("rolling_7d", "rolling_30d", "month", "season")
ARCHETYPES = ("veteran_star", "prime_star", "young_star", "ironman", "role_player", "unknown")
TIERS = ("high", "medium", "low")
SITUATIONS = ("home", "away", "b2b", "rest_3plus", "bounce_back")

ROWS_NEEDED = 500
HIGHEST_BIAS = 1.5
PLAUSIBLE_ERROR = (3.8, 6.5)

WEEK = Reconciliation(
    name="week_is_the_sum_of_its_days",
    description="The last seven dates' record of all predictions is the sum of the graded days.",
    reads=("prediction_performance_summary", "prediction_accuracy"),
    windows={"prediction_accuracy": Window.days(6, before=False)},
    sql="""
WITH weeks AS (
  SELECT *
  FROM prediction_performance_summary
  WHERE period_type = 'rolling_7d'
    AND player_lookup IS NULL
    AND archetype IS NULL
    AND confidence_tier IS NULL
    AND situation IS NULL
),

daily AS (
  SELECT
    game_date,
    system_id,
    COUNT(*) AS predictions_count,
    COUNTIF(recommendation IN ('OVER', 'UNDER')) AS recommendations_count,
    COUNTIF(prediction_correct) AS correct_count,
    COUNTIF(NOT prediction_correct) AS incorrect_count,
    COUNTIF(recommendation = 'OVER') AS over_count,
    COUNTIF(recommendation = 'PASS') AS pass_count
  FROM prediction_accuracy
  WHERE NOT is_voided
  GROUP BY game_date, system_id
),

sums AS (
  SELECT
    last_day.game_date AS as_of_date,
    last_day.system_id,
    SUM(d.predictions_count) AS predictions,
    SUM(d.recommendations_count) AS recommendations,
    SUM(d.correct_count) AS hits,
    SUM(d.incorrect_count) AS misses,
    SUM(d.over_count) AS overs,
    SUM(d.pass_count) AS passes
  FROM daily AS last_day
  JOIN daily AS d
    ON d.system_id = last_day.system_id
    AND DATE_DIFF(last_day.game_date, d.game_date, DAY) BETWEEN 0 AND 6
  WHERE last_day.game_date BETWEEN @start_date AND @end_date
  GROUP BY last_day.game_date, last_day.system_id
)

SELECT
  sums.as_of_date AS day,
  sums.system_id,
  sums.predictions,
  weeks.total_predictions,
  sums.hits AS daily_hits,
  weeks.hits
FROM sums
LEFT JOIN weeks
  ON weeks.as_of_date = sums.as_of_date
  AND weeks.system_id = sums.system_id
WHERE sums.predictions > 0
  AND (
    weeks.system_id IS NULL
    OR weeks.total_predictions != sums.predictions
    OR weeks.total_recommendations != sums.recommendations
    OR weeks.hits != sums.hits
    OR weeks.misses != sums.misses
    OR weeks.over_recommendations != sums.overs
    OR weeks.pass_recommendations != sums.passes
  )
""",
)

PARTS = Reconciliation(
    name="slices_add_up",
    description=(
        "Confidence tiers, and home and away, make up all predictions of a period; types, their"
        " tiers and the other situations are at most all."
    ),
    reads=("prediction_performance_summary",),
    sql="""
WITH sums AS (
  SELECT
    as_of_date AS day,
    system_id,
    period_type,
    SUM(IF(archetype IS NULL AND confidence_tier IS NULL AND situation IS NULL,
      total_predictions, 0)) AS everything,
    SUM(IF(archetype IS NULL AND confidence_tier IS NOT NULL, total_predictions, 0)) AS tiers,
    SUM(IF(situation IN ('home', 'away'), total_predictions, 0)) AS venues,
    SUM(IF(archetype IS NOT NULL AND confidence_tier IS NULL, total_predictions, 0)) AS types,
    SUM(IF(archetype IS NOT NULL AND confidence_tier IS NOT NULL, total_predictions, 0))
      AS types_by_tier,
    MAX(IF(situation IN ('b2b', 'rest_3plus', 'bounce_back'), total_predictions, 0)) AS largest
  FROM prediction_performance_summary
  WHERE player_lookup IS NULL
  GROUP BY as_of_date, system_id, period_type
)

SELECT *
FROM sums
WHERE tiers != everything
  OR venues != everything
  OR types > everything
  OR types_by_tier > everything
  OR largest > everything
""",
)


def _count(name: str, description: str) -> Column:
    return Column(name, "INT64", description, required=True, between=(0, 100_000))


def _rate(name: str, description: str) -> Column:
    return Column(name, "FLOAT64", description, unit="fraction 0-1", between=(0, 1))


TABLE = Table(
    name="prediction_performance_summary",
    dataset="nba_predictions",
    layer=Layer.GRADING,
    date_column="as_of_date",
    grain=("as_of_date", "summary_key"),
    reads={
        "prediction_accuracy": Window.season_to_date(before=False),
        "player_game_summary": Window.season_to_date(before=False),
        "nba_players_registry": Window.everything(),
    },
    description="Records by period and slice, as they stood at the end of each graded day.",
    source=__file__,
    clustering=("system_id", "period_type"),
    expects=Rows(Per.DAY, 50),
    columns=(
        Column(
            "as_of_date", "DATE", "Graded day with which the period ends, itself in", required=True
        ),
        Column(
            "summary_key",
            "STRING",
            "system|period type|period|player|type|confidence tier|situation, NULL for a slice "
            "that does not look at one",
            required=True,
        ),
        Column("season_year", "INT64", "Year the season starts in: 2024 is 2024-25", required=True),
        Column("system_id", "STRING", "Prediction system", required=True),
        Column(
            "period_type",
            "STRING",
            "rolling_7d and rolling_30d: so many dates; month and season: from their beginning",
            required=True,
            one_of=PERIODS,
        ),
        Column(
            "period_value",
            "STRING",
            "The day of a rolling period, the month (2024-11) or the season (2024-25)",
            required=True,
        ),
        Column(
            "player_lookup",
            "STRING",
            "Player; only the 200 with most predictions, and at least 5, of a system and period",
        ),
        Column(
            "archetype",
            "STRING",
            "Type of the player before the game, by his games of the season with 10 minutes or "
            "more, at least 10 of them: veteran_star (10 seasons in the registry, usage 25 %, 20 "
            "points), prime_star (5-9, 28 %, 22), young_star (fewer, 22 %, 18), ironman (20 games, "
            "less than 1.5 points between games after 3 days and sooner), else role_player. "
            "unknown: a star whose seasons the registry does not tell, since it begins too late. "
            "At least 10 predictions",
            one_of=ARCHETYPES,
        ),
        Column(
            "confidence_tier",
            "STRING",
            "high: confidence 0.70 or more, medium: 0.55 or more, else low",
            one_of=TIERS,
        ),
        Column(
            "situation",
            "STRING",
            "home, away; b2b: he played the day before; rest_3plus: his last game of the season "
            "was 3 days ago or more (1 = yesterday); bounce_back: in it he stayed 10 points or "
            "more below his season average, after 10 games",
            one_of=SITUATIONS,
        ),
        _count("total_predictions", "Predictions graded"),
        _count("total_recommendations", "OVER and UNDER picks among them"),
        _count("over_recommendations", "OVER picks"),
        _count("under_recommendations", "UNDER picks"),
        _count("pass_recommendations", "Predictions with a line and no pick"),
        _count("hits", "Picks that came true"),
        _count("misses", "Picks that did not; the rest of the picks are pushes"),
        _rate("hit_rate", "hits / (hits + misses); NULL without either, 0 if all missed"),
        _rate("over_hit_rate", "The same of OVER picks"),
        _rate("under_hit_rate", "The same of UNDER picks"),
        Column(
            "mae",
            "FLOAT64",
            "Mean absolute error",
            unit="points",
            required=True,
            between=(0, 60),
        ),
        Column(
            "avg_bias",
            "FLOAT64",
            "Mean of predicted minus actual points: positive = predicted too much",
            unit="points",
            required=True,
            between=(-60, 60),
        ),
        _rate("within_3_pct", "Share of predictions at most 3 points off"),
        _rate("within_5_pct", "Share of predictions at most 5 points off"),
        _rate("avg_confidence", "Mean confidence"),
        _count("unique_players", "Players predicted"),
        _count("unique_games", "Games predicted"),
        Column(
            "data_hash",
            "STRING",
            "First 16 hexadecimal digits of SHA-256 of `hits|misses|total_predictions`: a record "
            "that did not change keeps it",
            required=True,
        ),
    ),
    rules=(
        Rule(
            "picks_add_up",
            "over_recommendations + under_recommendations = total_recommendations"
            " AND hits + misses <= total_recommendations"
            " AND total_recommendations + pass_recommendations <= total_predictions",
            "Picks are OVER or UNDER, and at most all of them are decided",
        ),
        Rule(
            "rate_exactly_where_decided",
            "(hit_rate IS NULL) = (hits + misses = 0)",
            "A rate of 0 is a rate; without a decided pick there is none",
        ),
        Rule(
            "player_and_game_counts_fit",
            "unique_players BETWEEN 1 AND total_predictions"
            " AND unique_games BETWEEN 1 AND total_predictions"
            " AND (player_lookup IS NULL OR"
            " (unique_players = 1 AND unique_games = total_predictions))",
            "A player has one prediction a game",
        ),
        Rule(
            "slice_is_one_of_the_declared",
            "(player_lookup IS NULL OR"
            " COALESCE(archetype, confidence_tier, situation) IS NULL)"
            " AND (situation IS NULL OR COALESCE(archetype, confidence_tier) IS NULL)",
            "Only types and confidence tiers are crossed",
        ),
        Rule(
            "slices_are_large_enough",
            "(player_lookup IS NULL OR total_predictions >= 5)"
            " AND (archetype IS NULL OR total_predictions >= 10)",
            "No slice of a few predictions",
        ),
        Rule(
            "bias_is_small",
            f"period_type != 'rolling_30d' OR total_predictions < {ROWS_NEEDED}"
            " OR COALESCE(player_lookup, archetype, confidence_tier, situation) IS NOT NULL"
            f" OR ABS(avg_bias) <= {HIGHEST_BIAS}",
            f"Over 30 dates a system is at most {HIGHEST_BIAS} points too high or too low",
            blocking=False,
        ),
        Rule(
            "error_is_plausible",
            f"period_type != 'rolling_30d' OR total_predictions < {ROWS_NEEDED}"
            " OR COALESCE(player_lookup, archetype, confidence_tier, situation) IS NOT NULL"
            f" OR mae BETWEEN {PLAUSIBLE_ERROR[0]} AND {PLAUSIBLE_ERROR[1]}",
            "Over 30 dates a system errs by 3.8 to 6.5 points",
            blocking=False,
        ),
    ),
    reconciliations=(WEEK, PARTS),
)
