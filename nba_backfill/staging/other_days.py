"""Offers whose stated start is on another day than their game: told, and not read."""

from nba_backfill.core.composition import UnionAll
from nba_backfill.core.table import Reconciliation
from nba_backfill.staging.clubs import steps_of


def offers_of_another_day(
    name: str,
    what: str,
    *,
    table: str,
    source: str,
    rows: str,
    unread: str,
    counted: str,
    kept: str,
) -> Reconciliation:
    """The check that names games with such offers, by stated start.

    ``rows``: the step with one row per offer of ``source``. ``unread`` names the number of offers
    left aside, ``kept`` that of the different ``counted`` which ``table`` has of the game anyway.
    """
    sql = f"""
SELECT
  game.game_date AS day, game.game_id, CAST(offer.printed_at AS STRING) AS stated_start,
  COUNT(*) AS {unread}, COUNT(DISTINCT kept.{counted}) AS {kept}
FROM games AS game
JOIN {rows} AS offer
  ON offer.game_date = game.game_date
  AND offer.home_team_abbr IN (game.home_team_abbr, game.away_team_abbr)
  AND offer.away_team_abbr IN (game.home_team_abbr, game.away_team_abbr)
JOIN starts AS start
  ON start.game_date = offer.game_date AND start.printed_at = offer.printed_at
  AND NOT start.is_of_the_day
LEFT JOIN {table} AS kept ON kept.game_id = game.game_id
GROUP BY game.game_date, game.game_id, offer.printed_at
"""
    return Reconciliation(
        name=name,
        description=(
            f"{what} whose stated start is on another day: they are another game's, not read"
        ),
        reads=(table, "games", source),
        blocking=False,
        contradiction=True,
        sql=steps_of("shared/clubs", printed_starts(rows), "shared/starts", sql=sql),
    )


def printed_starts(rows: str) -> UnionAll:
    """The step that hands the stated starts of some offers to ``shared/starts``."""
    return UnionAll("printed_starts", of=(f"shared/{rows}",), columns=("game_date", "printed_at"))
