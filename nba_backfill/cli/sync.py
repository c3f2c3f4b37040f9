"""nba-backfill sync: Dagster's record made to agree with the ledger."""

from __future__ import annotations

import sys

import click

from nba_backfill.backfill.sync import SYNC_JOB
from nba_backfill.cli.exits import COMPLETE, REFUSED
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
    sys.exit(COMPLETE if done.success else REFUSED)
