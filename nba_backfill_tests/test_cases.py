"""Raw folders on which the platform once went wrong, run as their user would; right now."""

from __future__ import annotations

import shutil
from dataclasses import dataclass

import duckdb
import pytest
from click.testing import CliRunner

from nba_backfill import cli
from nba_backfill.cli import session
from nba_backfill_tests.conftest import PROJECT

CASES = PROJECT.parent / "shared" / "cases"


@dataclass(frozen=True)
class Outcome:
    """What a run left: exit code, what it printed, and the warehouse."""

    code: int
    said: str
    path: str

    def query(self, sql):
        with duckdb.connect(self.path, read_only=True) as connection:
            return connection.execute(sql).fetchall()

    def statuses(self, day):
        """Table -> status of a day, of computed tables."""
        return dict(
            self.query(
                "SELECT split_part(table_name, '.', 2), status FROM"
                f" nba_orchestration.partition_ledger WHERE day = '{day}' AND table_name NOT LIKE"
                " 'nba_raw.%'"
            )
        )

    def rows(self, day):
        """Table -> rows of a day, of computed tables."""
        return dict(
            self.query(
                "SELECT split_part(table_name, '.', 2), row_count FROM"
                f" nba_orchestration.partition_ledger WHERE day = '{day}' AND table_name NOT LIKE"
                " 'nba_raw.%'"
            )
        )


@pytest.fixture
def case(tmp_path, monkeypatch):
    """Runs Phase 3 over a copy of a case's folder; again over the same warehouse if asked."""
    if not CASES.is_dir():
        pytest.skip("the cases are not beside this checkout")
    shutil.copy(PROJECT / "dagster.yaml", tmp_path / "dagster.yaml")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NBA_RAW_DIR", str(tmp_path / "raw"))
    monkeypatch.setenv("NBA_DUCKDB_PATH", str(tmp_path / "case.duckdb"))
    session.definitions.cache_clear()

    def run(dates, *options, name=None, change=None):
        if name:
            shutil.copytree(CASES / name, tmp_path / "raw", copy_function=shutil.copyfile)
        if change:
            change(tmp_path / "raw")
        arguments = ["run", "staging", "phase3_analytics", "--dates", dates, *options]
        done = CliRunner().invoke(cli.main, arguments)
        return Outcome(done.exit_code, done.output, str(tmp_path / "case.duckdb"))

    yield run
    session.definitions.cache_clear()


def rewrite(folder, table, select):
    """Replace a raw table by a SELECT of it."""
    [path] = (folder / "nba_raw" / table).glob("*.parquet")
    with duckdb.connect() as connection:
        connection.execute(f"CREATE TABLE raw AS FROM '{path}'")
        connection.execute(f"COPY ({select}) TO '{path}' (FORMAT parquet)")


def without_scoreboard(folder):
    rewrite(folder, "espn_scoreboard", "FROM raw WHERE false")


DAY = "2024-11-21"
PLAYED = ("player_boxes", "player_game_summary", "team_boxes", "team_offense_game_summary")


def test_the_control_is_complete(case):
    done = case(DAY, name="00-base-control")
    assert done.code == 0, done.said
    assert set(done.statuses(DAY).values()) == {"complete"}
    assert len(done.statuses(DAY)) == 14


def test_01_who_has_0_00_minutes_at_the_second_vendor_sat_out(case):
    done = case("2025-02-09", name="01-second-vendor-0-00")
    assert done.query(
        "SELECT appeared, player_status, count(*), count(points) FROM nba_staging.player_boxes"
        " GROUP BY ALL ORDER BY ALL"
    ) == [(False, "dnp", 21, 0), (True, "active", 59, 59)]


@pytest.mark.parametrize("scoreboard", [True, False])
def test_03_a_postponed_game_called_final_at_nil_costs_itself_only(case, scoreboard):
    change = None if scoreboard else without_scoreboard
    done = case(f"{DAY}...2024-11-23", name="03-postponed-as-final-0-0", change=change)
    assert done.code == 0, done.said
    assert {s for d in ("2024-11-22", "2024-11-23") for s in done.statuses(d).values()} == {
        "complete"
    }
    for table in PLAYED:
        [(games,)] = done.query(
            f"SELECT count(DISTINCT game_id) FROM {'nba_analytics' if 'summary' in table else 'nba_staging'}.{table}"
            f" WHERE game_date = '{DAY}'"
        )
        assert games == 3
    # The scoreboard has a result, so that game is one whose box scores are missing.
    assert done.rows(DAY)["upcoming_team_game_context"] == (8 if scoreboard else 6)
    assert (
        sum(done.rows(d)["upcoming_team_game_context"] for d in ("2024-11-22", "2024-11-23")) == 30
    )


def test_04_events_of_another_game_make_no_zones(case):
    done = case("2024-11-12...2024-11-13", name="04-events-of-another-game")
    assert done.code == 1, done.said
    assert done.statuses("2024-11-12")["shot_zones"] == "unavailable"
    assert "events_are_of_the_game" in done.said
    assert "MIN 94 shots, team row 73" in done.said
    assert done.query(
        "SELECT game_date::VARCHAR, paint_attempts FROM nba_analytics.player_game_summary"
        " WHERE player_lookup = 'anthonyedwards' ORDER BY 1"
    ) == [("2024-11-12", None), ("2024-11-13", 11)]


