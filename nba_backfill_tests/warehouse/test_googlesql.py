"""The SQL is true GoogleSQL, and DuckDB computes from it what BigQuery would.

Every statement that the platform sends is analysed by GoogleSQL's reference implementation
against the declared schemas, and executed by it and by DuckDB on one small, dirty league. The
reference sees all rows in reverse order, so that a result that hangs on row order differs.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Sequence
from functools import cache

import pytest

from nba_backfill.core.catalogue import CALENDAR_TABLE
from nba_backfill.core.judge import Judge, reconciliation_statement
from nba_backfill.core.table import Column, Table
from nba_backfill.definitions import CATALOGUE
from nba_backfill.warehouse.dialect import START, Statement, select_statement
from nba_backfill_tests.warehouse.googlesql import (
    GoogleSQL,
    RefusedError,
    Relation,
    columns_of,
    type_name,
)
from nba_backfill_tests.warehouse.operations import unportable
from nba_backfill_tests.warehouse.small_league import (
    FIRST_DAY,
    LAST_DAY,
    WINDOW,
    SmallLeague,
    build_small_league,
)

pytestmark = pytest.mark.xdist_group("googlesql")

TABLES = [pytest.param(table, id=table.name) for table in CATALOGUE]
RECONCILIATIONS = [
    pytest.param(table, found, id=f"{table.name}-{found.name}")
    for table in CATALOGUE
    for found in table.reconciliations
]
HARMLESS_CASTS = {
    ("INT64", "FLOAT64"),
    ("INT64", "NUMERIC"),
    ("NUMERIC", "FLOAT64"),
    ("FLOAT64", "NUMERIC"),
}
"""(type the SELECT yields, declared type): the last one rounds to the declared decimals."""

ALWAYS_NULL = {
    "team_offense_game_summary": {"second_chance_points_scored"},
    "team_defense_game_summary": {"second_chance_points_allowed", "fast_break_points_allowed"},
    "upcoming_player_game_context": {
        "projected_usage_rate",
        "fourth_quarter_minutes_last_7",
        "clutch_minutes_last_7_games",
        "fourth_quarter_production_last_7",
        "shooting_pct_decline_last_5",
    },
    "player_shot_zone_analysis": {"player_position", "paint_rate_last_20", "paint_pct_last_20"},
    "team_defense_zone_analysis": {"calculation_notes"},
    "player_daily_cache": {"fourth_quarter_minutes_last_7"},
    "player_composite_factors": {"projected_usage_rate", "warning_details"},
}
"""Columns without a value: the specification keeps them for suppliers that do not exist yet
(spec 20 and 30), notes and warnings that nothing gives cause for, and the last 20 games, of
which the small league does not have enough."""

KNOWN_UNPORTABLE = {
    # Sixtieths of a minute never end in a half of a hundredth, and the numeric texts of both
    # vendors have at most two decimals.
    "player_boxes": {"a float rounded to decimals without + 1e-9"},
}
"""Operations of a table that the rules of :mod:`operations` name, and that are right there."""


@pytest.fixture(scope="module")
def google(request) -> GoogleSQL:
    return GoogleSQL(request.config.cache.mkdir("googlesql"))


@pytest.fixture(scope="module")
def resolved(google):
    """The resolved tree of a table's own SELECT, over inputs named as it names them."""

    @cache
    def resolve(name: str):
        table = CATALOGUE.table(name)
        inputs = CATALOGUE.inputs(table)
        parameters = select_statement(table, inputs, FIRST_DAY, LAST_DAY).parameters
        schemas = {name: found.columns for name, found in inputs.items()}
        return google.resolve(table.sql, schemas, parameters)

    return lambda table: resolve(table.name)


@pytest.fixture(scope="module")
def league(tmp_path_factory) -> Iterable[SmallLeague]:
    built = build_small_league(tmp_path_factory.mktemp("small_league"), CATALOGUE)
    yield built
    built.warehouse.close()


