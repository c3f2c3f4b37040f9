"""Probabilities and closing-line values as tables for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pandas as pd
from rich.table import Table as RichTable

from nba_backfill.core.season import Season
from nba_backfill.predictions.grading.accuracy import Interval
from nba_backfill.predictions.grading.market import (
    COIN,
    ClosingValue,
    Probabilities,
    closing_values,
    probabilities,
)


def market_tables(sums: pd.DataFrame) -> Iterator[RichTable]:
    """Per season up to three tables: Brier scores, reliability, closing-line values."""
    said, moved = probabilities(sums), closing_values(sums)
    for season in sorted({one.season for one in (*said, *moved)}):
        of_season = [one for one in said if one.season == season]
        if of_season:
            yield _brier(season, of_season)
            yield _reliability(season, of_season)
        if picks := [one for one in moved if one.season == season]:
            yield _closing(season, picks)


def _table(title: str, caption: str, columns: Sequence[str]) -> RichTable:
    table = RichTable(title=title, caption=caption, title_justify="left", caption_justify="left")
    for n, name in enumerate(columns):
        table.add_column(name, justify="right" if n else "left", no_wrap=True)
    return table


def _figure(interval: Interval | None, digits: int, sign: str = "+") -> str:
    if interval is None:
        return "-"
    value, low, high = (
        f"{end:{sign}.{digits}f}" for end in (interval.value, interval.low, interval.high)
    )
    return f"{value} [{low}, {high}]"


def _brier(season: Season, systems: Sequence[Probabilities]) -> RichTable:
    table = _table(
        f"{season}: how good the probabilities of the over are, pushes and voids left out",
        f"Brier score: mean squared miss, {COIN} for a coin, lower is better; above it, the line "
        "knew more where the system disagreed. The market's is that of both prices without margin. "
        "95 % intervals resample game dates.",
        ("system", "lines", "Brier", "with prices", "market's Brier", "minus market"),
    )
    for one in systems:
        table.add_row(
            one.system_id,
            f"{one.bets:,}",
            _figure(one.brier, 4, sign=""),
            f"{one.priced_bets:,}",
            "-" if one.market_brier is None else f"{one.market_brier:.4f}",
            _figure(one.over_market, 4),
        )
    return table


def _reliability(season: Season, systems: Sequence[Probabilities]) -> RichTable:
    table = _table(
        f"{season}: reliability, the over as said and as it came",
        "Mean probability said > share of overs that came, in percent, with the number of lines.",
        ("probability of the over", *(one.system_id for one in systems)),
    )
    cells = {
        (one.system_id, found.tenth): (
            f"{100 * found.said:.1f} > {100 * found.came:.1f} n={found.bets:,}"
        )
        for one in systems
        for found in one.reliability
    }
    for tenth in sorted({tenth for _, tenth in cells}):
        table.add_row(
            f"{10 * tenth} - {10 * tenth + 10} %",
            *(cells.get((one.system_id, tenth), "-") for one in systems),
        )
    return table


def _closing(season: Season, systems: Sequence[ClosingValue]) -> RichTable:
    table = _table(
        f"{season}: closing-line value of picks against the first line of a book",
        "The side of the first line on which the forecast lies by 1 point or more; above 0 = the "
        "line moved its way; probability: the market's, where the line stood still. Of books "
        "looked at twice or more, without systems that read the closing line. A little flattered: "
        "forecasts know the news of the day, first lines do not. Picks laid on the last quote "
        "have a value of 0 by construction.",
        ("system", "picks", "mean move, points", "beat", "level", "lost", "priced", "probability"),
    )
    for one in systems:
        table.add_row(
            one.system_id,
            f"{one.picks:,}",
            _figure(one.points, 3),
            f"{one.beat:,}",
            f"{one.picks - one.beat - one.lost:,}",
            f"{one.lost:,}",
            f"{one.priced:,}",
            _figure(one.probability, 4),
        )
    return table
