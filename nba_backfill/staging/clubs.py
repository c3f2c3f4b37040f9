"""Codes of clubs that nobody knows: named in the day's reason, never dropped without a word.

The one mapping is ``shared/clubs.sql`` (raw-input specification 1.2); every staging table reads
codes through it, and declares :func:`unknown_clubs` of the sources it reads.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from nba_backfill.core.composition import UnionAll, composed
from nba_backfill.core.table import Reconciliation
from nba_backfill.core.window import Window

NO_CLUB = ("UNKNOWN", "FA", "TBD", "TBA", "TOT", "2TM", "3TM")
"""What sources write for a free agent, a club to be known later, or several clubs at once."""


@dataclass(frozen=True, slots=True)
class ClubCodes:
    """Columns of a raw table that hold codes of clubs, in the rows for which ``where`` is true.

    ``on``: the day of the game a row is about, as a condition on ``day.game_date``; by default
    the row's own date.
    """

    columns: tuple[str, ...]
    where: str = "TRUE"
    on: str = "row_.game_date = day.game_date"


def steps_of(*names: str | UnionAll, sql: str) -> str:
    """A query of a reconciliation behind steps of this package; see :mod:`core.composition`."""
    return composed(Path(__file__).parent, names, sql)


def unknown_clubs(
    table: str,
    sources: Mapping[str, ClubCodes],
    windows: Mapping[str, Window] | None = None,
) -> Reconciliation:
    """The check that names codes of no club on game days, with their source and number of rows.

    ``windows``: of sources whose rows serve more days than their own.
    """
    printed = "\n  UNION ALL\n".join(
        f"  SELECT '{source}' AS source, day.game_date, row_.{column} AS code\n"
        f"  FROM {source} AS row_ JOIN game_days AS day ON {codes.on}\n"
        f"  WHERE {codes.where}"
        for source, codes in sources.items()
        for column in codes.columns
    )
    nothing = ", ".join(f"'{word}'" for word in NO_CLUB)
    written = "game_days" if table == "games" else table
    sql = f"""
WITH game_days AS (SELECT DISTINCT game_date FROM games),
written AS (SELECT game_date, COUNT(*) AS rows_ FROM {written} GROUP BY game_date),
printed AS (
{printed}
)
SELECT
  printed.game_date AS day, printed.source, printed.code, COUNT(*) AS unread_rows,
  COALESCE(MIN(written.rows_), 0) AS written_rows
FROM printed
LEFT JOIN clubs AS club ON club.spelling = UPPER(TRIM(printed.code))
LEFT JOIN written ON written.game_date = printed.game_date
WHERE printed.code IS NOT NULL
  AND club.spelling IS NULL
  AND UPPER(TRIM(printed.code)) NOT IN ({nothing})
GROUP BY printed.game_date, printed.source, printed.code
"""
    return Reconciliation(
        "club_codes_are_known",
        "A code of no club: which club its rows are about is unknown, so they are not read",
        tuple(dict.fromkeys(("games", table, *sources))),
        steps_of("shared/clubs", sql=sql),
        blocking=False,
        windows=windows or {},
        contradiction=True,
    )
