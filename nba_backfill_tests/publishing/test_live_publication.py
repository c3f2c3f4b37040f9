"""A live document through the life of a step: its input, its loss, and what stays published."""

from nba_backfill.core.publication import Kind
from nba_backfill.core.window import Window
from nba_backfill.materialization.catalogue import Catalogue
from nba_backfill.materialization.step import Step
from nba_backfill.publishing.exporter import exporter
from nba_backfill.publishing.live.inputs import FOLDER, Input, live, read_input, unshaped
from nba_backfill.warehouse.ledger import Status
from nba_backfill_tests.core.toy_league import TOY, day
from nba_backfill_tests.publishing.toy_site import HERE, Scores


class Points(Input):
    """The toy feed."""

    points: int


def shape(given, of_day, _rows):
    return {"live.json": {"game_date": of_day, "scores": [{"team": "BOS", "points": given.points}]}}


def read(files, _now):
    return read_input(files, "points.json", Points, "whoever counts")


LIVE = live(
    exporter(
        name="site_live",
        kind=Kind.LIVE,
        paths="live.json",
        max_age=30,
        model=Scores,
        reads={"team_points": Window.same_day()},
        shape=unshaped,
        description="Live points.",
        source=str(HERE / "site_scores.py"),
    ),
    shape,
    read,
)
CATALOGUE = Catalogue([*TOY.raw, *TOY, LIVE])


def test_without_its_input_a_live_day_fails_and_the_last_good_document_stays(folder_site):
    warehouse, files = folder_site.league.warehouse, folder_site.files
    for table in TOY:
        Step(table, CATALOGUE, warehouse).run([day(n) for n in range(6)])

    def attempt():
        [record] = Step(LIVE, CATALOGUE, warehouse).run([day(5)])
        return record

    files.write(f"{FOLDER}/points.json", b'{"points": 7, "vendor": "x"}')
    assert attempt().status is Status.COMPLETE
    good = files.read("v1/live.json")
    assert folder_site.document("live.json")["scores"] == [{"team": "BOS", "points": 7}]
    assert files.info("v1/live.json").cache_control == "public, max-age=30"

    for broken in (b'{"points": null}', b"{"):
        files.write(f"{FOLDER}/points.json", broken)
        record = attempt()
        assert record.status is Status.FAILED
        assert "Nothing was published" in record.reason
        assert files.read("v1/live.json") == good
    files.delete(f"{FOLDER}/points.json")
    assert "whoever counts" in attempt().reason
    assert files.read("v1/live.json") == good

    files.write(f"{FOLDER}/points.json", b'{"points": 9}')
    assert attempt().status is Status.COMPLETE
    assert folder_site.document("live.json")["scores"] == [{"team": "BOS", "points": 9}]
