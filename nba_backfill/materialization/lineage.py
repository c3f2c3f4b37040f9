"""Column lineage, read out of a table's own SQL."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping

import dagster as dg
import sqlglot
from sqlglot import exp
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import Scope, build_scope

from nba_backfill.core.derived import Derivation, source_version
from nba_backfill.core.table import Table
from nba_backfill.warehouse.dialect import AnyTable

InputColumn = tuple[str, str]


def input_columns(
    table: Table, inputs: Mapping[str, AnyTable]
) -> dict[str, frozenset[InputColumn]]:
    """For each column of a table, the (input table, column) pairs its value is computed from.

    Columns that only join, filter or order are not among them. Raises sqlglot.errors.SqlglotError
    if the SQL names a column that no input has.
    """
    found = json.loads(_LINEAGE(_question(table, inputs)))
    return {name: frozenset(map(tuple, pairs)) for name, pairs in found.items()}


def _question(table: Table, inputs: Mapping[str, AnyTable]) -> str:
    """All that a table's lineage follows from, as JSON."""
    schema = {name: {c.name: c.type for c in t.columns} for name, t in inputs.items()}
    columns = [c.name for c in table.columns]
    return json.dumps({"sql": table.sql, "schema": schema, "columns": columns})


def _resolved(question: str) -> str:
    """The pairs of each column, in order, as JSON."""
    asked = json.loads(question)
    tree = qualify(
        sqlglot.parse_one(asked["sql"], read="bigquery"),
        schema=asked["schema"],
        dialect="bigquery",
        quote_identifiers=False,
        identify=False,
    )
    resolve, scope = _Resolver(), build_scope(tree)
    return json.dumps({name: sorted(resolve(scope, name)) for name in asked["columns"]})


class _Resolver:
    """Follows a column through the scopes of one query, each column of each scope once."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, int], frozenset[InputColumn]] = {}

    def __call__(self, scope: Scope, name: str) -> frozenset[InputColumn]:
        return self._at(scope, scope.expression.named_selects.index(name))

    def _at(self, scope: Scope, position: int) -> frozenset[InputColumn]:
        slot = (id(scope), position)
        if slot not in self._known:
            self._known[slot] = frozenset()
            self._known[slot] = self._follow(scope, position)
        return self._known[slot]

    def _follow(self, scope: Scope, position: int) -> frozenset[InputColumn]:
        if scope.set_operation_scopes:
            # The branches of a union are joined by position; what they call it may differ.
            found = [self._at(branch, position) for branch in scope.set_operation_scopes]
            return frozenset().union(*found)
        found: set[InputColumn] = set()
        for column in scope.expression.selects[position].find_all(exp.Column):
            source = scope.sources.get(column.table)
            if isinstance(source, Scope):
                found |= self(source, column.name)
            elif isinstance(source, exp.Table):
                found.add((source.name, column.name))
        return frozenset(found)


_LINEAGE = Derivation(
    "lineage", _resolved, (sqlglot.__version__, source_version(sys.modules[__name__]))
)


def column_lineage(
    table: Table,
    inputs: Mapping[str, AnyTable],
    asset_key: Callable[[AnyTable], dg.AssetKey],
) -> dg.TableColumnLineage:
    """Dagster's column lineage of a table; empty where Python computes the columns."""
    if table.compute is not None:
        return dg.TableColumnLineage({})
    found = input_columns(table, inputs)
    return dg.TableColumnLineage(
        {
            name: [dg.TableColumnDep(asset_key(inputs[t]), column) for t, column in sorted(pairs)]
            for name, pairs in found.items()
        }
    )
