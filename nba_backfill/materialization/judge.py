"""The judge: what is wrong with a relation's rows, day by day.

The same questions are put to staged rows before they replace anything and to stored rows when
a check runs: keys unique, required values there, values in range, rules and reconciliations
kept, coverage against the schedule. A finding that blocks means rows that are wrong, and names
the game they belong to wherever one can be blamed; missing rows never block. What becomes of the
rows is decided in :mod:`nba_backfill.materialization.refusal`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from nba_backfill.core.season import GameCalendar
from nba_backfill.core.table import Per, Reconciliation, Table
from nba_backfill.materialization.catalogue import Catalogue
from nba_backfill.materialization.questions import (
    COVERAGE,
    DUPLICATES,
    NULL_RATES,
    RANGES,
    Offence,
    budgets,
    duplicate_statements,
    duplicate_units_statement,
    literal,
    offending_units_statement,
    profile_statement,
    reconciliation_statement,
    row_offences,
    rows_between,
)
from nba_backfill.materialization.settle import settled_status
from nba_backfill.warehouse.dialect import END, START, Statement
from nba_backfill.warehouse.ledger import Status
from nba_backfill.warehouse.protocol import Warehouse

WINDOWS = "windows"
WINDOWS_DESCRIPTION = (
    "How many rows found their whole window, and how many are short because the season is young"
    " (bootstrap) or because games are missing from our data (truncated)."
)
WINDOW_STATUS_COLUMN = "window_status"
STANDARD_CHECKS = {
    COVERAGE: "Rows against the schedule: which games, teams and days lack rows or have too many.",
    NULL_RATES: "Required columns hold no NULL; the others stay within their NULL budget.",
    DUPLICATES: "No two rows of a day share the grain or another unique key.",
    RANGES: "Values inside their hard ranges and lists, and every row rule kept.",
}
NAMED_UNITS = 6
"""Games or teams named in a reason before the rest is only counted."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found wrong on one day: how many rows or units, and what, in words.

    ``unit``: the game (or what else the table refuses at once) that a blocking finding is about;
    None where no single one can be blamed. ``lacking``: something that no source supplied, or that
    they contradict each other about (``contradiction``).
    """

    check: str
    day: dt.date
    count: int
    what: str
    blocking: bool
    unit: str | None = None
    lacking: bool = False
    contradiction: bool = False


@dataclass(frozen=True, slots=True)
class DayProfile:
    """What was measured on one day of a relation."""

    day: dt.date
    rows: int = 0
    expected_units: int = 0
    covered_units: int = 0
    nulls: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    """Budgeted column -> (NULLs, rows the budget is about)."""
    windows: Mapping[str, int] = field(default_factory=dict)
    """Window status -> rows, for tables whose rows say how complete their window is."""
    findings: tuple[Finding, ...] = ()

    @property
    def blocking(self) -> list[Finding]:
        """Findings that keep rows out."""
        return [f for f in self.findings if f.blocking]

    def missing(self) -> list[Finding]:
        """Findings that say what no source supplied."""
        return [f for f in self.findings if f.lacking]


def rightly_empty(table: Table, calendar: GameCalendar, day: dt.date) -> bool:
    """Whether the day is one on which a table has no rows although there are games."""
    return settled_status(table, calendar, day) is Status.BOOTSTRAP


def expected_units(table: Table, calendar: GameCalendar, day: dt.date) -> set[str]:
    """The games, team-games or the day of which the schedule lets one expect rows."""
    expects = table.expects
    if expects is None or rightly_empty(table, calendar, day):
        return set()
    games = [g for g in calendar.games(day) if g.is_over or expects.before_tip]
    if expects.per is Per.GAME:
        return {g.game_id for g in games}
    if expects.per is Per.DAY:
        return {str(day)} if games else set()
    return {team for g in games for team in g.teams}


class Judge:
    """Puts the questions of one table to a relation.

    ``calendar`` must cover the seasons of the days asked about.
    """

    def __init__(
        self, table: Table, catalogue: Catalogue, warehouse: Warehouse, calendar: GameCalendar
    ) -> None:
        self.table = table
        self.catalogue = catalogue
        self.warehouse = warehouse
        self.calendar = calendar

    def profiles(self, relation: str, days: Sequence[dt.date]) -> dict[dt.date, DayProfile]:
        """A profile for each of ``days``, measured on ``relation``.

        What is asked of every relation is asked at once; what names a game, where there is cause.
        """
        first, last, wanted = min(days), max(days), set(days)
        duplicates = duplicate_statements(self.table, relation, first, last)
        reconciliations = self.table.reconciliations
        asked = [
            profile_statement(self.table, relation, first, last),
            *duplicates.values(),
            *self._coverage_statement(relation, first, last),
            *self._window_statement(relation, first, last),
        ]
        compared = [self._disagreement(one, relation, first, last) for one in reconciliations]
        answers = iter(self.warehouse.answers([*asked, *compared]))
        findings: dict[dt.date, list[Finding]] = {day: [] for day in days}
        rows: dict[dt.date, int] = {}
        nulls: dict[dt.date, dict[str, tuple[int, int]]] = {}
        offences, budgeted = row_offences(self.table), budgets(self.table)
        offended: set[Offence] = set()
        for day, n, *counts in (row.values() for row in next(answers)):
            if day not in wanted:
                continue
            rows[day] = n
            for offence, count in zip(offences, counts, strict=False):
                if count and (offence.blocking or offence.contradiction):
                    offended.add(offence)
                elif count:
                    what = f"{count} rows: {offence.what}"
                    findings[day].append(Finding(offence.check, day, count, what, False))
            pairs = counts[len(offences) :]
            nulls[day] = {
                column.name: (pairs[2 * i], pairs[2 * i + 1]) for i, column in enumerate(budgeted)
            }
        for offence in offences:
            if offence in offended:
                asked = offending_units_statement(
                    self.table, relation, offence.condition, first, last
                )
                self._name(offence, asked, findings)
        for key in duplicates:
            if any(row["day"] in wanted for row in next(answers)):
                asked = duplicate_units_statement(self.table, key, relation, first, last)
                repeated = Offence(DUPLICATES, f"repeat the key ({', '.join(key)})", "")
                self._name(repeated, asked, findings)
        covered = self._coverage(relation, days, findings, answers)
        windows = self._windows(answers)
        for reconciliation in reconciliations:
            for found in self._findings(reconciliation, next(answers), days):
                findings[found.day].append(found)
        return {
            day: DayProfile(
                day,
                rows.get(day, 0),
                *covered[day],
                nulls=nulls.get(day, {}),
                windows=windows.get(day, {}),
                findings=tuple(findings[day]),
            )
            for day in days
        }

    def _name(
        self,
        offence: Offence,
        asked: Statement,
        findings: Mapping[dt.date, list[Finding]],
    ) -> None:
        """Add one finding per day and unit that a statement returns, with the values found."""
        for day, unit, count, example in self.warehouse.query(asked):
            if day in findings:
                what = f"{count} rows: {offence.what}" + (f" ({example})" if example else "")
                findings[day].append(
                    Finding(
                        offence.check,
                        day,
                        count,
                        what,
                        offence.blocking,
                        unit,
                        lacking=offence.contradiction,
                        contradiction=offence.contradiction,
                    )
                )

    @property
    def _covered(self) -> str:
        """GoogleSQL expression of what coverage counts."""
        expects = self.table.expects
        return {
            Per.GAME: "`game_id`",
            Per.TEAM_GAME: f"`{expects.team_column}`",
            Per.DAY: f"CAST(`{self.table.date_column}` AS STRING)",
        }[expects.per]

    def _coverage_statement(
        self, relation: str, first: dt.date, last: dt.date
    ) -> Iterator[Statement]:
        """Rows by day and what the schedule counts; none where it expects nothing."""
        if (expects := self.table.expects) is None:
            return
        inside = f" AND NOT COALESCE({expects.outside}, FALSE)" if expects.outside else ""
        yield Statement(
            f"SELECT `{self.table.date_column}` AS day, {self._covered} AS unit, COUNT(*) AS n"
            f" {rows_between(self.table, relation)}{inside} GROUP BY day, unit",
            {START: first, END: last},
        )

    def _coverage(
        self,
        relation: str,
        days: Sequence[dt.date],
        findings: Mapping[dt.date, list[Finding]],
        answers: Iterator[list[dict[str, object]]],
    ) -> dict[dt.date, tuple[int, int]]:
        """(units expected, units with enough rows) by day; adds what is missing or too much."""
        expects = self.table.expects
        if expects is None:
            return dict.fromkeys(days, (0, 0))
        unit = self._covered
        counted = (row.values() for row in next(answers))
        rows: dict[dt.date, dict[str, int]] = {}
        for day, name, n in counted:
            rows.setdefault(day, {})[name] = n
        covered = {}
        for day in days:
            expected = expected_units(self.table, self.calendar, day)
            found = rows.get(day, {})
            enough = {u for u in expected if found.get(u, 0) >= expects.at_least}
            if missing := sorted(expected - enough):
                what = (
                    f"{len(missing)} of {len(expected)} {expects.per}s without enough rows:"
                    f" {_names(missing)}"
                )
                findings[day].append(
                    Finding(COVERAGE, day, len(missing), what, False, lacking=True)
                )
            strange = [u for u in found if u is not None and u not in expected]
            what = f"rows for a {expects.per} the schedule does not have"
            self._name_rows_of(relation, unit, day, strange, what, findings)
            many = [u for u, n in found.items() if u is not None and n > (expects.at_most or n)]
            what = f"more than {expects.at_most} rows for a {expects.per}"
            self._name_rows_of(relation, unit, day, many, what, findings)
            covered[day] = len(expected), len(enough)
        return covered

    def _name_rows_of(
        self,
        relation: str,
        named: str,
        day: dt.date,
        names: Sequence[str],
        what: str,
        findings: Mapping[dt.date, list[Finding]],
    ) -> None:
        """Add what the rows of some games, teams or the day belong to as wrong coverage."""
        if names:
            values = ", ".join(literal(name) for name in sorted(names))
            condition = f"{named} IN ({values})"
            asked = offending_units_statement(self.table, relation, condition, day, day)
            self._name(Offence(COVERAGE, what, condition), asked, findings)

    def _window_statement(
        self, relation: str, first: dt.date, last: dt.date
    ) -> Iterator[Statement]:
        """Rows by window status and day; none for a table whose rows have no window."""
        if WINDOW_STATUS_COLUMN in self.table.names:
            yield Statement(
                f"SELECT `{self.table.date_column}` AS day, {WINDOW_STATUS_COLUMN}, COUNT(*) AS n"
                f" {rows_between(self.table, relation)} GROUP BY day, {WINDOW_STATUS_COLUMN}",
                {START: first, END: last},
            )

    def _windows(self, answers: Iterator[list[dict[str, object]]]) -> dict[dt.date, dict[str, int]]:
        """Rows by window status and day; empty for a table whose rows have no window."""
        if WINDOW_STATUS_COLUMN not in self.table.names:
            return {}
        counted = (row.values() for row in next(answers))
        found: dict[dt.date, dict[str, int]] = {}
        for day, status, n in counted:
            found.setdefault(day, {})[status] = n
        return found

    def _findings(
        self,
        reconciliation: Reconciliation,
        rows: Iterable[Mapping[str, object]],
        days: Collection[dt.date],
    ) -> list[Finding]:
        """What a reconciliation returned, by day and, where it blocks, by what is to blame."""
        wanted = {day for day in days if not rightly_empty(self.table, self.calendar, day)}
        found: dict[tuple[dt.date, str | None], list[str]] = {}
        for row in rows:
            if row["day"] in wanted:
                named = reconciliation.blocking or reconciliation.contradiction
                unit = self.table.unit_of(row) if named else None
                said = ", ".join(f"{k}={v}" for k, v in row.items() if k != "day")
                found.setdefault((row["day"], unit), []).append(said)
        return [
            Finding(
                reconciliation.name,
                day,
                len(rows),
                f"{len(rows)} rows: {reconciliation.description}; first: {min(rows)}",
                reconciliation.blocking,
                unit,
                lacking=reconciliation.contradiction,
                contradiction=reconciliation.contradiction,
            )
            for (day, unit), rows in sorted(found.items(), key=lambda item: str(item[0]))
        ]

    def disagreeing_rows(
        self, reconciliation: Reconciliation, relation: str, first: dt.date, last: dt.date
    ) -> list[dict]:
        """The rows a reconciliation returns, as dicts with the day under ``day``."""
        return self.warehouse.named_rows(self._disagreement(reconciliation, relation, first, last))

    def _disagreement(
        self, reconciliation: Reconciliation, relation: str, first: dt.date, last: dt.date
    ) -> Statement:
        """The reconciliation's query over a relation and the tables it is compared with."""
        for name in reconciliation.reads:
            self.warehouse.ensure_table(self.catalogue.by_name[name])
        relations = {
            name: relation if name == self.table.name else self.catalogue.by_name[name].relation
            for name in reconciliation.reads
        }
        histories = self.warehouse.histories(
            self.catalogue.by_name[name].relation
            for name in reconciliation.reads
            if name != self.table.name
        )
        refused = {
            name: histories[self.catalogue.by_name[name].relation].refused
            for name in reconciliation.reads
            if name != self.table.name
        }
        return reconciliation_statement(
            reconciliation, self.catalogue.by_name, relations, first, last, refused
        )


def _names(units: Sequence[str]) -> str:
    shown = ", ".join(units[:NAMED_UNITS])
    return shown if len(units) <= NAMED_UNITS else f"{shown} and {len(units) - NAMED_UNITS} more"
