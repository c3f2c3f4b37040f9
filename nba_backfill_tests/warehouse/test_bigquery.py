"""What only BigQuery has: tables as declared, costs, limits of the service, and its errors in words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace

import pytest
from google.auth.exceptions import RefreshError
from google.cloud import bigquery

from nba_backfill.backfill.rollback import find_run
from nba_backfill.core.table import Column
from nba_backfill.warehouse.bigquery_errors import (
    AccessError,
    Answer,
    ByteCapError,
    Failure,
    LocationError,
    QuotaError,
    SchemaChangeError,
    UnreachableError,
    in_words,
)
from nba_backfill.warehouse.bigquery_tables import MADE_BY, US
from nba_backfill.warehouse.dialect import Statement
from nba_backfill.warehouse.kept import RollbackError
from nba_backfill.warehouse.ledger import COLUMNS_CHANGED, LEDGER
from nba_backfill_tests.bigquery_double import Double, Fault
from nba_backfill_tests.warehouse.homes import (
    BOXES,
    OTHERS,
    QUICK,
    CloudHome,
    day,
    put,
    record,
    row,
    rows_of,
    select,
)

ALL_ROWS = Statement("SELECT player, points FROM `nba_analytics`.`boxes`", {})


@pytest.fixture
def double() -> Iterator[Double]:
    with Double() as made:
        yield made


@pytest.fixture
def home(double, tmp_path) -> CloudHome:
    return CloudHome(double, tmp_path)


def changed(**types: str):
    """BOXES with columns of other types, or without those of type ''."""
    columns = [
        replace(c, type=types.get(c.name, c.type)) for c in BOXES.columns if types.get(c.name) != ""
    ]
    return replace(BOXES, columns=tuple(columns))


def stored(double: Double) -> bigquery.Table:
    return double.client().get_table(BOXES.relation)


def jobs_of(double: Double) -> list[dict]:
    return [job.configuration for job in double.service.jobs.known.values()]


# Tables as declared


def test_a_table_is_made_by_day_clustered_described_labelled_and_without_expiry(home, double):
    put(home.open(), [row(0, "g", "a")], [0])
    found = stored(double)
    assert (found.time_partitioning.type_, found.time_partitioning.field) == ("DAY", "game_date")
    assert found.time_partitioning.expiration_ms is None
    assert found.clustering_fields == ["player"]
    assert found.labels == {MADE_BY: US}
    assert found.expires is None
    described = {f.name: (f.field_type, f.mode, f.description) for f in found.schema}
    assert described["points"] == ("INTEGER", "NULLABLE", "Points scored [points]")
    assert described["parts"] == ("FLOAT", "REPEATED", "Parts of it")
    rate = next(f for f in found.schema if f.name == "rate")
    assert (rate.precision, rate.scale) == (5, 2)


def test_a_table_made_in_a_dataset_whose_tables_expire_is_kept(home, double):
    made = bigquery.Dataset(f"{double.client().project}.nba_analytics")
    made.default_table_expiration_ms = 3_600_000
    double.client().create_dataset(made)
    put(home.open(), [row(0, "g", "a")], [0])
    assert stored(double).expires is None


def test_staging_tables_expire_within_a_day(home, double):
    staged = home.open().stage(BOXES, select([row(0, "g", "a")]))
    left = double.client().get_table(staged).expires - dt.datetime.now(dt.UTC)
    assert dt.timedelta(hours=23) < left <= dt.timedelta(hours=24)


@pytest.mark.parametrize(
    ("table", "said"),
    [
        (changed(points="STRING"), "column points is INT64 and is declared STRING"),
        (changed(rate="NUMERIC(6,2)"), r"column rate is NUMERIC\(5,2\) and is declared"),
        (changed(share=""), "column share is no longer declared"),
    ],
)
def test_a_retype_or_a_drop_is_refused_before_anything_runs(home, double, table, said):
    put(home.open(), [row(0, "g", "a")], [0])
    double.reset()
    with pytest.raises(SchemaChangeError, match=rf"nba_analytics\.boxes.*{said}.*--accept-schema"):
        home.open().stage(table, select([row(0, "g", "b")], table))
    assert set(double.counts()) == {"tables.get"}, "nothing ran"


def test_an_accepted_retype_keeps_what_can_be_read_and_marks_the_days_that_lose_a_value(home):
    put(home.open(), [row(0, "12", "a"), row(1, "no number", "a")], [0, 1])
    table = changed(game_id="INT64", share="")
    warehouse = home.open(accept_schema_change=True)
    put(warehouse, [], [2], table)
    asked = Statement("SELECT game_date, game_id FROM `nba_analytics`.`boxes` ORDER BY 1", {})
    assert warehouse.query(asked) == [(day(0), 12), (day(1), None)]
    found = home.open().histories([BOXES.relation])[BOXES.relation]
    assert found.get(day(1)).inputs_fingerprint == COLUMNS_CHANGED
    assert found.get(day(0)).inputs_fingerprint == ""


def test_after_an_accepted_change_the_table_still_is_partitioned_labelled_and_described(
    home, double
):
    put(home.open(), [row(0, "g", "a")], [0])
    put(home.open(accept_schema_change=True), [], [2], changed(share=""))
    found = stored(double)
    assert found.time_partitioning.field == "game_date"
    assert found.labels == {MADE_BY: US}
    assert "share" not in {f.name for f in found.schema}
    assert all(f.description for f in found.schema)


def test_a_table_that_someone_else_made_is_not_touched_where_it_differs(home, double):
    client = double.client()
    client.create_dataset("nba_analytics")
    client.create_table(
        bigquery.Table(
            f"{client.project}.{BOXES.relation}",
            schema=[bigquery.SchemaField("game_date", "DATE")],
        )
    )
    with pytest.raises(SchemaChangeError, match=r"someone else.*column points is missing.*not par"):
        put(home.open(), [row(0, "g", "a")], [0])
    assert len(stored(double).schema) == 1


def test_all_tables_that_differ_are_named_at_once(home):
    put(home.open(), [row(0, "g", "a")], [0])
    put(home.open(), [row(0, "g", "a")], [0], OTHERS)
    wrong = [changed(points="STRING"), replace(changed(share=""), name="others")]
    with pytest.raises(SchemaChangeError, match=r"nba_analytics\.boxes: .*nba_analytics\.others: "):
        home.open().check_schemas(wrong)


def test_an_input_that_lacks_a_new_column_gets_it_when_a_statement_names_it(home):
    put(home.open(), [row(0, "g", "a")], [0])
    wider = replace(BOXES, columns=(*BOXES.columns, Column("assists", "INT64", "Assists")))
    warehouse = home.open()
    warehouse.ensure_table(wider)
    assert warehouse.query(Statement("SELECT assists FROM `nba_analytics`.`boxes`", {})) == [
        (None,)
    ]


# Looking


def test_looking_at_an_empty_project_makes_nothing_and_finds_nothing(home, double):
    looking = home.open(only_reads=True)
    assert looking.histories([BOXES.relation])[BOXES.relation].by_day == {}
    assert (looking.recorded_tables(), list(looking.acceptances())) == ({}, [])
    looking.ensure_table(BOXES)
    assert looking.query(ALL_ROWS) == []
    assert list(double.client().list_datasets()) == []


def test_looking_reads_a_table_as_it_is_declared_and_leaves_it_as_it_is(home, double):
    put(home.open(), [row(0, "g", "a", points=7)], [0])
    before = stored(double)
    looking = home.open(only_reads=True)
    looking.ensure_table(replace(BOXES, columns=(*BOXES.columns, Column("new", "INT64", "New"))))
    asked = Statement("SELECT player, points, new FROM `nba_analytics`.`boxes`", {})
    assert looking.query(asked) == [("a", 7, None)]
    assert stored(double).to_api_repr() == before.to_api_repr()


def test_a_ledger_that_is_elsewhere_is_not_taken_for_an_empty_one(home):
    put(home.open(), [row(0, "g", "a")], [0])
    with pytest.raises(LocationError):
        home.open(only_reads=True, location="EU").histories([BOXES.relation])


def test_a_ledger_whose_making_was_stopped_half_way_is_made_whole_by_the_next_writer(home, double):
    put(home.open(), [row(0, "g", "a")], [0])
    double.client().delete_table(LEDGER)
    writing = home.open()
    assert writing.histories([BOXES.relation])[BOXES.relation].by_day == {}
    put(writing, [row(1, "g", "b")], [1])
    found = home.open(only_reads=True).histories([BOXES.relation])[BOXES.relation]
    assert set(found.by_day) == {day(0), day(1)}


def test_the_datasets_of_a_prefix_are_apart(home, double):
    put(home.open(dataset_prefix="smoke_"), [row(0, "g", "a")], [0])
    names = {d.dataset_id for d in double.client().list_datasets()}
    assert names == {
        "smoke_nba_analytics",
        "smoke_nba_orchestration",
        "smoke_nba_backfill_staged",
    }
    assert rows_of(home.open(dataset_prefix="smoke_")) == [(day(0), "g", "a", 10)]
    assert rows_of(home.open()) == []


# The ledger


def test_the_ledger_is_only_added_to_and_its_view_shows_the_newest(home):
    warehouse = home.open()
    for points in (1, 2, 3):
        put(warehouse, [row(0, "g", "a", points)], [0])
    counted = "SELECT COUNT(*) FROM nba_orchestration."
    assert warehouse.query(Statement(f"{counted}partition_ledger_records", {})) == [(3,)]
    assert warehouse.query(Statement(f"{counted}partition_ledger", {})) == [(1,)]


def test_a_worker_whose_clock_is_late_still_writes_the_newest_record(home):
    warehouse = home.open()
    future = dt.datetime(2040, 1, 1, tzinfo=dt.UTC)
    warehouse.write_records([record(0, 1, written_at=future)])
    warehouse.write_records([record(0, 2)])
    found = home.open().histories([BOXES.relation])[BOXES.relation]
    assert found.get(day(0)).row_count == 2


def test_a_step_sees_what_others_wrote_since_the_last_one(home):
    ours, theirs = home.open(), home.open()
    put(ours, [row(0, "g", "a")], [0])
    ours.histories([BOXES.relation])
    put(theirs, [row(0, "g", "a"), row(0, "h", "a")], [0])
    ours.begin(BOXES)
    assert ours.histories([BOXES.relation])[BOXES.relation].get(day(0)).row_count == 2


# Costs


def test_every_query_has_a_cap_and_says_table_phase_and_run(home, double):
    warehouse = home.open(max_bytes_billed=10**9, labels={"who": "tests"})
    warehouse.begin(BOXES, "Run 1/ä")
    put(warehouse, [row(0, "g", "a")], [0])
    asked = [c for c in jobs_of(double) if "query" in c]
    assert {c["query"]["maximumBytesBilled"] for c in asked} == {str(10**9)}
    said = {"who": "tests", "table": "boxes", "phase": "phase3_analytics", "run": "run-1--"}
    assert all(c["labels"] == said for c in asked)


def test_bytes_billed_are_counted(home):
    warehouse = home.open()
    put(warehouse, [row(0, "g", "a")], [0])
    before = warehouse.bytes_billed
    warehouse.query(ALL_ROWS)
    assert warehouse.bytes_billed > before


def test_a_dry_run_says_what_pruning_saves(home):
    warehouse = home.open()
    put(warehouse, [row(n, "g", "a") for n in range(10)], range(10))
    whole = warehouse.scan_bytes(ALL_ROWS)
    pruned = Statement(f"{ALL_ROWS.sql} WHERE game_date BETWEEN @a AND @b", {"a": day(0), "b": day(1)})  # fmt: skip
    assert 0 < warehouse.scan_bytes(pruned) < whole
    assert warehouse.bytes_billed == warehouse.bytes_billed


# Limits


def test_a_range_beyond_the_partitions_of_a_job_is_written_in_several_and_days_stay_whole(
    home, double
):
    double.set(most_partitions=3)
    warehouse = home.open(most_partitions=3)
    replaced(warehouse)
    put(warehouse, [row(n, "g", "a", n) for n in range(10)], range(10))
    assert len(rows_of(warehouse)) == 10
    scripts = [c for c in jobs_of(double) if "MERGE" in c.get("query", {}).get("query", "")]
    assert len(scripts) == 4


def test_records_too_large_for_one_request_are_written_in_several(home, double):
    large = [record(n, 0, profile="x" * 900_000) for n in range(6)]
    warehouse = home.open()
    replaced(warehouse)
    before = len(jobs_of(double))
    warehouse.replace_days(BOXES, None, [day(n) for n in range(6)], large)
    assert len(jobs_of(double)) - before == 2
    found = home.open().histories([BOXES.relation])[BOXES.relation]
    assert len(found.by_day) == 6


# Errors in words


def replaced(warehouse) -> None:
    warehouse.replace_days(BOXES, None, [day(0)], [record(0, 0)])


@pytest.mark.parametrize(
    ("error", "kind", "cure"),
    [
        ("accessDenied", AccessError, "dataEditor"),
        ("quotaExceeded", QuotaError, "higher quota"),
    ],
)
def test_what_waiting_does_not_mend_names_the_table_what_was_written_and_the_cure(
    home, double, error, kind, cure
):
    replaced(home.open())
    double.reset(Fault(error, kind="jobs.insert"))
    with pytest.raises(kind, match=rf"nba_analytics\.boxes.*Nothing was written.*{cure}"):
        replaced(home.open())
    assert double.counts()["jobs.insert"] == 1, "not asked again"


def test_credentials_that_are_refused_are_not_tried_again():
    failure = Failure.of(RefreshError("the key was revoked"))
    assert failure.answer_to_call is Answer.STOP
    assert isinstance(in_words(failure, "nba_analytics.boxes"), AccessError)


def test_a_service_that_does_not_answer_is_given_up_after_a_while(home, double):
    replaced(home.open())
    impatient = home.open(patience=replace(QUICK, whole=0.3))
    double.reset(Fault("backendError", kind="jobs.insert", times=1000))
    with pytest.raises(UnreachableError, match=r"nba_analytics\.boxes.*attempts.*ledger tells"):
        replaced(impatient)


def test_a_query_over_the_cap_names_the_table_and_the_variable(home):
    put(home.open(), [row(0, "g", "a")], [0])
    capped = home.open(max_bytes_billed=1000)
    capped.ensure_table(BOXES)
    with pytest.raises(ByteCapError, match=r"nba_analytics\.boxes.*NBA_BIGQUERY_MAX_BYTES"):
        capped.query(ALL_ROWS)


def test_a_table_that_must_not_be_read_whole_is_named(home, double):
    put(home.open(), [row(0, "g", "a")], [0])
    found = stored(double)
    found.require_partition_filter = True
    double.client().update_table(found, ["require_partition_filter"])
    warehouse = home.open()
    warehouse.ensure_table(BOXES)
    with pytest.raises(ByteCapError, match=r"nba_analytics\.boxes.*require_partition_filter"):
        warehouse.query(ALL_ROWS)


def test_jobs_in_another_location_than_the_data_say_which_is_which(home):
    put(home.open(), [row(0, "g", "a")], [0])
    elsewhere = home.open(location="EU")
    elsewhere.ensure_table(BOXES)
    with pytest.raises(LocationError, match=r"nba_analytics.*is in US.*LOCATION is EU"):
        elsewhere.query(ALL_ROWS)


def test_an_answer_that_was_lost_is_found_again_and_the_job_ran_once(home, double):
    put(home.open(), [row(0, "g", "a")], [0])
    before = set(double.service.jobs.known)
    double.reset(Fault("droppedAfter", kind="jobs.insert"))
    warehouse = home.open()
    put(warehouse, [row(0, "g", "b")], [0])
    assert double.hits() == ["droppedAfter at jobs.insert"]
    assert rows_of(warehouse) == [(day(0), "g", "b", 10)]
    ran = set(double.service.jobs.known) - before
    assert len([job for job in ran if job.startswith("nba-backfill-stage")]) == 1


def test_a_transaction_that_was_aborted_is_run_again_under_another_id(home, double):
    replaced(home.open())
    double.reset(Fault("jobAborted", kind="jobs.insert", times=2))
    replaced(home.open())
    ids = [j for j in double.service.jobs.known if j.startswith("nba-backfill-replace")][-3:]
    assert [j.rpartition("-")[2] for j in ids] == ["0", "1", "2"]


def test_a_rollback_is_refused_here_and_told_where_the_service_keeps_what_was(home):
    replaced(home.open())
    with pytest.raises(RollbackError, match=r"Nothing was changed.*FOR SYSTEM_TIME AS OF"):
        find_run(home.open(), None)
