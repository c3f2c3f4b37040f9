"""What the frame promises of every document, seen on a site small enough to know by heart."""

from __future__ import annotations

import datetime as dt
import json

import click
import dagster as dg
import pytest
from jsonschema import Draft202012Validator

from nba_backfill.backfill.plan import plan
from nba_backfill.backfill.world import Reason, World
from nba_backfill.cli.exits import BROKEN, code_named
from nba_backfill.cli.session import refuse_live
from nba_backfill.core.partitions import EASTERN, today
from nba_backfill.core.season import Season
from nba_backfill.core.table import DeclarationError
from nba_backfill.materialization.asset import refuse_the_past
from nba_backfill.materialization.settle import made_days
from nba_backfill.publishing import inspection, pointing
from nba_backfill.publishing.exporter import Kind, exporter
from nba_backfill.publishing.inspection import FRESH, NEWEST, PUBLISHED, SERVED
from nba_backfill.publishing.shelf import Shelf, Stored
from nba_backfill.warehouse.duckdb import DuckDBWarehouse
from nba_backfill.warehouse.files import FileChangedError, FileStoreError, LocalFiles
from nba_backfill.warehouse.ledger import Status
from nba_backfill_tests.core.toy_league import TEAM_POINTS, day
from nba_backfill_tests.publishing.conftest import Site
from nba_backfill_tests.publishing.toy_site import (
    CLUBS,
    LEADERS,
    LEAKED,
    ONLINE,
    SCORES,
    SITE,
    Scores,
    scores,
)
from nba_backfill_tests.publishing.toy_site import NEWEST as POINTER

GAME_DAYS = (0, 1, 2, 4, 5)


def test_every_game_date_has_its_document_with_its_headers(site):
    site.publish(SCORES, *range(6))
    assert site.names() == [f"v1/scores/{day(n)}.json" for n in GAME_DAYS]
    info = site.files.info(f"v1/scores/{day(1)}.json")
    assert (info.content_type, info.cache_control) == ("application/json", "public, max-age=60")
    said = site.document(f"scores/{day(1)}.json")
    generated = dt.datetime.fromisoformat(said.pop("generated_at"))
    assert abs(dt.datetime.now(dt.UTC) - generated) < dt.timedelta(minutes=5)
    assert said == {
        "game_date": "2023-10-25",
        "scores": [
            {"team": "ATL", "points": 110},
            {"team": "BOS", "points": 112},
            {"team": "CHI", "points": 114},
            {"team": "DEN", "points": 116},
        ],
    }


def test_the_ledger_tells_of_a_document_where_it_is_and_what_is_in_it(site):
    site.publish(SCORES, *range(6))
    info = site.files.info(f"v1/scores/{day(1)}.json")
    said = site.league.record(SCORES, 1).measured["documents"]
    assert said["path"] == info.name
    assert (said["as_of"], said["count"], said["bytes"]) == ("2023-10-25", 1, info.size)
    assert site.league.status(SCORES, 3) is Status.NO_GAMES


def test_a_second_run_rewrites_nothing(site):
    site.run(*range(6))
    before = site.generations()
    assert len(before) == 5 + 1 + 4 + 1 + 3 + 2, (
        "documents, schemas, the list of documents and its own"
    )
    site.run(*range(6))
    assert site.generations() == before


def test_a_corrected_score_rewrites_exactly_the_documents_it_changes(site):
    site.run(*range(6))
    before = site.generations()
    site.league.score(2, "BOS", 90)
    site.run(*range(6))
    after = site.generations()
    assert {name for name in after if after[name] != before[name]} == {
        f"v1/scores/{day(2)}.json",
        "v1/leaders.json",
        "v1/clubs/bos.json",
    }


def test_documents_are_written_before_their_commit_and_found_equal_afterwards(site, monkeypatch):
    """A run that dies between the two leaves whole documents under a ledger that says missing."""
    site.publish(SCORES)

    replace_days = DuckDBWarehouse.replace_days

    def dies(warehouse, table, staged, days, records):
        if staged is not None:
            raise KeyboardInterrupt
        replace_days(warehouse, table, staged, days, records)

    with monkeypatch.context() as patched:
        patched.setattr(DuckDBWarehouse, "replace_days", dies)
        with pytest.raises(KeyboardInterrupt):
            site.run(*GAME_DAYS, tables=[SCORES])
    assert site.league.record(SCORES, 1) is None
    before = site.generations()
    assert len(before) == 6 + 2, "documents, their schema, the list of documents and its own"
    site.run(*GAME_DAYS, tables=[SCORES])
    assert site.generations() == before
    assert site.league.status(SCORES, 1) is Status.COMPLETE
    assert not site.found_by(SCORES, PUBLISHED)


