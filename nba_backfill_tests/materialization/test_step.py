"""The life of a step: what becomes of each day, and of the rows that were there."""

from __future__ import annotations

import pytest

from nba_backfill.backfill.causes import in_words, root_causes
from nba_backfill.backfill.world import Reason, World
from nba_backfill.core.window import Window
from nba_backfill.materialization.step import Step
from nba_backfill.warehouse.ledger import Status
from nba_backfill_tests.core.toy_league import (
    CLUBS,
    GAMES,
    PAIRS,
    SEASON_POINTS,
    TEAM_POINTS,
    TOY,
    day,
)

ALL_DAYS = [day(n) for n in range(6)]


def run(league, table, days=ALL_DAYS):
    return Step(table, TOY, league.warehouse).run(days)


def run_all(league, days=ALL_DAYS):
    return [run(league, table, days) for table in TOY]


def test_every_requested_day_ends_in_a_recorded_status(league):
    run_all(league)
    for table in TOY:
        found = [league.status(table, n) for n in range(6)]
        assert found == [Status.COMPLETE] * 3 + [Status.NO_GAMES] + [Status.COMPLETE] * 2


def test_rows_before_the_day_never_include_the_day(league):
    run_all(league)
    before = {(d, team): points for d, team, points in league.rows(SEASON_POINTS)}
    assert before[day(0), "ATL"] == 0
    assert before[day(1), "ATL"] == 100
    assert before[day(4), "ATL"] == 100 + 110 + 120


def test_day_by_day_equals_one_range_equals_shuffled_order(league):
    run_all(league)
    at_once = {table.name: league.rows(table) for table in TOY}
    for table in TOY:
        league.warehouse.connection.execute(f"DELETE FROM {table.relation}")
        for n in (4, 0, 5, 2, 1, 3):
            run(league, table, [day(n)])
        assert league.rows(table) == at_once[table.name]


def test_running_twice_changes_nothing(league):
    run_all(league)
    once = {
        t.name: (league.rows(t), [league.record(t, n).fingerprint for n in range(6)]) for t in TOY
    }
    run_all(league)
    assert once == {
        t.name: (league.rows(t), [league.record(t, n).fingerprint for n in range(6)]) for t in TOY
    }


def test_a_missing_upstream_day_fails_the_days_that_would_read_it_and_no_others(league):
    run(league, GAMES)
    run(league, TEAM_POINTS, [day(n) for n in (0, 1, 4, 5)])
    run(league, SEASON_POINTS)
    statuses = [league.status(SEASON_POINTS, n) for n in range(6)]
    assert statuses[:3] == [Status.COMPLETE] * 3
    assert statuses[3:] == [Status.NO_GAMES, Status.FAILED, Status.FAILED]
    reason = league.record(SEASON_POINTS, 4).reason
    assert "team_points is not readable (missing: 2023-10-26)" in reason
    assert "--select team_points --partition-range 2023-10-26...2023-10-26" in reason


def test_a_rejected_day_keeps_its_previous_rows_and_the_others_are_written(league):
    run_all(league)
    before = [row for row in league.rows(TEAM_POINTS) if row[0] == day(1)]
    league.spoil(1, "ATL", "CHI")
    league.score(2, "ATL", 150)
    run(league, TEAM_POINTS)
    record = league.record(TEAM_POINTS, 1)
    assert record.status is Status.REJECTED
    assert record.reason.startswith("ranges refuses 2 of the day's 2 games; ")
    assert "points outside 50..200 (team_abbr=ATL, points=400)" in record.reason
    assert [row for row in league.rows(TEAM_POINTS) if row[0] == day(1)] == before
    assert (day(2), "BOS_ATL", "ATL", 150) in league.rows(TEAM_POINTS)


def test_the_rows_of_a_rejected_day_are_out_of_sight_and_later_days_say_what_they_lack(league):
    run_all(league)
    league.spoil(1, "ATL", "CHI")
    run_all(league)
    assert league.status(TEAM_POINTS, 1) is Status.REJECTED
    assert [league.status(SEASON_POINTS, n) for n in (0, 1, 2, 4, 5)] == [Status.COMPLETE] * 5
    before = {(d, team): points for d, team, points in league.rows(SEASON_POINTS)}
    assert before[day(4), "ATL"] == 100 + 120
    record = league.record(SEASON_POINTS, 4)
    assert (record.window_wanted, record.window_found) == (4, 3)
    league.score(1, "ATL", 110)
    league.score(1, "CHI", 114)
    run_all(league)
    before = {(d, team): points for d, team, points in league.rows(SEASON_POINTS)}
    assert before[day(4), "ATL"] == 100 + 110 + 120


