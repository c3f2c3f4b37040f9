"""Back to the content before a run: rows, records, documents and what Dagster shows."""

from __future__ import annotations

import json
import os
import signal

import dagster as dg
import pytest
from dagster._core.storage.partition_status_cache import AssetPartitionStatus

from nba_backfill.backfill.apply import build
from nba_backfill.backfill.plan import plan
from nba_backfill.backfill.rollback import (
    due_after,
    find_run,
    look,
    rehearse,
    roll_back,
)
from nba_backfill.backfill.world import Reason, World
from nba_backfill.core.partitions import DAYS
from nba_backfill.materialization.step import Step
from nba_backfill.publishing.inspection import NEWEST as IS_NEWEST
from nba_backfill.publishing.inspection import PUBLISHED
from nba_backfill.warehouse.duckdb import DuckDBWarehouse
from nba_backfill.warehouse.files import FileStoreError, LocalFiles
from nba_backfill.warehouse.kept import KEPT_DATASET, RollbackError
from nba_backfill.warehouse.ledger import LEDGER, Status
from nba_backfill_tests.backfill.test_sync import instance, outcome, sync
from nba_backfill_tests.core.test_event_log import no_batching_by_environment
from nba_backfill_tests.core.toy_league import (
    TEAM_POINTS,
    TOY,
    ToyLeague,
    day,
    toy_definitions,
)
from nba_backfill_tests.killing import SERVER
from nba_backfill_tests.publishing.conftest import Site
from nba_backfill_tests.publishing.toy_site import LEADERS, SCORES, SITE
from nba_backfill_tests.publishing.toy_site import NEWEST as POINTER

__all__ = ["instance", "no_batching_by_environment"]
SEASON = [day(n) for n in range(6)]


@pytest.fixture
def kept(league):
    """A toy league that keeps what two runs displace."""
    league.warehouse.kept.keep_runs = 2
    return league


def compute(league, run_id, days=SEASON, tables=tuple(TOY), catalogue=TOY):
    for table in tables:
        Step(table, catalogue, league.warehouse, run_id=run_id).run(days)


def restate(league, run_id, days=SEASON):
    """What `nba-backfill run --missing-only` does, as a run of that name."""
    warehouse = league.warehouse
    made = plan(World.look(TOY, warehouse, days), list(TOY.order), days, missing_only=True)
    build(
        {planned.table: planned.days for planned in made.tables},
        TOY,
        warehouse,
        run_id=run_id,
        progress=lambda _: None,
        tell=lambda *_: None,
    )


def content(league, tables=tuple(TOY)):
    """All rows and all records of computed tables."""
    relations = [table.relation for table in tables]
    records = league.warehouse.connection.execute(
        f"FROM {LEDGER} WHERE list_contains($names, table_name) ORDER BY ALL", {"names": relations}
    ).fetchall()
    return {table.name: league.rows(table) for table in tables}, records


def undo(league, run_id=None, catalogue=TOY):
    asked = look(catalogue, league.warehouse, find_run(league.warehouse, run_id))
    rehearse(catalogue, league.warehouse, asked)
    roll_back(league.warehouse, asked)
    return asked


def kept_rows(league, table):
    return league.warehouse.connection.execute(
        f"SELECT kept_for, count(*) FROM {KEPT_DATASET}.rows_of_{table.name} GROUP BY ALL"
        " ORDER BY ALL"
    ).fetchall()


def test_after_a_rollback_every_table_and_the_ledger_are_as_the_run_found_them(kept):
    compute(kept, "first")
    before = content(kept)
    kept.score(1, "BOS", 130)
    restate(kept, "second")
    assert content(kept) != before
    undo(kept, "second")
    assert content(kept) == before


def test_a_first_run_that_is_rolled_back_leaves_nothing(kept):
    before = content(kept)
    compute(kept, "first")
    undo(kept, "first")
    assert content(kept) == before == ({table.name: [] for table in TOY}, [])


def test_runs_are_rolled_back_one_after_the_other_the_newest_first(kept):
    compute(kept, "first", SEASON[:3])
    before = content(kept)
    kept.score(1, "BOS", 130)
    compute(kept, "second")
    between = content(kept)
    kept.score(1, "BOS", 140)
    compute(kept, "third")
    undo(kept)
    assert content(kept) == between
    undo(kept)
    assert content(kept) == before


def test_a_run_is_not_rolled_back_twice(kept):
    compute(kept, "first")
    compute(kept, "second")
    undo(kept, "second")
    before = content(kept)
    with pytest.raises(RollbackError, match=r"second was rolled back already.*kept are: first"):
        undo(kept, "second")
    assert content(kept) == before


def test_a_run_whose_days_were_written_again_is_refused_and_the_later_run_named(kept):
    compute(kept, "first")
    kept.score(1, "BOS", 130)
    compute(kept, "second", SEASON[1:2], [TEAM_POINTS])
    before = content(kept)
    with pytest.raises(RollbackError, match=r"second wrote team_points 2023-10-25\. Nothing"):
        undo(kept, "first")
    assert content(kept) == before


