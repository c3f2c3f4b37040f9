"""What a person reads while a run works and before one starts."""

from __future__ import annotations

import io

import dagster as dg
from rich.console import Console

from nba_backfill.backfill.plan import plan
from nba_backfill.backfill.report import plan_table, running_table
from nba_backfill.backfill.world import World
from nba_backfill_tests.core.toy_league import TOY, day, toy_definitions


def printed(renderable):
    console = Console(file=io.StringIO(), width=160)
    console.print(renderable)
    return [line.split() for line in console.file.getvalue().splitlines() if line.strip()]


def test_a_running_run_shows_the_table_that_is_furthest_behind_first_and_when_all_is_done(
    league, tmp_path
):
    seen = {}

    def look(context, table, *_):
        seen[table.name] = printed(running_table(context.instance))

    with dg.DagsterInstance.local_temp(str(tmp_path)) as instance:
        toy_definitions(league, look).resolve_implicit_global_asset_job_def().execute_in_process(
            instance=instance,
            asset_selection=[dg.AssetKey(t.name) for t in TOY],
            tags={
                "dagster/asset_partition_range_start": str(day(0)),
                "dagster/asset_partition_range_end": str(day(5)),
            },
        )
        assert running_table(instance) is None
    tables = [row[:3] for row in seen["season_points"][3:6]]
    assert tables[0] == ["season_points", "0", "6"]
    assert sorted(tables[1:]) == [["games", "6", "6"], ["team_points", "6", "6"]]
    total = seen["season_points"][6]
    assert total[:3] == ["all", "12", "18"]
    assert total[-1] == "s"


def test_a_plan_says_what_is_carried_for_whom_and_what_was_never_measured(league):
    made = plan(World.look(TOY, league.warehouse, [day(4)]), ["season_points"], [day(4)])
    rows = {row[0]: " ".join(row) for row in printed(plan_table(made))}
    assert "3 missing; carried for season_points" in rows["team_points"]
    assert "2023-10-24...2023-10-26" in rows["team_points"]
    assert "never measured" in rows["3"]
