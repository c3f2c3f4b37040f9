"""nba-backfill accept: an operator's decision about refused content, kept with name and reason."""

from __future__ import annotations

import getpass
from collections.abc import Sequence

import click
from rich.markup import escape

from nba_backfill.backfill.accepting import NothingToAcceptError, accept, acceptable, revoke
from nba_backfill.backfill.mending import mending_command
from nba_backfill.cli.options import dates_option
from nba_backfill.cli.session import any_table, console, reading, writing
from nba_backfill.core.table import RawTable
from nba_backfill.warehouse.acceptance import AcceptanceEvent
from nba_backfill.warehouse.ledger import PartitionRecord


@click.command("accept")
@click.argument("table_name", metavar="TABLE", required=False)
@dates_option
@click.option("--game", help="Only what is refused of this game (or player, team: see status).")
@click.option("--check", help="Only what this check refused.")
@click.option("--because", help="Why; kept with your name and shown wherever the rows are.")
@click.option("--list", "listing", is_flag=True, help="Show the acceptances that stand.")
@click.option("--revoke", "revoked", multiple=True, metavar="ID", help="Take one back.")
def command(table_name, dates, game, check, because, listing, revoked) -> None:
    """Accept what a check refused, exactly as it is, or the absence of a day that broke.

    \b
    nba-backfill accept player_boxes --dates 2024-01-15 --because "box score confirmed by phone"
    nba-backfill accept nbac_gamebook_player_stats --dates 2024-01-15 --because "vendor withdrew it"
    nba-backfill accept --list
    nba-backfill accept --revoke 1a2b3c4d --because "was wrong after all"

    What is accepted is written by the next run, marked as accepted. It stands for exactly this
    content: when rows or findings change, the check asks anew. TABLE may be a raw table whose
    load was held back.
    """
    if listing:
        _list()
        return
    if not because:
        raise click.UsageError("--because is needed: the reason is kept with the decision")
    if revoked:
        events = _revoked(revoked, because)
    elif table_name and dates:
        events = _accepted(table_name, dates, game, check, because)
    else:
        raise click.UsageError("say which TABLE and --dates, or --list, or --revoke ID")
    for event in events:
        verb = "revoked" if event.revoked else "accepted"
        console.print(f"[yellow]{verb}[/] {event.acceptance_id}  {escape(str(event))}")
    console.print(f"{len(events)} decisions kept; carry them out with: {_next_command(events)}")


def _list() -> None:
    with reading() as warehouse:
        standing = list(warehouse.acceptances())
    for event in standing:
        console.print(f"{event.acceptance_id}  {escape(str(event))}", highlight=False)
    if not standing:
        console.print("no acceptance stands")


def _revoked(ids: Sequence[str], because: str) -> list[AcceptanceEvent]:
    with writing() as warehouse:
        events = revoke(warehouse.acceptances(), ids, by=getpass.getuser(), because=because)
        warehouse.record_acceptances(events)
    return events


def _accepted(name: str, dates, game, check, because: str) -> list[AcceptanceEvent]:
    table = any_table(name)
    with writing() as warehouse:
        history = warehouse.histories([table.relation])[table.relation]
        records = [r for d, r in history.by_day.items() if dates[0] <= d <= dates[1]]
        refused = list(acceptable(records, game=game, check=check))
        standing = warehouse.acceptances()
        events = accept(refused, standing, by=getpass.getuser(), because=because)
        if not events:
            raise NothingToAcceptError(_nothing_refused(name, records, refused))
        warehouse.record_acceptances(events)
    return events


def _nothing_refused(name: str, records: list[PartitionRecord], refused: list) -> str:
    if refused:
        return f"{name}: all that is refused there is accepted already. Nothing was changed."
    there = "; ".join(
        f"{r['unit'] or 'the day'} by {r['check']}" for record in records for r in record.refusals
    )
    return (
        f"{name}: nothing of that kind is refused in these days"
        f"{f'; refused there: {there}' if there else ''}. Nothing was changed."
    )


def _next_command(events: Sequence[AcceptanceEvent]) -> str:
    """What carries decisions out: all tables if they are about raw ones, else these and readers."""
    names = list(dict.fromkeys(event.table_name.rpartition(".")[2] for event in events))
    of_raw = any(isinstance(any_table(name), RawTable) for name in names)
    dates = min(e.day for e in events), max(e.day for e in events)
    if of_raw:
        return mending_command((), dates)
    return mending_command(names, dates, None, "--downstream")
