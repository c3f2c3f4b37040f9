"""Carrying: any downstream table for any days, from an empty warehouse, and nothing more."""

from __future__ import annotations

from dataclasses import replace

import dagster as dg
import pytest

from nba_backfill.backfill.apply import CARRY_TAG, carry
from nba_backfill.backfill.plan import plan
from nba_backfill.backfill.world import World
from nba_backfill.core.partitions import DAYS
from nba_backfill.warehouse.ledger import Status
from nba_backfill_tests.core.toy_league import (
    GAMES,
    SEASON_POINTS,
    TEAM_POINTS,
    TOY,
    day,
    toy_definitions,
)


@pytest.fixture
def instance(tmp_path):
    with dg.DagsterInstance.local_temp(str(tmp_path)) as instance:
        yield instance


def materialize(league, instance, tables, first, last, tags=None, config=None):
    return (
        toy_definitions(league, carry)
        .resolve_implicit_global_asset_job_def()
        .execute_in_process(
            instance=instance,
            asset_selection=[dg.AssetKey(t.name) for t in tables],
            tags={
                "dagster/asset_partition_range_start": str(day(first)),
                "dagster/asset_partition_range_end": str(day(last)),
                **(tags or {}),
            },
            run_config={"ops": config or {}},
            raise_on_error=False,
        )
    )


def materialized(instance, table):
    return {
        n
        for n in range(6)
        if str(day(n)) in instance.get_materialized_partitions(dg.AssetKey(table.name))
    }


def correct(league, n, points):
    league.score(n, "ATL", points)


def test_a_downstream_day_on_an_empty_warehouse_carries_what_it_needs_and_nothing_more(
    league, instance
):
    world = World.look(TOY, league.warehouse, [day(4)])
    expected = {
        p.table: {(d - day(0)).days for d in p.days}
        for p in plan(world, ["season_points"], [day(4)]).tables
    }
    assert materialize(league, instance, [SEASON_POINTS], 4, 4).success
    assert {t.name: materialized(instance, t) for t in TOY} == expected
    assert (day(4), "ATL", 330) in league.rows(SEASON_POINTS)


def test_a_carried_day_says_for_whom_and_has_its_checks_recorded(league, instance):
    materialize(league, instance, [SEASON_POINTS], 4, 4)
    record = instance.get_latest_data_version_record(
        dg.AssetKey("team_points"), partition_key=str(day(1))
    )
    assert record.asset_materialization.metadata["nba/carried_for"].value == "season_points"
    check = dg.AssetCheckKey(dg.AssetKey("team_points"), "duplicates")
    latest = instance.event_log_storage.get_latest_asset_check_execution_by_key([check])
    assert latest[check].status.value == "SUCCEEDED"


def test_a_carrying_run_says_what_it_carried_in_one_table_on_the_newest_day(league, instance):
    result = materialize(league, instance, [SEASON_POINTS], 2, 4)
    events = {
        e.partition: e.materialization.metadata
        for e in result.get_asset_materialization_events()
        if e.asset_key == dg.AssetKey("season_points")
    }
    assert [d for d, said in events.items() if "nba/carried" in said] == [str(day(4))]
    lines = [record.data for record in events[str(day(4))]["nba/carried"].value.records]
    assert [line["table"] for line in lines] == ["games", "team_points"]
    assert lines[1] == {
        "table": "team_points",
        "days": 3,
        "which": "2023-10-24...2023-10-26",
        "rows": 12,
        "why": "3 missing",
        "became": "3 complete",
    }


def test_what_is_refused_while_carried_is_shown_as_failed(league, instance):
    league.spoil(1, "ATL", "CHI")
    materialize(league, instance, [SEASON_POINTS], 4, 4)
    keys = [str(day(n)) for n in (0, 1, 2)]
    shown = instance.get_status_by_partition(dg.AssetKey("team_points"), keys, DAYS)
    assert [shown[key].value for key in keys] == ["MATERIALIZED", "FAILED", "MATERIALIZED"]


def test_what_is_there_is_not_built_again(league, instance):
    materialize(league, instance, TOY, 0, 5)
    before = [league.record(TEAM_POINTS, n).written_at for n in range(6)]
    materialize(league, instance, [SEASON_POINTS], 4, 5)
    assert [league.record(TEAM_POINTS, n).written_at for n in range(6)] == before


