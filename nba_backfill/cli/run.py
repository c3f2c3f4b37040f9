"""nba-backfill run: compute tables and what they need, then show what is there."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from pathlib import Path

import click
import dagster as dg
from dagster._core.definitions.job_base import InMemoryJob
from dagster._core.execution.api import execute_run

from nba_backfill.backfill.apply import PLAN_JOB, PLAN_OP
from nba_backfill.backfill.cost import with_cost
from nba_backfill.backfill.coverage import TableCoverage, as_table, measure
from nba_backfill.backfill.daemon import submit
from nba_backfill.backfill.losses import with_losses
from nba_backfill.backfill.mending import RANGE, mending_command
from nba_backfill.backfill.plan import Plan, confirm
from nba_backfill.backfill.plan import plan as make_plan
from nba_backfill.backfill.report import plan_table
from nba_backfill.backfill.world import World
from nba_backfill.cli.exits import BROKEN, COMPLETE, StoppedError, Told, code_named
from nba_backfill.cli.options import (
    code_changed_option,
    dates_option,
    downstream_option,
    missing_only_option,
    season_option,
)
from nba_backfill.cli.session import (
    accept_schema_change,
    chosen_tables,
    console,
    definitions,
    instance_of_dagster,
    refuse_live,
    resource,
    scheduled_days,
    writing,
)
from nba_backfill.cli.signals import heard
from nba_backfill.cli.verdict import held_back, verdict
from nba_backfill.core.process import bury_dead_runs, process_tags
from nba_backfill.core.run_origin import job_origin
from nba_backfill.definitions import CATALOGUE


@click.command("run")
@click.argument("targets", nargs=-1)
@dates_option
@season_option
@downstream_option
@missing_only_option
@code_changed_option
@click.option(
    "--plan",
    "plan_file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Run exactly a saved plan; refused if the data has changed since.",
)
@click.option(
    "--accept-schema-change",
    "accepting",
    is_flag=True,
    help="Retype and drop stored columns that are not as declared (BigQuery asks for this word).",
)
@click.option(
    "--via",
    type=click.Choice(["process", "daemon"]),
    default="process",
    show_default=True,
    help="Here and now, or as a backfill for a running daemon.",
)
def command(targets, dates, season, plan_file, accepting, via, **options) -> None:
    """Compute TARGETS (tables or groups; default all) and what they need, then show the coverage.

    The run is recorded in the same Dagster instance that `make dev` shows. Days that fail are
    listed at the end; the others are written. Running again is safe: days are replaced whole.
    """
    started = time.perf_counter()
    if accepting:
        accept_schema_change()
    if plan_file and (targets or dates or season or any(options.values())):
        raise click.UsageError("--plan runs exactly what it says; nothing can be added to it")
    with writing() as warehouse:
        if plan_file:
            saved = Plan.from_json(plan_file.read_text(encoding="utf-8"))
            tables, days, options = chosen_tables(saved.targets), list(saved.days), saved.options
        else:
            tables, days = chosen_tables(targets), scheduled_days(warehouse, dates, season)
        refuse_live(tables, days)
        world = World.look(CATALOGUE, warehouse, days, later=options["downstream"])
        if plan_file:
            made = confirm(saved, world)
        else:
            made = make_plan(world, [table.name for table in tables], days, **options)
        made = with_cost(with_losses(made, world, warehouse), world, warehouse)
    asked = {(t.relation, day) for t in tables for day in days}
    with instance_of_dagster() as instance:
        bury_dead_runs(instance, console.print)
    if made.is_empty:
        console.print("Nothing to do: every day stands.")
        records = [r for t in tables for d in days if (r := world.histories[t.name].get(d))]
        sys.exit(verdict(world, [*records, *held_back(world)], success=True))
    console.print(plan_table(made))
    with instance_of_dagster() as instance:
        if via == "daemon":
            backfill_id = submit(made, world, definitions(), instance)
            console.print(
                f"backfill {backfill_id} submitted; a running daemon (make dev) executes it"
            )
            return
        try:
            done = execute(PLAN_JOB, instance, {PLAN_OP: {"config": {"plan": made.to_json()}}})
        except InterruptedRunError as interrupted:
            raise StoppedError(_how_far(interrupted.run_id, made)) from interrupted
    with writing() as warehouse:
        found = list(measure(CATALOGUE, warehouse, tables, days))
        world = World.look(CATALOGUE, warehouse, days)
    seconds = time.perf_counter() - started
    console.print(as_table(found, f"{days[0]}{RANGE}{days[-1]}, run in {seconds:.1f} s"))
    records = [
        record
        for table in CATALOGUE
        for record in world.histories[table.name].by_day.values()
        if record.run_id == done.run_id or (record.table_name, record.day) in asked
    ]
    code = verdict(world, [*records, *held_back(world)], success=done.success)
    console.print(_in_a_word(code, found))
    sys.exit(code)


def _in_a_word(code: int, found: Sequence[TableCoverage]) -> str:
    """How a run ended, and what to do next."""
    gaps = sum(one.gaps for one in found)
    look = "see it all with: nba-backfill report coverage, or make dev"
    if code == COMPLETE and not gaps:
        rows = sum(one.rows for one in found)
        return (
            f"[green]Complete:[/] {len(found)} tables, {rows:,} rows, no check refused any; {look}"
        )
    if code == COMPLETE:
        return f"[yellow]Done, with {gaps} table-days still missing:[/] see nba-backfill status"
    return f"[red]Not complete:[/] what to do is said above; {look}"


class InterruptedRunError(StoppedError):
    """A signal stopped a run between two statements; ``run_id`` is Dagster's."""

    def __init__(self, run_id: str) -> None:
        super().__init__("what was written is whole; the same command goes on")
        self.run_id = run_id


