"""What an operator sees: reports and pictures of what is there, over the demo league."""

from __future__ import annotations

import re
from html.parser import HTMLParser

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
