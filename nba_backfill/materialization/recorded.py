"""What the ledger keeps of a verdict, and when it still stands: rows need not be asked twice.

A verdict over a day's rows depends on the rows, on the questions, on what the schedule lets one
expect and on the other tables it was reconciled with. A record keeps what the judge measured and
found, and a hash of the last three; while that hash comes out the same, asking the rows again
would give the same answer, unless they were changed behind the platform's back.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from nba_backfill.core.season import GameCalendar
from nba_backfill.core.table import Table
from nba_backfill.core.window import Window
from nba_backfill.materialization.catalogue import Catalogue
from nba_backfill.materialization.judge import DayProfile, Finding, expected_units, rightly_empty
from nba_backfill.materialization.questions import budgets
from nba_backfill.warehouse.ledger import Cause, DayHistory, PartitionRecord, Status
from nba_backfill.warehouse.protocol import Warehouse

STANDS_ON = "stands_on"
STORED = "stored"
"""Key of a refused day's record: the verdict over the earlier rows, which stay."""

VERDICT = ("rows", "expected_units", "covered_units", "nulls", "bases", "windows", "findings")
MARKS = ("unit", "lacking", "contradiction")
"""What most findings do not have; kept only of those that do."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a day, as its record says it."""

    status: Status
    reason: str = ""
    rows: int = 0
    fingerprint: str = ""
    cause: Cause | None = None
    seconds: float = 0.0
    profile: Mapping[str, object] | None = None
    withheld: int = 0
    retained: int = 0


class Ground:
    """What the verdict over a table's days stands on beside their rows.

    ``own``: the table's own days, for reconciliations that look back at them; while a step runs,
    those that it stages.
    """

    def __init__(
        self,
        table: Table,
        catalogue: Catalogue,
        calendar: GameCalendar,
        histories: Mapping[str, DayHistory],
        own: DayHistory,
    ) -> None:
        self.table = table
        self.calendar = calendar
        self._questions = _questions(table)
        self._seen = [
            (own if name == table.name else histories[catalogue.by_name[name].relation], window)
            for name, window in _reconciled(table, catalogue)
        ]

    @classmethod
    def of(
        cls,
        table: Table,
        catalogue: Catalogue,
        warehouse: Warehouse,
        calendar: GameCalendar,
        own: DayHistory | None = None,
    ) -> Ground:
        """The ground as the ledger has it now; ``own`` None: the table's own days too."""
        names = {name for name, _ in _reconciled(table, catalogue)} | {table.name}
        histories = warehouse.histories(catalogue.by_name[name].relation for name in names)
        return cls(table, catalogue, calendar, histories, own or histories[table.relation])

    def __call__(self, day: dt.date) -> str:
        """A hash that changes when the verdict over unchanged rows of ``day`` may."""
        parts = [
            self._questions,
            str(rightly_empty(self.table, self.calendar, day)),
            *sorted(expected_units(self.table, self.calendar, day)),
            *(f"{content:x}" for content in self._contents(day)),
        ]
        return hashlib.blake2b("|".join(parts).encode(), digest_size=8).hexdigest()

    def is_bare(self, day: dt.date) -> bool:
        """Whether a day without rows gives nothing to judge: none expected, nothing to compare."""
        return not expected_units(self.table, self.calendar, day) and (
            rightly_empty(self.table, self.calendar, day) or not any(self._contents(day))
        )

    def _contents(self, day: dt.date) -> list[int]:
        return [history.content(window, day) for history, window in self._seen]


def _reconciled(table: Table, catalogue: Catalogue) -> list[tuple[str, Window]]:
    """Each table that a reconciliation compares with, and the days of it that it sees.

    The table's own day is not among them: that is the rows themselves.
    """
    found = []
    for reconciliation in table.reconciliations:
        for name in reconciliation.reads:
            dated = catalogue.by_name[name].date_column is not None
            usual = Window.same_day() if dated else Window.everything()
            window = reconciliation.windows.get(name, usual)
            if name != table.name or name in reconciliation.windows:
                found.append((name, window))
    return found


def _questions(table: Table) -> str:
    """Changes whenever what the checks ask or say of a row changes."""
    parts = [
        f"{c.name} {c.required} {c.between} {c.one_of} {c.max_null_rate} {c.null_rate_where}"
        for c in table.columns
    ]
    parts += [str(rule) for rule in table.rules]
    parts += [f"{r.name} {r.sql} {r.description} {r.blocking}" for r in table.reconciliations]
    return hashlib.blake2b("\n".join([table.judged_by, *parts]).encode()).hexdigest()[:16]


def to_keep(table: Table, profile: DayProfile, findings: Iterable[Finding]) -> dict[str, object]:
    """What the ledger keeps of a profile: of NULLs and their bases only what is not the rule."""
    nulls = {name: nulls for name, (nulls, _) in profile.nulls.items() if nulls}
    bases = {
        column.null_rate_where: profile.nulls[column.name][1]
        for column in budgets(table)
        if column.null_rate_where and profile.nulls
    }
    return {
        "rows": profile.rows,
        "expected_units": profile.expected_units,
        "covered_units": profile.covered_units,
        "nulls": nulls,
        **({"bases": bases} if bases else {}),
        **({"windows": dict(profile.windows)} if profile.windows else {}),
        "findings": [_finding_to_keep(finding) for finding in findings],
    }


def _finding_to_keep(finding: Finding) -> dict[str, object]:
    said = {
        "check": finding.check,
        "count": finding.count,
        "what": finding.what,
        "blocking": finding.blocking,
    }
    return said | {name: mark for name in MARKS if (mark := getattr(finding, name))}


def stored_verdict(record: PartitionRecord | None) -> dict[str, object]:
    """The verdict over the rows that are stored for a day, as its record keeps it; may be empty."""
    if record is None or not record.row_count:
        return {}
    said = record.measured
    said = said if record.status.is_readable else said.get(STORED, {})
    return {name: said[name] for name in (*VERDICT, STANDS_ON) if name in said}


def recorded_profile(
    table: Table, day: dt.date, record: PartitionRecord | None, ground: Ground
) -> DayProfile | None:
    """The profile of a day's stored rows, from its record; None where only the rows can say it.

    That is where the record is of an earlier version, or stands on something that has changed.
    """
    expected = len(expected_units(table, ground.calendar, day))
    is_refused = record is not None and not record.status.is_readable
    if record is None or (is_refused and not record.row_count):
        return DayProfile(day, expected_units=expected)
    said = record.measured.get(STORED, {}) if is_refused else record.measured
    if said.get(STANDS_ON) != ground(day):
        is_bare = not record.row_count and ground.is_bare(day)
        return DayProfile(day) if is_bare else None
    rows, bases = said["rows"], said.get("bases", {})
    nulls = {
        column.name: (said["nulls"].get(column.name, 0), bases.get(column.null_rate_where, rows))
        for column in budgets(table)
    }
    return DayProfile(
        day,
        rows,
        said["expected_units"],
        said["covered_units"],
        nulls=nulls if rows else {},
        windows=said.get("windows", {}),
        findings=tuple(Finding(day=day, **finding) for finding in said["findings"]),
    )