def execute(
    job: str, instance: dg.DagsterInstance, ops: dict | None = None
) -> dg.JobExecutionResult:
    """Run one of our jobs in this process, as a run that the UI shows among its own.

    Returns its result, whether or not a check refused something. Raises InterruptedRunError if a
    signal stopped it, and Told if it broke: what a check refuses is a Failure of ours, every other
    error is not.
    """
    definition = definitions().resolve_job_def(job)
    run = instance.create_run_for_job(
        definition,
        run_config={"loggers": {"console": {}}, "ops": ops or {}},
        tags=process_tags(),
        remote_job_origin=job_origin(job),
    )
    done = execute_run(InMemoryJob(definition), run, instance)
    if done.success:
        return done
    if heard():
        raise InterruptedRunError(done.run_id)
    if (broken := _broken(done)) is not None:
        raise broken
    return done


def _broken(done: dg.JobExecutionResult) -> Told | None:
    """What broke a run, at its root; None if nothing did but a Failure of ours."""
    steps = done.filter_events(lambda event: event.is_step_failure)
    if any(event.step_failure_data.user_failure_data for event in steps):
        return None
    errors = [event.step_failure_data.error for event in steps]
    errors += [
        event.job_failure_data.error
        for event in done.all_events
        if event.event_type is dg.DagsterEventType.RUN_FAILURE
    ]
    error = next((found for found in errors if found is not None), None)
    if error is None:
        return None
    while error.cause is not None and code_named(error.cls_name) is None:
        error = error.cause
    code = code_named(error.cls_name)
    if code is not None:
        return Told(error.message.partition(": ")[2].strip(), code)
    return Told(
        f"the run broke: {error.message.strip()}. What was written is whole; the trace is in"
        f" Dagster, run {done.run_id}",
        BROKEN,
    )


def _how_far(run_id: str, made: Plan) -> str:
    """What a stopped run wrote of its plan, and the command that does the rest."""
    with resource().unloaded() as warehouse:
        found = warehouse.histories(CATALOGUE.table(p.table).relation for p in made.tables)
    records = [r for history in found.values() for r in history.by_day.values()]
    written = [r for r in records if r.run_id == run_id]
    tables = {r.table_name for r in written}
    planned = sum(len(p.days) for p in made.tables)
    everything = tuple(table.name for table in chosen_tables(()))
    targets = () if made.targets == everything else made.targets
    again = mending_command(targets, (made.days[0], made.days[-1]))
    return (
        f"{len(written)} of {planned} table-days are written and whole, of {len(tables)} tables;"
        f" nothing else was changed. Go on with: {again}"
    )
