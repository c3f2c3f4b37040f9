"""systems/performance.json: how right every prediction system was, by period (spec 50, 3.4).

Errors are weighted by predictions and rates have decided picks below the line, so each figure is
the one that all its predictions together give. A mean error of 0 is the best there is, not missing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence

import pandas as pd

from nba_backfill.core.window import Window
from nba_backfill.publishing import alarm as leak_alarm
from nba_backfill.publishing.alarm import alarm
from nba_backfill.publishing.document import Document, Nothing, Part
from nba_backfill.publishing.exporter import Kind, Withheld, exporter
from nba_backfill.publishing.gathered import ratio, records

PATH = "systems/performance.json"
COMPARABLE = 100
"""Predictions of the season from which a system is compared with the others."""

SYSTEMS = {
    "catboost_v8": ("CatBoost", "Gradient-boosted trees over 33 features."),
    "ensemble_v1": ("Ensemble", "Blend of the other systems, weighted by their confidence."),
    "xgboost_v1": ("XGBoost", "Gradient-boosted trees of another library over the same features."),
    "moving_average_baseline_v1": ("Moving average", "Weighted means of recent and season games."),
    "similarity_balanced_v1": ("Similar games", "Points in his most similar games, adjusted."),
    "zone_matchup_v1": ("Zone match-up", "His shot zones against the opponent's defence there."),
}
"""Display name and description of the systems, in the order of the site; others come after."""


class Period(Part):
    """A system over a period. ``mae`` and ``bias`` (predicted - actual) in points."""

    predictions: int
    recommendations: int
    correct: int
    win_rate: float | None
    mae: float
    bias: float


class Windows(Part):
    """Periods that end with the as-of date; null where nothing was graded in one."""

    last_7_days: Period | None
    last_30_days: Period | None
    season: Period | None
    all_time: Period | None


class Breakdown(Part):
    """Shares of the season: of decided picks, of graded predictions; null without any."""

    over_win_rate: float | None
    under_win_rate: float | None
    within_3_pct: float | None
    within_5_pct: float | None
    high_confidence_win_rate: float | None


class System(Part):
    """One prediction system."""

    system_id: str
    display_name: str
    description: str
    is_primary: bool
    windows: Windows
    breakdown: Breakdown


class Best(Part):
    """The best value of the season, and whose it is."""

    system_id: str
    value: float


class Comparison(Part):
    """The best of the season among systems with 100 predictions; ``lowest_bias`` by its size."""

    best_mae: Best
    best_win_rate: Best | None
    lowest_bias: Best


class SystemPerformance(Document):
    """The document."""

    as_of_date: dt.date
    systems: list[System]
    comparison: Comparison | Nothing


def shape(day: dt.date, rows: pd.DataFrame) -> Mapping[str, Mapping | Withheld]:
    """The document as of a date, or why it is held back."""
    found = records(rows)
    if reasons := [reason for row in found if (reason := alarm(row))]:
        return {PATH: Withheld(reasons[0])}
    by_system: dict[str, dict[str, Mapping]] = {}
    for row in found:
        if row["system_id"] is not None:
            by_system.setdefault(row["system_id"], {})[row["period"]] = row
    systems = [_system(name, by_system[name]) for name in sorted(by_system, key=_place)]
    return {PATH: {"as_of_date": day, "systems": systems, "comparison": _comparison(systems)}}


def _place(system_id: str) -> tuple[int, str]:
    known = list(SYSTEMS)
    return (known.index(system_id) if system_id in known else len(known), system_id)


def _system(system_id: str, periods: Mapping[str, Mapping]) -> dict:
    name, description = SYSTEMS.get(system_id, (system_id, ""))
    return {
        "system_id": system_id,
        "display_name": name,
        "description": description,
        "is_primary": any(row["is_primary"] for row in periods.values()),
        "windows": {name: _period(periods.get(name)) for name in Windows.model_fields},
        "breakdown": _breakdown(periods.get("season")),
    }


def _period(row: Mapping | None) -> dict | None:
    if row is None or not row["predictions"]:
        return None
    return {
        **{name: row[name] for name in ("predictions", "recommendations", "correct")},
        "win_rate": ratio(row["correct"], row["correct"] + row["incorrect"], 3),
        "mae": ratio(row["absolute_errors"], row["predictions"], 2),
        "bias": ratio(row["signed_errors"], row["predictions"], 2),
    }


def _breakdown(row: Mapping | None) -> dict:
    if row is None:
        return dict.fromkeys(Breakdown.model_fields)
    return {
        "over_win_rate": ratio(row["over_right"], row["over_decided"], 3),
        "under_win_rate": ratio(row["under_right"], row["under_decided"], 3),
        "within_3_pct": ratio(row["within_3"], row["predictions"], 3),
        "within_5_pct": ratio(row["within_5"], row["predictions"], 3),
        "high_confidence_win_rate": ratio(row["confident_right"], row["confident_decided"], 3),
    }


def _comparison(systems: Sequence[Mapping]) -> dict:
    seasons = {s["system_id"]: s["windows"]["season"] for s in systems}
    compared = {
        name: season
        for name, season in seasons.items()
        if season is not None and season["predictions"] >= COMPARABLE
    }
    if not compared:
        return {}
    return {
        "best_mae": _best(compared, "mae", lambda value: value),
        "best_win_rate": _best(compared, "win_rate", lambda value: -value),
        "lowest_bias": _best(compared, "bias", abs),
    }


def _best(
    seasons: Mapping[str, Mapping], figure: str, order: Callable[[float], float]
) -> dict | None:
    known = {name: s[figure] for name, s in seasons.items() if s[figure] is not None}
    if not known:
        return None
    best = min(known, key=lambda name: (order(known[name]), name))
    return {"system_id": best, "value": known[best]}


TABLE = exporter(
    name="system_performance",
    kind=Kind.SNAPSHOT,
    paths=PATH,
    max_age=3600,
    model=SystemPerformance,
    reads={
        "games": Window.same_day(),
        "system_daily_performance": Window.optional(3650, before=False),
        "prediction_accuracy": Window.optional(3650, before=False),
        # Refused where its figures are too good to be true: then no performance is published.
        "model_evaluation": Window.same_day(),
    },
    steps=("../shared/champion", "../shared/evaluated"),
    code=(leak_alarm,),
    shape=shape,
    description="Errors and win rates of every prediction system, by period.",
    source=__file__,
)
