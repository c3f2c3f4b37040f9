"""The accuracy figures as tables for a terminal and as one picture."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import pandas as pd
from rich.table import Table as RichTable

from nba_backfill.core.season import Season
from nba_backfill.core.table import Picture
from nba_backfill.predictions.grading.accuracy import (
    BREAK_EVEN,
    EDGES,
    Accuracy,
    HitRate,
    Interval,
    MonthOfSystem,
    accuracy,
    daily_sums,
    monthly_errors,
)
from nba_backfill.warehouse.protocol import Warehouse

if TYPE_CHECKING:
    from matplotlib.axes import Axes

PICKS_DRAWN = 100
"""Below, the interval is wider than the picture; the table has the figures."""

SAID = ("MAE", "inside")
"""What the table of months says of each system."""

INK, MUTED, GOOD, BASE = "#22303c", "#8a97a3", "#2f6f9f", "#c2703d"


def _points(interval: Interval | None) -> str:
    if interval is None:
        return "-"
    return f"{interval.value:.3f} [{interval.low:.3f}, {interval.high:.3f}]"


def _difference(interval: Interval | None) -> str:
    if interval is None:
        return "-"
    return f"{interval.value:+.3f} [{interval.low:+.3f}, {interval.high:+.3f}]"


def _percent(interval: Interval | None) -> str:
    if interval is None:
        return "-"
    return f"{100 * interval.value:.1f} % [{100 * interval.low:.1f}, {100 * interval.high:.1f}]"


def tables(found: Sequence[Accuracy]) -> Iterator[RichTable]:
    """Per season three tables: all players, rows with a line, bets by edge."""
    for season in sorted({one.season for one in found}):
        systems = [one for one in found if one.season == season]
        yield _all_players(season, systems)
        if any(one.lines for one in systems):
            yield _lines(season, systems)
            yield _bets(season, systems)


def _table(title: str, caption: str, columns: Sequence[str]) -> RichTable:
    table = RichTable(title=title, caption=caption, title_justify="left", caption_justify="left")
    for n, name in enumerate(columns):
        table.add_column(name, justify="right" if n else "left", no_wrap=True)
    return table


def _all_players(season: Season, systems: Sequence[Accuracy]) -> RichTable:
    widest = max(systems, key=lambda one: one.predictions)
    table = _table(
        f"{season}: all players with minutes > 0",
        "MAE, RMSE, bias (predicted - actual) in points; 95 % intervals resample game dates. "
        "Season average, last 10 and blend (.5 L5 + .3 L10 + .2 season) on the rows that have one.",
        (
            "system",
            "rows",
            "dates",
            "fallback",
            "MAE",
            "RMSE",
            "bias",
            "mean head bias",
            "minus season average",
            "minus blend",
            "80 % interval covers",
        ),
    )
    for one in systems:
        table.add_row(
            one.system_id,
            f"{one.predictions:,}",
            str(one.dates),
            f"{one.fallbacks:,}",
            _points(one.mae),
            f"{one.rmse:.3f}",
            f"{one.bias:+.3f}",
            "-" if one.mean_bias is None else f"{one.mean_bias:+.3f}",
            _difference(one.over_season),
            _difference(one.over_blend),
            _percent(one.coverage),
        )
    table.add_section()
    for name, found in (
        ("season average", widest.season_average),
        ("last 10", widest.last_10),
        ("blend", widest.blend),
    ):
        if found.mae is not None:
            table.add_row(name, f"{found.rows:,}", str(widest.dates), "", f"{found.mae:.3f}")
    return table


def month_tables(months: Sequence[MonthOfSystem]) -> Iterator[RichTable]:
    """Per season a table: error and coverage of the 80 % interval by month and system."""
    for season in sorted({Season.of(one.month) for one in months}):
        found = {(o.month, o.system_id): o for o in months if Season.of(o.month) == season}
        systems = sorted({system_id for _, system_id in found})
        table = _table(
            f"{season}: by month, of the systems that give an interval",
            "MAE in points, and share of results inside the 80 % interval; 95 % intervals resample "
            "game dates.",
            ("month", "rows", *(f"{system_id} {said}" for system_id in systems for said in SAID)),
        )
        for month in sorted({month for month, _ in found}):
            of = [found.get((month, system_id)) for system_id in systems]
            rows = max(one.predictions for one in of if one is not None)
            said = [s for one in of for s in (_month_of(one) if one is not None else ("-", "-"))]
            table.add_row(f"{month:%Y-%m}", f"{rows:,}", *said)
        yield table


def _month_of(one: MonthOfSystem) -> tuple[str, str]:
    return _points(one.mae), _percent(one.coverage)


def _lines(season: Season, systems: Sequence[Accuracy]) -> RichTable:
    table = _table(
        f"{season}: rows with a real line, against the line itself",
        "Line-anchored: the line moved a little towards the forecast. Negative = better than the "
        "line.",
        ("system", "rows", "MAE", "line's MAE", "minus line", "line-anchored minus line"),
    )
    for one in systems:
        if one.lines:
            table.add_row(
                one.system_id,
                f"{one.lines:,}",
                f"{one.mae_on_lines:.3f}",
                f"{one.line_mae:.3f}",
                _difference(one.over_line),
                _difference(one.anchored_over_line),
            )
    return table


def _bets(season: Season, systems: Sequence[Accuracy]) -> RichTable:
    table = _table(
        f"{season}: hit rate by edge, pushes and voids left out",
        f"Wilson 95 % intervals; {100 * BREAK_EVEN:.1f} % breaks even at -110. A claim needs the "
        "lower end above that.",
        ("system", *(f"edge >= {edge}" for edge in EDGES)),
    )
    for one in systems:
        if one.lines:
            table.add_row(one.system_id, *(_bet(rate) for rate in one.hit_rates))
    return table


def _bet(rate: HitRate) -> str:
    return f"{_percent(rate.rate)} n={rate.picks:,}"


def picture(found: Sequence[Accuracy], sums: pd.DataFrame) -> bytes:
    """Error against the season average, error by month, and hit rates of the newest season; PNG."""
    season = max(one.season for one in found)
    systems = [one for one in found if one.season == season]
    from matplotlib.figure import Figure  # noqa: PLC0415 - slow to load, and rarely drawn with

    figure = Figure(figsize=(13, 4.6), dpi=90, layout="constrained")
    left, middle, right = figure.subplots(1, 3, width_ratios=(1.1, 1.2, 1))
    _draw_gains(left, systems)
    _draw_months(middle, sums[sums["season_year"] == season.year], systems)
    _draw_bets(right, systems)
    figure.suptitle(f"Accuracy in {season}: players with minutes > 0", color=INK, fontsize=12)
    for axes in (left, middle, right):
        axes.spines[["top", "right"]].set_visible(False)
        axes.tick_params(labelsize=8, colors=INK)
    drawn = io.BytesIO()
    figure.savefig(drawn, format="png")
    return drawn.getvalue()


def shows(warehouse: Warehouse, days: Sequence[dt.date]) -> dict[dt.date, dict[str, object]]:
    """For the last of ``days``: the season's figures so far and their picture."""
    last = max(days)
    sums = daily_sums(warehouse, Season.of(last).first_day, last)
    if sums.empty:
        return {}
    found = accuracy(sums)
    shown: dict[str, object] = {"accuracy": Picture(picture(found, sums))}
    for one in found:
        shown[f"{one.system_id}/mae"] = round(one.mae.value, 4)
        shown[f"{one.system_id}/predictions"] = one.predictions
    return {last: shown}


