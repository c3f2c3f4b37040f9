"""Runs in processes that are killed at random moments, and what the parent finds after each.

The killed process keeps no count: it writes where it is into a pipe, and the parent, which reads
the pipe to its end, counts what it found in the warehouse afterwards. Children are forked by a
server that has imported everything and opened nothing, so that one costs its work and no more.
"""

from __future__ import annotations

import datetime as dt
import math
import multiprocessing
import os
import random
import signal
import time
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from multiprocessing.connection import Connection
from pathlib import Path

from nba_backfill.backfill.apply import build
from nba_backfill.backfill.plan import plan
from nba_backfill.backfill.world import World
from nba_backfill.materialization.catalogue import Catalogue
from nba_backfill.warehouse.duckdb import DuckDBWarehouse

READING, STAGING, JUDGING, COMMITTING = "reading", "staging", "judging", "committing"
PHASES = (READING, STAGING, JUDGING, COMMITTING)
SERVER = multiprocessing.get_context("forkserver")
SERVER.set_forkserver_preload(["nba_backfill_tests.test_killed"])


class TellingWarehouse(DuckDBWarehouse):
    """The embedded warehouse, which says into a pipe what it is about to do."""

    def __init__(self, path: Path, pipe: Connection) -> None:
        self.pipe, self.doing = pipe, ""
        super().__init__(path)

    def tell(self, table: str, phase: str) -> None:
        """Say what comes next; the parent keeps the last thing said."""
        if (said := f"{table} {phase}") != self.doing:
            self.doing = said
            self.pipe.send_bytes(said.encode())

    def stage(self, table, statement):
        self.tell(table.name, STAGING)
        staged = super().stage(table, statement)
        self.tell(table.name, JUDGING)
        return staged

    def frame(self, statement):
        self.tell(self.doing.split()[0], STAGING)
        return super().frame(statement)

    def stage_frame(self, table, frame):
        self.tell(table.name, STAGING)
        staged = super().stage_frame(table, frame)
        self.tell(table.name, JUDGING)
        return staged

    def replace_days(self, table, staged, days, records):
        self.tell(table.name, COMMITTING)
        super().replace_days(table, staged, days, records)
        self.tell(table.name, READING)

    def replace_raw(self, table, loaded, records):
        self.tell(table.name, COMMITTING)
        super().replace_raw(table, loaded, records)


def run(
    warehouse: DuckDBWarehouse,
    catalogue: Catalogue,
    days: Sequence[dt.date],
) -> None:
    """What `nba-backfill run --missing-only` does: plan what is due, and build it."""
    if isinstance(warehouse, TellingWarehouse):
        warehouse.tell("plan", READING)
    world = World.look(catalogue, warehouse, days)
    made = plan(world, list(catalogue.order), days, missing_only=True)
    build(
        {planned.table: planned.days for planned in made.tables},
        catalogue,
        warehouse,
        run_id="",
        progress=lambda _: None,
        tell=lambda *_: None,
    )


def _work(path: Path, work: Callable, version: int, pipe: Connection) -> None:
    """The child: open, change the raw tables, run."""
    warehouse = TellingWarehouse(path, pipe)
    warehouse.tell("raw", READING)
    work(warehouse, version)
    warehouse.close()


@dataclass
class Tally:
    """What the parent counted over all kills."""

    kills: int = 0
    finished: int = 0
    lost: int = 0
    doubled: int = 0
    differing: list[tuple] = field(default_factory=list)
    hit: Counter = field(default_factory=Counter)

    def __str__(self) -> str:
        by_phase: Counter = Counter()
        by_table: Counter = Counter()
        for where, count in self.hit.items():
            table, phase = where.split()
            by_table[table] += count
            by_phase[phase] += count
        return (
            f"{self.kills} kills ({self.finished} runs ended first), lost {self.lost}, doubled"
            f" {self.doubled}, days unlike their record {len(self.differing)}\n"
            f"by phase: {_counted(by_phase)}\nby table: {_counted(by_table)}"
        )


