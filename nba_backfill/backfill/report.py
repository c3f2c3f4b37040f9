"""Plans, verdicts and progress as a person reads them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

import dagster as dg
from rich.console import Group
from rich.text import Text

from nba_backfill.backfill.apply import PLAN_JOB, PLAN_OP
from nba_backfill.backfill.cost import in_words
from nba_backfill.backfill.fitting import FittingTable, Heading
from nba_backfill.backfill.plan import Plan
from nba_backfill.backfill.verify import Verdict
from nba_backfill.core.partitions import day_ranges
from nba_backfill.core.process import unfinished_runs
from nba_backfill.materialization.catalogue import Catalogue

RANGES_SHOWN = 70
"""Characters of day ranges per table before they are cut; --save holds them all."""


def plan_table(plan: Plan) -> Group:
    """A plan: per table how many days, why, for whom they are carried, and what it may cost."""
    costs = [Heading("scans")] if plan.price_per_tib else []
    printed = FittingTable(
        "What would run, upstream first",
        [
            Heading("table", left=True),
            Heading("days"),
            Heading("why", words=True),
            Heading("which", expendable=2, words=True),
            Heading("rows", expendable=1),
            Heading("seconds"),
            *costs,
        ],
    )
    seconds, unknown = 0.0, 0
    for planned in plan.tables:
        said = ", ".join(f"{n} {reason}" for reason, n in planned.reasons.most_common())
        if planned.carried_for:
            said += f"; carried for {', '.join(planned.carried_for)}"
        which = day_ranges(planned.days)
        if len(which) > RANGES_SHOWN:
            which = f"{min(planned.days)} ... {max(planned.days)}, not every day"
        printed.add(
            planned.table,
            str(len(planned.days)),
            said,
            which,
            "?" if planned.expected_rows is None else f"{planned.expected_rows:,}",
            "?" if planned.seconds is None else f"{planned.seconds:.1f}",
            *(in_words(planned.scanned or 0, plan.price_per_tib) for _ in costs),
        )
        unknown += planned.seconds is None
        seconds += planned.seconds or 0.0
    days = sum(len(p.days) for p in plan.tables)
    total = f"{len(plan.tables)} tables, {days} table-days"
    if unknown == len(plan.tables):
        total += "; how long they take was never measured here"
    else:
        total += f", about {max(seconds, 1):.0f} s and what the checks take"
        total += f", and {unknown} tables that were never measured" if unknown else ""
    lines = [Text(total)]
    if costs:
        scanned = sum(p.scanned or 0 for p in plan.tables)
        said = in_words(scanned, plan.price_per_tib)
        lines.append(
            Text(f"{said} by dry run, as the tables are now; judging reads each row again")
        )
    if plan.other_code:
        read = ", ".join(f"{name} {count} days" for name, count in plan.other_code.items())
        said = f"read as they are, though other code computed them: {read}; --code-changed: anew"
        lines.append(Text(said, style="yellow"))
    if losing := [p for p in plan.tables if p.lost_rows]:
        lost = ", ".join(f"{p.table} {p.lost_rows:,}" for p in losing)
        said = f"stored rows that are expected to go: {lost}; and what is computed from them"
        lines.append(Text(said, style="red"))
    return Group(printed, *lines)


def verdict_table(verdicts: Iterable[Verdict]) -> FittingTable:
    """Proofs, one line each."""
    printed = FittingTable(
        "Proofs on this data",
        [
            Heading("table", left=True),
            Heading("proof", words=True),
            Heading("days"),
            Heading("verdict", words=True),
        ],
    )
    for verdict in verdicts:
        if not verdict.days:
            said = "[yellow]nothing to prove[/]"
        elif verdict.holds:
            said = "[green]holds[/]"
        else:
            said = f"[red]differs on {day_ranges(verdict.differing)}[/]"
        printed.add(verdict.table, verdict.proof, str(verdict.days), said)
    return printed


def running_table(instance: dg.DagsterInstance) -> FittingTable | None:
    """What running runs have done of what they planned, and when the slowest table will be done.

    Read from Dagster's record, because the embedded warehouse is closed to others while a run
    writes it. None when nothing runs; a run that was killed does not.
    """
    active, _ = unfinished_runs(instance)
    if not active:
        return None
    printed = FittingTable(
        "Running now",
        [
            Heading("table", left=True),
            Heading("done"),
            Heading("planned"),
            Heading("rate"),
            Heading("ready in"),
        ],
    )
    for record in active:
        planned = days_planned(instance, record.dagster_run)
        done = days_done(instance, record.dagster_run)
        since = record.start_time or dt.datetime.now(dt.UTC).timestamp()
        elapsed = max(dt.datetime.now(dt.UTC).timestamp() - since, 1.0)
        total_planned = sum(planned.values())
        total_done = sum(done.values())
        rate = total_done / elapsed
        left = (total_planned - total_done) / rate if rate else None
        # The table that is furthest behind says when all is done; the furthest ahead would hide it.
        for key in sorted(planned, key=lambda k: done.get(k, 0) / planned[k]):
            printed.add(key.to_user_string(), str(done.get(key, 0)), str(planned[key]), "", "")
        printed.add(
            "all",
            str(total_done),
            str(total_planned),
            f"{rate:.1f} days/s",
            "?" if left is None else f"{left:.0f} s",
        )
    return printed


def days_done(instance: dg.DagsterInstance, run: dg.DagsterRun) -> dict[dg.AssetKey, int]:
    """How many days of each asset a run has materialized."""
    found = instance.event_log_storage.get_asset_partitions_for_run(
        run.run_id, dg.DagsterEventType.ASSET_MATERIALIZATION
    )
    return {key: len(days) for key, days in found.items()}


def days_planned(instance: dg.DagsterInstance, run: dg.DagsterRun) -> dict[dg.AssetKey, int]:
    """How many days of each asset a run is to compute: from its plan, or as Dagster planned it."""
    if run.job_name == PLAN_JOB:
        plan = Plan.from_json(run.run_config["ops"][PLAN_OP]["config"]["plan"])
        return {dg.AssetKey(p.table): len(p.days) for p in plan.tables if p.days}
    found = instance.event_log_storage.get_asset_partitions_for_run(
        run.run_id, dg.DagsterEventType.ASSET_MATERIALIZATION_PLANNED
    )
    return {key: len(days) for key, days in found.items() if days}


def catalogue_markdown(catalogue: Catalogue) -> str:
    """The tables with grain and windows, as the README prints them."""
    lines = ["| table | grain | reads |", "|---|---|---|"]
    for table in catalogue:
        reads = ", ".join(
            f"{name} {window}" if window.is_dated else name for name, window in table.reads.items()
        )
        lines.append(f"| `{table.relation}` | {', '.join(table.grain)} | {reads} |")
    return "\n".join(lines)
