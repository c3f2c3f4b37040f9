"""What a step tells Dagster of days: which it is about to compute, and what became of them.

`log_events` hands events over as one batch; `log_planned` says which days are about to be computed,
so that Dagster shows them in progress and, if the run fails without them, as failed: what it does
by itself for the assets a run was launched for, and for no others. `WITHOUT_AUTOMATIC_EVENTS`
keeps Dagster from reporting days that the step itself withheld.
"""

import os
import time
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import dagster as dg
from dagster._core.definitions.source_asset import SYSTEM_METADATA_KEY_SOURCE_ASSET_OBSERVATION
from dagster._core.errors import DagsterExecutionInterruptedError
from dagster._core.events import (
    AssetMaterializationPlannedData,
    AssetObservationData,
    DagsterEvent,
    DagsterEventBatchMetadata,
    DagsterEventType,
    StepMaterializationData,
    generate_event_batch_id,
)
from dagster._utils.interrupts import capture_interrupts, check_captured_interrupt

WITHOUT_AUTOMATIC_EVENTS: Mapping[str, bool] = {SYSTEM_METADATA_KEY_SOURCE_ASSET_OBSERVATION: True}
"""Output metadata with which a step succeeds, and its downstream steps run, while Dagster adds no
materializations of its own: `return dg.MaterializeResult(metadata=WITHOUT_AUTOMATIC_EVENTS)`.

Without it Dagster reports every partition of the run as materialized, also those that the step
withheld. Dagster made the key for source assets that report for themselves, which is what our
steps do; `test_event_log.py` fails if a later version drops it.
"""

MILLISECOND = 0.001
LoggableEvent = dg.AssetMaterialization | dg.AssetObservation | dg.AssetCheckEvaluation


class _Moments:
    """Hands out moments in the past that differ by a millisecond or more, in ascending order.

    The UI tells two events of an asset and a run apart by their millisecond, and pages by it: of a
    batch that shares one it would show a single day and skip the others.
    """

    def __init__(self) -> None:
        self._last = 0

    def take(self, count: int) -> list[float]:
        """As many moments, the last of them now, in seconds since the epoch."""
        first = max(int(time.time() / MILLISECOND) - count + 1, self._last + 1)
        self._last = first + count - 1
        # The middle of the millisecond: rounding to one must not meet its neighbour.
        return [(first + n + 0.5) * MILLISECOND for n in range(count)]


_moments = _Moments()


def log_events(context: Any, events: Sequence[LoggableEvent]) -> None:
    """Record events from within an asset's or a check's op as one batch.

    `context.log_event` does the same one event at a time and prints each to the console; here they
    go to the event log alone. Combine with `WITHOUT_AUTOMATIC_EVENTS` to report some days only:

        log_events(context, [dg.AssetMaterialization(key, partition=day, metadata=...), ...])
        return dg.MaterializeResult(metadata=WITHOUT_AUTOMATIC_EVENTS)

    An interrupt that arrives meanwhile takes effect after the batch is stored.
    """
    op_context = getattr(context, "op_execution_context", context)
    step_context = op_context.get_step_execution_context()
    dagster_events = [_dagster_event(step_context, event) for event in events]
    _report(step_context, dagster_events)
    # As context.log_event does: makes the events part of the results of `dg.materialize`.
    op_context._events.extend(dagster_events)


def log_planned(
    context: Any,
    days: Mapping[dg.AssetKey, Collection[str]],
    partitions: dg.PartitionsDefinition,
) -> None:
    """Record that this run is about to compute partitions of assets, keys in ``partitions``.

    Until it materializes one, Dagster shows it as in progress; when the run fails, as failed.
    """
    op_context = getattr(context, "op_execution_context", context)
    step_context = op_context.get_step_execution_context()
    log = step_context.instance.event_log_storage
    as_subset = log.supports_partition_subset_in_asset_materialization_planned_events
    planned = []
    for key, chosen in days.items():
        if as_subset and chosen:
            subset = partitions.empty_subset().with_partition_keys(sorted(chosen))
            stored = subset.to_serializable_subset()
            planned.append(AssetMaterializationPlannedData(key, partitions_subset=stored))
        else:
            planned += [AssetMaterializationPlannedData(key, day) for day in sorted(chosen)]
    _report(
        step_context,
        [
            DagsterEvent.build_asset_materialization_planned_event(
                step_context.job_name, step_context.step.key, data
            )
            for data in planned
        ],
    )


def _report(step_context: Any, events: Sequence[DagsterEvent]) -> None:
    batch_id = generate_event_batch_id()
    moments = _moments.take(len(events))
    with capture_interrupts():
        for position, (event, moment) in enumerate(zip(events, moments, strict=True), start=1):
            step_context.instance.report_dagster_event(
                event,
                step_context.run_id,
                log_level="DEBUG",
                batch_metadata=DagsterEventBatchMetadata(batch_id, is_end=position == len(events)),
                timestamp=moment,
            )
        # Leaving `capture_interrupts` forgets what it captured, and the run would go on.
        interrupted = check_captured_interrupt()
    if interrupted:
        raise DagsterExecutionInterruptedError()


def log_materializations(context: Any, materializations: Sequence[dg.AssetMaterialization]) -> None:
    """Record materializations of the days that came out well; see `log_events`."""
    log_events(context, materializations)


def _dagster_event(step_context: Any, event: LoggableEvent) -> DagsterEvent:
    match event:
        case dg.AssetMaterialization():
            event_type = DagsterEventType.ASSET_MATERIALIZATION
            data = StepMaterializationData(event)
        case dg.AssetObservation():
            event_type, data = DagsterEventType.ASSET_OBSERVATION, AssetObservationData(event)
        case dg.AssetCheckEvaluation():
            event_type, data = DagsterEventType.ASSET_CHECK_EVALUATION, event
    subject = f"{event.asset_key.to_user_string()} {event.partition or ''}".rstrip()
    return DagsterEvent(
        event_type_value=event_type.value,
        job_name=step_context.job_name,
        step_handle=step_context.step.handle,
        node_handle=step_context.step.node_handle,
        step_kind_value=step_context.step.kind.value,
        logging_tags=step_context.event_tags,
        event_specific_data=data,
        message=event.description or f"{type(event).__name__} of {subject}.",
        pid=os.getpid(),
    )
