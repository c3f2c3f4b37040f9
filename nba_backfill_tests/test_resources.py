"""Configuration: read in one place, refused with the list of what is valid."""

from __future__ import annotations

from pathlib import Path

import pytest

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


def test_bigquery_is_refused_plainly_until_its_client_is_there():
    settings = Settings.from_environment(
        {"NBA_WAREHOUSE": "bigquery", "NBA_BIGQUERY_PROJECT": "props"}
    )
    with pytest.raises(ConfigurationError, match="drives the embedded warehouse only"):
        build_resources(settings)