def _counted(counts: Counter) -> str:
    return ", ".join(f"{name} {count}" for name, count in counts.most_common())


def kill_runs(path: Path, work: Callable, catalogue: Catalogue, *, kills: int, seed: int) -> Tally:
    """Kill runs over one warehouse until ``kills`` have died, each at a moment of its own.

    ``work(warehouse, version)`` changes the raw tables and runs; it is handed to the child by name.
    Every run has another version, so every one has content to change. Every other moment is drawn
    evenly over the time of an undisturbed run, those between from what a run does in each of its
    phases in turn, since a commit is short. They are said as so long after so many things it told:
    a machine that is busy with other work for a while does not move them.
    """
    chance, tally = random.Random(seed), Tally()
    version, (moments, undisturbed) = 1, _undisturbed(path, work, 1)
    while tally.kills < kills:
        version += 1
        moment = chance.uniform(0, moments[-1])
        if version % 2:
            phase = PHASES[version // 2 % len(PHASES)]
            lengths = [
                later - earlier if said.endswith(phase) else 0.0
                for said, (earlier, later) in zip(undisturbed, pairwise(moments), strict=True)
            ]
            [begun] = chance.choices(range(len(lengths)), lengths)
            moment = chance.uniform(*moments[begun : begun + 2])
        place = bisect_right(moments, moment)
        child, ear = _start(path, work, version)
        told = _listen(ear, place)
        child.join(moment - moments[place - 1])
        if child.exitcode is None:
            os.kill(child.pid, signal.SIGKILL)
        child.join()
        told += _listen(ear)
        if child.exitcode == -signal.SIGKILL:
            tally.kills += 1
            tally.hit[told[-1]] += 1
        else:
            assert child.exitcode == 0, f"version {version} ended with {child.exitcode}"
            tally.finished += 1
        _compare(path, catalogue, tally)
    return tally


def _start(path: Path, work: Callable, version: int) -> tuple:
    ear, pipe = SERVER.Pipe(duplex=False)
    child = SERVER.Process(target=_work, args=(path, work, version, pipe))
    child.start()
    pipe.close()
    return child, ear


def _undisturbed(path: Path, work: Callable, version: int) -> tuple[list[float], list[str]]:
    """When a run that nobody disturbs told what, and when it ended: seconds after the first."""
    child, ear = _start(path, work, version)
    moments, told = [], []
    while said := _listen(ear, 1):
        moments.append(time.monotonic())
        told += said
    moments.append(time.monotonic())
    child.join()
    assert child.exitcode == 0
    return [moment - moments[0] for moment in moments], told


def _listen(ear: Connection, count: float = math.inf) -> list[str]:
    """So many things that a child tells, or all until it ends."""
    said: list[str] = []
    try:
        while len(said) < count:
            said.append(ear.recv_bytes().decode())
    except (EOFError, ConnectionResetError):
        pass
    return said


def _compare(path: Path, catalogue: Catalogue, tally: Tally) -> None:
    """Count what a killed run left: each day's rows against its record, each grain against itself."""
    warehouse = DuckDBWarehouse(path)
    try:
        for table in catalogue:
            warehouse.ensure_table(table)
            records = warehouse.histories([table.relation])[table.relation].by_day
            found = warehouse.fingerprints(table, table.relation)
            for day in {*records, *found}:
                held = found.get(day, (0, ""))
                wanted = (0, "")
                if day in records and records[day].row_count:
                    wanted = records[day].row_count, records[day].fingerprint
                tally.lost += max(wanted[0] - held[0], 0)
                tally.doubled += max(held[0] - wanted[0], 0)
                if held != wanted:
                    tally.differing.append((table.name, day, held, wanted))
            grain = ", ".join(f'"{name}"' for name in table.grain)
            [(twice,)] = warehouse.connection.execute(
                f"SELECT count(*) - count(DISTINCT ({grain})) FROM {table.relation}"
            ).fetchall()
            tally.doubled += twice
    finally:
        warehouse.close()
