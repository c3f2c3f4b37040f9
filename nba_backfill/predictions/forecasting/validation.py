"""How a learned model is validated: on blocks of dates spread over all history.

The last weeks before a cut-off look like nothing that comes after it: before November they are
playoff games alone. So game dates are cut into blocks, the blocks dealt in turn to a few folds,
and each fold is predicted by a model that never saw it. What these predictions show decides how
many trees the model of every month is fitted with, on everything, and how wide its interval is.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import numpy as np

from nba_backfill.core.season import Season

FOLDS, BLOCK_DATES = 4, 15
MINIMUM_ROWS = 5_000
"""About 30 game dates; with fewer a month falls back (spec 40, 2.8)."""

GROWN_BY = 2
"""Within a season, history is validated anew when it has grown by this factor."""

INTERVAL = (0.10, 0.90)
TIERS = (8.0, 15.0, 22.0)
"""Season averages between which errors differ in size and skew (spec 41, 5)."""

PLAYOFFS = len(TIERS) + 1
GROUPS = PLAYOFFS + 1
MINIMUM_GROUP = 400
"""With fewer errors a group's tenth of them is a matter of chance: all errors are taken."""


def folds_of(dates: np.ndarray) -> np.ndarray:
    """The fold of each row: blocks of BLOCK_DATES game dates, dealt to FOLDS folds in turn.

    Rows of one date are never divided. Histories of few dates get smaller blocks.
    """
    unique, place = np.unique(dates, return_inverse=True)
    blocks = max(FOLDS, round(len(unique) / BLOCK_DATES))
    return (place * blocks // len(unique)) % FOLDS


def groups_of(season_average: np.ndarray, playoff_game: np.ndarray) -> np.ndarray:
    """The group of each row whose errors are alike: its tier, or the playoffs."""
    return np.where(playoff_game > 0, PLAYOFFS, np.digitize(season_average, TIERS))


def best_length(curves: Sequence[np.ndarray], rows: Sequence[int]) -> int:
    """Trees with the lowest error over all folds; ``curves`` hold a fold's error by trees.

    A fold whose training stopped early had no better error later; beyond its end none is compared.
    """
    shortest = min(len(curve) for curve in curves)
    total = sum(n * np.asarray(c[:shortest]) for n, c in zip(rows, curves, strict=True))
    return int(np.argmin(total)) + 1


def shifts(
    truth: np.ndarray, low: np.ndarray, high: np.ndarray, groups: np.ndarray
) -> dict[str, list[float]]:
    """Per group how far the ends must move to hold INTERVAL of the truth (split conformal).

    The p-quantile of ``truth - end`` among predictions that never saw the truth; Vovk's rank
    (n + 1) p. Lei et al., Distribution-Free Predictive Inference for Regression, 2018.
    """
    everywhere = [_quantile(truth - end, p) for end, p in zip((low, high), INTERVAL, strict=True)]
    found = {"p10": [], "p90": []}
    for group in range(GROUPS):
        of = groups == group
        enough = of.sum() >= MINIMUM_GROUP
        for name, end, p, fallback in zip(found, (low, high), INTERVAL, everywhere, strict=True):
            found[name].append(_quantile((truth - end)[of], p) if enough else fallback)
    return found


def _quantile(errors: np.ndarray, share: float) -> float:
    rank = np.clip((len(errors) + 1) * share, 1, len(errors)) - 1
    return float(np.interp(rank, np.arange(len(errors)), np.sort(errors)))


def validated_before(dates: np.ndarray, cutoff: dt.date) -> dt.date | None:
    """The month whose history decides about a cut-off's models; None if there is too little.

    The first of the season that has MINIMUM_ROWS before it, and later ones of the season once
    history has grown by GROWN_BY since: in the first season that matters, afterwards hardly.
    ``dates`` are those of all rows, in order.
    """
    first = np.datetime64(Season.of(cutoff).first_day, "M")
    chosen, held = None, MINIMUM_ROWS
    for month in np.arange(first, np.datetime64(cutoff, "M") + 1):
        rows = int(np.searchsorted(dates, month))
        if rows >= held:
            chosen, held = month.astype("datetime64[D]").item(), GROWN_BY * rows
    return chosen
