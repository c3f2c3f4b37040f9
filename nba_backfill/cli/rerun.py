"""nba-backfill rerun: restate a range from one table on, and all that read it."""

from __future__ import annotations

import click

from nba_backfill.cli.options import Days
from nba_backfill.cli.run import command as run_command
from nba_backfill.cli.session import chosen_tables


@click.command("rerun")
@click.option("--dates", type=Days(), required=True, help="One day or a range to restate.")
@click.option("--from", "first", required=True, metavar="TABLE", help="The table to begin with.")
@click.pass_context
def command(ctx: click.Context, dates, first) -> None:
    """Compute TABLE anew on a range, then every computed day of other tables that reads it.

    For rows that another hand changed, duplicates it wrote among them, and for a correction that
    must go through whatever the ledger says: the days are replaced whole. What reads them is
    restated only where its inputs came out otherwise. The same as: run TABLE --dates a...b
    --downstream
    """
    chosen_tables((first,))
    ctx.invoke(
        run_command,
        targets=(first,),
        dates=dates,
        season=None,
        plan_file=None,
        via="process",
        downstream=True,
        missing_only=False,
        code_changed=False,
    )
