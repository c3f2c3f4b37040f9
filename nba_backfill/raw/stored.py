"""Raw tables as BigQuery describes them: held against their contracts, and how each is read.

The user's own tables are read as they are, never copied and never changed. What a loader does to
a value when it copies (words for nothing become NULL) is done here in the reading itself.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from nba_backfill.core.table import Column, RawTable
from nba_backfill.raw.home import RawContractError
from nba_backfill.raw.nothing import LONGEST, NOTHING
from nba_backfill.warehouse.bigquery import BigQueryWarehouse
from nba_backfill.warehouse.bigquery_tables import READABLE_AS
from nba_backfill.warehouse.bigquery_values import type_of


@dataclass(frozen=True, slots=True)
class StoredTable:
    """A raw table that is there. ``partitioned_by`` None: every scan reads all of it.

    ``is_view``: nothing tells when the rows behind it change, so they are looked at every time.
    """

    table: RawTable
    types: Mapping[str, str]
    partitioned_by: str | None
    bytes: int
    modified: dt.datetime
    is_view: bool = False

    @property
    def is_pruned(self) -> bool:
        """Whether a scan of some days reads only these."""
        return self.table.date_column is not None and self.partitioned_by == self.table.date_column

    @property
    def advice(self) -> str | None:
        """What to say of a table with days that is not partitioned by them; None if it is."""
        if self.table.date_column is None or self.is_pruned:
            return None
        how = f"partitioned by {self.partitioned_by}" if self.partitioned_by else "not partitioned"
        if self.is_view:
            return (
                f"raw table {self.table.relation} is a view, which does not say when its rows"
                " change: every run fingerprints all of it. A table with PARTITION BY"
                f" {self.table.date_column} in its place costs that only for days that changed."
            )
        return (
            f"raw table {self.table.relation} is {how}, and its days are those of"
            f" {self.table.date_column}: whatever reads a day of it, and every change of it, scans"
            f" all of its {self.bytes:,} bytes. Copy it once into a table with PARTITION BY"
            f" {self.table.date_column} and let its loader write there."
        )


def described(
    warehouse: BigQueryWarehouse, contracts: Iterable[RawTable]
) -> dict[str, StoredTable]:
    """The raw tables that are there, by relation; each is held against its contract.

    Raises RawContractError that names every table or column in the way, and what mends it.
    """
    found: dict[str, StoredTable] = {}
    broken: list[str] = []
    for table in contracts:
        what = f"raw table {table.relation}: its columns"
        stored = warehouse.tables.stored(warehouse.tables.named(table), what)
        if stored is None:
            if not table.optional:
                broken.append(
                    f"raw table {table.relation} is missing ({warehouse.tables.address(table)});"
                    " create it and load it, or name the right project with NBA_BIGQUERY_PROJECT"
                )
            continue
        types = {field.name: type_of(field) for field in stored.schema}
        complaints = list(_complaints(table, types))
        if complaints:
            broken += complaints
            continue
        partitioning = stored.time_partitioning
        found[table.relation] = StoredTable(
            table,
            types,
            partitioning.field if partitioning else None,
            int(stored.num_bytes or 0),
            stored.modified,
            stored.table_type != "TABLE",
        )
    if broken:
        raise RawContractError(f"{'; '.join(broken)}. Nothing was read or changed.")
    return found


def _complaints(table: RawTable, types: Mapping[str, str]) -> Iterable[str]:
    for column in table.columns:
        stored = types.get(column.name)
        if stored is None:
            yield (
                f"raw table {table.relation}: column {column.name} is absent; add it with ALTER"
                f" TABLE {table.relation} ADD COLUMN {column.name} {column.type}, and load it"
            )
        elif stored != column.type and not _reads_as(column.type, stored):
            yield (
                f"raw table {table.relation}, column {column.name}: stored as {stored}, and the"
                f" contract says {column.type}; write it as {column.type}, or put a view in the"
                f" table's place that casts it"
            )


def _reads_as(wanted: str, stored: str) -> bool:
    """Whether every value of a stored type is one of the wanted type."""
    return stored.partition("(")[0] in READABLE_AS.get(wanted.partition("(")[0], ())


def reading(table: RawTable, address: str | None) -> str:
    """GoogleSQL of a relation with the contract's columns, whatever stands in the table.

    NULL where a value says nothing. ``address`` None: a relation without rows, in place of an
    optional table that is not there.
    """
    if address is None:
        nothing = ", ".join(f"CAST(NULL AS {c.type}) AS `{c.name}`" for c in table.columns)
        return f"(SELECT {nothing} FROM UNNEST(ARRAY<INT64>[]))"
    return f"(SELECT {', '.join(_value(column) for column in table.columns)} FROM `{address}`)"


def _value(column: Column) -> str:
    name = f"`{column.name}`"
    if column.type == "STRING":
        words = ", ".join(f"'{word}'" for word in NOTHING)
        return (
            f"IF(LENGTH({name}) <= {LONGEST} AND LOWER(TRIM({name})) IN ({words}), NULL, {name})"
            f" AS {name}"
        )
    if column.type == "FLOAT64":
        # The stored type may be one that is read as FLOAT64.
        number = f"CAST({name} AS FLOAT64)"
        return f"IF(IS_NAN({number}), NULL, {number}) AS {name}"
    return name
