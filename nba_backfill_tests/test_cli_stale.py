"""What is stale, as the user sees it: status, plan and run agree, and a saved plan stays true."""

from __future__ import annotations

import json
import shutil

import duckdb
import pytest

from nba_backfill.cli import session
from nba_backfill.cli.exits import BROKEN, COMPLETE, GAPS, REFUSED, USAGE
from nba_backfill_tests.conftest import spoil

DAY = "2024-11-12"
GAMES = "2024-11-04"
"""Nobody plays the day after it."""

WAS_MOVED = f"(game_date = '{GAMES}')::INTEGER"
STARTS = ("game_date_est", "scheduled_start_time", "commence_time", "game_start_time")


@pytest.fixture
def raw(user, demo_folder, tmp_path, monkeypatch):
    """The user's own copy of the raw files, which he may change."""
    folder = tmp_path / "raw"
    shutil.copytree(demo_folder, folder)
    monkeypatch.setenv("NBA_RAW_DIR", str(folder))
    session.definitions.cache_clear()
    assert user("use-raw").exit_code == COMPLETE
    return folder


def rewrite(raw, table, replaced):
    """Rewrite a table's files with columns replaced: ``expression AS column``."""
    for path in (raw / "nba_raw" / table).glob("*.parquet"):
        new = path.with_suffix(".new")
        duckdb.execute(
            f"COPY (SELECT * REPLACE ({replaced}) FROM '{path}') TO '{new}' (FORMAT parquet)"
        )
        new.replace(path)


def more_assists_on(raw, day):
    rewrite(raw, "nbac_team_boxscore", f"assists + (game_date = '{day}')::INTEGER AS assists")


