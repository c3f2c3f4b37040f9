"""Authored SQL stays in the subset that both engines read alike, and reads what it declares.

``UPDATE_SNAPSHOTS=1 pytest nba_backfill_tests/warehouse/test_dialect.py`` rewrites the snapshots
of the transpiled statements; the difference shows what DuckDB will be asked from now on.
"""

from __future__ import annotations

import datetime as dt
import os
import re
from pathlib import Path

import pytest
import sqlglot
from sqlglot import exp

from nba_backfill.core.table import Table
from nba_backfill.definitions import CATALOGUE
from nba_backfill.warehouse.dialect import select_statement, to_duckdb
from nba_backfill.warehouse.translation import relations_named

SNAPSHOTS = Path(__file__).parent / "snapshots"
A_DAY = dt.date(2024, 11, 20)
TABLES = [pytest.param(table, id=table.name) for table in CATALOGUE]
AUTHORED = [
    *(pytest.param(table.sql, id=table.name) for table in CATALOGUE),
    *(
        pytest.param(found.sql, id=f"{table.name}-{found.name}")
        for table in CATALOGUE
        for found in table.reconciliations
    ),
    *(
        pytest.param(f"SELECT {rule.holds}", id=f"{table.name}-{rule.name}")
        for table in CATALOGUE
        for rule in table.rules
    ),
]

OUTSIDE_THE_SUBSET = {
    "a named window": (r"\bWINDOW\s+\w+\s+AS\b|\bOVER\s+\w", "SELECT 1 FROM t WINDOW w AS ()"),
    "TIMESTAMP_DIFF in days": (r"\bTIMESTAMP_DIFF\b[^;]*?,\s*DAY\b", "TIMESTAMP_DIFF(a, b, DAY)"),
    "UNNEST WITH OFFSET": (r"\bWITH\s+OFFSET\b", "FROM UNNEST(x) AS y WITH OFFSET AS n"),
    "NULLS FIRST or LAST": (r"\bNULLS\s+(FIRST|LAST)\b", "OVER (ORDER BY a NULLS LAST)"),
    "NUMERIC without precision": (r"\b(BIG)?NUMERIC\b(?!\s*\()", "CAST(a AS NUMERIC)"),
    "MAX_BY or MIN_BY": (r"\b(MAX|MIN)_BY\s*\(", "MAX_BY(a, b)"),
    "HAVING MAX in an aggregate": (r"\bHAVING\s+(MAX|MIN)\s+\w", "ANY_VALUE(a HAVING MAX b)"),
    "ANY_VALUE": (r"\bANY_VALUE\s*\(", "ANY_VALUE(a)"),
    "FORMAT": (r"\bFORMAT\s*\(", "FORMAT('%05d', n)"),
    "weeks": (r"\b(ISO)?WEEK\b", "DATE_TRUNC(d, WEEK(MONDAY))"),
    "PIVOT or UNPIVOT": (r"\b(UN)?PIVOT\b", "FROM t UNPIVOT(a FOR b IN (c))"),
    "an array index": (r"\b(SAFE_)?(OFFSET|ORDINAL)\s*\(", "a[OFFSET(0)]"),
    "EXTRACT(DATE …)": (r"\bEXTRACT\s*\(\s*DATE\s+FROM\b", "EXTRACT(DATE FROM t)"),
    "IEEE_DIVIDE": (r"\bIEEE_DIVIDE\s*\(", "IEEE_DIVIDE(a, b)"),
    "FARM_FINGERPRINT": (r"\bFARM_FINGERPRINT\s*\(", "FARM_FINGERPRINT(a)"),
    "approximate aggregates": (r"\bAPPROX_\w+\s*\(", "APPROX_QUANTILES(a, 2)"),
    "the clock or chance": (
        r"\b(CURRENT_(DATE|TIMESTAMP|DATETIME)|RAND|GENERATE_UUID)\b",
        "CURRENT_DATE()",
    ),
}
"""What the engines read in two ways, SQLGlot cannot carry over, or no day can repeat: a pattern
in the code without comments and texts, and an example."""


def code_of(sql: str) -> str:
    """The statement without comments and without what stands in quotes, on one line."""
    quoted = {sqlglot.TokenType.STRING, sqlglot.TokenType.RAW_STRING}
    tokens = sqlglot.tokenize(sql, read="bigquery")
    return " ".join("''" if t.token_type in quoted else t.text.upper() for t in tokens)


def outside_the_subset(sql: str) -> list[str]:
    """Names of the constructs in a statement that do not belong to the portable subset."""
    code = code_of(sql)
    return [name for name, (pattern, _) in OUTSIDE_THE_SUBSET.items() if re.search(pattern, code)]


def joins_without_equality(sql: str) -> list[str]:
    """Outer joins that BigQuery cannot run: none of their conditions equates the two sides."""
    found = []
    for join in sqlglot.parse_one(sql, read="bigquery").find_all(exp.Join):
        condition = join.args.get("on")
        if not join.side or condition is None:
            continue
        joined = join.alias_or_name
        parts = condition.flatten() if isinstance(condition, exp.And) else [condition]
        sides = [
            [{column.table for column in side.find_all(exp.Column)} for side in (e.left, e.right)]
            for e in parts
            if isinstance(e, exp.EQ)
        ]
        if not any(
            ({joined} == a and b and joined not in b) or ({joined} == b and a and joined not in a)
            for a, b in sides
        ):
            found.append(join.sql(dialect="bigquery"))
    return found


