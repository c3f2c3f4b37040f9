"""Upstream's worst defect put in on purpose: the day's own box score among the day's features."""

from __future__ import annotations

import datetime as dt

import pytest

from nba_backfill.core.partitions import partitions_between
from nba_backfill.core.season import Season
from nba_backfill.core.window import Window
from nba_backfill.definitions import CATALOGUE
from nba_backfill.materialization.computation import stage_days
from nba_backfill.materialization.judge import Judge
from nba_backfill.materialization.step import Step
from nba_backfill.warehouse.files import LocalFiles
from nba_backfill.warehouse.ledger import PartitionRecord, Status
from nba_backfill_tests.conftest import copied

pytestmark = pytest.mark.slow  # features of two seasons are computed again, and a month is trained

LEAKED_FROM = dt.date(2023, 10, 24)
APRIL = partitions_between(dt.date(2024, 4, 1), dt.date(2024, 4, 30))
CACHE, STORE = CATALOGUE.table("player_daily_cache"), CATALOGUE.table("ml_feature_store_v2")
PREDICTIONS = CATALOGUE.table("player_prop_predictions")
EVALUATION = CATALOGUE.table("model_evaluation")


@pytest.fixture(scope="module")
def leaking(real_warehouse, tmp_path_factory):
    """The real seasons with form that includes the day's own game, predicted for April 2024."""
    folder = tmp_path_factory.mktemp("leaking")
    warehouse = copied(real_warehouse, folder / "leaking.duckdb")
    warehouse.files = LocalFiles(folder / "models")
    with pytest.MonkeyPatch.context() as patch:
        strict = "s.last_game_date < u.game_date", "s.valid_until >= u.game_date"
        sql = CACHE.sql.replace(strict[0], "s.last_game_date <= u.game_date")
        sql = sql.replace(strict[1], "s.valid_until > u.game_date")
        assert sql.count("<= u.game_date") == 1
        assert sql.count("> u.game_date") == CACHE.sql.count("> u.game_date") + 1
        facts = {"player_game_summary": Window.season_to_date(before=False)}
        patch.setitem(CACHE.__dict__, "sql", sql)
        patch.setitem(CACHE.__dict__, "reads", {**CACHE.reads, **facts})
        season = partitions_between(LEAKED_FROM, APRIL[-1])
        for table in (CACHE, STORE):
            staged = stage_days(table, CATALOGUE, warehouse, season)
            warehouse.replace_days(table, staged, season, [])
            warehouse.drop_staged(staged)
        for name in ("points_models", "point_forecasts"):
            Step(CATALOGUE.table(name), CATALOGUE, warehouse).run(APRIL)
    yield warehouse
    warehouse.close()


def days_with_facts(warehouse):
    """Days of April with box scores: where there are none, nothing can be told from the features."""
    facts = CATALOGUE.table("player_game_summary").relation
    history = warehouse.histories([facts])[facts]
    return [day for day in APRIL if history.by_day[day].row_count]


def test_the_leak_test_refuses_every_day_of_predictions(leaking):
    records = {r.day: r for r in Step(PREDICTIONS, CATALOGUE, leaking).run(APRIL)}
    played = days_with_facts(leaking)
    assert len(played) > 20
    assert {records[day].status for day in played} == {Status.REJECTED}
    assert all("features_see_nothing_of_the_day" in records[day].reason for day in played)


def test_what_slips_past_it_is_too_good_to_be_true(leaking):
    """As if the leak test did not exist: the alarm on accuracy stands alone."""
    staged = stage_days(PREDICTIONS, CATALOGUE, leaking, APRIL)
    believed = [
        PartitionRecord(PREDICTIONS.relation, day, Status.COMPLETE, "", 1, "believed")
        for day in APRIL
    ]
    leaking.replace_days(PREDICTIONS, staged, APRIL, believed)
    Step(CATALOGUE.table("prediction_accuracy"), CATALOGUE, leaking).run(APRIL)
    staged = stage_days(EVALUATION, CATALOGUE, leaking, APRIL)
    calendar = CATALOGUE.calendar(leaking, [Season.of(APRIL[0])])
    late = [day for day in days_with_facts(leaking) if day.day >= 20]
    profiles = Judge(EVALUATION, CATALOGUE, leaking, calendar).profiles(staged, late)
    assert all(profiles[day].blocking for day in late)
    said = " ".join(finding.what for finding in profiles[late[-1]].blocking)
    assert "means a leak" in said
