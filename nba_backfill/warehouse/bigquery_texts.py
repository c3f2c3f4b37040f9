"""The GoogleSQL that the BigQuery warehouse itself issues; a relation stands in it as it is named.

``relation`` is ``dataset.table`` quoted or bare, and whatever else FROM takes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from nba_backfill.core.table import Column, Table
from nba_backfill.warehouse.acceptance import ACCEPTANCE_COLUMNS
from nba_backfill.warehouse.dialect import AnyTable
from nba_backfill.warehouse.ledger import COLUMNS_CHANGED, LEDGER_COLUMNS, SNAPSHOT_DAY

RECORDED_AT = Column("recorded_at", "TIMESTAMP", "When the service wrote the record")
OPERATION = Column("operation", "STRING", "The change that wrote the record with its rows")
RECORD_COLUMNS = (*LEDGER_COLUMNS, RECORDED_AT, OPERATION)
"""Of the append-only ledger. Times of the service order the records: a change of a table's rows
begins only when the one before it is committed, whatever the clocks of the workers say."""

UNIT_TYPES = {"withheld_day": "DATE", "withheld_unit": "STRING"}
"""Fields of a named unit; no table has columns of these names."""


def quoted(names: Iterable[str]) -> str:
    """Names as a list of columns."""
    return ", ".join(f"`{name}`" for name in names)


def content(table: AnyTable) -> str:
    """Hash of a group of rows, whatever their order: a row doubled or dropped changes it.

    The sum of the rows' 64-bit hashes; as NUMERIC, because a sum of INT64 overflows.
    """
    row = ", ".join(f"`{c.name}` AS `{c.name}`" for c in table.columns)
    hashed = f"FARM_FINGERPRINT(TO_JSON_STRING(STRUCT({row})))"
    return f"CAST(SUM(CAST({hashed} AS NUMERIC)) AS STRING)"


def fingerprints(table: AnyTable, relation: str, *, of_days: bool = False) -> str:
    """Day, rows and content of a relation, or of some of its days."""
    day = f"`{table.date_column}`" if table.date_column else f"DATE '{SNAPSHOT_DAY}'"
    where = f" WHERE {within(table)}" if of_days else ""
    return (
        f"SELECT {day} AS day, COUNT(*) AS n, {content(table)} AS content"
        f" FROM {relation}{where} GROUP BY day"
    )


def together(texts: Sequence[str]) -> str:
    """Several SELECTs as one: which of them a row answers, and the row as JSON."""
    return " UNION ALL ".join(
        f"SELECT {at} AS asked, TO_JSON_STRING(answer) AS found FROM (\n{text}\n) AS answer"
        for at, text in enumerate(texts)
    )


def within(table: AnyTable) -> str:
    """Condition of the rows of some days; the bounds prune, which an array does not."""
    day = f"`{table.date_column}`"
    return f"{day} BETWEEN @first AND @last AND {day} IN UNNEST(@days)"


def unit_contents(table: Table, relation: str, unit: str) -> str:
    """Day, unit, rows and content of a relation's rows of some days."""
    return (
        f"SELECT `{table.date_column}` AS day, {unit} AS unit, COUNT(*) AS n,"
        f" {content(table)} AS content FROM {relation} WHERE {within(table)} GROUP BY day, unit"
    )


def _named(table: Table, unit: str, units: str) -> str:
    # Of a table that refuses whole days the unit is a bare NULL, which only a cast can compare.
    return (
        f"EXISTS (SELECT 1 FROM UNNEST(@{units}) AS named WHERE named.withheld_day ="
        f" `{table.date_column}` AND named.withheld_unit = CAST({unit} AS STRING))"
    )


def without_refused(table: Table, staged: str, unit: str, *, retaining: str | None) -> str:
    """A staging relation's rows without refused units, with stored rows of retained ones."""
    columns = quoted(c.name for c in table.columns)
    text = f"SELECT {columns} FROM {staged} WHERE NOT {_named(table, unit, 'refused')}"
    if retaining is not None:
        text += (
            f" UNION ALL SELECT {columns} FROM {retaining}"
            f" WHERE `{table.date_column}` BETWEEN @first AND @last"
            f" AND {_named(table, unit, 'retained')}"
        )
    return text


def retained_counts(table: Table, relation: str, unit: str) -> str:
    """Day, unit and stored rows of retained units."""
    return (
        f"SELECT `{table.date_column}` AS day, {unit} AS unit, COUNT(*) AS n FROM {relation}"
        f" WHERE `{table.date_column}` BETWEEN @first AND @last"
        f" AND {_named(table, unit, 'retained')} GROUP BY day, unit"
    )


def _replace_rows(table: Table, target: str, staged: str | None) -> str:
    """One statement that deletes the days and inserts what is staged for them.

    The pattern is dbt's for insert_overwrite: nothing matches, so every row of the days goes and
    every staged one comes; a day that became empty is emptied.
    """
    if staged is None:
        return f"DELETE FROM {target} WHERE {within(table)}"
    columns = quoted(c.name for c in table.columns)
    day = f"target.`{table.date_column}`"
    return (
        f"MERGE INTO {target} AS target"
        f" USING (SELECT {columns} FROM {staged} WHERE {within(table)}) AS staged ON FALSE"
        f" WHEN NOT MATCHED BY SOURCE AND {day} BETWEEN @first AND @last"
        f" AND {day} IN UNNEST(@days) THEN DELETE"
        f" WHEN NOT MATCHED BY TARGET THEN INSERT ({columns}) VALUES ({columns})"
    )


