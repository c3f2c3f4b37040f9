"""A range of two tables, backfilled by hand, and what is in the double afterwards.

Each version has other rows for every day, so that every run has something to change and a day that
is partly old and partly new shows. The range is written in several jobs, as one beyond the limits
of the service is.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from nba_backfill.core.table import Table
from nba_backfill.warehouse.bigquery import BigQueryWarehouse
from nba_backfill.warehouse.dialect import Statement
from nba_backfill.warehouse.files import LocalFiles
from nba_backfill_tests.bigquery_double import client_of
from nba_backfill_tests.warehouse.homes import (
    BOXES,
    OTHERS,
    QUICK,
    TYPES,
    day,
    put,
    row,
    select,
)

TABLES = (BOXES, OTHERS)
DAYS = range(7)
DAYS_PER_JOB = 2


def opened(url: str, **settings: object) -> BigQueryWarehouse:
    """A warehouse on a double, for one run."""
    settings = {"most_partitions": DAYS_PER_JOB, "patience": QUICK} | settings
    return BigQueryWarehouse(client_of(url), files=LocalFiles(Path("unused")), **settings)


def rows_of_version(version: int) -> list[dict]:
    """Two rows a day; day ``version % 5`` has none and the next has one more."""
    rows = [row(n, "g", p, 100 * version + n) for n in DAYS for p in "ab" if n != version % 5]
    return [*rows, row((version + 1) % 5, "g", "c", 100 * version)]


_EVERY = select(row(n, "g", p, n) for n in DAYS for p in "abc").sql
_NAMES = ", ".join(
    f"100 * @version + IF(player = 'c', 0, points) AS {name}" if name == "points" else name
    for name in TYPES
)
_N = f"DATE_DIFF(game_date, DATE '{day(0)}', DAY)"
_CHOSEN = f"IF(player = 'c', {_N} = MOD(@version + 1, 5), {_N} <> MOD(@version, 5))"


def statement_of(version: int) -> Statement:
    """A SELECT of the rows of a version; its text is the same for all, so it is translated once."""
    return Statement(f"SELECT {_NAMES} FROM ({_EVERY}) WHERE {_CHOSEN}", {"version": version})


def backfill(
    warehouse: BigQueryWarehouse, version: int, tables: tuple[Table, ...] = TABLES
) -> None:
    """What a step does, for each table: read the ledger, stage, ask, hash, replace."""
    for table in tables:
        warehouse.begin(table, f"run-{version}")
        warehouse.ensure_table(table)
        warehouse.acceptances()
        warehouse.histories([table.relation])
        name = f"`{table.dataset}`.`{table.name}`"
        warehouse.query(Statement(f"SELECT COUNT(*) FROM {name}", {}))
        put(warehouse, statement_of(version), DAYS, table)


@dataclass
class Tally:
    """What was found over all disturbances."""

    disturbed: int = 0
    stopped: int = 0
    lost: int = 0
    doubled: int = 0
    mixed: list[str] = field(default_factory=list)
    unlike_record: list[str] = field(default_factory=list)
    met: Counter = field(default_factory=Counter)

    def __str__(self) -> str:
        met = ", ".join(f"{name} {n}" for name, n in sorted(self.met.items()))
        return (
            f"{self.disturbed} disturbances ({self.stopped} ended the run), lost {self.lost},"
            f" doubled {self.doubled}, days half old and half new {len(self.mixed)}, days unlike"
            f" their record {len(self.unlike_record)}\n{met}"
        )

    def compare(self, warehouse: BigQueryWarehouse, old: int, new: int) -> None:
        """Hold every day of every table against both versions, and against its record."""
        for table in TABLES:
            name = f"`{table.dataset}`.`{table.name}`"
            asked = Statement(f"SELECT game_date, player, points FROM {name}", {})
            found = warehouse.query(asked)
            contents = warehouse.fingerprints(table, table.relation)
            records = warehouse.histories([table.relation])[table.relation].by_day
            for n in DAYS:
                here = Counter((p, points) for d, p, points in found if d == day(n))
                before, after = (
                    Counter((r["player"], r["points"]) for r in rows_of_version(v) if r["game_date"] == day(n))
                    for v in (old, new)
                )  # fmt: skip
                label = f"{table.name} {day(n)}"
                if here not in (before, after):
                    self.mixed.append(f"{label}: {here}")
                    self.lost += min((v - here).total() for v in (before, after))
                self.doubled += sum(count - 1 for count in here.values())
                held = contents.get(day(n), (0, ""))
                if day(n) not in records or held != (records[day(n)].row_count, records[day(n)].fingerprint):  # fmt: skip
                    self.unlike_record.append(label)
