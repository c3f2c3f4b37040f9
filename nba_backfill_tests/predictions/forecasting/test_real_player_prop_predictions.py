"""player_prop_predictions on real seasons: who is predicted, on which line, and knowing what."""

import datetime as dt

import pandas as pd
import pytest

from nba_backfill.core.season import Season
from nba_backfill.definitions import CATALOGUE
from nba_backfill.materialization.judge import Judge
from nba_backfill.predictions.forecasting.player_prop_predictions import TABLE
from nba_backfill.predictions.forecasting.prediction_columns import FILTER_REASONS
from nba_backfill.warehouse.dialect import select_statement
from nba_backfill_tests.precompute.replica import recompute, stored
from nba_backfill_tests.predictions.forecasting.prediction_replica import (
    AVERAGES,
    SIMILARITY,
    ZONES,
)
from nba_backfill_tests.warehouse.googlesql import GoogleSQL, Relation, differences

ROWS = TABLE.relation
FIRST_DAY, MIDSEASON, PLAYOFFS = dt.date(2021, 11, 2), dt.date(2024, 2, 12), dt.date(2024, 4, 21)


def test_the_context_decides_who_is_predicted_and_nobody_doubtful_is(predicted):
    [(missing, added, players)] = predicted.query(
        f"""
        SELECT COUNT(*) FILTER (p.player_lookup IS NULL), COUNT(*) FILTER (u.player_lookup IS NULL),
          COUNT(*)
        FROM (SELECT DISTINCT game_date, game_id, player_lookup FROM {ROWS}) p
        FULL JOIN (
          SELECT game_date, game_id, player_lookup FROM nba_analytics.upcoming_player_game_context
          WHERE NOT backfill_bootstrap_mode
            AND COALESCE(player_status, '') NOT IN ('out', 'doubtful')
        ) u USING (game_date, game_id, player_lookup)
        """
    )
    assert (missing, added) == (0, 0)
    assert players > 100_000


def test_a_line_is_the_staged_one_or_an_estimate_that_nothing_is_recommended_on(predicted):
    found = predicted.query(
        f"""
        SELECT p.line_source, p.line_source_api,
          COUNT(*) FILTER (p.current_points_line IS DISTINCT FROM l.points_line
            OR p.sportsbook IS DISTINCT FROM upper(l.bookmaker)
            OR p.was_line_fallback
              IS DISTINCT FROM (l.source = 'bettingpros' OR l.bookmaker <> 'draftkings')),
          COUNT(*) FILTER (l.points_line IS NULL AND p.recommendation <> 'NO_LINE'),
          COUNT(*) FILTER (p.line_source <> 'ACTUAL_PROP' AND p.estimated_line_value
            IS DISTINCT FROM CASE WHEN u.l10_games_used >= 3
              THEN (round(u.points_avg_last_5 * 2) / 2)::DECIMAL(4, 1) END),
          COUNT(*) FILTER (p.estimated_line_value = 20), COUNT(*)
        FROM {ROWS} p
        JOIN nba_analytics.upcoming_player_game_context u USING (game_date, player_lookup)
        LEFT JOIN nba_staging.prop_lines l USING (game_date, player_lookup)
        GROUP BY ALL
        """
    )
    assert {row[:2] for row in found} == {
        ("ACTUAL_PROP", "ODDS_API"),
        ("ACTUAL_PROP", "BETTINGPROS"),
        ("ESTIMATED_AVG", "ESTIMATED"),
        ("NEEDS_BOOTSTRAP", None),
    }
    assert {row[2:5] for row in found} == {(0, 0, 0)}
    # The reference put a constant 20 in place of a line.
    assert sum(row[5] for row in found) < 0.05 * sum(row[6] for row in found)


def test_ids_repeat_nowhere_and_follow_from_the_key(predicted):
    [(rows, ids, wrong)] = predicted.query(
        f"""
        SELECT COUNT(*), COUNT(DISTINCT prediction_id), COUNT(*) FILTER (prediction_id <>
          md5(concat_ws('|', game_date, game_id, player_lookup, system_id)))
        FROM {ROWS}
        """
    )
    assert rows == ids > 700_000
    assert wrong == 0


def test_every_reason_not_to_act_occurs_and_no_other(predicted):
    found = {r for (r,) in predicted.query(f"SELECT DISTINCT filter_reason FROM {ROWS}")}
    assert found == {None, *FILTER_REASONS}


def test_an_average_of_exactly_its_thresholds_recommends_nothing(predicted):
    """Confidence 0.45 and an edge of 2.0 are not more than themselves; others need no more."""
    [(at_confidence, picked, at_edge, picked_at_edge)] = predicted.query(
        f"""
        SELECT COUNT(*) FILTER (confidence_score = 0.45),
          COUNT(*) FILTER (confidence_score = 0.45 AND recommendation IN ('OVER', 'UNDER')),
          COUNT(*) FILTER (abs(line_margin) < 1.95),
          COUNT(*) FILTER (abs(line_margin) < 1.95 AND recommendation IN ('OVER', 'UNDER'))
        FROM {ROWS} WHERE system_id IN ('{AVERAGES}', '{ZONES}') AND has_prop_line
        """
    )
    assert at_confidence > 100
    assert at_edge > 100
    assert (picked, picked_at_edge) == (0, 0)


