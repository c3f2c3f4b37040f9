"""Configuration: read in one place, refused with the list of what is valid."""

from __future__ import annotations

from pathlib import Path

import dagster as dg
import pytest

from nba_backfill.materialization.executor import executor_of
from nba_backfill.raw.home import RawContractError
from nba_backfill.resources import ConfigurationError, Settings, build_resources
from nba_backfill.warehouse.stores import file_store


def test_with_nothing_set_a_newcomer_gets_duckdb_and_the_demo_league(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    settings = Settings.from_environment({})
    assert settings.warehouse == "duckdb"
    assert settings.raw_dir is None
    assert settings.duckdb_path == tmp_path / ".nba_backfill" / "warehouse.duckdb"
    assert settings.export_url == str(tmp_path / ".nba_backfill" / "exports")


REFUSED = {
    "an unknown warehouse": ({"NBA_WAREHOUSE": "oracle"}, "valid values: duckdb, bigquery"),
    "a misspelt variable": (
        {"NBA_DUCKDB_PAHT": "x"},
        "unknown variable NBA_DUCKDB_PAHT.*NBA_DUCKDB_PATH",
    ),
    "a raw folder that is none": (
        {"NBA_RAW_DIR": "no/such/folder"},
        "is no folder; valid: a folder",
    ),
    "an export store of another kind": (
        {"NBA_EXPORT_URL": "s3://bucket/models"},
        "valid: a path like exports, file:///absolute/path or gs://bucket/prefix",
    ),
    "a bucket without a name": ({"NBA_EXPORT_URL": "gs:///models"}, "no bucket; valid"),
    "a bucket with a question": ({"NBA_EXPORT_URL": "gs://props/v1?x=1"}, "no bucket; valid"),
    "a folder of another machine": (
        {"NBA_EXPORT_URL": "file://elsewhere/models"},
        "is no folder of this machine",
    ),
    "a file for an export store": ({"NBA_EXPORT_URL": __file__}, "is a file; valid: a folder"),
    "BigQuery without a project": ({"NBA_WAREHOUSE": "bigquery"}, "needs NBA_BIGQUERY_PROJECT"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_value_that_cannot_work_is_refused_with_what_would(name):
    environment, message = REFUSED[name]
    with pytest.raises(ConfigurationError, match=f"(?s){message}"):
        Settings.from_environment(environment)


def test_a_folder_is_no_database_file(tmp_path):
    with pytest.raises(ConfigurationError, match="is a folder; valid: a file path"):
        Settings.from_environment({"NBA_DUCKDB_PATH": str(tmp_path)})


@pytest.mark.parametrize(
    "written",
    [
        "{}/my models",
        "file://{}/my models",
        "file://{}/my%20models",
        "file://localhost{}/my%20models",
    ],
)
def test_an_export_store_is_a_path_or_a_file_url(written, tmp_path):
    settings = Settings.from_environment({"NBA_EXPORT_URL": written.format(tmp_path)})
    assert settings.export_url == str(tmp_path / "my models")
    warehouse = build_resources(settings)["warehouse"]
    assert warehouse.export_url == str(tmp_path / "my models")


@pytest.mark.parametrize(
    ("written", "uri"),
    [("gs://props", "gs://props/a"), ("gs://props/v1/", "gs://props/v1/a")],
)
def test_an_export_store_is_a_bucket_by_its_url(written, uri):
    settings = Settings.from_environment({"NBA_EXPORT_URL": written})
    assert file_store(settings.export_url).uri("a") == uri


def test_relative_paths_mean_where_one_stands(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    settings = Settings.from_environment({"NBA_DUCKDB_PATH": "real.duckdb"})
    assert settings.duckdb_path == Path(tmp_path) / "real.duckdb"


IN_BIGQUERY = {"NBA_WAREHOUSE": "bigquery", "NBA_BIGQUERY_PROJECT": "props"}


def test_bigquery_is_built_from_what_the_variables_say():
    settings = Settings.from_environment(
        IN_BIGQUERY
        | {
            "NBA_BIGQUERY_LOCATION": "EU",
            "NBA_BIGQUERY_DATASET_PREFIX": "try_",
            "NBA_BIGQUERY_MAX_BYTES": "1000",
            "NBA_BIGQUERY_PRICE_PER_TIB": "7.5",
            "BIGQUERY_EMULATOR_HOST": "http://localhost:9050",
        }
    )
    warehouse = build_resources(settings)["warehouse"]
    assert (warehouse.project, warehouse.location, warehouse.emulated) == ("props", "EU", True)
    assert (warehouse.dataset_prefix, warehouse.raw_dataset_prefix) == ("try_", "")
    assert (warehouse.max_bytes, warehouse.price_per_tib) == (1000, 7.5)
    with pytest.raises(RawContractError, match="read where they are"):
        warehouse.take_raw_from_here("me")


@pytest.mark.parametrize(
    ("name", "value", "valid"),
    [
        ("NBA_BIGQUERY_MAX_BYTES", "1.5", "a whole number above 0"),
        ("NBA_BIGQUERY_PRICE_PER_TIB", "free", "a number above 0"),
        ("NBA_BIGQUERY_CONCURRENCY", "0", "a whole number above 0"),
        ("NBA_KEEP_RUNS", "-1", "a whole number like 3, or 0 to keep nothing"),
        ("NBA_BIGQUERY_DATASET_PREFIX", "my-project", "letters, digits and underscores"),
        ("NBA_BIGQUERY_ACCEPT_SCHEMA_CHANGE", "true", "yes or no"),
    ],
)
def test_a_bigquery_variable_that_cannot_be_used_is_refused(name, value, valid):
    with pytest.raises(ConfigurationError, match=f"{name}={value!r}; valid: {valid}"):
        Settings.from_environment(IN_BIGQUERY | {name: value})


def test_pools_and_executor_follow_from_the_warehouse():
    embedded = Settings.from_environment({}).home
    remote = Settings.from_environment(IN_BIGQUERY).home
    assert {embedded.pool("games"), embedded.pool("injuries")} == {"warehouse"}
    assert {remote.pool("games"), remote.pool("injuries")} == {"table_games", "table_injuries"}
    assert executor_of(embedded, 4) is dg.in_process_executor
    assert executor_of(remote, 4).name == dg.multiprocess_executor.name


@pytest.mark.parametrize(("written", "kept"), [("", 3), ("0", 0), ("12", 12)])
def test_a_run_keeps_what_as_many_runs_displace_as_are_asked_for(tmp_path, written, kept):
    given = {"NBA_KEEP_RUNS": written, "NBA_DUCKDB_PATH": str(tmp_path / "w.duckdb")}
    with build_resources(Settings.from_environment(given))["warehouse"].unloaded() as warehouse:
        assert warehouse.kept.keep_runs == kept
