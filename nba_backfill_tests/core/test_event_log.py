"""What UI and daemon read must not depend on which of the two event logs wrote it."""

import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
import textwrap
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from dagster._core.asset_graph_view.asset_graph_view import AssetGraphView, TemporalContext
from dagster._core.definitions.assets.graph.asset_graph_subset import AssetGraphSubset
from dagster._core.events import DagsterEventType
from dagster._core.execution.asset_backfill import (
    AssetBackfillData,
    execute_asset_backfill_iteration_inner,
)
from dagster._core.execution.backfill import BulkActionStatus, PartitionBackfill
from dagster._core.storage.partition_status_cache import get_and_update_asset_status_cache_value

from nba_backfill.core.event_batches import BATCH_SIZE_VARIABLE
from nba_backfill.core.event_log import BatchedSqliteEventLogStorage
from nba_backfill.core.events import WITHOUT_AUTOMATIC_EVENTS, log_events, log_materializations

DAYS = dg.DailyPartitionsDefinition("2024-01-01", end_date="2024-01-11")
ALL_DAYS = DAYS.get_partition_keys()
REJECTED_TAG = "test/rejected"
BACKFILL_TAG = "dagster/backfill"
STAGED, REPORT = dg.AssetKey("staged"), dg.AssetKey("report")
ROWS, UNIQUE = dg.AssetCheckKey(STAGED, "rows"), dg.AssetCheckKey(STAGED, "unique")
RANGED = dg.BackfillPolicy.single_run()


def rejected_days(context: Any) -> set[str]:
    return set(context.run.tags.get(REJECTED_TAG, "").split())


