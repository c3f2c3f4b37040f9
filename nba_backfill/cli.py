"""nba-backfill: what Dagster's own commands lack, over the same definitions."""

from __future__ import annotations

import datetime as dt
import getpass
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path

import click
import dagster as dg
from rich.console import Console
from rich.markup import escape

from nba_backfill.backfill.accepting import NothingToAcceptError, accept, acceptable, revoke
from nba_backfill.backfill.apply import PLAN_JOB, PLAN_OP, SYNC_JOB
from nba_backfill.backfill.causes import in_words, is_contradicted, root_causes
from nba_backfill.backfill.coverage import as_table, gap_lines, measure, with_games
from nba_backfill.backfill.daemon import submit
from nba_backfill.backfill.losses import with_losses
from nba_backfill.backfill.plan import Plan, PlanError
from nba_backfill.backfill.plan import plan as make_plan
from nba_backfill.backfill.report import plan_table, running_table, verdict_table
from nba_backfill.backfill.verify import Verifier
from nba_backfill.backfill.world import World
from nba_backfill.cli_types import NEWEST, RANGE, Days, SeasonName
from nba_backfill.core.catalogue import seasons_of
from nba_backfill.core.partitions import DAYS, partitions_between
from nba_backfill.core.season import FINALS_MONTH, HISTORY_START, Season
from nba_backfill.core.table import RawTable, Table
from nba_backfill.definitions import CATALOGUE, defs
from nba_backfill.predictions.grading.accuracy import accuracy, daily_sums
from nba_backfill.predictions.grading.accuracy_report import picture, tables
from nba_backfill.raw.demo_league import DEMO_SEASONS, write_demo_league
from nba_backfill.raw.loader import RawContractError
from nba_backfill.resources import STATE_FOLDER, ConfigurationError, WarehouseResource
from nba_backfill.warehouse.duckdb import DuckDBWarehouse
from nba_backfill.warehouse.ledger import PartitionRecord, Status
from nba_backfill.warehouse.protocol import WarehouseError

COMPLETE, GAPS, FAILED_CHECKS = 0, 1, 2
EXPLAINED = (
    ConfigurationError,
    NothingToAcceptError,
    PlanError,
    RawContractError,
    WarehouseError,
)
WIDTH_OF_A_FILE = 210
console = Console(width=None if sys.stdout.isatty() else WIDTH_OF_A_FILE)


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
def _open(resource: WarehouseResource) -> Iterator[DuckDBWarehouse]:
    """The warehouse outside a run, raw tables brought up first."""
    warehouse = resource.open(lambda line: console.print(line, style="dim"))
    try:
        yield warehouse
    finally:
        resource.close()


def _scheduled_days(resource: WarehouseResource, dates, season: str | None) -> list[dt.date]:
    """The partition days that --dates or --season mean, of a season those the schedule reaches.

    Days named one by one are taken as they are: what lies beyond the schedule is then said.
    """
    days = _chosen_days(resource, dates, season)
    if dates:
        return days
    with _open(resource) as warehouse:
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


def _chosen_days(resource: WarehouseResource, dates, season: str | None) -> list[dt.date]:
    """The partition days that --dates or --season mean; all there are if neither is given."""
    newest = DAYS.get_last_partition_key()
    first, last = HISTORY_START, dt.date.fromisoformat(newest)
    if dates:
        first, last = dates
    elif season:
        chosen = _newest_season(resource) if season == NEWEST else Season.parse(season)
        first, last = max(chosen.first_day, first), min(chosen.last_day, last)
    days = partitions_between(max(first, HISTORY_START), min(last, dt.date.fromisoformat(newest)))
    if not days:
        raise click.UsageError(
            f"no partition between {first} and {last}; they run from {HISTORY_START} to {newest},"
            " July to September left out"
        )
    return days


@lru_cache(maxsize=1)
def _definitions() -> dg.Definitions:
    """The definitions, built once per command: an environment that is wrong is said then."""
    return defs()


