"""Raw tables read in place: contracts, days that changed, rows that went, words for nothing."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pandas as pd
import pytest
from google.cloud import bigquery

from nba_backfill.core.table import Column, RawTable
from nba_backfill.raw.home import RawContractError
from nba_backfill.raw.in_place import observe, show_known
from nba_backfill.warehouse.acceptance import AcceptanceEvent
from nba_backfill.warehouse.bigquery import BigQueryWarehouse
from nba_backfill.warehouse.dialect import Statement
from nba_backfill.warehouse.ledger import SNAPSHOT_DAY, Status
from nba_backfill_tests.bigquery.raw_tables import put_table
from nba_backfill_tests.bigquery_double import Double

MONDAY, TUESDAY, WEDNESDAY = (dt.date(2024, 1, day) for day in (15, 16, 17))
BOXES = RawTable(
    name="boxes",
    dataset="nba_raw",
    grain=("game_date", "game_id", "player"),
    date_column="game_date",
    description="Box scores.",
    write_discipline="as the test says",
    columns=(
        Column("game_date", "DATE", "Day"),
        Column("game_id", "STRING", "Game"),
        Column("player", "STRING", "Player"),
        Column("minutes", "STRING", "Minutes"),
        Column("share", "FLOAT64", "Share"),
        Column("points", "INT64", "Points"),
    ),
)
CLUBS = RawTable(
    name="clubs",
    dataset="nba_static",
    grain=("club",),
    date_column=None,
    description="Clubs.",
    write_discipline="once",
    columns=(Column("club", "STRING", "Club"),),
)
BOARD = RawTable(
    name="board",
    dataset="nba_raw",
    grain=("game_id",),
    date_column="game_date",
    description="Scoreboard.",
    write_discipline="as the test says",
    optional=True,
    columns=(Column("game_date", "DATE", "Day"), Column("game_id", "STRING", "Game")),
)
CONTRACTS = (BOXES, CLUBS, BOARD)


def boxes(day: dt.date, players: int, game: str = "game") -> pd.DataFrame:
    """A game's rows; its id holds the day on which it was first scheduled."""
    return pd.DataFrame(
        {
            "game_date": [day] * players,
            "game_id": [game] * players,
            "player": [f"p{n}" for n in range(players)],
            "minutes": ["30:00"] * players,
            "share": [0.5] * players,
            "points": list(range(players)),
        }
    )


@pytest.fixture
def double():
    with Double() as running:
        client = running.client()
        for dataset in ("nba_raw", "nba_static"):
            client.create_dataset(dataset)
        put_table(client, CLUBS, pd.DataFrame({"club": ["BOS", "TOR"]}))
        put_table(client, BOXES, pd.concat([boxes(MONDAY, 10), boxes(TUESDAY, 8)]))
        running.reset()
        yield running


@pytest.fixture
def warehouse(double):
    opened = BigQueryWarehouse(double.client(), files=None, price_per_tib=6.25)
    yield opened
    opened.close()


@pytest.fixture
def look(warehouse):
    """Looks at the raw tables and records what changed, as the next run would."""

    def looking(*contracts: RawTable):
        warehouse.forget()
        said: list[str] = []
        records = observe(warehouse, contracts or CONTRACTS, said.append)
        warehouse.write_records(records)
        return {(r.table_name, r.day): r for r in records}, said

    return looking


def put(double, *parts: pd.DataFrame, **how) -> None:
    put_table(double.client(), BOXES, pd.concat(parts), **how)


def test_each_day_is_recorded_when_it_is_seen_first(look):
    records, _ = look()
    assert {key: record.row_count for key, record in records.items()} == {
        ("nba_raw.boxes", MONDAY): 10,
        ("nba_raw.boxes", TUESDAY): 8,
        ("nba_static.clubs", SNAPSHOT_DAY): 2,
    }


def test_what_did_not_change_costs_one_question_of_the_catalogue_and_no_row_is_read(look, double):
    look()
    double.reset()
    records, said = look()
    assert records == {}
    assert said == []
    # Of the ledger, of what was accepted, and of INFORMATION_SCHEMA.
    assert double.counts()["jobs.query"] == 3


def test_only_the_days_that_changed_are_fingerprinted(look, double):
    look()
    put(double, boxes(MONDAY, 10), boxes(TUESDAY, 9), boxes(WEDNESDAY, 4))
    records, _ = look()
    assert sorted(records) == [("nba_raw.boxes", TUESDAY), ("nba_raw.boxes", WEDNESDAY)]


def test_a_table_that_is_not_partitioned_by_day_is_fingerprinted_whole_and_says_what_that_costs(
    look, double
):
    double.client().delete_table("nba_raw.boxes")
    put(double, boxes(MONDAY, 10), boxes(TUESDAY, 8), partitioned=False)
    records, said = look()
    assert records["nba_raw.boxes", TUESDAY].row_count == 8
    assert any("raw table nba_raw.boxes is not partitioned" in line for line in said)
    assert any("PARTITION BY game_date" in line for line in said)
    assert any("fingerprinted whole: up to 1,800 bytes, $0.00" in line for line in said)
    assert look()[0] == {}


