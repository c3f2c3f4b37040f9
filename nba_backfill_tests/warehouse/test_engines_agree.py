"""Where the two engines could part, expression by expression; and the judges, which can fail."""

from __future__ import annotations

import datetime as dt

import pytest

from nba_backfill.core.table import Column
from nba_backfill.warehouse.dialect import START, Statement
from nba_backfill_tests.warehouse.googlesql import RefusedError, differences
from nba_backfill_tests.warehouse.operations import unportable
from nba_backfill_tests.warehouse.small_league import WINDOW, ask_both

# Known traps: where SQLGlot or DuckDB would give another value, the dialect is right

MOMENT = "TIMESTAMP '2024-03-03 03:00:00+00'"
EARLIER = "TIMESTAMP '2024-03-02 05:30:30+00'"
TRAPS = [
    f"TIMESTAMP_DIFF({MOMENT}, {EARLIER}, DAY)",
    f"TIMESTAMP_DIFF({EARLIER}, {MOMENT}, HOUR)",
    f"TIMESTAMP_DIFF({MOMENT}, {EARLIER}, MINUTE)",
    f"EXTRACT(HOUR FROM {MOMENT} AT TIME ZONE 'America/New_York')",
    f"CAST(DATETIME({MOMENT}, 'America/New_York') AS DATE)",
    "TIMESTAMP('2024-07-03 17:00:00', 'America/New_York')",
    "EXTRACT(DAYOFWEEK FROM DATE '2024-03-03')",
    "DATE_ADD(DATE '2024-02-28', INTERVAL 2 DAY)",
    "DATE_DIFF(DATE '2024-03-01', DATE '2024-02-28', DAY)",
    "CAST(CAST(1.005 AS FLOAT64) AS NUMERIC(5, 2))",
    "CAST(CAST(-12.25 AS FLOAT64) AS NUMERIC(5, 1))",
    "ROUND(1.005, 2)",
    "ROUND(0.285, 2)",
    "ROUND(1.65 + 1e-9, 1)",
    "ROUND(-2.5)",
    "CAST(ROUND(2.5) AS INT64)",
    "0.1 + 0.2",
    "100 * (1 + 0.44 * 7)",
    "1 / 2",
    "SAFE_DIVIDE(1, 0)",
    "DIV(7 - 2, 2)",
    "MOD(-7, 3)",
    "GREATEST(1, NULL, 3)",
    "LEAST(NULL, DATE '2024-01-01')",
    "CONCAT('a', NULL)",
    "REGEXP_REPLACE('a1b2', r'[0-9]', '')",
    "REGEXP_EXTRACT('abc', r'[0-9]+')",
    "REGEXP_REPLACE(LOWER(NORMALIZE('Ağaoğlu Dončić', NFD)), r'[^a-z0-9]', '')",
    "SUBSTR('2023-24', 1, 4)",
    "SAFE_CAST('x' AS INT64)",
    "FORMAT_DATE('%Y%m%d', DATE '2024-03-03')",
    "ARRAY_CONCAT(['a'], IF(FALSE, ['b'], []))",
    "'b' NOT IN ('a', NULL)",
    "(SELECT COUNTIF(x > 1) FROM UNNEST([CAST(NULL AS INT64)]) AS x)",
    "(SELECT LOGICAL_OR(x > 1) FROM UNNEST([CAST(NULL AS INT64), 2]) AS x)",
    "(SELECT SUM(x) FROM UNNEST([CAST(NULL AS INT64)]) AS x)",
]


@pytest.mark.parametrize("expression", TRAPS)
def test_both_engines_give_an_expression_the_same_value(google, small_league, expression: str):
    statement = Statement(f"SELECT {expression} AS value", {})
    assert not differences(*ask_both(google, small_league.warehouse, statement, {}))


@pytest.mark.parametrize(
    ("order", "first"), [("day", "Ann"), ("day DESC", "Bob"), ("points DESC", "Bob")]
)
def test_nulls_are_ordered_alike_in_windows(google, small_league, order: str, first: str):
    """GoogleSQL has NULL before everything, DuckDB after."""
    sql = (
        "SELECT name FROM (SELECT 'Ann' AS name, CAST(NULL AS DATE) AS day, 1 AS points"
        " UNION ALL SELECT 'Bob', DATE '2024-01-01', 2)"
        f" WHERE TRUE QUALIFY ROW_NUMBER() OVER (ORDER BY {order}) = 1"
    )
    names, ours, theirs = ask_both(google, small_league.warehouse, Statement(sql, {}), {})
    assert names == ["name"]
    assert ours == theirs == [(first,)]


