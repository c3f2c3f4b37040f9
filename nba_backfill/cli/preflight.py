"""nba-backfill preflight: what must be there before days are computed."""

from __future__ import annotations

import sys

import click

from nba_backfill.backfill.health import cures, exit_code, findings_table
from nba_backfill.backfill.preflight import preflight, trial
from nba_backfill.backfill.world import World
from nba_backfill.cli.options import dates_option, season_option
from nba_backfill.cli.session import chosen_tables, console, reading, scheduled_days
from nba_backfill.core.table import Layer
from nba_backfill.definitions import CATALOGUE


@click.command("preflight")
@click.argument("targets", nargs=-1)
@dates_option
@season_option
@click.option("--quick", is_flag=True, help="Leave out the trial computation of one day.")
def command(targets, dates, season, quick) -> None:
    """Whether TARGETS can be computed: schedule, raw tables, what upstream is refused, a trial day.

    Changes nothing. Ends with 0 if all checks pass, 1 if one fails, 2 if one warns.
    """
    chosen = chosen_tables(targets)
    with reading(bring_up=True) as warehouse:
        days = scheduled_days(warehouse, dates, season)
        world = World.look(CATALOGUE, warehouse, days)
        found = list(preflight(world, warehouse, days, [table.name for table in chosen]))
        if not quick:
            played = [d for d in days if any(g.is_over for g in world.calendar.games(d))]
            with warehouse.scratch() as scratch:
                found.append(trial(world, scratch, played, Layer.ANALYTICS, essential=True))
                found.append(trial(world, scratch, played, Layer.PRECOMPUTE, essential=False))
    console.print(findings_table(f"Preflight, {days[0]}...{days[-1]}", found))
    for line in cures(found):
        console.print(line)
    sys.exit(exit_code(found))
