"""The core documents of the demo league: against the tables they are made of, and held back."""

from __future__ import annotations

import datetime as dt
import json
import shutil
import time
from dataclasses import replace

import pytest

from nba_backfill.backfill.world import Reason, World
from nba_backfill.cli.session import chosen_tables
from nba_backfill.core.publication import Kind
from nba_backfill.core.season import BOOTSTRAP_DAYS
from nba_backfill.definitions import CATALOGUE
from nba_backfill.materialization.checks import examine
from nba_backfill.materialization.step import Step
from nba_backfill.predictions.forecasting.prediction_columns import CHAMPION
from nba_backfill.warehouse.files import LocalFiles
from nba_backfill.warehouse.ledger import Status
from nba_backfill_tests.conftest import DEMO_THROUGH, copied

DATED = {"results": "results", "best_bets": "best-bets", "predictions": "predictions"}


@pytest.fixture
def site(demo_warehouse, tmp_path):
    """A copy of the demo league that a test may change, and of what is published of it."""
    warehouse = copied(demo_warehouse, tmp_path / "copy.duckdb")
    shutil.copytree(demo_warehouse.warehouse.files.folder, tmp_path / "exports")
    warehouse.files = LocalFiles(tmp_path / "exports")
    yield warehouse
    warehouse.close()


def document(warehouse, path):
    return json.loads(warehouse.files.read(f"v1/{path}"))


def run(warehouse, name, days):
    return Step(CATALOGUE.table(name), CATALOGUE, warehouse).run(days)


@pytest.mark.parametrize("name", DATED)
def test_every_game_date_has_a_document_empty_ones_in_the_first_days(site, name):
    """P6-5."""
    game_days = [
        day
        for (day,) in site.connection.execute(
            f"SELECT DISTINCT game_date FROM nba_staging.games WHERE game_date <= '{DEMO_THROUGH}'"
        ).fetchall()
    ]
    names = set(site.files.names(f"v1/{DATED[name]}/")) - {f"v1/{DATED[name]}/latest.json"}
    assert names == {f"v1/{DATED[name]}/{day}.json" for day in game_days}
    records = site.histories([CATALOGUE.table(name).relation])[CATALOGUE.table(name).relation]
    first = min(game_days)
    for day in game_days:
        assert records.get(day).status is Status.COMPLETE
        if day < first + dt.timedelta(days=BOOTSTRAP_DAYS):
            said = document(site, f"{DATED[name]}/{day}.json")
            assert not any(said.get(key) for key in ("results", "picks", "games"))


def test_the_checks_of_all_core_documents_pass(site):
    for name in (*DATED, "system_performance", "latest_pointers"):
        reports = examine(CATALOGUE.table(name), CATALOGUE, site)
        failed = [r.check for r in reports if r.findings and r.severity.name == "ERROR"]
        assert failed == [], name


def test_results_are_the_champions_grades(site):
    """P6-2."""
    day = dt.date(2024, 11, 14)
    said = document(site, f"results/{day}.json")
    graded = site.connection.execute(
        "SELECT player_lookup, actual_points, absolute_error, is_voided FROM"
        " nba_predictions.prediction_accuracy WHERE system_id = ? AND game_date = ?",
        [CHAMPION, day],
    ).fetchall()
    assert len(said["results"]) == len(graded) > 50
    found = {r["player_lookup"]: r for r in said["results"]}
    for player, actual, error, voided in graded:
        assert found[player]["actual"] == actual
        assert found[player]["error"] == (None if error is None else float(error))
        assert (found[player]["result"] == "VOID") is voided


def test_a_traded_player_is_picked_once(site):
    """Defect 7: the registry has a row per club, of which one names him."""
    day = dt.date(2024, 11, 14)
    site.connection.execute(
        "UPDATE nba_predictions.player_prop_predictions SET recommendation = 'OVER',"
        " current_points_line = predicted_points - 2, line_source = 'ACTUAL_PROP'"
        f" WHERE game_date = '{day}' AND system_id = '{CHAMPION}' AND predicted_points < 25"
    )
    site.connection.execute(
        "INSERT INTO nba_reference.nba_players_registry SELECT * REPLACE ('QQQ' AS team_abbr)"
        " FROM nba_reference.nba_players_registry"
    )
    run(site, "best_bets", [day])
    said = document(site, f"best-bets/{day}.json")
    players = [pick["player_lookup"] for pick in said["picks"]]
    assert len(players) == len(set(players)) == said["total_picks"] == 10
    assert all(pick["player_full_name"] != pick["player_lookup"] for pick in said["picks"])