# The judges can fail

PLAYERS = {
    "players": (
        Column("game_date", "DATE", "Day"),
        Column("name", "STRING", "Name"),
        Column("points", "INT64", "Points"),
        Column("minutes", "NUMERIC(6,2)", "Minutes"),
        Column("rate", "FLOAT64", "Rate"),
    )
}


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT rebounds FROM players",
        "SELECT name FROM nobody",
        "SELECT name, SUM(points) FROM players",
        "SELECT name + points AS x FROM players",
        "SELECT name FROM players WHERE points = '12'",
        "SELECT IF(points > 1, name, points) AS x FROM players",
        "SELECT name FROM players WHERE SUM(points) > 1",
        "SELECT SUM(points) AS points FROM players HAVING SUM(points) > 1 AND MIN(points + 1) > 1",
        "SELECT COUNT_IF(points > 1) FROM players",
        "SELECT points::FLOAT64 FROM players",
        "SELECT points // 2 FROM players",
        "SELECT game_date - 'x' FROM players",
        "SELECT name FROM players UNION SELECT name FROM players",
        "SELECT ROW_NUMBER() OVER (ORDER BY points ROWS 2 PRECEDING) FROM players",
        "SELECT p.name FROM players AS p JOIN players AS q ON name = name",
        "SELECT CAST(game_date AS FLOAT64) FROM players",
        f"SELECT name FROM players WHERE game_date = @{START} + 'x'",
        "SELECT name FROM players WHERE game_date = @undeclared",
    ],
)
def test_what_bigquery_must_reject_is_refused(google, sql: str):
    with pytest.raises(RefusedError):
        google.analyse(sql, PLAYERS, WINDOW)


def test_a_division_by_zero_is_refused_when_it_runs(google):
    with pytest.raises(RefusedError, match="division by zero"):
        google.execute("SELECT 1 / x AS y FROM UNNEST([0]) AS x")


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT CAST(rate AS INT64) FROM players",
        "SELECT SAFE_CAST(name AS INT64) FROM players",
        "SELECT CAST(minutes AS STRING) FROM players",
        "SELECT SAFE_DIVIDE(minutes, points) FROM players",
        "SELECT AVG(minutes) FROM players",
        "SELECT SUM(rate) OVER (PARTITION BY name) FROM players",
        "SELECT STDDEV(points) FROM players",
        "SELECT minutes + 0.25 FROM players",
        "SELECT ROUND(rate, 2) FROM players",
        "SELECT ARRAY_AGG(name) FROM players",
    ],
)
def test_an_operation_with_two_meanings_is_named(google, sql: str):
    assert len(unportable(google.resolve(sql, PLAYERS))) == 1


def test_an_operation_with_one_meaning_is_not_named(google):
    sql = (
        "SELECT ROUND(SAFE_DIVIDE(CAST(minutes AS FLOAT64), points) + 1e-9, 2),"
        " CAST(ROUND(rate) AS INT64), CAST(REGEXP_EXTRACT(name, r'[0-9]+') AS INT64),"
        " minutes + 1, 100.0 * points, CAST(points AS STRING) FROM players"
    )
    assert unportable(google.resolve(sql, PLAYERS)) == []


def test_a_single_differing_value_is_found(google, small_league):
    statement = Statement("SELECT LOWER('İ') AS name, 1 AS n", {})
    [found] = differences(*ask_both(google, small_league.warehouse, statement, {}))
    assert found.startswith("name: DuckDB 'i', GoogleSQL 'i̇'")


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ([(1,)], [(2,)]),
        ([(1,)], [(None,)]),
        ([(1,)], [(1,), (1,)]),
        ([(1.0,)], [(1.0 + 1e-6,)]),
        ([(["a"],)], [(["b"],)]),
        ([(dt.date(2024, 1, 1),)], [(dt.date(2024, 1, 2),)]),
    ],
)
def test_results_that_differ_are_told_apart(ours, theirs):
    assert differences(["x"], ours, theirs)


def test_results_that_differ_only_in_order_are_equal():
    assert not differences(["x", "y"], [(1, 0.5), (2, 0.25)], [(2, 0.25), (1, 0.5)])


def test_the_reference_sees_every_type_as_it_is_stored(google, small_league):
    """What goes in as a table comes out as it was, NULL included."""
    for relation in ("nba_raw.nbac_schedule", "nba_analytics.upcoming_player_game_context"):
        stored = small_league.stored[relation]
        answer = google.execute(f"SELECT * FROM {relation}", {relation: stored})
        names = [column.name for column in stored.columns]
        assert not differences(names, stored.rows, answer.rows)
