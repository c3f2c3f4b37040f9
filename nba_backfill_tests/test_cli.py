"""nba-backfill as its user runs it, over the demo league."""

from __future__ import annotations

import contextlib
import json
import shutil
import signal
import subprocess
import sys

import dagster as dg
import duckdb
import pytest

from nba_backfill.cli import session
from nba_backfill.cli.exits import (
    BROKEN,
    BUSY,
    COMPLETE,
    CONFIGURATION,
    EXITS,
    GAPS,
    INTERRUPTED,
    TERMINATED,
    USAGE,
    Explained,
    exits_markdown,
)
from nba_backfill.core.process import process_tags
from nba_backfill_tests.conftest import HISTORICAL, PROJECT, spoil

WEEK = "2024-11-11...2024-11-13"


def test_a_complete_range_has_nothing_to_do(user):
    done = user("plan", "--dates", WEEK, "--missing-only")
    assert done.exit_code == 0
    assert "Nothing to do: every day stands." in done.output


def test_status_is_0_when_complete_1_with_gaps_and_2_with_wrong_rows(user, tmp_path):
    assert user("status", "team_boxes", "--dates", WEEK).exit_code == 0
    spoil(
        tmp_path / "copy.duckdb",
        "DELETE FROM nba_orchestration.partition_ledger"
        " WHERE table_name = 'nba_staging.team_boxes' AND day >= '2024-11-12'",
    )
    gaps = user("status", "team_boxes", "--dates", WEEK)
    assert gaps.exit_code == 1
    assert "missing team_boxes: 2 game days, 2024-11-12...2024-11-13" in gaps.output
    spoil(
        tmp_path / "copy.duckdb", "INSERT INTO nba_staging.team_boxes FROM nba_staging.team_boxes"
    )
    recorded = user("status", "team_boxes", "--dates", "2024-11-11")
    assert recorded.exit_code == 0, recorded.output
    wrong = user("status", "team_boxes", "--dates", "2024-11-11", "--recheck")
    assert wrong.exit_code == 2
    assert "repeat the key" in wrong.output


def test_recheck_finds_right_looking_rows_that_nobody_computed_and_run_mends_them(user, tmp_path):
    spoil(
        tmp_path / "copy.duckdb",
        "UPDATE nba_staging.injuries SET reason = 'changed' WHERE game_date = '2024-11-12'",
    )
    assert user("status", "injuries", "--dates", WEEK).exit_code == 0
    found = user("status", "injuries", "--dates", WEEK, "--recheck")
    assert found.exit_code == 2
    said = " ".join(found.output.split())
    assert "changed by another hand injuries: the rows of 1 days are not those" in said
    assert "nba-backfill run injuries --dates 2024-11-12...2024-11-12" in said
    assert user("run", "injuries", "--dates", "2024-11-12").exit_code == 0
    assert user("status", "injuries", "--dates", WEEK, "--recheck").exit_code == 0


def test_run_fills_a_gap_and_leaves_the_rest_alone(user, tmp_path):
    spoil(
        tmp_path / "copy.duckdb",
        "DELETE FROM nba_orchestration.partition_ledger"
        " WHERE table_name = 'nba_analytics.player_game_summary' AND day = '2024-11-12'",
    )
    done = user("run", "player_daily_cache", "--dates", "2024-11-13", "--missing-only")
    assert done.exit_code == 0, done.output
    assert "player_game_summary" in done.output
    assert "carried for player_daily_cache" in done.output
    assert "team_boxes" not in done.output


def test_verify_prints_a_verdict_per_table_and_leaves_the_warehouse_alone(user, tmp_path):
    before = (tmp_path / "copy.duckdb").stat().st_mtime_ns
    done = user("verify", "team_defense_zone_analysis", "--dates", WEEK)
    assert done.exit_code == 0, done.output
    assert done.output.count("holds") == 4
    assert (tmp_path / "copy.duckdb").stat().st_mtime_ns == before