def test_a_leak_holds_back_best_bets_and_performance_and_not_results(site):
    """P6-9, at the gate of the bounds of the rows and at that of the readers."""
    day = DEMO_THROUGH
    site.connection.execute(
        "UPDATE nba_predictions.model_evaluation SET line_rows = 5000, mae_on_line_rows = 3.9"
        f" WHERE as_of_date = '{day}' AND system_id = '{CHAMPION}' AND period = 'season'"
    )
    before = {i.name: i.generation for i in site.files.infos("v1/")}
    for name in ("best_bets", "system_performance"):
        [record] = run(site, name, [day])
        assert record.status is Status.UNAVAILABLE
        assert "P6-9" in record.reason
        assert record.retained_rows == 1
    evaluation = CATALOGUE.table("model_evaluation")
    record = site.histories([evaluation.relation])[evaluation.relation].get(day)
    site.replace_days(evaluation, None, [], [replace(record, status=Status.REJECTED)])
    for name in ("best_bets", "system_performance"):
        [record] = run(site, name, [day])
        assert record.status is Status.FAILED
        assert "model_evaluation is not readable" in record.reason
    [record] = run(site, "results", [day])
    assert record.status is Status.COMPLETE
    assert {i.name: i.generation for i in site.files.infos("v1/")} == before


def test_an_empty_document_after_games_is_told(site):
    """P6-8."""
    day = dt.date(2024, 11, 14)
    site.connection.execute(
        f"UPDATE nba_publishing.results SET is_empty = TRUE WHERE game_date = '{day}'"
    )
    [report] = [
        r
        for r in examine(CATALOGUE.table("results"), CATALOGUE, site, [day])
        if r.check == "not_empty_after_games"
    ]
    assert report.severity.name == "WARN"
    assert len(report.findings) == 1
    first = dt.date(2024, 10, 25)
    [report] = [
        r
        for r in examine(CATALOGUE.table("results"), CATALOGUE, site, [first])
        if r.check == "not_empty_after_games"
    ]
    assert report.passed, "the first days of a season have none"


def test_a_backfill_of_old_dates_leaves_the_pointers_where_they_are(site):
    """Defect 18, P6-7."""
    before = {n: site.files.read(n) for n in site.files.names("v1/") if n.endswith("latest.json")}
    assert len(before) == 2
    assert json.loads(before["v1/results/latest.json"])["game_date"] == str(DEMO_THROUGH)
    for name in (*DATED, "latest_pointers"):
        run(site, name, [dt.date(2024, 11, 12), dt.date(2024, 11, 13)])
    assert {n: site.files.read(n) for n in before} == before
    assert site.files.read("v1/predictions/today.json") is None, "that date is not today"


def test_performance_of_a_season_is_that_of_the_season_only(site):
    """Defect 6: what was played before the season counts in all_time."""
    for name in ("system_daily_performance", "prediction_accuracy"):
        relation = f"nba_predictions.{name}"
        site.connection.execute(
            f"INSERT INTO {relation} SELECT * REPLACE (game_date - INTERVAL 400 DAY AS game_date,"
            f" season_year - 1 AS season_year) FROM {relation}"
        )
    run(site, "system_performance", [DEMO_THROUGH])
    said = document(site, "systems/performance.json")["systems"][0]
    assert said["system_id"] == CHAMPION
    windows = said["windows"]
    [(predictions, errors)] = site.connection.execute(
        "SELECT count(*), sum(absolute_error) FROM nba_predictions.prediction_accuracy WHERE"
        f" system_id = '{CHAMPION}' AND NOT is_voided AND season_year = 2024"
    ).fetchall()
    assert windows["season"]["predictions"] == predictions
    assert windows["season"]["mae"] == round(float(errors) / predictions, 2)
    assert windows["all_time"]["predictions"] == 2 * predictions


