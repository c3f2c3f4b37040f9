"""The four quality columns that every analytics table carries (spec 20, 5.1 and 5.2).

They say, row by row, which sources the values came from and what is missing. Everything the
reference stored beside them (hashes, run statistics, retry counters) is run or partition
metadata and lives in the ledger.
"""

from nba_backfill.core.table import Column

TIERS = ("gold", "silver", "bronze", "poor")


def quality_columns(scoring: str, issues: str, *, tiers: tuple[str, ...]) -> tuple[Column, ...]:
    """The quality columns of one table.

    ``scoring`` states what earns each tier and score, ``issues`` which texts may occur.
    """
    return (
        Column(
            "quality_tier",
            "STRING",
            f"Grade of the row by the source actually used: {scoring}",
            required=True,
            one_of=tiers,
        ),
        Column(
            "quality_score",
            "FLOAT64",
            f"The tier as a number: {scoring}",
            unit="0-100",
            required=True,
            between=(0, 100),
        ),
        Column(
            "quality_issues",
            "ARRAY<STRING>",
            f"What is missing or substituted, empty if nothing: {issues}",
        ),
        Column(
            "data_sources",
            "ARRAY<STRING>",
            "Sources that contributed values to this row, the primary one first",
        ),
    )