@pytest.mark.parametrize("day", [FIRST_DAY, MIDSEASON, PLAYOFFS], ids=str)
def test_no_fact_of_the_day_or_later_enters_its_rows(predicted, day):
    scored = (
        f"SELECT * REPLACE (CASE WHEN game_date >= '{day}' THEN 99 ELSE points END AS points)"
        " FROM {rows}"
    )
    rows = recompute(
        predicted, TABLE, day, day, edits={"player_game_summary": scored}, limited=False
    )
    pd.testing.assert_frame_equal(stored(predicted, TABLE, day, day), rows, check_exact=True)


def test_a_day_alone_a_range_and_shuffled_inputs_give_the_same_rows(predicted):
    first, last = dt.date(2024, 11, 25), dt.date(2024, 11, 29)
    range_rows = stored(predicted, TABLE, first, last)
    days = [first + dt.timedelta(n) for n in range((last - first).days + 1)]
    alone = [recompute(predicted, TABLE, day, day) for day in (days[0], days[-1])]
    for rows in alone:
        day = rows.game_date.iloc[0].date()
        pd.testing.assert_frame_equal(stored(predicted, TABLE, day, day), rows, check_exact=True)
    shuffled = dict.fromkeys(TABLE.reads, "SELECT * FROM {rows} ORDER BY RANDOM()")
    pd.testing.assert_frame_equal(
        range_rows,
        recompute(predicted, TABLE, first, last, edits=shuffled),
        check_exact=True,
    )


def test_both_engines_compare_past_games_alike(predicted, request):
    """The small league is too short for similar games, so here are a dozen real players."""
    day = dt.date(2023, 11, 29)
    chosen = predicted.query(
        f"SELECT player_lookup FROM {ROWS} WHERE game_date = '{day}'"
        f" AND system_id = '{SIMILARITY}' ORDER BY player_lookup LIMIT 12"
    )
    names = ", ".join(f"'{player}'" for (player,) in chosen)
    inputs, relations = CATALOGUE.inputs(TABLE), {}
    for source in inputs.values():
        columns = ", ".join(f'"{column.name}"' for column in source.columns)
        where = f"{source.date_column} BETWEEN '{Season.of(day).first_day}' AND '{day}'"
        if "player_lookup" in {column.name for column in source.columns}:
            where += f" AND player_lookup IN ({names})"
        relations[source.relation] = Relation(
            source.columns,
            predicted.query(f"SELECT {columns} FROM {source.relation} WHERE {where}"),
        )
    statement = select_statement(TABLE, inputs, day, day)
    google = GoogleSQL(request.config.cache.mkdir("googlesql"))
    answer = google.execute(statement.sql, relations, statement.parameters)
    ours = predicted.query(
        f"SELECT * FROM {ROWS} WHERE game_date = '{day}' AND player_lookup IN ({names})"
    )
    assert len(ours) == 7 * 12
    assert not differences([column.name for column in TABLE.columns], ours, answer.rows)


def found_by(predicted, name, day):
    [check] = [r for r in TABLE.reconciliations if r.name == name]
    warehouse = predicted.warehouse
    judge = Judge(TABLE, CATALOGUE, warehouse, CATALOGUE.calendar(warehouse, [Season.of(day)]))
    return judge.disagreeing_rows(check, ROWS, day, day)


@pytest.mark.parametrize(
    ("feature", "games"), [("points_avg_last_5", 5), ("points_avg_last_10", 10)], ids=str
)
def test_a_feature_that_has_seen_the_game_is_found_out(predicted, feature, games):
    day, name = MIDSEASON, "features_see_nothing_of_the_day"
    assert found_by(predicted, name, day) == []
    with predicted.warehouse.rolled_back() as connection:
        connection.execute(
            f"""
            UPDATE nba_predictions.ml_feature_store_v2 AS f
            SET {feature} = s.seen
            FROM (
              SELECT player_lookup, avg(points) AS seen FROM (
                SELECT player_lookup, points, row_number() OVER (
                  PARTITION BY player_lookup ORDER BY game_date DESC) AS back
                FROM nba_analytics.player_game_summary
                WHERE season_year = 2023 AND game_date <= '{day}' AND player_lookup IN (
                  SELECT player_lookup FROM nba_analytics.player_game_summary
                  WHERE game_date = '{day}')
              ) WHERE back <= {games} GROUP BY player_lookup
            ) s
            WHERE f.game_date = '{day}' AND f.player_lookup = s.player_lookup
            """
        )
        [found] = found_by(predicted, name, day)
    assert found["leaking_rows"] > 100
    assert found["differing_rows"] >= found["leaking_rows"]


def test_a_forecast_of_a_later_model_and_a_line_after_the_tip_are_found_out(predicted):
    day = dt.date(2024, 11, 27)
    names = ("learned_rows_are_the_forecasts", "lines_and_reports_precede_the_tip")
    assert [found_by(predicted, name, day) for name in names] == [[], []]
    with predicted.warehouse.rolled_back() as connection:
        connection.execute(
            "UPDATE nba_predictions.point_forecasts SET model_cutoff = model_cutoff + 40"
            f" WHERE game_date = '{day}'"
        )
        connection.execute(
            "UPDATE nba_staging.prop_lines SET closing_at = closing_at + INTERVAL 5 DAY"
            f" WHERE game_date = '{day}'"
        )
        assert all(found_by(predicted, name, day) for name in names)


@pytest.mark.slow
def test_with_trained_models_every_day_is_complete(real_predictions):
    found = dict(
        real_predictions.query(
            "SELECT status, COUNT(*) FROM nba_orchestration.partition_ledger"
            f" WHERE table_name = '{ROWS}' GROUP BY status"
        )
    )
    assert found.keys() == {"complete", "no_games", "bootstrap"}
    assert found["complete"] > 590
