"""The feature store with its labels, as models outside of the platform may learn from it.

A row is what was known of a player before tip-off, with the points he then scored. Rows come from
the store as it was computed for the day, never from facts of the day, so the set is point-in-time
correct whenever the store is.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from nba_backfill.core.season import Season
from nba_backfill.precompute.features import FEATURE_VERSION, FEATURES
from nba_backfill.predictions.forecasting.vectors import STORE_FEATURES, features_hash
from nba_backfill.warehouse.dialect import Statement
from nba_backfill.warehouse.protocol import Warehouse

STORE = "nba_predictions.ml_feature_store_v2"
LABELS = {"label_points": "points he scored", "label_minutes": "minutes he played"}
NOT_IN_A_FILE = ("features", "feature_names")
"""The typed columns hold the same values, each under its name."""


@dataclass(frozen=True, slots=True)
class SeasonOfTheStore:
    """A season's rows: all, those of players who played, and of these those with a label."""

    season: Season
    days: int
    rows: int
    played: int
    labelled: int


@dataclass(frozen=True, slots=True)
class VectorDefects:
    """Rows of the store that no model may read, by what is wrong with them.

    ``orders``: hash of each order of features that rows have, with the number of such rows.
    """

    unknown_values: int
    other_versions: int
    orders: Mapping[str, int]

    @property
    def in_other_order(self) -> int:
        """Rows whose features are not those of the models' contract, in its order."""
        wanted = features_hash(STORE_FEATURES)
        return sum(rows for order, rows in self.orders.items() if order != wanted)


def seasons_of_the_store(
    warehouse: Warehouse, first: dt.date, last: dt.date
) -> list[SeasonOfTheStore]:
    """What the store holds for the days first..last, by season, oldest first."""
    sql = Path(__file__).with_name("training_readiness.sql").read_text(encoding="utf-8")
    rows = warehouse.query(Statement(sql, {"start_date": first, "end_date": last}))
    return [SeasonOfTheStore(Season(year), *figures) for year, *figures in rows]


def vector_defects(warehouse: Warehouse, first: dt.date, last: dt.date) -> VectorDefects:
    """Rows with an unknown value, of another version, or in another order, on the days first..last.

    The typed columns are asked for unknown values: a rule of the store proves that they are the
    array's.
    """
    unknown = " OR ".join(
        f"{f.name} IS NULL" + ("" if f.integral else f" OR IS_NAN({f.name})") for f in FEATURES
    )
    within = f"FROM {STORE} WHERE game_date BETWEEN @start_date AND @end_date"
    days = {"start_date": first, "end_date": last}
    counted = warehouse.query(
        Statement(
            f"SELECT COUNTIF({unknown}), COUNTIF(feature_version != '{FEATURE_VERSION}') {within}",
            days,
        )
    )
    orders = warehouse.query(
        Statement(
            f"SELECT ARRAY_TO_STRING(feature_names, '|') AS named, COUNT(*) {within}"
            " GROUP BY named",
            days,
        )
    )
    return VectorDefects(
        *counted[0], {features_hash(names.split("|")): rows for names, rows in orders}
    )


def training_rows(warehouse: Warehouse, first: dt.date, last: dt.date) -> pd.DataFrame:
    """One row per player of the store who played, in the order of day, game and player.

    The features by their names, what the store says of their provenance, and the LABELS.
    """
    sql = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")
    rows = warehouse.frame(Statement(sql, {"start_date": first, "end_date": last}))
    return rows.drop(columns=list(NOT_IN_A_FILE))


def data_card(seasons: Mapping[Season, pd.DataFrame], ready: Sequence[str]) -> dict:
    """What a reader must know of an exported set: rows, days, nulls, features and their order.

    ``ready``: requirements that are not met, in words; empty where the set may be trained on.
    """
    every = pd.concat(list(seasons.values())) if seasons else pd.DataFrame()
    return {
        "grain": "one row per player and game, of players who played",
        "features": list(STORE_FEATURES),
        "feature_order_hash": features_hash(STORE_FEATURES),
        "feature_version": FEATURE_VERSION,
        "labels": LABELS,
        "point_in_time": "features of a day rest on games strictly before it, and on schedule,"
        " injury reports and lines of the day from before tip-off",
        "not_met": list(ready),
        "rows": len(every),
        "seasons": {
            str(season): {
                "rows": len(rows),
                "days": int(rows["game_date"].nunique()),
                "first_day": str(pd.Timestamp(rows["game_date"].min()).date()),
                "last_day": str(pd.Timestamp(rows["game_date"].max()).date()),
                "mean_label_points": round(float(rows["label_points"].mean()), 3),
            }
            for season, rows in seasons.items()
        },
        "nulls": {name: int(count) for name, count in every.isna().sum().items() if count},
    }
