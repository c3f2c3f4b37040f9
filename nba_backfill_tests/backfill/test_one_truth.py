"""After any history: nothing is planned exactly when the tables are those of a rebuild."""

from __future__ import annotations

import datetime as dt
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from nba_backfill.backfill.apply import build, lacking
from nba_backfill.backfill.plan import plan
from nba_backfill.backfill.world import Reason, World
from nba_backfill.core.window import Window
from nba_backfill.materialization.catalogue import Catalogue
from nba_backfill.materialization.step import Step
from nba_backfill.warehouse.ledger import DayHistory, Status
from nba_backfill_tests.core.toy_league import (
    CLUBS,
    FIXTURES,
    GAMES,
    PAIRS,
    SCORES,
    SEASON_POINTS,
    TEAM_POINTS,
    ToyLeague,
    day,
)

CAREER_POINTS = replace(
    SEASON_POINTS,
    name="career_points",
    reads={"games": Window.same_day(), "team_points": Window.optional(400)},
)
EVER_POINTS = replace(
    SEASON_POINTS,
    name="ever_points",
    reads={"games": Window.same_day(), "team_points": Window.history()},
)
LEAGUE = Catalogue(
    [FIXTURES, SCORES, GAMES, TEAM_POINTS, SEASON_POINTS, CAREER_POINTS, EVER_POINTS]
)
NAMES = list(LEAGUE.order)
SECOND_SEASON = [dt.date(2024, 10, 22) + dt.timedelta(days=n) for n in range(4)]
DAYS = [day(n) for n in range(7)] + SECOND_SEASON
WITHOUT_GAMES = {day(3), day(6), SECOND_SEASON[2]}
RIGHT, TOO_MANY = st.integers(30, 90).map(lambda n: 2 * n), st.just(400)
a_day, a_club = st.sampled_from(DAYS), st.sampled_from(CLUBS)
one_game_or_all = st.sampled_from([PAIRS[:1], PAIRS[1:], PAIRS, PAIRS])

CHANGES = st.one_of(
    st.tuples(st.just("score"), a_day, a_club, st.one_of(RIGHT, RIGHT, TOO_MANY)),
    st.tuples(st.just("move"), a_day, one_game_or_all, a_day),
    st.tuples(st.just("cancel"), a_day, one_game_or_all),
    st.tuples(st.just("code"), st.sampled_from(NAMES)),
)
A_RUN = st.tuples(
    st.sampled_from(["plan", "carry", "killed"]),
    st.sets(st.sampled_from(NAMES), min_size=1).map(lambda chosen: sorted(chosen, key=NAMES.index)),
    st.tuples(a_day, a_day).map(sorted),
    st.integers(0, 9),
)
ALL_THAT_IS_DUE = st.just(("settle",))
HISTORY = st.lists(st.one_of(CHANGES, A_RUN, ALL_THAT_IS_DUE), min_size=1, max_size=9)


def quoted(names):
    return ", ".join(f"'{name}'" for name in names)


class KilledError(Exception):
    """What a run dies of here."""


