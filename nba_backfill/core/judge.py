"""The judge: what is wrong with a relation's rows, day by day.

The same questions are put to staged rows before they replace anything and to stored rows when
a check runs: keys unique, required values there, values in range, rules and reconciliations
kept, coverage against the schedule. A finding that blocks means rows that are wrong; missing
rows never block.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from nba_backfill.core.catalogue import Catalogue
from nba_backfill.core.season import GameCalendar
from nba_backfill.core.settle import settled_status
from nba_backfill.core.table import Column, Per, Reconciliation, Rows, Table
from nba_backfill.warehouse.dialect import END, START, AnyTable, Statement
from nba_backfill.warehouse.ledger import Status
from nba_backfill.warehouse.protocol import Warehouse

COVERAGE, NULL_RATES, DUPLICATES, RANGES = "coverage", "null_rates", "duplicates", "ranges"
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
    """One thing found wrong on one day: how many rows or units, and what, in words."""

    check: str
    day: dt.date
    count: int
    what: str
    blocking: bool


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
        """Findings that reject the day."""
        return [f for f in self.findings if f.blocking]

    def missing(self) -> list[Finding]:
        """Findings that say rows are missing."""
        return [f for f in self.findings if f.check == COVERAGE and not f.blocking]


def _literal(value: object) -> str:
    return "'" + str(value).replace("'", "\\'") + "'" if isinstance(value, str) else str(value)


def _offences(column: Column) -> Iterable[tuple[str, str, str]]:
    """(check, what, GoogleSQL condition that is TRUE for an offending row) of one column."""
    name = f"`{column.name}`"
    if column.required:
        yield NULL_RATES, f"{column.name} is NULL", f"{name} IS NULL"
    if column.between:
        low, high = column.between
        yield (
            RANGES,
            f"{column.name} outside {low:g}..{high:g}",
            f"{name} < {low} OR {name} > {high}",
        )
    if column.one_of:
        values = ", ".join(_literal(value) for value in column.one_of)
        yield (
            RANGES,
            f"{column.name} not one of {', '.join(column.one_of)}",
            f"{name} NOT IN ({values})",
        )


def _dated(table: Table, relation: str) -> str:
    return f"FROM {relation} WHERE `{table.date_column}` BETWEEN @{START} AND @{END}"


def profile_statement(table: Table, relation: str, first: dt.date, last: dt.date) -> Statement:
    """One query per table and range that feeds the row checks: counts by day.

    Columns: day, rows, then one count per offence, then (NULLs, base) per budget, in the order
    of :func:`_row_offences` and :func:`_budgets`.
    """
    counts = [f"COUNTIF({condition})" for *_, condition in _row_offences(table)]
    for column in _budgets(table):
        base = column.null_rate_where or "TRUE"
        counts += [f"COUNTIF(({base}) AND `{column.name}` IS NULL)", f"COUNTIF({base})"]
    select = ",\n  ".join([f"`{table.date_column}` AS day", "COUNT(*) AS n", *counts])
    return Statement(
        f"SELECT\n  {select}\n{_dated(table, relation)}\nGROUP BY day", {START: first, END: last}
    )


def _row_offences(table: Table) -> list[tuple[str, str, bool, str]]:
    found = [(c, w, True, sql) for column in table.columns for c, w, sql in _offences(column)]
    found += [
        (
            RANGES,
            f"rule {rule.name} broken: {rule.description}",
            rule.blocking,
            f"NOT ({rule.holds})",
        )
        for rule in table.rules
    ]
    return found


def _budgets(table: Table) -> list[Column]:
    return [c for c in table.columns if c.max_null_rate is not None]


def duplicate_statements(
    table: Table, relation: str, first: dt.date, last: dt.date
) -> dict[tuple[str, ...], Statement]:
    """For each key: rows beyond the first of their key, by day."""
    statements = {}
    for key in table.keys:
        columns = ", ".join(f"`{name}`" for name in key)
        by = columns if table.date_column in key else f"{columns}, `{table.date_column}`"
        statements[key] = Statement(
            f"SELECT day, SUM(n - 1) FROM (SELECT `{table.date_column}` AS day, COUNT(*) AS n"
            f" {_dated(table, relation)} GROUP BY {by}) WHERE n > 1 GROUP BY day",
            {START: first, END: last},
        )
    return statements


def reconciliation_statement(
    reconciliation: Reconciliation,
    tables: Mapping[str, AnyTable],
    relations: Mapping[str, str],
    first: dt.date,
    last: dt.date,
) -> Statement:
    """The reconciliation's query over the given relations, limited to first..last."""
    scopes = []
    parameters = {START: first, END: last}
    for name in reconciliation.reads:
        table, since, until = tables[name], START, END
        if (window := reconciliation.windows.get(name)) is not None:
            since, until = f"{name}_from", f"{name}_to"
            parameters[since], parameters[until] = window.span(first, last)
        where = (
            f" WHERE `{table.date_column}` BETWEEN @{since} AND @{until}"
            if table.date_column
            else ""
        )
        scopes.append(f"`{name}` AS (SELECT * FROM {relations[name]}{where})")
    return Statement(
        f"WITH {', '.join(scopes)}\nSELECT * FROM (\n{reconciliation.sql}\n) ORDER BY day",
        parameters,
    )


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
        """A profile for each of ``days``, measured on ``relation``."""
        first, last, wanted = min(days), max(days), set(days)
        findings: dict[dt.date, list[Finding]] = {day: [] for day in days}
        rows: dict[dt.date, int] = {}
        nulls: dict[dt.date, dict[str, tuple[int, int]]] = {}
        offences, budgets = _row_offences(self.table), _budgets(self.table)
        for day, n, *counts in self.warehouse.query(
            profile_statement(self.table, relation, first, last)
        ):
            if day not in wanted:
                continue
            rows[day] = n
            for (check, what, blocking, _), count in zip(offences, counts, strict=False):
                if count:
                    findings[day].append(
                        Finding(check, day, count, f"{count} rows: {what}", blocking)
                    )
            pairs = counts[len(offences) :]
            nulls[day] = {
                column.name: (pairs[2 * i], pairs[2 * i + 1]) for i, column in enumerate(budgets)
            }
        for key, statement in duplicate_statements(self.table, relation, first, last).items():
            for day, count in self.warehouse.query(statement):
                if day in wanted:
                    what = f"{count} rows repeat the key ({', '.join(key)})"
                    findings[day].append(Finding(DUPLICATES, day, count, what, True))
        covered = self._coverage(relation, days, findings)
        windows = self._windows(relation, first, last)
        for reconciliation in self.table.reconciliations:
            for found in self.disagreements(reconciliation, relation, days):
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

    def _coverage(
        self, relation: str, days: Sequence[dt.date], findings: Mapping[dt.date, list[Finding]]
    ) -> dict[dt.date, tuple[int, int]]:
        """(units expected, units with enough rows) by day; adds what is missing or too much."""
        expects = self.table.expects
        if expects is None:
            return dict.fromkeys(days, (0, 0))
        unit = {
            Per.GAME: "`game_id`",
            Per.TEAM_GAME: f"`{expects.team_column}`",
            Per.DAY: f"CAST(`{self.table.date_column}` AS STRING)",
        }[expects.per]
        inside = f" AND NOT COALESCE({expects.outside}, FALSE)" if expects.outside else ""
        counted = self.warehouse.query(
            Statement(
                f"SELECT `{self.table.date_column}` AS day, {unit} AS unit, COUNT(*) AS n"
                f" {_dated(self.table, relation)}{inside} GROUP BY day, unit",
                {START: min(days), END: max(days)},
            )
        )
        rows: dict[dt.date, dict[str, int]] = {}
        for day, name, n in counted:
            rows.setdefault(day, {})[name] = n
        covered = {}
        for day in days:
            expected, found = self._expected(expects, day), rows.get(day, {})
            enough = {u for u in expected if found.get(u, 0) >= expects.at_least}
            if missing := sorted(expected - enough):
                what = (
                    f"{len(missing)} of {len(expected)} {expects.per}s without enough rows:"
                    f" {_names(missing)}"
                )
                findings[day].append(Finding(COVERAGE, day, len(missing), what, False))
            if strange := sorted(u for u in found if u is not None and u not in expected):
                what = f"rows for {expects.per}s the schedule does not have: {_names(strange)}"
                findings[day].append(Finding(COVERAGE, day, len(strange), what, True))
            if expects.at_most is not None and (
                many := sorted(u for u, n in found.items() if u is not None and n > expects.at_most)
            ):
                what = f"more than {expects.at_most} rows for {_names(many)}"
                findings[day].append(Finding(COVERAGE, day, len(many), what, True))
            covered[day] = len(expected), len(enough)
        return covered

    def _windows(
        self, relation: str, first: dt.date, last: dt.date
    ) -> dict[dt.date, dict[str, int]]:
        """Rows by window status and day; empty for a table whose rows have no window."""
        if WINDOW_STATUS_COLUMN not in {c.name for c in self.table.columns}:
            return {}
        counted = self.warehouse.query(
            Statement(
                f"SELECT `{self.table.date_column}` AS day, {WINDOW_STATUS_COLUMN}, COUNT(*)"
                f" {_dated(self.table, relation)} GROUP BY day, {WINDOW_STATUS_COLUMN}",
                {START: first, END: last},
            )
        )
        found: dict[dt.date, dict[str, int]] = {}
        for day, status, n in counted:
            found.setdefault(day, {})[status] = n
        return found

    def _expected(self, expects: Rows, day: dt.date) -> set[str]:
        if self._is_bootstrap(day):
            return set()
        games = [g for g in self.calendar.games(day) if g.is_final or expects.before_tip]
        if expects.per is Per.GAME:
            return {g.game_id for g in games}
        if expects.per is Per.DAY:
            return {str(day)} if games else set()
        return {team for g in games for team in g.teams}

    def _is_bootstrap(self, day: dt.date) -> bool:
        """Whether the day is one on which this table rightly has no rows."""
        return settled_status(self.table, self.calendar, day) is Status.BOOTSTRAP

    def disagreements(
        self, reconciliation: Reconciliation, relation: str, days: Collection[dt.date]
    ) -> list[Finding]:
        """Days on which a reconciliation returns rows, with the first of them in words."""
        wanted = {day for day in days if not self._is_bootstrap(day)}
        rows = self.disagreeing_rows(reconciliation, relation, min(days), max(days))
        counts = Counter(row["day"] for row in rows if row["day"] in wanted)
        firsts = {row["day"]: row for row in reversed(rows)}
        return [
            Finding(
                reconciliation.name,
                day,
                count,
                f"{count} rows: {reconciliation.description}; first: "
                + ", ".join(f"{k}={v}" for k, v in firsts[day].items() if k != "day"),
                reconciliation.blocking,
            )
            for day, count in sorted(counts.items())
        ]

    def disagreeing_rows(
        self, reconciliation: Reconciliation, relation: str, first: dt.date, last: dt.date
    ) -> list[dict]:
        """The rows a reconciliation returns, as dicts with the day under ``day``."""
        for name in reconciliation.reads:
            self.warehouse.ensure_table(self.catalogue.by_name[name])
        relations = {
            name: relation if name == self.table.name else self.catalogue.by_name[name].relation
            for name in reconciliation.reads
        }
        statement = reconciliation_statement(
            reconciliation, self.catalogue.by_name, relations, first, last
        )
        names = self.warehouse.columns_of(statement)
        return [dict(zip(names, row, strict=True)) for row in self.warehouse.query(statement)]


def _names(units: Sequence[str]) -> str:
    shown = ", ".join(units[:NAMED_UNITS])
    return shown if len(units) <= NAMED_UNITS else f"{shown} and {len(units) - NAMED_UNITS} more"
