"""systems/history.json: how every prediction system did on each day of the season, for curves.

Not among the 21 documents of spec 50: the page draws a season from it, which the periods of
``systems/performance.json`` do not hold. A day's figures must be weighted by its counts.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import pandas as pd

from nba_backfill.core.season import Season
from nba_backfill.core.window import Window
from nba_backfill.publishing import alarm as leak_alarm
from nba_backfill.publishing.alarm import alarm
from nba_backfill.publishing.document import Document, Part
from nba_backfill.publishing.exporter import Kind, Withheld, exporter
from nba_backfill.publishing.gathered import ratio, records

PATH = "systems/history.json"
DIGITS = 4
"""Of a day's means: two more than are shown of the season's, so that none of those moves."""


class Day(Part):
    """A system on a day. ``mae`` and ``bias`` (predicted - actual) in points; null without any."""

    game_date: dt.date
    predictions: int
    mae: float | None
    bias: float | None
    correct: int
    incorrect: int


class Curve(Part):
    """The graded days of one system, oldest first."""

    system_id: str
    days: list[Day]


class SystemHistory(Document):
    """The document: the season of the as-of date, up to it."""

    as_of_date: dt.date
    season: str
    systems: list[Curve]


def shape(day: dt.date, rows: pd.DataFrame) -> Mapping[str, Mapping | Withheld]:
    """The document as of a date, or why it is held back, as the performance is."""
    found = records(rows)
    if reasons := [reason for row in found if (reason := alarm(row))]:
        return {PATH: Withheld(reasons[0])}
    curves: dict[str, list[dict]] = {}
    for row in sorted(
        (row for row in found if row["system_id"] is not None),
        key=lambda row: (row["system_id"], row["game_date"]),
    ):
        curves.setdefault(row["system_id"], []).append(_day(row))
    systems = [{"system_id": name, "days": days} for name, days in curves.items()]
    return {PATH: {"as_of_date": day, "season": str(Season.of(day)), "systems": systems}}


def _day(row: Mapping) -> dict:
    return {
        **{name: row[name] for name in ("game_date", "predictions", "correct", "incorrect")},
        "mae": ratio(row["absolute_errors"], row["predictions"], DIGITS),
        "bias": ratio(row["signed_errors"], row["predictions"], DIGITS),
    }


TABLE = exporter(
    name="system_history",
    kind=Kind.SNAPSHOT,
    paths=PATH,
    max_age=3600,
    model=SystemHistory,
    reads={
        "games": Window.same_day(),
        "system_daily_performance": Window.season_to_date(before=False),
        "prediction_accuracy": Window.season_to_date(before=False),
        # Refused where its figures are too good to be true: then no performance is published.
        "model_evaluation": Window.same_day(),
    },
    steps=("../shared/champion", "../shared/evaluated"),
    code=(leak_alarm,),
    shape=shape,
    entries=lambda made: sum(len(curve.days) for curve in made.systems),
    description="Errors and win rates of every prediction system, day by day of the season.",
    source=__file__,
)
