"""nba-backfill rollback: back to the content before a run."""

from __future__ import annotations

import datetime as dt
import sys

import click
import dagster as dg

from nba_backfill.backfill.coverage import gap_lines
from nba_backfill.backfill.rollback import (
    ROLLED_BACK_TAG,
    as_table,
    due_after,
    find_run,
    look,
    rehearse,
    roll_back,
    runs_table,
)
from nba_backfill.backfill.sync import SYNC_JOB
from nba_backfill.cli.exits import COMPLETE, GAPS, REFUSED
from nba_backfill.cli.run import execute
from nba_backfill.cli.session import console, instance_of_dagster, reading, resource
from nba_backfill.definitions import CATALOGUE
from nba_backfill.resources import Settings


@click.command("rollback")
@click.argument("run_id", metavar="[RUN_ID]", required=False)
@click.option("--last", is_flag=True, help="The newest run that stands, instead of RUN_ID.")
@click.option("--list", "listing", is_flag=True, help="Show the runs that can be rolled back.")
@click.option("--yes", is_flag=True, help="Do it; without this it only shows what it would do.")
def command(run_id, last, listing, yes) -> None:
    """Put back what every table had before a run: rows, ledger and documents, all or nothing.

    \b
    nba-backfill rollback --list
    nba-backfill rollback --last              shows what would be put back
    nba-backfill rollback --last --yes        puts it back

    What runs displace is kept of the newest NBA_KEEP_RUNS runs. Refused where a later run wrote the
    same days. Raw tables and acceptances stay as they are; days whose inputs are other ones now
    are stale afterwards, and the next run computes them anew. Ends with 1 if any are.
    """
    if listing:
        if run_id or last or yes:
            raise click.UsageError("--list only shows; give it alone")
        with reading() as warehouse:
            console.print(runs_table(warehouse))
        return
    if bool(run_id) == last:
        raise click.UsageError("say which run: RUN_ID, or --last; --list shows them")
    # Raw tables as they were loaded last: nothing is computed, so nothing need be loaded.
    with resource().unloaded() as warehouse:
        run = find_run(warehouse, run_id)
        asked = look(CATALOGUE, warehouse, run)
        console.print(as_table(asked))
        due = rehearse(CATALOGUE, warehouse, asked)
        if not yes:
            _say_what_is_due(due, after=False)
            console.print(
                f"Nothing was changed. Do it with: nba-backfill rollback {run.run_id} --yes",
                highlight=False,
            )
            return
        roll_back(warehouse, asked)
        due = due_after(CATALOGUE, warehouse, asked)
    console.print(f"[green]Rolled back[/] run {run.run_id}", highlight=False)
    with instance_of_dagster() as instance:
        done = _tell_dagster(instance, run.run_id)
    _say_what_is_due(due, after=True)
    sys.exit(GAPS if not due.is_empty else COMPLETE if done else REFUSED)


def _tell_dagster(instance: dg.DagsterInstance, run_id: str) -> bool:
    """Make Dagster show what is there now; whether the ledger holds nothing refused."""
    if instance.has_run(run_id):
        instance.add_run_tags(run_id, {ROLLED_BACK_TAG: f"{dt.datetime.now(dt.UTC):%F %T} UTC"})
    console.print("Dagster's record is made to agree; if that is stopped: nba-backfill sync")
    return execute(SYNC_JOB, instance).success


def _say_what_is_due(due, *, after: bool) -> None:
    """The days that would not stand, what computes them anew, and how to hold that back."""
    for line in gap_lines(due):
        console.print(line)
    if due.is_empty:
        return
    automatic = Settings.from_environment().automation
    console.print(
        f"These days {'are' if after else 'would be'} due: missing, or computed from other inputs"
        " or by other code than there are now. The next run of them computes them anew"
        f"{', and NBA_AUTOMATION=on does within minutes' if automatic else ''}. To keep what"
        f" {'was' if after else 'is'} put back, put the raw files or the code of then back first,"
        " or switch automation off (NBA_AUTOMATION=off) and run no command over these days"
    )
