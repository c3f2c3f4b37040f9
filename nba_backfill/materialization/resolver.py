"""SQLGlot's part of the lineage: which input columns each column of a query is computed from.

Loaded only for queries that were never resolved before (:mod:`nba_backfill.core.derived`).
"""

from __future__ import annotations

import json

import sqlglot
from sqlglot import exp
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import Scope, build_scope

InputColumn = tuple[str, str]


def resolved(question: str) -> str:
    """The (input, column) pairs of each column, in order, as JSON.

    ``question``: ``sql``, the ``schema`` of its inputs and the ``columns`` asked about, as JSON.
    """
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
