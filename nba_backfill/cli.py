"""nba-backfill: what Dagster's own commands lack, over the same definitions."""

from __future__ import annotations

import datetime as dt
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
import dagster as dg
from rich.console import Console

from nba_backfill.backfill.coverage import as_table, measure
from nba_backfill.core.partitions import DAYS, partitions_between
from nba_backfill.core.season import HISTORY_START, Season
from nba_backfill.core.table import Table
from nba_backfill.raw.demo_league import DEMO_SEASONS, write_demo_league
from nba_backfill.resources import STATE_FOLDER, ConfigurationError, WarehouseResource

COMPLETE, GAPS, FAILED_CHECKS = 0, 1, 2
RANGE = "..."
WIDTH_OF_A_FILE = 160
console = Console(width=None if sys.stdout.isatty() else WIDTH_OF_A_FILE)


class _Days(click.ParamType):
    """``2024-01-15`` or ``2024-01-15...2024-01-21``."""

    name = "dates"

    def convert(self, value, param, ctx) -> tuple[dt.date, dt.date]:
        """Read one day or a range; a click error says what was wrong."""
        first, separator, last = str(value).partition(RANGE)
        try:
            ends = dt.date.fromisoformat(first), dt.date.fromisoformat(last if separator else first)
        except ValueError:
            self.fail(f"{value!r}: write 2024-01-15 or 2024-01-15...2024-01-21", param, ctx)
        if ends[0] > ends[1]:
            self.fail(f"{value!r} ends before it begins", param, ctx)
        return ends


@contextmanager
def open_instance() -> Iterator[dg.DagsterInstance]:
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


def _newest_season(warehouse_resource: WarehouseResource) -> Season:
    """The newest season of the raw schedule."""
    with _open(warehouse_resource) as warehouse:
        [newest] = warehouse.connection.execute(
            "SELECT max(game_date) FROM nba_raw.nbac_schedule WHERE is_regular_season"
        ).fetchone()
    return Season.of(newest)


@contextmanager
def _open(resource: WarehouseResource):
    """The warehouse outside a run, raw tables brought up first."""
    context = dg.build_init_resource_context()
    resource.setup_for_execution(context)
    try:
        yield resource.warehouse
    finally:
        resource.teardown_after_execution(context)


def _chosen_days(resource: WarehouseResource, dates, season: str | None) -> list[dt.date]:
    """The partition days that --dates or --season mean; all there are if neither is given."""
    newest = DAYS.get_last_partition_key()
    first, last = HISTORY_START, dt.date.fromisoformat(newest)
    if dates:
        first, last = dates
    elif season:
        chosen = _newest_season(resource) if season == "newest" else Season.parse(season)
        first, last = max(chosen.first_day, first), min(chosen.last_day, last)
    days = partitions_between(max(first, HISTORY_START), min(last, dt.date.fromisoformat(newest)))
    if not days:
        raise click.UsageError(
            f"no partition between {first} and {last}; they run from {HISTORY_START} to {newest}, July to September left out"
        )
    return days


def _chosen_tables(names: tuple[str, ...]) -> list[Table]:
    """Tables by name, group, or all of them, upstream first."""
    from nba_backfill.definitions import CATALOGUE

    groups = {table.layer.value for table in CATALOGUE}
    unknown = sorted(set(names) - groups - set(CATALOGUE.order))
    if unknown:
        raise click.UsageError(
            f"no table or group called {', '.join(unknown)}. Groups: {', '.join(sorted(groups))}. "
            f"Tables: {', '.join(CATALOGUE.order)}"
        )
    return [t for t in CATALOGUE if not names or t.name in names or t.layer.value in names]


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
def main() -> None:
    """Backfill, check and inspect the derived tables of the NBA props pipeline.

    \b
    nba-backfill run --season newest          compute and check the newest season
    nba-backfill run player_game_summary --dates 2024-01-15...2024-01-21
    nba-backfill status --season 2023-24      what is there, what is missing, what is wrong

    Where the data is, is said by environment variables: NBA_RAW_DIR (raw Parquet files; unset:
    the demo league), NBA_DUCKDB_PATH (the warehouse file).
    """


