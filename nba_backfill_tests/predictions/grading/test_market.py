"""Brier scores, reliability and closing-line values, on grades whose figures can be told by hand."""

from __future__ import annotations

import datetime as dt
import io

import pytest
from rich.console import Console

from nba_backfill.predictions.grading.market import (
    Tenth,
    closing_values,
    market_sums,
    probabilities,
)
from nba_backfill.predictions.grading.market_report import market_tables
from nba_backfill.predictions.grading.prediction_accuracy import TABLE
from nba_backfill.warehouse.duckdb import DuckDBWarehouse

FIRST, SECOND = dt.date(2024, 3, 2), dt.date(2024, 3, 3)
GRADE = {
    "game_date": FIRST,
    "season_year": 2023,
    "system_id": "xgboost_v1",
    "is_voided": False,
    "minutes_played": 30.0,
    "line_value": 20.5,
    "actual_points": 25,
    "over_probability": 0.6,
    "under_probability": 0.4,
}
OVER, UNDER, PUSH = {"actual_points": 25}, {"actual_points": 15}, {"actual_points": 20}


@pytest.fixture
def warehouse(tmp_path):
    found = DuckDBWarehouse(tmp_path / "grades.duckdb")
    found.ensure_table(TABLE)
    yield found
    found.close()


@pytest.fixture
def summed(warehouse):
    """The sums of grades that say only what they have otherwise."""

    def sums(*grades):
        for n, grade in enumerate(grades):
            row = {"game_id": f"game {n}", "player_lookup": f"player{n}"} | GRADE | grade
            names, places = ", ".join(row), ", ".join("?" * len(row))
            warehouse.connection.execute(
                f"INSERT INTO {TABLE.relation} ({names}) VALUES ({places})", [*row.values()]
            )
        return market_sums(warehouse, FIRST, SECOND)

    return sums


def test_the_score_is_the_mean_squared_miss_of_the_over(summed):
    [found] = probabilities(
        summed(
            OVER,  # 0.6 of what came: a miss of 0.4
            UNDER,  # 0.6 of what did not: a miss of 0.6
            UNDER | {"over_probability": 0.3, "under_probability": 0.7, "game_date": SECOND},
        )
    )
    assert found.bets == 3
    assert found.brier.value == pytest.approx((0.16 + 0.36 + 0.09) / 3)
    assert found.brier.low <= found.brier.value <= found.brier.high


def test_a_push_is_no_bet_and_its_probability_is_shared_out(summed):
    whole = {"line_value": 20.0, "over_probability": 0.54, "under_probability": 0.36}
    [found] = probabilities(summed(OVER | whole, PUSH | whole))
    # 0.54 of the 0.9 that are no push.
    assert (found.bets, found.brier.value) == (1, pytest.approx(0.16))


def test_the_market_is_scored_on_the_same_rows(summed):
    [found] = probabilities(
        summed(
            OVER | {"market_over_probability": 0.5},
            UNDER | {"market_over_probability": 0.3},
            OVER,
        )
    )
    assert found.priced_bets == 2
    assert found.market_brier == pytest.approx((0.25 + 0.09) / 2)
    assert found.over_market.value == pytest.approx((0.16 + 0.36) / 2 - 0.17)
    assert found.brier.value == pytest.approx((0.16 + 0.36 + 0.16) / 3)


def test_without_prices_there_is_no_market_to_beat(summed):
    [found] = probabilities(summed(OVER))
    assert found.priced_bets == 0
    assert found.market_brier is found.over_market is None


def test_reliability_sets_what_was_said_beside_what_came(summed):
    said = (0.61, 0.65, 0.69, 0.7, 1.0)
    rows = [
        (OVER if n % 2 else UNDER) | {"over_probability": p, "under_probability": 1 - p}
        for n, p in enumerate(said)
    ]
    [found] = probabilities(summed(*rows))
    assert found.reliability == (
        Tenth(6, 3, pytest.approx(0.65), pytest.approx(1 / 3)),
        Tenth(7, 1, pytest.approx(0.7), 1),
        Tenth(9, 1, 1, 0),
    )


@pytest.mark.parametrize(
    "left_out",
    [
        {"is_voided": True},
        {"minutes_played": 0.0},
        {"over_probability": None, "under_probability": None},
        {"game_date": dt.date(2024, 3, 4)},
    ],
    ids=["void", "not on court", "no distribution", "another day"],
)
def test_only_played_rows_with_a_distribution_count(summed, left_out):
    assert probabilities(summed(GRADE | left_out)) == []


MOVES = [
    {"opening_pick": "OVER", "closing_line_value": 2.0},
    {"opening_pick": "UNDER", "closing_line_value": -1.0},
    {"opening_pick": "OVER", "closing_line_value": 0.0, "closing_probability_value": 0.03},
    {"opening_pick": "OVER", "closing_line_value": 0.0, "closing_probability_value": -0.01},
    {},
]


def test_closing_value_is_the_mean_move_of_opening_picks(summed):
    [found] = closing_values(summed(*MOVES))
    assert (found.picks, found.beat, found.lost) == (4, 1, 1)
    assert found.points.value == pytest.approx(0.25)
    assert (found.priced, found.probability.value) == (2, pytest.approx(0.01))


def test_a_pick_has_its_closing_value_whether_or_not_it_has_chances(summed):
    no_chances = {"over_probability": None, "under_probability": None}
    [found] = closing_values(summed(*(move | no_chances for move in MOVES)))
    assert (found.picks, found.points.value) == (4, pytest.approx(0.25))


def test_what_is_drawn_to_the_line_is_scored_beside_the_system(summed):
    anchored = {"line_anchored_over_probability": 0.52, "line_anchored_under_probability": 0.48}
    sums = summed(UNDER | anchored, OVER)
    found = {one.system_id: (one.bets, one.brier.value) for one in probabilities(sums)}
    assert found == {
        "xgboost_v1": (2, pytest.approx((0.36 + 0.16) / 2)),
        "xgboost_v1, line-anchored": (1, pytest.approx(0.52**2)),
    }


def test_a_pick_is_counted_once_although_its_system_is_scored_twice(summed):
    anchored = {"line_anchored_over_probability": 0.52, "line_anchored_under_probability": 0.48}
    [found] = closing_values(summed(*(move | anchored for move in MOVES)))
    assert (found.system_id, found.picks) == ("xgboost_v1", 4)


def test_systems_stand_best_first(summed):
    sums = summed(
        OVER | {"system_id": "worse", "over_probability": 0.5, "under_probability": 0.5},
        OVER | {"system_id": "better"},
        MOVES[1] | {"system_id": "worse"},
        MOVES[0] | {"system_id": "better"},
    )
    assert [one.system_id for one in probabilities(sums)] == ["better", "worse"]
    assert [one.system_id for one in closing_values(sums)] == ["better", "worse"]


def test_the_report_names_count_and_interval_of_every_figure(summed):
    console = Console(width=250, file=io.StringIO())
    for table in market_tables(summed(*MOVES, OVER | {"market_over_probability": 0.5})):
        console.print(table)
    said = console.file.getvalue()
    for expected in (
        "2023-24: how good the probabilities of the over are",
        "0.1600 [0.1600, 0.1600]",
        "0.2500",
        "-0.0900 [-0.0900, -0.0900]",
        "60.0 > 100.0 n=6",
        "+0.250 [+0.250, +0.250]",
        "+0.0100",
    ):
        assert expected in said


def test_without_a_line_there_is_nothing_to_report(summed):
    nothing = {"line_value": None, "over_probability": None, "under_probability": None}
    assert list(market_tables(summed(GRADE | nothing))) == []
