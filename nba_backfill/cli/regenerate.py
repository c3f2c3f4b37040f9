"""nba-backfill regenerate: everything in the checkout that is made from the declarations."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import click

from nba_backfill.backfill.report import catalogue_markdown
from nba_backfill.cli.exits import BROKEN, Told
from nba_backfill.cli.new_table import checkout
from nba_backfill.cli.session import console
from nba_backfill.definitions import CATALOGUE

SNAPSHOTS = "nba_backfill_tests/warehouse/test_dialect.py"
MADE = re.compile(r"\| table \| grain \| reads \|\n(\|.*\n)+")


@click.command("regenerate")
def command() -> None:
    """Write anew what is made from the declarations: README's tables, the statements for DuckDB.

    For a change of a declaration or a SELECT, in a checkout. Read the difference: it shows what
    DuckDB will be asked from now on.
    """
    project = checkout()
    readme = project / "README.md"
    text = readme.read_text(encoding="utf-8")
    if not MADE.search(text):
        raise Told(f"{readme} has no table that begins | table | grain | reads |", BROKEN)
    table = catalogue_markdown(CATALOGUE) + "\n"
    readme.write_text(MADE.sub(lambda _: table, text, count=1), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", SNAPSHOTS, "-k", "on_record or outlives"],
        cwd=project,
        env=os.environ | {"UPDATE_SNAPSHOTS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise Told(f"the statements for DuckDB were not written: {done.stdout}", BROKEN)
    console.print("README.md and the statements for DuckDB are as declared; see git diff")