@dg.asset(partitions_def=DAYS, backfill_policy=RANGED, code_version="1")
def staged(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
    good_days = [day for day in context.partition_keys if day not in rejected_days(context)]
    log_materializations(
        context,
        [
            dg.AssetMaterialization(
                STAGED,
                partition=day,
                metadata={"dagster/partition_row_count": int(day[-2:])},
                tags={"dagster/data_version": f"content-{day}"},
            )
            for day in good_days
        ],
    )
    return dg.MaterializeResult(metadata=WITHOUT_AUTOMATIC_EVENTS)


@dg.asset(deps=[staged], partitions_def=DAYS, backfill_policy=RANGED, code_version="1")
def report(context: dg.AssetExecutionContext) -> None:
    context.add_asset_metadata({"rows": 7}, partition_key=context.partition_keys[0])
    context.log_event(dg.AssetObservation(REPORT, partition=context.partition_keys[0]))


@dg.multi_asset_check(
    specs=[
        dg.AssetCheckSpec("rows", asset=STAGED, partitions_def=DAYS),
        dg.AssetCheckSpec("unique", asset=STAGED),
    ]
)
def judge(context: dg.AssetCheckExecutionContext) -> Iterator[dg.AssetCheckResult]:
    rejected = rejected_days(context)
    if context.has_partition_key_range:
        log_events(
            context,
            [
                dg.AssetCheckEvaluation(STAGED, "rows", passed=day not in rejected, partition=day)
                for day in context.partition_keys
            ],
        )
    yield dg.AssetCheckResult(passed=not rejected, asset_key=STAGED, check_name="rows")
    yield dg.AssetCheckResult(passed=True, asset_key=STAGED, check_name="unique")
    if rejected:
        raise dg.Failure(f"rejected {sorted(rejected)}", allow_retries=False)


DEFS = dg.Definitions([staged, report], asset_checks=[judge])


def ranged(first: str = ALL_DAYS[0], last: str = ALL_DAYS[-1]) -> dict[str, str]:
    return {
        "dagster/asset_partition_range_start": first,
        "dagster/asset_partition_range_end": last,
    }


def open_instance(home: Path, log: str) -> dg.DagsterInstance:
    """Open the instance in `home`, with the stock event log or the batched one."""
    batched = {
        "module": "nba_backfill.core.event_log",
        "class": "BatchedSqliteEventLogStorage",
        "config": {"base_dir": str(home / "history" / "runs")},
    }
    overrides = {"event_log_storage": batched} if log == "batched" else {}
    return dg.DagsterInstance.local_temp(str(home), overrides=overrides)


@pytest.fixture(autouse=True)
def no_batching_by_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    # Set first, so that pytest restores the variable after the storage has set its default.
    monkeypatch.setenv(BATCH_SIZE_VARIABLE, "0")
    monkeypatch.delenv(BATCH_SIZE_VARIABLE)


@pytest.fixture(params=["stock", "batched"])
def instance(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[dg.DagsterInstance]:
    with open_instance(tmp_path, request.param) as opened:
        yield opened


@pytest.fixture
def batched(tmp_path: Path) -> Iterator[dg.DagsterInstance]:
    with open_instance(tmp_path, "batched") as opened:
        yield opened


def run(instance: dg.DagsterInstance, **arguments: Any) -> dg.ExecuteInProcessResult:
    return dg.materialize(
        [staged, report, judge], instance=instance, raise_on_error=False, **arguments
    )


def partition_statuses(instance: dg.DagsterInstance, key: dg.AssetKey) -> dict[str, list[str]]:
    """Days by status in the cache that the UI reads."""
    cached = get_and_update_asset_status_cache_value(instance, key, DAYS)
    if cached is None:
        return {"materialized": [], "failed": [], "in progress": []}
    subsets = {
        "materialized": cached.deserialize_materialized_partition_subsets(DAYS),
        "failed": cached.deserialize_failed_partition_subsets(DAYS),
        "in progress": cached.deserialize_in_progress_partition_subsets(DAYS),
    }
    return {name: sorted(subset.get_partition_keys()) for name, subset in subsets.items()}


def seen_by_automation(instance: dg.DagsterInstance, key: dg.AssetKey) -> dict[str, list[str]]:
    """Days by status in the view from which the daemon decides."""
    view = graph_view(instance, time.time())
    everything = view.get_full_subset(key=key)

    async def subsets() -> dict[str, Any]:
        return {
            "materialized": await view.compute_materialized_asset_subset(key=key),
            "failed": await view.compute_execution_failed_subset(key=key, from_subset=everything),
            "running": await view.compute_run_in_progress_subset(key=key, from_subset=everything),
        }

    return {
        status: sorted(subset.expensively_compute_partition_keys())
        for status, subset in asyncio.run(subsets()).items()
    }


def graph_view(instance: dg.DagsterInstance, timestamp: float) -> AssetGraphView:
    moment = TemporalContext(
        effective_dt=datetime.fromtimestamp(timestamp, UTC), last_event_id=None
    )
    return AssetGraphView(
        temporal_context=moment, instance=instance, asset_graph=DEFS.resolve_asset_graph()
    )


def latest_materializations(instance: dg.DagsterInstance, key: dg.AssetKey) -> dict[str, Any]:
    records = instance.fetch_materializations(key, limit=500, ascending=True).records
    return {
        record.partition_key: {
            name: value.value for name, value in record.asset_materialization.metadata.items()
        }
        for record in records
    }


def asset_row(instance: dg.DagsterInstance, key: dg.AssetKey) -> tuple[Any, ...] | None:
    records = instance.get_asset_records([key])
    if not records:
        return None
    entry = records[0].asset_entry
    last = entry.last_materialization
    return (last.dagster_event.partition if last else None, entry.last_run_id is not None)


def check_statuses(instance: dg.DagsterInstance, key: dg.AssetCheckKey) -> tuple[Any, ...]:
    log = instance.event_log_storage
    latest = log.get_latest_asset_check_execution_by_key([key]).get(key)
    return (
        (latest.status.value, latest.partition) if latest else None,
        sorted(
            (record.partition or "", record.status.value)
            for record in log.get_asset_check_execution_history(key, limit=500)
        ),
        sorted(
            (info.partition_key or "", info.latest_execution_status.value)
            for info in log.get_asset_check_partition_info([key])
        ),
    )


def runs(instance: dg.DagsterInstance) -> list[tuple[Any, ...]]:
    """Every run's status, steps, planned partitions and events in the cross-run index."""
    log, found = instance.event_log_storage, []
    for record in reversed(instance.get_run_records()):
        run_id = record.dagster_run.run_id
        stats, steps = instance.get_run_stats(run_id), instance.get_run_step_stats(run_id)
        events = Counter(
            event.dagster_event_type
            for event in instance.all_logs(run_id)
            if event.dagster_event_type is not DagsterEventType.ASSET_MATERIALIZATION_PLANNED
        )
        planned = DagsterEventType.ASSET_MATERIALIZATION_PLANNED
        found.append(
            (
                record.dagster_run.status,
                record.start_time is not None,
                record.end_time is not None,
                (stats.steps_succeeded, stats.steps_failed, stats.materializations),
                sorted((step.step_key, step.status) for step in steps),
                events,
                log.get_asset_partitions_for_run(run_id, planned),
                log.get_asset_keys_for_run(run_id),
                [
                    (row.asset_key, row.partition)
                    for row in log.get_asset_event_summary_records(
                        planned, run_id=run_id, ascending=True
                    )
                ],
            )
        )
    return found


def index_of_events(instance: dg.DagsterInstance) -> Counter:
    """The index file's events by type, asset, partition and what their text says of both."""
    with sqlite3.connect(Path(instance.root_directory) / "history/runs/index.db") as index:
        counted = Counter()
        for text, *columns in index.execute(
            "select event, dagster_event_type, asset_key, partition from event_logs"
        ):
            event = dg.EventLogEntry.from_json(text).dagster_event
            counted[(*columns, event.event_type_value, str(event.asset_key), event.partition)] += 1
        tags = index.execute(
            "select t.asset_key, t.key, t.value, e.partition"
            " from asset_event_tags t join event_logs e on e.id = t.event_id"
        )
        counted.update(tags.fetchall())
        return counted


def all_answers(instance: dg.DagsterInstance) -> dict[str, Any]:
    """Everything the tests compare between the two logs."""
    answers: dict[str, Any] = {"runs": runs(instance), "index": index_of_events(instance)}
    for key in (STAGED, REPORT):
        info = instance.get_latest_planned_materialization_info(key)
        answers[key.to_user_string()] = {
            "status": partition_statuses(instance, key),
            "automation": seen_by_automation(instance, key),
            "by day": instance.get_status_by_partition(key, ALL_DAYS, DAYS),
            "materialized": sorted(instance.get_materialized_partitions(key)),
            "latest": latest_materializations(instance, key),
            "row": asset_row(instance, key),
            "planned": info.run_id == instance.get_run_records(limit=1)[0].dagster_run.run_id,
            "tags": instance.event_log_storage.get_latest_tags_by_partition(
                key, DagsterEventType.ASSET_MATERIALIZATION, ["dagster/data_version"]
            )
            if key == STAGED
            else None,
        }
    for check in (ROWS, UNIQUE):
        answers[check.name] = check_statuses(instance, check)
    return answers


SCENARIOS: Mapping[str, list[dict[str, Any]]] = {
    "a full range": [{"tags": ranged()}],
    "a range with rejected days": [{"tags": {**ranged(), REJECTED_TAG: "2024-01-03 2024-01-07"}}],
    "a single day": [{"partition_key": "2024-01-04"}],
    "a failed range, then its days again": [
        {"tags": {**ranged(), REJECTED_TAG: "2024-01-03 2024-01-07"}},
        {"partition_key": "2024-01-03"},
        {"tags": {**ranged("2024-01-06", "2024-01-08"), REJECTED_TAG: "2024-01-08"}},
    ],
}


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_both_logs_give_equal_answers_after(scenario: str, tmp_path: Path) -> None:
    answers = {}
    for log in ("stock", "batched"):
        (tmp_path / log).mkdir()
        with open_instance(tmp_path / log, log) as instance:
            for arguments in SCENARIOS[scenario]:
                run(instance, **arguments)
            answers[log] = all_answers(instance)
    assert answers["batched"] == answers["stock"]


def test_good_days_are_materialized_and_rejected_ones_failed(
    instance: dg.DagsterInstance,
) -> None:
    result = run(instance, tags={**ranged(), REJECTED_TAG: "2024-01-03 2024-01-07"})

    assert not result.success
    assert partition_statuses(instance, STAGED) == {
        "materialized": [day for day in ALL_DAYS if day not in ("2024-01-03", "2024-01-07")],
        "failed": ["2024-01-03", "2024-01-07"],
        "in progress": [],
    }
    assert partition_statuses(instance, REPORT)["materialized"] == ALL_DAYS


def test_logged_days_carry_their_own_metadata_once(instance: dg.DagsterInstance) -> None:
    result = run(instance, tags=ranged())

    logged = result.asset_materializations_for_node("staged")
    assert [materialization.partition for materialization in logged] == ALL_DAYS
    records = instance.fetch_materializations(STAGED, limit=100, ascending=True).records
    assert [
        record.asset_materialization.metadata["dagster/partition_row_count"].value
        for record in records
    ] == list(range(1, 11))


def test_check_results_yielded_before_a_failure_are_recorded(
    instance: dg.DagsterInstance,
) -> None:
    run(instance, tags={**ranged(), REJECTED_TAG: "2024-01-03"})

    (status, partition), _, by_day = check_statuses(instance, ROWS)
    assert (status, partition) == ("FAILED", None)
    assert dict(by_day)["2024-01-03"] == "FAILED"
    assert Counter(status for _, status in by_day) == {"SUCCEEDED": 9, "FAILED": 2}


def test_a_run_log_holds_one_planned_event_per_asset(batched: dg.DagsterInstance) -> None:
    result = run(batched, tags=ranged())

    planned = batched.all_logs(
        result.run_id, of_type=DagsterEventType.ASSET_MATERIALIZATION_PLANNED
    )
    assert len(planned) == 2


def test_days_of_a_running_step_are_in_progress_for_a_second_instance(
    instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    seen = {}

    @dg.asset(name="staged", partitions_def=DAYS, backfill_policy=RANGED)
    def looks_at_itself(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
        log_materializations(
            context, [dg.AssetMaterialization(STAGED, partition=day) for day in ALL_DAYS[:4]]
        )
        with dg.DagsterInstance.from_ref(instance.get_ref()) as second:
            seen.update(partition_statuses(second, STAGED))
        return dg.MaterializeResult(metadata=WITHOUT_AUTOMATIC_EVENTS)

    dg.materialize([looks_at_itself], instance=instance, tags=ranged())
    assert seen == {"materialized": ALL_DAYS[:4], "failed": [], "in progress": ALL_DAYS[4:]}


@pytest.mark.parametrize("log", ["stock", "batched"])
def test_a_backfill_counts_the_days_of_a_failed_range(log: str, tmp_path: Path) -> None:
    with open_instance(tmp_path, log) as instance:
        graph = DEFS.resolve_asset_graph()
        target = AssetGraphSubset.from_asset_keys([STAGED], graph)
        started = time.time()
        data = AssetBackfillData.from_asset_graph_subset(target, instance, started)
        backfill = PartitionBackfill.from_asset_graph_subset(
            "season", started, {}, instance, target, None, None, None
        )
        instance.add_backfill(backfill)

        def tick(data: AssetBackfillData) -> AssetBackfillData:
            view = graph_view(instance, started)
            return execute_asset_backfill_iteration_inner(
                "season", data, view, started, dg.get_dagster_logger(), None
            ).backfill_data

        requested = tick(data)
        run(
            instance,
            tags={**ranged(), REJECTED_TAG: "2024-01-03 2024-01-07", BACKFILL_TAG: "season"},
        )
        ended = tick(requested)

        counts = {
            status.asset_key: {
                kind.value: days for kind, days in status.partitions_counts_by_status.items()
            }
            for status in ended.get_backfill_status_per_asset_key(graph)
        }
        assert counts[STAGED] == {"MATERIALIZED": 8, "FAILED": 2, "IN_PROGRESS": 0}
        (stored,) = instance.get_backfills()
        assert (stored.backfill_id, stored.status) == ("season", BulkActionStatus.REQUESTED)


def test_events_buffered_when_a_step_fails_are_stored_before_the_failure(
    batched: dg.DagsterInstance,
) -> None:
    @dg.asset(name="staged", partitions_def=DAYS, backfill_policy=RANGED)
    def fails_between_two_events(context: dg.AssetExecutionContext) -> None:
        def events() -> Iterator[dg.AssetMaterialization]:
            yield from (dg.AssetMaterialization(STAGED, partition=day) for day in ALL_DAYS[:4])
            raise dg.Failure("the fifth day does not come")

        from dagster._core.events import DagsterEvent, DagsterEventBatchMetadata

        step = context.op_execution_context.get_step_execution_context()
        for event in events():
            DagsterEvent.asset_materialization(step, event, DagsterEventBatchMetadata("b", False))

    result = dg.materialize(
        [fails_between_two_events], instance=batched, tags=ranged(), raise_on_error=False
    )
    assert partition_statuses(batched, STAGED)["materialized"] == ALL_DAYS[:4]
    kinds = [event.dagster_event_type.value for event in batched.all_logs(result.run_id)]
    assert kinds.index("STEP_FAILURE") > max(
        place for place, kind in enumerate(kinds) if kind == "ASSET_MATERIALIZATION"
    )


def test_an_interrupt_during_a_batch_takes_effect_after_it(
    batched: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    report_event, reported = batched.report_dagster_event, []

    def interrupt_at_the_third_day(event: Any, *arguments: Any, **options: Any) -> None:
        if event.is_step_materialization:
            reported.append(event.partition)
            if len(reported) == 3:
                os.kill(os.getpid(), signal.SIGINT)
        report_event(event, *arguments, **options)

    monkeypatch.setattr(batched, "report_dagster_event", interrupt_at_the_third_day)
    result = run(batched, tags=ranged())

    assert not result.success
    assert reported == ALL_DAYS
    assert partition_statuses(batched, STAGED)["materialized"] == ALL_DAYS
    assert partition_statuses(batched, REPORT)["materialized"] == []


def test_an_error_within_a_batch_leaves_no_part_of_it(
    batched: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = run(batched, tags=ranged())
    log = batched.event_log_storage
    batch = batched.all_logs(result.run_id, of_type=DagsterEventType.ASSET_MATERIALIZATION)
    before = all_answers(batched)

    def fail(*_: Any) -> None:
        raise sqlite3.OperationalError("disk full")

    with monkeypatch.context() as patched:
        patched.setattr(log, "_store_asset_entries", fail)
        with pytest.raises(sqlite3.OperationalError):
            log.store_event_batch(batch)
    assert all_answers(batched) == before


def test_a_batch_size_set_by_the_user_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    BatchedSqliteEventLogStorage(str(tmp_path / "default"))
    assert int(os.environ[BATCH_SIZE_VARIABLE]) > 0
    monkeypatch.setenv(BATCH_SIZE_VARIABLE, "0")
    BatchedSqliteEventLogStorage(str(tmp_path / "own"))
    assert os.environ[BATCH_SIZE_VARIABLE] == "0"


WORKER = """
    import os, signal, sys, time
    from pathlib import Path
    import dagster as dg
    from nba_backfill.core.event_log import BatchedSqliteEventLogStorage
    from nba_backfill.core.events import log_materializations
    from nba_backfill_tests.core.test_event_log import *

    home, moment = Path(sys.argv[1]), sys.argv[2]
    kill = lambda *_: os.kill(os.getpid(), signal.SIGKILL)

    @dg.asset(name="staged", partitions_def=DAYS, backfill_policy=RANGED)
    def killed(context) -> None:
        days = [dg.AssetMaterialization(STAGED, partition=day) for day in ALL_DAYS]
        log_materializations(context, days[:4])
        if moment == "inside a transaction":
            BatchedSqliteEventLogStorage._store_asset_entries = kill
            log_materializations(context, days[4:])
        (home / "waiting").touch()
        time.sleep(60)

    with open_instance(home, "batched") as instance:
        dg.materialize([killed], instance=instance, tags=ranged())
"""


@pytest.mark.parametrize("moment", ["between transactions", "inside a transaction"])
def test_a_killed_run_leaves_its_stored_days_and_can_be_rerun(moment: str, tmp_path: Path) -> None:
    worker = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(WORKER), str(tmp_path), moment],
        stderr=subprocess.DEVNULL,
    )
    with open_instance(tmp_path, "batched") as instance:
        if moment == "between transactions":
            while not (tmp_path / "waiting").exists():
                assert worker.poll() is None
                time.sleep(0.05)
            # The worker lives: this process must see its days as stored and in progress.
            assert partition_statuses(instance, STAGED)["in progress"] == ALL_DAYS[4:]
            worker.kill()
        assert worker.wait(timeout=30) == -signal.SIGKILL

        for database in (tmp_path / "history" / "runs").glob("*.db"):
            with sqlite3.connect(database) as opened:
                assert opened.execute("pragma integrity_check").fetchone() == ("ok",)
        assert sorted(instance.get_materialized_partitions(STAGED)) == ALL_DAYS[:4]
        (killed,) = instance.get_runs()
        instance.report_run_failed(killed)
        assert partition_statuses(instance, STAGED)["failed"] == ALL_DAYS[4:]

        assert run(instance, tags=ranged()).success
        assert partition_statuses(instance, STAGED) == {
            "materialized": ALL_DAYS,
            "failed": [],
            "in progress": [],
        }
