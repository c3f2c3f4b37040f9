"""The files of `deploy/`: clean to their linters, and of one mind with the code they deploy."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from dagster._config import process_config, resolve_to_config_type
from dagster._core.instance.config import dagster_instance_config
from dagster_k8s import K8sRunLauncher

from nba_backfill.core.run_origin import LOCATION
from nba_backfill.definitions import CATALOGUE
from nba_backfill.resources import VARIABLES
from nba_backfill.warehouse.ledger import LEDGER_DATASET
from nba_backfill_tests.conftest import PROJECT

DEPLOY = PROJECT / "deploy"
BIN = Path(sys.executable).parent
YAML_RULES = "{extends: default, rules: {line-length: {max: 130}, document-start: disable, comments: {min-spaces-from-content: 1}}}"
OF_THE_CHART = """
run_storage: {module: dagster_postgres.run_storage, class: PostgresRunStorage, config: {}}
schedule_storage:
  module: dagster_postgres.schedule_storage
  class: PostgresScheduleStorage
  config: {postgres_db: {username: dagster, password: x, hostname: h, db_name: dagster}}
event_log_storage: {module: dagster_postgres.event_log, class: PostgresEventLogStorage, config: {}}
run_launcher:
  module: dagster_k8s
  class: K8sRunLauncher
  config:
    dagster_home: /opt/dagster/home
    instance_config_map: instance
    postgres_password_secret: secret
    job_namespace: nba
    load_incluster_config: true
    service_account_name: nba-backfill
    run_k8s_config: %s
run_coordinator:
  module: dagster.core.run_coordinator
  class: QueuedRunCoordinator
