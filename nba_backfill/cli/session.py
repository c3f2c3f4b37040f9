"""What the commands share: the definitions, the Dagster instance, the warehouse, the choice."""

from __future__ import annotations

import datetime as dt
import os
import sys
import warnings
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path

import click
import dagster as dg
from rich.console import Console

from nba_backfill.cli.options import NEWEST
from nba_backfill.core.partitions import DAYS, live_days, partitions_between
from nba_backfill.core.publication import Kind, live_only
from nba_backfill.core.season import FINALS_MONTH, HISTORY_START, Season
from nba_backfill.core.table import RawTable, Table
from nba_backfill.definitions import CATALOGUE, defs
from nba_backfill.materialization.catalogue import seasons_of
from nba_backfill.raw.home import WarehouseResource
from nba_backfill.resources import STATE_FOLDER, Settings, build_resources
from nba_backfill.warehouse.protocol import Warehouse

WIDTH_OF_A_FILE = 210
console = Console(width=None if sys.stdout.isatty() else WIDTH_OF_A_FILE)


def accept_schema_change() -> None:
    """Let this process change stored columns that are not as declared, where that must be asked."""
    os.environ["NBA_BIGQUERY_ACCEPT_SCHEMA_CHANGE"] = "yes"
    definitions.cache_clear()


def speak_on_standard_error() -> None:
    """For the rest of the command, leave standard output to what a program reads."""
    console.stderr = True
    click.get_current_context().call_on_close(lambda: setattr(console, "stderr", False))


@lru_cache(maxsize=1)
def definitions() -> dg.Definitions:
    """The definitions, built once per command: an environment that is wrong is said then."""
    return defs()


def resource() -> WarehouseResource:
    """The warehouse that the environment names, not opened yet; without building any asset."""
    return build_resources(Settings.from_environment())["warehouse"]


@contextmanager
def instance_of_dagster() -> Iterator[dg.DagsterInstance]:
    """The Dagster instance that `dagster` itself would use here, kept between runs."""
    if os.environ.get("DAGSTER_HOME"):
        with dg.DagsterInstance.get() as instance:
            yield instance
        return
    here = Path.cwd()
    home = STATE_FOLDER / "dagster"
    home.mkdir(parents=True, exist_ok=True)
    config = here if (here / "dagster.yaml").is_file() else home
    with dg.DagsterInstance.from_config(str(config.resolve())) as instance:
        yield instance


@contextmanager
def writing() -> Iterator[Warehouse]:
    """The warehouse outside a run, to be changed; raw tables are brought up to their files."""
    opened = resource()
    warehouse = opened.open(lambda line: console.print(line, style="dim"))
    try:
        yield warehouse
    finally:
        opened.close()


@contextmanager
def reading(*, bring_up: bool = False, elsewhere: bool = False) -> Iterator[Warehouse]:
    """The warehouse as last committed; nothing is changed, and nothing need be free.

    ``bring_up``: with the raw files as they are now, loaded in memory only; otherwise as they were
    loaded last, and a line says when they have moved. ``elsewhere``: raw files of another folder
    than the warehouse's are left aside and told, not refused.
    """
    warehouse = resource().read(
        lambda line: console.print(line, style="dim"), bring_up=bring_up, elsewhere=elsewhere
    )
    try:
        yield warehouse
    finally:
        warehouse.close()


def chosen_tables(targets: Sequence[str]) -> list[Table]:
    """Tables by name, by group, by Dagster's selection syntax, or all of them, upstream first.

    A usage error for unknown names and for a selection that cannot be read or selects nothing.
    Documents that stand for one moment, or that are many, are chosen by their own name only.
    """
    groups = {table.layer.value for table in CATALOGUE}
    known = [*groups, *CATALOGUE.order]
    plain = {name for name in targets if name.replace("_", "").isalnum()}
    if unknown := sorted(plain - set(known)):
        raise click.UsageError(unknown_name("table or group", unknown, known))
    chosen = set(plain)
    for selection in targets:
        if selection not in plain:
            chosen |= _selected(selection)
    return [
        table
        for table in CATALOGUE
        if table.name in plain
        or ((not targets or {table.name, table.layer.value} & chosen) and _is_by_default(table))
    ]


def _is_by_default(table: Table) -> bool:
    return table.publication is None or table.publication.kind.is_by_default


