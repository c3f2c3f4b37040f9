"""nba-backfill report accuracy: how good the predictions were."""

from __future__ import annotations

from pathlib import Path

import click

from nba_backfill.cli.exits import GAPS, Told
from nba_backfill.cli.options import dates_option, season_option
from nba_backfill.cli.session import chosen_days, console, reading
from nba_backfill.definitions import CATALOGUE
from nba_backfill.predictions.grading.accuracy import accuracy, daily_sums, months_with_intervals
from nba_backfill.predictions.grading.accuracy_report import month_tables, picture, tables
from nba_backfill.predictions.grading.market import market_sums
from nba_backfill.predictions.grading.market_report import market_tables
from nba_backfill.predictions.grading.pool_quality import pool_quality, pool_table


@click.command("accuracy")
@dates_option
@season_option
@click.option(
    "--picture",
    "picture_file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Also draw the newest season's figures into this PNG file.",
)
def command(dates, season, picture_file) -> None:
    """How good the predictions were, by system and season, with counts and 95 % intervals.

    Against the season average, a blend of averages and, where there are lines, the line itself;
    hit rates by edge; of probabilities the Brier score beside the market's and their reliability;
    of picks the closing-line value. Only graded rows of players with minutes count. Then, by
    season, how many of those who played were predicted, and how many of those predicted played.
    """
    with reading() as warehouse:
        days = chosen_days(warehouse, dates, season)
        warehouse.ensure_table(CATALOGUE.table("prediction_accuracy"))
        warehouse.ensure_table(CATALOGUE.table("player_game_summary"))
        sums = daily_sums(warehouse, days[0], days[-1])
        pool = pool_quality(warehouse, days[0], days[-1])
        of_the_market = market_sums(warehouse, days[0], days[-1])
    if sums.empty:
        raise Told(
            f"no graded predictions between {days[0]} and {days[-1]}; compute them with:"
            " nba-backfill run phase5_grading --season 2023-24",
            GAPS,
        )
    found = accuracy(sums)
    months = months_with_intervals(sums)
    for table in (*tables(found), *month_tables(months), *market_tables(of_the_market)):
        console.print(table)
    console.print(pool_table(pool))
    if picture_file:
        picture_file.write_bytes(picture(found, sums))
        console.print(f"drawn into {picture_file}")
