"""What player_prop_predictions must agree with (spec 40, section 6).

Who is predicted, by which systems, and that lines and picks are no artefact.
"""

from nba_backfill.core.table import Reconciliation
from nba_backfill.core.window import Window
from nba_backfill.predictions.forecasting import prediction_leaks
from nba_backfill.predictions.forecasting.prediction_columns import (
    BY_SIMILARITY,
    CHAMPION,
    LEARNED,
    SYSTEMS,
)
from nba_backfill.predictions.forecasting.prediction_leaks import FACTS, PREDICTIONS

ROWS_FOR_A_SHARE = 25
"""Rows from which a share means something; a play-off night has a dozen lines."""

FULL_NIGHT = 100
"""Players of whom some must resemble their past; the two squads of a final may not."""

SAME_LINES = 10
"""Equal lines that are no coincidence: of 28 players six may well have one."""

PICKS_FOR_A_SHARE = 200
PICK_DAYS = 30

FOR_EVERYBODY = tuple(system for system in SYSTEMS if system != BY_SIMILARITY)


def _lacks_players(system: str) -> str:
    """Whether a system has fewer, or more, rows of a game than it should, as SQL."""
    expected = "players" if system in LEARNED else "players - invalid"
    return f"{system} != {expected}"


EVERY_SYSTEM = Reconciliation(
    name="every_player_has_every_system",
    description=(
        "Each player has a row of every system but similarity, which needs 5 similar games (with "
        "invalid features only those of the learned systems, as fallbacks)."
    ),
    reads=(PREDICTIONS,),
    sql=f"""
WITH by_game AS (
  SELECT
    game_date AS day,
    game_id,
    COUNT(DISTINCT player_lookup) AS players,
    COUNT(DISTINCT IF(fallback_reason = 'invalid_features', player_lookup, NULL)) AS invalid,
    {", ".join(f"COUNTIF(system_id = '{system}') AS {system}" for system in FOR_EVERYBODY)}
  FROM player_prop_predictions
  GROUP BY game_date, game_id
)

SELECT day, game_id, players, 'a system lacks players of the game' AS what
FROM by_game
WHERE {" OR ".join(_lacks_players(system) for system in FOR_EVERYBODY)}
""",
)

SIMILARITY_RUNS = Reconciliation(
    name="similarity_has_rows",
    description=f"From January on a day of {FULL_NIGHT} players has similarity rows.",
    reads=(PREDICTIONS,),
    blocking=False,
    sql=f"""
SELECT
  game_date AS day,
  COUNT(DISTINCT IF(fallback_reason = 'invalid_features', NULL, player_lookup)) AS players,
  COUNTIF(system_id = '{BY_SIMILARITY}') AS similarity_rows
FROM player_prop_predictions
WHERE EXTRACT(MONTH FROM game_date) < 7
GROUP BY game_date
HAVING COUNTIF(system_id = '{BY_SIMILARITY}') = 0
  AND COUNT(DISTINCT IF(fallback_reason = 'invalid_features', NULL, player_lookup)) >= {FULL_NIGHT}
""",
)


def _pool_predicted(percent: int) -> Reconciliation:
    """Players predicted against those of the context who are neither doubtful nor out."""
    return Reconciliation(
        name=f"predicts_{percent}_percent_of_the_context",
        description=(
            f"At least {percent} % of the context's players are predicted, doubtful ones aside."
        ),
        reads=(PREDICTIONS, "upcoming_player_game_context"),
        blocking=False,
        sql=f"""
SELECT u.game_date AS day, COUNT(*) AS expected, COUNT(p.player_lookup) AS predicted
FROM upcoming_player_game_context AS u
LEFT JOIN (
  SELECT game_date, game_id, player_lookup
  FROM player_prop_predictions
  WHERE system_id = '{CHAMPION}'
) AS p
  ON p.game_date = u.game_date AND p.game_id = u.game_id AND p.player_lookup = u.player_lookup
WHERE COALESCE(u.player_status, 'available') NOT IN ('doubtful', 'out')
  AND NOT u.backfill_bootstrap_mode
GROUP BY u.game_date
HAVING COUNT(p.player_lookup) * 100 < COUNT(*) * {percent}
""",
    )


def _lines_predicted(percent: int) -> Reconciliation:
    """Players with a real line who played, and of them those predicted."""
    return Reconciliation(
        name=f"predicts_{percent}_percent_of_lines_played",
        description=(
            f"At least {percent} % of the players who had a line and played were predicted."
        ),
        reads=(PREDICTIONS, FACTS),
        blocking=False,
        sql=f"""
SELECT f.game_date AS day, COUNT(*) AS played, COUNT(p.player_lookup) AS predicted
FROM player_game_summary AS f
LEFT JOIN (
  SELECT game_date, player_lookup
  FROM player_prop_predictions
  WHERE system_id = '{CHAMPION}'
) AS p
  ON p.game_date = f.game_date AND p.player_lookup = f.player_lookup
WHERE f.points_line IS NOT NULL
GROUP BY f.game_date
HAVING COUNT(p.player_lookup) * 100 < COUNT(*) * {percent}
""",
    )


