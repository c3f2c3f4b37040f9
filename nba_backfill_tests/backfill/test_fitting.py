"""Tables on narrow terminals, and estimates from runs of other sizes."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from nba_backfill.backfill.fitting import FittingTable, Heading
from nba_backfill.backfill.plan import expected_seconds
from nba_backfill.warehouse.ledger import PartitionRecord, Status
from nba_backfill_tests.core.toy_league import day


def printed(width):
    table = FittingTable(
        "Title",
        [
            Heading("table", left=True),
            Heading("rows"),
            Heading("why", words=True),
            Heading("last computed", expendable=2),
            Heading("nulls", expendable=1),
        ],
    )
    table.add("upcoming_player_game_context", "1,234,567", "20 requested", "2026-12-01 04:38", "7")
    console = Console(file=io.StringIO(), width=width)
    console.print(table)
    return console.file.getvalue()


@pytest.mark.parametrize("width", [60, 70, 80, 120])
def test_figures_are_never_cut_whatever_the_width(width):
    said = printed(width)
    assert "1,234,567" in said
    assert "upcoming_player_game_context" in said
    assert "…" not in said
    assert max(map(len, said.splitlines())) <= width


def test_columns_without_room_are_left_out_and_named():
    assert "no room at this width for: last computed; --json" in printed(80)
    assert "no room at this width for: last computed, nulls" in printed(60)
    assert "no room" not in printed(120)


def runs(*sizes_and_totals):
    """Records of runs over so many days that took so long."""
    found = []
    for number, (size, total) in enumerate(sizes_and_totals):
        found += [
            PartitionRecord(
                "t", day(n), Status.COMPLETE, "", 1, "f", run_id=str(number), seconds=total / size
            )
            for n in range(size)
        ]
    return found


def test_the_fixed_cost_of_a_run_is_told_from_the_cost_of_a_day():
    computed = runs((1, 2.1), (100, 12.0))
    assert expected_seconds(computed, 1) == pytest.approx(2.1)
    assert expected_seconds(computed, 50) == pytest.approx(7.0)
    # One day at a time is not 50 times what it would be as one run.
    assert expected_seconds(runs((1, 2.0)), 50) < 100


@pytest.mark.parametrize("history", [[(1, 5.0), (10, 1.0)], [(1, 0.1), (10, 9.0)]])
def test_no_estimate_is_below_nothing(history):
    for days in (1, 10, 200):
        assert expected_seconds(runs(*history), days) > 0
