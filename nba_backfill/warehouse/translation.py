"""SQLGlot's part of the dialect: GoogleSQL text to DuckDB's, where it would lose the meaning too.

Loaded only for texts that were never translated before (:mod:`nba_backfill.core.derived`).
"""

from __future__ import annotations

import sqlglot
from sqlglot import exp


def relations_named(sql: str) -> set[str]:
    """Tables that a GoogleSQL query reads, without the names it defines itself."""
    tree = sqlglot.parse_one(sql, read="bigquery")
    own = {cte.alias for cte in tree.find_all(exp.CTE)}
    return {table.name for table in tree.find_all(exp.Table) if table.name} - own


def to_duckdb(sql: str) -> str:
    """DuckDB's text of one GoogleSQL statement.

    Raises sqlglot.errors.SqlglotError where SQLGlot cannot read or express it.
    """
    tree = sqlglot.parse_one(sql, read="bigquery")
    # Innermost first: a rewritten expression holds operands that are already rewritten.
    for node in reversed(list(tree.walk())):
        if (rewritten := _as_duckdb_means_it(node)) is not node:
            node.replace(rewritten)
    return tree.sql(dialect="duckdb", unsupported_level=sqlglot.ErrorLevel.RAISE)


def _as_duckdb_means_it(node: exp.Expression) -> exp.Expression:
    """Rewrite what SQLGlot would pass on with another meaning, silently."""
    if isinstance(node, exp.Normalize) and node.text("form").upper() == "NFD":
        # DuckDB cannot decompose accented letters, but it can drop the accents, which is what
        # decomposing is for: without this, no name with an accent would be found.
        return exp.func("strip_accents", node.this)
    if isinstance(node, exp.CountIf):
        # Over conditions that are all NULL, DuckDB counts NULL and GoogleSQL 0.
        node.set("this", exp.func("COALESCE", node.this.copy(), exp.false()))
    if isinstance(node, exp.IntDiv):
        # DIV(a - b, c) would lose its parentheses and become a - b // c.
        for side in ("this", "expression"):
            if isinstance(node.args[side], exp.Binary):
                node.set(side, exp.paren(node.args[side].copy()))
    if isinstance(node, exp.Literal) and node.is_number and "." in node.this:
        # 0.44 is FLOAT64; DuckDB would take it for an exact decimal and round halves otherwise.
        return exp.cast(node.copy(), exp.DType.DOUBLE)
    if isinstance(node, exp.Cast) and node.to.is_type("decimal") and node.to.expressions:
        # A float becomes NUMERIC by way of nine decimals: 1.005, stored a little lower, is 1.01.
        # Eighteen digits hold it where the target has up to nine before the point, and are twenty
        # times faster than thirty-eight.
        precision, *scale = (int(size.name) for size in node.to.expressions)
        digits = 18 if precision - sum(scale) <= 9 else 38
        step = exp.DataType.build(f"DECIMAL({digits}, 9)")
        node.set("this", type(node)(this=node.this.copy(), to=step))
    if isinstance(node, exp.DateAdd | exp.DateSub):
        # DuckDB makes a timestamp of a date and an interval.
        return exp.cast(node.copy(), exp.DType.DATE)
    if isinstance(node, exp.TimestampDiff):
        # Whole hours or days gone by, not boundaries crossed.
        part = exp.Literal.string(node.text("unit").lower())
        operands = [part, node.expression.copy(), node.this.copy()]
        return exp.Anonymous(this="date_sub", expressions=operands)
    if isinstance(node, exp.Extract) and node.name.upper() == "DAYOFWEEK":
        # GoogleSQL's week starts with Sunday = 1, DuckDB's with Sunday = 0.
        return exp.paren(exp.Add(this=node.copy(), expression=exp.Literal.number(1)))
    return node


def duckdb_type(google_type: str) -> str:
    """DuckDB's name of a GoogleSQL type, as its DESCRIBE prints it."""
    name = exp.DataType.build(google_type, dialect="bigquery").sql(dialect="duckdb")
    name = name.replace("TEXT", "VARCHAR").replace("TIMESTAMPTZ", "TIMESTAMP WITH TIME ZONE")
    return name.replace(", ", ",")
