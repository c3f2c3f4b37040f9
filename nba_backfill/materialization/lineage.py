"""Column lineage, read out of a table's own SQL."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import dagster as dg
import sqlglot
from sqlglot import exp
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import Scope, build_scope

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
    schema = {name: {c.name: c.type for c in t.columns} for name, t in inputs.items()}
    tree = qualify(
        sqlglot.parse_one(table.sql, read="bigquery"),
        schema=schema,
        dialect="bigquery",
        quote_identifiers=False,
        identify=False,
    )
    resolve, scope = _Resolver(), build_scope(tree)
    return {c.name: resolve(scope, c.name) for c in table.columns}


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


def column_lineage(
    table: Table,
    inputs: Mapping[str, AnyTable],
    asset_key: Callable[[AnyTable], dg.AssetKey],
) -> dg.TableColumnLineage:
    """Dagster's column lineage of a table; empty where Python computes the columns."""
    if table.compute is not None:
        return dg.TableColumnLineage({})
    return dg.TableColumnLineage(
        {
            name: [dg.TableColumnDep(asset_key(inputs[t]), column) for t, column in sorted(found)]
            for name, found in input_columns(table, inputs).items()
        }
    )
