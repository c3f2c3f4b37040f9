"""What sources write for nothing: read as NULL, before a value is read at all.

A word for nothing is no unreadable value: nobody has to mend it, and its row's other columns say
what it means. Whatever is left and cannot be read is unreadable, and its day says so.
"""

from collections.abc import Mapping

from nba_backfill.core.table import Column

NOTHING = (
    "",
    "-",
    "--",
    "\N{EN DASH}",
    "\N{EM DASH}",
    "none",
    "null",
    "nan",
    "nat",
    "na",
    "n/a",
    "#n/a",
    "<na>",
    "nil",
    "undefined",
)
"""Whole values in small letters: dashes, and what spreadsheets and data frames print."""

NOT_PLAYED = ("dnp", "dnd", "nwt")
"""Beginnings of what box scores print in place of a number: did not play, did not dress, not with
the team. In a text they are the reason, and stay."""

LONGEST = max(len(word) for word in NOTHING) + 4
FLOATS = ("FLOAT", "DOUBLE")


def as_nothing(column: Column, stored: str) -> str | None:
    """DuckDB condition under which a stored value says nothing; None if its type cannot do so."""
    name = f'"{column.name}"'
    if stored in FLOATS:
        return f"isnan({name})"
    if stored != "VARCHAR":
        return None
    said = f"lower(trim({name}))"
    words = ", ".join(f"'{word}'" for word in NOTHING)
    condition = f"length({name}) <= {LONGEST} AND {said} IN ({words})"
    if column.type == "STRING":
        return condition
    begins = " OR ".join(f"starts_with({said}, '{word}')" for word in NOT_PLAYED)
    return f"({condition}) OR {begins}"


def without_nothing(columns: tuple[Column, ...], stored: Mapping[str, str], relation: str) -> str:
    """A DuckDB relation with NULL for every value of the columns that says nothing."""
    replaced = [
        f'CASE WHEN {condition} THEN NULL ELSE "{column.name}" END AS "{column.name}"'
        for column in columns
        if (condition := as_nothing(column, stored[column.name]))
    ]
    return f"(SELECT * REPLACE ({', '.join(replaced)}) FROM {relation})" if replaced else relation