def _key(row: Sequence[object]) -> str:
    """Sorts rows by everything that two engines must write alike."""
    return repr([value for value in row if not isinstance(value, float)])


def _same(ours: object, theirs: object) -> bool:
    if isinstance(ours, float) and isinstance(theirs, float):
        return math.isclose(ours, theirs, rel_tol=1e-9) or (math.isnan(ours) and math.isnan(theirs))
    return ours == theirs


def differences(
    names: Sequence[str], ours: Iterable[Sequence], theirs: Iterable[Sequence]
) -> list[str]:
    """What two results, as multisets of rows, do not share; the first few, in words."""
    ours, theirs = sorted(map(tuple, ours), key=_key), sorted(map(tuple, theirs), key=_key)
    if len(ours) != len(theirs):
        return [f"DuckDB has {len(ours)} rows, GoogleSQL {len(theirs)}"]
    found = [
        f"{name}: DuckDB {a!r}, GoogleSQL {b!r} in {row}"
        for row, other in zip(ours, theirs, strict=True)
        for name, a, b in zip(names, row, other, strict=True)
        if not _same(a, b)
    ]
    return found[:5]


def _backwards(relations: dict[str, Relation]) -> dict[str, Relation]:
    return {name: relation.backwards for name, relation in relations.items()}


def _both(
    google: GoogleSQL, league: SmallLeague, statement: Statement, relations: dict[str, Relation]
) -> tuple[list[str], list[tuple], list[tuple]]:
    """Column names, DuckDB's rows and GoogleSQL's rows of one statement."""
    answer = google.execute(statement.sql, _backwards(relations), statement.parameters)
    return [name for name, _ in answer.columns], league.warehouse.query(statement), answer.rows


# Analysis: what BigQuery accepts


@pytest.mark.parametrize("table", TABLES)
def test_the_statement_of_a_table_yields_its_declared_columns(google, table: Table):
    inputs = CATALOGUE.inputs(table)
    statement = select_statement(table, inputs, FIRST_DAY, LAST_DAY)
    schemas = {found.relation: found.columns for found in inputs.values()}
    yielded = google.analyse(statement.sql, schemas, statement.parameters)
    assert yielded == [(column.name, type_name(column.type)) for column in table.columns]


@pytest.mark.parametrize("table", TABLES)
def test_the_select_yields_values_that_fit_the_declared_types(resolved, table: Table):
    own = dict(columns_of(resolved(table)))
    wrong = [
        f"{column.name}: {own[column.name]} for {column.type}"
        for column in table.columns
        if (own[column.name], type_name(column.type)) not in HARMLESS_CASTS
        and own[column.name] != type_name(column.type)
    ]
    assert not wrong
    assert set(own) <= {column.name for column in table.columns}, "columns nobody declared"


@pytest.mark.parametrize("table", TABLES)
def test_the_select_computes_nothing_that_the_engines_compute_otherwise(resolved, table: Table):
    known = KNOWN_UNPORTABLE.get(table.name, set())
    found = [p for p in unportable(resolved(table)) if p.partition(":")[0] not in known]
    assert not found


@pytest.mark.parametrize("table", TABLES)
def test_every_rule_of_a_table_is_a_condition_on_its_columns(google, table: Table):
    conditions = {rule.name: rule.holds for rule in table.rules}
    conditions |= {c.name: c.null_rate_where for c in table.columns if c.null_rate_where}
    select = ", ".join(f"({holds}) AS `{name}`" for name, holds in conditions.items())
    if select:
        sql = f"SELECT {select} FROM {table.relation}"
        kinds = dict(google.analyse(sql, {table.relation: table.columns}))
        assert kinds == dict.fromkeys(conditions, "BOOL")


