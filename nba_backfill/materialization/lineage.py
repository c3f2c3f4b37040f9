"""Column lineage, read out of a table's own SQL."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

import dagster as dg

from nba_backfill.core.derived import Derivation
from nba_backfill.core.table import Table
from nba_backfill.warehouse.dialect import AnyTable

InputColumn = tuple[str, str]
_LINEAGE = Derivation.in_module("nba_backfill.materialization.resolver", "resolved", "sqlglot")


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
