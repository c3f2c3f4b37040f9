"""One story in both homes: the same days, corrections and refusals end in the same rows.

Phases 3 to 5 of some demo days are computed in DuckDB and in BigQuery (its double, through the
real client). Then a box score is corrected, a day becomes one that must be refused, and two days
more are asked for, which carry what they need. Every BigQuery table refuses to be read whole.
"""

from __future__ import annotations

import datetime as dt
import shutil

import duckdb
import pandas as pd
import pytest

from nba_backfill.backfill.apply import build
from nba_backfill.backfill.cost import with_cost
from nba_backfill.backfill.plan import plan
from nba_backfill.backfill.world import World
from nba_backfill.definitions import CATALOGUE
from nba_backfill.materialization.step import Step
from nba_backfill.raw.contracts import RAW_TABLES
from nba_backfill.raw.loader import load_raw
from nba_backfill.warehouse.bigquery_errors import ByteCapError
from nba_backfill.warehouse.dialect import Statement, select_statement
from nba_backfill.warehouse.duckdb import DuckDBWarehouse
from nba_backfill.warehouse.ledger import Status
from nba_backfill_tests.bigquery.raw_tables import put_table
from nba_backfill_tests.conftest import DEMO_SEASON, HISTORICAL, season_days

pytestmark = pytest.mark.slow

FIRST_DAYS = season_days(DEMO_SEASON, dt.date(2024, 11, 8))
MORE_DAYS = season_days(DEMO_SEASON, dt.date(2024, 11, 10))
CORRECTED, REFUSED = dt.date(2024, 11, 6), dt.date(2024, 11, 7)
EDITS = {
    "nbac_gamebook_player_stats": (
        "steals = steals + 1",
        f"game_date = '{CORRECTED}' AND steals IS NOT NULL AND player_lookup ="
        f" (SELECT min(player_lookup) FROM raw WHERE game_date = '{CORRECTED}' AND steals > 0)",
    ),
    "nbac_team_boxscore": ("fg_attempted = 0", f"game_date = '{REFUSED}'"),
}


def rows_of(warehouse, table) -> pd.DataFrame:
    """All rows of a table, in the order of its grain."""
    first, last = season_days(DEMO_SEASON)[0], season_days(DEMO_SEASON)[-1]
    select = Statement(
        f"SELECT * FROM `{table.dataset}`.`{table.name}`"
        f" WHERE `{table.date_column}` BETWEEN @first AND @last",
        {"first": first, "last": last},
    )
    found = warehouse.frame(select)
    return found.sort_values([*table.grain], kind="stable").reset_index(drop=True)


def told(warehouse, table) -> list[tuple]:
    """What the ledger says of a table's days, without hashes, moments and costs."""
    history = warehouse.histories([table.relation])[table.relation]
    return [
        (r.day, r.status, r.reason, r.row_count, r.window_wanted, r.window_found, r.cause)
        for r in history.by_day.values()
    ]


def compute_what_is_due(warehouse, days):
    """Plan for every table and do it; returns the plan without estimates."""
    world = World.look(CATALOGUE, warehouse, days)
    made = plan(world, [table.name for table in HISTORICAL], days, missing_only=True)
    build(
        {planned.table: planned.days for planned in made.tables},
        CATALOGUE,
        warehouse,
        run_id="more",
        progress=lambda _: None,
        tell=lambda *_: None,
    )
    return {planned.table: dict(planned.days) for planned in made.tables}


def refuse_whole_reads(client) -> None:
    """Let every table that is partitioned by day refuse a query that names no days."""
    for dataset in client.list_datasets():
        for listed in client.list_tables(dataset.dataset_id):
            table = client.get_table(listed.reference)
            if table.time_partitioning is not None:
                table.require_partition_filter = True
                client.update_table(table, ["require_partition_filter"])