def test_verify_fails_on_rows_that_cannot_be_computed_again(user, tmp_path):
    spoil(
        tmp_path / "copy.duckdb",
        "UPDATE nba_orchestration.partition_ledger SET fingerprint = 'other'"
        " WHERE table_name = 'nba_staging.team_boxes' AND day = '2024-11-12'",
    )
    done = user("verify", "team_boxes", "--dates", WEEK)
    assert done.exit_code == 2
    assert "differs on 2024-11-12" in done.output


BAD = "UPDATE nba_raw.nbac_team_boxscore SET fg_attempted = 0 WHERE game_date = '2024-11-12' AND team_abbr = '{club}'"


@pytest.fixture
def bad_game(user, tmp_path):
    """A game of 12 November whose team totals cannot be, refused by a run."""
    copy = tmp_path / "copy.duckdb"
    with duckdb.connect(str(copy)) as connection:
        [club] = connection.execute(
            "SELECT min(team_abbr) FROM nba_staging.team_boxes WHERE game_date = '2024-11-12'"
            " AND source = 'nbac_team_boxscore'"
        ).fetchone()
    spoil(copy, BAD.format(club=club))
    done = user("run", "team_boxes", "--dates", "2024-11-12")
    assert done.exit_code == 2, done.output
    return club, done.output


def lines_with(output, text):
    return [line for line in output.splitlines() if text in line]


def test_a_run_that_withheld_a_game_says_the_first_cause_once_with_what_mends_it(user, bad_game):
    club, said = bad_game
    [line] = lines_with(said, "refused team_boxes 2024-11-12, game 20241112_")
    assert "rule makes_within_attempts broken" in line
    assert f"team_abbr={club}" in line
    assert lines_with(said, "2 rows were kept out, 2 stored rows stay")
    [command] = lines_with(said, "nba-backfill accept team_boxes --dates 2024-11-12 --game")
    assert "--check ranges" in command


def test_status_groups_what_is_refused_by_its_cause_and_exits_with_2(user, bad_game):
    user("run", "team_offense_game_summary", "player_game_summary", "--dates", "2024-11-12")
    done = user("status", "--dates", WEEK)
    assert done.exit_code == 2
    assert len(lines_with(done.output, "refused team_boxes 2024-11-12")) == 1
    assert lines_with(done.output, "tables after it (2024-11-12)")


def test_a_decision_is_kept_listed_carried_out_and_taken_back(user, bad_game):
    refused = user("accept", "team_boxes", "--dates", "2024-11-12")
    assert refused.exit_code == USAGE
    assert "--because is needed" in refused.output
    done = user("accept", "team_boxes", "--dates", WEEK, "--because", "as in the official PDF")
    assert done.exit_code == 0, done.output
    assert "as in the official PDF" in done.output
    listed = user("accept", "--list").output
    kept = [line.split()[0] for line in listed.splitlines() if "team_boxes 2024-11-12" in line]
    assert len(kept) == 2  # the shots made, and the threes among them
    done = user("run", "team_boxes", "--dates", "2024-11-12", "--missing-only")
    assert done.exit_code == 0, done.output
    assert "1 accepted" in done.output
    status = user("status", "team_boxes", "--dates", WEEK)
    assert status.exit_code == 0, status.output
    assert lines_with(status.output, "accepted nba_staging.team_boxes 2024-11-12")
    again = user("accept", "team_boxes", "--dates", WEEK, "--because", "again")
    assert again.exit_code == BROKEN
    assert "nothing of that kind is refused in these days" in again.output
    taken = [option for one in kept for option in ("--revoke", one)]
    back = user("accept", *taken, "--because", "was another game")
    assert back.exit_code == 0, back.output
    assert user("run", "team_boxes", "--dates", "2024-11-12", "--missing-only").exit_code == 2
    assert "no acceptance stands" in user("accept", "--list").output
    assert "no acceptance 123 stands" in user("accept", "--revoke", "123", "--because", "x").output