def test_a_row_cannot_do_without_its_own_day(league, monkeypatch):
    reads = dict(SEASON_POINTS.reads) | {"team_points": Window.season_to_date(before=False)}
    monkeypatch.setitem(SEASON_POINTS.__dict__, "reads", reads)
    league.spoil(1, "ATL", "CHI")
    run_all(league)
    record = league.record(SEASON_POINTS, 1)
    assert record.status is Status.FAILED
    assert record.reason == "team_points is not readable (rejected: 2023-10-25)"
    assert record.first_cause == league.record(TEAM_POINTS, 1).first_cause
    assert league.status(SEASON_POINTS, 2) is Status.COMPLETE


def test_a_window_that_lost_most_of_its_days_is_no_window(league):
    run_all(league)
    before = league.rows(SEASON_POINTS)
    for n in (0, 1, 2):
        league.spoil(n, "ATL", "CHI")
    run_all(league)
    assert [league.status(SEASON_POINTS, n) for n in (1, 2, 4, 5)] == [
        Status.COMPLETE,  # one refused day is no majority, however short the window
        Status.FAILED,
        Status.FAILED,
        Status.FAILED,
    ]
    kept = [row for row in league.rows(SEASON_POINTS) if row[0] > day(1)]
    assert kept == [row for row in before if row[0] > day(1)]


def test_a_bad_game_is_withheld_alone_and_its_earlier_rows_stay(league):
    run_all(league)
    before = [row for row in league.rows(TEAM_POINTS) if row[1] == "BOS_ATL"]
    written = league.record(TEAM_POINTS, 1).written_at
    league.spoil(1, "ATL")
    league.score(1, "CHI", 140)
    run_all(league)
    record = league.record(TEAM_POINTS, 1)
    assert record.status is Status.UNAVAILABLE
    assert (record.withheld_rows, record.retained_rows, record.row_count) == (2, 2, 4)
    assert record.reason.startswith(
        f"withheld BOS_ATL (2 rows; its 2 rows of {written:%Y-%m-%d} stay): ranges: 1 rows:"
        " points outside 50..200 (team_abbr=ATL, points=400)"
    )
    assert [row for row in league.rows(TEAM_POINTS) if row[1] == "BOS_ATL"] == before
    assert (day(1), "DEN_CHI", "CHI", 140) in league.rows(TEAM_POINTS)
    assert {league.status(SEASON_POINTS, n) for n in (0, 1, 2, 4, 5)} == {Status.COMPLETE}


def test_a_bad_game_that_was_never_stored_is_absent(league):
    league.spoil(1, "ATL")
    run_all(league)
    record = league.record(TEAM_POINTS, 1)
    assert record.status is Status.UNAVAILABLE
    assert "withheld BOS_ATL (2 rows; none of it is stored)" in record.reason
    assert {row[1] for row in league.rows(TEAM_POINTS) if row[0] == day(1)} == {"DEN_CHI"}
    assert league.status(SEASON_POINTS, 5) is Status.COMPLETE


def test_a_mended_game_gives_the_rows_of_a_league_that_was_never_spoilt(league):
    run_all(league)
    right = {table.name: league.rows(table) for table in TOY}
    league.spoil(1, "ATL")
    run_all(league)
    league.score(1, "ATL", 110)
    run_all(league)
    assert {table.name: league.rows(table) for table in TOY} == right
    assert {league.status(TEAM_POINTS, n) for n in (0, 1, 2, 4, 5)} == {Status.COMPLETE}


def test_rows_that_stay_say_since_when_however_often_the_game_is_refused_again(league):
    run_all(league)
    league.warehouse.connection.execute(
        "UPDATE nba_orchestration.partition_ledger SET written_at = '2020-01-01'"
        " WHERE table_name = 'nba_analytics.team_points'"
    )
    league.warehouse._histories.clear()
    for points in (400, 500):
        league.score(1, "ATL", points)
        run(league, TEAM_POINTS)
    [refusal] = league.record(TEAM_POINTS, 1).measured["refusals"]
    assert refusal["since"] == "2020-01-01"


def test_earlier_rows_go_where_they_would_repeat_a_key_of_what_is_written_now(league):
    run_all(league)
    league.warehouse.connection.execute(
        "UPDATE nba_analytics.team_points SET team_abbr = 'CHI'"
        f" WHERE game_date = '{day(1)}' AND team_abbr = 'ATL'"
    )
    league.spoil(1, "ATL")
    run(league, TEAM_POINTS)
    record = league.record(TEAM_POINTS, 1)
    assert "withheld BOS_ATL (2 rows; none of it is stored)" in record.reason
    assert {row[1] for row in league.rows(TEAM_POINTS) if row[0] == day(1)} == {"DEN_CHI"}


