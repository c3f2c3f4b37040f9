"""nba-backfill training-set: whether the feature store may be trained on, and taking it out."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import click
from rich.table import Table as RichTable

from nba_backfill.backfill.training import Readiness, readiness
from nba_backfill.cli.exits import GAPS, Told
from nba_backfill.cli.options import SeasonName, dates_option, season_option
from nba_backfill.cli.session import console, reading, scheduled_days
from nba_backfill.core.season import Season
from nba_backfill.definitions import CATALOGUE
from nba_backfill.materialization.catalogue import seasons_of
from nba_backfill.predictions.forecasting.training_set import data_card, training_rows
from nba_backfill.warehouse.protocol import Warehouse

CARD = "data_card.json"


@click.group("training-set")
def command() -> None:
    """The feature store with labels: may it be trained on, and as Parquet files."""


@command.command("check")
@dates_option
@season_option
def check_command(dates, season) -> None:
    """Say which requirements of training the feature store meets; exit code 1 if not all.

    Complete, uncontaminated, 33 features in the models' order without unknown values, nothing of
    the day itself, a label for those who played. Changes nothing.
    """
    with reading() as warehouse:
        found = _judged(warehouse, scheduled_days(warehouse, dates, season))
    if found.not_met:
        raise Told(_not_ready(found), GAPS)
    console.print("[green]ready[/]: the feature store may be trained on")


@command.command("export")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option(
    "--season",
    "names",
    type=SeasonName(),
    multiple=True,
    help="A season like 2023-24, or newest; may be given several times. Default: all there are.",
)
@click.option(
    "--even-if-not-ready",
    is_flag=True,
    help="Write although a requirement is not met; the data card then says which.",
)
def export_command(folder, names, even_if_not_ready) -> None:
    """Write one Parquet file per season and a data card into FOLDER.

    A row is a player of the store who played: features under their names, their provenance, and
    the points he scored. The card holds rows, days, nulls and the hash of the features' order.
    Nothing is written if a requirement of `training-set check` is not met.
    """
    with reading() as warehouse:
        days = _days_of(warehouse, names)
        found = _judged(warehouse, days)
        if found.not_met and not even_if_not_ready:
            raise Told(f"{_not_ready(found)}\nNothing was written.", GAPS)
        seasons = {}
        for season in seasons_of(days):
            of_season = [day for day in days if season == Season.of(day)]
            rows = training_rows(warehouse, of_season[0], of_season[-1])
            if not rows.empty:
                seasons[season] = rows
    folder.mkdir(parents=True, exist_ok=True)
    for season, rows in seasons.items():
        file = folder / f"training_set_{season}.parquet"
        rows.to_parquet(file, index=False)
        console.print(f"{file}: {len(rows):,} rows of {rows['game_date'].nunique()} days")
    card = data_card(seasons, [str(one) for one in found.not_met])
    (folder / CARD).write_text(json.dumps(card, indent=2) + "\n", encoding="utf-8")
    console.print(f"{folder / CARD}: {card['rows']:,} rows, order {card['feature_order_hash']}")
    if found.not_met:
        raise Told(f"written although {_not_ready(found)}", GAPS)


def _days_of(warehouse: Warehouse, names: tuple[str, ...]) -> list[dt.date]:
    """Days of the named seasons that the schedule reaches, in order; of all if none is named."""
    chosen = [scheduled_days(warehouse, None, name) for name in names or (None,)]
    return sorted({day for days in chosen for day in days})


def _judged(warehouse: Warehouse, days: list[dt.date]) -> Readiness:
    """Judge the store and print what was found."""
    found = readiness(CATALOGUE, warehouse, days)
    table = RichTable(title=f"Feature store, {days[0]} to {days[-1]}", title_justify="left")
    for name in ("season", "days", "rows", "who played", "labelled"):
        table.add_column(name, justify="left" if name == "season" else "right", no_wrap=True)
    for one in found.seasons:
        table.add_row(
            str(one.season),
            f"{one.days:,}",
            f"{one.rows:,}",
            f"{one.played:,}",
            f"{one.labelled:,}",
        )
    console.print(table)
    for requirement in found.requirements:
        mark = "[green]met[/]    " if requirement.holds else "[red]not met[/]"
        console.print(f"{mark} {requirement.name}: {requirement.found}")
    return found


def _not_ready(found: Readiness) -> str:
    causes = "\n".join(f"  {one}" for one in found.not_met)
    return f"not ready to be trained on:\n{causes}"