@pytest.mark.parametrize(("table", "reconciliation"), RECONCILIATIONS)
def test_every_reconciliation_returns_a_day(google, table: Table, reconciliation):
    relations = {name: CATALOGUE.by_name[name].relation for name in reconciliation.reads}
    statement = reconciliation_statement(
        reconciliation, CATALOGUE.by_name, relations, FIRST_DAY, LAST_DAY
    )
    schemas = {relations[name]: CATALOGUE.by_name[name].columns for name in reconciliation.reads}
    assert ("day", "DATE") in google.analyse(statement.sql, schemas, statement.parameters)


# Execution: the same rows from both engines


@pytest.mark.parametrize("table", TABLES)
def test_both_engines_compute_the_same_rows_of_a_table(google, league, table: Table):
    inputs = CATALOGUE.inputs(table)
    statement = select_statement(table, inputs, FIRST_DAY, LAST_DAY)
    answer = google.execute(statement.sql, _backwards(league.inputs(inputs)), statement.parameters)
    ours = league.stored[table.relation].rows
    assert ours, "the small league has no rows for this table: nothing was compared"
    names = [column.name for column in table.columns]
    assert not differences(names, ours, answer.rows)


@pytest.mark.parametrize("table", TABLES)
def test_every_column_has_a_value_somewhere_in_the_small_league(league, table: Table):
    rows = league.stored[table.relation].rows
    empty = {
        column.name for n, column in enumerate(table.columns) if all(row[n] is None for row in rows)
    }
    assert empty == ALWAYS_NULL.get(table.name, set())


@pytest.mark.parametrize("table", TABLES)
def test_the_judge_hears_the_same_from_both_engines(google, league, table: Table):
    """Profile, duplicates and coverage, as the judge sends them; reconciliations come below."""
    calendar = CATALOGUE.calendar(league.warehouse, [league.season])
    asked = league.recorded()
    Judge(table, CATALOGUE, asked, calendar).profiles(table.relation, league.days)
    statements = [found for found in asked.statements if found.sql.startswith("SELECT")]
    assert len(statements) > len(table.keys), "a profile, and duplicates for each key"
    for statement in statements:
        relations = {n: r for n, r in league.stored.items() if n.split(".")[1] in statement.sql}
        assert not differences(*_both(google, league, statement, relations)), statement.sql


def test_both_engines_read_the_same_calendar(google, league):
    asked = league.recorded()
    CATALOGUE.calendar(asked, [league.season])
    [statement] = asked.statements
    inputs = league.inputs(CATALOGUE.inputs(CATALOGUE.table(CALENDAR_TABLE)))
    assert not differences(*_both(google, league, statement, inputs))


@pytest.mark.slow
@pytest.mark.parametrize(("table", "reconciliation"), RECONCILIATIONS)
def test_both_engines_find_the_same_disagreements(google, league, table: Table, reconciliation):
    """Over falsified rows, so that there is something to find."""
    relations = {name: CATALOGUE.by_name[name].relation for name in reconciliation.reads}
    relations[table.name] = league.falsified(table)
    statement = reconciliation_statement(
        reconciliation, CATALOGUE.by_name, relations, FIRST_DAY, LAST_DAY
    )
    stored = {name: league.stored[name] for name in relations.values()}
    assert not differences(*_both(google, league, statement, stored))


# The small league holds what the SQL has branches for


