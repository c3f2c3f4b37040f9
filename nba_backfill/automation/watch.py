"""The sensor that tells: one digest after whatever was at work, of what is new since the last."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Sequence

import dagster as dg
from dagster._core.execution.backfill import BulkActionsFilter, BulkActionStatus

from nba_backfill.automation.delivery import deliver
from nba_backfill.automation.due import look_at_all, reached
from nba_backfill.automation.triggers import Clock, Look, at_work, now_in_the_east
from nba_backfill.backfill.alerts import Alert, News, all_alerts
from nba_backfill.backfill.day_states import day_states, gaps
from nba_backfill.backfill.layers import layer_games
from nba_backfill.core.partitions import partitions_between
from nba_backfill.core.process import killed_in_words, unfinished_runs
from nba_backfill.core.season import HISTORY_START
from nba_backfill.materialization.catalogue import Catalogue
from nba_backfill.warehouse.protocol import Warehouse

WATCH_SECONDS = 300
STOPPED = (BulkActionStatus.FAILED, BulkActionStatus.CANCELED, BulkActionStatus.COMPLETED_FAILED)
STOPPED_SHOWN = 20
"""Backfills that are looked back at; older ones were told long ago."""


def alerts_now(
    catalogue: Catalogue,
    warehouse: Warehouse,
    now: dt.datetime,
    stopped: Sequence[tuple[str, str]] = (),
) -> list[Alert]:
    """Everything that is to be told of all history."""
    world = look_at_all(catalogue, warehouse, now.date())
    days = reached(world.calendar, partitions_between(HISTORY_START, now.date()))
    layers = layer_games(world, warehouse, days) if _has_layers(catalogue) else []
    found = gaps(day_states(world, catalogue, days), list(world.calendar.games_by_day))
    return all_alerts(world, found, layers, now, stopped)


def _has_layers(catalogue: Catalogue) -> bool:
    return "player_composite_factors" in catalogue.by_name


def stopped_work(instance: dg.DagsterInstance) -> list[tuple[str, str]]:
    """Runs that were killed and backfills that ended before their work was done."""
    killed = [
        (record.dagster_run.run_id, killed_in_words(record))
        for record in unfinished_runs(instance)[1]
    ]
    backfills = instance.get_backfills(
        filters=BulkActionsFilter(statuses=STOPPED), limit=STOPPED_SHOWN
    )
    return killed + [
        (
            backfill.backfill_id,
            f"backfill {backfill.backfill_id} ended as {backfill.status.value.lower()}",
        )
        for backfill in backfills
    ]


def build_watch(
    catalogue: Catalogue,
    look: Look,
    urls: Callable[[], Sequence[str]],
    *,
    running: bool,
    clock: Clock = now_in_the_east,
) -> dg.SensorDefinition:
    """The sensor that sends the digest and always logs it; its cursor is what was told."""

    @dg.sensor(
        name="alerts",
        minimum_interval_seconds=WATCH_SECONDS,
        default_status=(
            dg.DefaultSensorStatus.RUNNING if running else dg.DefaultSensorStatus.STOPPED
        ),
        description="Tells what is wrong and the command that mends it, once: to the log, and to"
        " NBA_ALERTS_URLS. Waits for a run or a backfill to end, so that each has one digest.",
    )
    def alerts(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
        if busy := at_work(context.instance):
            return dg.SkipReason(f"{busy}; its digest comes when it has ended")
        told = json.loads(context.cursor or "[]")
        with look() as sight:
            found = alerts_now(catalogue, sight.warehouse, clock(), stopped_work(context.instance))
        news = News.since(told, found)
        if news.new or news.mended:
            context.log.warning(f"{news.title}\n{news.text}")
        deliver(urls(), news)
        # After a delivery that fails the cursor stays, and the same digest is tried again.
        return dg.SensorResult(skip_reason=news.title, cursor=json.dumps(news.keys))

    return alerts
