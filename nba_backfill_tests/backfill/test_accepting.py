"""An operator's decisions: what is accepted is written as it is, marked, and only exactly so."""

from __future__ import annotations

import pytest

from nba_backfill.backfill.accepting import (
    NothingToAcceptError,
    accept,
    acceptable,
    revoke,
)
from nba_backfill.backfill.plan import plan
from nba_backfill.backfill.world import World
from nba_backfill.materialization.checks import examine
from nba_backfill.materialization.step import Step
from nba_backfill.warehouse.acceptance import ABSENCE
from nba_backfill.warehouse.ledger import Status
from nba_backfill_tests.core.toy_league import SEASON_POINTS, TEAM_POINTS, TOY, day

ALL_DAYS = [day(n) for n in range(6)]


def run_all(league):
    for table in TOY:
        Step(table, TOY, league.warehouse).run(ALL_DAYS)


def accepted(league, table, n, **which):
    """Accept what is refused of a table on day n."""
    warehouse = league.warehouse
    events = accept(
        acceptable([league.record(table, n)], **which),
        warehouse.acceptances(),
        by="ops",
        because="seen on tape",
    )
    warehouse.record_acceptances(events)
    return events


def due(league):
    world = World.look(TOY, league.warehouse, ALL_DAYS)
    made = plan(world, list(TOY.order), ALL_DAYS, missing_only=True)
    return {
        (p.table, (d - day(0)).days): reason.value
        for p in made.tables
        for d, reason in p.days.items()
    }


def points_of(league, n):
    return {row[2]: row[3] for row in league.rows(TEAM_POINTS) if row[0] == day(n)}


def test_an_accepted_game_is_written_as_it_is_and_said_to_be_accepted(league):
    league.spoil(1, "ATL")
    run_all(league)
    assert set(points_of(league, 1)) == {"CHI", "DEN"}
    [event] = accepted(league, TEAM_POINTS, 1)
    assert (event.unit, event.check_name, event.said_by) == ("BOS_ATL", "ranges", "ops")
    assert due(league)["team_points", 1] == "accepted"
    run_all(league)
    record = league.record(TEAM_POINTS, 1)
    assert record.status is Status.COMPLETE
    assert "accepted by ops on" in record.reason
    assert "seen on tape" in record.reason
    assert points_of(league, 1)["ATL"] == 400
    assert due(league) == {}
    [ranges] = [
        r for r in examine(TEAM_POINTS, TOY, league.warehouse, ALL_DAYS) if r.check == "ranges"
    ]
    assert not ranges.passed
    assert ranges.severity.value == "WARN"
    assert ranges.findings[0].what.startswith("accepted by ops: seen on tape; 1 rows: points out")


def test_an_accepted_day_is_written_although_it_was_rejected(league):
    run_all(league)
    league.spoil(1, "ATL", "CHI")
    run_all(league)
    assert league.status(TEAM_POINTS, 1) is Status.REJECTED
    assert len(accepted(league, TEAM_POINTS, 1)) == 2
    run_all(league)
    assert league.status(TEAM_POINTS, 1) is Status.COMPLETE
    assert points_of(league, 1) == {"ATL": 400, "BOS": 112, "CHI": 400, "DEN": 116}
    assert (day(4), "ATL", 100 + 400 + 120) in league.rows(SEASON_POINTS)


def test_one_of_two_refused_games_may_be_accepted(league):
    league.spoil(1, "ATL", "CHI")
    run_all(league)
    accepted(league, TEAM_POINTS, 1, game="DEN_CHI")
    run_all(league)
    record = league.record(TEAM_POINTS, 1)
    assert record.status is Status.UNAVAILABLE
    assert points_of(league, 1) == {"CHI": 400, "DEN": 116}
    assert record.first_cause.game == "BOS_ATL"


def test_an_acceptance_ends_when_the_content_changes_and_comes_back_with_it(league):
    league.spoil(1, "ATL")
    run_all(league)
    accepted(league, TEAM_POINTS, 1)
    run_all(league)
    league.score(1, "ATL", 500)
    run_all(league)
    record = league.record(TEAM_POINTS, 1)
    assert record.status is Status.UNAVAILABLE
    # The rows of before failed the check too, so they are no rows to fall back on.
    assert "none of it is stored" in record.reason
    assert set(points_of(league, 1)) == {"CHI", "DEN"}
    league.score(1, "ATL", 400)
    run_all(league)
    assert league.status(TEAM_POINTS, 1) is Status.COMPLETE


def test_a_revoked_acceptance_takes_its_rows_away_again(league):
    league.spoil(1, "ATL")
    run_all(league)
    [event] = accepted(league, TEAM_POINTS, 1)
    run_all(league)
    warehouse = league.warehouse
    warehouse.record_acceptances(
        revoke(warehouse.acceptances(), [event.acceptance_id], by="ops", because="was wrong")
    )
    assert due(league)["team_points", 1] == "acceptance_revoked"
    run_all(league)
    assert set(points_of(league, 1)) == {"CHI", "DEN"}
    assert due(league) == {}
    assert [e.acceptance_id for e in warehouse.acceptances().revoked] == [event.acceptance_id]
    with pytest.raises(NothingToAcceptError, match="Nothing was changed"):
        revoke(warehouse.acceptances(), [event.acceptance_id], by="ops", because="again")


def test_accepting_one_check_leaves_the_others_standing(league):
    league.spoil(1, "ATL")
    league.raw(f"INSERT INTO nba_raw.scores VALUES ('{day(1)}', 'BOS', 112)")
    run_all(league)
    events = accepted(league, TEAM_POINTS, 1, check="ranges")
    assert {event.check_name for event in events} == {"ranges"}
    run_all(league)
    record = league.record(TEAM_POINTS, 1)
    assert record.first_cause.check == "duplicates"
    assert set(points_of(league, 1)) == {"CHI", "DEN"}


def test_the_absence_of_a_day_that_broke_may_be_accepted_and_its_readers_go_on_without_it(
    league, monkeypatch
):
    from nba_backfill.core.window import Window

    reads = dict(SEASON_POINTS.reads) | {"team_points": Window.season_to_date(before=False)}
    monkeypatch.setitem(SEASON_POINTS.__dict__, "reads", reads)
    broken = TEAM_POINTS.sql.replace(
        "s.points", f"IF(s.game_date = '{day(2)}', ERROR('broken'), s.points) AS points"
    )
    monkeypatch.setitem(TEAM_POINTS.__dict__, "sql", broken)
    run_all(league)
    assert league.status(TEAM_POINTS, 2) is Status.FAILED
    assert league.status(SEASON_POINTS, 2) is Status.FAILED
    [event] = accepted(league, TEAM_POINTS, 2)
    assert event.check_name == ABSENCE
    Step(SEASON_POINTS, TOY, league.warehouse).run(ALL_DAYS)
    assert league.status(SEASON_POINTS, 2) is Status.COMPLETE
    record = league.record(SEASON_POINTS, 4)
    assert (record.window_wanted, record.window_found) == (5, 4)
    assert (day(4), "ATL", 100 + 110) in league.rows(SEASON_POINTS)
    assert due(league) == {}


def test_what_is_accepted_already_is_not_accepted_twice(league):
    league.spoil(1, "ATL")
    run_all(league)
    assert len(accepted(league, TEAM_POINTS, 1)) == 1
    assert accepted(league, TEAM_POINTS, 1) == []
    assert accepted(league, TEAM_POINTS, 2) == []
