"""What a warehouse promises, asked of both: the embedded one, and BigQuery's client on a double."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from nba_backfill.core.table import Column
from nba_backfill.warehouse.acceptance import AcceptanceEvent
from nba_backfill.warehouse.dialect import Statement
from nba_backfill.warehouse.ledger import COLUMNS_CHANGED, Status
from nba_backfill.warehouse.protocol import StatementError
from nba_backfill_tests.bigquery_double import Double
from nba_backfill_tests.warehouse.homes import (
    BOXES,
    OTHERS,
    CloudHome,
    EmbeddedHome,
    day,
    put,
    record,
    row,
    rows_of,
    select,
)

UNIT = "`game_id`"


@pytest.fixture(params=["duckdb", "bigquery"])
def home(request, tmp_path) -> Iterator[EmbeddedHome | CloudHome]:
    if request.param == "duckdb":
        made = EmbeddedHome(tmp_path)
        yield made
        made.close()
    else:
        with Double() as double:
            yield CloudHome(double, tmp_path)


@pytest.fixture
def warehouse(home):
    return home.open()


def history(warehouse, table=BOXES):
    return warehouse.histories([table.relation])[table.relation]


def test_a_table_that_was_ensured_is_read_without_rows(warehouse):
    assert rows_of(warehouse) == []
    assert history(warehouse).by_day == {}


def test_what_is_staged_is_not_stored(warehouse):
    staged = warehouse.stage(BOXES, select([row(0, "g1", "a"), row(0, "g1", "b")]))
    counted = Statement(
        f"SELECT game_id, COUNT(*), SUM(points) FROM {staged} WHERE game_date BETWEEN @a AND @b"
        " GROUP BY game_id",
        {"a": day(0), "b": day(1)},
    )
    assert warehouse.query(counted) == [("g1", 2, 20)]
    assert rows_of(warehouse) == []


def test_values_come_back_as_they_went_in(warehouse):
    put(warehouse, [row(0, "g1", "a"), row(0, "g1", "b", None, parts=[], share=None)], [0])
    asked = Statement(f"SELECT * FROM `{BOXES.dataset}`.boxes ORDER BY player", {})
    first, second = warehouse.named_rows(asked)
    at = first.pop("seen_at")
    assert at.astimezone(dt.UTC) == dt.datetime(2024, 1, 10, 12, 30, 0, 125000, tzinfo=dt.UTC)
    assert first == {
        "game_date": day(0),
        "game_id": "g1",
        "player": "a",
        "points": 10,
        "rate": Decimal("1.25"),
        "share": 0.5,
        "starter": True,
        "parts": [1.0, 2.5],
    }
    assert (second["points"], second["share"], second["parts"]) == (None, None, [])


def test_a_frame_has_the_same_column_types_in_both_homes(warehouse):
    put(warehouse, [row(0, "g1", "a"), row(0, "g1", "b", None)], [0])
    frame = warehouse.frame(Statement(f"SELECT * FROM `{BOXES.dataset}`.boxes ORDER BY player", {}))
    kinds = {name: str(kind) for name, kind in frame.dtypes.items()}
    assert kinds["points"] == "Int64"
    assert kinds["rate"] == "float64"
    assert kinds["starter"] == "bool"
    assert kinds["seen_at"].startswith("datetime64[us")
    assert kinds["game_date"].startswith("datetime64[")
    assert isinstance(frame["parts"][0], np.ndarray)
    assert list(frame["parts"][0]) == [1.0, 2.5]
    assert pd.isna(frame["points"][1])


def test_a_frame_that_is_staged_is_the_same_content_as_the_statement_of_it(warehouse):
    rows = [row(0, "g1", "a"), row(0, "g1", "b", None), row(1, "g2", "a", 7)]
    by_statement = warehouse.fingerprints(BOXES, warehouse.stage(BOXES, select(rows)))
    frame = pd.DataFrame(rows)
    assert warehouse.fingerprints(BOXES, warehouse.stage_frame(BOXES, frame)) == by_statement


def test_a_frame_without_a_column_is_refused_by_name(warehouse):
    with pytest.raises(StatementError, match=r"nba_analytics\.boxes.*points"):
        warehouse.stage_frame(BOXES, pd.DataFrame([row(0, "g1", "a")]).drop(columns="points"))


def test_a_statement_that_breaks_is_an_error_that_names_the_table(warehouse):
    broken = Statement(
        select([row(0, "g1", "a")]).sql.replace("CAST(`points`", "CAST(`pionts`"), {}
    )
    with pytest.raises(StatementError, match=r"nba_analytics\.boxes"):
        warehouse.stage(BOXES, broken)
    assert rows_of(warehouse) == []


def test_several_questions_at_once_are_answered_each_with_its_own_parameters(warehouse):
    put(warehouse, [row(n, "g", "a", n) for n in range(4)], range(4))
    text = f"SELECT game_date AS day, points FROM `{BOXES.dataset}`.boxes WHERE game_date = @d"
    asked = [Statement(text, {"d": day(n)}) for n in (2, 0, 9)]
    assert warehouse.answers(asked) == [
        [{"day": day(2), "points": 2}],
        [{"day": day(0), "points": 0}],
        [],
    ]


def test_exactly_the_days_named_are_replaced_and_one_that_became_empty_is_emptied(warehouse):
    put(warehouse, [row(n, "g", "a", n) for n in range(4)], range(4))
    put(warehouse, [row(1, "g", "z", 99), row(3, "g", "z", 99)], [1, 2])
    assert rows_of(warehouse) == [
        (day(0), "g", "a", 0),
        (day(1), "g", "z", 99),
        (day(3), "g", "a", 3),
    ]
    assert {d: r.row_count for d, r in history(warehouse).by_day.items()} == {
        day(0): 1,
        day(1): 1,
        day(2): 0,
        day(3): 1,
    }


def test_replacing_twice_is_replacing_once(warehouse):
    rows = [row(0, "g", "a"), row(1, "g", "b")]
    put(warehouse, rows, [0, 1])
    once = warehouse.fingerprints(BOXES, BOXES.relation)
    put(warehouse, rows, [0, 1])
    assert warehouse.fingerprints(BOXES, BOXES.relation) == once
    assert len(rows_of(warehouse)) == 2


def test_days_replaced_by_nothing_are_empty(warehouse):
    put(warehouse, [row(0, "g", "a"), row(1, "g", "a")], [0, 1])
    warehouse.replace_days(BOXES, None, [day(0)], [record(0, 0, "", status=Status.NO_GAMES)])
    assert rows_of(warehouse) == [(day(1), "g", "a", 10)]
    assert history(warehouse).get(day(0)).status is Status.NO_GAMES


def test_a_rejected_day_gets_a_record_and_keeps_its_rows(warehouse):
    put(warehouse, [row(0, "g", "a"), row(1, "g", "a")], [0, 1])
    staged = warehouse.stage(BOXES, select([row(0, "g", "bad"), row(1, "g", "good")]))
    refused = record(0, 1, "old", status=Status.REJECTED, reason="points out of range")
    warehouse.replace_days(BOXES, staged, [day(1)], [refused, record(1, 1)])
    assert rows_of(warehouse) == [(day(0), "g", "a", 10), (day(1), "g", "good", 10)]
    found = history(warehouse)
    assert found.get(day(0)) == refused
    assert found.refused == [day(0)]


def test_records_come_back_as_they_were_written(home):
    written = record(
        0,
        3,
        "abc",
        reason="it's `odd`\nand long",
        code_version="v1",
        inputs_fingerprint="i",
        window_wanted=3,
        window_found=2,
        profile='{"nulls": {"a": 1}}',
        run_id="run",
        seconds=1.5,
        bytes=2**40,
        withheld_rows=4,
        retained_rows=1,
        cause='{"table": "x"}',
    )
    home.open().replace_days(BOXES, None, [day(0)], [written])
    assert history(home.open()).get(day(0)) == written


def test_the_newest_record_of_a_day_counts_and_only_named_tables_are_told(warehouse):
    put(warehouse, [row(0, "g", "a")], [0])
    put(warehouse, [row(0, "g", "a"), row(0, "h", "a")], [0])
    put(warehouse, [row(0, "g", "a")], [0], OTHERS)
    found = warehouse.histories([BOXES.relation, "nba_analytics.never"])
    assert set(found) == {BOXES.relation, "nba_analytics.never"}
    assert [r.row_count for r in found[BOXES.relation].by_day.values()] == [2]
    assert warehouse.recorded_tables() == {BOXES.relation: 2, OTHERS.relation: 1}


def test_whoever_opens_it_next_sees_what_was_written(home):
    put(home.open(), [row(0, "g", "a")], [0])
    again = home.open()
    assert rows_of(again) == [(day(0), "g", "a", 10)]
    assert history(again).get(day(0)).row_count == 1


CHANGES = {
    "a value": [row(0, "g", "a", 11), row(0, "g", "b")],
    "a value that is gone": [row(0, "g", "a", None), row(0, "g", "b")],
    "values of two rows changed over": [row(0, "g", "a", 10, share=0.25), row(0, "g", "b")],
    "a row doubled": [row(0, "g", "a"), row(0, "g", "a"), row(0, "g", "b")],
    "a row doubled twice": [*[row(0, "g", "a")] * 3, row(0, "g", "b")],
    "a row dropped": [row(0, "g", "a")],
    "a decimal": [row(0, "g", "a", rate=1.26), row(0, "g", "b")],
    "a part": [row(0, "g", "a", parts=[1.0, 2.25]), row(0, "g", "b")],
    "parts changed over": [row(0, "g", "a", parts=[2.5, 1.0]), row(0, "g", "b")],
    "a moment": [
        row(0, "g", "a", seen_at=dt.datetime(2024, 1, 10, 12, 30, tzinfo=dt.UTC)),
        row(0, "g", "b"),
    ],
}


def test_a_fingerprint_changes_with_any_change_of_content_and_with_nothing_else(warehouse):
    first = [row(0, "g", "a"), row(0, "g", "b")]

    def of(rows):
        return warehouse.fingerprints(BOXES, warehouse.stage(BOXES, select(rows)))[day(0)]

    known = of(first)
    assert of(first[::-1]) == known
    found = {name: of(rows) for name, rows in CHANGES.items()}
    assert known not in found.values()
    assert len(set(found.values())) == len(found)


def test_staged_and_stored_rows_have_the_same_fingerprint(warehouse):
    rows = [row(n, "g", p) for n in range(3) for p in "ab"]
    staged = warehouse.stage(BOXES, select(rows))
    contents = warehouse.fingerprints(BOXES, staged)
    put(warehouse, rows, range(3))
    assert warehouse.fingerprints(BOXES, BOXES.relation) == contents
    assert {n for n, _ in contents.values()} == {2}
    some = warehouse.fingerprints(BOXES, BOXES.relation, [day(1), day(2), day(7)])
    assert some == {d: c for d, c in contents.items() if d != day(0)}


def test_units_are_counted_and_hashed_by_day(warehouse):
    put(warehouse, [row(0, "g", "a"), row(0, "h", "a"), row(0, "h", "b"), row(1, "g", "a")], [0, 1])
    found = warehouse.unit_contents(BOXES, BOXES.relation, UNIT, [day(0)])
    assert {unit: n for unit, (n, _) in found.items()} == {(day(0), "g"): 1, (day(0), "h"): 2}
    assert len({content for _, content in found.values()}) == 2


def test_a_refused_unit_is_withheld_and_its_stored_rows_come_back(warehouse):
    put(warehouse, [row(0, "g", "old"), row(0, "h", "old"), row(1, "g", "old")], [0, 1])
    staged = warehouse.stage(
        BOXES, select([row(0, "g", "new"), row(0, "h", "new"), row(1, "g", "new")])
    )
    refused = [(day(0), "g"), (day(1), "g")]
    returned = warehouse.withhold(BOXES, staged, UNIT, refused, [(day(0), "g")])
    assert returned == {(day(0), "g"): 1}
    warehouse.replace_days(BOXES, staged, [day(0), day(1)], [])
    assert [(d, g, p) for d, g, p, _ in rows_of(warehouse)] == [
        (day(0), "g", "old"),
        (day(0), "h", "new"),
    ]


def test_nothing_refused_changes_nothing(warehouse):
    staged = warehouse.stage(BOXES, select([row(0, "g", "a")]))
    before = warehouse.fingerprints(BOXES, staged)
    assert warehouse.withhold(BOXES, staged, UNIT, [], []) == {}
    assert warehouse.fingerprints(BOXES, staged) == before


def test_decisions_are_kept_and_revoked_and_never_overwritten(home):
    event = AcceptanceEvent(
        "id", False, BOXES.relation, day(0), "g", "ranges", "51 points", "content", "who",
        dt.datetime(2024, 2, 1, 12, tzinfo=dt.UTC), "seen on film",
    )  # fmt: skip
    home.open().record_acceptances([event])
    found = home.open().acceptances()
    assert found.find(BOXES.relation, day(0), "content") == event
    assert found.find(BOXES.relation, day(0), "other") is None
    later = event.said_at + dt.timedelta(hours=1)
    home.open().record_acceptances([replace(event, revoked=True, said_at=later)])
    found = home.open().acceptances()
    assert list(found) == []
    assert len(found.revoked) == 1


def test_a_new_column_is_added_and_the_days_with_rows_are_stale(home):
    warehouse = home.open()
    put(warehouse, [row(0, "g", "a")], [0])
    warehouse.replace_days(BOXES, None, [day(1)], [record(1, 0, "", inputs_fingerprint="i")])
    wider = replace(BOXES, columns=(*BOXES.columns, Column("assists", "INT64", "Assists")))
    warehouse = home.open()
    warehouse.ensure_table(wider)
    asked = Statement("SELECT player, assists FROM `nba_analytics`.boxes", {})
    assert warehouse.query(asked) == [("a", None)]
    found = history(home.open())
    assert found.get(day(0)).inputs_fingerprint == COLUMNS_CHANGED
    assert found.get(day(0)).row_count == 1
    assert found.get(day(1)).inputs_fingerprint == "i"


def test_a_replace_that_breaks_leaves_rows_and_records_as_they_were(home):
    warehouse = home.open()
    put(warehouse, [row(0, "g", "a")], [0])
    staged = warehouse.stage(BOXES, select([row(0, "g", "b")]))
    with pytest.raises(Exception, match="nowhere"):
        warehouse.replace_days(BOXES, f"{staged}_nowhere", [day(0)], [record(0, 5)])
    again = home.open()
    assert rows_of(again) == [(day(0), "g", "a", 10)]
    assert history(again).get(day(0)).row_count == 1


def test_what_is_changed_in_scratch_space_never_comes_back(home):
    warehouse = home.open()
    put(warehouse, [row(0, "g", "a"), row(1, "g", "a")], [0, 1])
    put(warehouse, [row(0, "g", "a")], [0], OTHERS)
    with warehouse.scratch() as scratch:
        assert len(rows_of(scratch)) == 2
        put(scratch, [row(0, "g", "z"), row(0, "h", "z")], [0])
        assert [p for _, _, p, _ in rows_of(scratch)] == ["z", "z", "a"]
        assert history(scratch).get(day(0)).row_count == 2
        assert len(rows_of(scratch, OTHERS)) == 1
    again = home.open()
    assert [p for _, _, p, _ in rows_of(again)] == ["a", "a"]
    assert history(again).get(day(0)).row_count == 1


def test_what_a_statement_would_cost_is_told_without_running_it(warehouse):
    put(warehouse, [row(0, "g", "a")], [0])
    cost = warehouse.scan_bytes(Statement("SELECT player FROM `nba_analytics`.boxes", {}))
    assert cost is None or cost > 0
    assert warehouse.place
