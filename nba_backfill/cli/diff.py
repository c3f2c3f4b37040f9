"""nba-backfill diff: what rolling out changed code would change, before it does."""

from __future__ import annotations

import sys

import click

from nba_backfill.backfill.difference import column_lines, difference_table, differences
from nba_backfill.backfill.plan import plan as make_plan
from nba_backfill.backfill.report import plan_table
from nba_backfill.backfill.world import World
from nba_backfill.cli.exits import COMPLETE, GAPS, REFUSED
from nba_backfill.cli.options import dates_option, season_option
from nba_backfill.cli.session import (
    chosen_tables,
    console,
    reading,
    refuse_live,
    scheduled_days,
)
from nba_backfill.definitions import CATALOGUE


@click.command("diff")
@click.argument("targets", nargs=-1)
@dates_option
@season_option
@click.option("--downstream", is_flag=True, help="Also the tables that read what would change.")
def command(targets, dates, season, downstream) -> None:
    """What `run --code-changed` would change of TARGETS and of what they read, and what it costs.

    Days that other code computed, or that are due, are computed in scratch space and compared with
    the rows as stored: rows added, removed and changed; by column in how many rows and by how much,
    with samples. No row is written; fitted models, which are files named by what they were fitted
    on, are kept. Ends with 0 if nothing would change, 1 if something would, 2 if days would be
    refused.
    """
    tables = chosen_tables(targets)
    with reading(bring_up=True) as warehouse:
        days = scheduled_days(warehouse, dates, season)
        refuse_live(tables, days)
        world = World.look(CATALOGUE, warehouse, days, later=downstream)
        names = [table.name for table in tables]
        made = make_plan(world, names, days, code_changed=True, downstream=downstream)
        if made.is_empty:
            console.print("Nothing would change: every day stands, and is by the code as it is.")
            return
        console.print(plan_table(made))
        found = []
        with warehouse.scratch() as scratch:
            planned = [(p.table, sorted(p.days)) for p in made.tables]
            for one in differences(CATALOGUE, scratch, planned):
                found.append(one)
                console.print(f"{len(found)} of {len(planned)} tables compared", style="dim")
    console.print(difference_table(found))
    for line in column_lines(found):
        console.print(line)
    if all(one.is_none for one in found):
        console.print("Every row would stay as it is.")
        sys.exit(COMPLETE)
    console.print("roll it out with: nba-backfill run --code-changed")
    sys.exit(REFUSED if any(one.refused for one in found) else GAPS)