def test_only_the_newest_runs_are_kept_and_none_where_none_are_asked_for(kept):
    for n, run_id in enumerate(["first", "second", "third"]):
        kept.score(1, "BOS", 130 + 2 * n)
        compute(kept, run_id)
    assert [run.run_id for run in kept.warehouse.kept.runs()] == ["third", "second"]
    assert kept_rows(kept, TEAM_POINTS) == [("second", 4), ("third", 4)]
    with pytest.raises(RollbackError, match="first is not kept; kept are: third, second"):
        undo(kept, "first")
    kept.warehouse.kept.keep_runs = 0
    compute(kept, "fourth")
    assert kept.warehouse.kept.runs()[0].run_id == "third"


def test_of_a_restatement_that_changes_nothing_no_row_is_kept(kept):
    compute(kept, "first")
    before = content(kept)
    compute(kept, "second")
    tables = kept.warehouse.connection.execute(
        "SELECT table_name FROM duckdb_tables() WHERE schema_name = ?", [KEPT_DATASET]
    ).fetchall()
    assert {name for (name,) in tables} == {"kept_runs", "kept_records"}
    undo(kept, "second")
    assert content(kept) == before


def test_of_a_day_that_a_run_wrote_twice_the_content_before_the_run_comes_back(kept):
    compute(kept, "first")
    before = content(kept)
    for points in (130, 140):
        kept.score(1, "BOS", points)
        compute(kept, "second")
    undo(kept, "second")
    assert content(kept) == before


def test_a_refusal_is_rolled_back_and_so_is_its_mending(kept):
    kept.spoil(1, "ATL", "CHI")
    compute(kept, "first")
    before = content(kept)
    assert kept.status(TEAM_POINTS, 1) is Status.REJECTED
    kept.score(1, "ATL", 110)
    kept.score(1, "CHI", 114)
    compute(kept, "second")
    assert kept.status(TEAM_POINTS, 1) is Status.COMPLETE
    undo(kept)
    assert content(kept) == before


def test_days_that_were_put_back_are_stale_if_their_inputs_are_other_ones_now(kept):
    compute(kept, "first")
    kept.score(1, "BOS", 130)
    restate(kept, "second")
    after = content(kept)
    asked = look(TOY, kept.warehouse, find_run(kept.warehouse, None))
    foretold = rehearse(TOY, kept.warehouse, asked)
    assert content(kept) == after, "a rehearsal leaves nothing behind"
    roll_back(kept.warehouse, asked)
    due = due_after(TOY, kept.warehouse, asked)
    assert due.tables == foretold.tables
    [points] = [planned for planned in due.tables if planned.table == TEAM_POINTS.name]
    assert points.days == {day(1): Reason.STALE_INPUT}
    restate(kept, "third")
    assert content(kept)[0] == after[0]


def test_days_that_were_put_back_stand_once_their_inputs_are_put_back_too(kept):
    compute(kept, "first")
    kept.score(1, "BOS", 130)
    restate(kept, "second")
    asked = undo(kept)
    kept.score(1, "BOS", 112)
    assert due_after(TOY, kept.warehouse, asked).is_empty


def test_kept_rows_that_are_not_what_was_recorded_are_not_put_back(kept):
    compute(kept, "first")
    kept.warehouse.connection.execute(
        f"INSERT INTO {TEAM_POINTS.relation} FROM {TEAM_POINTS.relation}"
        f" WHERE game_date = '{day(1)}'"
    )
    kept.score(1, "BOS", 130)
    compute(kept, "second")
    before = content(kept)
    with pytest.raises(RollbackError, match="kept rows of 1 days, the first 2023-10-25, are not"):
        undo(kept, "second")
    assert content(kept) == before


def test_a_run_is_found_by_the_beginning_of_its_name_if_that_is_enough(kept):
    compute(kept, "abc1", SEASON[:2])
    compute(kept, "abc2", SEASON[:2])
    assert find_run(kept.warehouse, "abc1").run_id == "abc1"
    with pytest.raises(RollbackError, match="abc begins the names of 2 runs"):
        find_run(kept.warehouse, "abc")
    with pytest.raises(RollbackError, match="xyz is not kept; kept are: abc2, abc1"):
        find_run(kept.warehouse, "xyz")


def test_dagster_shows_what_is_there_after_a_rollback(kept, instance):
    compute(kept, "first", SEASON[:3])
    kept.spoil(1, "ATL", "CHI")
    compute(kept, "second")
    sync(kept, instance)

    def colours():
        found = instance.get_status_by_partition(
            dg.AssetKey("team_points"), [str(d) for d in SEASON], DAYS
        )
        return [found[str(d)] for d in SEASON]

    green, red = AssetPartitionStatus.MATERIALIZED, AssetPartitionStatus.FAILED
    assert colours() == [green, red, green, green, green, green]
    undo(kept)
    sync(kept, instance)
    assert colours() == [green, green, green, None, None, None]
    assert outcome(instance, TEAM_POINTS, 1) == "complete"