def test_a_view_in_a_tables_place_is_looked_at_every_time_and_only_changes_are_recorded(
    look, double
):
    client = double.client()
    rows = pd.concat([boxes(MONDAY, 10), boxes(TUESDAY, 8)])
    client.delete_table("nba_raw.boxes")
    behind = replace(BOXES, name="behind")
    put_table(client, behind, rows)
    view = bigquery.Table("double-project.nba_raw.boxes")
    view.view_query = "SELECT * FROM `double-project`.`nba_raw`.`behind`"
    client.create_table(view)
    records, said = look()
    assert records["nba_raw.boxes", MONDAY].row_count == 10
    assert any("is a view, which does not say when its rows change" in line for line in said)
    assert look()[0] == {}
    put_table(client, behind, pd.concat([boxes(MONDAY, 11), boxes(TUESDAY, 8)]))
    assert list(look()[0]) == [("nba_raw.boxes", MONDAY)]


def test_a_missing_table_and_a_wrong_column_are_named_together_with_what_mends_them(look, double):
    client = double.client()
    client.delete_table("nba_static.clubs")
    client.delete_table("nba_raw.boxes")
    wrong = replace(BOXES, columns=(*BOXES.columns[:-1], Column("points", "STRING", "Points")))
    put_table(client, wrong, boxes(MONDAY, 3).astype({"points": str}))
    with pytest.raises(RawContractError) as refused:
        look()
    said = str(refused.value)
    assert "nba_raw.boxes, column points: stored as STRING, and the contract says INT64" in said
    assert "or put a view in the table's place" in said
    assert "raw table nba_static.clubs is missing (double-project.nba_static.clubs)" in said
    assert said.endswith("Nothing was read or changed.")


def test_an_optional_table_that_is_absent_reads_as_one_without_rows(look, warehouse):
    look()
    assert warehouse.query(Statement("SELECT game_id FROM `nba_raw`.`board`", {})) == []


def test_words_for_nothing_are_read_as_null_and_nothing_is_written_to_the_table(
    look, warehouse, double
):
    rows = boxes(MONDAY, 4)
    rows["minutes"] = [" N/A ", "-", "12:30", None]
    rows["share"] = [float("nan"), 0.5, None, 1.0]
    put(double, rows)
    look()
    asked = Statement("SELECT player, minutes, share FROM `nba_raw`.`boxes` ORDER BY player", {})
    assert warehouse.query(asked) == [
        ("p0", None, None),
        ("p1", None, 0.5),
        ("p2", "12:30", None),
        ("p3", None, 1.0),
    ]
    stored = double.client().query_and_wait("SELECT minutes FROM nba_raw.boxes ORDER BY player")
    assert [row[0] for row in stored] == [" N/A ", "-", "12:30", None]


def test_a_day_that_lost_most_of_its_rows_stays_known_as_it_was_until_that_is_accepted(
    look, warehouse, double
):
    before = look()[0]["nba_raw.boxes", MONDAY]
    put(double, boxes(MONDAY, 3), boxes(TUESDAY, 8))
    records, said = look()
    held = records["nba_raw.boxes", MONDAY]
    assert held.status is Status.HELD_BACK
    assert (held.row_count, held.fingerprint) == (10, before.fingerprint)
    assert "read in place, lost rows: 10 rows -> 3" in held.reason
    assert "reads the rows that are left" in held.reason
    assert any(line.startswith("HELD BACK nba_raw.boxes 2024-01-15") for line in said)
    assert look()[0] == {}

    [refusal] = held.refusals
    warehouse.record_acceptances(
        [
            AcceptanceEvent(
                acceptance_id="1a2b3c4d",
                revoked=False,
                table_name="nba_raw.boxes",
                day=MONDAY,
                unit="",
                check_name=refusal["check"],
                what=refusal["what"],
                content=refusal["content"],
                said_by="me",
                said_at=dt.datetime(2024, 1, 18, tzinfo=dt.UTC),
                because="the vendor withdrew them",
            )
        ]
    )
    let_go = look()[0]["nba_raw.boxes", MONDAY]
    assert let_go.status is Status.COMPLETE
    assert let_go.row_count == 3
    assert "the vendor withdrew them" in let_go.reason
    assert look()[0] == {}


def test_a_day_whose_rows_are_all_gone_is_held_back_and_comes_back_with_them(look, double):
    before = look()[0]["nba_raw.boxes", TUESDAY]
    put(double, boxes(MONDAY, 10))
    assert look()[0]["nba_raw.boxes", TUESDAY].status is Status.HELD_BACK
    assert look()[0] == {}
    put(double, boxes(MONDAY, 10), boxes(TUESDAY, 8))
    again = look()[0]["nba_raw.boxes", TUESDAY]
    assert (again.status, again.fingerprint) == (Status.COMPLETE, before.fingerprint)


def test_rows_that_only_moved_to_another_day_are_not_lost(look, double):
    look()
    put(double, boxes(MONDAY, 10), boxes(WEDNESDAY, 8))
    records, _ = look()
    assert records["nba_raw.boxes", TUESDAY].status is Status.COMPLETE
    assert records["nba_raw.boxes", TUESDAY].row_count == 0
    assert records["nba_raw.boxes", WEDNESDAY].row_count == 8


def test_what_a_step_of_the_same_run_found_is_taken_as_it_was_found(look, warehouse, double):
    look()
    other = BigQueryWarehouse(double.client(), files=None)
    double.reset()
    show_known(other, CONTRACTS)
    assert other.query(Statement("SELECT COUNT(*) FROM `nba_raw`.`boxes`", {})) == [(18,)]
    assert other.query(Statement("SELECT COUNT(*) FROM `nba_raw`.`board`", {})) == [(0,)]
    assert double.counts()["jobs.query"] == 3
    assert "tables.get" not in double.counts()
    other.close()
