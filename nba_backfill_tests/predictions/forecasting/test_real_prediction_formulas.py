"""The formulas of player_prop_predictions against plain Python, on real and on drawn features."""

import datetime as dt
import math

import pytest

from nba_backfill.core.season import Season
from nba_backfill.definitions import CATALOGUE
from nba_backfill.predictions.forecasting.player_prop_predictions import TABLE
from nba_backfill.predictions.forecasting.prediction_columns import FILTER_REASONS
from nba_backfill.warehouse.dialect import select_statement
from nba_backfill_tests.precompute.replica import stored
from nba_backfill_tests.predictions.forecasting.prediction_replica import (
    AVERAGES,
    ENSEMBLE,
    SIMILARITY,
    ZONES,
    chances,
    expected_rows,
    hundredths,
    reason_not_to_act,
    similar_games,
)

DAYS = [
    dt.date(2021, 11, 2),
    dt.date(2021, 12, 26),
    dt.date(2023, 11, 24),
    dt.date(2024, 2, 12),
    dt.date(2024, 4, 21),
    dt.date(2024, 11, 11),
    dt.date(2025, 3, 5),
    dt.date(2025, 6, 22),
]


def frame(predicted, sql):
    return predicted.warehouse.connection.execute(sql).df()


def records(rows):
    """Rows as dicts, NULL as None."""
    return [
        {k: None if isinstance(v, float) and math.isnan(v) else v for k, v in row.items()}
        for row in rows.to_dict("records")
    ]


@pytest.fixture(scope="module")
def seasons(predicted):
    """Season -> (player -> his games oldest first, (day, club) -> defensive rating)."""
    found = {}
    for year in {Season.of(day).year for day in DAYS}:
        games = frame(
            predicted,
            "SELECT player_lookup, game_date::VARCHAR AS day, points, opponent_team_abbr AS"
            " opponent, team_abbr = split_part(game_id, '_', 3) AS home"
            f" FROM nba_analytics.player_game_summary WHERE season_year = {year}"
            " AND (minutes_played > 0 OR fg_attempts > 0 OR points > 0) ORDER BY game_date",
        )
        ratings = predicted.query(
            "SELECT analysis_date, team_abbr, defensive_rating_last_15"
            " FROM nba_precompute.team_defense_zone_analysis"
        )
        by_player = {
            player: [
                (dt.date.fromisoformat(g.day), int(g.points), g.opponent, bool(g.home))
                for g in theirs.itertuples()
            ]
            for player, theirs in games.groupby("player_lookup")
        }
        found[year] = by_player, {(day, club): rating for day, club, rating in ratings}
    return found


def pool_of(predicted, day):
    """What is known before tip-off of everybody who is to be predicted, by player."""
    rows = frame(
        predicted,
        f"""
        SELECT f.*, u.player_status, u.l10_games_used, u.points_avg_last_5 AS context_points,
          u.avg_minutes_per_game_last_7::DOUBLE AS minutes_7, u.is_production_ready AS ready,
          l.points_line::DOUBLE AS line, l.source, l.bookmaker
        FROM nba_analytics.upcoming_player_game_context u
        JOIN nba_predictions.ml_feature_store_v2 f USING (game_date, player_lookup)
        LEFT JOIN nba_staging.prop_lines l USING (game_date, player_lookup)
        WHERE u.game_date = '{day}'
          AND (u.player_status IS NULL OR u.player_status NOT IN ('doubtful', 'out'))
        """,
    ).drop(columns=["features", "feature_names"])
    return {row["player_lookup"]: row for row in records(rows)}


def assert_equals_the_replica(predicted, seasons, day, rows):
    """Every row of the day, and no other, as the specification has it."""
    by_player, ratings = seasons[Season.of(day).year]
    of_day = [rating for (played, _), rating in ratings.items() if played == day]
    forecasts = {}
    for player, model, points in predicted.query(
        "SELECT player_lookup, model_id, predicted_points FROM nba_predictions.point_forecasts"
        f" WHERE game_date = '{day}'"
    ):
        forecasts.setdefault(player, {})[model] = points
    shown = {(row["player_lookup"], row["system_id"]): row for row in records(rows)}
    pool, expected = pool_of(predicted, day), {}
    for player, row in pool.items():
        for system, found in expected_rows(
            row,
            by_player.get(player, []),
            ratings,
            sum(of_day) / len(of_day),
            forecasts.get(player, {}),
            day,
        ).items():
            expected[player, system] = found
    assert shown.keys() == expected.keys()
    for key, (points, confidence, said, kind) in expected.items():
        row = shown[key]
        where = (day, key, points, confidence, said, row)
        assert abs(float(row["predicted_points"]) - points) <= 0.05 + 1e-6, where
        assert round(100 * float(row["confidence_score"]), 6) == hundredths(confidence), where
        assert (row["recommendation"], row["model_type"]) == (said, kind), where
        reason = reason_not_to_act(pool[key[0]], confidence, said, kind)
        assert (row["filter_reason"], row["is_actionable"]) == (reason, reason is None), where


