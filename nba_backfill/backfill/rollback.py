"""Back to the content before a run: rows, records and documents of every day that it wrote.

The run's displaced rows and records were kept in the transactions that displaced them; they are put
back in one. The ledger then says what it said before the run, so whatever has changed since the
rows of then were computed shows as stale, as it always does.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import groupby

from nba_backfill.backfill.fitting import FittingTable, Heading
from nba_backfill.backfill.mending import dates_in_words
from nba_backfill.backfill.plan import Plan, plan
from nba_backfill.backfill.world import World
from nba_backfill.core.partitions import day_ranges
from nba_backfill.core.table import Table
from nba_backfill.materialization.catalogue import Catalogue
from nba_backfill.warehouse.kept import Kept, KeptDay, KeptRun, PutBack, RollbackError
from nba_backfill.warehouse.ledger import PartitionRecord
from nba_backfill.warehouse.protocol import Warehouse

ROLLED_BACK_TAG = "nba/rolled_back"
"""Tag of a run that was rolled back: when."""

BY_TIME_TRAVEL = (
    "rollback works where the warehouse is a DuckDB file. Nothing was changed. BigQuery itself"
    " keeps what was: rows for 7 days (FOR SYSTEM_TIME AS OF), and all records, since the ledger is"
    ' append-only; docs/runbook.md, "Back to before a run", has the statements that put both back,'
    " table by table. Or mend the cause and compute the days anew: nba-backfill rerun"
)


@dataclass(frozen=True, slots=True)
class TableRollback:
    """One table's days that a run wrote: as they were before it, and their records now."""

    table: Table
    days: tuple[KeptDay, ...]
    now: Mapping[dt.date, PartitionRecord]

    @property
    def changed(self) -> list[KeptDay]:
        """Days whose rows came out otherwise."""
        return [day for day in self.days if day.fingerprint != self._content_now(day.day)]

    @property
    def to_be_missing(self) -> int:
        """Days of which nothing was recorded before the run."""
        return sum(day.before is None for day in self.days)

    @property
    def rows(self) -> tuple[int, int]:
        """Rows of the changed days now, and before the run."""
        changed = self.changed
        return sum(self.now[d.day].row_count for d in changed), sum(d.rows for d in changed)

    def _content_now(self, day: dt.date) -> str:
        record = self.now[day]
        return record.fingerprint if record.row_count else ""


@dataclass(frozen=True, slots=True)
class Rollback:
    """A run and what rolling it back would do."""

    run: KeptRun
    tables: tuple[TableRollback, ...]

    @property
    def days(self) -> list[dt.date]:
        """Every day of any table that is put back."""
        return sorted({day.day for one in self.tables for day in one.days})


def kept_of(warehouse: Warehouse) -> Kept:
    """What runs displaced in a warehouse; RollbackError where that is not kept by us."""
    if warehouse.kept is None:
        raise RollbackError(BY_TIME_TRAVEL)
    return warehouse.kept


def find_run(warehouse: Warehouse, run_id: str | None) -> KeptRun:
    """The kept run of that id or the beginning of it; None: the newest that stands.

    Raises RollbackError for a run that is not kept, was rolled back, or is one of several.
    """
    runs = kept_of(warehouse).runs()
    standing = [run for run in runs if run.rolled_back_at is None]
    kept = ", ".join(run.run_id for run in standing) or "none"
    if run_id is None:
        if not standing:
            raise RollbackError(f"no run is kept that could be rolled back. {HOW_KEPT}")
        return standing[0]
    found = [run for run in runs if run.run_id.startswith(run_id)]
    if not found:
        raise RollbackError(f"run {run_id} is not kept; kept are: {kept}. {HOW_KEPT}")
    if len(found) > 1:
        raise RollbackError(
            f"{run_id} begins the names of {len(found)} runs:"
            f" {', '.join(run.run_id for run in found)}. Nothing was changed; write more of it"
        )
    if found[0].rolled_back_at is not None:
        raise RollbackError(
            f"run {found[0].run_id} was rolled back already, at"
            f" {found[0].rolled_back_at:%Y-%m-%d %H:%M} UTC. Nothing was changed; kept are: {kept}"
        )
    return found[0]


HOW_KEPT = (
    "Nothing was changed. What runs displace is kept of the newest NBA_KEEP_RUNS runs (0: of none)"
)


