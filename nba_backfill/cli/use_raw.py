"""nba-backfill use-raw: another raw folder for a warehouse, on purpose."""

from __future__ import annotations

import getpass

import click

from nba_backfill.cli.session import console, resource


@click.command("use-raw")
def command() -> None:
    """Let the warehouse take its raw tables from where NBA_RAW_DIR points now.

    A warehouse is filled from one folder, and another is refused: its rows would replace every raw
    row there is. This records that you mean it. The next run loads the folder; days that would lose
    most of their rows are held back even then.
    """
    taken = resource().take_raw_from_here(getpass.getuser())
    console.print(
        f"raw tables come from {taken}; see what that changes with: nba-backfill plan"
        " --missing-only"
    )
