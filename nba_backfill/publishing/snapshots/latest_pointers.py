"""latest.json and today.json: the newest dated documents under names that stay (spec 50, 7).

An asset of its own, after the documents it points at and driven by the newest date, so that a
backfill of old dates leaves the site where it is (defect 18 of spec 50).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import pandas as pd

from nba_backfill.core.window import Window
from nba_backfill.publishing.dated import best_bets, predictions, results
from nba_backfill.publishing.document import Document
from nba_backfill.publishing.exporter import Kind, exporter
from nba_backfill.publishing.gathered import records

POINTS_AT = {
    "results/latest.json": results.TABLE,
    "best-bets/latest.json": best_bets.TABLE,
    "predictions/today.json": predictions.TABLE,
}
MODELS: dict[str, type[Document]] = {
    "results/latest.json": results.Results,
    "best-bets/latest.json": best_bets.BestBets,
    "predictions/today.json": predictions.Predictions,
}
SOON = 300
"""Seconds that a pointer may be cached."""


def shape(_day: dt.date, rows: pd.DataFrame) -> Mapping[str, Document]:
    """The documents that the pointers are copies of."""
    return {
        row["path"]: MODELS[row["path"]].model_validate_json(row["document"])
        for row in records(rows)
    }


TABLE = exporter(
    name="latest_pointers",
    kind=Kind.POINTER,
    paths=tuple(POINTS_AT),
    max_age=SOON,
    model=MODELS,
    reads={
        "games": Window.same_day(),
        "results": Window.season_to_date(before=False),
        "best_bets": Window.season_to_date(before=False),
        "predictions": Window.season_to_date(before=False),
    },
    shape=shape,
    only_today=("predictions/today.json",),
    points_at=POINTS_AT,
    description="The newest results, best bets and predictions under fixed names.",
    source=__file__,
)
