"""Both homes of the platform, opened alike, and a small table to put into them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from nba_backfill.core.table import Column, Layer, Table
from nba_backfill.warehouse.bigquery import BigQueryWarehouse
from nba_backfill.warehouse.bigquery_jobs import Patience
from nba_backfill.warehouse.dialect import Statement
from nba_backfill.warehouse.duckdb import DuckDBWarehouse
from nba_backfill.warehouse.files import LocalFiles
from nba_backfill.warehouse.ledger import PartitionRecord, Status
from nba_backfill.warehouse.protocol import Warehouse
from nba_backfill_tests.bigquery_double.running import Control

FIRST = dt.date(2024, 1, 10)
QUICK = Patience(first=0.01, longest=0.1, whole=20.0, buffer_seconds=0.2, poll=0.01)
"""As patient as in production, in shorter steps."""

BOXES = Table(
    name="boxes",
    dataset="nba_analytics",
    layer=Layer.ANALYTICS,
    date_column="game_date",
    grain=("game_date", "game_id", "player"),
    reads={},
    description="Points by player and game.",
    source=__file__,
    clustering=("player",),
    columns=(
        Column("game_date", "DATE", "Day", required=True),
        Column("game_id", "STRING", "Game", required=True),
        Column("player", "STRING", "Player", required=True),
        Column("points", "INT64", "Points scored", unit="points"),
        Column("rate", "NUMERIC(5,2)", "A rate with decimals"),
        Column("share", "FLOAT64", "A share"),
        Column("starter", "BOOL", "Whether he started"),
        Column("seen_at", "TIMESTAMP", "When it was seen"),
        Column("parts", "ARRAY<FLOAT64>", "Parts of it"),
    ),
)
OTHERS = replace(BOXES, name="others")
TYPES = {column.name: column.type for column in BOXES.columns}


def day(n: int) -> dt.date:
    """Day n of the tests."""
    return FIRST + dt.timedelta(days=n)


def row(n: int, game: str, player: str, points: int | None = 10, **others: object) -> dict:
    """A row of BOXES."""
    return {
        "game_date": day(n),
        "game_id": game,
        "player": player,
        "points": points,
        "rate": 1.25,
        "share": 0.5,
        "starter": True,
        "seen_at": dt.datetime(2024, 1, 10, 12, 30, 0, 125000, tzinfo=dt.UTC),
        "parts": [1.0, 2.5],
    } | others


def _literal(value: object, kind: str) -> str:
    if value is None:
        return f"CAST(NULL AS {kind})"
    if isinstance(value, list):
        return f"[{', '.join(f'{one!r}' for one in value)}]"
    if isinstance(value, bool):
        return str(value).upper()
    text = f"'{value}'"
    return f"CAST({text} AS {kind})" if isinstance(value, str | dt.date) else repr(value)


def select(rows: Iterable[dict], table: Table = BOXES) -> Statement:
    """A statement that yields rows, as authored ones do: cast to the declared types."""
    texts = [
        "SELECT " + ", ".join(f"{_literal(r.get(n), t)} AS `{n}`" for n, t in TYPES.items())
        for r in rows
    ] or ["SELECT * FROM (SELECT " + ", ".join(f"CAST(NULL AS {t}) AS `{n}`" for n, t in TYPES.items()) + ") WHERE FALSE"]  # fmt: skip
    casts = ", ".join(f"CAST(`{c.name}` AS {c.type}) AS `{c.name}`" for c in table.columns)
    united = "\nUNION ALL\n".join(texts)
    return Statement(f"SELECT {casts} FROM (\n{united}\n)", {})


def record(
    n: int, rows: int, fingerprint: str = "f", *, table: Table = BOXES, **others: object
) -> PartitionRecord:
    """A ledger record of a day."""
    written = dt.datetime(2024, 2, 1, 8, 0, tzinfo=dt.UTC)
    values = {"status": Status.COMPLETE, "reason": "", "written_at": written} | others
    return PartitionRecord(
        table_name=table.relation, day=day(n), row_count=rows, fingerprint=fingerprint, **values
    )


def put(
    warehouse: Warehouse,
    rows: Sequence[dict] | Statement,
    days: Iterable[int],
    table: Table = BOXES,
) -> None:
    """Replace days by rows, or by those of a statement, recorded as they are."""
    statement = rows if isinstance(rows, Statement) else select(rows, table)
    staged = warehouse.stage(table, statement)
    contents = warehouse.fingerprints(table, staged)
    records = [record(n, *contents.get(day(n), (0, "")), table=table) for n in days]
    warehouse.replace_days(table, staged, [day(n) for n in days], records)
    warehouse.drop_staged(staged)


def rows_of(warehouse: Warehouse, table: Table = BOXES) -> list[tuple]:
    """Day, game, player and points of all rows, in order."""
    warehouse.ensure_table(table)
    return warehouse.query(
        Statement(
            f"SELECT game_date, game_id, player, points FROM `{table.dataset}`.`{table.name}`"
            " ORDER BY game_date, game_id, player, points",
            {},
        )
    )


class EmbeddedHome:
    """A DuckDB file; one warehouse at a time has it open."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._open: DuckDBWarehouse | None = None

    def open(self) -> Warehouse:
        """The warehouse, as whoever comes next finds it."""
        self.close()
        self._open = DuckDBWarehouse(self._folder / "w.duckdb")
        return self._open

    def close(self) -> None:
        """Let go of the file."""
        if self._open is not None:
            self._open.close()
            self._open = None


class CloudHome:
    """BigQuery's double."""

    def __init__(self, double: Control, folder: Path) -> None:
        self._double = double
        self._folder = folder

    def open(self, **settings: object) -> BigQueryWarehouse:
        """A warehouse with a client of its own."""
        settings = {"patience": QUICK, "files": LocalFiles(self._folder)} | settings
        return BigQueryWarehouse(self._double.client(), **settings)

    def close(self) -> None:
        """Nothing is held."""