def look(catalogue: Catalogue, warehouse: Warehouse, run: KeptRun) -> Rollback:
    """What rolling a run back would do, upstream first.

    Raises RollbackError, naming them, where later runs rewrote days of the run, and for a table
    that is no longer declared.
    """
    by_relation = {
        name: tuple(days)
        for name, days in groupby(kept_of(warehouse).days(run.run_id), lambda kept: kept.table_name)
    }
    undeclared = sorted(set(by_relation) - {table.relation for table in catalogue})
    if undeclared:
        raise RollbackError(
            f"run {run.run_id} wrote {', '.join(undeclared)}, which is no longer declared. Nothing"
            " was changed; put its files back to roll the run back"
        )
    found = []
    for table in catalogue:
        if days := by_relation.get(table.relation):
            warehouse.ensure_table(table)
            now = warehouse.histories([table.relation])[table.relation].by_day
            found.append(TableRollback(table, days, now))
    _refuse_rewritten(run, found)
    return Rollback(run, tuple(found))


def _refuse_rewritten(run: KeptRun, found: Sequence[TableRollback]) -> None:
    later: dict[str, dict[str, list[dt.date]]] = {}
    for one in found:
        for kept in one.days:
            record = one.now.get(kept.day)
            writer = record.run_id if record else "another hand, which removed the record"
            if writer != run.run_id:
                later.setdefault(writer, {}).setdefault(one.table.name, []).append(kept.day)
    if later:
        said = "; ".join(
            f"{writer or 'a process that was no run'} wrote"
            f" {', '.join(f'{name} {day_ranges(days)}' for name, days in tables.items())}"
            for writer, tables in later.items()
        )
        raise RollbackError(
            f"run {run.run_id} cannot be rolled back: days of it were written again since: {said}."
            " Nothing was changed; roll the later runs back first, the newest first, if they are"
            " kept: nba-backfill rollback --list"
        )


def rehearse(catalogue: Catalogue, warehouse: Warehouse, asked: Rollback) -> Plan:
    """What would be due after the rollback; the rows are put back, looked at, and let go again.

    Raises RollbackError where kept rows are not what was recorded.
    """
    for table in catalogue.by_name.values():
        warehouse.ensure_table(table)
    with kept_of(warehouse).rehearsing(asked.run.run_id) as put_back:
        for one in asked.tables:
            put_back(one.table, one.days)
        return due_after(catalogue, warehouse, asked)


def due_after(catalogue: Catalogue, warehouse: Warehouse, asked: Rollback) -> Plan:
    """What is due of the days put back as the warehouse stands."""
    world = World.look(catalogue, warehouse, asked.days)
    return plan(world, [one.table.name for one in asked.tables], asked.days, missing_only=True)


def roll_back(warehouse: Warehouse, asked: Rollback) -> None:
    """Put rows, records and documents back, all in one transaction.

    Documents are written before it is committed: after a kill in between, or an error of their
    store, the rows are those of the run still, and the same command puts everything back.
    """
    for one in asked.tables:
        warehouse.ensure_table(one.table)
    with kept_of(warehouse).rolling_back(asked.run.run_id) as put_back:
        for one in asked.tables:
            _put_back(warehouse, one, put_back)


def _put_back(warehouse: Warehouse, one: TableRollback, put_back: PutBack) -> None:
    put_rows_back = partial(put_back, one.table, one.days)
    changed = [kept.day for kept in one.changed]
    if one.table.publication is None or not changed:
        put_rows_back()
    else:
        one.table.publication.put_back(one.table, warehouse, changed, put_rows_back)


def as_table(asked: Rollback) -> FittingTable:
    """What is put back, a line per table."""
    first, last = asked.days[0], asked.days[-1]
    printed = FittingTable(
        f"Run {asked.run.run_id} of {asked.run.begun_at:%Y-%m-%d %H:%M} UTC,"
        f" {dates_in_words((first, last))}",
        [
            Heading("table", left=True),
            Heading("days"),
            Heading("of these missing before", expendable=1),
            Heading("days with other rows"),
            Heading("rows now"),
            Heading("rows before"),
        ],
    )
    for one in asked.tables:
        now, before = one.rows
        printed.add(
            one.table.name,
            str(len(one.days)),
            str(one.to_be_missing),
            str(len(one.changed)),
            f"{now:,}",
            f"{before:,}",
        )
    return printed


def runs_table(warehouse: Warehouse) -> FittingTable:
    """The kept runs, the newest first, and how much each displaced."""
    printed = FittingTable(
        "Runs that are kept",
        [
            Heading("run", left=True),
            Heading("began (UTC)", left=True),
            Heading("tables", expendable=2),
            Heading("days", expendable=1),
            Heading("with other rows"),
            Heading("", left=True),
        ],
    )
    kept = kept_of(warehouse)
    for run in kept.runs():
        days = kept.days(run.run_id)
        gone = run.rolled_back_at
        printed.add(
            run.run_id,
            f"{run.begun_at:%Y-%m-%d %H:%M}",
            str(len({day.table_name for day in days})),
            f"{len(days):,}",
            f"{sum(day.has_rows for day in days):,}",
            f"rolled back {gone:%Y-%m-%d %H:%M}" if gone else "",
        )
    return printed
