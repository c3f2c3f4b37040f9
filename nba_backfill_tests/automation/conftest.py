"""A toy league whose raw rows arrive as Parquet files, kept complete by real ticks and runs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import dagster as dg
import duckdb
import pytest
from pydantic import PrivateAttr

from nba_backfill.automation.catch_up import CATCH_UP_JOB, build_catch_up_job
from nba_backfill.automation.triggers import Sight, build_schedules, build_sensor
from nba_backfill.backfill.apply import carry
from nba_backfill.materialization.asset import build_asset, raw_spec
from nba_backfill.materialization.checks import build_checks
from nba_backfill.raw.embedded import files_token
from nba_backfill.raw.loader import load_raw
from nba_backfill.warehouse.duckdb import DuckDBWarehouse
from nba_backfill.warehouse.duckdb_reader import DuckDBReader
from nba_backfill.warehouse.ledger import DayHistory
from nba_backfill_tests.core.toy_league import (
    CLUBS,
    FIRST_DAY,
    PAIRS,
    TOY,
    day,
)

GAME_DAYS = (0, 1, 2, 4, 5)


class Loading(dg.ConfigurableResource):
    """Opens the file for a run and loads what changed, as the platform's own resource does."""

    path: str
    folder: str
    _warehouse: DuckDBWarehouse = PrivateAttr()

    def setup_for_execution(self, context: dg.InitResourceContext) -> None:
        """Open and load."""
        self._warehouse = DuckDBWarehouse(Path(self.path), patience=0.5)
        load_raw(self._warehouse, Path(self.folder), TOY.raw)

    def teardown_after_execution(self, context: dg.InitResourceContext) -> None:
        """Close."""
        self._warehouse.close()

    @property
    def warehouse(self) -> DuckDBWarehouse:
        """The open warehouse."""
        return self._warehouse


