"""Alerts: what is told, once, with the command that mends it, and how it arrives."""

from __future__ import annotations

import datetime as dt
import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import dagster as dg
import pytest

from nba_backfill.automation.delivery import DeliveryError, deliver
from nba_backfill.automation.watch import alerts_now, build_watch
from nba_backfill.backfill.alerts import Alert, Condition, News, all_alerts, not_fresh
from nba_backfill.backfill.layers import L1, L3, L4, L5, L6, SCHEDULE, LayerGames
from nba_backfill.backfill.world import World
from nba_backfill.core.season import GameCalendar
from nba_backfill.materialization.step import Step
from nba_backfill.warehouse.ledger import PartitionRecord, Status
from nba_backfill_tests.conftest import PROJECT
from nba_backfill_tests.core.toy_league import FIRST_DAY, TEAM_POINTS, TOY, day

DAYS = [day(n) for n in range(6)]
NOW = dt.datetime(2023, 10, 30, 9, tzinfo=dt.UTC)
AN_ALERT = Alert(Condition.FAILED, "t", "it broke", "nba-backfill run t")


class Received(HTTPServer):
    """A webhook that keeps what it is sent."""

    def __init__(self, status: int = 200) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.status, self.bodies = status, []

    @property
    def url(self) -> str:
        return f"json://127.0.0.1:{self.server_port}/secret-token"


class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        said = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.bodies.append(json.loads(said))
        self.send_response(self.server.status)
        self.end_headers()

    def log_message(self, *_):
        """Say nothing."""


@pytest.fixture
def webhook():
    server = Received()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def computed(league):
    for table in TOY:
        Step(table, TOY, league.warehouse).run(DAYS)
    return league


def told(league):
    return [str(a) for a in alerts_now(TOY, league.warehouse, NOW)]


def test_a_complete_league_has_nothing_to_tell(computed):
    assert told(computed) == []


def test_a_bad_game_is_told_once_with_what_follows_counted_and_the_command(computed):
    computed.spoil(1, "ATL")
    for table in TOY:
        Step(table, TOY, computed.warehouse).run(DAYS)
    [alert] = told(computed)
    assert alert.startswith(f"ERROR: refused days or games: team_points {day(1)}, game")
    assert "400" in alert
    assert f"nba-backfill accept team_points --dates {day(1)}" in alert


def test_missing_and_stale_days_are_one_alert_each_however_many_tables(league):
    for table in TOY:
        Step(table, TOY, league.warehouse).run(DAYS[:5])
    league.score(2, "ATL", 144)
    missing, stale = told(league)
    assert missing.startswith("ERROR: missing days: 3 table-days")
    assert missing.endswith(f"nba-backfill run --dates {day(5)} --missing-only")
    assert stale.startswith("warning: stale days: 1 table-days of team_points")


def test_an_error_that_names_a_quota_is_told_as_one(computed):
    record = computed.record(TEAM_POINTS, 2)
    cause = {
        "table": "team_points",
        "day": str(day(2)),
        "check": "error",
        "what": "403 Quota exceeded: too many table update operations",
        "game": "",
        "refused": True,
        "contradiction": False,
    }
    computed.warehouse.replace_days(
        TEAM_POINTS,
        None,
        [],
        [
            PartitionRecord(
                record.table_name,
                record.day,
                Status.FAILED,
                cause["what"],
                record.row_count,
                record.fingerprint,
                cause=json.dumps(cause),
            )
        ],
    )
    assert any(alert.startswith("ERROR: quota exceeded: team_points") for alert in told(computed))


def test_a_thin_week_and_a_layer_gap_name_their_days():
    thin = [
        LayerGames(
            FIRST_DAY + dt.timedelta(days=20 + n),
            {L1: 10, L3: 10, L4: 3, L5: 3, L6: 10, SCHEDULE: 10},
        )
        for n in range(7)
    ]
    found = all_alerts(World(TOY, GameCalendar(), {}), [], thin, NOW)
    [week] = [a for a in found if a.condition is Condition.THIN_WEEK]
    assert "--dates 2023-11-13...2023-11-19" in week.command
    said = [a.what for a in found if a.condition is Condition.LAYER_GAP]
    assert any("lacks games of L1 on 7 days" in what for what in said)


def test_a_table_is_late_only_while_games_are_played(league):
    world = World.look(TOY, league.warehouse, DAYS)
    [late] = not_fresh(world, NOW, {"scores": 24})
    assert late.what.startswith("scores: never written")
    in_summer = dt.datetime(2023, 12, 1, 9, tzinfo=dt.UTC)
    assert list(not_fresh(world, in_summer, {"scores": 24})) == []


def test_what_was_told_is_not_told_again_and_what_is_mended_is_counted():
    first = News.since((), [AN_ALERT])
    assert (first.title, len(first.new)) == ("nba_backfill: 1 errors", 1)
    again = News.since(first.keys, [AN_ALERT])
    assert (again.title, again.new) == ("nba_backfill: nothing new", ())
    mended = News.since(first.keys, [])
    assert mended.title == "nba_backfill: 1 mended"
    grown = Alert(AN_ALERT.condition, "t", "it broke on more days", AN_ALERT.command)
    assert News.since(first.keys, [grown]).new == ()


def test_a_digest_arrives_at_a_webhook_with_the_command(webhook):
    deliver([webhook.url], News.since((), [AN_ALERT]))
    [body] = webhook.bodies
    assert body["title"] == "nba_backfill: 1 errors"
    assert "nba-backfill run t" in body["message"]
    deliver([webhook.url], News.since([AN_ALERT.key], [AN_ALERT]))
    assert len(webhook.bodies) == 1


def test_an_address_that_does_not_take_it_is_named_without_its_secret(webhook):
    webhook.status = 500
    with pytest.raises(DeliveryError) as refused:
        deliver([webhook.url, "nonsense"], News.since((), [AN_ALERT]))
    assert "no. 1 (json) did not take it" in str(refused.value)
    assert "no. 2 (no scheme) is no address" in str(refused.value)
    assert "secret-token" not in str(refused.value)


def test_the_sensor_tells_once_after_what_was_at_work_and_again_when_delivery_failed(
    living, webhook
):
    living.now = dt.datetime(2023, 10, 25, 12, tzinfo=dt.UTC)
    living.play(0, ATL=400)
    watch = build_watch(TOY, living.look, lambda: [webhook.url], running=True, clock=lambda: NOW)

    def tick(cursor):
        context = dg.build_sensor_context(
            instance=living.instance, cursor=cursor, sensor_name="alerts"
        )
        return watch.evaluate_tick(context)

    living.catch_up()
    webhook.status = 500
    with pytest.raises(Exception, match="did not arrive"):
        tick(None)
    webhook.status = 200
    first = tick(None)
    again = tick(first.cursor)
    assert again.skip_message == "nba_backfill: nothing new"
    assert len(webhook.bodies) == 2
    assert "team_points" in webhook.bodies[-1]["message"]
    living.report(0)
    living.catch_up()
    assert tick(again.cursor).skip_message == "nba_backfill: 1 mended"


def test_every_alert_and_every_status_has_its_entry_in_the_runbook():
    runbook = (PROJECT / "docs" / "runbook.md").read_text()
    for condition in Condition:
        assert f"\n### {condition}\n" in runbook
    for status in Status:
        assert f"\n| `{status}` |" in runbook