def test_a_store_that_cannot_be_written_stops_the_run_before_anything_is_recorded(league, tmp_path):
    (tmp_path / "site").write_text("no folder")
    site = Site(league, LocalFiles(tmp_path / "site"))
    with pytest.raises(FileStoreError) as told:
        site.publish(SCORES, *range(6))
    assert code_named(type(told.value).__name__) == BROKEN
    assert league.record(SCORES, 1) is None
    (tmp_path / "site").unlink()
    site.publish(SCORES, *range(6))
    assert league.status(SCORES, 1) is Status.COMPLETE
    assert not site.found_by(SCORES, PUBLISHED)


def test_a_document_that_breaks_its_contract_is_refused_and_the_previous_one_stays(site):
    site.publish(SCORES, *range(6))
    before = site.generations()
    site.league.raw(f"UPDATE nba_raw.scores SET points = NULL WHERE game_date = '{day(1)}'")
    site.league.score(2, "BOS", 90)
    site.publish(SCORES, *range(6))
    record = site.league.record(SCORES, 1)
    assert record.status is Status.UNAVAILABLE
    assert record.withheld_rows == record.retained_rows == 1
    assert "scores.0.points: Input should be a valid integer" in record.reason
    after = site.generations()
    assert {n for n in after if after[n] != before[n]} == {f"v1/scores/{day(2)}.json"}
    assert not site.found_by(SCORES, PUBLISHED), "the earlier row stands for the earlier document"


def test_what_must_not_be_published_now_is_withheld_with_its_reason(folder_site):
    folder_site.publish(SCORES, *range(6))
    before = folder_site.generations()
    folder_site.league.score(1, "ATL", LEAKED)
    folder_site.publish(SCORES, *range(6))
    record = folder_site.league.record(SCORES, 1)
    assert "too good to be true" in record.reason
    assert record.retained_rows == 1
    assert folder_site.generations() == before


def test_the_schema_is_beside_the_documents_and_refuses_what_the_model_refuses(site):
    site.publish(SCORES, *range(6))
    schema = json.loads(site.files.read("v1/schemas/site_scores.json"))
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema)
    good = site.document(f"scores/{day(1)}.json")
    assert validator.is_valid(good)
    for spoilt in (
        {key: value for key, value in good.items() if key != "generated_at"},
        {key: value for key, value in good.items() if key != "scores"},
        good | {"scores": [{"team": "ATL", "points": "110"}]},
        good | {"scores": [{"team": "ATL"}]},
        good | {"more": 1},
    ):
        assert not validator.is_valid(spoilt)


def test_of_a_snapshot_only_the_newest_date_of_a_run_is_made(site):
    site.publish(LEADERS, *range(6))
    assert site.names() == ["v1/leaders.json"]
    assert site.document("leaders.json")["as_of_date"] == "2023-10-29"
    history = site.league.warehouse.histories([LEADERS.relation])[LEADERS.relation]
    assert list(history.by_day) == [day(5)]


def test_an_older_snapshot_never_overwrites_a_newer_one(site):
    site.publish(LEADERS, *range(6))
    before = site.generations()
    site.run(1, tables=[LEADERS])
    assert site.generations() == before
    assert site.league.status(LEADERS, 1) is Status.COMPLETE
    assert not site.found_by(LEADERS, PUBLISHED)


def test_a_plan_asks_for_a_snapshot_once_and_never_for_a_date_before_it(folder_site):
    def planned(*days):
        world = World.look(SITE, folder_site.league.warehouse, [day(n) for n in days])
        made = plan(world, ["site_leaders"], [day(n) for n in days], missing_only=True)
        return {p.table: dict(p.days) for p in made.tables}.get("site_leaders", {})

    assert planned(*range(6)) == {day(5): Reason.MISSING}
    folder_site.publish(LEADERS, 0, 1, 2)
    assert planned(0, 1) == {}
    assert planned(0, 1, 2) == {}
    assert planned(*range(6)) == {day(5): Reason.MISSING}
    folder_site.league.score(0, "ATL", 90)
    folder_site.run(0, tables=[SITE.table("games"), TEAM_POINTS])
    assert planned(0, 1, 2) == {day(2): Reason.STALE_INPUT}