def _chosen_tables(names: tuple[str, ...]) -> list[Table]:
    """Tables by name, group, or all of them, upstream first."""
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
    nba-backfill plan ml_feature_store_v2 --dates 2024-01-15      what that would take, and why
    nba-backfill status --season 2023-24      what is there, what is missing, what is wrong
    nba-backfill verify --dates 2024-01-15...2024-01-21           proofs on your own data
    nba-backfill report accuracy --season 2024-25                 how good the predictions were

    Where the data is, is said by environment variables: NBA_RAW_DIR (raw Parquet files; unset:
    the demo league), NBA_DUCKDB_PATH (the warehouse file).
    """


_dates = click.option("--dates", type=Days(), help="One day or a range, 2024-01-15...2024-01-21.")
_season = click.option("--season", type=SeasonName(), help="A season like 2023-24, or newest.")


_downstream = click.option(
    "--downstream", is_flag=True, help="Also the computed days of other tables that read these."
)
_missing_only = click.option(
    "--missing-only", is_flag=True, help="Leave out days whose rows stand as they are."
)


@main.command("plan")
@click.argument("targets", nargs=-1)
@_dates
@_season
@_downstream
@_missing_only
@click.option("--save", type=click.Path(path_type=Path, dir_okay=False), help="Write it to a file.")
def plan_command(targets, dates, season, downstream, missing_only, save) -> None:
    """Show what computing TARGETS would run, and why, without running it.

    Every table that must be computed first is carried: only the days inside the windows, and only
    those that are missing, refused or stale. A saved plan is run by: nba-backfill run --plan FILE
    """
    with _explained():
        tables, resource = _chosen_tables(targets), _definitions().resources["warehouse"]
        days = _scheduled_days(resource, dates, season)
        with _open(resource) as warehouse:
            world = World.look(CATALOGUE, warehouse, days)
            names = [table.name for table in tables]
            made = make_plan(world, names, days, missing_only=missing_only, downstream=downstream)
            made = with_losses(made, world, warehouse)
    console.print("Nothing to do: every day stands." if made.is_empty else plan_table(made))
    if save:
        made.save(save)
        console.print(f"saved to {save}; run it with: nba-backfill run --plan {save}")


@main.command()
@click.argument("targets", nargs=-1)
@_dates
@_season
@_downstream
@_missing_only
@click.option(
    "--plan",
    "plan_file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Run exactly a saved plan; refused if the data has changed since.",
)
@click.option(
    "--via",
    type=click.Choice(["process", "daemon"]),
    default="process",
    show_default=True,
    help="Here and now, or as a backfill for a running daemon.",
)
def run(targets, dates, season, downstream, missing_only, plan_file, via) -> None:
    """Compute TARGETS (tables or groups; default all) and what they need, then show the coverage.

    The run is recorded in the same Dagster instance that `make dev` shows. Days that fail are
    listed at the end; the others are written. Running again is safe: days are replaced whole.
    """
    started = time.perf_counter()
    with _explained():
        resource = _definitions().resources["warehouse"]
        if plan_file:
            saved = Plan.from_json(plan_file.read_text(encoding="utf-8"))
            tables, days = _chosen_tables(saved.targets), list(saved.days)
        else:
            tables, days = _chosen_tables(targets), _scheduled_days(resource, dates, season)
        with _open(resource) as warehouse:
            world = World.look(CATALOGUE, warehouse, days)
            if plan_file:
                made = _unmoved(saved, world)
            else:
                names = [table.name for table in tables]
                made = make_plan(
                    world, names, days, missing_only=missing_only, downstream=downstream
                )
                made = with_losses(made, world, warehouse)
        if made.is_empty:
            console.print("Nothing to do: every day stands.")
            records = [
                *(r for t in tables for d in days if (r := world.histories[t.name].get(d))),
                *_held_back(world),
            ]
            sys.exit(_verdict(world, records, success=True))
        console.print(plan_table(made))
        with open_instance() as instance:
            if via == "daemon":
                backfill_id = submit(made, world, _definitions(), instance)
                console.print(
                    f"backfill {backfill_id} submitted; a running daemon (make dev) executes it"
                )
                return
            done = _execute(PLAN_JOB, instance, {PLAN_OP: {"config": {"plan": made.to_json()}}})
        with _open(resource) as warehouse:
            found = list(measure(CATALOGUE, warehouse, tables, days))
            world = World.look(CATALOGUE, warehouse, days)
    seconds = time.perf_counter() - started
    console.print(as_table(found, f"{days[0]}{RANGE}{days[-1]}, run in {seconds:.1f} s"))
    asked = {(t.relation, day) for t in tables for day in days}
    records = [
        record
        for table in CATALOGUE
        for record in world.histories[table.name].by_day.values()
        if record.run_id == done.run_id or (record.table_name, record.day) in asked
    ]
    sys.exit(_verdict(world, [*records, *_held_back(world)], success=done.success))


def _held_back(world: World) -> list[PartitionRecord]:
    """Raw days that a load would have taken rows from."""
    return [
        record
        for history in world.histories.values()
        for record in history.by_day.values()
        if record.status is Status.HELD_BACK
    ]


def _verdict(world: World, records: list[PartitionRecord], *, success: bool) -> int:
    """Say what was refused, by its first cause, and return the exit code that goes with it."""
    refused = any(world.stands_refused(record) for record in records)
    contradicted = any(is_contradicted(record) for record in records)
    for root in root_causes(records) if refused or contradicted else ():
        for line in in_words(root):
            console.print(line)
    if refused or not success:
        return FAILED_CHECKS
    return GAPS if contradicted else COMPLETE


def _unmoved(saved: Plan, world: World) -> Plan:
    """The saved plan, if the world it was made for is still this one; PlanError if not."""
    if saved.world != world.fingerprint(world.catalogue.order, saved.days):
        raise PlanError(
            "the data has changed since this plan was saved, so it may lack days or repeat "
            "others. Nothing was run; make it again with nba-backfill plan."
        )
    return saved


def _execute(
    job: str, instance: dg.DagsterInstance, ops: dict | None = None
) -> dg.ExecuteInProcessResult:
    """Run one of our jobs in this process."""
    return (
        _definitions()
        .resolve_job_def(job)
        .execute_in_process(
            instance=instance,
            run_config={"loggers": {"console": {}}, "ops": ops or {}},
            raise_on_error=False,
        )
    )


@main.command()
@click.argument("targets", nargs=-1)
@_dates
@_season
@click.option("--table", "tables", multiple=True, help="The same as naming it in TARGETS.")
def status(targets, dates, season, tables) -> None:
    """Coverage of TARGETS (tables or groups; default all) against the schedule, and the gaps.

    Exit code 0: complete; 1: game days are missing, refused or stale; 2: a check finds wrong rows.
    """
    with _explained(), open_instance() as instance:
        if (running := running_table(instance)) is not None:
            console.print(running)
            sys.exit(GAPS)
        chosen = _chosen_tables((*targets, *tables))
        resource = _definitions().resources["warehouse"]
        days = _scheduled_days(resource, dates, season)
        with _open(resource) as warehouse:
            days = with_games(CATALOGUE, warehouse, days)
            found = list(measure(CATALOGUE, warehouse, chosen, days))
            world = World.look(CATALOGUE, warehouse, days)
            gaps = list(gap_lines(world, chosen, days))
    if not days:
        raise click.UsageError("the schedule has no games in these days")
    console.print(as_table(found, f"{days[0]}{RANGE}{days[-1]}"))
    for line in gaps:
        console.print(line)
    records = [r for t in chosen for d in days if (r := world.histories[t.name].get(d))]
    code = _verdict(world, [*records, *_held_back(world)], success=True)
    relations = {table.relation for table in chosen} | {t.relation for t in CATALOGUE.raw}
    for event in world.accepted:
        if event.table_name in relations and days[0] <= event.day <= days[-1]:
            console.print(f"[yellow]accepted[/] {escape(str(event))} [{event.acceptance_id}]")
    if code == FAILED_CHECKS or any(one.failed_checks for one in found):
        sys.exit(FAILED_CHECKS)
    sys.exit(GAPS if gaps else code)


@main.command("accept")
@click.argument("table_name", metavar="TABLE", required=False)
@_dates
@click.option("--game", help="Only what is refused of this game (or player, team: see status).")
@click.option("--check", help="Only what this check refused.")
@click.option("--because", help="Why; kept with your name and shown wherever the rows are.")
@click.option("--list", "listing", is_flag=True, help="Show the acceptances that stand.")
@click.option("--revoke", "revoked", multiple=True, metavar="ID", help="Take one back.")
def accept_command(table_name, dates, game, check, because, listing, revoked) -> None:
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
    with _explained():
        resource = _definitions().resources["warehouse"]
        if listing:
            with _open(resource) as warehouse:
                standing = list(warehouse.acceptances())
            for event in standing:
                console.print(f"{event.acceptance_id}  {escape(str(event))}", highlight=False)
            if not standing:
                console.print("no acceptance stands")
            return
        if not because:
            raise click.UsageError("--because is needed: the reason is kept with the decision")
        by = getpass.getuser()
        if revoked:
            with _open(resource) as warehouse:
                events = revoke(warehouse.acceptances(), revoked, by=by, because=because)
                warehouse.record_acceptances(events)
        else:
            if not (table_name and dates):
                raise click.UsageError("say which TABLE and --dates, or --list, or --revoke ID")
            table = _any_table(table_name)
            with _open(resource) as warehouse:
                history = warehouse.histories([table.relation])[table.relation]
                records = [r for d, r in history.by_day.items() if dates[0] <= d <= dates[1]]
                refused = list(acceptable(records, game=game, check=check))
                events = accept(refused, warehouse.acceptances(), by=by, because=because)
                if not events:
                    raise NothingToAcceptError(_nothing_refused(table_name, records, refused))
                warehouse.record_acceptances(events)
    for event in events:
        verb = "revoked" if event.revoked else "accepted"
        console.print(f"[yellow]{verb}[/] {event.acceptance_id}  {escape(str(event))}")
    first, last = min(e.day for e in events), max(e.day for e in events)
    of_raw = any(isinstance(_any_table(_bare(e.table_name)), RawTable) for e in events)
    targets = "" if of_raw else f"{_bare(events[0].table_name)} --downstream "
    console.print(
        f"{len(events)} decisions kept; carry them out with: nba-backfill run {targets}--dates"
        f" {first}{RANGE}{last} --missing-only"
    )


def _bare(relation: str) -> str:
    return relation.rpartition(".")[2]


def _any_table(name: str) -> Table | RawTable:
    """A table by its bare name, raw or computed; a usage error with near names if it is none."""
    if name in CATALOGUE.by_name:
        return CATALOGUE.by_name[name]
    close = get_close_matches(name, CATALOGUE.by_name, n=3)
    hint = f"; did you mean {', '.join(close)}?" if close else ""
    raise click.UsageError(f"no table called {name}{hint}")


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


@main.command()
@click.argument("targets", nargs=-1)
@_dates
@_season
def verify(targets, dates, season) -> None:
    """Prove on your own data that TARGETS are right, in a scratch copy of the warehouse.

    Computed again, day by day in no order, with windows taken away, and with everything after the
    day before taken away, the rows must be the same. Exit code 2 if a proof fails.
    """
    with _explained(), tempfile.TemporaryDirectory() as scratch_folder:
        tables, resource = _chosen_tables(targets), _definitions().resources["warehouse"]
        days = _chosen_days(resource, dates, season)
        with _open(resource) as warehouse:
            warehouse.connection.execute("CHECKPOINT")
        copy = Path(scratch_folder) / "scratch.duckdb"
        shutil.copy(resource.duckdb_path, copy)
        scratch = DuckDBWarehouse(copy, files=warehouse.files)
        verifier = Verifier(CATALOGUE, scratch, days)
        verdicts = []
        for table in tables:
            console.print(f"proving {table.name}")
            verdicts += verifier.proofs(table)
        scratch.close()
    console.print(verdict_table(verdicts))
    sys.exit(COMPLETE if all(verdict.holds for verdict in verdicts) else FAILED_CHECKS)


@main.group()
def report() -> None:
    """Figures about what was computed."""


@report.command("accuracy")
@_dates
@_season
@click.option(
    "--picture",
    "picture_file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Also draw the newest season's figures into this PNG file.",
)
def accuracy_command(dates, season, picture_file) -> None:
    """How good the predictions were, by system and season, with counts and 95 % intervals.

    Against the season average, a blend of averages and, where there are lines, the line itself;
    hit rates by edge. Only graded rows of players with minutes count.
    """
    with _explained():
        resource = _definitions().resources["warehouse"]
        days = _chosen_days(resource, dates, season)
        with _open(resource) as warehouse:
            warehouse.ensure_table(CATALOGUE.table("prediction_accuracy"))
            sums = daily_sums(warehouse, days[0], days[-1])
        if sums.empty:
            raise click.UsageError(
                f"no graded predictions between {days[0]} and {days[-1]}; compute them with:"
                " nba-backfill run phase5_grading --season 2023-24"
            )
        found = accuracy(sums)
        for table in tables(found):
            console.print(table)
        if picture_file:
            picture_file.write_bytes(picture(found, sums))
            console.print(f"drawn into {picture_file}")


@main.command()
def sync() -> None:
    """Rebuild Dagster's record of what is there from the ledger; the rows are not touched."""
    with _explained(), open_instance() as instance:
        done = _execute(SYNC_JOB, instance)
    sys.exit(COMPLETE if done.success else FAILED_CHECKS)


@main.command("demo-league")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option(
    "--season", "seasons", multiple=True, type=SeasonName(), help="Like 2023-24; default all."
)
@click.option("--seed", default=7, show_default=True, help="Another seed is another league.")
@click.option("--defects", is_flag=True, help="With the real world's defects in the raw tables.")
@click.option("--through", type=click.DateTime(["%Y-%m-%d"]), help="Last game day to play.")
def demo_league(
    folder: Path,
    seasons: tuple[str, ...],
    seed: int,
    defects: bool,
    through: dt.datetime | None,
) -> None:
    """Write simulated seasons to FOLDER as raw Parquet tables; use it as NBA_RAW_DIR."""
    with _explained():
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
    console.print(written)


@contextmanager
def _explained() -> Iterator[None]:
    """Turn errors that a user can act on into their message; others keep their trace."""
    try:
        yield
    except EXPLAINED as error:
        raise click.ClickException(str(error)) from error


if __name__ == "__main__":
    main()