def test_a_run_that_names_nothing_makes_dated_documents_and_snapshots_and_nothing_else():
    """Defect 16: neither live documents nor those of a moment nor one per player and date."""
    by_default = {Kind.DATED, Kind.SNAPSHOT, Kind.PER_PLAYER, Kind.POINTER}
    for names in ((), ("phase6_publishing",)):
        chosen = [table for table in chosen_tables(names) if table.publication]
        assert {table.publication.kind for table in chosen} <= by_default
        assert {*DATED, "system_performance", "latest_pointers"} <= {t.name for t in chosen}
    for table in CATALOGUE:
        assert table in chosen_tables((table.name,)), "by its own name anything can be asked for"


def test_nine_hundred_dates_of_three_documents_would_take_less_than_a_minute(site):
    """In processor time, which does not depend on what else the machine is doing."""
    days = [dt.date(2024, 11, 6) + dt.timedelta(days=n) for n in range(15)]
    site.files = LocalFiles(site.files.folder.parent / "new")
    started, documents = time.process_time(), 0
    for name in DATED:
        documents += sum(record.row_count for record in run(site, name, days))
    assert (time.process_time() - started) / documents < 60 / (918 * 3)


def test_a_user_sees_documents_counted_and_exports_one_date_from_an_empty_warehouse(
    user, demo_warehouse, tmp_path, monkeypatch
):
    """The whole way: nothing is there, one document is asked for, all it needs is carried."""
    monkeypatch.setenv("NBA_DUCKDB_PATH", str(tmp_path / "empty.duckdb"))
    monkeypatch.setenv("NBA_EXPORT_URL", str(tmp_path / "site"))
    [(day,)] = demo_warehouse.query(
        "SELECT MIN(game_date) FROM nba_predictions.player_prop_predictions"
    )
    done = user("run", "predictions", "--dates", day)
    assert done.exit_code == 0, done.output
    [name] = LocalFiles(tmp_path / "site").names("v1/predictions/")
    said = json.loads((tmp_path / "site" / name).read_text())
    assert said["total_predictions"] > 50
    told = user("status", "predictions", "--dates", day)
    counted = [line.split() for line in told.output.splitlines()]
    [line] = [words for words in counted if words[:2] == ["predictions", "dated"]]
    assert line[2:4] == ["1", "1"]
    assert line[-1] == str(day)


def test_a_day_without_any_players_line_owes_no_results_and_another_does(site):
    """P6-8: play-ins and cup finals have no player rows, so nothing could be graded."""
    [(day,)] = site.connection.execute(
        "SELECT MAX(game_date) FROM nba_publishing.results WHERE NOT is_empty"
    ).fetchall()
    site.connection.execute(
        "UPDATE nba_publishing.results SET is_empty = TRUE WHERE game_date = ?", [day]
    )

    def warned():
        reports = examine(CATALOGUE.table("results"), CATALOGUE, site)
        return [str(r.findings) for r in reports if r.check == "not_empty_after_games"]

    assert str(day) in warned()[0] or repr(day) in warned()[0]
    site.connection.execute(
        "DELETE FROM nba_analytics.player_game_summary WHERE game_date = ?", [day]
    )
    assert warned() in ([], ["()"], ["[]"])


def test_a_lost_folder_of_documents_is_due_again_and_written_again(site):
    days = [
        d
        for (d,) in site.connection.execute(
            "SELECT game_date FROM nba_publishing.results"
        ).fetchall()
    ]
    before = set(site.files.names("v1/results/"))
    shutil.rmtree(site.files.folder / "v1" / "results")
    world = World.look(CATALOGUE, site, days)
    table = CATALOGUE.table("results")
    assert {world.due(table, day) for day in days} == {Reason.DOCUMENTS_GONE}
    assert not world.is_published("results", days[0])
    run(site, "results", days)
    assert set(site.files.names("v1/results/")) == before - {"v1/results/latest.json"}
    again = World.look(CATALOGUE, site, days)
    assert {again.due(table, day) for day in days} == {None}
    assert again.gone["latest_pointers"]
