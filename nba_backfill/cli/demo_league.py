"""nba-backfill demo-league: simulated seasons as raw Parquet tables."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import click

from nba_backfill.cli.options import NEWEST, SeasonName
from nba_backfill.cli.session import console
from nba_backfill.core.season import Season
from nba_backfill.raw.demo_league import DEMO_SEASONS, write_demo_league


@click.command("demo-league")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option(
    "--season", "seasons", multiple=True, type=SeasonName(), help="Like 2023-24; default all."
)
@click.option("--seed", default=7, show_default=True, help="Another seed is another league.")
@click.option("--defects", is_flag=True, help="With the real world's defects in the raw tables.")
@click.option("--through", type=click.DateTime(["%Y-%m-%d"]), help="Last game day to play.")
def command(
    folder: Path,
    seasons: tuple[str, ...],
    seed: int,
    defects: bool,
    through: dt.datetime | None,
) -> None:
    """Write simulated seasons to FOLDER as raw Parquet tables; use it as NBA_RAW_DIR."""
    if folder.exists():
        raise click.UsageError(f"{folder} exists already; nothing was written")
    chosen = [
        DEMO_SEASONS[-1] if text == NEWEST else Season.parse(text) for text in seasons
    ] or list(DEMO_SEASONS)
    written = write_demo_league(
        folder,
        chosen,
        seed=seed,
        defects=defects,
        through=through.date() if through else None,
        progress=console.print,
    )
    games = sum(truth.games for truth in written.seasons)
    console.print(
        f"{len(written.seasons)} seasons, {games:,} games in {folder}, with"
        f" {written.defects} defects; use it with: export NBA_RAW_DIR={folder.resolve()}"
    )
