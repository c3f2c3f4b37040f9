"""Grades of three real seasons, against pandas written from the specification."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from nba_backfill.predictions.grading import prediction_accuracy, system_daily_performance
from nba_backfill_tests.precompute.replica import recompute, stored
from nba_backfill_tests.predictions.grading.grading_replica import (
    KEY,
    frame,
    grade,
    record_of_a_day,
)

pytestmark = pytest.mark.slow  # the models behind them take minutes to train

GRADES, DAILY = prediction_accuracy.TABLE, system_daily_performance.TABLE
SEASONS = [2021, 2023, 2024]
NO_FACTS = ("play_in", "cup_final")


def of_season(real_predictions, relation, season, columns="*"):
    return frame(
        real_predictions,
        f"SELECT {columns} FROM {relation} WHERE game_date BETWEEN '{season}-10-01'"
        f" AND '{season + 1}-09-30'",
    )


@pytest.fixture(scope="module", params=SEASONS)
def season(request):
    return request.param


@pytest.fixture(scope="module")
def grades(real_predictions, season):
    return of_season(real_predictions, GRADES.relation, season)


def same(ours, theirs):
    """Element by element, NULL equal to NULL, decimals to within a rounding error."""
    ours, theirs = ours.reset_index(drop=True), theirs.reset_index(drop=True)
    absent = ours.isna() & theirs.isna()
    if pd.api.types.is_numeric_dtype(theirs) and not pd.api.types.is_bool_dtype(theirs):
        close = np.isclose(ours.astype(float), theirs.astype(float), rtol=0, atol=1e-6)
        return absent | pd.Series(close)
    return absent | (ours.astype(object) == theirs.astype(object))


def test_every_grade_equals_an_independent_one(real_predictions, grades, season):
    expected = grade(
        of_season(real_predictions, "nba_predictions.player_prop_predictions", season),
        of_season(real_predictions, "nba_analytics.player_game_summary", season),
        of_season(real_predictions, "nba_staging.games", season),
        of_season(real_predictions, "nba_staging.injuries", season),
        of_season(
            real_predictions,
            "nba_predictions.ml_feature_store_v2",
            season,
            ", ".join(
                (
                    *KEY,
                    "default_features",
                    "points_avg_season",
                    "points_avg_last_5",
                    "points_avg_last_10",
                )
            ),
        ),
        of_season(real_predictions, "nba_staging.prop_lines", season),
    )
    rows = grades.set_index([*KEY, "system_id"]).sort_index()
    assert len(rows) > 200_000
    assert rows.index.equals(expected.index)
    assert set(rows.columns) == set(expected.columns)
    for name in rows.columns:
        wrong = ~same(rows[name], expected[name])
        assert not wrong.any(), (name, rows[wrong.to_numpy()].head(), expected[wrong.to_numpy()])


def test_every_daily_record_equals_an_independent_count(real_predictions, grades, season):
    rows = of_season(real_predictions, DAILY.relation, season)
    rows = rows.set_index(["game_date", "system_id"])
    every_ninth = grades[grades.game_date.isin(sorted(set(grades.game_date))[::9])]
    for key, group in every_ninth.groupby(["game_date", "system_id"]):
        expected, row = record_of_a_day(group), rows.loc[key]
        for name, value in expected.items():
            assert (pd.isna(value) and pd.isna(row[name])) or abs(row[name] - value) < 1e-9, (
                key,
                name,
            )
    assert len(rows) == len(grades.groupby(["game_date", "system_id"]))


def test_days_without_player_facts_are_unavailable_and_all_others_complete(real_predictions):
    found = real_predictions.query(
        f"""
        SELECT l.day, l.status, g.types, l.row_count
        FROM nba_orchestration.partition_ledger l
        JOIN (SELECT game_date, string_agg(DISTINCT game_type) AS types FROM nba_staging.games
              GROUP BY ALL) g ON g.game_date = l.day
        WHERE l.table_name = '{GRADES.relation}' AND l.status != 'bootstrap'
        """
    )
    assert {day for day, *_, types, rows in found if types in NO_FACTS} == {
        day for day, status, *_ in found if status != "complete"
    }
    assert {rows for *_, types, rows in found if types in NO_FACTS} == {0}
    assert all(rows > 100 for *_, types, rows in found if types not in NO_FACTS)


def test_games_with_few_players_are_graded_all_the_same(real_predictions):
    """Clubs played with six in the winter of 2021-22: asking for eight would lose final games."""
    found = real_predictions.query(
        f"""
        WITH small AS (
          SELECT DISTINCT game_id FROM (
            SELECT game_id, team_abbr FROM nba_analytics.player_game_summary
            GROUP BY ALL HAVING COUNT(*) < 8
          )
        )
        SELECT small.game_id, COUNT(a.game_id) FROM small
        LEFT JOIN {GRADES.relation} a ON a.game_id = small.game_id
        GROUP BY ALL
        """
    )
    assert len(found) == 10
    assert all(n > 50 for _, n in found)


def test_no_void_has_an_error_and_every_grade_has_one(grades):
    errors = ["signed_error", "absolute_error", "within_3_points", "within_5_points"]
    voids = grades[grades.is_voided]
    assert voids[[*errors, "actual_margin", "prediction_correct"]].isna().all().all()
    assert grades[~grades.is_voided][errors].notna().all().all()
    # Whole squads are predicted, so about a third sits out; many of them are never listed.
    assert 0.2 < grades.is_voided.mean() < 0.45
    assert set(voids.void_reason) <= set(prediction_accuracy.VOID_REASONS)


def test_a_push_is_neither_right_nor_wrong(real_predictions):
    ((pushes, decided),) = real_predictions.query(
        f"""
        SELECT COUNTIF(actual_points = line_value), COUNTIF(prediction_correct IS NOT NULL)
        FROM {GRADES.relation}
        WHERE NOT is_voided AND recommendation IN ('OVER', 'UNDER')
        """
    )
    ((counted,),) = real_predictions.query(f"SELECT SUM(push_count) FROM {DAILY.relation}")
    assert pushes == counted > 50
    assert decided > 5_000


@pytest.mark.parametrize(
    "day", [dt.date(2021, 12, 26), dt.date(2024, 3, 15), dt.date(2025, 1, 11)], ids=str
)
def test_a_corrected_box_score_changes_the_grades_of_its_player_only(real_predictions, day):
    before = stored(real_predictions, GRADES, day, day)
    player = before[~before.is_voided].player_lookup.min()
    corrected = (
        f"SELECT * REPLACE (IF(game_date = '{day}' AND player_lookup = '{player}', points + 2,"
        " points) AS points) FROM {rows}"
    )
    after = recompute(real_predictions, GRADES, day, day, edits={"player_game_summary": corrected})
    his = before.player_lookup == player
    pd.testing.assert_frame_equal(before[~his], after[~his])
    assert (after[his].actual_points == before[his].actual_points + 2).all()
    moved = before[his].signed_error.astype(float) - after[his].signed_error.astype(float)
    assert np.allclose(moved, 2)


def test_a_day_is_graded_only_when_all_its_games_are_over(real_predictions):
    day = dt.date(2025, 1, 11)
    one_left = (
        "SELECT * REPLACE (is_over AND game_id != (SELECT MIN(game_id) FROM {rows}"
        " WHERE game_date = '2025-01-11') AS is_over) FROM {rows}"
    )
    assert recompute(real_predictions, GRADES, day, day, edits={"games": one_left}).empty


def test_predictions_of_a_game_that_left_the_schedule_are_void(real_predictions):
    day = dt.date(2025, 1, 11)
    before = stored(real_predictions, GRADES, day, day)
    gone = before.game_id.min()
    kept = f"SELECT * FROM {{rows}} WHERE game_id != '{gone}'"
    after = recompute(
        real_predictions, GRADES, day, day, edits={"games": kept, "player_game_summary": kept}
    )
    assert len(after) == len(before)
    his = after.game_id == gone
    assert set(after[his].void_reason) == {"game_postponed"}
    assert after[his].actual_points.isna().all()
    pd.testing.assert_frame_equal(before[~his], after[~his])


def test_row_order_of_the_inputs_changes_nothing(real_predictions):
    first, last = dt.date(2024, 12, 1), dt.date(2024, 12, 4)
    for table in (GRADES, DAILY):
        shuffled = dict.fromkeys(table.reads, "SELECT * FROM {rows} ORDER BY RANDOM()")
        pd.testing.assert_frame_equal(
            stored(real_predictions, table, first, last),
            recompute(real_predictions, table, first, last, edits=shuffled),
            check_exact=True,
        )
