"""GoogleSQL scripts for DuckDB: split, translated, and what they read and change."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from nba_backfill.core.table import Column
from nba_backfill.warehouse.bigquery_values import field
from nba_backfill.warehouse.dialect import to_duckdb
from nba_backfill_tests.bigquery_double.errors import ServiceError

TOKENS = sqlglot.Dialect.get_or_raise("bigquery").tokenizer_class
INFORMATION = re.compile(
    r"(?:`[\w-]+`\.)?`?(\w+)`?\.`?INFORMATION_SCHEMA`?\.`?(PARTITIONS|TABLES|COLUMNS)`?"
)
CHOSEN = re.compile(r"_([0-9a-f]{12}_\d+)\b")
CHANGES = {"MERGE", "DELETE", "UPDATE"}
KINDS = {*CHANGES, "INSERT", "SELECT", "BEGIN", "COMMIT", "ROLLBACK", "DROP", "CREATE"}
_TARGET = re.compile(
    r"^(?:MERGE(?:\s+INTO)?|INSERT(?:\s+INTO)?|DELETE(?:\s+FROM)?|UPDATE"
    r"|DROP\s+TABLE(?:\s+IF\s+EXISTS)?|CREATE\s+OR\s+REPLACE\s+TABLE)\s+`?(\w+)`?\s*\.\s*`?(\w+)`?",
    re.IGNORECASE,
)
PRUNING = (exp.Between, exp.EQ, exp.GT, exp.GTE, exp.LT, exp.LTE)


@dataclass(frozen=True, slots=True)
class Read:
    """A table a statement reads: columns (None: all) and DuckDB conditions on one column each."""

    dataset: str
    table: str
    columns: frozenset[str] | None
    conditions: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Step:
    """One statement of a script."""

    kind: str
    google: str
    target: tuple[str, str] | None

    @property
    def duckdb(self) -> str:
        """DuckDB's text, parameters still bare."""
        text, chosen = generic(self.google)
        try:
            # NUMERIC has 29 digits before the point and nine behind it; DuckDB's has 15 and three.
            found = re.sub(r"\bDECIMAL\b(?!\()", "DECIMAL(38, 9)", to_duckdb(text))
        except SqlglotError as error:
            raise ServiceError("invalidQuery", f"Syntax error: {error}") from error
        return specific(found, chosen)


def generic(text: str) -> tuple[str, list[str]]:
    """A text with the chosen part of staging tables' names taken out, and those parts.

    Every run chooses others; without them a text is the same each time, and is read only once.
    """
    chosen = list(dict.fromkeys(CHOSEN.findall(text)))
    for at, part in enumerate(chosen):
        text = text.replace(part, f"chosen{at}")
    return text, chosen


def specific(text: str, chosen: list[str]) -> str:
    """The text with the chosen parts put back."""
    for at, part in enumerate(chosen):
        text = text.replace(f"chosen{at}", part)
    return text


def without_project(sql: str, project: str) -> str:
    """The text with tables named by dataset and name alone."""
    sql = re.sub(rf"`{project}`\.|(?<![\w`]){project}\.", "", sql)
    sql = re.sub(rf"`{project}\.(\w+)\.(\w+)`", r"`\1`.`\2`", sql)
    return INFORMATION.sub(
        lambda found: (
            f"(SELECT * FROM double_catalog.{found.group(2).lower()}"
            f" WHERE table_schema = '{found.group(1)}')"
        ),
        sql,
    )


@lru_cache(maxsize=4096)
def script(sql: str) -> tuple[Step, ...]:
    """The statements of a query text."""
    steps, start = [], 0
    ends = [t for t in TOKENS(dialect="bigquery").tokenize(sql) if t.text == ";"]
    for end in [*(token.start for token in ends), len(sql)]:
        text = sql[start:end].strip()
        start = end + 1
        bare = re.sub(r"^(\s*(--[^\n]*\n|#[^\n]*\n|\())*\s*", "", text)
        if not bare:
            continue
        word = bare.split(None, 1)[0].upper()
        kind = "SELECT" if word == "WITH" else word
        if kind not in KINDS:
            raise ServiceError("notImplemented", f"the double knows no {kind}: {text[:80]}")
        found = _TARGET.match(bare)
        steps.append(Step(kind, text, (found.group(1), found.group(2)) if found else None))
    return tuple(steps)


