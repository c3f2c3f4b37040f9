"""What every Phase 4 table over the day's player pool must agree with."""

from nba_backfill.core.table import Reconciliation

_SAME_PLAYERS = """
SELECT
  COALESCE(f.game_date, u.game_date) AS day,
  COALESCE(f.game_id, u.game_id) AS game_id,
  COALESCE(f.player_lookup, u.player_lookup) AS player_lookup,
  IF(f.player_lookup IS NULL, 'only in the context', 'only here') AS difference
FROM TABLE_NAME AS f
FULL OUTER JOIN upcoming_player_game_context AS u
  ON u.game_date = f.game_date AND u.player_lookup = f.player_lookup
  AND u.game_id = f.game_id AND u.team_abbr = f.team_abbr
WHERE (f.player_lookup IS NULL OR u.player_lookup IS NULL)
  AND NOT COALESCE(u.backfill_bootstrap_mode, FALSE)
"""

_PLAYED = """
SELECT p.game_date AS day, COUNT(*) AS played, COUNT(f.player_lookup) AS of_these_here
FROM player_game_summary AS p
LEFT JOIN TABLE_NAME AS f
  ON f.game_date = p.game_date AND f.player_lookup = p.player_lookup
WHERE p.game_date IN (SELECT DISTINCT game_date FROM TABLE_NAME)
GROUP BY p.game_date
HAVING COUNT(f.player_lookup) < 0.9 * COUNT(*)
"""


def population_is_the_pool(table: str, prefix: str) -> Reconciliation:
    """One driver population: a table's players of a day are those of the player context."""
    return Reconciliation(
        name=f"{prefix}_population_is_the_context",
        description="The players of a day are exactly those of upcoming_player_game_context.",
        reads=(table, "upcoming_player_game_context"),
        sql=_SAME_PLAYERS.replace("TABLE_NAME", table),
    )


def holds_those_who_played(table: str, prefix: str) -> Reconciliation:
    """Recall against who then played (spec 60, P-4 and P-7); a lack only warns."""
    return Reconciliation(
        name=f"{prefix}_hold_those_who_played",
        description=f"At least 90 % of the players of player_game_summary have {prefix} that day.",
        reads=(table, "player_game_summary"),
        blocking=False,
        sql=_PLAYED.replace("TABLE_NAME", table),
    )
