"""The double behaves as the service is documented to, where the client's correctness hangs on it."""

from __future__ import annotations

import io

import pytest
from google.api_core import exceptions
from google.cloud import bigquery

from nba_backfill_tests.bigquery_double import Double, Fault
from nba_backfill_tests.bigquery_double.app import PAGE


@pytest.fixture(scope="module")
def double():
    with Double() as made:
        client = made.client()
        client.create_dataset("d")
        for name in ("t", "other"):
            table = bigquery.Table(
                f"{client.project}.d.{name}",
                schema=[
                    bigquery.SchemaField("day", "DATE"),
                    bigquery.SchemaField("n", "INTEGER"),
                ],
            )
            table.time_partitioning = bigquery.TimePartitioning(field="day")
            client.create_table(table)
        yield made


@pytest.fixture
def client(double):
    double.reset()
    return double.client()


def test_results_come_in_pages(client):
    many = PAGE * 2 + 5
    found = client.query_and_wait(f"SELECT n FROM UNNEST(GENERATE_ARRAY(1, {many})) AS n")
    assert sum(row.n for row in found) == many * (many + 1) // 2


def test_a_job_id_is_used_once(client):
    client.query("SELECT 1", job_id="mine", job_retry=None).result()
    with pytest.raises(exceptions.Conflict):
        client.query("SELECT 2", job_id="mine", job_retry=None)
    with pytest.raises(exceptions.NotFound):
        client.get_job("mine", location="EU")


@pytest.mark.parametrize("size", [None, "known"])
def test_rows_are_loaded_at_once_or_in_parts(client, size):
    content = b"\n".join(b'{"day": "2024-01-01", "n": %d}' % n for n in range(10))
    job = client.load_table_from_file(
        io.BytesIO(content),
        "d.other",
        size=len(content) if size else None,
        job_config=bigquery.LoadJobConfig(
            source_format="NEWLINE_DELIMITED_JSON", write_disposition="WRITE_TRUNCATE"
        ),
    )
    assert job.result().output_rows == 10
    assert client.get_table("d.other").num_rows == 10


def test_only_changed_partitions_have_a_new_time(client):
    def times() -> dict:
        asked = "SELECT partition_id, last_modified_time FROM d.INFORMATION_SCHEMA.PARTITIONS WHERE table_name = 't'"
        return dict(row.values() for row in client.query_and_wait(asked))

    client.query_and_wait("INSERT INTO d.t SELECT DATE '2024-01-01', 1 UNION ALL SELECT DATE '2024-01-02', 2")  # fmt: skip
    before = times()
    client.query_and_wait("UPDATE d.t SET n = 3 WHERE day = DATE '2024-01-02'")
    after = times()
    assert set(after) == {"20240101", "20240102"}
    assert after["20240101"] == before["20240101"]
    assert after["20240102"] > before["20240102"]


def test_a_script_that_breaks_leaves_nothing(client):
    script = "BEGIN TRANSACTION; DELETE FROM d.t WHERE TRUE; SELECT 1 / 0 FROM d.nowhere; COMMIT TRANSACTION"  # fmt: skip
    before = client.get_table("d.t").num_rows
    with pytest.raises(exceptions.GoogleAPICallError):
        client.query_and_wait(script)
    assert client.get_table("d.t").num_rows == before


def test_the_clients_own_retries_meet_the_faults_that_were_ordered(client, double):
    double.reset(
        Fault("rateLimitExceeded", kind="jobs.query"),
        Fault("droppedBefore", at=1, kind="jobs.query"),
        Fault("droppedAfter", at=2, kind="jobs.query"),
    )
    assert [tuple(row) for row in client.query_and_wait("SELECT 1 AS one")] == [(1,)]
    assert double.counts() == {"jobs.query": 4}