def _draw_gains(axes: Axes, systems: Sequence[Accuracy]) -> None:
    shown = [one for one in reversed(systems) if one.over_season]
    for place, one in enumerate(shown):
        gain = one.over_season
        color = GOOD if gain.high < 0 else BASE if gain.low > 0 else MUTED
        axes.plot([gain.low, gain.high], [place, place], color=color, linewidth=2)
        axes.plot(gain.value, place, "o", color=color)
        axes.annotate(
            f"MAE {one.mae.value:.3f}, n {one.predictions:,}",
            (gain.value, place),
            xytext=(0, 7),
            textcoords="offset points",
            ha="center",
            fontsize=7,
            color=INK,
        )
    axes.axvline(0, color=MUTED, linewidth=0.8, linestyle="--")
    axes.set_yticks(range(len(shown)), [one.system_id for one in shown])
    axes.set_ylim(-0.5, len(shown) - 0.3)
    axes.margins(x=0.3)
    axes.set_title("error minus season average's (95 %)", fontsize=9, color=INK)
    axes.set_xlabel("points; left of 0 is better", fontsize=8)


def _draw_months(axes: Axes, sums: pd.DataFrame, systems: Sequence[Accuracy]) -> None:
    best = [one.system_id for one in systems[:3]]
    for name, by_month in monthly_errors(sums, best):
        style = "--" if name not in best else "-"
        months = [str(month) for month in by_month.index]
        axes.plot(months, by_month.to_numpy(), style, marker="o", markersize=3, label=name)
    axes.tick_params(axis="x", rotation=45)
    axes.legend(fontsize=7, frameon=False)
    axes.set_title("MAE by month", fontsize=9, color=INK)


def _draw_bets(axes: Axes, systems: Sequence[Accuracy]) -> None:
    drawn = [one for one in systems if one.lines][:3]
    if not drawn:
        axes.text(0.5, 0.5, "no lines in this season", ha="center", color=MUTED)
        axes.set_axis_off()
        return
    for n, one in enumerate(drawn):
        rates = [r for r in one.hit_rates if r.picks >= PICKS_DRAWN]
        places = [EDGES.index(r.edge) + 0.15 * (n - 1) for r in rates]
        values = [100 * r.rate.value for r in rates]
        below = [100 * (r.rate.value - r.rate.low) for r in rates]
        above = [100 * (r.rate.high - r.rate.value) for r in rates]
        axes.errorbar(places, values, [below, above], fmt="o", markersize=4, label=one.system_id)
    axes.axhline(100 * BREAK_EVEN, color=MUTED, linewidth=0.8, linestyle="--")
    axes.set_xticks(range(len(EDGES)), [f">= {edge}" for edge in EDGES])
    axes.set_ylim(40, 70)
    axes.legend(fontsize=7, frameon=False)
    axes.set_xlabel("edge in points", fontsize=8)
    axes.set_title("hit rate, percent (dashed: break-even)", fontsize=9, color=INK)