def test_a_snapshot_waits_for_final_games_and_what_is_to_come_does_not(folder_site):
    folder_site.league.raw(
        f"UPDATE nba_raw.fixtures SET final = false WHERE game_date = '{day(5)}'"
    )
    calendar = SITE.calendar(folder_site.league.warehouse, [Season.of(day(0))])
    days = [day(n) for n in range(6)]
    assert made_days(LEADERS, calendar, days) == [day(4)]
    assert made_days(CLUBS, calendar, days) == [day(5)]
    assert made_days(SCORES, calendar, days) == days


def test_a_document_of_a_day_that_lost_its_games_is_withdrawn(site):
    site.publish(SCORES, *range(6))
    site.league.raw(
        f"UPDATE nba_raw.fixtures SET game_date = '{day(3)}' WHERE game_date = '{day(4)}';"
        f"UPDATE nba_raw.scores SET game_date = '{day(3)}' WHERE game_date = '{day(4)}'"
    )
    site.publish(SCORES, *range(6))
    assert site.names() == [f"v1/scores/{day(n)}.json" for n in (0, 1, 2, 3, 5)]
    assert not site.found_by(SCORES, PUBLISHED)


def test_the_list_of_documents_names_what_is_published_and_nothing_else(site):
    site.run(*range(6))
    listed = site.document("index.json")
    dated = [f"v1/{kind}/{on}.json" for kind, days in listed["dated"].items() for on in days]
    assert sorted(dated + [f"v1/{path}" for path in listed["documents"]]) == site.names()


def test_documents_of_who_no_longer_plays_expire_with_the_next_date(site):
    site.league.raw(f"DELETE FROM nba_raw.fixtures WHERE game_date = '{day(5)}' AND home = 'ATL'")
    site.publish(CLUBS, 0, 1, 2, 3, 4)
    assert site.names() == [f"v1/clubs/{club}.json" for club in ("atl", "bos", "chi", "den")]
    site.run(5, tables=[CLUBS])
    assert site.names() == [f"v1/clubs/{club}.json" for club in ("chi", "den")]


def test_a_pointer_shows_the_newest_date_and_is_never_put_back(site):
    site.publish(SCORES, 0, 1, 2)
    site.run(0, 1, 2, tables=[POINTER])
    assert site.document("scores/latest.json")["game_date"] == str(day(2))
    site.run(4, 5, tables=[SCORES])
    assert site.found_by(POINTER, NEWEST) == [
        f"{day(2)}: scores/latest.json shows {day(2)}, published is {day(5)}"
    ]
    site.run(4, 5, tables=[POINTER])
    site.run(0, 1, tables=[SCORES])
    site.run(0, 1, tables=[POINTER])
    assert site.document("scores/latest.json")["game_date"] == str(day(5))
    assert site.files.info("v1/scores/latest.json").cache_control == "public, max-age=5"
    assert not site.found_by(POINTER, NEWEST)


def test_of_two_runs_that_meet_at_a_pointer_the_later_date_stays(site, monkeypatch):
    shelf = Shelf(site.files, POINTER.publication.patterns)

    def document(n):
        text = Scores(game_date=day(n), scores=[]).to_text()
        return Stored(day(n), "scores/latest.json", text)

    pointing.point(shelf, document(1), "2023-10-26T00:00:00+00:00")
    replace = type(site.files).replace

    def overtaken(store, *args, **options):
        monkeypatch.undo()
        pointing.point(shelf, document(5), "2023-10-30T00:00:00+00:00")
        return replace(store, *args, **options)

    monkeypatch.setattr(type(site.files), "replace", overtaken)
    pointing.point(shelf, document(2), "2023-10-30T00:00:01+00:00")
    assert site.document("scores/latest.json")["game_date"] == str(day(5))


def test_a_pointer_that_others_move_each_time_is_left_to_them(site, monkeypatch):
    def changed(*_, **__):
        raise FileChangedError("moved")

    monkeypatch.setattr(type(site.files), "replace", changed)
    shelf = Shelf(site.files, POINTER.publication.patterns)
    text = Scores(game_date=day(1), scores=[]).to_text()
    with pytest.raises(pointing.PointerContestedError, match="was moved by others 5 times"):
        pointing.point(shelf, Stored(day(1), "scores/latest.json", text), "now")


