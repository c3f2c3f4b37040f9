"""What automation owes of documents: those of every date, the newest snapshot, and no live one."""

from __future__ import annotations

import datetime as dt

import pytest

from nba_backfill.automation.due import Occasion, look_at_all, next_batch, wanted_days
from nba_backfill.backfill.day_states import DayState, day_states
from nba_backfill.core.publication import Kind
from nba_backfill.definitions import CATALOGUE
from nba_backfill_tests.conftest import DEMO_THROUGH

MORNING_AFTER = DEMO_THROUGH + dt.timedelta(days=1)
PUBLISHED = [table for table in CATALOGUE if table.publication is not None]


@pytest.fixture(scope="module")
def world(demo_warehouse):
    return look_at_all(CATALOGUE, demo_warehouse.warehouse, MORNING_AFTER)


def test_nothing_is_due_of_a_league_that_was_computed_whole(world):
    batch = next_batch(world, Occasion(MORNING_AFTER))
    assert {p.table: sorted(p.days) for p in batch.plan.tables if p.days} == {}


@pytest.mark.parametrize("table", PUBLISHED, ids=lambda t: t.name)
def test_a_document_is_owed_of_the_days_of_its_kind(table, world):
    played = sorted(world.calendar.games_by_day)
    wanted = wanted_days(world, Occasion(MORNING_AFTER))[table.name]
    tonight = wanted_days(world, Occasion(DEMO_THROUGH, before_tip=True))[table.name]
    match table.publication.kind:
        case Kind.LIVE:
            assert wanted == tonight == []
        case Kind.DATED:
            assert set(played) <= set(wanted)
        case Kind.PRE_GAME:
            assert (wanted, tonight) == ([], [DEMO_THROUGH])
        case Kind.PER_PLAYER_DATE:
            assert set(wanted) <= set(played)
        case _:
            assert wanted == [played[-1]]
    states = day_states(world, [table], played)[table.name]
    to_mend = {day: cell for day, cell in states.items() if cell.state.is_to_mend}
    assert to_mend == {}
    if table.publication.kind.is_once:
        assert states[played[0]].state in (DayState.NOT_OWED, DayState.BOOTSTRAP)
