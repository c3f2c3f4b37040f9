"""Loading raw Parquet: what is refused by name, what is recorded, what stays as it was."""

from __future__ import annotations

import datetime as dt

import duckdb
import pytest

from nba_backfill.backfill.accepting import accept, acceptable
from nba_backfill.core.table import Column, RawTable
from nba_backfill.raw.loader import RawContractError, load_raw
from nba_backfill.warehouse.duckdb import DuckDBWarehouse
from nba_backfill.warehouse.ledger import Status

SCORES = RawTable(
    name="scores",
    dataset="nba_raw",
    grain=("game_id",),
    date_column="game_date",
    description="Scores.",
    write_discipline="as the test says",
    columns=(
        Column("game_id", "STRING", "Id"),
        Column("game_date", "DATE", "Day"),
        Column("points", "INT64", "Points"),
        Column("seen_at", "TIMESTAMP", "When"),
    ),
)
LINES = RawTable(
    name="lines",
    dataset="nba_raw",
    grain=("game_id",),
    date_column="game_date",
    description="Lines.",
    write_discipline="as the test says",
    optional=True,
    columns=(Column("game_id", "STRING", "Id"), Column("game_date", "DATE", "Day")),
)
GOOD = "SELECT '001' AS game_id, DATE '2024-01-0{n}' AS game_date, {n}::BIGINT AS points, TIMESTAMPTZ '2024-01-01 00:00:00+00' AS seen_at"


@pytest.fixture
def warehouse(tmp_path):
    warehouse = DuckDBWarehouse(tmp_path / "w.duckdb", patience=0.5)
    yield warehouse
    warehouse.close()


@pytest.fixture
def folder(tmp_path):
    home = tmp_path / "raw"
    write(home, "scores", "a", GOOD.format(n=1))
    write(home, "scores", "b", GOOD.format(n=2))
    return home


def write(folder, table, file, sql):
    path = folder / "nba_raw" / table / f"{file}.parquet"
    path.parent.mkdir(parents=True, exist_ok=True)
    duckdb.execute(f"COPY ({sql}) TO '{path}' (FORMAT parquet)")


def rows(warehouse):
    return warehouse.connection.execute(
        "SELECT game_id, game_date, points FROM nba_raw.scores ORDER BY ALL"
    ).fetchall()


def load(warehouse, folder):
    return load_raw(warehouse, folder, [SCORES, LINES])


def test_files_of_a_table_become_one_table_and_an_absent_optional_table_is_empty(warehouse, folder):
    load(warehouse, folder)
    assert rows(warehouse) == [("001", dt.date(2024, 1, 1), 1), ("001", dt.date(2024, 1, 2), 2)]
    assert warehouse.connection.execute("SELECT count(*) FROM nba_raw.lines").fetchone() == (0,)


def test_unchanged_files_are_not_read_again_and_a_changed_file_is(warehouse, folder):
    load(warehouse, folder)
    assert load(warehouse, folder) == []
    write(folder, "scores", "b", GOOD.format(n=3))
    assert [t.relation for t in load(warehouse, folder)] == ["nba_raw.scores"]
    assert [r[2] for r in rows(warehouse)] == [1, 3]


def test_each_day_of_a_raw_table_has_a_fingerprint_that_changes_with_its_rows_only(
    warehouse, folder
):
    load(warehouse, folder)
    before = warehouse.histories(["nba_raw.scores"])["nba_raw.scores"].by_day
    write(folder, "scores", "b", GOOD.format(n=2).replace("2::BIGINT", "9::BIGINT"))
    load(warehouse, folder)
    after = warehouse.histories(["nba_raw.scores"])["nba_raw.scores"].by_day
    assert before[dt.date(2024, 1, 1)].fingerprint == after[dt.date(2024, 1, 1)].fingerprint
    assert before[dt.date(2024, 1, 2)].fingerprint != after[dt.date(2024, 1, 2)].fingerprint


SPOILED = {
    "an absent table": (None, "raw table nba_raw.scores is missing"),
    "an absent column": (
        "SELECT '001' AS game_id, DATE '2024-01-02' AS game_date, 2::BIGINT AS points",
        "column seen_at is absent",
    ),
    "a column of another type": (
        GOOD.format(n=2).replace("2::BIGINT AS points", "'two' AS points"),
        "column points: stored as VARCHAR",
    ),
    "an id stored as a number": (
        GOOD.format(n=2).replace("'001'", "1"),
        "column game_id: stored as INTEGER",
    ),
    "a date that cannot be read": (
        GOOD.format(n=2).replace(
            "DATE '2024-01-02'", "CASE WHEN random() < 0 THEN '2024-01-02' END"
        ),
        "no readable date",
    ),
}


