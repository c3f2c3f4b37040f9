"""A plan as one Dagster backfill: exactly its game days for each asset."""

from __future__ import annotations

import dagster as dg

from nba_backfill.backfill.apply import carry
from nba_backfill.backfill.daemon import stretches, submit
from nba_backfill.backfill.plan import plan
from nba_backfill.backfill.world import World
from nba_backfill_tests.core.toy_league import TOY, day, toy_definitions


def test_a_submitted_plan_asks_for_the_days_of_each_asset(league, tmp_path):
    world = World.look(TOY, league.warehouse, [day(5)])
    made = plan(world, ["season_points"], [day(4), day(5)])
    definitions = toy_definitions(league, carry)
    with dg.DagsterInstance.local_temp(str(tmp_path)) as instance:
        found = instance.get_backfill(submit(made, world, definitions, instance))
        assert found.status.value == "REQUESTED"
        target = found.get_asset_backfill_data(definitions.resolve_asset_graph()).target_subset
        asked = target.get_partitions_subset(dg.AssetKey("season_points"))
        assert set(asked.get_partition_keys()) == {str(day(4)), str(day(5))}
        asked = target.get_partitions_subset(dg.AssetKey("team_points"))
        assert set(asked.get_partition_keys()) == {str(day(n)) for n in (0, 1, 2, 3, 4)}


def test_days_without_games_do_not_break_a_stretch_and_game_days_left_out_do(league):
    calendar = World.look(TOY, league.warehouse, [day(0)]).calendar
    assert list(stretches([day(1), day(2), day(4)], calendar)) == [(day(1), day(4))]
    assert list(stretches([day(0), day(2)], calendar)) == [(day(0), day(0)), (day(2), day(2))]
