"""nba-backfill status: what is there, what is missing, what was refused and why."""

from __future__ import annotations

import datetime as dt
import json
import sys
import time

import click
import dagster as dg
from rich.console import Group
from rich.live import Live
from rich.markup import escape
from rich.text import Text

from nba_backfill.backfill.coverage import (
    TableCoverage,
    as_data,
    as_table,
    cost_table,
    gap_lines,
    measure,
    strayed_lines,
    with_games,
)
from nba_backfill.backfill.mending import RANGE, mending_command
from nba_backfill.backfill.plan import Plan, plan
from nba_backfill.backfill.progress import Watch, in_a_line, progress_table
from nba_backfill.backfill.report import running_table
from nba_backfill.backfill.world import World
from nba_backfill.cli.exits import GAPS, REFUSED
from nba_backfill.cli.options import dates_option, json_option, season_option
from nba_backfill.cli.session import (
    chosen_tables,
    console,
    instance_of_dagster,
    reading,
    scheduled_days,
    speak_on_standard_error,
)
from nba_backfill.cli.verdict import held_back, verdict
from nba_backfill.core.process import killed_in_words, unfinished_runs
from nba_backfill.definitions import CATALOGUE
from nba_backfill.publishing.patterns import ROOT
from nba_backfill.publishing.report import count_table, counts
from nba_backfill.warehouse.ledger import PartitionRecord

SECONDS_BETWEEN_LOOKS, SECONDS_BETWEEN_LINES = 2, 10


@click.command("status")
@click.argument("targets", nargs=-1)
@dates_option
@season_option
@click.option("--table", "tables", multiple=True, help="The same as naming it in TARGETS.")
@click.option(
    "--recheck",
    is_flag=True,
    help="Ask the stored rows anew, and whether they are those that were computed.",
)
@json_option
@click.option("--watch", is_flag=True, help="Show running work until it ends, then the coverage.")
def command(targets, dates, season, tables, recheck, as_json, watch) -> None:
    """Coverage of TARGETS (tables or groups; default all) against the schedule, and the gaps.

    Of documents also how many there are of each kind.

    What the checks found is what was recorded with each day; --recheck runs them over the rows.
    Changes nothing, and works while a run writes.
    """
    if as_json:
        speak_on_standard_error()
    chosen = chosen_tables((*targets, *tables))
    with instance_of_dagster() as instance:
        if watch:
            _watch(instance)
        _say_what_runs(instance)
    with reading(bring_up=True, elsewhere=True) as warehouse:
        partitions = scheduled_days(warehouse, dates, season)
        world = World.look(CATALOGUE, warehouse, partitions)
        days = with_games(world, partitions)
        if not days:
            raise click.UsageError("the schedule has no games in these days")
        found = list(measure(CATALOGUE, warehouse, chosen, days, recheck=recheck))
        price = warehouse.price_per_tib
        documents = list(counts(warehouse, chosen, days[0], days[-1]))
        where = warehouse.files.uri(ROOT)
        due = plan(world, [table.name for table in chosen], days, missing_only=True)
        undeclared = {
            name: rows
            for name, rows in warehouse.recorded_tables().items()
            if name not in {table.relation for table in CATALOGUE.by_name.values()}
        }
    covered = as_table(found, f"{days[0]}{RANGE}{days[-1]}")
    published = count_table(documents, where) if documents else None
    for table in filter(None, (covered, cost_table(found, price), published)):
        console.print(table)
    for line in (*strayed_lines(found), *gap_lines(due)):
        console.print(line)
    if not due.is_empty:
        again = mending_command((*targets, *tables), dates, season)
        console.print(f"mend this with: {again}")
    records = [r for t in chosen for d in days if (r := world.histories[t.name].get(d))]
    code = verdict(world, [*records, *held_back(world)], success=True)
    relations = {table.relation for table in chosen} | {t.relation for t in CATALOGUE.raw}
    for event in world.accepted:
        if event.table_name in relations and days[0] <= event.day <= days[-1]:
            console.print(f"[yellow]accepted[/] {escape(str(event))} [{event.acceptance_id}]")
    for name, rows in sorted(undeclared.items()):
        console.print(f"[yellow]no longer declared[/] {name}: its {rows:,} rows are left alone")
    if code != REFUSED:
        wrong = any(one.failed_checks or one.strayed for one in found)
        code = REFUSED if wrong else code if due.is_empty else GAPS
    if as_json:
        click.echo(json.dumps(_as_data(found, due, records, days, code), indent=1))
    sys.exit(code)


def _say_what_runs(instance: dg.DagsterInstance) -> None:
    """Print how far running work is, and which runs were killed."""
    if (running := running_table(instance)) is not None:
        console.print(running)
    for record in unfinished_runs(instance)[1]:
        console.print(
            f"[yellow]killed[/] {killed_in_words(record)}; the next run or sync marks it as"
            " failed in Dagster"
        )


def _watch(instance: dg.DagsterInstance) -> None:
    """Show how far running work is until none runs: live in a terminal, else line by line."""
    watch = Watch()
    if not console.is_terminal:
        told: set[str] = set()
        while (progress := watch.look(instance)) is not None:
            console.print(in_a_line(progress), highlight=False)
            for error in dict.fromkeys(progress.errors):
                if error not in told:
                    console.print(Text(f"error {error}", style="red"))
                    told.add(error)
            time.sleep(SECONDS_BETWEEN_LINES)
        return
    with Live(console=console, refresh_per_second=2) as live:
        while (progress := watch.look(instance)) is not None:
            errors = (Text(error, style="red") for error in progress.errors)
            live.update(Group(progress_table(progress), Text(in_a_line(progress)), *errors))
            time.sleep(SECONDS_BETWEEN_LOOKS)


def _as_data(
    found: list[TableCoverage],
    due: Plan,
    records: list[PartitionRecord],
    days: list[dt.date],
    code: int,
) -> dict:
    return {
        "first_day": str(days[0]),
        "last_day": str(days[-1]),
        "tables": [as_data(one) for one in found],
        "due": {
            planned.table: {str(day): reason.value for day, reason in planned.days.items()}
            for planned in due.tables
        },
        "refused": [
            {"table": r.table_name, "day": str(r.day), "status": r.status.value, "reason": r.reason}
            for r in records
            if r.is_refused
        ],
        "exit_code": code,
    }
