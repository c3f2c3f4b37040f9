"""Records by period on real seasons, against brute force, and the alarm on what cannot be true."""

import datetime as dt

import pandas as pd
import pytest

from nba_backfill.core.season import Season
from nba_backfill.definitions import CATALOGUE
from nba_backfill.materialization.judge import Judge
from nba_backfill.predictions.grading import model_evaluation, prediction_performance_summary
from nba_backfill.warehouse.dialect import select_statement
from nba_backfill_tests.precompute.replica import stored
from nba_backfill_tests.predictions.grading.grading_replica import frame
from nba_backfill_tests.predictions.grading.period_replica import (
    SLICES,
    archetypes,
    evaluation,
    summary,
)

pytestmark = pytest.mark.slow  # the models behind them take minutes to train

SUMMARY, EVALUATION = prediction_performance_summary.TABLE, model_evaluation.TABLE
DAYS = [
    dt.date(2024, 11, 7),
    dt.date(2024, 12, 1),
    dt.date(2025, 1, 11),
    dt.date(2025, 6, 22),
]
"""Early in the season, the first of a month, amid lines, and the season's last day."""

COUNTED = ("similarity_balanced_v1", "ensemble_v1")
"""Systems counted by brute force: one that is silent on some players, one that is not."""

NOT_METRICS = {
    "as_of_date",
    "summary_key",
    "season_year",
    "system_id",
    "period_type",
    "period_value",
    "data_hash",
    *SLICES,
}


@pytest.fixture(scope="module")
def grades(real_predictions):
    return frame(
        real_predictions,
        "SELECT * FROM nba_predictions.prediction_accuracy WHERE season_year = 2024",
    )


@pytest.fixture(scope="module")
def profiles(real_predictions):
    facts = frame(
        real_predictions, "SELECT * FROM nba_analytics.player_game_summary WHERE season_year = 2024"
    )
    registry = frame(real_predictions, "SELECT * FROM nba_reference.nba_players_registry")
    return archetypes(facts, registry, 2024)


def rows_of(real_predictions, table, day):
    return frame(
        real_predictions,
        f"SELECT * FROM {table.relation} WHERE as_of_date = '{day}'",
    )


def assert_equal(row, expected, where, tolerance=1e-9):
    for name, value in expected.items():
        found = row[name]
        if isinstance(value, dt.date):
            assert found == value, (where, name)
        else:
            both = pd.isna(value) and pd.isna(found)
            assert both or abs(found - value) <= tolerance, (where, name, found, value)


@pytest.mark.parametrize("day", [DAYS[0], DAYS[1], DAYS[3]], ids=str)
def test_every_slice_equals_a_count_by_brute_force(real_predictions, grades, profiles, day):
    rows = rows_of(real_predictions, SUMMARY, day)
    rows = rows[rows.system_id.isin(COUNTED)]
    keys = zip(
        rows.system_id,
        rows.period_type,
        *(rows[name].astype(object).where(rows[name].notna(), None) for name in SLICES),
        strict=True,
    )
    found = dict(zip(keys, rows.to_dict("records"), strict=True))
    expected = summary(grades[grades.system_id.isin(COUNTED)], profiles, day)
    assert len(expected) > 20
    assert set(found) == set(expected)
    for key, metrics in expected.items():
        assert_equal(found[key], metrics, (day, key))
    assert set(rows.columns) - NOT_METRICS == set(metrics)


def test_periods_and_keys_are_named_as_people_name_them(real_predictions):
    rows = rows_of(real_predictions, SUMMARY, dt.date(2025, 1, 11))
    assert dict(zip(rows.period_type, rows.period_value, strict=True)) == {
        "rolling_7d": "2025-01-11",
        "rolling_30d": "2025-01-11",
        "month": "2025-01",
        "season": "2024-25",
    }
    assert "ensemble_v1|month|2025-01|NULL|role_player|high|NULL" in set(rows.summary_key)
    assert rows.summary_key.is_unique


def test_a_rate_of_zero_stays_zero(real_predictions):
    found = real_predictions.query(
        f"SELECT DISTINCT misses > 0, hit_rate FROM {SUMMARY.relation} WHERE hits = 0"
    )
    assert set(found) == {(True, 0.0), (False, None)}


def test_a_star_whose_years_are_unknown_is_no_young_star(real_predictions):
    """The registry starts in 2021-22: who stands in its first season may be a veteran."""
    found = real_predictions.query(
        f"""
        SELECT archetype, MAX(unique_players) FROM {SUMMARY.relation}
        WHERE season_year = 2024 AND archetype IS NOT NULL AND confidence_tier IS NULL
        GROUP BY ALL
        """
    )
    players = dict(found)
    assert set(players) == {"unknown", "young_star", "ironman", "role_player"}
    assert players["unknown"] > 30
    assert players["young_star"] < 20


@pytest.mark.parametrize("period", model_evaluation.PERIODS)
@pytest.mark.parametrize("day", DAYS, ids=str)
def test_every_figure_equals_an_independent_one(real_predictions, grades, day, period):
    rows = rows_of(real_predictions, EVALUATION, day)
    rows = rows[rows.period == period].set_index(["system_id", "population"])
    expected = evaluation(grades, day, period)
    assert set(rows.index) == set(expected)
    for key, figures in expected.items():
        assert_equal(rows.loc[key], figures, (day, period, key), tolerance=0.000051)


