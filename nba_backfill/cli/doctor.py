"""nba-backfill doctor: what is wrong with the installation, and the cure."""

from __future__ import annotations

import datetime as dt
import shutil
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

import apprise
import click
from packaging.requirements import Requirement

from nba_backfill.backfill.coverage import strayed_days
from nba_backfill.backfill.health import Finding, cures, exit_code, findings_table
from nba_backfill.backfill.sync import Disagreement
from nba_backfill.cli.session import console, definitions, instance_of_dagster, resource
from nba_backfill.core.process import killed_in_words, unfinished_runs
from nba_backfill.definitions import CATALOGUE
from nba_backfill.materialization.catalogue import seasons_of
from nba_backfill.materialization.other_code import by_other_code
from nba_backfill.publishing.missing import missing_documents
from nba_backfill.raw.home import RawContractError, WarehouseResource
from nba_backfill.raw.source import OtherRawFolderError
from nba_backfill.resources import ConfigurationError, Settings
from nba_backfill.warehouse.protocol import Warehouse, WarehouseBusyError, WarehouseError

LITTLE_SPACE = 2 * 2**30
"""Bytes free below which a run of all history may not fit."""


@click.command("doctor")
def command() -> None:
    """What is wrong with this installation, and the cure; changes nothing.

    Looks at the environment, versions, space, the raw folder, the warehouse file, whether ledger
    and tables agree, whether Dagster and ledger agree, and runs that were killed. Ends with 0 if
    all checks pass, 1 if one fails, 2 if one warns.
    """
    found = list(examine())
    console.print(findings_table("Doctor", found))
    for line in cures(found):
        console.print(line)
    sys.exit(exit_code(found))


def examine() -> Iterator[Finding]:
    """Every check; what cannot be asked because an earlier one failed is left out."""
    try:
        settings = Settings.from_environment()
        opened = resource()
    except ConfigurationError as error:
        yield Finding.fail("environment", str(error), "set the variable as the message says")
        return
    where = settings.duckdb_path if settings.home.one_writer else settings.bigquery_project
    yield Finding.ok("environment", f"warehouse {settings.warehouse}: {where}")
    yield from _versions()
    yield _loads()
    if settings.home.one_writer:
        yield _space(settings.duckdb_path)
    yield from _addresses(settings.alerts_urls)
    yield from _raw_tables(opened)
    lines: list[str] = []
    try:
        warehouse = opened.read(lines.append)
    except WarehouseBusyError as error:
        yield Finding.fail("warehouse", str(error), "wait for the other process, then again")
        return
    except WarehouseError as error:
        cure = "restore the file, or move it away" if settings.home.one_writer else "see above"
        yield Finding.fail("warehouse", str(error), cure)
        return
    try:
        writer = next((line for line in lines if "is writing" in line), None)
        if writer:
            cure = "wait for it; if it hangs, end it: what it wrote is whole"
            yield Finding.warn("warehouse", writer, cure)
        else:
            yield Finding.ok("warehouse", "can be read, and nobody holds it")
        yield _rows_as_recorded(warehouse)
        yield _documents(warehouse, settings.export_url)
        yield _code(warehouse)
        yield from _dagster(warehouse)
    finally:
        warehouse.close()


def _versions() -> Iterator[Finding]:
    """Installed packages against what the project asks for."""
    drifted = []
    for text in requires("nba-backfill") or ():
        asked = Requirement(text)
        if asked.marker is not None and not asked.marker.evaluate():
            continue
        try:
            installed = version(asked.name)
        except PackageNotFoundError:
            drifted.append(f"{asked.name} is not installed")
            continue
        if not asked.specifier.contains(installed, prereleases=True):
            drifted.append(f"{asked.name} {installed}, not {asked.specifier}")
    if drifted:
        cure = "pip install -r requirements.lock"
        yield Finding.fail("versions", "; ".join(drifted), cure)
    else:
        yield Finding.ok("versions", f"as asked for; dagster {version('dagster')}")


def _loads() -> Finding:
    tables = len(CATALOGUE.order)
    keys = definitions().resolve_asset_graph().materializable_asset_keys
    if len(keys) < tables:
        return Finding.fail(
            "definitions",
            f"{len(keys)} assets of {tables} tables",
            "install it anew",
        )
    return Finding.ok("definitions", f"{tables} tables load")


def _space(path: Path) -> Finding:
    home = next(folder for folder in path.parents if folder.exists())
    free = shutil.disk_usage(home).free
    said = f"{free / 2**30:.1f} GiB free at {home}"
    if free < LITTLE_SPACE:
        return Finding.warn("space", said, "make room, or point NBA_DUCKDB_PATH elsewhere")
    return Finding.ok("space", said)


