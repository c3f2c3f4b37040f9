"""What requests the catching-up run: a sensor on what is due, and two schedules in Eastern time.

The sensor follows raw files and the ledger; the schedules make sure of the day itself: before the
first tip, and after the last game. None of them starts beside a run or a backfill that is at work.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import dagster as dg
from dagster._core.execution.backfill import BulkActionsFilter, BulkActionStatus

from nba_backfill.automation.catch_up import BATCH_TAG, CATCH_UP_JOB, OCCASION_TAG, op_config
from nba_backfill.automation.due import MOST_ATTEMPTS, Batch, Occasion, look_at_all, next_batch
from nba_backfill.core.process import is_dead
from nba_backfill.core.season import HISTORY_START
from nba_backfill.materialization.catalogue import Catalogue
from nba_backfill.raw.loader import RawContractError
from nba_backfill.warehouse.protocol import Warehouse

EASTERN = "America/New_York"
BEFORE_TIP_CRON, AFTER_GAMES_CRON = "0 11 * 1-6,10-12 *", "0 6 * 1-6,10-12 *"
"""Eleven: injury reports and rosters of the day are in, and the first tip is at noon at the
earliest. Six: the last game of the west coast is over and its box scores are final."""

SENSOR_SECONDS = 120
AT_WORK = (
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
)
BACKFILLS_AT_WORK = (
    BulkActionStatus.REQUESTED,
    BulkActionStatus.CANCELING,
    BulkActionStatus.FAILING,
)


@dataclass(frozen=True, slots=True)
class Sight:
    """What a trigger looks at: a warehouse as a run would find it, changing nothing.

    ``arrived`` changes when the raw files do, whether or not a day comes out otherwise.
    """

    warehouse: Warehouse
    arrived: str = ""


Look = Callable[[], AbstractContextManager[Sight]]
Clock = Callable[[], dt.datetime]


def now_in_the_east() -> dt.datetime:
    """The time by which a league day begins and ends."""
    return dt.datetime.now(ZoneInfo(EASTERN))


def at_work(instance: dg.DagsterInstance) -> str:
    """What is at work or waiting to be, in words; empty if nothing is."""
    runs = instance.get_runs(dg.RunsFilter(statuses=list(AT_WORK)))
    alive = [run for run in runs if not is_dead(run.tags)]
    if alive:
        return f"run {alive[0].run_id[:8]} ({alive[0].job_name}) is at work"
    found = instance.get_backfills(filters=BulkActionsFilter(statuses=BACKFILLS_AT_WORK), limit=1)
    return f"backfill {found[0].backfill_id} is at work" if found else ""


def attempts_at(instance: dg.DagsterInstance, token: str) -> int:
    """How many runs were made for exactly this work."""
    return instance.get_runs_count(dg.RunsFilter(tags={BATCH_TAG: token}))


def build_sensor(
    catalogue: Catalogue, look: Look, *, running: bool, clock: Clock = now_in_the_east
) -> dg.SensorDefinition:
    """The sensor that follows raw files and the ledger."""

    @dg.sensor(
        name="what_is_due",
        job_name=CATCH_UP_JOB,
        minimum_interval_seconds=SENSOR_SECONDS,
        default_status=_status(running),
        description="Requests catching up when raw days arrived or changed, or a day is missing,"
        " failed or stale, whoever computed what it reads. One batch at a time, oldest days first.",
    )
    def what_is_due(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
        if busy := at_work(context.instance):
            return dg.SkipReason(f"{busy}; the ledger says afterwards what is left")
        occasion = Occasion(clock().date())
        try:
            with look() as sight:
                world = look_at_all(catalogue, sight.warehouse, occasion.today)
                batch = next_batch(world, occasion)
                arrived = sight.arrived
        except RawContractError as broken:
            return dg.SkipReason(f"the raw files cannot be loaded: {broken}")
        if batch.plan.is_empty and arrived == (context.cursor or ""):
            return dg.SkipReason(_nothing_to_do(batch))
        token = f"{batch.token}{arrived}"
        tried = attempts_at(context.instance, token)
        if tried >= MOST_ATTEMPTS:
            return dg.SkipReason(
                f"{tried} runs have not changed what is due: see nba-backfill status"
            )
        request = dg.RunRequest(
            run_config=op_config(occasion),
            tags={BATCH_TAG: token, OCCASION_TAG: "what is due"},
        )
        return dg.SensorResult(run_requests=[request], cursor=arrived)

    return what_is_due


def _nothing_to_do(batch: Batch) -> str:
    given_up = len(batch.given_up)
    if not given_up:
        return "nothing is due"
    return f"nothing is due but {given_up} days that broke {MOST_ATTEMPTS} times: see status"


def build_schedules(*, running: bool) -> list[dg.ScheduleDefinition]:
    """The run before the first tip of the day, and the one after its last game."""
    return [
        _schedule(
            "before_tip", BEFORE_TIP_CRON, running, 0, "What is known before the day's first tip."
        ),
        _schedule(
            "after_games", AFTER_GAMES_CRON, running, 1, "Yesterday's games, when all are over."
        ),
    ]


def _schedule(
    name: str, cron: str, running: bool, days_back: int, description: str
) -> dg.ScheduleDefinition:
    @dg.schedule(
        name=name,
        cron_schedule=cron,
        job_name=CATCH_UP_JOB,
        execution_timezone=EASTERN,
        default_status=(
            dg.DefaultScheduleStatus.RUNNING if running else dg.DefaultScheduleStatus.STOPPED
        ),
        description=f"{description} A run that is at work is waited for in the queue.",
    )
    def at_that_hour(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
        today = context.scheduled_execution_time.astimezone(ZoneInfo(EASTERN)).date()
        since = max(dt.date.fromordinal(today.toordinal() - days_back), HISTORY_START)
        occasion = Occasion(today, since, before_tip=not days_back)
        return dg.RunRequest(
            run_key=f"{name} {today}",
            run_config=op_config(occasion),
            tags={OCCASION_TAG: name.replace("_", " ")},
        )

    return at_that_hour


def _status(running: bool) -> dg.DefaultSensorStatus:
    return dg.DefaultSensorStatus.RUNNING if running else dg.DefaultSensorStatus.STOPPED