class LivingLeague:
    """Raw files that grow day by day, and the triggers that follow them."""

    def __init__(self, home: Path, instance: dg.DagsterInstance) -> None:
        self.folder, self.instance = home / "raw", instance
        self.path = home / "toy.duckdb"
        DuckDBWarehouse(self.path).close()
        self.now = dt.datetime(2023, 10, 24, 12, tzinfo=dt.UTC)
        self.fixtures = [[day(n), h, a, False] for n in GAME_DAYS for h, a in PAIRS]
        self.scores: dict[int, list[list]] = {}
        self.save("fixtures")
        self.save("scores")
        resource = Loading(path=str(self.path), folder=str(self.folder))
        self.sensor = build_sensor(TOY, self.look, running=True, clock=lambda: self.now)
        self.schedules = build_schedules(running=True)
        self.definitions = dg.Definitions(
            assets=[
                *(raw_spec(table) for table in TOY.raw),
                *(build_asset(table, TOY, carry) for table in TOY),
            ],
            asset_checks=[build_checks(table, TOY) for table in TOY],
            jobs=[build_catch_up_job(TOY)],
            sensors=[self.sensor],
            schedules=self.schedules,
            resources={"warehouse": resource},
            executor=dg.in_process_executor,
        )
        self.cursor: str | None = None

    @contextmanager
    def look(self) -> Iterator[Sight]:
        """The warehouse with the files as they are now, loaded in memory only."""
        reader = DuckDBReader(self.path, say=lambda _: None)
        try:
            load_raw(reader, self.folder, TOY.raw)
            yield Sight(reader, files_token(self.folder))
        finally:
            reader.close()

    def query(self, sql: str) -> list[tuple]:
        """Rows of a DuckDB query."""
        with duckdb.connect(str(self.path), read_only=True) as connection:
            return connection.execute(sql).fetchall()

    def histories(self) -> dict[str, DayHistory]:
        """The ledger of every table, by bare name."""
        warehouse = DuckDBWarehouse(self.path)
        try:
            found = warehouse.histories(table.relation for table in TOY)
            return {table.name: found[table.relation] for table in TOY}
        finally:
            warehouse.close()

    def play(self, n: int, *, scores: bool = True, **odd: int) -> None:
        """Let the games of day n end; ``odd`` points of single clubs; the scores may come late."""
        for fixture in self.fixtures:
            if fixture[0] == day(n):
                fixture[3] = True
        self.save("fixtures")
        if scores:
            self.report(n, **odd)

    def report(self, n: int, **odd: int) -> None:
        """Let the scores of day n arrive, or arrive again otherwise."""
        self.scores[n] = [
            [day(n), club, odd.get(club, 100 + 2 * i + 10 * n)]
            for i, club in enumerate(CLUBS)
            if any(club in f[1:3] for f in self.fixtures if f[0] == day(n) and f[3])
        ]
        self.save("scores")

    def postpone(self, home: str, n: int, to: int) -> None:
        """Move a game to another day."""
        [fixture] = [f for f in self.fixtures if f[0] == day(n) and f[1] == home]
        fixture[0] = day(to)
        self.save("fixtures")

    def save(self, name: str) -> None:
        """Write a raw table as its Parquet file."""
        home = self.folder / "nba_raw" / name
        home.mkdir(parents=True, exist_ok=True)
        if name == "fixtures":
            kinds = "game_date DATE, home VARCHAR, away VARCHAR, final BOOLEAN"
            rows = self.fixtures
        else:
            kinds = "game_date DATE, team_abbr VARCHAR, points BIGINT"
            rows = [row for n in sorted(self.scores) for row in self.scores[n]]
        with duckdb.connect() as connection:
            connection.execute(f"CREATE TABLE t ({kinds})")
            for row in rows:
                connection.execute(f"INSERT INTO t VALUES ({', '.join('?' * len(row))})", row)
            connection.execute(f"COPY t TO '{home / 'all.parquet'}' (FORMAT parquet)")

    def tick(self) -> dg.RunRequest | str:
        """Evaluate the sensor once: its request, or why there is none."""
        context = dg.build_sensor_context(
            instance=self.instance, cursor=self.cursor, sensor_name="what_is_due"
        )
        data = self.sensor.evaluate_tick(context)
        if not data.run_requests:
            return data.skip_message
        self.cursor = data.cursor
        return data.run_requests[0]

    def scheduled(self, name: str, at: dt.datetime) -> dg.RunRequest:
        """Evaluate a schedule's tick at an Eastern hour."""
        [schedule] = [s for s in self.schedules if s.name == name]
        context = dg.build_schedule_context(instance=self.instance, scheduled_execution_time=at)
        [request] = schedule.evaluate_tick(context).run_requests
        return request

    def run(self, request: dg.RunRequest) -> dg.ExecuteInProcessResult:
        """Execute what was requested, as the daemon would."""
        return self.definitions.resolve_job_def(CATCH_UP_JOB).execute_in_process(
            instance=self.instance,
            run_config=request.run_config,
            tags=dict(request.tags),
            raise_on_error=False,
        )

    def catch_up(self) -> list[dg.ExecuteInProcessResult]:
        """Tick and run until the sensor has nothing more to request."""
        done = []
        while isinstance(request := self.tick(), dg.RunRequest):
            done.append(self.run(request))
            assert len(done) < 12, "it never ends"
        self.why = request
        return done

    def computed(self, runs: list[dg.ExecuteInProcessResult]) -> set[tuple[str, int]]:
        """Tables and day numbers that some runs wrote."""
        ids = {run.run_id for run in runs}
        return {
            (name, (record.day - FIRST_DAY).days)
            for name, history in self.histories().items()
            for record in history.by_day.values()
            if record.run_id in ids
        }

    def record(self, table, n):
        """The ledger record of day n."""
        return self.histories()[table.name].get(day(n))


@pytest.fixture
def living(tmp_path) -> Iterator[LivingLeague]:
    """A toy league before its opening night, with the automation on."""
    with dg.DagsterInstance.ephemeral() as instance:
        yield LivingLeague(tmp_path, instance)
