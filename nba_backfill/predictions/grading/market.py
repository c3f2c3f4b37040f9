"""How honest the probabilities are, and whether the market came round to the picks.

The Brier score is the mean squared difference between the probability of the over and what came
(1 or 0), pushes left out: 0.25 is what saying one half of everything scores, lower is better. The
market's own, from both prices without the book's margin, is the one to beat. Measured on graded
rows of players who had minutes; intervals resample whole game dates.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from nba_backfill.core.season import Season
from nba_backfill.predictions.grading.accuracy import Interval, mean_interval
from nba_backfill.warehouse.dialect import Statement
from nba_backfill.warehouse.protocol import Warehouse

COIN = 0.25
"""Brier score of one half for everything."""

OF_PROBABILITIES = (
    "bets",
    "squared_miss",
    "priced_bets",
    "squared_miss_beside_the_market",
    "market_squared_miss",
)
OF_CLOSING_LINES = (
    "opening_picks",
    "closing_line_value",
    "beat_the_close",
    "lost_to_the_close",
    "priced_picks",
    "closing_probability_value",
)


@dataclass(frozen=True, slots=True)
class Tenth:
    """Bets whose over had a probability of ``tenth`` / 10 up to a tenth more, as fractions."""

    tenth: int
    bets: int
    said: float
    came: float


@dataclass(frozen=True, slots=True)
class Probabilities:
    """One system over one season: rows with a line and a distribution, pushes left out.

    ``over_market``: own Brier score minus the market's on the ``priced_bets``, negative = better;
    None without any. ``reliability`` holds the tenths that have bets.
    """

    system_id: str
    season: Season
    bets: int
    brier: Interval
    priced_bets: int
    market_brier: float | None
    over_market: Interval | None
    reliability: tuple[Tenth, ...]


@dataclass(frozen=True, slots=True)
class ClosingValue:
    """One system over one season: its picks against the opening line (see market_columns).

    ``points``: mean move of the line towards the pick; ``beat`` and ``lost`` count the picks it
    moved towards and away from. ``probability``: mean move of the market's probability on the
    ``priced`` picks whose line stood still; None without any.
    """

    system_id: str
    season: Season
    picks: int
    points: Interval
    beat: int
    lost: int
    priced: int
    probability: Interval | None


def market_sums(warehouse: Warehouse, first: dt.date, last: dt.date) -> pd.DataFrame:
    """Sums per system, graded day and tenth of over probability (NULL: a row without one)."""
    sql = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")
    return warehouse.frame(Statement(sql, {"start_date": first, "end_date": last}))


def probabilities(sums: pd.DataFrame) -> list[Probabilities]:
    """Of every season and system with a distribution, best Brier score first within a season."""
    found = [
        _probabilities(system_id, Season(int(year)), rows)
        for (year, system_id), rows in sums[sums["bets"] > 0].groupby(["season_year", "system_id"])
    ]
    return sorted(found, key=lambda one: (one.season, one.brier.value))


def _probabilities(system_id: str, season: Season, rows: pd.DataFrame) -> Probabilities:
    days = rows.groupby("game_date")[list(OF_PROBABILITIES)].sum()
    total, tenths = days.sum(), rows.groupby("tenth")[["bets", "chances", "overs"]].sum()
    priced = int(total["priced_bets"])
    beside, market = days["squared_miss_beside_the_market"], days["market_squared_miss"]
    return Probabilities(
        system_id=system_id,
        season=season,
        bets=int(total["bets"]),
        brier=mean_interval(days["squared_miss"], days["bets"]),
        priced_bets=priced,
        market_brier=total["market_squared_miss"] / priced if priced else None,
        over_market=mean_interval(beside - market, days["priced_bets"]) if priced else None,
        reliability=tuple(
            Tenth(int(tenth), int(row.bets), row.chances / row.bets, row.overs / row.bets)
            for tenth, row in tenths.iterrows()
        ),
    )


def closing_values(sums: pd.DataFrame) -> list[ClosingValue]:
    """Of every season and system with opening picks, best mean move first within a season."""
    picked = sums[sums["opening_picks"] > 0]
    found = [
        _closing_value(system_id, Season(int(year)), rows)
        for (year, system_id), rows in picked.groupby(["season_year", "system_id"])
    ]
    return sorted(found, key=lambda one: (one.season, -one.points.value))


def _closing_value(system_id: str, season: Season, rows: pd.DataFrame) -> ClosingValue:
    days = rows.groupby("game_date")[list(OF_CLOSING_LINES)].sum()
    total = days.sum()
    priced = int(total["priced_picks"])
    moves, of = days["closing_probability_value"], days["priced_picks"]
    return ClosingValue(
        system_id=system_id,
        season=season,
        picks=int(total["opening_picks"]),
        points=mean_interval(days["closing_line_value"], days["opening_picks"]),
        beat=int(total["beat_the_close"]),
        lost=int(total["lost_to_the_close"]),
        priced=priced,
        probability=mean_interval(moves, of) if priced else None,
    )