def _addresses(urls: tuple[str, ...]) -> Iterator[Finding]:
    bad = [place for place, url in enumerate(urls, start=1) if not apprise.Apprise().add(url)]
    if bad:
        said = f"Apprise knows no address like no. {', '.join(map(str, bad))} of NBA_ALERTS_URLS"
        yield Finding.fail("alerts", said, "write it as Apprise's documentation shows")
    elif urls:
        yield Finding.ok("alerts", f"{len(urls)} addresses; try them: nba-backfill alerts --send")


def _raw_tables(opened: WarehouseResource) -> Iterator[Finding]:
    if not opened.has_raw_tables:
        yield Finding.ok("raw tables", "not there yet: the next run writes the demo league")
        return
    try:
        opened.read(lambda _: None, bring_up=True).close()
    except OtherRawFolderError as error:
        cure = "set NBA_RAW_DIR again, or: nba-backfill use-raw"
        yield Finding.fail("raw tables", str(error), cure)
    except RawContractError as error:
        yield Finding.fail("raw tables", str(error), "restore what the message names")
    except WarehouseError:
        return  # the warehouse itself is at fault, which the next check says
    else:
        yield Finding.ok("raw tables", "can be read, and keep their contracts")


def _rows_as_recorded(warehouse: Warehouse) -> Finding:
    """Whether the tables hold the rows that the ledger says they do."""
    strayed = {}
    for table in CATALOGUE:
        history = warehouse.histories([table.relation])[table.relation]
        if not history.by_day:
            continue
        warehouse.ensure_table(table)
        if days := strayed_days(table, warehouse, list(history.by_day)):
            strayed[table.name] = days
    if not strayed:
        return Finding.ok("ledger and tables", "agree")
    name, days = next(iter(strayed.items()))
    return Finding.fail(
        "ledger and tables",
        f"disagree in {len(strayed)} tables, the first {name}: rows of {len(days)} days are not"
        " those that were computed",
        f"compute them anew: nba-backfill run {name} --dates {days[0]}...{days[-1]}",
    )


def _documents(warehouse: Warehouse, store: str) -> Finding:
    """Whether the export store has the documents that the ledger says were written."""
    missing: dict[str, dict[dt.date, int]] = {}
    for table in CATALOGUE:
        if table.publication is None:
            continue
        history = warehouse.histories([table.relation])[table.relation]
        if found := missing_documents(table.publication, warehouse.files, history):
            missing[table.name] = found
    if not missing:
        return Finding.ok("documents", f"all that were written are in {store}")
    days = [day for found in missing.values() for day in found]
    count = sum(sum(found.values()) for found in missing.values())
    return Finding.fail(
        "documents",
        f"{count} documents of {len(missing)} exporters are not in {store} (NBA_EXPORT_URL)",
        "set NBA_EXPORT_URL again, restore the store, or write them anew: nba-backfill run"
        f" {' '.join(missing)} --dates {min(days)}...{max(days)} --missing-only",
    )


def _code(warehouse: Warehouse) -> Finding:
    days = 0
    for table in CATALOGUE:
        history = warehouse.histories([table.relation])[table.relation]
        calendar = CATALOGUE.calendar(warehouse, seasons_of(history.by_day))
        days += sum(by_other_code(table, calendar, record) for record in history.by_day.values())
    if days:
        cure = "see what that changes: nba-backfill plan --code-changed"
        return Finding.warn("code", f"{days} table-days were computed by other code", cure)
    return Finding.ok("code", "all rows are by the code that is installed")


def _dagster(warehouse: Warehouse) -> Iterator[Finding]:
    """Whether Dagster's record agrees with the ledger, and whether runs hang in it."""
    with instance_of_dagster() as instance:
        dead = unfinished_runs(instance)[1]
        differing = {}
        for table in CATALOGUE:
            history = warehouse.histories([table.relation])[table.relation]
            found = Disagreement.of(instance, table, history)
            days = len(found.untold) + len(found.unmarked) + len(found.unfounded)
            if days:
                differing[table.name] = days
    if dead:
        cure = "the next run marks it as failed, and so does: nba-backfill sync"
        yield Finding.warn("runs", killed_in_words(dead[0]), cure)
    if differing:
        said = f"disagree on {sum(differing.values())} days of {len(differing)} tables"
        yield Finding.warn("Dagster and ledger", said, "make them agree: nba-backfill sync")
    else:
        yield Finding.ok("Dagster and ledger", "agree")