def reads(google: str) -> list[Read]:
    """The stored tables a statement reads, with what prunes each scan."""
    text, chosen = generic(google)
    return [replace(read, table=specific(read.table, chosen)) for read in _reads(text)]


@lru_cache(maxsize=4096)
def _reads(google: str) -> tuple[Read, ...]:
    tree = sqlglot.parse_one(google, read="bigquery")
    names = frozenset(
        c.name for c in tree.find_all(exp.Column) if isinstance(c.this, exp.Identifier)
    )
    found = []
    for table in tree.find_all(exp.Table):
        if not table.db:
            continue
        select = table.find_ancestor(exp.Select)
        starred = select is not None and any(e.is_star for e in select.expressions)
        conditions = _conditions(tree, table, select)
        found.append(Read(table.db, table.name, None if starred else names, conditions))
    return tuple(found)


def _conditions(
    tree: exp.Expression, table: exp.Table, select: exp.Select | None
) -> tuple[tuple[str, str], ...]:
    """(column, DuckDB condition) of what limits the rows of one table by one column."""
    if isinstance(tree, exp.Merge) and select is None:
        wheres = [w.args.get("condition") for w in tree.find_all(exp.When) if w.args.get("source")]
    elif isinstance(tree, exp.Delete):
        wheres = [tree.args["where"].this] if tree.args.get("where") else []
    else:
        wheres = _wheres(select)
    limits = []
    for where in wheres:
        if where is None:
            continue
        for part in where.flatten() if isinstance(where, exp.And) else [where]:
            named = {column.name for column in part.find_all(exp.Column)}
            if isinstance(part, PRUNING) and len(named) == 1:
                bare = part.copy()
                for column in bare.find_all(exp.Column):
                    column.set("table", None)
                limits.append((named.pop(), bare.sql(dialect="duckdb")))
    return tuple(limits)


@dataclass(frozen=True, slots=True)
class Created:
    """A table that a CREATE OR REPLACE TABLE … AS SELECT makes."""

    fields: list[dict]
    rows: str
    resource: dict


def created(google: str) -> Created:
    """What a CREATE statement says; columns, partitioning, clustering, labels, rows."""
    tree = sqlglot.parse_one(google, read="bigquery")
    defined = [
        field(Column(c.name, c.kind.sql(dialect="bigquery").replace(", ", ","), "")).to_api_repr()
        for c in tree.this.expressions
    ]
    resource: dict = {"labels": dict(re.findall(r'\("(\w+)", "(\w+)"\)', google))}
    if parts := tree.find(exp.PartitionedByProperty):
        resource["timePartitioning"] = {"type": "DAY", "field": parts.this.name}
    if clusters := tree.find(exp.Cluster):
        resource["clustering"] = {"fields": [c.name for c in clusters.expressions]}
    rows = Step("SELECT", tree.expression.sql(dialect="bigquery"), None).duckdb
    return Created(defined, rows, resource)


def _wheres(select: exp.Select | None) -> list[exp.Expression]:
    """Conditions of a SELECT, and of those around it that only pass its rows on."""
    found = []
    while select is not None and not select.args.get("joins"):
        if select.args.get("where"):
            found.append(select.args["where"].this)
        if select.args.get("group"):
            break
        around = select.parent
        is_source = isinstance(around, exp.Subquery) and isinstance(around.parent, exp.From)
        select = around.find_ancestor(exp.Select) if is_source else None
    return found


def mentioned(sql: str, datasets: Mapping[str, dict]) -> list[str]:
    """The datasets a text names, of those that there are."""
    return [name for name in datasets if re.search(rf"(?<![\w]){name}`?\s*\.", sql)]
