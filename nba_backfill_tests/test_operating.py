"""What an operator sees: reports and pictures of what is there, over the demo league."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser

import pytest

from nba_backfill.cli.session import chosen_tables
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


def test_rerun_mends_rows_that_another_hand_changed(user, tmp_path):
    spoil(
        tmp_path / "copy.duckdb",
        "INSERT INTO nba_staging.injuries FROM nba_staging.injuries WHERE game_date = '2024-11-12'",
    )
    assert user("status", "injuries", "--dates", "2024-11-12", "--recheck").exit_code == 2
    assert user("rerun", "--from", "injuries", "--dates", "2024-11-12").exit_code == 0
    assert user("status", "injuries", "--dates", "2024-11-12", "--recheck").exit_code == 0


def test_doctor_counts_documents_that_another_store_lacks_and_its_cure_writes_them(
    user, tmp_path, monkeypatch
):
    written = sorted((tmp_path / "exports" / "v1" / "results").glob("2*.json"))
    monkeypatch.setenv("NBA_EXPORT_URL", str(tmp_path / "elsewhere"))
    said = user("doctor").output
    assert "documents of" in said
    assert "nba-backfill run" in said
    assert "NBA_EXPORT_URL" in said
    ran = user("run", "results", "--dates", "2024-10-22...2024-11-20", "--missing-only")
    assert ran.exit_code in (0, 1, 2), ran.output
    again = sorted((tmp_path / "elsewhere" / "v1" / "results").glob("2*.json"))
    assert [path.name for path in again] == [path.name for path in written]