def test_a_row_that_stands_twice_withholds_its_game(league):
    league.raw(f"INSERT INTO nba_raw.scores VALUES ('{day(2)}', 'ATL', 120)")
    run_all(league)
    record = league.record(TEAM_POINTS, 2)
    assert record.status is Status.UNAVAILABLE
    assert "duplicates: 1 rows: repeat the key (game_date, team_abbr)" in record.reason
    assert {league.status(TEAM_POINTS, n) for n in (0, 1, 4, 5)} == {Status.COMPLETE}


def test_a_key_that_repeats_across_games_rejects_the_day_since_neither_game_can_be_blamed(league):
    league.raw(f"INSERT INTO nba_raw.fixtures VALUES ('{day(2)}', 'ATL', 'DEN', true)")
    run_all(league)
    record = league.record(TEAM_POINTS, 2)
    assert record.status is Status.REJECTED
    assert record.first_cause.game == ""
    assert "repeat the key" in record.first_cause.what


def test_a_missing_team_makes_the_day_unavailable_and_keeps_the_rows_that_exist(league):
    league.raw(f"DELETE FROM nba_raw.scores WHERE game_date = '{day(2)}' AND team_abbr = 'ATL'")
    run_all(league)
    record = league.record(TEAM_POINTS, 2)
    assert record.status is Status.UNAVAILABLE
    assert "1 of 4 team-games without enough rows: ATL" in record.reason
    assert record.row_count == 3
    assert league.status(SEASON_POINTS, 4) is Status.COMPLETE


def test_a_day_that_became_empty_is_emptied(league):
    run_all(league)
    league.raw(f"DELETE FROM nba_raw.fixtures WHERE game_date = '{day(2)}'")
    league.raw(f"DELETE FROM nba_raw.scores WHERE game_date = '{day(2)}'")
    run_all(league)
    assert league.status(TEAM_POINTS, 2) is Status.NO_GAMES
    assert not [row for row in league.rows(TEAM_POINTS) if row[0] == day(2)]


def test_the_ledger_says_how_much_of_the_window_was_found(league):
    league.raw(f"DELETE FROM nba_raw.scores WHERE game_date = '{day(1)}' AND team_abbr = 'ATL'")
    run_all(league)
    record = league.record(SEASON_POINTS, 4)
    # games(D), and team_points on the three game days before it, one of them unavailable
    assert (record.window_wanted, record.window_found) == (4, 3)


def test_the_inputs_fingerprint_changes_exactly_for_days_whose_window_holds_the_change(league):
    run_all(league)
    before = [league.record(SEASON_POINTS, n).inputs_fingerprint for n in range(6)]
    league.raw(
        f"UPDATE nba_raw.scores SET points = 112 WHERE game_date = '{day(1)}' AND team_abbr = 'ATL'"
    )
    run_all(league)
    after = [league.record(SEASON_POINTS, n).inputs_fingerprint for n in range(6)]
    assert [a != b for a, b in zip(before, after, strict=True)] == [
        False,
        False,
        True,
        True,
        True,
        True,
    ]


def test_a_statement_that_breaks_on_one_day_fails_that_day_only(league, monkeypatch):
    broken = TEAM_POINTS.sql.replace(
        "s.points", f"IF(s.game_date = '{day(2)}', ERROR('broken'), s.points) AS points"
    )
    run(league, GAMES)
    monkeypatch.setitem(TEAM_POINTS.__dict__, "sql", broken)
    run(league, TEAM_POINTS)
    assert league.status(TEAM_POINTS, 2) is Status.FAILED
    assert {league.status(TEAM_POINTS, n) for n in (0, 1, 4, 5)} == {Status.COMPLETE}


def in_python(table, monkeypatch, broken):
    """Let Python hand on a table's rows, broken as ``broken(day)`` says: an error, or None."""

    def compute(gathered):
        for when in gathered.rows["game_date"]:
            if (error := broken(when.date())) is not None:
                raise error
        return gathered.rows

    monkeypatch.setitem(table.__dict__, "compute", compute)


def of_one_day(when):
    return KeyError("nobody knows this club") if when == day(2) else None


def test_an_error_of_python_in_one_day_costs_that_day_and_says_type_message_and_place(
    league, monkeypatch
):
    run_all(league)
    before = league.rows(TEAM_POINTS)
    in_python(TEAM_POINTS, monkeypatch, of_one_day)
    league.score(1, "ATL", 120)
    run(league, TEAM_POINTS)
    record = league.record(TEAM_POINTS, 2)
    assert record.status is Status.FAILED
    assert record.reason.startswith("KeyError: 'nobody knows this club' (test_step.py:")
    assert record.first_cause.day == day(2)
    assert {league.status(TEAM_POINTS, n) for n in (0, 1, 4, 5)} == {Status.COMPLETE}
    kept = [row for row in league.rows(TEAM_POINTS) if row[0] == day(2)]
    assert kept == [row for row in before if row[0] == day(2)]
    assert 120 in [points for *_, points in league.rows(TEAM_POINTS)]