class Life:
    """A league's raw tables, its code, and a warehouse that lives through both changing."""

    def __init__(self, folder: Path, raw: Path | None = None) -> None:
        self.league = ToyLeague(folder / "life.duckdb")
        self.warehouse = self.league.warehouse
        if raw is None:
            games = [
                f"('{d}', '{h}', '{a}', true)"
                for d in SECOND_SEASON
                if d not in WITHOUT_GAMES
                for h, a in PAIRS
            ]
            scores = [
                f"('{d}', '{club}', {90 + 2 * i})"
                for d in SECOND_SEASON
                if d not in WITHOUT_GAMES
                for i, club in enumerate(CLUBS)
            ]
            self.league.raw(
                f"INSERT INTO nba_raw.fixtures VALUES {', '.join(games)};"
                f"INSERT INTO nba_raw.scores VALUES {', '.join(scores)}"
            )

    def world(self) -> World:
        return World.look(LEAGUE, self.warehouse, DAYS, later=True)

    def due(self, targets=NAMES):
        """What is due of some tables, as {(table, day): reason}."""
        made = plan(self.world(), targets, DAYS, missing_only=True)
        return {(p.table, d): r for p in made.tables for d, r in p.days.items()}

    def change(self, kind, *said) -> None:
        match kind, said:
            case "score", (on, club, points):
                self.league.raw(
                    f"UPDATE nba_raw.scores SET points = {points}"
                    f" WHERE game_date = '{on}' AND team_abbr = '{club}'"
                )
            case "move", (on, games, to):
                homes, clubs = (
                    quoted(home for home, _ in games),
                    quoted(c for g in games for c in g),
                )
                [(taken,)] = self.warehouse.connection.execute(
                    f"SELECT count(*) FROM nba_raw.scores WHERE game_date = '{to}'"
                    f" AND team_abbr IN ({clubs})"
                ).fetchall()
                if not taken:
                    self.league.raw(
                        f"UPDATE nba_raw.fixtures SET game_date = '{to}'"
                        f" WHERE game_date = '{on}' AND home IN ({homes});"
                        f" UPDATE nba_raw.scores SET game_date = '{to}' WHERE game_date = '{on}'"
                        f" AND team_abbr IN ({clubs})"
                    )
            case "cancel", (on, games):
                homes, clubs = (
                    quoted(home for home, _ in games),
                    quoted(c for g in games for c in g),
                )
                self.league.raw(
                    f"DELETE FROM nba_raw.fixtures WHERE game_date = '{on}' AND home IN ({homes});"
                    f" DELETE FROM nba_raw.scores WHERE game_date = '{on}' AND team_abbr IN ({clubs})"
                )

    def run(self, kind, targets, ends, number) -> None:
        days = [d for d in DAYS if ends[0] <= d <= ends[1]]
        told = 0

        def progress(_line: str) -> None:
            nonlocal told
            told += 1
            if kind == "killed" and told > number:
                raise KilledError

        def compute(due) -> None:
            done = build(
                due,
                LEAGUE,
                self.warehouse,
                run_id=f"{kind}{number}",
                progress=progress,
                tell=lambda *_: None,
            )
            self.assert_carried(record for records in done.values() for record in records)

        if kind == "carry":
            for name in targets:
                table = LEAGUE.table(name)
                compute(lacking(LEAGUE, self.warehouse, table, days, run_id="another"))
                self.assert_carried(Step(table, LEAGUE, self.warehouse).run(days))
            return
        made = plan(self.world(), targets, days)
        try:
            compute({p.table: p.days for p in made.tables})
        except KilledError:
            event("killed")

    def assert_carried(self, records) -> None:
        """No day was left without something that it needs."""
        assert [r for r in records if r.status is Status.FAILED and "never" in r.cause] == []

    def assert_right(self, targets, ends) -> None:
        """What a run was asked for is what a rebuild has, whatever else is stale."""
        with tempfile.TemporaryDirectory() as folder:
            fresh = self.rebuilt(Path(folder))
            found, wanted = self.rows(), fresh.rows()
            for name in () if self.is_refused() or fresh.is_refused() else targets:
                event("a run compared with a rebuild")
                asked = [d for d in DAYS if ends[0] <= d <= ends[1]]
                assert [found[name].get(d) for d in asked] == [wanted[name].get(d) for d in asked]
            fresh.close()

    def settle(self) -> None:
        """Run what is due until nothing is; a plan that is run leaves nothing to plan."""
        made = plan(self.world(), NAMES, DAYS, missing_only=True)
        build(
            {p.table: p.days for p in made.tables},
            LEAGUE,
            self.warehouse,
            run_id="settle",
            progress=lambda _: None,
            tell=lambda *_: None,
        )
        assert self.due() == {}

    def mend(self) -> None:
        self.league.raw("UPDATE nba_raw.scores SET points = 100 WHERE points = 400")

    def histories(self) -> dict[str, DayHistory]:
        found = self.warehouse.histories([LEAGUE.table(name).relation for name in NAMES])
        return {name: found[LEAGUE.table(name).relation] for name in NAMES}

    def is_refused(self) -> bool:
        return any(r.is_refused for h in self.histories().values() for r in h.by_day.values())

    def state(self):
        """What every day of every table is, and, where it was computed, of what it was made."""
        world = self.world()
        said = {}
        for name, history in self.histories().items():
            for record in history.by_day.values():
                made_of = (record.code_version, record.inputs_fingerprint)
                if world.settled_status(LEAGUE.table(name), record.day) is not None:
                    made_of = None
                elif name == "games":
                    # Only days of the schedule that come out otherwise are stale.
                    made_of = record.code_version
                said[name, record.day] = (
                    record.status,
                    record.row_count,
                    record.fingerprint,
                    made_of,
                )
        return said

    def rows(self):
        return {
            name: self.warehouse.fingerprints(LEAGUE.table(name), LEAGUE.table(name).relation)
            for name in NAMES
        }

    def rebuilt(self, folder: Path) -> Life:
        """A warehouse in which all is computed anew from the same raw tables by the same code."""
        fresh = Life(folder, raw=folder)
        rows = {
            table.relation: self.warehouse.connection.execute(f"FROM {table.relation}").fetchall()
            for table in LEAGUE.raw
        }
        fresh.league.raw("; ".join(f"DELETE FROM {relation}" for relation in rows))
        for relation, values in rows.items():
            fresh.warehouse.connection.executemany(
                f"INSERT INTO {relation} VALUES ({', '.join('?' * len(values[0]))})", values
            )
        fresh.league.raw("SELECT 1")
        fresh.settle()
        return fresh

    def close(self) -> None:
        self.warehouse.close()


