"""How well the pool was chosen: of those who played, who was predicted, and the other way round.

Measured on games with graded predictions and facts. A player predicted for the club he had left is
missed in the game he played and predicted in vain in the other.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

from rich.table import Table as RichTable

from nba_backfill.core.season import Season
from nba_backfill.warehouse.dialect import Statement
from nba_backfill.warehouse.protocol import Warehouse

RECALL_WANTED = 0.995
"""Share of the minutes played that predictions should be about."""


@dataclass(frozen=True, slots=True)
class PoolQuality:
    """A season's pool in player-games; ``played`` means more than 0 minutes.

    ``points_missed``, ``lines_missed``: points scored, and points lines offered, of those who
    played and had no prediction.
    """

    season: Season
    games: int
    predicted: int
    played: int
    played_and_predicted: int
    minutes: float
    minutes_predicted: float
    points_missed: int
    lines_missed: int

    @property
    def precision(self) -> float:
        """Share of those predicted who played."""
        return self.played_and_predicted / self.predicted

    @property
    def recall(self) -> float:
        """Share of those who played who were predicted."""
        return self.played_and_predicted / self.played

    @property
    def recall_of_minutes(self) -> float:
        """Share of the minutes played that were played by those predicted."""
        return self.minutes_predicted / self.minutes


def pool_quality(warehouse: Warehouse, first: dt.date, last: dt.date) -> list[PoolQuality]:
    """The pool of each season with graded predictions on the days first..last, oldest first."""
    sql = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")
    rows = warehouse.query(Statement(sql, {"start_date": first, "end_date": last}))
    return [PoolQuality(Season(year), *figures) for year, *figures in rows]


def pool_table(found: list[PoolQuality]) -> RichTable:
    """The seasons' pools for a terminal."""
    table = RichTable(
        title="Who was predicted, by season",
        caption="Player-games of graded games; played = more than 0 minutes. A recall of minutes "
        f"below {RECALL_WANTED:.1%} is marked with !",
        title_justify="left",
        caption_justify="left",
    )
    table.add_column("season", no_wrap=True)
    for name in (
        "games",
        "predicted",
        "of these played",
        "played",
        "of these predicted",
        "of their minutes",
        "points missed",
        "lines missed",
    ):
        table.add_column(name, justify="right", no_wrap=True)
    for one in found:
        short = "" if one.recall_of_minutes >= RECALL_WANTED else " !"
        table.add_row(
            str(one.season),
            f"{one.games:,}",
            f"{one.predicted:,}",
            f"{one.precision:.1%}",
            f"{one.played:,}",
            f"{one.recall:.2%}",
            f"{one.recall_of_minutes:.2%}{short}",
            f"{one.points_missed:,}",
            f"{one.lines_missed:,}",
        )
    return table
