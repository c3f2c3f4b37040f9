"""nba-backfill sync: Dagster's record made to agree with the ledger."""

from __future__ import annotations

import sys

import click
import dagster as dg

from nba_backfill.backfill.sync import SYNC_JOB
from nba_backfill.cli.exits import BROKEN, COMPLETE, REFUSED
from nba_backfill.cli.run import execute
from nba_backfill.cli.session import instance_of_dagster, writing


@click.command("sync")
def command() -> None:
    """Make Dagster show what the ledger has, no less and no more; the rows are not touched.

    For a lost Dagster instance as for a new or restored warehouse. Ends with exit code 2 while the
    ledger holds something refused, which Dagster then shows as failed.
    """
    # Opened once before the run, so that what keeps it shut is said as every command says it.
    with writing():
        pass
    with instance_of_dagster() as instance:
        done = execute(SYNC_JOB, instance)
    sys.exit(COMPLETE if done.success else REFUSED if _is_refusal(done) else BROKEN)


def _is_refusal(done: dg.JobExecutionResult) -> bool:
    """Whether a run failed by saying what was refused, not by an error."""
    failures = done.filter_events(lambda event: event.is_step_failure)
    said = [event.step_failure_data.user_failure_data for event in failures]
    return bool(said) and None not in said
