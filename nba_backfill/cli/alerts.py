"""nba-backfill alerts: everything that is wrong now, with the command that mends it."""

from __future__ import annotations

import sys

import click

from nba_backfill.automation.delivery import DeliveryError, deliver
from nba_backfill.automation.triggers import now_in_the_east
from nba_backfill.automation.watch import alerts_now, stopped_work
from nba_backfill.backfill.alerts import News
from nba_backfill.cli.exits import BROKEN, COMPLETE, GAPS, REFUSED, Told
from nba_backfill.cli.session import console, instance_of_dagster, reading
from nba_backfill.definitions import CATALOGUE
from nba_backfill.resources import Settings


@click.command("alerts")
@click.option("--send", is_flag=True, help="Also send them as one digest to NBA_ALERTS_URLS.")
def command(send: bool) -> None:
    """Everything that is wrong now, errors first, each with the command that mends it.

    The sensor of the same name tells the same once, after each run or backfill, when the
    automation is on. Ends with 2 for an error, 1 for a warning, 0 if all is well.
    """
    with instance_of_dagster() as instance:
        stopped = stopped_work(instance)
    with reading(bring_up=True, elsewhere=True) as warehouse:
        found = alerts_now(CATALOGUE, warehouse, now_in_the_east(), stopped)
    for alert in found:
        console.print(str(alert), markup=False, highlight=False)
    if not found:
        console.print("nothing to tell: every day that is owed is there")
    if send:
        urls = Settings.from_environment().alerts_urls
        if not urls:
            raise click.UsageError("--send needs NBA_ALERTS_URLS; nothing was sent")
        try:
            deliver(urls, News.since((), found))
        except DeliveryError as error:
            raise Told(str(error), BROKEN) from error
        console.print(f"sent to {len(urls)} addresses")
    if any(alert.condition.is_error for alert in found):
        sys.exit(REFUSED)
    sys.exit(GAPS if found else COMPLETE)