def refuse_live(tables: Iterable[Table], days: Iterable[dt.date]) -> None:
    """A usage error if live documents are asked for of a day whose games are not on now."""
    live = [t.name for t in tables if t.publication and t.publication.kind is Kind.LIVE]
    past = sorted(set(days).difference(live_days()))
    if live and past:
        raise click.UsageError(live_only(live, past))


def _selected(selection: str) -> set[str]:
    """Names of computed tables that a selection like ``+x``, ``x+`` or ``group:x`` means."""
    groups = {table.layer.value for table in CATALOGUE}
    name = selection.strip("+0123456789")
    if name.replace("_", "").isalnum():
        if name not in groups and name not in CATALOGUE.order:
            known = [*groups, *CATALOGUE.order]
            raise click.UsageError(unknown_name("table or group", [name], known))
        selection = selection.replace(name, f"{'group' if name in groups else 'key'}:{name}")
    try:
        with warnings.catch_warnings():
            # Dagster's own parser hands a beta parameter to Dagster's own classes.
            warnings.filterwarnings(
                "ignore", category=dg.BetaWarning, message=".*include_sources.*"
            )
            chosen = dg.AssetSelection.from_string(selection)
        keys = chosen.resolve(definitions().resolve_asset_graph())
    except dg.DagsterError as error:
        first = str(error).partition("\n")[0]
        raise click.UsageError(f"{selection!r} is no selection: {first}") from error
    found = {key.path[-1] for key in keys if len(key.path) == 1}
    if not found & set(CATALOGUE.order):
        raise click.UsageError(f"{selection!r} selects no table that is computed")
    return found


def any_table(name: str) -> Table | RawTable:
    """A table by its bare name, raw or computed; a usage error with near names if it is none."""
    if name in CATALOGUE.by_name:
        return CATALOGUE.by_name[name]
    raise click.UsageError(unknown_name("table", [name], list(CATALOGUE.by_name)))


def unknown_name(kind: str, names: list[str], known: list[str]) -> str:
    """What to say of names that nothing has, with the nearest that something has."""
    near = [match for name in names for match in get_close_matches(name, known, n=2)]
    if near:
        hint = f"; did you mean {' or '.join(dict.fromkeys(near))}?"
    else:
        hint = f"; there are: {', '.join(known)}"
    return f"no {kind} called {', '.join(names)}{hint}"


def chosen_days(warehouse: Warehouse, dates, season: str | None) -> list[dt.date]:
    """The partition days that --dates or --season mean; all there are if neither is given.

    A usage error for both, and for dates outside history or without any partition.
    """
    first, last = HISTORY_START, dt.date.fromisoformat(DAYS.get_last_partition_key())
    if dates and season:
        raise click.UsageError("--dates and --season say the same thing; give one of them")
    if dates:
        outside = [day for day in dates if not first <= day <= last]
        if outside:
            raise click.UsageError(
                f"{outside[0]} is outside history, which runs from {first} to {last}"
            )
        first, last = dates
    elif season:
        chosen = _newest_season(warehouse) if season == NEWEST else Season.parse(season)
        first, last = max(chosen.first_day, first), min(chosen.last_day, last)
    days = partitions_between(first, last) if first <= last else []
    if not days:
        raise click.UsageError(
            f"no partition between {first} and {last}: July to September are left out, and"
            f" history runs from {HISTORY_START} to {DAYS.get_last_partition_key()}"
        )
    return days


def scheduled_days(warehouse: Warehouse, dates, season: str | None) -> list[dt.date]:
    """As :func:`chosen_days`, of a season or of all history only days the schedule reaches.

    Days named one by one are taken as they are: what lies beyond the schedule is then said.
    """
    days = chosen_days(warehouse, dates, season)
    if dates:
        return days
    last = CATALOGUE.calendar(warehouse, seasons_of(days)).reach.last
    reached = [
        day
        for day in days
        if (end := last.get(Season.of(day))) and (day <= end or end.month == FINALS_MONTH)
    ]
    if not reached:
        raise click.UsageError(
            f"no schedule of {', '.join(map(str, seasons_of(days)))} has arrived; load it first"
        )
    return reached


def _newest_season(warehouse: Warehouse) -> Season:
    """The newest season that the schedule reaches."""
    newest = dt.date.fromisoformat(DAYS.get_last_partition_key())
    every = [Season(y) for y in range(HISTORY_START.year, Season.of(newest).year + 1)]
    last = CATALOGUE.calendar(warehouse, every).reach.last
    if not last:
        raise click.UsageError("no schedule of any season has arrived; load it first")
    return max(last)
