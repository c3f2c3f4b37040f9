"""nba-backfill report coverage: the calendar heat map as one HTML file."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from nba_backfill.backfill.heat_map import CoverageReport, as_html
from nba_backfill.backfill.world import World
from nba_backfill.cli.exits import COMPLETE, GAPS
from nba_backfill.cli.options import dates_option, season_option
from nba_backfill.cli.session import console, reading, scheduled_days
from nba_backfill.definitions import CATALOGUE

DEFAULT_FILE = Path("coverage.html")


@click.command("coverage")
@dates_option
@season_option
@click.option(
    "--file",
    "target",
    type=click.Path(path_type=Path, dir_okay=False),
    default=DEFAULT_FILE,
    show_default=True,
    help="Where the HTML goes; an existing file is replaced.",
)
def command(dates, season, target) -> None:
    """Draw every table on every day into one HTML file: a calendar heat map with reasons.

    With it: what to mend and the command that does, games by layer and season, and the final
    coverage of every table. Needs no network to be looked at. Ends with 1 while something is due.
    """
    with reading(bring_up=True, elsewhere=True) as warehouse:
        days = scheduled_days(warehouse, dates, season)
        report = CoverageReport.of(World.look(CATALOGUE, warehouse, days), warehouse, days)
    target.write_text(as_html(report), encoding="utf-8")
    console.print(f"drawn into {target}; open it in a browser", highlight=False)
    for gap in report.gaps[:5]:
        tables = ", ".join(gap.tables[:3]) + (", ..." if len(gap.tables) > 3 else "")
        console.print(f"[red]{gap.state}[/] {tables}: {len(gap.days)} days, {gap.ranges}")
    if len(report.gaps) > 5:
        console.print(f"and {len(report.gaps) - 5} more, in the file")
    sys.exit(COMPLETE if report.is_whole else GAPS)