@pytest.mark.parametrize("day", DAYS, ids=str)
def test_every_system_equals_an_independent_computation(predicted, seasons, day):
    rows = stored(predicted, TABLE, day, day)
    assert_equals_the_replica(predicted, seasons, day, rows)


AT_THE_THRESHOLDS = {
    "fatigue_score": "0, 49, 50, 69, 70, 100",
    "usage_spike_score": "-3.0, -1.2, 0.0, 0.5, 3.0",
    "pace_score": "-3.0, -0.7, 0.0, 1.9, 3.0",
    "shot_zone_mismatch_score": "-10.0, -1.5, 0.0, 4.1, 10.0",
    "points_std_last_10": "3.9, 4.0, 4.1, 5.9, 6.0, 6.1, 7.9, 8.0",
    "games_in_last_7_days": "0, 1, 2, 3, 4",
    "back_to_back": "0, 1",
    "opponent_def_rating": "94.9, 95.0, 109.9, 110.0, 114.9, 115.0, 125.0, 125.1",
    "pct_paint": "0.1, 0.2, 0.3, 0.4",
    "pct_mid_range": "0.1, 0.2, 0.3, 0.4",
    "pct_three": "0.1, 0.2, 0.3, 0.4",
    "pct_free_throw": "0.1, 0.2, 0.3, 0.4",
    "points_avg_last_5": "0.0, 7.0, 10.0, 13.0, 25.4, 80.0, 80.1",
    "points_avg_last_10": "0.0, 6.0, 10.0, 14.0, 25.4, 80.0, 80.1",
    "points_avg_season": "0.0, 4.0, 10.0, 16.0, 25.4, 60.0, 60.1",
    "feature_quality_score": "49.99, 50.0, 59.99, 60.0, 69.99, 70.0, 79.99, 80.0, 89.99, 90.0",
    "default_features": "['a'], ['points_avg_last_5'], ['points_avg_last_10', 'points_avg_last_5']",
}


def drawn(name, values):
    """One of the values, by player."""
    return f"([{values}])[1 + (hash(player_lookup, '{name}') % len([{values}]))::BIGINT]"


@pytest.mark.parametrize("day", [DAYS[3], DAYS[6]], ids=str)
def test_the_formulas_hold_at_every_threshold(predicted, seasons, day):
    """Real players with drawn features: real ones come near few of the thresholds."""
    warehouse, inputs = predicted.warehouse, CATALOGUE.inputs(TABLE)
    features = ", ".join(f"{name} = {drawn(name, v)}" for name, v in AT_THE_THRESHOLDS.items())
    lines = drawn("line", "2.5, 7.5, 8.0, 9.5, 10.0, 11.0, 12.0, 15.5, 24.5")
    # For some the averages, two of three members, fall short of the line, and the model pulls the
    # blend beyond it.
    torn = "hash(player_lookup, 'torn') % 4 = 0"
    with warehouse.rolled_back() as connection:
        connection.execute(
            f"""
            UPDATE nba_predictions.ml_feature_store_v2 SET {features} WHERE game_date = '{day}';
            UPDATE nba_predictions.ml_feature_store_v2
            SET points_avg_last_5 = {lines} - 3, points_avg_last_10 = {lines} - 3,
              points_avg_season = {lines} - 3, opponent_def_rating = 114, points_std_last_10 = 2,
              fatigue_score = 100, shot_zone_mismatch_score = 0, pace_score = 0,
              usage_spike_score = 0, back_to_back = 0, games_in_last_7_days = 3,
              feature_quality_score = 96
            WHERE game_date = '{day}' AND {torn};
            UPDATE nba_predictions.point_forecasts
            SET predicted_points = CASE WHEN {torn} THEN {lines} + 8.5
              ELSE {drawn("forecast", "-1.0, 9.0, 10.5, 11.5, 24.0, 61.0")} END
            WHERE game_date = '{day}' AND model_type = 'trained';
            UPDATE nba_analytics.upcoming_player_game_context
            SET avg_minutes_per_game_last_7 = {drawn("minutes", "NULL, 14.9, 15.0")},
              is_production_ready = {drawn("ready", "TRUE, TRUE, FALSE")}
            WHERE game_date = '{day}';
            DELETE FROM nba_staging.prop_lines WHERE game_date = '{day}';
            INSERT INTO nba_staging.prop_lines
              (game_date, player_lookup, points_line, bookmaker, source)
            SELECT game_date, player_lookup, {lines}, 'x', 'odds_api'
            FROM nba_predictions.ml_feature_store_v2
            WHERE game_date = '{day}' AND hash(player_lookup) % 5 > 0
            """
        )
        rows = warehouse.frame(select_statement(TABLE, inputs, day, day))
        assert_equals_the_replica(predicted, seasons, day, rows)
    assert set(rows.recommendation) == {"OVER", "UNDER", "PASS", "NO_LINE"}
    assert set(rows.filter_reason.dropna()) >= set(FILTER_REASONS) - {"no_line"}
    blends = rows[(rows.system_id == ENSEMBLE) & (rows.recommendation == "PASS")]
    assert ((blends.line_margin.abs() > 1.6) & (blends.confidence_score > 0.66)).any(), (
        "no majority against the blend's own edge"
    )


