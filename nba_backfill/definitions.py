"""The front door: every raw contract and every table declared in the packages below."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from types import ModuleType

import dagster as dg

from nba_backfill import analytics, precompute, staging
from nba_backfill.automation.catch_up import build_catch_up_job
from nba_backfill.automation.coverage_report import build_coverage_report
from nba_backfill.automation.sight import look
from nba_backfill.automation.triggers import build_schedules, build_sensor
from nba_backfill.automation.watch import build_watch
from nba_backfill.backfill.apply import build_plan_job, carry
from nba_backfill.backfill.sync import build_sync_job
from nba_backfill.backfill.training import build_training_check
from nba_backfill.core.console import console_logger
from nba_backfill.core.table import Table
from nba_backfill.materialization.asset import build_asset, raw_spec
from nba_backfill.materialization.catalogue import Catalogue
from nba_backfill.materialization.checks import build_checks
from nba_backfill.materialization.executor import executor_of
from nba_backfill.predictions import feedback, forecasting, grading
from nba_backfill.publishing import dated, live, players, pregame, snapshots
from nba_backfill.raw.contracts import RAW_TABLES
from nba_backfill.resources import Settings, build_resources

TABLE_PACKAGES = (
    staging,
    analytics,
    precompute,
    forecasting,
    grading,
    feedback,
    dated,
    snapshots,
    players,
    pregame,
    live,
)


def declared_tables(package: ModuleType) -> Iterator[Table]:
    """The TABLE of each module in a package: adding a module adds a table."""
    for module in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
        table = getattr(importlib.import_module(module.name), "TABLE", None)
        if table is not None:
            yield table


CATALOGUE = Catalogue([*RAW_TABLES, *(t for p in TABLE_PACKAGES for t in declared_tables(p))])


@dg.definitions
def defs() -> dg.Definitions:
    """Everything Dagster loads."""
    settings = Settings.from_environment()
    home = settings.home
    # First, since from then on SQL that was translated before is read instead of worked out.
    resources = build_resources(settings)
    return dg.Definitions(
        assets=[
            *(raw_spec(table, home) for table in CATALOGUE.raw),
            *(build_asset(table, CATALOGUE, carry, home) for table in CATALOGUE),
            build_coverage_report(CATALOGUE, home),
        ],
        asset_checks=[
            *(build_checks(table, CATALOGUE) for table in CATALOGUE),
            build_training_check(CATALOGUE),
        ],
        jobs=[build_plan_job(CATALOGUE), build_sync_job(CATALOGUE), build_catch_up_job(CATALOGUE)],
        sensors=[
            build_sensor(CATALOGUE, look, running=settings.automation),
            build_watch(CATALOGUE, look, lambda: settings.alerts_urls, running=settings.automation),
        ],
        schedules=build_schedules(running=settings.automation),
        resources=resources,
        executor=executor_of(home, settings.steps_at_once),
        loggers={"console": console_logger},
    )