def test_the_day_is_tried_again_by_the_next_run_and_mended_it_is_complete(league, monkeypatch):
    run(league, GAMES)
    with monkeypatch.context() as broken:
        in_python(TEAM_POINTS, broken, of_one_day)
        run(league, TEAM_POINTS)
    assert World.look(TOY, league.warehouse, ALL_DAYS).due(TEAM_POINTS, day(2)) is Reason.FAILED
    run(league, TEAM_POINTS, [day(2)])
    assert league.status(TEAM_POINTS, 2) is Status.COMPLETE


def test_an_error_on_every_day_is_said_once_and_its_days_are_counted(league, monkeypatch):
    run(league, GAMES)
    in_python(TEAM_POINTS, monkeypatch, lambda _: TypeError("no such argument"))
    [root] = root_causes([*run(league, TEAM_POINTS), *run(league, SEASON_POINTS)])
    said = "\n".join(in_words(root))
    assert said.count("TypeError: no such argument") == 1
    assert f"on 5 days in the same words: {day(0)}...{day(2)}, {day(4)}...{day(5)}" in said
    assert "and 1 tables after it" in said


def test_errors_in_different_words_are_each_told(league, monkeypatch):
    run(league, GAMES)
    in_python(TEAM_POINTS, monkeypatch, lambda when: ValueError(f"cannot use {when}"))
    [root] = root_causes(run(league, TEAM_POINTS))
    said = "\n".join(in_words(root))
    assert all(f"cannot use {day(n)}" in said for n in (0, 1, 2, 4))
    assert f"and 1 more errors, each in its own words: {day(5)}" in said


def test_an_interrupt_while_python_computes_ends_the_run_and_fails_no_day(league, monkeypatch):
    run(league, GAMES)
    in_python(TEAM_POINTS, monkeypatch, lambda _: KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        run(league, TEAM_POINTS)
    assert [league.status(TEAM_POINTS, n) for n in (0, 1, 2)] == [None] * 3


def next_season(league):
    """A game day of the toy league one year later."""
    later = day(0).replace(year=day(0).year + 1)
    fixtures = ", ".join(f"('{later}', '{home}', '{away}', true)" for home, away in PAIRS)
    scores = ", ".join(f"('{later}', '{club}', 90)" for club in CLUBS)
    league.raw(
        f"INSERT INTO nba_raw.fixtures VALUES {fixtures};"
        f" INSERT INTO nba_raw.scores VALUES {scores}"
    )
    return later


def test_a_refused_day_of_an_earlier_season_stops_no_later_season(league, monkeypatch):
    reads = dict(SEASON_POINTS.reads) | {"team_points": Window.history()}
    monkeypatch.setitem(SEASON_POINTS.__dict__, "reads", reads)
    later = next_season(league)
    for n in (0, 1, 2, 4):
        league.spoil(n, "ATL", "CHI")
    run_all(league, [*ALL_DAYS, later])
    assert [league.status(TEAM_POINTS, n) for n in (0, 1, 2, 4)] == [Status.REJECTED] * 4
    history = league.warehouse.histories([SEASON_POINTS.relation])[SEASON_POINTS.relation]
    record = history.get(later)
    assert record.status is Status.COMPLETE
    # games(D), and team_points on the five game days of the season before, four of them refused
    assert (record.window_wanted, record.window_found) == (6, 2)
    assert (later, "ATL", 150) in league.rows(SEASON_POINTS)


def test_days_the_schedule_does_not_reach_are_unavailable_and_not_without_games(league):
    for n in (6, 7):
        for club in CLUBS:
            league.raw(f"INSERT INTO nba_raw.scores VALUES ('{day(n)}', '{club}', 100)")
    run_all(league, [day(n) for n in range(9)])
    for table in TOY:
        assert [league.status(table, n) for n in (3, 6, 7, 8)] == [
            Status.NO_GAMES,
            Status.UNAVAILABLE,
            Status.UNAVAILABLE,
            Status.UNAVAILABLE,
        ]
    assert league.record(GAMES, 6).reason == (
        "the schedule has no game of the day, but there are rows in scores"
    )
    assert league.record(GAMES, 8).reason == "the schedule of 2023-24 reaches to 2023-10-29 only"
    fixtures = ", ".join(f"('{day(6)}', '{home}', '{away}', true)" for home, away in PAIRS)
    league.raw(f"INSERT INTO nba_raw.fixtures VALUES {fixtures}")
    run_all(league, [day(n) for n in range(9)])
    assert [league.status(TEAM_POINTS, n) for n in (6, 7)] == [
        Status.COMPLETE,
        Status.UNAVAILABLE,
    ]
