"""How good the predictions were: figures with their population, count and confidence interval.

Measured on graded rows of players who had minutes. Intervals of means resample whole game dates,
since the games of a night share what nobody foresaw; intervals of hit rates are Wilson's.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import sqrt
from pathlib import Path

import numpy as np
import pandas as pd

from nba_backfill.core.season import Season
from nba_backfill.warehouse.dialect import Statement
from nba_backfill.warehouse.protocol import Warehouse

EDGES = (1, 2, 3, 5)
"""Points between prediction and line from which a bet would have been laid."""

BREAK_EVEN = 0.524
"""Share of bets at odds of -110 that must be won to lose nothing (spec 41, 3)."""

RESAMPLES, SEED = 1_000, 42


@dataclass(frozen=True, slots=True)
class Interval:
    """A figure with the ends of its 95 % confidence interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class HitRate:
    """Bets with at least ``edge`` points of difference, pushes left out."""

    edge: int
    picks: int
    rate: Interval | None


@dataclass(frozen=True, slots=True)
class Baseline:
    """An average as forecast: its error in points, on the rows whose player has one."""

    rows: int
    mae: float | None


@dataclass(frozen=True, slots=True)
class Accuracy:
    """One system over one season. Errors in points, shares as fractions.

    ``bias`` is the mean of predicted - actual. ``over_season`` and ``over_blend``: own error
    minus that of the season average (of .5 last 5 + .3 last 10 + .2 season) on the rows that have
    one, negative = better. The figures about lines are of rows with a line, None without any.
    """

    system_id: str
    season: Season
    dates: int
    predictions: int
    fallbacks: int
    mae: Interval
    rmse: float
    bias: float
    mean_bias: float | None
    season_average: Baseline
    last_10: Baseline
    blend: Baseline
    over_season: Interval | None
    over_blend: Interval | None
    lines: int
    mae_on_lines: float | None
    line_mae: float | None
    over_line: Interval | None
    anchored: int
    anchored_over_line: Interval | None
    intervals: int
    coverage: Interval | None
    hit_rates: tuple[HitRate, ...]


def daily_sums(warehouse: Warehouse, first: dt.date, last: dt.date) -> pd.DataFrame:
    """Sums of errors per system and graded day; a row for each that has graded predictions."""
    sql = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")
    found = warehouse.frame(Statement(sql, {"start_date": first, "end_date": last}))
    # In one order, so that measuring again draws the same dates for the intervals.
    return found.sort_values(["system_id", "game_date"], ignore_index=True)


def accuracy(sums: pd.DataFrame) -> list[Accuracy]:
    """The figures of every season and system in ``sums``, best error first within a season."""
    found = [
        _of(system_id, Season(int(year)), rows)
        for (year, system_id), rows in sums.groupby(["season_year", "system_id"])
    ]
    return sorted(found, key=lambda one: (one.season, one.mae.value))


def _of(system_id: str, season: Season, rows: pd.DataFrame) -> Accuracy:
    total = rows.drop(columns=["system_id", "season_year", "game_date"]).sum()
    count, lines = total["predictions"], int(total["lines"])
    anchored, intervals = int(total["anchored"]), int(total["intervals"])

    def minus(own: str, other: str, of: str) -> Interval | None:
        return mean_interval(rows[own] - rows[other], rows[of]) if total[of] else None

    def baseline(name: str) -> Baseline:
        known = int(total[f"with_{name}"])
        return Baseline(known, total[f"{name}_absolute_miss"] / known if known else None)

    return Accuracy(
        system_id=system_id,
        season=season,
        dates=len(rows),
        predictions=int(count),
        fallbacks=int(total["fallbacks"]),
        mae=mean_interval(rows["absolute_miss"], rows["predictions"]),
        rmse=sqrt(total["squared_miss"] / count),
        bias=total["signed_miss"] / count,
        mean_bias=total["mean_signed_miss"] / total["means"] if total["means"] else None,
        season_average=baseline("season"),
        last_10=baseline("last_10"),
        blend=baseline("blend"),
        over_season=minus("absolute_miss_with_season", "season_absolute_miss", "with_season"),
        over_blend=minus("absolute_miss_with_blend", "blend_absolute_miss", "with_blend"),
        lines=lines,
        mae_on_lines=total["absolute_miss_on_lines"] / lines if lines else None,
        line_mae=total["line_absolute_miss"] / lines if lines else None,
        over_line=minus("absolute_miss_on_lines", "line_absolute_miss", "lines"),
        anchored=anchored,
        anchored_over_line=minus(
            "anchored_absolute_miss", "line_absolute_miss_on_anchored", "anchored"
        ),
        intervals=intervals,
        coverage=mean_interval(rows["inside"], rows["intervals"]) if intervals else None,
        hit_rates=tuple(
            HitRate(edge, picks, wilson(int(total[f"hits_{edge}"]), picks))
            for edge in EDGES
            for picks in [int(total[f"picks_{edge}"])]
        ),
    )


@dataclass(frozen=True, slots=True)
class MonthOfSystem:
    """One system in one calendar month: its error in points and what its interval held."""

    system_id: str
    month: dt.date
    predictions: int
    mae: Interval
    coverage: Interval


def months_with_intervals(sums: pd.DataFrame) -> list[MonthOfSystem]:
    """The months of the systems that give an interval, in order of time."""
    rows = sums[sums["intervals"] > 0]
    first_days = pd.to_datetime(rows["game_date"]).dt.to_period("M").dt.start_time.dt.date
    return [
        MonthOfSystem(
            system_id,
            month,
            int(of["predictions"].sum()),
            mean_interval(of["absolute_miss"], of["predictions"]),
            mean_interval(of["inside"], of["intervals"]),
        )
        for (month, system_id), of in rows.groupby([first_days, "system_id"])
    ]


def mean_interval(sums: pd.Series, counts: pd.Series) -> Interval:
    """Mean of sums over counts, with the interval from resampling the dates they belong to."""
    chance = np.random.default_rng(SEED)
    drawn = chance.multinomial(len(sums), np.full(len(sums), 1 / len(sums)), size=RESAMPLES)
    of, by = sums.to_numpy(dtype=float), counts.to_numpy(dtype=float)
    below = drawn @ by
    means = (drawn @ of)[below > 0] / below[below > 0]
    low, high = np.quantile(means, [0.025, 0.975])
    return Interval(float(of.sum() / by.sum()), float(low), float(high))


def wilson(hits: int, picks: int) -> Interval | None:
    """Share of hits with Wilson's score interval; None without picks."""
    if not picks:
        return None
    from scipy.stats import binomtest  # noqa: PLC0415  a second that only a report needs

    ends = binomtest(hits, picks).proportion_ci(confidence_level=0.95, method="wilson")
    return Interval(hits / picks, float(ends.low), float(ends.high))


def monthly_errors(sums: pd.DataFrame, systems: Sequence[str]) -> Iterator[tuple[str, pd.Series]]:
    """Error by month of each system, then of the season average on the first one's rows."""
    for system_id in systems:
        rows = sums[sums["system_id"] == system_id]
        yield system_id, _by_month(rows, "absolute_miss", "predictions")
    first = sums[sums["system_id"] == systems[0]]
    yield "season average", _by_month(first, "season_absolute_miss", "with_season")


def _by_month(rows: pd.DataFrame, of: str, by: str) -> pd.Series:
    months = rows.groupby(pd.to_datetime(rows["game_date"]).dt.to_period("M"))
    return months[of].sum() / months[by].sum()