def test_a_misspelt_table_is_met_with_near_names(user):
    done = user("accept", "team_boxs", "--dates", WEEK, "--because", "x")
    assert done.exit_code == USAGE
    assert "did you mean team_boxes" in done.output


def test_sync_rebuilds_dagsters_record_from_the_ledger(user):
    assert user("sync").exit_code == 0
    with session.instance_of_dagster() as instance:
        recorded = instance.get_materialized_partitions(dg.AssetKey("ml_feature_store_v2"))
    assert {"2024-11-11", "2024-11-12", "2024-11-13"} <= recorded


WRONG = {
    "an unknown table": (["run", "player_summary"], "no table or group called player_summary"),
    "dates that are none": (["plan", "--dates", "yesterday"], "write 2024-01-15 or"),
    "a range backwards": (["plan", "--dates", "2024-01-02...2024-01-01"], "ends before it begins"),
    "a day without partition": (
        ["plan", "--dates", "2024-08-01"],
        "July to September are left out",
    ),
    "a season that is none": (["status", "--season", "2024"], "write it like 2023-24"),
    "a season beyond time": (["status", "--season", "9999-00"], "no season of this history"),
    "days before history": (
        ["plan", "--dates", "2021-10-01...2021-10-25"],
        "2021-10-01 is outside history, which runs from 2021-10-19",
    ),
    "days to come": (["run", "--dates", "2031-01-01"], "2031-01-01 is outside history"),
    "days said twice": (
        ["run", "--dates", "2024-11-12", "--season", "2024-25"],
        "--dates and --season say the same thing",
    ),
    "a misspelt table": (["status", "player_game_sumary"], "did you mean player_game_summary"),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_arguments_say_what_would_be_right(user, name):
    arguments, message = WRONG[name]
    done = user(*arguments)
    assert done.exit_code == USAGE
    assert message in done.output


def test_help_teaches_with_examples(user):
    done = user("--help")
    assert "nba-backfill run --season newest" in done.output
    for command in ("plan", "run", "status", "verify", "sync", "demo-league"):
        assert user(command, "--help").exit_code == 0


def test_the_accuracy_report_says_how_good_the_predictions_were(user, tmp_path):
    done = user("report", "accuracy", "--season", "2024-25", "--picture", "accuracy.png")
    assert done.exit_code == 0, done.output
    assert "2024-25: all players with minutes > 0" in done.output
    assert "zone_matchup_v1" in done.output
    assert "Who was predicted, by season" in done.output
    assert "2024-25: closing-line value of picks" in done.output
    assert (tmp_path / "accuracy.png").read_bytes().startswith(b"\x89PNG")


def test_without_graded_predictions_the_report_says_how_to_get_them(user):
    done = user("report", "accuracy", "--season", "2022-23")
    assert done.exit_code == GAPS
    assert "no graded predictions between" in done.output
    assert "nba-backfill run phase5_grading" in done.output


# Nothing changes by looking


def state_of(path):
    """Every table's rows as they are stored, the ledger's included."""
    with duckdb.connect(str(path), read_only=True) as connection:
        tables = connection.execute(
            "SELECT schema_name || '.' || table_name FROM duckdb_tables() ORDER BY ALL"
        ).fetchall()
        return {
            name: connection.execute(f"SELECT count(*), sum(hash(t)) FROM {name} AS t").fetchone()
            for (name,) in tables
        }


LOOKING = {
    "status": ["status", "--season", "2024-25"],
    "status of one table": ["status", "games", "--dates", WEEK],
    "plan": ["plan", "games", "--dates", WEEK],
    "accept --list": ["accept", "--list"],
    "report": ["report", "accuracy", "--season", "2024-25"],
    "verify": ["verify", "team_boxes", "--dates", "2024-11-12"],
}


@pytest.mark.parametrize("name", LOOKING)
def test_looking_changes_nothing_even_where_the_raw_folder_is_another(
    user, tmp_path, monkeypatch, name
):
    before, when = state_of(tmp_path / "copy.duckdb"), (tmp_path / "copy.duckdb").stat().st_mtime_ns
    monkeypatch.delenv("NBA_RAW_DIR")
    session.definitions.cache_clear()
    done = user(*LOOKING[name])
    assert done.exit_code == (CONFIGURATION if name == "plan" else 0), done.output
    assert state_of(tmp_path / "copy.duckdb") == before
    assert (tmp_path / "copy.duckdb").stat().st_mtime_ns == when
    assert not (tmp_path / ".nba_backfill" / "demo_league").exists()


def test_another_raw_folder_is_refused_until_the_operator_says_so(
    user, demo_folder, tmp_path, monkeypatch
):
    before = state_of(tmp_path / "copy.duckdb")
    other = tmp_path / "other"
    shutil.copytree(demo_folder, other)
    for raw in (None, other):
        if raw:
            monkeypatch.setenv("NBA_RAW_DIR", str(raw))
        else:
            monkeypatch.delenv("NBA_RAW_DIR")
        session.definitions.cache_clear()
        done = user("run", "games", "--dates", "2024-11-12")
        assert done.exit_code == CONFIGURATION
        assert f"come from {demo_folder}" in done.output
        assert "nba-backfill use-raw" in done.output
        assert state_of(tmp_path / "copy.duckdb") == before
    assert user("use-raw").exit_code == 0
    assert user("run", "games", "--dates", "2024-11-12").exit_code == 0


def test_looking_works_while_another_process_writes_and_says_whose_state_it_is(user, tmp_path):
    holding = (
        "import duckdb, sys\n"
        "connection = duckdb.connect(sys.argv[1])\n"
        "connection.execute('CREATE TABLE nba_staging.being_written AS SELECT 1 AS one')\n"
        "connection.execute('BEGIN'); connection.execute('DELETE FROM nba_staging.games')\n"
        "print('held', flush=True); sys.stdin.read()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", holding, str(tmp_path / "copy.duckdb")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as other:
        assert other.stdout.readline().strip() == "held"
        done = user("status", "games", "--dates", WEEK)
        busy = user("run", "games", "--dates", WEEK)
        other.stdin.close()
    assert done.exit_code == 0, done.output
    assert f"process {other.pid} is writing" in done.output
    assert "3/3" in done.output
    assert busy.exit_code == BUSY
    assert "Nothing was changed" in busy.output


def test_a_damaged_warehouse_is_met_with_what_to_do(user, tmp_path):
    path = tmp_path / "copy.duckdb"
    content = bytearray(path.read_bytes())
    for damage in (b"this is no database", bytes(content[:4096]) + b"\0" * 4096):
        path.write_bytes(damage)
        for command in (["status", "--dates", WEEK], ["run", "games", "--dates", WEEK]):
            done = user(*command)
            assert done.exit_code == BROKEN, done.output
            assert "cannot be read as a DuckDB database" in done.output
            assert "Restore the file from a copy" in done.output


def test_a_damaged_warehouse_is_told_by_every_command_with_its_cure_and_no_trace(user, tmp_path):
    (tmp_path / "copy.duckdb").write_bytes(b"this is no database")
    for command in (
        ["plan", "games", "--dates", WEEK],
        ["verify", "games", "--dates", WEEK],
        ["report", "accuracy"],
        ["sync"],
        ["use-raw"],
        ["accept", "--list"],
        ["accept", "games", "--dates", WEEK, "--because", "x"],
    ):
        done = user(*command)
        assert done.exit_code == BROKEN, (command, done.output)
        assert done.output.count("Restore the file from a copy") == 1
        assert "Traceback" not in done.output


# Runs that end before their time

STOPPED = {signal.SIGINT: INTERRUPTED, signal.SIGTERM: TERMINATED}


@pytest.mark.parametrize("number", STOPPED)
@pytest.mark.parametrize("became", [None, RuntimeError("Query interrupted")])
def test_a_signal_decides_how_a_command_ends_whatever_became_of_it(number, became, capsys):
    def is_asked_to_stop():
        with contextlib.suppress(KeyboardInterrupt if became else ()):
            signal.raise_signal(number)
        raise became

    with pytest.raises(SystemExit) as ended, Explained():
        is_asked_to_stop()
    assert ended.value.code == STOPPED[number]
    assert "what was written is whole" in capsys.readouterr().err


def test_an_error_nobody_expected_does_not_end_as_gaps_do(capsys):
    with pytest.raises(SystemExit) as ended, Explained():
        raise KeyError("nobody thought of it")
    assert ended.value.code == BROKEN
    assert "Traceback" in capsys.readouterr().err


@pytest.fixture
def killed(user):
    """A run of a process of this host that is gone, as Dagster's record still has it."""
    tell = "import json; from nba_backfill.core.process import process_tags as t; print(json.dumps(t()))"
    told = subprocess.run([sys.executable, "-c", tell], capture_output=True, check=True)
    with session.instance_of_dagster() as instance:
        return instance.add_run(
            dg.DagsterRun(
                job_name="run_plan",
                status=dg.DagsterRunStatus.STARTED,
                tags=json.loads(told.stdout),
            )
        )


def status_of(run):
    with session.instance_of_dagster() as instance:
        return instance.get_run_by_id(run.run_id).status


def test_a_killed_run_is_told_once_is_not_running_and_changes_no_exit_code(user, killed):
    done = user("status", "games", "--dates", WEEK)
    assert done.exit_code == COMPLETE, done.output
    assert done.output.count(f"run {killed.run_id[:8]} was killed") == 1
    assert "Running now" not in done.output
    assert status_of(killed) is dg.DagsterRunStatus.STARTED


@pytest.mark.parametrize(
    "command",
    [
        ["run", "games", "--dates", WEEK, "--missing-only"],  # which has nothing to do
        ["run", "games", "--dates", WEEK],
        ["sync"],
    ],
    ids=" ".join,
)
def test_the_next_run_or_sync_ends_it_in_dagster(user, killed, command):
    assert user(*command).exit_code == COMPLETE
    assert status_of(killed) is dg.DagsterRunStatus.FAILURE
    assert "killed" not in user("status", "games", "--dates", WEEK).output


def test_a_run_says_in_its_tags_who_works_on_it(user):
    assert user("run", "games", "--dates", WEEK).exit_code == COMPLETE
    with session.instance_of_dagster() as instance:
        [run] = instance.get_runs()
    assert process_tags().items() <= run.tags.items()


@pytest.mark.slow
@pytest.mark.parametrize("number", STOPPED)
def test_a_run_stops_at_a_signal_says_how_to_go_on_and_goes_on_to_the_same_tables(
    user, tmp_path, number
):
    line = [sys.executable, "-m", "nba_backfill", "run", "--dates", "2024-11-05...2024-11-13"]
    before = state_of(tmp_path / "copy.duckdb")
    with subprocess.Popen(
        line, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as running:
        output = ""
        for said in running.stdout:
            output += said
            if "table-days done" in said and running.poll() is None:
                running.send_signal(number)
                break
        output += running.stdout.read()
    assert running.returncode == STOPPED[number], output
    assert "game dates" not in output  # no coverage of what was stopped
    assert "table-days are written and whole" in output
    _, _, go_on = output.partition("Go on with: nba-backfill ")
    assert user(*go_on.split()).exit_code == COMPLETE
    with session.instance_of_dagster() as instance:
        assert dg.DagsterRunStatus.STARTED not in {run.status for run in instance.get_runs()}
    after = state_of(tmp_path / "copy.duckdb")
    computed = [table.relation for table in HISTORICAL]
    assert {name: after[name] for name in computed} == {name: before[name] for name in computed}


def test_help_and_the_readme_hold_every_exit_code(user):
    assert exits_markdown() in (PROJECT / "README.md").read_text()
    said = " ".join(user("--help").output.split())
    assert all(f"{code} {ending.meaning}" in said for code, ending in EXITS.items())