def test_the_line_and_the_season_average_err_as_the_study_found(real_predictions):
    """Spec 41: line 5.146 and 5.198 on 3,639 and 4,896 rows; season average 4.694 in 2024-25."""
    found = real_predictions.query(
        f"""
        SELECT season_year, line_rows, line_mae FROM {EVALUATION.relation}
        WHERE system_id = 'catboost_v8' AND period = 'season' AND population = 'line_rows'
          AND as_of_date IN ('2024-06-17', '2025-06-22')
        ORDER BY season_year
        """
    )
    assert [rows for _, rows, _ in found] == pytest.approx([3639, 4896], abs=20)
    assert [mae for *_, mae in found] == pytest.approx([5.146, 5.198], abs=0.02)


# A day does not depend on what else is computed, or on what came later


def computed(real_predictions, table, day, edit="SELECT * FROM {rows}"):
    """The day's rows, computed alone from its season's inputs as ``edit`` leaves them."""
    warehouse = real_predictions.warehouse
    statement = select_statement(table, CATALOGUE.inputs(table), day, day, limited=False)
    season = f"game_date BETWEEN '{Season.of(day).first_day}' AND '{Season.of(day).last_day}'"
    with warehouse.rolled_back() as connection:
        for name in ("prediction_accuracy", "player_game_summary"):
            relation = CATALOGUE.table(name).relation
            rows = f"(SELECT * FROM {relation} WHERE {season})"
            connection.execute(f"CREATE TEMP TABLE kept AS {edit.format(rows=rows)}")
            connection.execute(f"DELETE FROM {relation}")
            connection.execute(f"INSERT INTO {relation} BY NAME FROM kept")
            connection.execute("DROP TABLE kept")
        staged = warehouse.stage(table, statement)
        return connection.execute(f"FROM {staged} ORDER BY {', '.join(table.grain)}").df()


@pytest.mark.parametrize("table", [SUMMARY, EVALUATION], ids=lambda table: table.name)
@pytest.mark.parametrize("day", [DAYS[1], dt.date(2021, 12, 26)], ids=str)
def test_a_day_alone_equals_the_day_in_its_season(real_predictions, table, day):
    pd.testing.assert_frame_equal(
        stored(real_predictions, table, day, day),
        computed(real_predictions, table, day),
        check_exact=True,
    )


@pytest.mark.parametrize("table", [SUMMARY, EVALUATION], ids=lambda table: table.name)
def test_neither_what_came_later_nor_the_order_of_rows_changes_anything(real_predictions, table):
    day = DAYS[2]
    known = f"SELECT * FROM {{rows}} WHERE game_date <= '{day}' ORDER BY RANDOM()"
    pd.testing.assert_frame_equal(
        stored(real_predictions, table, day, day),
        computed(real_predictions, table, day, known),
        check_exact=True,
    )


# What is better than possible is refused

LEAK = "UPDATE nba_predictions.prediction_accuracy SET {} WHERE season_year = 2024"
CLOSER = (
    "predicted_points = actual_points + {share} * (predicted_points - actual_points),"
    " signed_error = {share} * signed_error, absolute_error = {share} * absolute_error"
)


def found_on(real_predictions, day, falsify):
    """What the judge says of the evaluation of a day over falsified grades."""
    warehouse = real_predictions.warehouse
    statement = select_statement(EVALUATION, CATALOGUE.inputs(EVALUATION), day, day)
    calendar = CATALOGUE.calendar(warehouse, [Season.of(day)])
    for name in ("prediction_accuracy", EVALUATION.name):
        warehouse.ensure_table(CATALOGUE.table(name))
    with warehouse.rolled_back() as connection:
        connection.execute(falsify)
        staged = warehouse.stage(EVALUATION, statement)
        judge = Judge(EVALUATION, CATALOGUE, warehouse, calendar)
        return judge.profiles(staged, [day])[day]


def broken_rules(profile):
    return {
        f.what.split(" broken:")[0].split("rule ")[-1]
        for f in profile.findings
        if "rule" in f.what and f.blocking
    }


def test_honest_predictions_raise_no_alarm(real_predictions):
    for day in DAYS:
        assert not found_on(real_predictions, day, "SELECT 1").blocking


@pytest.mark.parametrize(
    ("what", "falsify"),
    [
        ("not_better_than_possible", LEAK.format(CLOSER.format(share=0.9))),
        (
            "not_better_than_the_line",
            LEAK.format(CLOSER.format(share=0.9)) + " AND line_value IS NOT NULL",
        ),
        (
            "anchored_not_better_than_the_line",
            LEAK.format(
                "line_anchored_points = 0.95 * line_anchored_points + 0.05 * actual_points"
            ),
        ),
        (
            "hit_rate_is_possible",
            LEAK.format("predicted_points = line_value + IF(actual_points > line_value, 2, -2)")
            + " AND line_value > 3 AND hash(player_lookup, game_date) % 5 = 0",
        ),
    ],
)
def test_a_system_better_than_possible_is_refused(real_predictions, what, falsify):
    assert what in broken_rules(found_on(real_predictions, DAYS[3], falsify))


def test_a_champion_that_only_falls_back_is_reported(real_predictions):
    falsify = LEAK.format("model_type = 'fallback'") + (
        " AND system_id = 'catboost_v8' AND hash(player_lookup) % 5 = 0"
    )
    profile = found_on(real_predictions, DAYS[2], falsify)
    assert not profile.blocking
    assert any("champion_is_not_a_fallback" in f.what for f in profile.findings)
