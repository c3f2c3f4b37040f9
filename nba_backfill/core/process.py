"""Which process works on a Dagster run, and whether it still does.

Dagster hears of a run's end from the run itself, so one that is killed stays STARTED for ever: it
would be shown as running, and the daemon, which runs one at a time, would wait for it. A run
therefore carries tags that name its process, and a run whose process is gone is dead. A process
of another host cannot be seen from here, so a run of another host is never called dead.
"""

from __future__ import annotations

import multiprocessing
import os
import socket
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

import dagster as dg

HOST, PID, BORN = "nba/host", "nba/pid", "nba/process_started"
UNFINISHED = (
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
)
PROC = Path("/proc")
START_TIME_FIELD = 19
"""Of what follows the command's name in /proc/PID/stat (field 22 of proc(5)), in clock ticks."""


def process_tags(pid: int | None = None) -> dict[str, str]:
    """Run tags that name a process, by default this one.

    With its start, since a number is given out again.
    """
    pid = os.getpid() if pid is None else pid
    return {HOST: socket.gethostname(), PID: str(pid), BORN: str(_born(pid))}


def tag_run(instance: dg.DagsterInstance, run: dg.DagsterRun, *, a_step: bool = False) -> None:
    """Say in a run's tags which process works on it.

    It is this one; or, in the process of a single step (``a_step``), the one that started it: a
    step that has ended is no sign of a dead run.
    """
    parent = multiprocessing.parent_process() if a_step else None
    instance.add_run_tags(run.run_id, process_tags(parent.pid if parent else None))


def is_dead(tags: Mapping[str, str]) -> bool:
    """Whether the process that a run's tags name was one of this host and is gone.

    False for tags that name none, and for one that another host ran.
    """
    if tags.get(HOST) != socket.gethostname() or PID not in tags:
        return False
    return str(_born(int(tags[PID]))) != tags.get(BORN)


def unfinished_runs(
    instance: dg.DagsterInstance,
) -> tuple[list[dg.RunRecord], list[dg.RunRecord]]:
    """Runs that Dagster has not seen the end of: those that go on, and those that are dead."""
    found = instance.get_run_records(dg.RunsFilter(statuses=list(UNFINISHED)))
    dead = [record for record in found if is_dead(record.dagster_run.tags)]
    return [record for record in found if record not in dead], dead


def killed_in_words(record: dg.RunRecord) -> str:
    """One line about a dead run."""
    run = record.dagster_run
    return (
        f"run {run.run_id[:8]} was killed: its process {run.tags[PID]} on this host is gone;"
        " the days it wrote are whole"
    )


def bury_dead_runs(instance: dg.DagsterInstance, say: Callable[[str], None]) -> None:
    """Mark dead runs as failed in Dagster, saying of each that it was killed."""
    _, dead = unfinished_runs(instance)
    for record in dead:
        said = killed_in_words(record)
        instance.report_run_failed(record.dagster_run, message=said)
        say(f"{said}; marked as failed in Dagster")


def _born(pid: int) -> str | None:
    """When a process of this host started, in words that no other process of that number has.

    None if there is no such process, or one that has ended and waits to be collected.
    """
    if not PROC.joinpath("self", "stat").exists():
        return _born_by_ps(pid)
    try:
        stat = PROC.joinpath(str(pid), "stat").read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return None
    # The command's name, in brackets, may itself hold blanks and brackets.
    state, *fields = stat.rpartition(")")[2].split()
    if state in ("Z", "X"):
        return None
    boot = PROC.joinpath("sys", "kernel", "random", "boot_id")
    booted = boot.read_text(encoding="utf-8").strip() if boot.exists() else ""
    return f"{fields[START_TIME_FIELD - 1]} ticks after boot {booted}"


def _born_by_ps(pid: int) -> str | None:
    """The same where there is no /proc, as on macOS."""
    asked = subprocess.run(
        ["ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return asked.stdout.strip() or None
