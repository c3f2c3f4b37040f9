"""nba-backfill verify: proofs on the user's own data."""

from __future__ import annotations

import sys

import click

from nba_backfill.backfill.report import verdict_table
from nba_backfill.backfill.verify import Verifier
from nba_backfill.cli.exits import COMPLETE, REFUSED
from nba_backfill.cli.options import dates_option, season_option
from nba_backfill.cli.session import chosen_days, chosen_tables, console, reading
from nba_backfill.definitions import CATALOGUE


@click.command("verify")
@click.argument("targets", nargs=-1)
@dates_option
@season_option
def command(targets, dates, season) -> None:
    """Prove on your own data that TARGETS are right; the warehouse itself is not changed.

    Computed again, day by day in no order, with windows taken away, and with everything after the
    day before taken away, the rows must be the same.
    """
    tables = chosen_tables(targets)
    verdicts = []
    with reading() as warehouse, warehouse.scratch() as scratch:
        verifier = Verifier(CATALOGUE, scratch, chosen_days(warehouse, dates, season))
        for table in tables:
            console.print(f"proving {table.name}")
            verdicts += verifier.proofs(table)
    console.print(verdict_table(verdicts))
    sys.exit(COMPLETE if all(verdict.holds for verdict in verdicts) else REFUSED)
