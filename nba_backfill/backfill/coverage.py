"""Coverage of every table over some days: counted from the schedule, judged by the checks.

What the checks found is read in the ledger, where each day has the verdict it was written with, or
asked of the stored rows anew. Only the latter sees what another hand did to the rows.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import dagster as dg
from rich.console import Group
from rich.markup import escape
from rich.text import Text

from nba_backfill.backfill.cost import in_words
from nba_backfill.backfill.fitting import FittingTable, Heading
from nba_backfill.backfill.plan import Plan
from nba_backfill.backfill.repeated import RepeatedKey, repeated_keys, repeated_lines
from nba_backfill.backfill.world import Reason, World
from nba_backfill.core.partitions import day_ranges
from nba_backfill.core.season import Season
from nba_backfill.core.table import Table
from nba_backfill.materialization.catalogue import Catalogue, seasons_of
from nba_backfill.materialization.checks import CheckReport, examine
from nba_backfill.materialization.questions import DUPLICATES, NULL_RATES
from nba_backfill.materialization.settle import SETTLED, settled_status, wanted_days
from nba_backfill.warehouse.ledger import COLUMNS_CHANGED, Status
from nba_backfill.warehouse.protocol import Warehouse


@dataclass(frozen=True, slots=True)
class TableCoverage:
    """How complete and how right one table is over some days."""

    table: Table
    seasons: Mapping[Season, tuple[int, int]]
    """Season -> (game days with a readable record, game days expected)."""
    unavailable: int
    rows: int
    last_computed: dt.datetime | None
    reports: tuple[CheckReport, ...]
    bytes: Mapping[Season, int] = field(default_factory=dict)
    """Season -> bytes that its days were billed for when they were computed."""
    strayed: tuple[dt.date, ...] = ()
    """Days whose rows were found not to be those that were computed; see :func:`strayed_days`."""
    repeated: tuple[RepeatedKey, ...] = ()
    """Keys that several rows of these days have."""

    @property
    def readable_days(self) -> int:
        """Game days with a readable record."""
        return sum(found for found, _ in self.seasons.values())

    @property
    def game_days(self) -> int:
        """Game days expected."""
        return sum(expected for _, expected in self.seasons.values())

    @property
    def gaps(self) -> int:
        """Game days without a readable record: missing, failed or rejected."""
        return self.game_days - self.readable_days

    def _offences(self, check: str) -> int:
        return sum(f.count for r in self.reports if r.check == check for f in r.findings)

    @property
    def nulls(self) -> int:
        """NULLs in required columns or beyond a budget."""
        return self._offences(NULL_RATES)

    @property
    def duplicates(self) -> int:
        """Rows that repeat a key."""
        return self._offences(DUPLICATES)

    @property
    def failed_checks(self) -> list[CheckReport]:
        """Checks that found wrong rows."""
        return [r for r in self.reports if r.severity is dg.AssetCheckSeverity.ERROR]

    @property
    def warnings(self) -> list[CheckReport]:
        """Checks that found something that is not wrong: missing sources, spent budgets."""
        return [r for r in self.reports if not r.passed and r not in self.failed_checks]


def measure(
    catalogue: Catalogue,
    warehouse: Warehouse,
    tables: Iterable[Table],
    days: list[dt.date],
    *,
    recheck: bool = False,
) -> Iterator[TableCoverage]:
    """Coverage of each table over ``days``; bootstrap days of Phase 4 are not expected.

    ``recheck``: ask the rows what the checks find, and whether they are those that were computed.
    """
    calendar = catalogue.calendar(warehouse, seasons_of(days))
    for table in tables:
        warehouse.ensure_table(table)
        history = warehouse.histories([table.relation])[table.relation]
        wanted = wanted_days(table, calendar, history, days)
        settled = {day: settled_status(table, calendar, day) for day in wanted}
        expected = {day: history.get(day) for day, how in settled.items() if how not in SETTLED}
        by_season: dict[Season, list[bool]] = {season: [] for season in seasons_of(expected)}
        for day, record in expected.items():
            computed = record is not None and settled[day] is None
            by_season[Season.of(day)].append(computed and record.status.is_readable)
        records = [record for record in expected.values() if record]
        strayed = strayed_days(table, warehouse, wanted) if recheck else []
        yield TableCoverage(
            table=table,
            seasons={season: (sum(found), len(found)) for season, found in by_season.items()},
            unavailable=sum(r.status is Status.UNAVAILABLE for r in records),
            rows=sum(r.row_count for r in records),
            last_computed=max((r.written_at for r in records if r.written_at), default=None),
            bytes={
                season: sum(r.bytes for r in records if Season.of(r.day) == season)
                for season in by_season
            },
            reports=tuple(
                examine(table, catalogue, warehouse, wanted, recorded=() if recheck else wanted)
            ),
            strayed=tuple(strayed),
            repeated=tuple(repeated_keys(table, warehouse, strayed)),
        )


def strayed_days(table: Table, warehouse: Warehouse, days: Iterable[dt.date]) -> list[dt.date]:
    """Days whose stored rows are not those that their records describe: another hand changed them.

    Days of which a column was added or retyped since are stale, which is another reason.
    """
    history = warehouse.histories([table.relation])[table.relation]
    recorded = {
        day: (record.row_count, record.fingerprint)
        for day, record in history.by_day.items()
        if record.row_count
    }
    retyped = {r.day for r in history.by_day.values() if r.inputs_fingerprint == COLUMNS_CHANGED}
    stored = warehouse.fingerprints(table, table.relation)
    return [d for d in days if d not in retyped and stored.get(d) != recorded.get(d)]


def as_table(found: Iterable[TableCoverage], title: str) -> Group:
    """The coverage as a table for the terminal, and below it what the checks found."""
    found = list(found)
    seasons = sorted({season for one in found for season in one.seasons})
    each = [str(season) for season in seasons] if len(seasons) > 1 else []
    printed = FittingTable(
        title,
        [
            Heading("table", left=True),
            *(Heading(name, expendable=4) for name in each),
            Heading("game dates"),
            Heading("unavailable", expendable=2),
            Heading("rows"),
            Heading("nulls", expendable=1),
            Heading("duplicates", expendable=1),
            Heading("checks"),
            Heading("last computed", expendable=3),
        ],
    )
    notes: dict[str, list[str]] = {}
    layer = None
    for one in found:
        if layer not in (None, one.table.layer):
            printed.section()
        layer = one.table.layer
        for label, colour, reports in (
            ("FAILED", "red", one.failed_checks),
            ("warns", "yellow", one.warnings),
        ):
            for report in reports:
                first = report.findings[0]
                more = f" (and {len(report.findings) - 1} more)" * (len(report.findings) > 1)
                notes.setdefault(label, []).append(
                    f"[{colour}]{label}[/] {one.table.name}.{report.check}:"
                    f" {first.day}: {escape(first.what)}{more}"
                )
        passed = sum(r.passed for r in one.reports)
        by_season = [one.seasons.get(season, (0, 0)) for season in seasons] if each else []
        printed.add(
            one.table.name,
            *(_share(*share) for share in by_season),
            _share(one.readable_days, one.game_days),
            str(one.unavailable or "-"),
            f"{one.rows:,}",
            str(one.nulls),
            str(one.duplicates),
            f"[{'red' if one.failed_checks else 'green'}]{passed}/{len(one.reports)}[/]",
            f"{one.last_computed:%Y-%m-%d %H:%M}" if one.last_computed else "never",
        )
    if warned := notes.get("warns"):
        warned.insert(
            0, f"{len(warned)} checks warn: nothing was withheld, look when you have time"
        )
    return Group(printed, *(Text.from_markup(note) for found in notes.values() for note in found))


def as_data(one: TableCoverage) -> dict:
    """The coverage of a table as JSON has it."""
    return {
        "table": one.table.name,
        "group": one.table.layer.value,
        "game_dates": one.game_days,
        "readable": one.readable_days,
        "seasons": {str(s): {"readable": f, "game_dates": e} for s, (f, e) in one.seasons.items()},
        "unavailable": one.unavailable,
        "rows": one.rows,
        "nulls": one.nulls,
        "duplicates": one.duplicates,
        "checks": len(one.reports),
        "failed_checks": {r.check: r.findings[0].what for r in one.failed_checks},
        "warnings": {r.check: r.findings[0].what for r in one.warnings},
        "changed_by_another_hand": [str(day) for day in one.strayed],
        "repeated_keys": [
            {
                "key": {name: str(value) for name, value in repeated.key.items()},
                "rows": repeated.rows,
                "differing": {n: list(map(str, v)) for n, v in repeated.differing.items()},
            }
            for repeated in one.repeated
        ],
        "last_computed": one.last_computed and one.last_computed.isoformat(),
    }


def _share(found: int, expected: int) -> str:
    return f"[{'green' if found == expected else 'red'}]{found}/{expected}[/]"


def cost_table(found: Sequence[TableCoverage], price_per_tib: float) -> FittingTable | None:
    """What computing the days was billed for, by table and season; None where nothing was."""
    if not any(billed for one in found for billed in one.bytes.values()):
        return None
    seasons = sorted({season for one in found for season in one.bytes})
    sums_up = ["all"] if len(seasons) > 1 else []
    # Where there is no room the seasons are left out, the oldest first; their sum stays.
    printed = FittingTable(
        "Billed for the days as they stand",
        [
            Heading("table", left=True),
            *(Heading(str(s), expendable=n) for n, s in enumerate(reversed(seasons))),
            *map(Heading, sums_up),
        ],
    )
    sums = {season: sum(one.bytes.get(season, 0) for one in found) for season in seasons}
    for name, billed in [*((one.table.name, one.bytes) for one in found), ("all tables", sums)]:
        cells = [billed.get(season, 0) for season in reversed(seasons)]
        cells += [sum(cells)] if sums_up else []
        printed.add(name, *(in_words(cell, price_per_tib) for cell in cells))
    return printed


def strayed_lines(found: Iterable[TableCoverage]) -> Iterator[str]:
    """Tables whose rows were changed behind the platform's back, with what mends it.

    Rows that repeat a key are shown.
    """
    for one in found:
        if one.strayed:
            first, last = one.strayed[0], one.strayed[-1]
            yield (
                f"[red]changed by another hand[/] {one.table.name}: the rows of"
                f" {len(one.strayed)} days are not those that were computed,"
                f" {day_ranges(one.strayed)}; compute them anew: nba-backfill run"
                f" {one.table.name} --dates {first}...{last}"
            )
            yield from repeated_lines(one.table, one.repeated)


def with_games(world: World, days: Iterable[dt.date]) -> list[dt.date]:
    """Days that have games, or had some by what the raw tables or our own still hold of them."""
    held = {day for table in world.catalogue for day in world.held_days(table.name)}
    known = held.union(world.calendar.games_by_day, world.calendar.reach.facts)
    return [day for day in days if day in known]


def gap_lines(due: Plan) -> Iterator[str]:
    """The days whose rows cannot stand as they are: a line per reason and days, with the tables.

    ``due`` is the plan that would mend them; tables that the asked ones read are among them. What
    is due only if its inputs come out otherwise merely follows, so it is counted, in one line.
    """
    alike: dict[tuple[Reason, tuple[dt.date, ...]], list[str]] = {}
    for planned in due.tables:
        for reason in planned.reasons:
            days = tuple(day for day, why in planned.days.items() if why is reason)
            alike.setdefault((reason, days), []).append(planned.table)
    for (reason, days), tables in alike.items():
        if reason is not Reason.FOLLOWS:
            yield f"[red]{reason}[/] {_few(tables)}: {len(days)} game days, {day_ranges(days)}"
    follow = {
        name: d for (why, d), names in alike.items() if why is Reason.FOLLOWS for name in names
    }
    if follow:
        days = {day for found in follow.values() for day in found}
        yield (
            f"[yellow]{Reason.FOLLOWS}[/] {sum(map(len, follow.values())):,} days of"
            f" {len(follow)} tables that read these, {day_ranges(days)}"
        )
    if due.other_code:
        said = ", ".join(f"{name} {count} days" for name, count in due.other_code.items())
        yield (
            f"[yellow]read as they are, though other code computed them[/]: {said}; compute them"
            " anew with --code-changed"
        )


def _few(names: Sequence[str], shown: int = 3) -> str:
    more = len(names) - shown
    return ", ".join(names[:shown]) + (f" and {more} more" if more > 0 else "")
