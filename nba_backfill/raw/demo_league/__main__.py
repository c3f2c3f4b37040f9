"""``python -m nba_backfill.raw.demo_league FOLDER --seasons 2024-25``: write a demo league."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import click

from nba_backfill.core.season import Season
from nba_backfill.raw.demo_league import DEMO_SEASONS, write_demo_league


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--seasons", multiple=True, help="Season like 2024-25; repeat for more. Default all.")
@click.option("--seed", default=7, show_default=True, help="Another seed is another league.")
@click.option("--through", type=click.DateTime(["%Y-%m-%d"]), help="Last game day to play.")
@click.option("--defects", is_flag=True, help="Add the defects of the real vendors.")
def main(
    folder: Path,
    seasons: tuple[str, ...],
    seed: int,
    through: dt.datetime | None,
    *,
    defects: bool,
) -> None:
    """Write a demo league to FOLDER."""
    try:
        league = write_demo_league(
            folder,
            [Season.parse(text) for text in seasons] or DEMO_SEASONS,
            seed=seed,
            defects=defects,
            through=through.date() if through else None,
            progress=click.echo,
        )
    except ValueError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{league.folder}: {sum(league.rows.values()):,} rows, {league.defects} defects")


if __name__ == "__main__":
    main()
