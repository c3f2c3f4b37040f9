"""nba-backfill plan: what would run, and why."""

from __future__ import annotations

from pathlib import Path

import click

from nba_backfill.backfill.cost import with_cost
from nba_backfill.backfill.losses import with_losses
from nba_backfill.backfill.plan import plan as make_plan
from nba_backfill.backfill.report import plan_table
from nba_backfill.backfill.world import World
from nba_backfill.cli.options import (
    code_changed_option,
    dates_option,
    downstream_option,
    json_option,
    missing_only_option,
    season_option,
)
from nba_backfill.cli.session import (
    chosen_tables,
    console,
    reading,
    refuse_live,
    scheduled_days,
    speak_on_standard_error,
)
from nba_backfill.definitions import CATALOGUE


@click.command("plan")
@click.argument("targets", nargs=-1)
@dates_option
@season_option
@downstream_option
@missing_only_option
@code_changed_option
@json_option
@click.option("--save", type=click.Path(path_type=Path, dir_okay=False), help="Write it to a file.")
def command(targets, dates, season, as_json, save, **options) -> None:
    """Show what computing TARGETS would run, and why, without running it.

    Every table that must be computed first is carried: only the days inside the windows, and only
    those that are missing, refused or stale. A saved plan is run by: nba-backfill run --plan FILE

    TARGETS are tables or groups, or selections as Dagster writes them: '+player_daily_cache',
    'team_boxes+', 'group:staging'.
    """
    if as_json:
        speak_on_standard_error()
    tables = chosen_tables(targets)
    with reading(bring_up=True) as warehouse:
        days = scheduled_days(warehouse, dates, season)
        refuse_live(tables, days)
        world = World.look(CATALOGUE, warehouse, days, later=options["downstream"])
        made = make_plan(world, [table.name for table in tables], days, **options)
        made = with_cost(with_losses(made, world, warehouse), world, warehouse)
    if as_json:
        click.echo(made.to_json())
    else:
        console.print("Nothing to do: every day stands." if made.is_empty else plan_table(made))
    if save:
        made.save(save)
        console.print(f"saved to {save}; run it with: nba-backfill run --plan {save}")
