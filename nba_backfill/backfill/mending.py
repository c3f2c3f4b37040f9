"""The commands that mend: one writer, so that every message says the same thing the same way."""

from __future__ import annotations

import datetime as dt
import shlex
from collections.abc import Iterable

RANGE = "..."


def mending_command(
    targets: Iterable[str],
    dates: tuple[dt.date, dt.date] | None = None,
    season: str | None = None,
    *flags: str,
) -> str:
    """The ``run`` that computes what does not stand of some targets (none: all tables)."""
    words = ["nba-backfill", "run", *targets, *flags]
    if dates:
        words += ["--dates", dates_in_words(dates)]
    if season:
        words += ["--season", season]
    return shlex.join([*words, "--missing-only"])


def dates_in_words(dates: tuple[dt.date, dt.date]) -> str:
    """Two days as ``--dates`` reads them."""
    first, last = dates
    return f"{first}" if first == last else f"{first}{RANGE}{last}"