def test_08_other_codes_are_the_same_clubs(case):
    done = case(DAY, name="08-other-team-codes")
    assert done.code == 0, done.said
    assert set(done.statuses(DAY).values()) == {"complete"}
    assert done.query(
        "SELECT team_abbr, count(*) FROM nba_staging.injuries"
        " WHERE team_abbr IN ('SAS', 'UTA') GROUP BY ALL ORDER BY ALL"
    ) == [("SAS", 3), ("UTA", 3)]
    assert done.query(
        "SELECT team_abbr, players_out_count FROM nba_analytics.upcoming_team_game_context"
        " WHERE team_abbr IN ('SAS', 'UTA') ORDER BY ALL"
    ) == [("SAS", 1), ("UTA", 2)]
    assert done.query("SELECT count(DISTINCT team_abbr) FROM nba_staging.player_boxes") == [(8,)]


def test_09_names_are_those_of_the_one_player_of_the_two_clubs_who_fits(case):
    done = case(DAY, name="09-names-without-suffix")
    assert done.code == 0, done.said
    wanted = ("tobiasharris", "nicksmithjr", "robdillingham")
    found = done.query("SELECT player_lookup, points_line FROM nba_staging.prop_lines")
    assert {k: float(v) for k, v in found if k in wanted} == dict(
        zip(wanted, (13.5, 7.5, 7.5), strict=True)
    )
    assert not {"harristobias", "nicksmith", "robertdillingham"} & {k for k, _ in found}


def test_10_a_game_that_others_finished_is_final_by_the_scoreboard(case):
    done = case(DAY, name="10-status-never-updated")
    assert done.code == 0, done.said
    assert set(done.statuses(DAY).values()) == {"complete"}
    assert sorted(done.query("SELECT game_id, result_source FROM nba_staging.games")) == [
        ("20241121_DET_CHA", "espn_scoreboard"),
        ("20241121_MIN_TOR", "nbac_schedule"),
        ("20241121_ORL_LAL", "nbac_schedule"),
        ("20241121_UTA_SAS", "espn_scoreboard"),
    ]


def test_10_without_a_scoreboard_the_day_is_unavailable_and_names_both_games(case):
    done = case(DAY, name="10-status-never-updated", change=without_scoreboard)
    assert done.code == 1, done.said
    [(reason,)] = done.query(
        "SELECT reason FROM nba_orchestration.partition_ledger WHERE table_name ="
        f" 'nba_staging.games' AND day = '{DAY}'"
    )
    assert "20241121_DET_CHA" in reason
    assert "20241121_UTA_SAS" in reason
    assert {done.statuses(DAY)[table] for table in ("games", *PLAYED)} == {"unavailable"}
    assert "contradicted games 2024-11-21, game 20241121_DET_CHA" in done.said


def test_12_facts_of_a_day_the_schedule_does_not_reach_are_no_day_without_games(case):
    done = case(DAY, name="12-facts-but-no-schedule-yet")
    assert done.code == 1, done.said
    assert set(done.statuses(DAY).values()) == {"unavailable"}
    for table in ("nbac_gamebook_player_stats", "bdl_player_boxscores", "bigdataball_play_by_play"):
        assert table in done.said
    assert "load the schedule of these days" in done.said


def test_12_a_season_without_any_schedule_is_not_without_games(case):
    def no_schedule(folder):
        rewrite(folder, "nbac_schedule", "FROM raw WHERE false")
        without_scoreboard(folder)

    done = case("2024-11-20", name="00-base-control", change=no_schedule)
    assert done.code == 1, done.said
    assert set(done.statuses("2024-11-20").values()) == {"unavailable"}
    assert "no schedule of 2024-25 has arrived" in done.said


def test_12_a_game_missing_from_the_schedule_of_its_day_is_named(case):
    def one_game_less(folder):
        rewrite(
            folder,
            "nbac_schedule",
            f"FROM raw WHERE NOT (game_date = '{DAY}' AND home_team_tricode = 'CHA')",
        )

    done = case(DAY, name="00-base-control", change=one_game_less)
    assert done.code == 1, done.said
    assert done.statuses(DAY)["games"] == "unavailable"
    assert "away=DET, home=CHA" in done.said


def empty(folder):
    shutil.copytree(folder / "after", folder, dirs_exist_ok=True, copy_function=shutil.copyfile)


def test_13_emptied_files_do_not_empty_the_warehouse(case):
    first = case(DAY, name="13-vendor-files-emptied")
    assert first.code == 0, first.said
    done = case(DAY, "--missing-only", change=empty)
    assert done.code == 2, done.said
    assert done.rows(DAY)["player_boxes"] == done.rows(DAY)["player_game_summary"] == 78
    assert "Nothing to do" in done.said
    assert "refused nbac_gamebook_player_stats 2024-11-21: load:" in done.said
    assert "78 rows -> 0" in done.said
    again = case(DAY)
    assert again.code == 2, again.said
    assert again.rows(DAY)["player_boxes"] == 78


@pytest.mark.slow
def test_13_what_an_operator_lets_go_goes_and_the_plan_says_how_much(case):
    case(DAY, name="13-vendor-files-emptied")
    case(DAY, change=empty)
    for table in ("nbac_gamebook_player_stats", "bdl_player_boxscores"):
        told = CliRunner().invoke(
            cli.main, ["accept", table, "--dates", DAY, "--because", "the vendor withdrew it"]
        )
        assert told.exit_code == 0, told.output
    planned = CliRunner().invoke(cli.main, ["plan", "player_boxes", "--dates", DAY])
    assert "stored rows that are expected to go: player_boxes 78" in planned.output
    done = case(DAY, "--missing-only")
    assert done.code == 0, done.said
    assert done.rows(DAY)["player_boxes"] == done.rows(DAY)["player_game_summary"] == 0
    assert done.statuses(DAY)["player_boxes"] == "unavailable"
