"""Whatever goes wrong between us and BigQuery: days are whole, records agree, one rerun completes."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import random
import signal
import threading
import time

import pytest

from nba_backfill.warehouse.bigquery import BigQueryWarehouse
from nba_backfill.warehouse.dialect import Statement
from nba_backfill.warehouse.protocol import WarehouseError
from nba_backfill_tests.bigquery.workload import (
    DAYS,
    TABLES,
    Tally,
    backfill,
    opened,
    rows_of_version,
)
from nba_backfill_tests.bigquery_double import ERRORS, Double, DoubleProcess, Fault
from nba_backfill_tests.bigquery_double.faults import FAILED_JOBS, STARTS_JOB
from nba_backfill_tests.warehouse.homes import BOXES, OTHERS, day, rows_of

SEED = 20240111
ENDS_A_RUN = {"quotaExceeded", "accessDenied", "jobQuotaExceeded"}
"""Errors that waiting does not mend; all others are waited out."""


def calls_of_a_run(double: Double) -> list[str]:
    """Kinds of the API calls of a run that nothing disturbs, in order."""
    backfill(opened(double.url), 1)
    double.reset()
    backfill(opened(double.url), 2)
    return double.log()


def faults_at(calls: list[str]) -> list[Fault]:
    """Every error at every call that can meet it: a job fails where it is started."""
    return [
        Fault(error, at=at, seconds=0.05)
        for at, kind in enumerate(calls)
        for error in ERRORS
        if error not in FAILED_JOBS or kind in STARTS_JOB
    ]


def stopped_by(warehouse: BigQueryWarehouse, version: int) -> str:
    """What ended a run, in the words of its error; empty where nothing did."""
    try:
        backfill(warehouse, version)
    except WarehouseError as error:
        return str(error)
    return ""


def disturb(double: Double, faults: list[Fault], tally: Tally) -> None:
    """A run for each fault, looked at afterwards, and run again where it stopped."""
    version = 2
    for fault in faults:
        version += 1
        double.reset(fault)
        warehouse = opened(double.url)
        said = stopped_by(warehouse, version)
        tally.met.update(hit.split()[0] for hit in double.hits())
        tally.disturbed += bool(double.hits())
        double.reset()
        if said:
            tally.stopped += 1
            assert fault.error in ENDS_A_RUN, f"{fault}: {said}"
            assert "Nothing was written" in said or "not known" in said
            double.settle()
            tally.compare(opened(double.url), version - 1, version)
            backfill(opened(double.url), version)
        tally.compare(opened(double.url), version, version)


def test_a_fault_of_every_class_leaves_whole_days_that_agree_with_their_records():
    chance, tally = random.Random(SEED), Tally()
    with Double() as double:
        every = faults_at(calls_of_a_run(double))
        chosen = [chance.choice([f for f in every if f.error == error]) for error in ERRORS]
        disturb(double, chosen, tally)
    assert (tally.lost, tally.doubled, tally.mixed, tally.unlike_record) == (0, 0, [], [])
    assert tally.disturbed == len(ERRORS)


@pytest.mark.slow
@pytest.mark.longest
def test_every_error_at_every_call_of_a_range_of_two_tables_loses_and_doubles_nothing(capsys):
    chance, tally = random.Random(SEED), Tally()
    with Double() as double:
        calls = calls_of_a_run(double)
        faults = faults_at(calls)
        chance.shuffle(faults)
        disturb(double, faults, tally)
    with capsys.disabled():
        print(f"\nfaults at each of {len(calls)} calls: {tally}")  # noqa: T201 - the counts are the proof
    assert (tally.lost, tally.doubled, tally.mixed, tally.unlike_record) == (0, 0, [], [])
    assert tally.disturbed >= 300


SERVER = multiprocessing.get_context("forkserver")


def _work(url: str, version: int) -> None:
    backfill(opened(url), version)


@pytest.mark.slow
@pytest.mark.longest
def test_runs_killed_at_any_moment_leave_whole_days_and_one_rerun_completes(capsys):
    SERVER.set_forkserver_preload(["nba_backfill_tests.bigquery.test_faults"])
    chance, tally, version = random.Random(SEED), Tally(), 1
    with DoubleProcess() as double:
        double.set(pause=0.02)
        backfill(opened(double.url), version)
        # How long an undisturbed run takes here and now, its process included.
        began = time.monotonic()
        child = SERVER.Process(target=_work, args=(double.url, version))
        child.start()
        child.join()
        length = time.monotonic() - began
        while tally.disturbed < 50:
            version += 1
            double.reset()
            child = SERVER.Process(target=_work, args=(double.url, version))
            child.start()
            child.join(chance.uniform(0.05, 1.0) * length)
            if child.exitcode is None:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(child.pid, signal.SIGKILL)
            child.join()
            if child.exitcode == -signal.SIGKILL:
                tally.disturbed += 1
                tally.met.update(["before the first call", *double.log()][-1:])
            double.settle()
            tally.compare(opened(double.url), version - 1, version)
            backfill(opened(double.url), version)
            tally.compare(opened(double.url), version, version)
    with capsys.disabled():
        print(f"\nkills: {tally}")  # noqa: T201 - the counts are the proof
    assert (tally.lost, tally.doubled, tally.mixed, tally.unlike_record) == (0, 0, [], [])


def test_two_runs_at_once_over_the_same_days_and_over_neighbouring_tables_lose_no_record():
    errors: list[BaseException] = []

    def run(url: str, version: int, tables) -> None:
        try:
            backfill(opened(url, most_partitions=4000), version, tables)
        except BaseException as error:
            errors.append(error)

    with Double() as double:
        backfill(opened(double.url), 1)
        double.set(pause=0.15)
        runs = [(2, (BOXES,)), (3, (BOXES,)), (4, (OTHERS,)), (5, (BOXES,))]
        threads = [threading.Thread(target=run, args=(double.url, *one)) for one in runs]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert errors == []
        warehouse = opened(double.url)
        found = [(d, p, points) for d, _, p, points in rows_of(warehouse)]
        versions = [
            sorted((r["game_date"], r["player"], r["points"]) for r in rows_of_version(v))
            for v in (2, 3, 5)
        ]
        assert found in versions, "the days are those of one run, not of several"
        for table in TABLES:
            contents = warehouse.fingerprints(table, table.relation)
            records = warehouse.histories([table.relation])[table.relation].by_day
            assert {d: (r.row_count, r.fingerprint) for d, r in records.items() if r.row_count} == (
                contents
            )
        counted = "SELECT table_name, COUNT(*) FROM nba_orchestration.partition_ledger_records GROUP BY table_name ORDER BY table_name"
        written = warehouse.query(Statement(counted, {}))
        assert written == [(BOXES.relation, 4 * len(DAYS)), (OTHERS.relation, 2 * len(DAYS))]
        # Without a conflict that was waited out, nothing was shown.
        jobs = double.service.jobs.known.values()
        assert any(job.error and "concurrent update" in job.error.message for job in jobs)


def test_a_target_with_rows_in_its_streaming_buffer_is_waited_for_and_then_refused():
    with Double() as double:
        backfill(opened(double.url), 1)
        double.client().insert_rows_json(BOXES.relation, [{"game_date": str(day(9))}])
        with pytest.raises(WarehouseError) as refused:
            backfill(opened(double.url), 2)
        assert "nba_analytics.boxes" in str(refused.value)
        assert "streaming buffer" in str(refused.value)
        assert "Nothing was written" in str(refused.value)
        tally = Tally()
        tally.compare(opened(double.url), 1, 1)
        double.flush()
        backfill(opened(double.url), 2)
        tally.compare(opened(double.url), 2, 2)
        assert (tally.doubled, tally.mixed, tally.unlike_record) == (0, [], [])


def test_a_streaming_buffer_that_is_flushed_meanwhile_costs_a_wait_and_nothing_else():
    with Double() as double:
        backfill(opened(double.url), 1)
        double.set(buffered_seconds=0.1)
        double.client().insert_rows_json(BOXES.relation, [{"game_date": str(day(9))}])
        backfill(opened(double.url), 2)
        tally = Tally()
        tally.compare(opened(double.url), 2, 2)
        assert (tally.doubled, tally.mixed, tally.unlike_record) == (0, [], [])