@pytest.mark.parametrize(
    ("what", "query"),
    [
        ("overtime", "FROM nba_staging.team_boxes WHERE overtime_periods > 0"),
        ("two overtimes or more", "FROM nba_staging.team_boxes WHERE minutes_total > 265"),
        ("listed and not used", "FROM nba_staging.player_boxes WHERE player_status = 'dnp'"),
        ("the second vendor", "FROM nba_staging.player_boxes WHERE source = 'bdl_boxscores'"),
        ("team rows from players", "FROM nba_staging.team_boxes WHERE source = 'player_sum'"),
        ("official team rows", "FROM nba_staging.team_boxes WHERE source = 'nbac_team_boxscore'"),
        ("play-by-play", "FROM nba_staging.shot_zones WHERE assisted_fg_makes > 0"),
        ("no play-by-play", "FROM nba_analytics.player_game_summary WHERE paint_attempts IS NULL"),
        ("shots without distance", "FROM nba_staging.shot_zones WHERE unknown_attempts > 0"),
        ("a game only ESPN knows", "FROM nba_staging.games WHERE source = 'espn_scoreboard'"),
        ("a game to come", "FROM nba_staging.games WHERE NOT is_final"),
        ("an unknown tip-off", "FROM nba_staging.games WHERE tip_at IS NULL"),
        ("props of one vendor", "FROM nba_staging.prop_lines WHERE source = 'odds_api'"),
        ("props of the other", "FROM nba_staging.prop_lines WHERE source = 'bettingpros'"),
        ("an unresolved name", "FROM nba_staging.player_names WHERE universal_player_id IS NULL"),
        ("an accent", "FROM nba_staging.player_names WHERE regexp_matches(player_name, '[é-ž]')"),
        ("a suffix", "FROM nba_staging.player_names WHERE player_name LIKE '% Jr.'"),
        ("an injury", "FROM nba_staging.injuries WHERE injury_status = 'out'"),
        (
            "a traded player",
            "FROM (SELECT player_lookup FROM nba_analytics.player_game_summary GROUP BY 1"
            " HAVING count(DISTINCT team_abbr) > 1)",
        ),
        (
            "a ladder of lines",
            "FROM (SELECT player_name FROM nba_raw.odds_api_player_points_props GROUP BY"
            " player_name, bookmaker, snapshot_timestamp HAVING count(DISTINCT points_line) > 1)",
        ),
        (
            "a game loaded twice",
            "FROM (SELECT game_id FROM nba_raw.nbac_gamebook_player_stats GROUP BY"
            " game_id, player_name HAVING count(*) > 1)",
        ),
        (
            "a postponed game",
            "FROM (SELECT game_id FROM nba_raw.nbac_schedule GROUP BY 1 HAVING count(*) > 1)",
        ),
        (
            "a team row turned round",
            "FROM nba_raw.nbac_team_boxscore AS t JOIN nba_staging.games AS g USING (nba_game_id)"
            " WHERE t.is_home <> (t.team_abbr = g.home_team_abbr)",
        ),
    ],
)
def test_the_small_league_holds(league, what: str, query: str):
    [(found,)] = league.warehouse.connection.execute(f"SELECT count(*) {query}").fetchall()
    assert found, f"no {what}: choose other days in small_league.py"


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
def test_both_engines_give_an_expression_the_same_value(google, league, expression: str):
    statement = Statement(f"SELECT {expression} AS value", {})
    assert not differences(*_both(google, league, statement, {}))


@pytest.mark.parametrize(
    ("order", "first"), [("day", "Ann"), ("day DESC", "Bob"), ("points DESC", "Bob")]
)
def test_nulls_are_ordered_alike_in_windows(google, league, order: str, first: str):
    """GoogleSQL has NULL before everything, DuckDB after."""
    sql = (
        "SELECT name FROM (SELECT 'Ann' AS name, CAST(NULL AS DATE) AS day, 1 AS points"
        " UNION ALL SELECT 'Bob', DATE '2024-01-01', 2)"
        f" WHERE TRUE QUALIFY ROW_NUMBER() OVER (ORDER BY {order}) = 1"
    )
    names, ours, theirs = _both(google, league, Statement(sql, {}), {})
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


def test_a_single_differing_value_is_found(google, league):
    statement = Statement("SELECT LOWER('İ') AS name, 1 AS n", {})
    [found] = differences(*_both(google, league, statement, {}))
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


def test_the_reference_sees_every_type_as_it_is_stored(google, league):
    """What goes in as a table comes out as it was, NULL included."""
    for relation in ("nba_raw.nbac_schedule", "nba_analytics.upcoming_player_game_context"):
        stored = league.stored[relation]
        answer = google.execute(f"SELECT * FROM {relation}", {relation: stored})
        names = [column.name for column in stored.columns]
        assert not differences(names, stored.rows, answer.rows)
