"""How often a step calls BigQuery: a few times, however many days it computes."""

from __future__ import annotations

import pytest

from nba_backfill.core.season import Season
from nba_backfill.materialization.step import Step
from nba_backfill.warehouse.ledger import PartitionRecord, Status
from nba_backfill_tests.bigquery.raw_tables import put_table
from nba_backfill_tests.bigquery.workload import opened
from nba_backfill_tests.bigquery_double import Double
from nba_backfill_tests.conftest import season_days
from nba_backfill_tests.core.toy_league import TOY, ToyLeague, day

MOST_CALLS = 12


@pytest.fixture
def cloud(tmp_path):
    """The toy league in the double: its raw tables, and their records."""
    league = ToyLeague(tmp_path / "w.duckdb")
    with Double() as double:
        client = double.client()
        client.create_dataset("nba_raw")
        warehouse = opened(double.url, most_partitions=4000)
        for table in TOY.raw:
            rows = league.warehouse.connection.execute(f"FROM {table.relation}").df()
            put_table(client, table, rows)
            warehouse.ensure_table(table)
            contents = warehouse.fingerprints(table, table.relation)
            warehouse.write_records(
                PartitionRecord(table.relation, d, Status.COMPLETE, "", *found)
                for d, found in contents.items()
            )
        yield double, warehouse, league
    league.warehouse.close()


def test_a_season_takes_as_few_calls_as_a_day_and_gives_what_the_embedded_warehouse_gives(cloud):
    double, warehouse, league = cloud
    season = season_days(Season(2023))
    for table in TOY:
        Step(table, TOY, warehouse).run(season)
    for table in TOY:
        counts = []
        for days in ([day(1), day(3)], season):
            double.reset()
            ours = Step(table, TOY, warehouse).run(days)
            counts.append(len(double.log()))
        assert counts[0] == counts[1] <= MOST_CALLS
        theirs = Step(table, TOY, league.warehouse).run(season)
        assert [(r.day, r.status, r.row_count) for r in ours] == [
            (r.day, r.status, r.row_count) for r in theirs
        ]
        rows = double.service.store.cursor().execute(f"FROM {table.relation} ORDER BY ALL")
        assert rows.fetchall() == league.rows(table)


def test_a_withheld_game_and_a_rejected_day_end_alike_in_both_homes(cloud):
    double, warehouse, league = cloud
    for n, club in ((1, "ATL"), (4, "ATL"), (4, "CHI")):
        league.score(n, club, 400)
    scores = TOY.by_name["scores"]
    put_table(double.client(), scores, league.warehouse.connection.execute("FROM nba_raw.scores").df())  # fmt: skip
    days = [day(n) for n in range(6)]
    for table in TOY:
        ours = Step(table, TOY, warehouse).run(days)
        theirs = Step(table, TOY, league.warehouse).run(days)
        assert [(r.day, r.status, r.reason, r.row_count, r.withheld_rows) for r in ours] == [
            (r.day, r.status, r.reason, r.row_count, r.withheld_rows) for r in theirs
        ]
    assert {r.status for r in ours} > {Status.COMPLETE}