# The reference served a constant line of 20 for months, and its champion one confidence of 50 %.
PLACEHOLDERS = Reconciliation(
    name="no_placeholders",
    description=(
        "On the champion's rows of a day no line is that of more than 20 % of the rows with one "
        f"(and of {SAME_LINES}), no confidence that of more than 60 % of the trained rows (of "
        f"{ROWS_FOR_A_SHARE} or more), and, once there is a model, at most 5 % are fallbacks."
    ),
    reads=(PREDICTIONS,),
    blocking=False,
    sql=f"""
WITH champion AS (
  SELECT
    game_date AS day, current_points_line, confidence_score, model_type = 'trained' AS is_trained
  FROM player_prop_predictions
  WHERE system_id = '{CHAMPION}'
),

lines AS (
  SELECT day, COUNT(*) AS n
  FROM champion
  WHERE current_points_line IS NOT NULL
  GROUP BY day, current_points_line
),

confidences AS (
  SELECT day, COUNT(*) AS n
  FROM champion
  WHERE is_trained
  GROUP BY day, confidence_score
)

SELECT day, 'rows with one line' AS what, MAX(n) AS found, SUM(n) AS of_rows
FROM lines
GROUP BY day
HAVING MAX(n) >= {SAME_LINES} AND MAX(n) * 100 > SUM(n) * 20
UNION ALL
SELECT day, 'trained rows with one confidence', MAX(n), SUM(n)
FROM confidences
GROUP BY day
HAVING SUM(n) >= {ROWS_FOR_A_SHARE} AND MAX(n) * 100 > SUM(n) * 60
UNION ALL
SELECT day, 'fallback rows', COUNTIF(NOT is_trained), COUNT(*)
FROM champion
GROUP BY day
HAVING COUNTIF(is_trained) > 0 AND COUNTIF(NOT is_trained) * 100 > COUNT(*) * 5
""",
)

# By the margin's sign, which a rule ties to the recommendation: a sign turned round shows in both.
ONE_SIDED = Reconciliation(
    name="picks_are_not_one_sided",
    description=(
        f"Over {PICK_DAYS} days 25 to 75 % of a system's picks are OVER; systems with fewer than "
        f"{PICKS_FOR_A_SHARE} picks, and days before the first one stored, are not judged."
    ),
    reads=(PREDICTIONS,),
    windows={PREDICTIONS: Window.days(PICK_DAYS - 1, before=False)},
    blocking=False,
    sql=f"""
WITH daily AS (
  SELECT
    game_date AS day,
    system_id,
    COUNTIF(recommendation IN ('OVER', 'UNDER')) AS picks,
    COUNTIF(recommendation IN ('OVER', 'UNDER') AND line_margin > 0) AS overs
  FROM player_prop_predictions
  GROUP BY game_date, system_id
),

trailing AS (
  SELECT
    day,
    system_id,
    SUM(picks) OVER (
      PARTITION BY system_id ORDER BY UNIX_DATE(day)
      RANGE BETWEEN {PICK_DAYS - 1} PRECEDING AND CURRENT ROW
    ) AS picks,
    SUM(overs) OVER (
      PARTITION BY system_id ORDER BY UNIX_DATE(day)
      RANGE BETWEEN {PICK_DAYS - 1} PRECEDING AND CURRENT ROW
    ) AS overs
  FROM daily
)

SELECT day, system_id, picks, overs
FROM trailing
WHERE day BETWEEN @start_date AND @end_date
  AND picks >= {PICKS_FOR_A_SHARE}
  AND (overs * 100 < picks * 25 OR overs * 100 > picks * 75)
""",
)

# Of players at the club expected: one traded on the day is in the pool of the club he left.
KEYS_MATCH = Reconciliation(
    name="keys_match_the_facts",
    description="A predicted player who played for the club expected did so in the game predicted.",
    reads=(PREDICTIONS, FACTS),
    sql=f"""
SELECT p.game_date AS day, p.game_id, p.player_lookup, f.game_id AS game_played
FROM player_prop_predictions AS p
JOIN player_game_summary AS f
  ON f.game_date = p.game_date
  AND f.player_lookup = p.player_lookup
  AND f.team_abbr = p.team_abbr
WHERE p.system_id = '{CHAMPION}' AND f.game_id != p.game_id
""",
)

# Facts may come late, or under another vendor's names: no fault of the predictions.
NAMES_MATCH = Reconciliation(
    name="names_match_the_facts",
    description="At least 80 % of those who played in a predicted game are found by name.",
    reads=(PREDICTIONS, FACTS),
    blocking=False,
    sql=f"""
SELECT
  f.game_date AS day, f.game_id, COUNT(*) AS played, COUNT(p.player_lookup) AS found_by_name
FROM player_game_summary AS f
JOIN (
  SELECT DISTINCT game_date, game_id
  FROM player_prop_predictions
  WHERE system_id = '{CHAMPION}'
) AS g
  ON g.game_date = f.game_date
  AND g.game_id = f.game_id
LEFT JOIN (
  SELECT game_date, player_lookup
  FROM player_prop_predictions
  WHERE system_id = '{CHAMPION}'
) AS p
  ON p.game_date = f.game_date
  AND p.player_lookup = f.player_lookup
GROUP BY f.game_date, f.game_id
HAVING COUNT(p.player_lookup) * 100 < COUNT(*) * 80
""",
)

RECONCILIATIONS = (
    EVERY_SYSTEM,
    SIMILARITY_RUNS,
    _pool_predicted(90),
    _lines_predicted(95),
    PLACEHOLDERS,
    ONE_SIDED,
    KEYS_MATCH,
    NAMES_MATCH,
    *prediction_leaks.RECONCILIATIONS,
)