def stored(tmp_path, sql):
    with duckdb.connect(str(tmp_path / "copy.duckdb"), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def days_in(output, name):
    """How many days of a table the printed plan holds."""
    [row] = [line.split() for line in output.splitlines() if line.split()[:1] == [name]]
    return int(row[1])


def test_status_and_plan_see_raw_files_that_moved_and_change_nothing(user, raw, tmp_path):
    more_assists_on(raw, DAY)
    before = (tmp_path / "copy.duckdb").stat().st_mtime_ns
    for command in (["status"], ["plan", "--missing-only"]):
        told = user(*command, "team_boxes", "--dates", DAY)
        assert "nbac_team_boxscore" in told.output, told.output
        assert "stale_input" in told.output
    assert user("status", "team_boxes", "--dates", DAY).exit_code == GAPS
    assert (tmp_path / "copy.duckdb").stat().st_mtime_ns == before


def test_what_is_stale_many_hops_up_is_stale_by_status_and_plan_alike(user, raw):
    more_assists_on(raw, "2024-10-25")
    asked = ["player_daily_cache", "--dates", DAY]
    status, planned = user("status", *asked), user("plan", *asked, "--missing-only")
    assert status.exit_code == GAPS
    assert "stale_input team_boxes: 1 game days, 2024-10-25" in status.output
    assert "if_inputs_change" in status.output
    assert f"nba-backfill run player_daily_cache --dates {DAY} --missing-only" in (status.output)
    assert days_in(planned.output, "team_boxes") == 1
    assert days_in(planned.output, "player_daily_cache") == 1
    assert user("run", *asked, "--missing-only").exit_code == COMPLETE
    assert user("status", *asked).exit_code == COMPLETE
    assert "every day stands" in user("plan", *asked, "--missing-only").output


def test_games_that_moved_to_another_day_are_found_without_naming_the_day(user, raw, tmp_path):
    """A day that lost all its games keeps its rows until they are counted twice, if unnoticed."""
    for path in raw.glob("nba_raw/*"):
        columns = duckdb.sql(f"SELECT * FROM '{path}/*.parquet' LIMIT 0").columns
        moves = {
            "game_date": f"game_date + ({WAS_MOVED})",
            **{start: f"{start} + INTERVAL 1 DAY * ({WAS_MOVED})" for start in STARTS},
        }
        if "game_date" in columns:
            moved = [f"{sql} AS {name}" for name, sql in moves.items() if name in columns]
            rewrite(raw, path.name, ", ".join(moved))
    asked = ["upcoming_team_game_context", "--season", "2024-25"]
    before = stored(tmp_path, "SELECT count(*) FROM nba_analytics.upcoming_team_game_context")
    told = user("status", *asked)
    assert told.exit_code == REFUSED
    assert f"{GAMES}: 2 rows: rows for a team-game the schedule does not have" in told.output
    done = user("run", *asked, "--missing-only")
    # The injury report of the day before the move is of a game that was not played.
    assert done.exit_code == GAPS, done.output
    assert "reports_are_of_the_game" in done.output
    assert "every day stands" in user("plan", *asked, "--missing-only").output
    assert "does not have" not in user("status", *asked).output
    assert before == stored(
        tmp_path, "SELECT count(*) FROM nba_analytics.upcoming_team_game_context"
    )
    assert not stored(
        tmp_path,
        "SELECT team_abbr FROM nba_analytics.upcoming_team_game_context"
        " GROUP BY team_abbr HAVING max(game_number_in_season) != count(*)",
    )


def test_rows_of_other_code_are_read_as_they_are_told_and_rolled_out_on_demand(user, tmp_path):
    spoil(
        tmp_path / "copy.duckdb",
        "UPDATE nba_orchestration.partition_ledger SET code_version = 'older'"
        f" WHERE table_name = 'nba_staging.team_boxes' AND day < '{DAY}'",
    )
    asked = ["team_offense_game_summary", "--dates", DAY]
    status = user("status", *asked)
    assert status.exit_code == COMPLETE
    assert "other code computed" not in status.output  # it reads its own day only
    asked = ["upcoming_team_game_context", "--dates", DAY]
    days = "team_boxes 20 days"
    for command in (["status"], ["plan"], ["run"]):
        told = user(*command, *asked)
        assert told.exit_code == COMPLETE, told.output
        assert "other code computed" in told.output
        assert days in told.output, told.output
    rolled_out = user("run", *asked, "--code-changed")
    assert rolled_out.exit_code == COMPLETE, rolled_out.output
    assert "20 code_changed" in rolled_out.output
    assert "other code computed" not in user("status", *asked).output


@pytest.fixture
def saved(user, tmp_path):
    """A saved plan of one day."""
    assert user("plan", "team_boxes", "--dates", DAY, "--save", "plan.json").exit_code == COMPLETE
    return tmp_path / "plan.json"


def records(tmp_path):
    return stored(tmp_path, "FROM nba_orchestration.partition_ledger ORDER BY ALL")


def test_a_saved_plan_is_run_exactly_and_once(user, saved):
    done = user("run", "--plan", saved)
    assert done.exit_code == COMPLETE, done.output
    assert "team_boxes" in done.output


def test_a_saved_plan_is_refused_when_a_record_has_changed(user, saved, tmp_path):
    spoil(
        tmp_path / "copy.duckdb",
        "UPDATE nba_orchestration.partition_ledger SET status = 'failed'"
        f" WHERE table_name = 'nba_staging.team_boxes' AND day = '{DAY}'",
    )
    before = records(tmp_path)
    refused = user("run", "--plan", saved)
    assert refused.exit_code == BROKEN
    assert "have changed since this plan was saved" in refused.output
    assert "Nothing was run" in refused.output
    assert records(tmp_path) == before


def test_a_saved_plan_is_refused_when_raw_files_have_moved(user, raw, saved, tmp_path):
    more_assists_on(raw, "2024-11-13")
    refused = user("run", "--plan", saved)
    assert refused.exit_code == BROKEN
    assert "have changed since this plan was saved" in refused.output


EDITS = {
    "a day in summer": (lambda p: p["days"].append("2022-07-15"), "2022-07-15 is no partition"),
    "a day to come": (lambda p: p["days"].append("2031-01-01"), "2031-01-01 is no partition"),
    "one day more": (lambda p: p["days"].append("2024-11-13"), "edited after it was saved"),
    "one day less": (lambda p: p["tables"][0]["days"].clear(), "edited after it was saved"),
    "a table to nowhere": (lambda p: p["targets"].append("nowhere"), "called nowhere"),
    "no tables": (lambda p: p.pop("tables"), "not a saved plan"),
}


def test_a_saved_plan_that_was_edited_is_refused(user, saved, tmp_path):
    text, before = saved.read_text(), records(tmp_path)
    for change, message in EDITS.values():
        content = json.loads(text)
        change(content)
        saved.write_text(json.dumps(content))
        refused = user("run", "--plan", saved)
        assert refused.exit_code in (BROKEN, USAGE)
        assert message in refused.output, refused.output
    assert records(tmp_path) == before


def test_nothing_can_be_added_to_a_saved_plan(user, saved):
    for more in (["--dates", DAY], ["--season", "2024-25"], ["team_boxes"], ["--missing-only"]):
        refused = user("run", "--plan", saved, *more)
        assert refused.exit_code == USAGE
        assert "nothing can be added to it" in refused.output
