"""What would be computed and why: pure functions on the ledger, the calendar and the tables.

A plan is a frozen value: for each table, upstream first, the days and for each day the reason.
"""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import fmean, linear_regression, median

from nba_backfill.backfill.closure import DaysByTable, downstream_days, due_days, upstream_days
from nba_backfill.backfill.world import Reason, World
from nba_backfill.core.partitions import DAYS
from nba_backfill.core.table import Table
from nba_backfill.materialization.catalogue import Catalogue
from nba_backfill.warehouse.ledger import DayHistory, PartitionRecord


class PlanError(ValueError):
    """A plan cannot be read or no longer fits the world; nothing was run."""


@dataclass(frozen=True, slots=True)
class PlannedTable:
    """The part of a plan that is about one table."""

    table: str
    days: Mapping[dt.date, Reason]
    carried_for: tuple[str, ...] = ()
    expected_rows: int | None = None
    seconds: float | None = None
    lost_rows: int = 0
    """Stored rows that are expected to be gone afterwards."""
    scanned: int | None = None
    """Bytes that computing it would be billed for, by dry run; None where none ever are."""

    @property
    def reasons(self) -> Counter:
        """How many days have which reason."""
        return Counter(self.days.values())


@dataclass(frozen=True, slots=True)
class Plan:
    """What would run: tables upstream first, days with reasons, and the world it was made for."""

    targets: tuple[str, ...]
    days: tuple[dt.date, ...]
    tables: tuple[PlannedTable, ...]
    options: Mapping[str, bool] = field(default_factory=dict)
    other_code: Mapping[str, int] = field(default_factory=dict)
    """Days that are read as they are although other code computed them, by table."""
    world: str = field(default="", compare=False)
    price_per_tib: float = field(default=0.0, compare=False)
    """US dollars per TiB scanned; 0 where reading costs nothing."""

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to do."""
        return not any(planned.days for planned in self.tables)

    def to_json(self) -> str:
        """The plan as text that :meth:`from_json` reads back."""
        return json.dumps(
            {
                "targets": self.targets,
                "days": [str(day) for day in self.days],
                "options": dict(self.options),
                "other_code": dict(self.other_code),
                "world": self.world,
                "tables": [
                    {
                        "table": p.table,
                        "days": {str(day): reason.value for day, reason in p.days.items()},
                        "carried_for": p.carried_for,
                        "expected_rows": p.expected_rows,
                        "seconds": p.seconds,
                        "lost_rows": p.lost_rows,
                    }
                    for p in self.tables
                ],
            },
            indent=1,
        )

    @classmethod
    def from_json(cls, text: str) -> Plan:
        """Read a saved plan; PlanError if the text is none."""
        try:
            said = json.loads(text)
            return cls(
                tuple(said["targets"]),
                tuple(dt.date.fromisoformat(day) for day in said["days"]),
                tuple(
                    PlannedTable(
                        p["table"],
                        {dt.date.fromisoformat(d): Reason(r) for d, r in p["days"].items()},
                        tuple(p["carried_for"]),
                        p["expected_rows"],
                        p["seconds"],
                        p["lost_rows"],
                    )
                    for p in said["tables"]
                ),
                dict(said["options"]),
                dict(said["other_code"]),
                said["world"],
            )
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise PlanError(f"not a saved plan: {error!r}. Nothing was run.") from error

    def save(self, path: Path) -> None:
        """Write the plan to a file."""
        path.write_text(self.to_json(), encoding="utf-8")


def plan(
    world: World,
    targets: Sequence[str],
    days: Sequence[dt.date],
    *,
    missing_only: bool = False,
    downstream: bool = False,
    code_changed: bool = False,
) -> Plan:
    """The plan for computing ``targets`` on ``days`` and everything they need.

    Of a published snapshot only the newest of the days counts, and none before what is published.
    ``missing_only``: leave out target days whose rows stand. ``downstream``: add the computed
    days of other tables that read what is computed. ``code_changed``: as ``missing_only``, and
    what the targets read is computed anew as well where other code computed it.
    """
    wanted = {name: set(world.wanted_days(world.catalogue.table(name), days)) for name in targets}
    chosen = {name: frozenset(found) for name, found in wanted.items()}

    def reason_of(table: Table, day: dt.date) -> Reason | None:
        if (reason := world.due(table, day)) is not None:
            return reason
        asked = day in chosen.get(table.name, ())
        if (asked or code_changed) and world.by_other_code(table, day):
            return Reason.CODE_CHANGED
        return Reason.REQUESTED if asked and not (missing_only or code_changed) else None

    if downstream:
        for name, more in downstream_days(world, wanted).items():
            wanted[name] = wanted.get(name, set()) | more
    options = {"missing_only": missing_only, "downstream": downstream, "code_changed": code_changed}
    return _made(world, targets, days, wanted, reason_of, options)


def due_plan(
    world: World,
    wanted: Mapping[str, Collection[dt.date]],
    reason_of: Callable[[Table, dt.date], Reason | None],
) -> Plan:
    """The plan for what is due of ``wanted``, table by table, and of all that this reads.

    Unlike :func:`plan` it asks other days of each table; ``reason_of`` may leave days alone.
    """
    days = sorted({day for asked in wanted.values() for day in asked})
    options = {"missing_only": True, "downstream": False, "code_changed": False}
    return _made(world, tuple(wanted), days, wanted, reason_of, options)


def _made(
    world: World,
    targets: Sequence[str],
    days: Sequence[dt.date],
    wanted: Mapping[str, Collection[dt.date]],
    reason_of: Callable[[Table, dt.date], Reason | None],
    options: Mapping[str, bool],
) -> Plan:
    needed = upstream_days(world, wanted)
    due = due_days(world, needed, reason_of)
    planned = tuple(
        PlannedTable(
            name,
            found,
            () if name in wanted else _readers(world.catalogue, name, wanted),
            *_estimate(world.histories[name], list(found)),
        )
        for name, found in due.items()
        if found
    )
    return Plan(
        tuple(targets),
        tuple(sorted(days)),
        planned,
        options,
        _read_as_they_are(world, needed, due),
        world.fingerprint(),
    )


def _read_as_they_are(
    world: World, needed: Mapping[str, Iterable[dt.date]], due: DaysByTable
) -> dict[str, int]:
    """Days that are needed, by other code, and not computed anew; by table."""
    counts = {
        name: sum(
            world.by_other_code(world.catalogue.table(name), day)
            for day in days
            if day not in due[name]
        )
        for name, days in needed.items()
    }
    return {name: count for name, count in counts.items() if count}


def confirm(saved: Plan, world: World) -> Plan:
    """The saved plan, if it is what planning says of this very world; PlanError if not."""
    again = "Nothing was run; make it again with nba-backfill plan."
    partitions = set(DAYS.get_partition_keys())
    if outside := [day for day in saved.days if day.isoformat() not in partitions]:
        raise PlanError(f"{outside[0]} is no partition, so no plan of ours holds it. {again}")
    if saved.world != world.fingerprint():
        raise PlanError(
            "the data, the raw files or the code have changed since this plan was saved, so it"
            f" may lack days or repeat others. {again}"
        )
    made = plan(world, saved.targets, saved.days, **saved.options)
    wanted = {(p.table, day) for p in made.tables for day in p.days}
    said = {(p.table, day) for p in saved.tables for day in p.days}
    if differing := sorted(wanted ^ said):
        table, day = differing[0]
        raise PlanError(
            f"this plan was edited after it was saved: it differs from what is due in"
            f" {len(differing)} table-days, of which the first is {table} {day}. {again}"
        )
    return made


def _readers(catalogue: Catalogue, name: str, wanted: Iterable[str]) -> tuple[str, ...]:
    """Targets that read a table, directly or through others."""
    reached = {name}
    for table in catalogue:
        if reached & set(table.reads):
            reached.add(table.name)
    return tuple(t for t in catalogue.order if t in reached and t in set(wanted))


def _estimate(history: DayHistory, days: Sequence[dt.date]) -> tuple[int | None, float | None]:
    """Expected rows and seconds for ``days`` from what the table's days were before."""
    computed = [r for r in history.by_day.values() if r.row_count]
    if not computed:
        return None, None
    typical = median(r.row_count for r in computed)
    known = [history.get(day) for day in days]
    rows = sum(r.row_count if r and r.row_count else typical for r in known)
    return int(rows), expected_seconds(computed, len(days))


def expected_seconds(computed: Iterable[PartitionRecord], days: int) -> float:
    """Seconds that computing some days takes, from what runs over other numbers of days took.

    A run costs something whatever its days, and something for each. Both are fitted to the runs
    of the ledger (least squares, neither below nothing). Runs over one number of days alone cannot
    tell the two apart: half of what they took is then taken for the fixed cost.
    """
    runs: dict[str, list[float]] = {}
    for record in computed:
        runs.setdefault(record.run_id, []).append(record.seconds)
    sizes = [len(seconds) for seconds in runs.values()]
    totals = [sum(seconds) for seconds in runs.values()]
    if len(set(sizes)) == 1:
        return median(totals) / 2 * (1 + days / sizes[0])
    each, fixed = linear_regression(sizes, totals)
    if each < 0:
        each, fixed = 0.0, fmean(totals)
    elif fixed < 0:
        each, fixed = linear_regression(sizes, totals, proportional=True)
    return fixed + each * days
