"""nba-backfill use-raw: another raw folder for a warehouse, on purpose."""

from __future__ import annotations

import getpass

import click

from nba_backfill.cli.session import console, resource
from nba_backfill.raw.source import source_of, use_folder


@click.command("use-raw")
def command() -> None:
    """Let the warehouse take its raw tables from where NBA_RAW_DIR points now.

    A warehouse is filled from one folder, and another is refused: its rows would replace every raw
    row there is. This records that you mean it. The next run loads the folder; days that would lose
    most of their rows are held back even then.
    """
    opened = resource()
    with opened.unloaded() as warehouse:
        before = source_of(warehouse)
        use_folder(warehouse, opened.raw_folder, getpass.getuser())
    console.print(
        f"raw tables come from {opened.raw_folder.resolve()} from now on (before: {before});"
        " see what that changes with: nba-backfill plan --missing-only"
    )
