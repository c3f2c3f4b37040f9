"""What a check says: the verdict over all days held, and how much other code computed."""

from __future__ import annotations

import pytest

from nba_backfill.backfill.plan import plan
from nba_backfill.backfill.world import Reason, World
from nba_backfill.materialization.checks import results
from nba_backfill.materialization.step import Step
from nba_backfill.warehouse.ledger import LEDGER
from nba_backfill_tests.core.toy_league import GAMES, TEAM_POINTS, TOY, day

SEASON = [day(n) for n in range(6)]


@pytest.fixture
def computed(league):
    for table in TOY:
        Step(table, TOY, league.warehouse).run(SEASON)
    return league


def check(league, name, listed=None):
    """The result of one check of team_points after a run of some days."""
    found = results(TEAM_POINTS, TOY, league.warehouse, listed=listed)
    return next(result for result in found if result.check_name == name)


def days_of(result):
    return [record.data["day"] for record in result.metadata["by_day"].value.records]


def test_a_day_that_is_right_does_not_hide_one_that_is_wrong_and_the_wrong_one_comes_first(
    computed,
):
    computed.warehouse.connection.execute(
        f"UPDATE {TEAM_POINTS.relation} SET points = 300 WHERE game_date = '{day(4)}'"
    )
    result = check(computed, "ranges", listed=[day(1), day(2)])
    assert not result.passed
    assert result.description.startswith(f"{day(4)}: ")
    assert days_of(result) == [str(day(4)), str(day(1)), str(day(2))]
    assert result.metadata["days_checked"].value == len(SEASON)


def test_the_coverage_check_says_of_other_code_what_the_plan_says(computed):
    assert "other code" not in check(computed, "coverage").description
    for table, days in ((GAMES, (0, 3)), (TEAM_POINTS, (1, 2, 4))):
        named = ", ".join(f"'{day(n)}'" for n in days)
        computed.warehouse.connection.execute(
            f"UPDATE {LEDGER} SET code_version = 'older'"
            f" WHERE table_name = '{table.relation}' AND day IN ({named})"
        )
    with computed.warehouse.rolled_back():
        pass  # It forgets what it has read.
    planned = plan(
        World.look(TOY, computed.warehouse, SEASON), ["team_points"], SEASON, missing_only=True
    )
    result = check(computed, "coverage")
    said = {
        record.data["table"]: record.data["days"]
        for record in result.metadata["computed_by_other_code"].value.records
    }
    [due] = planned.tables
    # Day 3 has no games: no code computed it.
    assert said == {"games": 1, "team_points": 3}
    assert said == {**planned.other_code, due.table: due.reasons[Reason.CODE_CHANGED]}
    assert "games 1 days, team_points 3 days" in result.description