def append_records(records: str) -> str:
    """Adds ledger records to those that are there."""
    names = [c.name for c in LEDGER_COLUMNS]
    values = ", ".join(f"added.`{name}`" for name in names)
    return (
        f"INSERT INTO {records} ({quoted(c.name for c in RECORD_COLUMNS)})"
        f" SELECT {values}, CURRENT_TIMESTAMP(), @operation FROM UNNEST(@records) AS added"
    )


def replace_days(
    table: Table, target: str, staged: str | None, records: str, *, rows: bool, recording: bool
) -> str:
    """The script that replaces days and records them, all or nothing."""
    parts = [_replace_rows(table, target, staged)] * rows + [append_records(records)] * recording
    return "BEGIN TRANSACTION;\n" + ";\n".join(parts) + ";\nCOMMIT TRANSACTION;"


def mark_stale(
    table: Table, relation: str, ledger: str, records: str, lacking: Sequence[str]
) -> str:
    """Records the days anew, as computed from other inputs, whose rows will lack a value."""
    names = [c.name for c in LEDGER_COLUMNS]
    values = ", ".join(
        f"'{COLUMNS_CHANGED}'" if name == "inputs_fingerprint" else f"`{name}`" for name in names
    )
    found = " OR ".join(f"({one})" for one in lacking)
    return (
        f"INSERT INTO {records} ({quoted(c.name for c in RECORD_COLUMNS)})"
        f" SELECT {values}, CURRENT_TIMESTAMP(), @operation FROM {ledger}"
        f" WHERE table_name = @table_name AND day IN"
        f" (SELECT `{table.date_column}` FROM {relation} WHERE {found})"
    )


def as_declared(table: Table, stored: Iterable[str]) -> str:
    """What a SELECT asks a stored table for to get the declared columns; NULL for what lacks."""
    there = set(stored)
    return ", ".join(
        f"CAST(NULL AS {c.type}) AS `{c.name}`"
        if c.name not in there or c.type.startswith("ARRAY")
        else f"SAFE_CAST(`{c.name}` AS {c.type}) AS `{c.name}`"
        for c in table.columns
    )


def no_rows(columns: Iterable[Column]) -> str:
    """A SELECT of these columns that has no row."""
    said = ", ".join(f"CAST(NULL AS {c.type}) AS `{c.name}`" for c in columns)
    return f"SELECT {said} FROM UNNEST(ARRAY<INT64>[])"


def rebuild(
    table: Table,
    relation: str,
    stored: Iterable[str],
    *,
    clustering: Sequence[str],
    labels: Mapping[str, str],
) -> str:
    """Puts a table of the declared columns in place of a stored one, with its rows.

    NULL where a value does not fit. The types are spelt out: those of a SELECT have no decimals,
    and a table that has none cannot be given them afterwards.
    """
    said = ", ".join(f'("{key}", "{value}")' for key, value in labels.items())
    clustered = f" CLUSTER BY {quoted(clustering)}" if clustering else ""
    types = ", ".join(f"`{c.name}` {c.type}" for c in table.columns)
    columns = as_declared(table, stored)
    return (
        f"CREATE OR REPLACE TABLE {relation} ({types}) PARTITION BY `{table.date_column}`"
        f"{clustered} OPTIONS (labels = [{said}]) AS SELECT {columns} FROM {relation}"
    )


def newest_records(records: str) -> str:
    """The ledger: of each table and day the record that was written last."""
    return (
        f"SELECT {quoted(c.name for c in LEDGER_COLUMNS)} FROM {records} WHERE TRUE"
        " QUALIFY ROW_NUMBER() OVER (PARTITION BY table_name, day"
        " ORDER BY recorded_at DESC, written_at DESC, operation DESC) = 1"
    )


def histories(ledger: str) -> str:
    """The newest records of some tables."""
    columns = quoted(c.name for c in LEDGER_COLUMNS)
    return f"SELECT {columns} FROM {ledger} WHERE table_name IN UNNEST(@names)"


def recorded_tables(ledger: str) -> str:
    """Rows that the newest records of each table account for."""
    return f"SELECT table_name, SUM(row_count) AS n FROM {ledger} GROUP BY table_name"


def acceptances(relation: str) -> str:
    """All acceptances and revocations."""
    return f"SELECT {quoted(c.name for c in ACCEPTANCE_COLUMNS)} FROM {relation}"


def append_acceptances(relation: str) -> str:
    """Adds acceptances or revocations."""
    columns = quoted(c.name for c in ACCEPTANCE_COLUMNS)
    values = ", ".join(f"added.`{c.name}`" for c in ACCEPTANCE_COLUMNS)
    return f"INSERT INTO {relation} ({columns}) SELECT {values} FROM UNNEST(@events) AS added"