@pytest.mark.parametrize("spoiled", SPOILED)
def test_what_breaks_the_contract_is_named_and_leaves_the_warehouse_as_it_was(
    warehouse, folder, spoiled
):
    load(warehouse, folder)
    before = rows(warehouse)
    sql, message = SPOILED[spoiled]
    if sql is None:
        for file in (folder / "nba_raw" / "scores").iterdir():
            file.unlink()
    else:
        write(folder, "scores", "b", sql)
    with pytest.raises(RawContractError, match=message) as caught:
        load(warehouse, folder)
    assert "nba_raw.scores" in str(caught.value)
    assert "Nothing was loaded" in str(caught.value)
    assert rows(warehouse) == before


def test_an_unreadable_file_is_named(warehouse, folder):
    (folder / "nba_raw" / "scores" / "b.parquet").write_bytes(b"not parquet")
    with pytest.raises(RawContractError, match=r"b\.parquet cannot be read as Parquet"):
        load(warehouse, folder)


def test_text_in_a_number_is_unknown_and_its_day_says_so(warehouse, folder):
    write(
        folder,
        "scores",
        "b",
        "SELECT * FROM (VALUES ('001', DATE '2024-01-02', 'abc', TIMESTAMPTZ '2024-01-01 00:00:00+00'),"
        " ('002', DATE '2024-01-03', '7', TIMESTAMPTZ '2024-01-01 00:00:00+00'))"
        " AS t(game_id, game_date, points, seen_at)",
    )
    [loaded] = load(warehouse, folder)[:1]
    assert loaded.unreadable_values == 1
    assert rows(warehouse)[1:] == [
        ("001", dt.date(2024, 1, 2), None),
        ("002", dt.date(2024, 1, 3), 7),
    ]
    days = warehouse.histories(["nba_raw.scores"])["nba_raw.scores"].by_day
    assert days[dt.date(2024, 1, 2)].status is Status.UNAVAILABLE
    assert "points abc" in days[dt.date(2024, 1, 2)].reason
    assert days[dt.date(2024, 1, 3)].status is Status.COMPLETE


def test_a_fraction_is_not_rounded_into_a_count(warehouse, folder):
    write(
        folder,
        "scores",
        "b",
        GOOD.format(n=2).replace("2::BIGINT", "12.7::DOUBLE")
        + " UNION ALL "
        + GOOD.format(n=3).replace("3::BIGINT", "13.0::DOUBLE"),
    )
    load(warehouse, folder)
    assert [r[2] for r in rows(warehouse)] == [1, None, 13]


def test_an_integer_column_of_another_width_is_read(warehouse, folder):
    write(folder, "scores", "b", GOOD.format(n=2).replace("BIGINT", "SMALLINT"))
    load(warehouse, folder)
    assert [r[2] for r in rows(warehouse)] == [1, 2]


def many(day, ids, points=1):
    return (
        f"SELECT i::VARCHAR AS game_id, DATE '{day}' AS game_date, {points}::BIGINT AS points,"
        f" TIMESTAMPTZ '2024-01-01 00:00:00+00' AS seen_at FROM range({ids}) AS r(i)"
    )


def records(warehouse):
    return warehouse.histories(["nba_raw.scores"])["nba_raw.scores"].by_day


FEWER = {
    "an emptied file": many("2024-01-02", 10) + " WHERE false",
    "most rows gone": many("2024-01-02", 10) + " WHERE i < 4",
    "other rows in their place": many("2024-01-02", 4).replace("i::VARCHAR", "'x' || i"),
}


@pytest.mark.parametrize("name", FEWER)
def test_a_load_that_takes_most_rows_of_a_day_away_is_held_back(warehouse, folder, name):
    write(folder, "scores", "b", many("2024-01-02", 10))
    load(warehouse, folder)
    before = [r for r in rows(warehouse) if r[1] == dt.date(2024, 1, 2)]
    write(folder, "scores", "b", FEWER[name])
    write(folder, "scores", "a", GOOD.format(n=1).replace("1::BIGINT", "7::BIGINT"))
    [loaded] = load(warehouse, folder)
    assert [r.day for r in loaded.held_back] == [dt.date(2024, 1, 2)]
    record = records(warehouse)[dt.date(2024, 1, 2)]
    assert record.status is Status.HELD_BACK
    assert record.status.is_readable
    assert record.is_refused
    assert record.row_count == 10
    # The rest of the load goes in.
    assert [r for r in rows(warehouse) if r[1] == dt.date(2024, 1, 2)] == before
    assert records(warehouse)[dt.date(2024, 1, 1)].status is Status.COMPLETE
    assert ("001", dt.date(2024, 1, 1), 7) in rows(warehouse)


KEPT = {
    "half of them": many("2024-01-02", 10) + " WHERE i < 5",
    "rows moved to another day": many("2024-01-03", 10),
    "rows that stood twice": many("2024-01-02", 10),
}