def snapshot_of(table: Table) -> str:
    """The statement DuckDB runs for a table, one clause a line."""
    statement = select_statement(table, CATALOGUE.inputs(table), A_DAY, A_DAY)
    clauses = r"(?:WITH|SELECT|FROM|WHERE|LEFT JOIN|INNER JOIN|JOIN|GROUP BY|QUALIFY|UNION ALL)"
    lines = re.sub(rf"(?<!LEFT)(?<!INNER) (?={clauses} )", "\n", to_duckdb(statement.sql))
    return re.sub(r"(?<=\), )(?=\w+ AS \()", "\n", lines) + "\n"


@pytest.mark.parametrize("table", TABLES)
def test_the_sql_of_a_table_names_exactly_what_it_reads(table: Table):
    assert relations_named(table.sql) == set(table.reads)


@pytest.mark.parametrize(
    ("table", "reconciliation"),
    [
        pytest.param(table, found, id=f"{table.name}-{found.name}")
        for table in CATALOGUE
        for found in table.reconciliations
    ],
)
def test_a_reconciliation_names_exactly_what_it_reads(table: Table, reconciliation):
    assert relations_named(reconciliation.sql) == set(reconciliation.reads)
    assert table.name in reconciliation.reads


@pytest.mark.parametrize("sql", AUTHORED)
def test_authored_sql_stays_in_the_portable_subset(sql: str):
    assert outside_the_subset(sql) == []


@pytest.mark.parametrize("name", OUTSIDE_THE_SUBSET)
def test_what_is_outside_the_subset_is_recognised(name: str):
    _, example = OUTSIDE_THE_SUBSET[name]
    assert name in outside_the_subset(example)
    assert outside_the_subset(f"SELECT '{name}' /* {example} */ AS a -- {example}") == []


@pytest.mark.parametrize("sql", AUTHORED)
def test_every_outer_join_equates_its_two_sides(sql: str):
    assert joins_without_equality(sql) == []


@pytest.mark.parametrize(
    "condition", ["a.x < b.x", "b.x = 1", "a.x = a.y AND a.x < b.x", "a.x = b.x OR a.y = b.y"]
)
def test_an_outer_join_that_bigquery_cannot_run_is_recognised(condition: str):
    assert joins_without_equality(f"SELECT 1 FROM a LEFT JOIN b ON {condition}")


def test_an_outer_join_with_an_equality_is_accepted():
    sql = "SELECT 1 FROM a LEFT JOIN b ON b.x < a.x AND COALESCE(a.y, 0) = b.y JOIN c ON TRUE"
    assert joins_without_equality(sql) == []


@pytest.mark.parametrize("table", TABLES)
def test_the_statement_for_duckdb_is_the_one_on_record(table: Table):
    path, now = SNAPSHOTS / f"{table.name}.duckdb.sql", snapshot_of(table)
    if os.environ.get("UPDATE_SNAPSHOTS"):
        SNAPSHOTS.mkdir(exist_ok=True)
        path.write_text(now, encoding="utf-8")
    recorded = path.read_text(encoding="utf-8") if path.is_file() else "no snapshot yet"
    assert now == recorded, "if this is what you meant: UPDATE_SNAPSHOTS=1, and read the diff"


def test_no_snapshot_outlives_its_table():
    names = {path.name.removesuffix(".duckdb.sql") for path in SNAPSHOTS.glob("*.sql")}
    orphans = names - set(CATALOGUE.order)
    if os.environ.get("UPDATE_SNAPSHOTS"):
        for name in orphans:
            (SNAPSHOTS / f"{name}.duckdb.sql").unlink()
    else:
        assert not orphans


@pytest.mark.parametrize(
    ("google", "duckdb"),
    [
        ("TIMESTAMP_DIFF(a, b, DAY)", "date_sub('day', b, a)"),
        ("DATE_SUB(d, INTERVAL 14 DAY)", "CAST(d - INTERVAL '14' DAY AS DATE)"),
        ("EXTRACT(DAYOFWEEK FROM d)", "(EXTRACT(DAYOFWEEK FROM d) + 1)"),
        ("CAST(x AS NUMERIC(5, 1))", "CAST(CAST(x AS DECIMAL(18, 9)) AS DECIMAL(5, 1))"),
        ("CAST(x AS NUMERIC(20, 1))", "CAST(CAST(x AS DECIMAL(38, 9)) AS DECIMAL(20, 1))"),
        ("0.44 * n", "CAST(0.44 AS DOUBLE) * n"),
        ("DIV(a - b, c)", "(a - b) // c"),
        ("LOWER(NORMALIZE(name, NFD))", "LOWER(STRIP_ACCENTS(name))"),
    ],
)
def test_a_trap_of_the_transpiler_is_rewritten(google: str, duckdb: str):
    assert to_duckdb(f"SELECT {google}").casefold() == f"SELECT {duckdb}".casefold()


def test_what_is_rewritten_inside_what_is_rewritten_is_rewritten_too():
    written = to_duckdb(
        "SELECT CAST(DATE_DIFF(d, DATE_ADD(e, INTERVAL 1 DAY), DAY) * 0.5 AS NUMERIC(5, 1))"
    )
    assert "CAST(e + INTERVAL '1' DAY AS DATE)" in written
    assert "CAST(0.5 AS DOUBLE)" in written
    assert written.count("DECIMAL") == 2


@pytest.mark.parametrize("sql", ["SELECT FROM WHERE", "SELECT (1", "SELECT 1 FROM"])
def test_what_cannot_be_read_is_refused(sql: str):
    with pytest.raises(sqlglot.errors.SqlglotError):
        to_duckdb(sql)
