"""nba-backfill sync: Dagster's record made to agree with the ledger."""

from __future__ import annotations

import click

from nba_backfill.backfill.apply import SYNC_JOB
from nba_backfill.cli.run import execute
from nba_backfill.cli.session import instance_of_dagster


@click.command("sync")
def command() -> None:
    """Rebuild Dagster's record of what is there from the ledger; the rows are not touched."""
    with instance_of_dagster() as instance:
        execute(SYNC_JOB, instance)
