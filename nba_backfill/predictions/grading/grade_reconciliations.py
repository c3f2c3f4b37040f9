"""What grades must agree with: the predictions, the box scores, and who was expected to play."""

from nba_backfill.core.table import Reconciliation

HIGHEST_VOID_SHARE = 0.15
PLAYERS_NEEDED = 50
"""Expected players from which a day's share of voids says anything: two games have about 35."""

EXPECTED_MINUTES = 15
"""Minutes per game of the last week from which the pre-game rules count on a player."""

GRADES_WHAT_WAS_PREDICTED = Reconciliation(
    name="grades_what_was_predicted",
    description=(
        "Every prediction of a gradable game has its grade, every grade its prediction, and what"
        " was predicted is copied unchanged."
    ),
    reads=("prediction_accuracy", "player_prop_predictions", "games", "player_game_summary"),
    sql="""
WITH finished_days AS (
  SELECT game_date
  FROM games
  GROUP BY game_date
  HAVING LOGICAL_AND(is_over)
),

waiting_games AS (
  SELECT game.game_date, game.game_id
  FROM games AS game
  LEFT JOIN player_game_summary AS facts
    ON facts.game_date = game.game_date
    AND facts.game_id = game.game_id
  GROUP BY game.game_date, game.game_id
  HAVING COUNT(DISTINCT facts.team_abbr) < 2
)

SELECT
  COALESCE(p.game_date, a.game_date) AS day,
  COALESCE(p.game_id, a.game_id) AS game_id,
  COALESCE(p.player_lookup, a.player_lookup) AS player_lookup,
  COALESCE(p.system_id, a.system_id) AS system_id,
  p.predicted_points,
  a.predicted_points AS graded_points
FROM (
  SELECT p.*
  FROM player_prop_predictions AS p
  JOIN finished_days AS finished
    ON finished.game_date = p.game_date
  LEFT JOIN waiting_games AS waiting
    ON waiting.game_date = p.game_date
    AND waiting.game_id = p.game_id
  WHERE waiting.game_id IS NULL
) AS p
FULL JOIN prediction_accuracy AS a
  ON a.game_date = p.game_date
  AND a.game_id = p.game_id
  AND a.player_lookup = p.player_lookup
  AND a.system_id = p.system_id
WHERE p.game_id IS NULL
  OR a.game_id IS NULL
  OR p.predicted_points != a.predicted_points
  OR p.recommendation != a.recommendation
  OR p.confidence_score != a.confidence_score
  OR COALESCE(p.current_points_line, -1) != COALESCE(a.line_value, -1)
  OR COALESCE(p.over_probability, -1) != COALESCE(a.over_probability, -1)
  OR COALESCE(p.market_over_probability, -1) != COALESCE(a.market_over_probability, -1)
""",
)

ACTUALS_ARE_FACTS = Reconciliation(
    name="actuals_are_the_box_score",
    description="Actual points and minutes are those of the game facts; without facts, unknown.",
    reads=("prediction_accuracy", "player_game_summary"),
    sql="""
SELECT
  a.game_date AS day, a.game_id, a.player_lookup, a.system_id, a.actual_points, facts.points
FROM prediction_accuracy AS a
LEFT JOIN player_game_summary AS facts
  ON facts.game_date = a.game_date
  AND facts.game_id = a.game_id
  AND facts.player_lookup = a.player_lookup
  AND COALESCE(a.void_reason, '') != 'game_postponed'
WHERE COALESCE(a.actual_points, -1) != COALESCE(facts.points, -1)
  OR COALESCE(a.minutes_played, -1) != COALESCE(facts.minutes_played, -1)
""",
)

# The pool holds whole squads, so a third of all rows are void on any day; what alarms is a day on
# which players who were counted on did not play. Upstream's 30-41 % came from wrong clubs.
VOIDS_ARE_RARE = Reconciliation(
    name="few_expected_players_are_void",
    description=(
        f"At most {HIGHEST_VOID_SHARE:.0%} of a day's predicted players with a line or"
        f" {EXPECTED_MINUTES} minutes a game did not play, on days with {PLAYERS_NEEDED} of them."
    ),
    reads=("prediction_accuracy", "upcoming_player_game_context"),
    blocking=False,
    sql=f"""
WITH players AS (
  SELECT
    a.game_date AS day,
    a.game_id,
    a.player_lookup,
    LOGICAL_AND(a.is_voided) AS is_voided
  FROM prediction_accuracy AS a
  JOIN upcoming_player_game_context AS u
    ON u.game_date = a.game_date
    AND u.player_lookup = a.player_lookup
  WHERE a.has_prop_line OR u.avg_minutes_per_game_last_7 >= {EXPECTED_MINUTES}
  GROUP BY a.game_date, a.game_id, a.player_lookup
)

SELECT day, COUNT(*) AS expected_players, COUNTIF(is_voided) AS voided_players
FROM players
GROUP BY day
HAVING COUNT(*) >= {PLAYERS_NEEDED} AND COUNTIF(is_voided) > {HIGHEST_VOID_SHARE} * COUNT(*)
""",
)

RECONCILIATIONS = (GRADES_WHAT_WAS_PREDICTED, ACTUALS_ARE_FACTS, VOIDS_ARE_RARE)