run_retries: {enabled: true}
"""
SNAKE = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def read(name: str) -> dict:
    return yaml.safe_load((DEPLOY / name).read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    "command",
    [
        ["hadolint", "Dockerfile"],
        ["shellcheck", *(path.name for path in sorted(DEPLOY.glob("*.sh")))],
        ["yamllint", "--strict", "-d", YAML_RULES, "."],
    ],
    ids=lambda command: command[0],
)
def test_a_linter_has_nothing_to_say(command):
    linted = subprocess.run(
        [BIN / command[0], *command[1:]], cwd=DEPLOY, capture_output=True, text=True, check=False
    )
    assert (linted.returncode, linted.stdout, linted.stderr) == (0, "", "")


def test_no_image_comes_from_a_named_registry():
    images = [s["image"] for s in read("docker-compose.yaml")["services"].values()]
    images += re.findall(r"^FROM (\S+)", (DEPLOY / "Dockerfile").read_text(), re.M)
    assert {image for image in images if "NBA_IMAGE" not in image} == {
        "postgres:16",
        "python:3.11-slim",
    }


def test_the_container_copies_what_is_there_and_nothing_is_hidden_from_it():
    shown = [
        line[1:].rstrip("/")
        for line in (PROJECT / ".dockerignore").read_text().splitlines()
        if line.startswith("!")
    ]
    copied = re.findall(r"^COPY (?!--from)(.*) \S+$", (DEPLOY / "Dockerfile").read_text(), re.M)
    for name in " ".join(copied).split():
        assert (PROJECT / name).exists(), name
        assert name.split("/")[0] in shown, name


def test_compose_asks_for_variables_that_the_example_explains():
    text = (DEPLOY / "docker-compose.yaml").read_text()
    asked = set(re.findall(r"\$\{([A-Z_]+)", text))
    explained = set(re.findall(r"^([A-Z_]+)=", (DEPLOY / "environment.example").read_text(), re.M))
    assert asked == explained
    given = {
        name
        for service in read("docker-compose.yaml")["services"].values()
        for name in service["environment"]
        if name.startswith("NBA_")
    }
    of_the_chart = read("helm-values.yaml")["dagster-user-deployments"]["deployments"][0]["env"]
    assert given == {variable["name"] for variable in of_the_chart}
    assert given <= set(VARIABLES)


def test_webserver_and_daemon_find_the_code_location_that_our_runs_name():
    [server] = read("workspace.yaml")["load_from"]
    found = server["grpc_server"]
    assert found["location_name"] == LOCATION
    compose = read("docker-compose.yaml")["services"]
    assert found["host"] in compose
    assert f"EXPOSE {found['port']}" in (DEPLOY / "Dockerfile").read_text()
    chart = read("helm-values.yaml")
    [deployment] = chart["dagster-user-deployments"]["deployments"]
    [server] = chart["dagsterWebserver"]["workspace"]["servers"]
    assert server == {
        "host": deployment["name"],
        "port": deployment["port"],
        "name": LOCATION,
    }


def test_dagster_takes_the_production_configuration(monkeypatch):
    monkeypatch.setenv("DAGSTER_POSTGRES_URL", "postgresql+psycopg2://d:p@h:5432/d")
    config, _ = dagster_instance_config(str(DEPLOY))
    assert config["concurrency"]["pools"] == {"granularity": "op", "default_limit": 1}
    assert config["run_storage"]["class"] == "OriginatedPostgresRunStorage"
    assert config["event_log_storage"]["class"] == "BatchedPostgresEventLogStorage"


def test_the_charts_configuration_ends_with_our_storages(tmp_path):
    """As the chart writes it: its own keys first, ours last, some of them a second time."""
    values = read("helm-values.yaml")
    launcher = values["runLauncher"]["config"]["k8sRunLauncher"]["runK8sConfig"]
    in_snakes = {SNAKE.sub("_", key).lower(): value for key, value in launcher.items()}
    ours = yaml.safe_dump(values["additionalInstanceConfig"])
    written = OF_THE_CHART % yaml.safe_dump(in_snakes, default_flow_style=True).strip() + ours
    (tmp_path / "dagster.yaml").write_text(written)
    config, _ = dagster_instance_config(str(tmp_path))
    production, _ = dagster_instance_config(str(DEPLOY))
    for storage in ("run_storage", "event_log_storage"):
        assert config[storage]["class"] == production[storage]["class"]
    for key in ("concurrency", "run_retries"):
        assert config[key] == production[key]
    checked = process_config(
        resolve_to_config_type(K8sRunLauncher.config_type()), config["run_launcher"]["config"]
    )
    assert checked.success, checked.errors


def test_roles_and_copies_reach_every_dataset():
    raw = {table.dataset for table in CATALOGUE.raw}
    granted = re.search(r"for dataset in ([a-z_ ]+);", (DEPLOY / "grants.sh").read_text())[1]
    assert set(granted.split()) == raw
    own = {table.dataset for table in CATALOGUE} | {LEDGER_DATASET}
    copied = re.findall(r"FROM (\w+)\.INFORMATION_SCHEMA", (DEPLOY / "backup.sql").read_text())
    assert set(copied) == own


def test_roles_are_granted_by_these_calls_and_no_others(tmp_path):
    for name in ("gcloud", "bq"):
        stand_in = tmp_path / name
        stand_in.write_text(f'#!/bin/sh\necho "{name} $*" >> "{tmp_path}/calls"\n')
        stand_in.chmod(0o755)
    subprocess.run(
        [DEPLOY / "grants.sh", "props", "US", "pages", "nba@props"],
        env={**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"},
        check=True,
        capture_output=True,
    )
    calls = (tmp_path / "calls").read_text()
    assert re.findall(r"roles/[\w.]+", calls) == [
        "roles/bigquery.user",
        *["roles/bigquery.dataViewer"] * 3,
        "roles/storage.objectUser",
    ]
    assert "ON SCHEMA `props.nba_raw` TO 'serviceAccount:nba@props'" in calls
    wrong = subprocess.run([DEPLOY / "grants.sh"], capture_output=True, text=True, check=False)
    assert (wrong.returncode, wrong.stderr[:6]) == (64, "usage:")