@pytest.mark.parametrize("day", [DAYS[1], DAYS[3], DAYS[4], DAYS[6]], ids=str)
def test_similarity_and_ensemble_columns_show_what_is_behind_them(predicted, seasons, day):
    by_player, ratings = seasons[Season.of(day).year]
    pool = pool_of(predicted, day)
    by_system = {}
    for row in records(stored(predicted, TABLE, day, day)):
        by_system.setdefault(row["player_lookup"], {})[row["system_id"]] = row
    checked = 0
    for player, systems in by_system.items():
        row, found = pool[player], systems.get(SIMILARITY)
        assert {r["similar_games_count"] for r in systems.values()} == {
            found["similar_games_count"] if found else None
        }
        if found:
            alike = similar_games(row, by_player[player], ratings, day)
            weight = sum(s for s, _ in alike)
            assert found["similar_games_count"] == len(alike)
            assert found["min_similarity_score"] == min(s for s, _ in alike)
            assert abs(found["avg_similarity_score"] - weight / len(alike)) <= 0.005 + 1e-9
            mean = sum(s * p for s, p in alike) / weight
            assert abs(found["similarity_baseline"] - mean) <= 0.005 + 1e-9
            assert abs(found["pace_adjustment"] - 0.8 * row["pace_score"]) <= 0.005 + 1e-9
            checked += 1
        if blend := systems.get(ENSEMBLE):
            learned = "catboost_v8"
            if systems[learned]["model_type"] != "trained":
                learned = "xgboost_v1"
            members = [systems[s] for s in (AVERAGES, ZONES, SIMILARITY, learned) if s in systems]
            shown = [float(m["predicted_points"]) for m in members]
            assert min(shown) - 0.1 <= blend["predicted_points"] <= max(shown) + 0.1
            assert blend["contributing_systems"] == len(members)
            mean = sum(shown) / len(shown)
            spread = math.sqrt(sum((p - mean) ** 2 for p in shown) / len(shown))
            assert abs(math.sqrt(blend["prediction_variance"]) - spread) <= 0.06
            s = math.sqrt(blend["prediction_variance"])
            score = 95 if s < 2 else 85 if s < 3 else 70 if s < 6 else max(50, 100 - 5 * s)
            assert abs(blend["system_agreement_score"] - score) <= 0.005 + 1e-6
    assert checked > 5


@pytest.mark.parametrize("day", [DAYS[4], DAYS[5]], ids=str)
def test_intervals_and_chances_are_those_of_each_models_two_halves(predicted, day):
    """With a line and an interval there are chances, as exact normal distributions have them."""
    forecasts = {
        (player, model): (points, p10, p90)
        for player, model, points, p10, p90 in predicted.query(
            "SELECT player_lookup, model_id, predicted_points, predicted_points_p10,"
            f" predicted_points_p90 FROM nba_predictions.point_forecasts WHERE game_date = '{day}'"
        )
    }
    checked = {}
    for row in records(stored(predicted, TABLE, day, day)):
        key = row["player_lookup"], row["system_id"]
        points, p10, p90 = forecasts.get(key, (None, None, None))
        if row["model_type"] != "trained" or p10 is None:
            p10 = p90 = None
        shown = row["predicted_points_p10"], row["predicted_points_p90"]
        for ours, theirs in zip(shown, (p10, p90), strict=True):
            assert (ours is None) == (theirs is None), key
            assert ours is None or abs(float(ours) - theirs) <= 0.005 + 1e-6, key
        found = row["over_probability"], row["under_probability"]
        anchored = row["line_anchored_over_probability"], row["line_anchored_under_probability"]
        if p10 is None or row["current_points_line"] is None:
            assert found == anchored == (None, None), key
            continue
        expected = chances(points, p10, p90, float(row["current_points_line"]))
        drawn_to_it = (None, None)
        if key[1] == "challenger":
            drawn_to_it = chances(points, p10, p90, float(row["current_points_line"]), 0.15)
        for ours, theirs in zip((*found, *anchored), (*expected, *drawn_to_it), strict=True):
            assert (ours is None) == (theirs is None), key
            assert ours is None or abs(ours - theirs) < 0.0002, (key, found, anchored)
        checked[key[1]] = checked.get(key[1], 0) + 1
    assert checked.keys() == {"catboost_v8", "challenger"}
    assert min(checked.values()) > 10
