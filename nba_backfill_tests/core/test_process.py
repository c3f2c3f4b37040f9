"""A run whose process is gone is dead; nothing else is."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import dagster as dg
import pytest

from nba_backfill.core.process import (
    BORN,
    HOST,
    PID,
    bury_dead_runs,
    is_dead,
    process_tags,
    unfinished_runs,
)

TELLING = (
    "import json; from nba_backfill.core.process import process_tags;"
    " print(json.dumps(process_tags()), flush=True)"
)


@pytest.fixture(scope="module")
def gone():
    """The tags of a process of this host that has ended."""
    told = subprocess.run([sys.executable, "-c", TELLING], capture_output=True, check=True)
    return json.loads(told.stdout)


@pytest.fixture
def instance(tmp_path):
    with dg.DagsterInstance.local_temp(str(tmp_path)) as instance:
        yield instance


def started(instance, tags):
    """A run that Dagster saw start and not end."""
    return instance.add_run(
        dg.DagsterRun(job_name="any", status=dg.DagsterRunStatus.STARTED, tags=tags)
    )


def test_a_process_that_works_is_not_dead_and_one_that_ended_is(gone):
    assert not is_dead(process_tags())
    assert is_dead(gone)


@pytest.mark.skipif(not hasattr(os, "waitid"), reason="no way to wait without collecting")
def test_a_process_that_ended_and_was_not_collected_by_its_parent_is_dead():
    with subprocess.Popen(
        [sys.executable, "-c", f"{TELLING}; input()"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as child:
        tags = json.loads(child.stdout.readline())
        assert not is_dead(tags)
        child.kill()
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)  # ended, and left as it is
        assert is_dead(tags)


def test_a_number_that_another_process_was_given_since_is_no_sign_of_life(gone):
    assert is_dead(process_tags() | {BORN: gone[BORN]})


def test_a_run_of_another_host_is_never_dead(gone):
    assert not is_dead(gone | {HOST: "elsewhere"})


def test_a_run_that_names_no_process_is_never_dead(gone):
    assert not is_dead({})
    assert not is_dead({HOST: gone[HOST]})


def test_only_dead_runs_are_buried_and_each_is_told_once(instance, gone):
    dead, alive = started(instance, gone), started(instance, process_tags())
    other = started(instance, gone | {HOST: "elsewhere"})
    goes_on, killed = unfinished_runs(instance)
    assert {record.dagster_run.run_id for record in goes_on} == {alive.run_id, other.run_id}
    assert [record.dagster_run.run_id for record in killed] == [dead.run_id]
    said = []
    for _ in range(2):
        bury_dead_runs(instance, said.append)
    assert [line.partition(";")[0] for line in said] == [
        f"run {dead.run_id[:8]} was killed: its process {gone[PID]} on this host is gone"
    ]
    statuses = {run.run_id: run.status for run in instance.get_runs()}
    assert statuses[dead.run_id] is dg.DagsterRunStatus.FAILURE
    assert statuses[alive.run_id] is statuses[other.run_id] is dg.DagsterRunStatus.STARTED
    [event] = [e for e in instance.all_logs(dead.run_id) if e.dagster_event]
    assert "was killed" in event.dagster_event.message
