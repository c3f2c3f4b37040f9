"""How far running work is, read again and again: rates, what is left, and the last errors.

Read from Dagster's record, since the embedded warehouse is closed to others while it is written.
"""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass, field

import dagster as dg
from dagster._core.errors import DagsterExecutionStepExecutionError

from nba_backfill.backfill.fitting import FittingTable, Heading
from nba_backfill.backfill.report import days_done, days_planned
from nba_backfill.core.process import unfinished_runs

RECENT_SECONDS = 60.0
"""The rate of late is that of the last minute: tables differ a hundredfold in what a day costs."""

ERRORS_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Progress:
    """What running runs have done of what they planned, by table, and when the rest may be done."""

    done: dict[str, int]
    planned: dict[str, int]
    rate: float
    seconds_left: tuple[float, float] | None
    errors: tuple[str, ...]

    @property
    def running(self) -> list[str]:
        """Tables that are begun and not done."""
        return [name for name, n in self.planned.items() if 0 < self.done.get(name, 0) < n]


@dataclass(slots=True)
class Watch:
    """Samples of how much was done when, from which a range for what is left is told."""

    started: float | None = None
    samples: deque[tuple[float, int]] = field(default_factory=deque)

    def look(self, instance: dg.DagsterInstance, now: float | None = None) -> Progress | None:
        """How far work is now; None when nothing runs. ``now``: seconds since the epoch."""
        now = time.time() if now is None else now
        active, _ = unfinished_runs(instance)
        if not active:
            return None
        done: dict[str, int] = {}
        planned: dict[str, int] = {}
        errors: list[str] = []
        for record in active:
            for key, days in days_planned(instance, record.dagster_run).items():
                planned[key.to_user_string()] = planned.get(key.to_user_string(), 0) + days
            for key, days in days_done(instance, record.dagster_run).items():
                done[key.to_user_string()] = done.get(key.to_user_string(), 0) + days
            errors += _errors(instance, record.dagster_run.run_id)
        begun = min(record.start_time or now for record in active)
        total = sum(done.values())
        self.samples.append((now, total))
        while self.samples[0][0] < now - RECENT_SECONDS and len(self.samples) > 2:
            self.samples.popleft()
        overall = total / max(now - begun, 1.0)
        (since, was), recent = self.samples[0], overall
        if now - since > 1.0:
            recent = (total - was) / (now - since)
        left = sum(planned.values()) - total
        rates = sorted(rate for rate in (overall, recent) if rate > 0)
        span = (left / rates[-1], left / rates[0]) if rates else None
        return Progress(done, planned, recent, span, tuple(errors[-ERRORS_SHOWN:]))


def _errors(instance: dg.DagsterInstance, run_id: str) -> list[str]:
    failures = instance.get_records_for_run(run_id, of_type=dg.DagsterEventType.STEP_FAILURE)
    return [_in_words(record.event_log_entry.dagster_event) for record in failures.records]


def _in_words(failure: dg.DagsterEvent) -> str:
    """The step that failed and the first line of why."""
    error = failure.step_failure_data.error
    if error is None:
        return f"{failure.step_key} failed; Dagster recorded no reason"
    # Dagster wraps what a step raises in an error that names only the step.
    if error.cls_name == DagsterExecutionStepExecutionError.__name__ and error.cause:
        error = error.cause
    return f"{failure.step_key}: {error.message.strip().partition(chr(10))[0]}"


def progress_table(progress: Progress) -> FittingTable:
    """Progress as a person reads it, the table furthest behind first: it says when all is done."""
    printed = FittingTable(
        "Running now",
        [
            Heading("table", left=True),
            Heading("done"),
            Heading("planned"),
            Heading("left", expendable=1),
            Heading("", left=True, expendable=2),
        ],
    )
    share = {name: progress.done.get(name, 0) / n for name, n in progress.planned.items() if n}
    for name in sorted(share, key=share.get):
        done, planned = progress.done.get(name, 0), progress.planned[name]
        bar = "█" * round(20 * share[name])
        printed.add(name, str(done), str(planned), str(planned - done), bar)
    return printed


def in_a_line(progress: Progress) -> str:
    """Progress in one line, for a log."""
    total, planned = sum(progress.done.values()), sum(progress.planned.values())
    if progress.seconds_left is None:
        ready = "not known yet when it is done"
    else:
        low, high = (round(seconds) for seconds in progress.seconds_left)
        ready = f"done in {low} s" if low == high else f"done in {low} to {high} s"
    at = f"; at work on {', '.join(progress.running[:3])}" if progress.running else ""
    return f"{total} of {planned} table-days, {progress.rate:.1f} a second, {ready}{at}"
