"""What a step tells Dagster of days, on the stock event log and on the batched one."""

import dagster as dg
import pytest

from nba_backfill.core.events import log_events, log_planned
from nba_backfill_tests.core.test_event_log import (
    ALL_DAYS,
    DAYS,
    instance,
    no_batching_by_environment,
    partition_statuses,
)

__all__ = ["instance", "no_batching_by_environment"]
CARRIED = dg.AssetKey("carried")
DONE = ALL_DAYS[:3]
seen_while_running: list[dict] = []


@dg.op(out=dg.Out(dg.Nothing))
def compute(context: dg.OpExecutionContext) -> None:
    """Plans all days of an asset this run was not launched for, and delivers three of them."""
    log_planned(context, {CARRIED: ALL_DAYS}, DAYS)
    seen_while_running.append(partition_statuses(context.instance, CARRIED))
    log_events(context, [dg.AssetMaterialization(CARRIED, partition=day) for day in DONE])
    if context.run.tags.get("refuse"):
        raise dg.Failure("refused", allow_retries=False)


@dg.job
def planned() -> None:
    compute()


def test_planned_days_are_in_progress_until_the_run_ends(instance):
    seen_while_running.clear()
    planned.execute_in_process(instance=instance)
    assert seen_while_running == [{"materialized": [], "failed": [], "in progress": ALL_DAYS}]


@pytest.mark.parametrize("refuse", [True, False])
def test_days_a_failed_run_planned_and_did_not_deliver_have_failed(instance, refuse):
    tags = {"refuse": "yes"} if refuse else {}
    planned.execute_in_process(instance=instance, tags=tags, raise_on_error=False)
    assert partition_statuses(instance, CARRIED) == {
        "materialized": DONE,
        "failed": ALL_DAYS[3:] if refuse else [],
        "in progress": [],
    }


def test_no_two_events_of_a_run_share_a_millisecond_and_they_ascend(instance):
    planned.execute_in_process(instance=instance)
    records = instance.fetch_materializations(CARRIED, limit=100, ascending=True).records
    moments = [int(record.timestamp * 1000) for record in records]
    assert len(set(moments)) == len(DONE)
    assert moments == sorted(moments)