@pytest.mark.parametrize("name", KEPT)
def test_a_load_that_moves_or_thins_rows_goes_in(warehouse, folder, name):
    first = many("2024-01-02", 10)
    write(folder, "scores", "b", f"{first} UNION ALL {first} UNION ALL {first}")
    if name != "rows that stood twice":
        write(folder, "scores", "b", first)
    load(warehouse, folder)
    write(folder, "scores", "b", KEPT[name])
    [loaded] = load(warehouse, folder)
    assert loaded.held_back == ()
    assert {r.status for r in records(warehouse).values()} == {Status.COMPLETE}


def test_files_that_come_back_end_the_holding_back(warehouse, folder):
    write(folder, "scores", "b", many("2024-01-02", 10))
    load(warehouse, folder)
    write(folder, "scores", "b", FEWER["an emptied file"])
    load(warehouse, folder)
    assert load(warehouse, folder) == []
    write(folder, "scores", "b", many("2024-01-02", 10, points=2))
    load(warehouse, folder)
    record = records(warehouse)[dt.date(2024, 1, 2)]
    assert (record.status, record.row_count) == (Status.COMPLETE, 10)


def test_accepted_rows_go_with_the_next_load_and_the_record_says_who_let_them_go(warehouse, folder):
    write(folder, "scores", "b", many("2024-01-02", 10))
    load(warehouse, folder)
    write(folder, "scores", "b", FEWER["an emptied file"])
    load(warehouse, folder)
    held = [records(warehouse)[dt.date(2024, 1, 2)]]
    events = accept(acceptable(held), warehouse.acceptances(), by="ops", because="withdrawn")
    warehouse.record_acceptances(events)
    load(warehouse, folder)
    record = records(warehouse)[dt.date(2024, 1, 2)]
    assert (record.status, record.row_count) == (Status.COMPLETE, 0)
    assert "accepted by ops" in record.reason
    assert {r[1] for r in rows(warehouse)} == {dt.date(2024, 1, 1)}


def test_a_table_without_dates_is_held_back_whole(warehouse, folder):
    names = RawTable(
        name="names",
        dataset="nba_raw",
        grain=("game_id",),
        date_column=None,
        description="Names.",
        write_discipline="as the test says",
        optional=True,
        columns=(Column("game_id", "STRING", "Id"),),
    )
    write(folder, "names", "all", "SELECT i::VARCHAR AS game_id FROM range(10) AS r(i)")
    load_raw(warehouse, folder, [names])
    (folder / "nba_raw" / "names" / "all.parquet").unlink()
    [loaded] = load_raw(warehouse, folder, [names])
    assert loaded.rows == 10
    assert len(loaded.held_back) == 1


WORDS = ["", " ", "-", "N/A", "nan", "NaT", "None", "null", "<NA>", "\N{EM DASH}"]


@pytest.mark.parametrize("word", [*WORDS, "DNP - Coach's Decision", "DND", "NWT - Suspended"])
def test_a_word_for_nothing_in_a_number_or_an_instant_is_unknown_and_no_complaint(
    warehouse, folder, word
):
    said = word.replace("'", "''")
    write(
        folder,
        "scores",
        "b",
        "SELECT * FROM (VALUES"
        f" ('001', DATE '2024-01-02', '{said}', '{said}'),"
        " ('002', DATE '2024-01-03', '7', '2024-01-01 00:00:00+00'))"
        " AS t(game_id, game_date, points, seen_at)",
    )
    [loaded] = load(warehouse, folder)[:1]
    assert loaded.unreadable_values == 0
    assert rows(warehouse)[1:] == [
        ("001", dt.date(2024, 1, 2), None),
        ("002", dt.date(2024, 1, 3), 7),
    ]
    assert {r.status for r in records(warehouse).values()} == {Status.COMPLETE}


@pytest.mark.parametrize("word", WORDS)
def test_a_word_for_nothing_in_a_text_is_unknown_and_a_longer_text_stays(warehouse, folder, word):
    lines = "SELECT '{said}' AS game_id, DATE '2024-01-0{n}' AS game_date"
    write(folder, "lines", "a", lines.format(said=word, n=1))
    write(folder, "lines", "b", lines.format(said=f"DNP {word}.", n=2))
    load(warehouse, folder)
    found = warehouse.connection.execute("SELECT game_id FROM nba_raw.lines ORDER BY game_date")
    assert found.fetchall() == [(None,), (f"DNP {word}.",)]


def test_no_number_of_a_data_frame_is_unknown_and_no_complaint(warehouse, folder):
    write(folder, "scores", "b", GOOD.format(n=2).replace("2::BIGINT", "'nan'::DOUBLE"))
    [loaded] = load(warehouse, folder)[:1]
    assert (loaded.unreadable_values, rows(warehouse)[1][2]) == (0, None)