@pytest.mark.parametrize(
    "off",
    [
        {"tags": {CARRY_TAG: "off"}},
        {"config": {"season_points": {"config": {"carry": "off"}}}},
    ],
    ids=["by run tag", "by run config"],
)
def test_with_carrying_off_the_step_names_what_it_needs_and_reads_nothing(league, instance, off):
    result = materialize(league, instance, [SEASON_POINTS], 4, 4, **off)
    assert not result.success
    [failure] = result.get_step_failure_events()
    said = failure.step_failure_data.user_failure_data.description
    assert "team_points (3 days: 2023-10-24...2023-10-26)" in said
    assert "--select team_points --partition-range 2023-10-24...2023-10-26" in said
    assert league.status(SEASON_POINTS, 4) is None
    assert league.rows(GAMES) == []


def test_a_stale_upstream_day_is_repaired_before_it_is_read(league, instance):
    materialize(league, instance, TOY, 0, 5)
    correct(league, 1, 150)
    assert materialize(league, instance, [SEASON_POINTS], 4, 4).success
    assert (day(1), "BOS_ATL", "ATL", 150) in league.rows(TEAM_POINTS)
    assert (day(4), "ATL", 100 + 150 + 120) in league.rows(SEASON_POINTS)


def test_a_restatement_stops_where_content_did_not_change(league, instance):
    materialize(league, instance, TOY, 0, 5)
    before = [league.record(TEAM_POINTS, n).written_at for n in range(6)]
    # The schedule's snapshot changes, so every day of games is due; only day 5 comes out new.
    league.raw(
        f"UPDATE nba_raw.fixtures SET final = false WHERE game_date = '{day(5)}' AND home = 'CHI'"
    )
    materialize(league, instance, [SEASON_POINTS], 5, 5)
    after = [league.record(TEAM_POINTS, n).written_at for n in range(6)]
    assert [a == b for a, b in zip(after, before, strict=True)][:5] == [True] * 5


def said_by(result):
    [failure] = result.get_step_failure_events()
    return failure.step_key, failure.step_failure_data.user_failure_data.description


def test_what_is_refused_while_carried_fails_the_run_and_costs_its_readers_nothing_else(
    league, instance
):
    league.spoil(1, "ATL", "CHI")
    result = materialize(league, instance, [SEASON_POINTS], 1, 4)
    step, said = said_by(result)
    assert step == "season_points_checks"
    assert said.startswith("refused: team_points 2023-10-25: ranges:")
    assert [league.status(SEASON_POINTS, n) for n in (1, 2, 4)] == [Status.COMPLETE] * 3
    assert (day(4), "ATL", 100 + 120) in league.rows(SEASON_POINTS)


def test_a_game_withheld_while_carried_fails_the_run_too(league, instance):
    correct(league, 1, 400)
    step, said = said_by(materialize(league, instance, [SEASON_POINTS], 4, 4))
    assert step == "season_points_checks"
    assert said.startswith("refused: team_points 2023-10-25, game BOS_ATL: ranges:")


def test_a_refused_day_is_not_tried_again_until_something_about_it_has_changed(league, instance):
    league.spoil(1, "ATL", "CHI")
    assert not materialize(league, instance, TOY, 0, 5).success
    tried = league.record(TEAM_POINTS, 1).written_at
    assert materialize(league, instance, [SEASON_POINTS], 4, 4).success
    assert league.record(TEAM_POINTS, 1).written_at == tried
    league.score(1, "ATL", 110)
    league.score(1, "CHI", 114)
    assert materialize(league, instance, [SEASON_POINTS], 4, 5).success
    assert league.status(TEAM_POINTS, 1) is Status.COMPLETE
    assert (day(4), "ATL", 330) in league.rows(SEASON_POINTS)


def test_a_refused_day_is_tried_again_when_its_checks_have_changed(league, instance, monkeypatch):
    league.spoil(1, "ATL", "CHI")
    materialize(league, instance, TOY, 0, 5)
    points = TEAM_POINTS.column("points")
    wider = tuple(replace(c, between=(50, 900)) if c is points else c for c in TEAM_POINTS.columns)
    monkeypatch.setitem(TEAM_POINTS.__dict__, "columns", wider)
    TEAM_POINTS.__dict__.pop("judged_by")
    assert materialize(league, instance, [SEASON_POINTS], 4, 4).success
    assert league.status(TEAM_POINTS, 1) is Status.COMPLETE
    assert (day(4), "ATL", 100 + 400 + 120) in league.rows(SEASON_POINTS)
    TEAM_POINTS.__dict__.pop("judged_by")