@pytest.mark.slow
def test_a_run_by_dagster_is_rolled_back_by_its_id(kept, instance):
    compute(kept, "first")
    before = content(kept)
    kept.score(1, "BOS", 130)
    done = (
        toy_definitions(kept)
        .resolve_implicit_global_asset_job_def()
        .execute_in_process(
            instance=instance,
            asset_selection=[dg.AssetKey(TEAM_POINTS.name)],
            partition_key=str(day(1)),
        )
    )
    assert content(kept) != before
    undo(kept, done.run_id)
    assert content(kept) == before


def publish(site, run_id, days):
    compute(site.league, run_id, [day(n) for n in days], tuple(SITE), SITE)


def published(site):
    """Every document without the moment it was generated at."""
    return {
        name: {k: v for k, v in json.loads(site.files.read(name)).items() if "_at" not in k}
        for name in site.names()
    }


@pytest.fixture
def kept_site(kept, tmp_path):
    return Site(kept, LocalFiles(tmp_path / "site"))


def test_documents_are_put_back_with_their_rows(kept_site):
    publish(kept_site, "first", range(6))
    before = published(kept_site), content(kept_site.league, tuple(SITE))
    kept_site.league.score(2, "BOS", 90)
    publish(kept_site, "second", range(6))
    assert published(kept_site) != before[0]
    undo(kept_site.league, catalogue=SITE)
    assert (published(kept_site), content(kept_site.league, tuple(SITE))) == before
    assert not kept_site.found_by(SCORES, PUBLISHED)
    assert not kept_site.found_by(LEADERS, PUBLISHED)


def test_documents_of_later_days_go_and_snapshots_and_pointers_show_earlier_ones_again(kept_site):
    publish(kept_site, "first", range(3))
    before = published(kept_site)
    publish(kept_site, "second", range(3, 6))
    assert set(published(kept_site)) > set(before)
    undo(kept_site.league, catalogue=SITE)
    assert published(kept_site) == before
    assert not kept_site.found_by(POINTER, IS_NEWEST)
    assert not kept_site.found_by(SCORES, PUBLISHED)


@pytest.mark.slow
def test_a_store_that_cannot_be_written_leaves_rows_and_records_of_the_run(kept_site, tmp_path):
    publish(kept_site, "first", range(6))
    before = published(kept_site), content(kept_site.league, tuple(SITE))
    kept_site.league.score(2, "BOS", 90)
    publish(kept_site, "second", range(6))
    after = content(kept_site.league, tuple(SITE))
    (tmp_path / "site").rename(tmp_path / "away")
    (tmp_path / "site").write_text("no folder")
    with pytest.raises(FileStoreError):
        undo(kept_site.league, catalogue=SITE)
    assert content(kept_site.league, tuple(SITE)) == after
    (tmp_path / "site").unlink()
    (tmp_path / "away").rename(tmp_path / "site")
    undo(kept_site.league, catalogue=SITE)
    assert (published(kept_site), content(kept_site.league, tuple(SITE))) == before


class Dying(DuckDBWarehouse):
    """The embedded warehouse, which is killed when it is about to write its nth records."""

    records_left = 0

    def write_records(self, records):
        if not self.records_left:
            os.kill(os.getpid(), signal.SIGKILL)
        self.records_left -= 1
        super().write_records(records)


def killed_rollback(path, after):
    warehouse = Dying(path)
    warehouse.records_left = after
    asked = look(TOY, warehouse, find_run(warehouse, "second"))
    roll_back(warehouse, asked)


def killed_run(path, after):
    warehouse = Dying(path, keep_runs=2)
    warehouse.records_left = after
    restate(ToyLeague.of(warehouse), "second")


def in_a_process_of_its_own(work, *arguments):
    """How a process ended that does some work: 0, or the signal that ended it, negative."""
    child = SERVER.Process(target=work, args=arguments)
    child.start()
    child.join()
    return child.exitcode


@pytest.mark.slow
def test_a_killed_rollback_leaves_all_of_the_run_and_the_next_one_all_of_before(kept):
    path = kept.warehouse.path
    compute(kept, "first")
    before = content(kept)
    kept.score(1, "BOS", 130)
    restate(kept, "second")
    after = content(kept)
    kept.warehouse.close()
    for killed_at in range(len(TOY.order) - 1):
        assert in_a_process_of_its_own(killed_rollback, path, killed_at) == -signal.SIGKILL
        found = ToyLeague.of(DuckDBWarehouse(path))
        assert content(found) == after
        found.warehouse.close()
    assert in_a_process_of_its_own(killed_rollback, path, len(TOY.order)) == 0
    found = ToyLeague.of(DuckDBWarehouse(path))
    assert content(found) == before
    found.warehouse.close()


@pytest.mark.slow
def test_what_a_killed_run_wrote_can_be_rolled_back(kept):
    path = kept.warehouse.path
    compute(kept, "first")
    before = content(kept)
    kept.score(1, "BOS", 130)
    kept.warehouse.close()
    undone = []
    for killed_at in range(1, 4):
        assert in_a_process_of_its_own(killed_run, path, killed_at) == -signal.SIGKILL
        found = ToyLeague.of(DuckDBWarehouse(path, keep_runs=2))
        if content(found) != before:
            undo(found, "second")
            undone.append(killed_at)
        assert content(found) == before
        found.warehouse.close()
    assert undone