def test_a_date_that_is_held_back_does_not_hold_the_pointer(folder_site):
    folder_site.publish(SCORES, 0, 1, 2)
    folder_site.league.warehouse.connection.execute(
        "UPDATE nba_orchestration.partition_ledger SET status = 'failed'"
        f" WHERE table_name = '{SCORES.relation}' AND day = '{day(2)}'"
    )
    folder_site.run(0, 1, 2, tables=[POINTER])
    assert folder_site.league.status(POINTER, 2) is Status.COMPLETE
    assert folder_site.document("scores/latest.json")["game_date"] == str(day(1))


def test_live_documents_are_refused_for_any_day_but_the_current_one():
    with pytest.raises(click.UsageError, match="site_online: made live only"):
        refuse_live([SCORES, ONLINE], [day(0), day(1)])
    with pytest.raises(dg.Failure, match="not for 2023-10-24"):
        refuse_the_past(ONLINE, [day(0)])
    refuse_live([ONLINE], [today()])
    refuse_live([SCORES], [day(0)])
    refuse_the_past(ONLINE, [today()])


@pytest.mark.parametrize(
    ("spoil", "check", "said"),
    [
        (lambda files, name: files.delete(name), PUBLISHED, "not in the export store"),
        (
            lambda files, name: files.write(
                name,
                files.read(name).replace(b"110", b"111"),
                content_type="application/json",
                cache_control="public, max-age=60",
            ),
            PUBLISHED,
            "is not the document of its row",
        ),
        (
            lambda files, name: files.write(
                f"v1/scores/{day(3)}.json",
                files.read(name),
                content_type="application/json",
                cache_control="public, max-age=60",
            ),
            PUBLISHED,
            "the export store has a document of a date that has no row",
        ),
        (
            lambda files, name: files.write(name, files.read(name), content_type="text/html"),
            SERVED,
            "served as text/html, no Cache-Control",
        ),
    ],
    ids=["lost", "changed", "stray", "headers"],
)
def test_each_check_of_the_store_fails_on_its_bad_case_and_a_run_mends_it(site, spoil, check, said):
    site.publish(SCORES, *range(6))
    assert not site.found_by(SCORES, check)
    spoil(site.files, f"v1/scores/{day(1)}.json")
    [found] = site.found_by(SCORES, check)
    assert said in found
    site.publish(SCORES, *range(6))
    mended = not site.found_by(SCORES, check)
    assert mended is ("no row" not in said), "what we did not write we do not delete"


@pytest.mark.parametrize(
    ("hours", "last", "old"), [(30, 5, True), (25, 5, False), (30, 2, False)], ids=str
)
def test_a_snapshot_without_last_nights_games_is_old_while_games_are_played(
    folder_site, monkeypatch, hours, last, old
):
    """As of day 0; there were games on day 1, and it is so many hours after that day's end."""
    folder_site.publish(LEADERS, 0)
    night = dt.datetime.combine(day(2), dt.time(), EASTERN)
    now = night + dt.timedelta(hours=hours)

    class Clock(dt.datetime):
        @classmethod
        def now(cls, tz=None):
            return now.astimezone(tz)

    class Clocked:
        datetime, timedelta, date, time = Clock, dt.timedelta, dt.date, dt.time

    monkeypatch.setattr(inspection, "dt", Clocked)
    monkeypatch.setattr(inspection, "today", lambda: day(2))
    game_days = [day(n) for n in (0, 1, 2, 4, 5) if n <= last]
    problems = LEADERS.publication.examine(
        LEADERS, folder_site.league.warehouse, [day(0)], game_days if last > 2 else [day(0), day(1)]
    )
    assert [p[0] for p in problems] == [FRESH] * old


def test_a_declaration_that_contradicts_itself_is_refused():
    common = {
        "name": "x",
        "kind": Kind.DATED,
        "model": Scores,
        "reads": {},
        "shape": scores,
        "description": "x",
        "source": __file__,
    }
    with pytest.raises(DeclarationError, match="no such place in a path: club"):
        exporter(paths="x/{club}.json", max_age=1, **common)
    with pytest.raises(DeclarationError, match="needs a max_age and a model"):
        exporter(paths=("x.json", "y.json"), max_age={"x.json": 1}, **common)
