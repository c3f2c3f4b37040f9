"""What an operator sees: reports and pictures of what is there, over the demo league."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser

import dagster as dg
import duckdb
import pytest

from nba_backfill.automation.coverage_report import build_coverage_report
from nba_backfill.cli import session
from nba_backfill.cli.session import chosen_tables
from nba_backfill.definitions import CATALOGUE
from nba_backfill.warehouse.homes import EMBEDDED
from nba_backfill_tests.conftest import spoil

MONTH = "2024-10-22...2024-11-20"


class Outside(HTMLParser):
    """Collects whatever a document would load from elsewhere."""

    def __init__(self):
        super().__init__()
        self.loads = []

    def handle_starttag(self, tag, attrs):
        self.loads += [v for k, v in attrs if k in ("src", "href") and not v.startswith("#")]


def test_the_coverage_report_is_one_file_that_needs_nothing_else(user, tmp_path):
    done = user("report", "coverage", "--dates", MONTH)
    html = (tmp_path / "coverage.html").read_text()
    assert "drawn into coverage.html" in done.output
    outside = Outside()
    outside.feed(html)
    assert outside.loads == []
    assert "url(" not in html
    assert html.count("<svg") == 1
    assert "2024-25" in html
    assert "player_game_summary" in html


def test_the_coverage_report_is_an_asset_that_says_in_the_ui_what_is_in_it(user, tmp_path):
    asset = build_coverage_report(CATALOGUE, EMBEDDED)
    done = dg.materialize([asset], resources={"warehouse": session.resource()})
    [event] = done.asset_materializations_for_node(asset.key.path[-1])
    html = (tmp_path / "exports" / "reports" / "coverage.html").read_text()
    assert html.count("<svg") == 1
    assert event.metadata["report"].value.endswith("reports/coverage.html")
    # The demo's schedule ends before its season, which is no gap of ours.
    assert event.metadata["gaps"].value == 0
    layers = event.metadata["games_by_layer"].value
    assert re.search(r"\| 2024-25 \| 29 \|.*100\.0%", layers), layers


def test_the_coverage_report_names_a_gap_its_days_and_the_command_and_ends_with_1(user, tmp_path):
    spoil(
        tmp_path / "copy.duckdb",
        "DELETE FROM nba_orchestration.partition_ledger"
        " WHERE table_name = 'nba_staging.team_boxes' AND day BETWEEN '2024-11-12' AND '2024-11-13'",
    )
    done = user("report", "coverage", "--dates", MONTH, "--file", "gap.html")
    assert done.exit_code == 1
    assert "missing team_boxes: 2 days, 2024-11-12...2024-11-13" in done.output
    html = (tmp_path / "gap.html").read_text()
    assert "nba-backfill run team_boxes --dates 2024-11-12...2024-11-13 --missing-only" in html


def test_a_document_that_is_not_there_is_a_gap_of_the_topmost_layer(user, tmp_path):
    assert "L6" not in user("alerts").output
    (tmp_path / "exports" / "v1" / "results" / "2024-11-12.json").unlink()
    said = " ".join(user("alerts").output.split())
    assert "lacks games of schedule on 1 days, 2024-11-12 to 2024-11-12" in said


def test_reasons_from_raw_files_are_text_in_the_report_not_markup(user, tmp_path):
    spoil(
        tmp_path / "copy.duckdb",
        "UPDATE nba_orchestration.partition_ledger SET status = 'failed',"
        " reason = '</script><b>spoilt</b>'"
        " WHERE table_name = 'nba_staging.team_boxes' AND day = '2024-11-12'",
    )
    user("report", "coverage", "--dates", MONTH)
    html = (tmp_path / "coverage.html").read_text()
    assert "<b>spoilt" not in html
    assert len(re.findall("</script>", html)) == 1
    assert "&lt;/script&gt;" in html


def test_plan_and_status_speak_json_and_nothing_else_on_standard_output(user):
    plan = json.loads(user("plan", "team_boxes", "--dates", "2024-11-12", "--json").stdout)
    assert plan["tables"][0]["table"] == "team_boxes"
    done = user("status", "team_boxes", "--dates", MONTH, "--json")
    said = json.loads(done.stdout)
    assert said["exit_code"] == done.exit_code
    [boxes] = said["tables"]
    assert boxes["readable"] == boxes["game_dates"]


@pytest.mark.parametrize(
    ("selection", "first", "last"),
    [
        ("team_boxes+1", "team_boxes", "shot_zones"),
        ("1+game_lines", "games", "game_lines"),
        ("staging", "games", "shot_zones"),
        ("group:staging and not key:games", "game_lines", "shot_zones"),
    ],
)
def test_targets_are_selected_as_dagster_selects(selection, first, last):
    names = [table.name for table in chosen_tables((selection,))]
    assert names[0] == first
    assert last in names
    if selection != "1+game_lines":
        assert "games" not in names[1:]


def test_a_selection_of_nothing_or_of_an_unknown_table_is_a_usage_error(user):
    for selection, said in {
        "teem_boxes+": "did you mean team_boxes",
        "tag:nobody": "selects no table",
        "++(": "is no selection",
    }.items():
        done = user("plan", selection, "--dates", "2024-11-12")
        assert done.exit_code == 64
        assert said in done.output


def test_the_version_is_said(user):
    done = user("--version")
    assert done.exit_code == 0
    assert done.output.startswith("nba-backfill, version ")


def test_a_run_ends_with_a_verdict_and_the_next_step(user):
    done = user("run", "team_boxes", "--dates", "2024-11-12")
    assert "nba-backfill report coverage" in done.stdout.splitlines()[-1]


def test_preflight_passes_on_a_whole_week_and_tries_a_day_without_changing_anything(user, tmp_path):
    before = (tmp_path / "copy.duckdb").stat().st_mtime_ns
    done = user("preflight", "phase4_precompute", "--dates", "2024-11-11...2024-11-13")
    assert done.exit_code in (0, 2), done.output
    assert "FAIL" not in done.output
    assert "5 tables of 2024-11-13 computed in scratch space" in done.output
    assert (tmp_path / "copy.duckdb").stat().st_mtime_ns == before


def test_preflight_fails_where_a_needed_source_is_absent(user, tmp_path, demo_folder, monkeypatch):
    # The box scores of all days but a few are taken away from what is loaded.
    spoil(
        tmp_path / "copy.duckdb",
        "DELETE FROM nba_orchestration.partition_ledger"
        " WHERE table_name = 'nba_raw.nbac_team_boxscore' AND day > '2024-10-25'",
    )
    done = user("preflight", "--quick", "--dates", MONTH)
    assert done.exit_code == 1
    said = " ".join(done.output.split())
    assert "FAIL nbac_team_boxscore" in said
    assert "into NBA_RAW_DIR" in said


def test_doctor_finds_a_dagster_record_that_lacks_what_the_ledger_has(user):
    done = user("doctor")
    assert done.exit_code == 2
    assert "Dagster and ledger: make them agree: nba-backfill sync" in done.output
    assert "FAIL" not in done.output


def test_doctor_finds_rows_that_nobody_computed(user, tmp_path):
    spoil(
        tmp_path / "copy.duckdb",
        "UPDATE nba_staging.injuries SET reason = 'changed' WHERE game_date = '2024-11-12'",
    )
    done = user("doctor")
    assert done.exit_code == 1
    assert "nba-backfill run injuries --dates 2024-11-12...2024-11-12" in done.output


def test_doctor_finds_documents_that_left_the_store_and_its_cure_brings_them_back(user, tmp_path):
    lost = tmp_path / "exports" / "v1" / "results" / "2024-11-12.json"
    content = json.loads(lost.read_text())
    lost.unlink()
    said = " ".join(user("doctor").output.split())
    assert "results: 2024-11-12: results/2024-11-12.json not in the export store" in said
    command = re.search(r"write them again: nba-backfill (run \S+ --dates [\d.-]+\d)", said)[1]
    assert user(*command.split()).exit_code == 0
    assert json.loads(lost.read_text())["summary"] == content["summary"]
    assert re.search(r"ok +documents", user("doctor").output)


def test_doctor_finds_a_damaged_file_and_a_moved_raw_folder(user, tmp_path, monkeypatch):
    other = tmp_path / "elsewhere"
    other.mkdir()
    monkeypatch.setenv("NBA_RAW_DIR", str(other))
    moved = user("doctor")
    assert moved.exit_code == 1
    assert "raw tables: set NBA_RAW_DIR again, or: nba-backfill use-raw" in moved.output
    (tmp_path / "copy.duckdb").write_bytes(b"no database at all" * 1000)
    damaged = user("doctor")
    assert damaged.exit_code == 1
    assert "restore the file" in damaged.output


def test_rows_that_another_hand_doubled_are_shown_and_the_command_that_is_said_mends_them(
    user, tmp_path
):
    spoil(
        tmp_path / "copy.duckdb",
        "INSERT INTO nba_staging.injuries FROM nba_staging.injuries WHERE game_date = '2024-11-12'",
    )
    doctor = " ".join(user("doctor").output.split())
    assert "injuries: 2 rows of game_date=2024-11-12" in doctor
    assert "alike in every column (and" in doctor
    mending = "nba-backfill rerun --from injuries --dates 2024-11-12"
    assert f"duplicates: {mending}" in doctor
    status = user("status", "injuries", "--dates", "2024-11-12", "--recheck")
    assert status.exit_code == 2
    assert "written twice injuries:" in status.output
    assert mending in " ".join(status.output.split())
    assert user(*mending.split()[1:]).exit_code == 0
    mended = user("status", "injuries", "--dates", "2024-11-12", "--recheck")
    assert mended.exit_code == 0
    assert "written twice" not in mended.output


@pytest.mark.slow
def test_a_run_is_shown_rolled_back_and_told_to_dagster(user, tmp_path):
    def rows():
        with duckdb.connect(str(tmp_path / "copy.duckdb"), read_only=True) as connection:
            return connection.execute("FROM nba_staging.injuries ORDER BY ALL").fetchall()

    before = rows()
    assert user("sync").exit_code in (0, 2)
    spoil(tmp_path / "copy.duckdb", "DELETE FROM nba_staging.injuries")
    spoil(
        tmp_path / "copy.duckdb",
        "DELETE FROM nba_orchestration.partition_ledger WHERE table_name = 'nba_staging.injuries'",
    )
    assert user("run", "injuries", "--dates", MONTH).exit_code == 0
    assert rows() == before
    shown = user("rollback", "--last")
    assert shown.exit_code == 0
    assert "Nothing was changed. Do it with: nba-backfill rollback" in shown.output
    assert rows() == before
    done = user("rollback", "--last", "--yes")
    assert done.exit_code == 1, "its days are missing now"
    assert "missing injuries: " in done.output
    assert "NBA_AUTOMATION=off" in done.output
    assert rows() == []
    assert "Dagster and ledger   agree" in user("doctor").output
    again = user("rollback", "--last")
    assert again.exit_code == 70
    assert "no run is kept that could be rolled back" in again.output
    assert "rolled back 2" in user("rollback", "--list").output


def test_a_rollback_of_no_run_or_of_two_is_a_usage_error_and_of_none_kept_is_said(user):
    for arguments in ((), ("--last", "abc"), ("--list", "--yes")):
        assert user("rollback", *arguments).exit_code == 64
    none = user("rollback", "--last", "--yes")
    assert none.exit_code == 70
    assert "NBA_KEEP_RUNS" in none.output


def test_documents_that_another_store_lacks_are_told_and_written_by_the_next_run(
    user, tmp_path, monkeypatch
):
    written = sorted((tmp_path / "exports" / "v1" / "results").glob("2*.json"))
    monkeypatch.setenv("NBA_EXPORT_URL", str(tmp_path / "elsewhere"))
    said = user("doctor").output
    assert "exporters from what was published" in said
    assert "nba-backfill run" in said
    assert "NBA_EXPORT_URL" in said
    ran = user("run", "results", "--dates", "2024-10-22...2024-11-20", "--missing-only")
    assert ran.exit_code in (0, 1, 2), ran.output
    again = sorted((tmp_path / "elsewhere" / "v1" / "results").glob("2*.json"))
    assert [path.name for path in again] == [path.name for path in written]


def test_status_counts_no_documents_where_none_was_made(user, tmp_path):
    spoil(tmp_path / "copy.duckdb", "DELETE FROM nba_publishing.results")
    done = user("status", "results", "--dates", "2024-11-12")
    assert re.search(r"results +dated +0 +0 +0\.0 +-", done.output), done.output