def own(due):
    """The days that are due for a reason of their own."""
    return {key: reason for key, reason in due.items() if reason is not Reason.FOLLOWS}


def live_through(history) -> None:
    """One example of the property: the history, then the truth by plan, by table and by rebuild."""
    code = {table.name: table.code_version for table in LEAGUE}
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as other:
        life = Life(Path(folder))
        try:
            life.settle()
            for number, (kind, *said) in enumerate(history):
                if kind == "code":
                    LEAGUE.table(said[0]).__dict__["code_version"] = f"{code[said[0]]}-{number}"
                elif kind == "settle":
                    life.settle()
                elif kind in ("plan", "carry", "killed"):
                    life.run(kind, *said)
                    if kind != "killed" and number >= len(history) - 3:
                        life.assert_right(*said[:2])
                else:
                    life.change(kind, *said)
            due = life.due()
            # Asked one by one, the tables say the same of themselves and of all they read.
            each = {key: why for name in NAMES for key, why in life.due([name]).items()}
            assert own(each) == own(due)
            if not life.is_refused():
                fresh = life.rebuilt(Path(other))
                if not fresh.is_refused():
                    event("compared with a rebuild")
                    assert (due == {}) == (life.state() == fresh.state())
                    if not due:
                        event("nothing was due")
                        assert life.rows() == fresh.rows()
                fresh.close()
            life.mend()
            life.settle()
            with tempfile.TemporaryDirectory() as last:
                fresh = life.rebuilt(Path(last))
                assert life.state() == fresh.state()
                assert life.rows() == fresh.rows()
                fresh.close()
        finally:
            life.close()
            for name, version in code.items():
                LEAGUE.table(name).__dict__["code_version"] = version


PROFILE = {
    "deadline": None,
    "suppress_health_check": list(HealthCheck),
    "print_blob": True,
}


@settings(max_examples=8, derandomize=True, **PROFILE)
@given(HISTORY)
def test_nothing_is_due_exactly_when_all_is_as_a_rebuild_would_have_it(history):
    live_through(history)


@pytest.mark.slow
@settings(max_examples=25, **PROFILE)
@given(HISTORY)
def test_nothing_is_due_exactly_when_all_is_as_a_rebuild_would_have_it_in_many_histories(history):
    live_through(history)


@pytest.mark.slow
@pytest.mark.longest
@settings(max_examples=200, **PROFILE)
@given(HISTORY)
def test_nothing_is_due_exactly_when_all_is_as_a_rebuild_would_have_it_in_all_we_have_time_for(
    history,
):
    live_through(history)
