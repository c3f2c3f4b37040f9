"""Live documents as a user makes them: for the day it is, by each door."""

from __future__ import annotations

import datetime as dt
import json

import dagster as dg
import pytest

from nba_backfill.cli import session
from nba_backfill.core import partitions
from nba_backfill.materialization import asset
from nba_backfill.publishing import store
from nba_backfill_tests.conftest import DEMO_THROUGH
from nba_backfill_tests.publishing.live_feed import KEY, Feed, game, line, served

pytestmark = pytest.mark.slow

LIVE = {
    "live_scores": "live/{}.json",
    "live_grading": "live-grading/{}.json",
    "publishing_status": "status.json",
    "player_news": "player-news/nba/tonight-summary.json",
}


@pytest.fixture
def tonight(user, monkeypatch):
    """Commands to which the last day of the demo league is today."""
    for module in (session, asset):
        monkeypatch.setattr(module, "live_days", lambda: (DEMO_THROUGH,))
    monkeypatch.setattr(store, "today", lambda: DEMO_THROUGH)
    return user


@pytest.fixture
def feed(tmp_path, monkeypatch):
    """A feed with one game of the day, under the addresses of the environment."""
    found = Feed()
    schedule = json.loads(
        next((tmp_path / "exports" / "v1" / "predictions").glob(f"{DEMO_THROUGH}.json")).read_text()
    )["games"][0]
    clubs = schedule["home_team"], schedule["away_team"]
    found.pages = [[game(DEMO_THROUGH, "3rd Qtr", 3, [line("Some Body", 20)], clubs=clubs)]]
    with served(found) as url:
        monkeypatch.setenv("NBA_LIVE_URL", url)
        monkeypatch.setenv("NBA_LIVE_KEY", KEY)
        yield found


def keep_news(folder):
    now = dt.datetime.now(dt.UTC).isoformat()
    mention = {"player_lookup": "somebody", "is_primary": True, "linked_at": now}
    article = {"id": "1", "title": "He is out", "category": "injury", "source": "A paper"}
    article |= {"published_at": now, "players": [mention]}
    (folder / "live-input").mkdir(parents=True, exist_ok=True)
    (folder / "live-input" / "news.json").write_text(json.dumps({"articles": [article]}))


def test_the_four_live_documents_are_made_for_today_from_the_command_line(tonight, feed, tmp_path):
    exports = tmp_path / "exports"
    fetched = tonight("live-scores")
    assert fetched.exit_code == 0, fetched.output
    keep_news(exports)
    ran = tonight("run", *LIVE, "--dates", DEMO_THROUGH)
    assert ran.exit_code == 0, ran.output
    for path in LIVE.values():
        assert (exports / "v1" / path.format(DEMO_THROUGH)).is_file(), path
    live = json.loads((exports / "v1" / f"live/{DEMO_THROUGH}.json").read_text())
    assert (live["game_date"], live["games_in_progress"]) == (str(DEMO_THROUGH), 1)

    feed.pages[0][0] |= {"status": "Final", "home_team_score": 99}
    tonight("live-scores")
    assert tonight("run", "live_scores", "--dates", DEMO_THROUGH).exit_code == 0
    live = json.loads((exports / "v1" / f"live/{DEMO_THROUGH}.json").read_text())
    assert (live["games_in_progress"], live["games_final"]) == (0, 1)


def test_live_documents_of_another_day_or_without_an_input_are_refused_with_what_to_do(tonight):
    past = tonight("run", "live_scores", "--dates", DEMO_THROUGH - dt.timedelta(days=1))
    assert past.exit_code == 64
    assert "made live only" in past.output
    unconnected = tonight("run", "player_news", "--dates", DEMO_THROUGH)
    assert unconnected.exit_code == 2
    assert "no news source is connected" in unconnected.output


def test_the_state_of_the_site_is_made_by_dagster_for_today_and_for_no_other_day(tonight, tmp_path):
    defs = session.definitions()

    def materialized(day):
        with dg.instance_for_test() as instance:
            return dg.materialize(
                list(defs.assets),
                selection=dg.AssetSelection.assets("publishing_status"),
                partition_key=str(day),
                instance=instance,
                resources=defs.resources,
                raise_on_error=False,
            ).success

    assert materialized(DEMO_THROUGH)
    document = tmp_path / "exports/v1/status.json"
    assert json.loads(document.read_text())["predictions_today"] > 0
    before = document.read_bytes()
    assert not materialized(DEMO_THROUGH - dt.timedelta(days=1))
    assert document.read_bytes() == before


@pytest.mark.parametrize(("hour", "days"), [(1, (20, 19)), (2, (20,)), (23, (20,))])
def test_a_game_that_goes_on_past_midnight_is_still_live(hour, days):
    now = dt.datetime(2024, 11, 20, hour, tzinfo=partitions.EASTERN)
    assert partitions.live_days(now) == tuple(dt.date(2024, 11, n) for n in days)