_dates = click.option("--dates", type=_Days(), help="One day or a range, 2024-01-15...2024-01-21.")
_season = click.option("--season", help="A season like 2023-24, or newest.")


@main.command()
@click.argument("targets", nargs=-1)
@_dates
@_season
def run(targets: tuple[str, ...], dates, season: str | None) -> None:
    """Compute TARGETS (tables or groups; default all) through Dagster, then print the coverage.

    The run is recorded in the same Dagster instance that `make dev` shows. Days that fail are
    listed at the end; the others are written. Running again is safe: days are replaced.
    """
    from nba_backfill.definitions import CATALOGUE, defs

    started = time.perf_counter()
    with _explained():
        tables = _chosen_tables(targets)
        definitions = defs()
        resource = definitions.resources["warehouse"]
        days = _chosen_days(resource, dates, season)
        console.print(f"{len(tables)} tables, {days[0]}{RANGE}{days[-1]} ({len(days)} days)")
        with open_instance() as instance:
            result = definitions.resolve_implicit_global_asset_job_def().execute_in_process(
                instance=instance,
                asset_selection=[dg.AssetKey(table.name) for table in tables],
                tags={
                    "dagster/asset_partition_range_start": days[0].isoformat(),
                    "dagster/asset_partition_range_end": days[-1].isoformat(),
                },
                run_config={"loggers": {"console": {}}},
                raise_on_error=False,
            )
        seconds = time.perf_counter() - started
        with _open(resource) as warehouse:
            found = list(measure(CATALOGUE, warehouse, tables, days))
    console.print(as_table(found, f"{days[0]}{RANGE}{days[-1]}, run in {seconds:.1f} s"))
    sys.exit(COMPLETE if result.success else FAILED_CHECKS)


@main.command()
@click.argument("targets", nargs=-1)
@_dates
@_season
def status(targets: tuple[str, ...], dates, season: str | None) -> None:
    """Coverage of TARGETS (tables or groups; default all) against the schedule.

    Exit code 0: complete; 1: game days are missing or refused; 2: a check finds wrong rows.
    """
    from nba_backfill.definitions import CATALOGUE, defs

    with _explained():
        tables = _chosen_tables(targets)
        resource = defs().resources["warehouse"]
        days = _chosen_days(resource, dates, season)
        with _open(resource) as warehouse:
            found = list(measure(CATALOGUE, warehouse, tables, days))
    console.print(as_table(found, f"{days[0]}{RANGE}{days[-1]}"))
    if any(one.failed_checks for one in found):
        sys.exit(FAILED_CHECKS)
    sys.exit(GAPS if any(one.gaps for one in found) else COMPLETE)


@main.command("demo-league")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--season", "seasons", multiple=True, help="A season like 2023-24; default all.")
@click.option("--seed", default=7, show_default=True, help="Another seed is another league.")
@click.option("--defects", is_flag=True, help="With the real world's defects in the raw tables.")
def demo_league(folder: Path, seasons: tuple[str, ...], seed: int, defects: bool) -> None:
    """Write simulated seasons to FOLDER as raw Parquet tables; use it as NBA_RAW_DIR."""
    with _explained():
        if folder.exists():
            raise click.UsageError(f"{folder} exists already; nothing was written")
        chosen = [Season.parse(text) for text in seasons] or list(DEMO_SEASONS)
        written = write_demo_league(
            folder, chosen, seed=seed, defects=defects, progress=console.print
        )
    console.print(written)


@contextmanager
def _explained() -> Iterator[None]:
    """Turn errors that a user can act on into their message; others keep their trace."""
    from nba_backfill.raw.loader import RawContractError
    from nba_backfill.warehouse.protocol import WarehouseError

    try:
        yield
    except (ConfigurationError, RawContractError, WarehouseError) as error:
        raise click.ClickException(str(error)) from error


if __name__ == "__main__":
    main()