@pytest.fixture(scope="module")
def story(service, cloud, demo_folder, tmp_path_factory):
    """Both warehouses at the end of the story, and what was planned in each on the way."""
    home = tmp_path_factory.mktemp("story")
    folder = shutil.copytree(demo_folder, home / "raw")
    embedded = DuckDBWarehouse(home / "story.duckdb")
    load_raw(embedded, folder, RAW_TABLES)
    client = service.client()
    refuse_whole_reads(client)
    remote = cloud.open(lambda _: None)
    for table in HISTORICAL:
        for warehouse in (embedded, remote):
            Step(table, CATALOGUE, warehouse, run_id="first").run(FIRST_DAYS)
    refuse_whole_reads(client)

    for name, (change, where) in EDITS.items():
        path = folder / "nba_raw" / name / f"{DEMO_SEASON}.parquet"
        duckdb.execute(
            f"CREATE OR REPLACE TEMP TABLE raw AS FROM '{path}'; UPDATE raw SET {change}"
            f" WHERE {where}; COPY raw TO '{path}' (FORMAT parquet)"
        )
    load_raw(embedded, folder, RAW_TABLES)
    for name in EDITS:
        table = CATALOGUE.by_name[name]
        rows = embedded.connection.execute(f"SELECT * FROM {table.relation}").df()
        put_table(client, table, rows)
    remote.close()
    said: list[str] = []
    remote = cloud.open(said.append)
    plans = [compute_what_is_due(warehouse, MORE_DAYS) for warehouse in (embedded, remote)]
    yield embedded, remote, plans, said
    remote.close()
    embedded.close()


def test_only_the_raw_days_that_changed_are_looked_at_again(story):
    *_, said = story
    assert [line.partition(",")[0] for line in said] == [
        "nba_raw.nbac_gamebook_player_stats: 1 days changed",
        "nba_raw.nbac_team_boxscore: 1 days changed",
    ]


def test_the_same_days_are_due_in_both_homes_for_the_same_reasons(story):
    _, _, (embedded, remote), _ = story
    assert remote == embedded
    assert CORRECTED in embedded["player_game_summary"]
    assert MORE_DAYS[-1] in embedded["player_prop_predictions"]


@pytest.mark.parametrize("table", HISTORICAL, ids=lambda t: t.name)
def test_every_value_of_every_table_is_the_same(story, table):
    embedded, remote, *_ = story
    pd.testing.assert_frame_equal(
        rows_of(remote, table), rows_of(embedded, table), check_exact=True, check_dtype=False
    )


@pytest.mark.parametrize("table", HISTORICAL, ids=lambda t: t.name)
def test_the_ledgers_say_the_same(story, table):
    embedded, remote, *_ = story
    assert told(remote, table) == told(embedded, table)


def test_the_story_has_a_refused_day_and_rows_that_are_billed(story):
    _, remote, *_ = story
    boxes = CATALOGUE.table("team_boxes")
    history = remote.histories([boxes.relation])[boxes.relation]
    assert history.get(REFUSED).status is Status.REJECTED
    assert history.get(CORRECTED).bytes > 0


def test_again_nothing_is_due_and_computing_it_again_changes_nothing(story):
    _, remote, *_ = story
    table = CATALOGUE.table("player_game_summary")
    before = remote.fingerprints(table, table.relation, MORE_DAYS)
    assert compute_what_is_due(remote, MORE_DAYS) == {}
    Step(table, CATALOGUE, remote, run_id="again").run(MORE_DAYS)
    assert remote.fingerprints(table, table.relation, MORE_DAYS) == before


def test_a_plan_says_what_it_would_scan_and_fewer_days_scan_less(story):
    embedded, remote, *_ = story
    scanned = []
    for days in (MORE_DAYS[-1:], MORE_DAYS):
        world = World.look(CATALOGUE, remote, days)
        made = with_cost(plan(world, ["player_boxes"], days), world, remote)
        scanned.append(made.tables[-1].scanned)
    assert 0 < scanned[0] < scanned[1] / 5
    world = World.look(CATALOGUE, embedded, MORE_DAYS)
    made = plan(world, ["player_boxes"], MORE_DAYS)
    assert with_cost(made, world, embedded) is made


def test_an_unpruned_query_is_refused_with_what_mends_it(story):
    _, remote, *_ = story
    table = CATALOGUE.table("player_boxes")
    whole = select_statement(
        table, CATALOGUE.inputs(table), MORE_DAYS[0], MORE_DAYS[-1], limited=False
    )
    with pytest.raises(ByteCapError, match="give it require_partition_filter = FALSE, or"):
        remote.query(whole)
