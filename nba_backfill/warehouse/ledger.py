"""The partition ledger: one record per table and day, written in the rows' own transaction.

Planning, gates, resume, gaps, staleness and status read the ledger; Dagster's event log tells
people the same facts. A raw table's days are recorded too, when its files are loaded, so that
every input has a fingerprint; a table without dates has one record, on SNAPSHOT_DAY.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from functools import cached_property
from itertools import accumulate

from nba_backfill.core.season import Season
from nba_backfill.core.table import Column
from nba_backfill.core.window import Window

LEDGER_DATASET = "nba_orchestration"
LEDGER_TABLE = "partition_ledger"
LEDGER = f"{LEDGER_DATASET}.{LEDGER_TABLE}"

SNAPSHOT_DAY = dt.date(1970, 1, 1)
"""Stands for "the whole table" in the record of a table without dates."""

LOAD, SCHEDULE, ERROR, NEVER_COMPUTED = "load", "schedule", "error", "missing"
"""What a cause names where no check found it: a load held back, a schedule that does not reach the
day, a statement that broke, and an input day that was never computed."""

COLUMNS_CHANGED = "columns changed"
"""Stands for the inputs of a day whose rows lack a value of a column declared since."""

_TOKEN_SPACE = 2**61 - 1


class Status(StrEnum):
    """How a requested day ended. No record means the day is missing."""

    COMPLETE = "complete"
    NO_GAMES = "no_games"
    BOOTSTRAP = "bootstrap"
    UNAVAILABLE = "unavailable"
    REJECTED = "rejected"
    FAILED = "failed"
    HELD_BACK = "held_back"
    """Of a raw day only: a load would have taken rows away, so the old rows stay and are read."""

    @property
    def is_readable(self) -> bool:
        """Whether a downstream table may read the day."""
        return self not in (Status.REJECTED, Status.FAILED)


@dataclass(frozen=True, slots=True)
class Cause:
    """Why a day is not what it should be: the first thing that went wrong, wherever it was.

    A day that only follows from another table's carries that table's cause, so that a chain of
    tables says one thing once. ``game`` is empty where no single game is to blame; ``refused``
    tells what a check or an error kept out from what no source supplied, ``contradiction`` what
    sources contradict each other about, which someone must settle.
    """

    table: str
    day: dt.date
    check: str
    what: str
    game: str = ""
    refused: bool = True
    contradiction: bool = False

    def to_json(self) -> str:
        """The cause as the ledger stores it."""
        return json.dumps(asdict(self) | {"day": self.day.isoformat()})

    @classmethod
    def from_json(cls, text: str) -> Cause | None:
        """Read a stored cause; None where there is none."""
        if not text:
            return None
        said = json.loads(text)
        return cls(**said | {"day": dt.date.fromisoformat(said["day"])})

    def is_of(self, record: PartitionRecord) -> bool:
        """Whether the cause lies in the very day of the very table that the record is about."""
        return (self.table, self.day) == (record.table_name.rpartition(".")[2], record.day)

    def __str__(self) -> str:
        """Table, day, game, check and value in one line."""
        game = f", game {self.game}" if self.game else ""
        return f"{self.table} {self.day}{game}: {self.check}: {self.what}"


@dataclass(frozen=True, slots=True)
class PartitionRecord:
    """What became of one day of one table.

    ``row_count`` and ``fingerprint`` describe the rows that are in the table: after a rejection
    those of the rows that stayed. ``withheld_rows`` were computed and refused; ``retained_rows``
    are earlier rows of the same games that stay in their place. ``profile`` is what the judge
    measured and found, as JSON. ``window_wanted`` / ``window_found``: input game days in the
    windows, and those complete. ``cause``: the first cause, see :class:`Cause`.
    """

    table_name: str
    day: dt.date
    status: Status
    reason: str
    row_count: int
    fingerprint: str
    code_version: str = ""
    inputs_fingerprint: str = ""
    window_wanted: int = 0
    window_found: int = 0
    profile: str = "{}"
    run_id: str = ""
    seconds: float = 0.0
    bytes: int = 0
    written_at: dt.datetime | None = None
    withheld_rows: int = 0
    retained_rows: int = 0
    cause: str = ""

    @classmethod
    def of_profile(cls, profile: Mapping[str, object], **values: object) -> PartitionRecord:
        """A record with a profile that is not text yet."""
        return cls(**values, profile=json.dumps(profile, sort_keys=True))

    @property
    def measured(self) -> dict:
        """The profile, read. Only few of the thousands of records in memory are ever asked."""
        return json.loads(self.profile)

    @property
    def refusals(self) -> list[dict]:
        """What a check refused of the day: unit, check, count, what, content, rows."""
        return self.measured.get("refusals", []) if '"refusals"' in self.profile else []

    @property
    def first_cause(self) -> Cause | None:
        """Why the day is not complete, wherever that began."""
        return Cause.from_json(self.cause)

    @property
    def is_refused(self) -> bool:
        """Whether a check or an error kept something out: the whole day, or a game of it."""
        if not self.status.is_readable or self.status is Status.HELD_BACK:
            return True
        cause = self.first_cause
        return cause is not None and cause.refused and cause.is_of(self)

    def as_row(self) -> tuple:
        """Values in the order of LEDGER_COLUMNS."""
        return tuple(getattr(self, f.name) for f in fields(self))

    @classmethod
    def from_row(cls, row: Sequence) -> PartitionRecord:
        """The record of a ledger row, whose times are in UTC and do not say so."""
        table_name, day, status, *others = row
        at = _WRITTEN_AT - 3
        if others[at] is not None:
            others[at] = others[at].replace(tzinfo=dt.UTC)
        return cls(table_name, day, Status(status), *others)


_WRITTEN_AT = [f.name for f in fields(PartitionRecord)].index("written_at")

LEDGER_COLUMNS = (
    Column("table_name", "STRING", "Table with its dataset"),
    Column("day", "DATE", "Partition day; 1970-01-01 for a table without dates"),
    Column("status", "STRING", "How the day ended", one_of=tuple(Status)),
    Column("reason", "STRING", "Why, where there is something to say"),
    Column("row_count", "INT64", "Rows in the table for the day"),
    Column("fingerprint", "STRING", "Hash of those rows, in any order"),
    Column("code_version", "STRING", "Version of the code that computed them"),
    Column("inputs_fingerprint", "STRING", "Hash of the input days they were computed from"),
    Column("window_wanted", "INT64", "Input game days inside the windows"),
    Column("window_found", "INT64", "Of these, days that were complete"),
    Column("profile", "STRING", "What the judge measured and found, as JSON"),
    Column("run_id", "STRING", "Dagster run"),
    Column("seconds", "FLOAT64", "Share of the step's time", unit="seconds"),
    Column("bytes", "INT64", "Share of the bytes scanned, where the warehouse tells"),
    Column("written_at", "TIMESTAMP", "When the record was written"),
    Column("withheld_rows", "INT64", "Rows computed and refused by a check"),
    Column("retained_rows", "INT64", "Earlier rows of refused games, which stay"),
    Column("cause", "STRING", "First cause of a day that is not complete, as JSON"),
)


def _token(name: str, day: dt.date, fingerprint: str) -> int:
    digest = hashlib.blake2b(f"{name}|{day}|{fingerprint}".encode(), digest_size=8).digest()
    return int.from_bytes(digest) % _TOKEN_SPACE


class DayHistory:
    """One table's records in day order, with what windows over them ask."""

    def __init__(self, name: str, records: Iterable[PartitionRecord]) -> None:
        self.name = name
        self.by_day = {r.day: r for r in sorted(records, key=lambda r: r.day)}
        self._days = list(self.by_day)
        self.refused = [r.day for r in self.by_day.values() if not r.status.is_readable]
        """Days that must not be read: their rows, if they have any, are older than what failed."""
        # A day without rows adds nothing: settling a no-game day is no change of input. Neither
        # does a refused day, whose older rows nobody reads.
        tokens = (
            _token(name, r.day, r.fingerprint) if r.row_count and r.status.is_readable else 0
            for r in self.by_day.values()
        )
        self._sums = list(accumulate(tokens, initial=0))

    @cached_property
    def seasons(self) -> frozenset[Season]:
        """The seasons of which any day is recorded."""
        found, at = set(), 0
        while at < len(self._days):
            season = Season.of(self._days[at])
            found.add(season)
            at = bisect_right(self._days, season.last_day)
        return frozenset(found)

    def get(self, day: dt.date) -> PartitionRecord | None:
        """The record of a day, or None: missing."""
        return self.by_day.get(day)

    def content(self, window: Window, day: dt.date) -> int:
        """A number that changes when any row the window shows for ``day`` changes."""
        return self.content_between(window, day, day)

    def content_between(self, window: Window, first: dt.date, last: dt.date) -> int:
        """A number that changes when any row shown to the days first..last changes."""
        if not window.is_dated:
            return self._sums[-1]
        since, until = window.span(first, last)
        low, high = bisect_left(self._days, since), bisect_right(self._days, until)
        return (self._sums[high] - self._sums[low]) % _TOKEN_SPACE if high > low else 0


def inputs_fingerprint(
    reads: Mapping[str, Window], histories: Mapping[str, DayHistory], day: dt.date
) -> str:
    """Changes when any row that the windows show for ``day`` changes. Keys are bare names."""
    contents = [f"{name}={histories[name].content(w, day):x}" for name, w in sorted(reads.items())]
    return hashlib.blake2b("|".join(contents).encode(), digest_size=8).hexdigest()
