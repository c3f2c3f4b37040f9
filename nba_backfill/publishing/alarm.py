"""The alarm that holds documents back: figures too good to be true mean that a result has leaked.

Upstream's best figures all came from results that had got into the features, and looked like
success (spec 40, 2.9; check P6-9 of spec 50). The rows' own checks refuse `model_evaluation` at
tighter, relative bounds, and then no reader of it runs; these are the bounds of the contract with
the readers of the site, asked again where the figures leave the house.
"""

from __future__ import annotations

from collections.abc import Mapping

ROWS_NEEDED = 2000
"""Predictions with a line, or picks, from which luck explains nothing any more."""

IMPOSSIBLE_ERROR = 4.2
"""Mean absolute error in points on predictions with a line below which a result has leaked."""

IMPOSSIBLE_HIT_RATE = 0.60


def alarm(row: Mapping) -> str | None:
    """Why nothing about accuracy may be published, from a row of `shared/evaluated`; or None."""
    rows, error = row["line_rows"], row["mae_on_line_rows"]
    if _counts(rows, error) and error < IMPOSSIBLE_ERROR:
        return (
            f"P6-9: the season's error of {error:.2f} points on {rows} predictions with a line is"
            f" below {IMPOSSIBLE_ERROR}: a result has leaked"
        )
    picks, rate = row["picks"], row["hit_rate"]
    if _counts(picks, rate) and rate > IMPOSSIBLE_HIT_RATE:
        return (
            f"P6-9: {rate:.1%} of the season's {picks} picks right is above"
            f" {IMPOSSIBLE_HIT_RATE:.0%}: a result has leaked"
        )
    return None


def _counts(rows: int | None, figure: float | None) -> bool:
    return rows is not None and rows >= ROWS_NEEDED and figure is not None
