"""nba-backfill live-scores: fetch the scores of this moment."""

from __future__ import annotations

import datetime as dt

import click

from nba_backfill.cli.session import console
from nba_backfill.core.partitions import today
from nba_backfill.publishing.live.feed import keep
from nba_backfill.resources import Settings, live_feed
from nba_backfill.warehouse.stores import file_store


@click.command("live-scores")
def command() -> None:
    """Fetch the live box scores once and keep them in the export store.

    The tables live_scores and live_grading are made of what was fetched last. Where the feed fails
    nothing is kept, and what was fetched before stays.
    """
    files = file_store(Settings.from_environment().export_url)
    found = live_feed().fetch(dt.datetime.now(dt.UTC))
    keep(files, found)
    console.print(
        f"{len(found.games)} games kept; publish them with: nba-backfill run live_scores"
        f" live_grading --dates {max((game.date for game in found.games), default=today())}"
    )
