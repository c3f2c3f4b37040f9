"""What runs displaced, kept in the same DuckDB file and put back all or nothing.

A run's displaced records go to one table, its displaced rows to one table for each table, in the
transaction that displaces them. Rows are kept only where the day came out otherwise: a
restatement that changes nothing costs a copy of its records.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

import duckdb
import pandas as pd

from nba_backfill.core.table import Table
from nba_backfill.warehouse.kept import (
    KEPT_DATASET,
    KEPT_RECORD_COLUMNS,
    KEPT_RECORDS,
    KEPT_RUN_COLUMNS,
    KEPT_RUNS,
    KeptDay,
    KeptRun,
    PutBack,
    RollbackError,
)
from nba_backfill.warehouse.ledger import LEDGER, LEDGER_COLUMNS, PartitionRecord

if TYPE_CHECKING:
    from nba_backfill.warehouse.duckdb import DuckDBWarehouse

_KEPT_FOR = "kept_for"


class DuckDBKept:
    """What the newest ``keep_runs`` runs displaced in a DuckDB file (0: nothing is kept)."""

    def __init__(self, warehouse: DuckDBWarehouse, keep_runs: int) -> None:
        self.warehouse = warehouse
        self.keep_runs = keep_runs

    @property
    def connection(self) -> duckdb.DuckDBPyConnection:
        """The warehouse's only connection, and so within its transactions."""
        return self.warehouse.connection

    def keep(
        self, table: Table, days: Sequence[dt.date], records: Sequence[PartitionRecord]
    ) -> None:
        """Keep what is about to be displaced; call in the transaction that does, before it.

        Of a day that a run replaces more than once the content before the run is kept.
        """
        if not self.keep_runs:
            return
        replaced = set(days)
        by_run: dict[str, list[tuple[dt.date, str, bool]]] = {}
        for record in records:
            if record.run_id:
                content = record.fingerprint if record.row_count else ""
                by_run.setdefault(record.run_id, []).append(
                    (record.day, content, record.day in replaced)
                )
        for run_id, written in by_run.items():
            self._begin_keeping(run_id)
            with self._shown("written_days", written, ["day", "content", "is_replaced"]):
                self._keep_records(table, run_id)
                self._keep_rows(table, run_id)

    @contextmanager
    def _shown(self, name: str, rows: Sequence[tuple], columns: list[str]) -> Iterator[None]:
        self.connection.register(name, pd.DataFrame(rows, columns=columns))
        try:
            yield
        finally:
            self.connection.unregister(name)

    def _begin_keeping(self, run_id: str) -> None:
        """Know a run; with a new one, the oldest that are one too many are forgotten."""
        self.warehouse.ensure(KEPT_DATASET, KEPT_RUNS, KEPT_RUN_COLUMNS)
        known = self.connection.execute(
            f"SELECT rolled_back_at FROM {KEPT_RUNS} WHERE run_id = ?", [run_id]
        ).fetchall()
        if known:
            if known[0][0] is not None:
                # It went on after all, over what was put back.
                self.connection.execute(
                    f"UPDATE {KEPT_RUNS} SET rolled_back_at = NULL WHERE run_id = ?", [run_id]
                )
            return
        self.warehouse.ensure(KEPT_DATASET, KEPT_RECORDS, KEPT_RECORD_COLUMNS)
        self.warehouse.add_columns(KEPT_RECORDS, KEPT_RECORD_COLUMNS)
        self.connection.execute(
            f"INSERT INTO {KEPT_RUNS} VALUES (?, ?, NULL)", [run_id, dt.datetime.now(dt.UTC)]
        )
        surplus = self.connection.execute(
            f"SELECT run_id FROM {KEPT_RUNS} QUALIFY row_number() OVER"
            " (PARTITION BY rolled_back_at IS NULL ORDER BY begun_at DESC) > ?",
            [self.keep_runs],
        ).fetchall()
        self._forget([run_id for (run_id,) in surplus])

    def _forget(self, run_ids: Sequence[str]) -> None:
        if not run_ids:
            return
        self._forget_days(run_ids)
        self.connection.execute(
            f"DELETE FROM {KEPT_RUNS} WHERE list_contains($runs, run_id)", {"runs": run_ids}
        )

    def _forget_days(self, run_ids: Sequence[str]) -> None:
        for relation in self._kept_relations():
            self.connection.execute(
                f"DELETE FROM {relation} WHERE list_contains($runs, {_KEPT_FOR})",
                {"runs": list(run_ids)},
            )

    def _kept_relations(self) -> list[str]:
        """The tables of what is kept by run: of records, and of each table's rows."""
        found = self.connection.execute(
            "SELECT table_name FROM duckdb_columns() WHERE schema_name = ? AND column_name = ?"
            " AND database_name = current_database()",
            [KEPT_DATASET, _KEPT_FOR],
        ).fetchall()
        return [f"{KEPT_DATASET}.{name}" for (name,) in found]

    def _keep_records(self, table: Table, run_id: str) -> None:
        others = ", ".join(
            f"l.{c.name}" for c in LEDGER_COLUMNS if c.name not in ("table_name", "day")
        )
        self.connection.execute(
            f"INSERT INTO {KEPT_RECORDS} BY NAME"
            f" SELECT $run AS {_KEPT_FOR}, l.day IS NOT NULL AS had_record, false AS has_rows,"
            f" $table AS table_name, CAST(n.day AS DATE) AS day, {others}"
            f" FROM written_days AS n LEFT JOIN {LEDGER} AS l"
            " ON l.table_name = $table AND l.day = CAST(n.day AS DATE)"
            f" WHERE NOT EXISTS (SELECT 1 FROM {KEPT_RECORDS} AS k WHERE k.{_KEPT_FOR} = $run"
            " AND k.table_name = $table AND k.day = CAST(n.day AS DATE))",
            {"run": run_id, "table": table.relation},
        )

    def _keep_rows(self, table: Table, run_id: str) -> None:
        # A run's second change of a day finds the run's own rows, and those of before kept.
        changed = self.connection.execute(
            f"SELECT k.day FROM {KEPT_RECORDS} AS k JOIN written_days AS n"
            f" ON CAST(n.day AS DATE) = k.day WHERE k.{_KEPT_FOR} = $run AND k.table_name = $table"
            " AND NOT k.has_rows AND k.row_count > 0 AND n.is_replaced"
            " AND n.content <> k.fingerprint",
            {"run": run_id, "table": table.relation},
        ).fetchall()
        if not changed:
            return
        days = [day for (day,) in changed]
        kept = self._table_of_kept_rows(table)
        self.connection.execute(
            f"INSERT INTO {kept} BY NAME SELECT $run AS {_KEPT_FOR}, * FROM {table.relation}"
            f' WHERE list_contains($days, "{table.date_column}")',
            {"run": run_id, "days": days},
        )
        self.connection.execute(
            f"UPDATE {KEPT_RECORDS} SET has_rows = true WHERE {_KEPT_FOR} = $run"
            " AND table_name = $table AND list_contains($days, day)",
            {"run": run_id, "table": table.relation, "days": days},
        )

    def _table_of_kept_rows(self, table: Table) -> str:
        """Where displaced rows of a table go; made anew when the table's columns have changed."""
        kept = _kept_rows(table)
        like = f"SELECT CAST(NULL AS VARCHAR) AS {_KEPT_FOR}, * FROM {table.relation} LIMIT 0"
        self.connection.execute(f"CREATE TABLE IF NOT EXISTS {kept} AS {like}")
        stored = self.warehouse.stored_columns(kept)
        stored.pop(_KEPT_FOR)
        if stored != self.warehouse.stored_columns(table.relation):
            # Rows of other columns could not be put back: the days of before are then refused.
            self.connection.execute(f"CREATE OR REPLACE TABLE {kept} AS {like}")
        return kept

    def runs(self) -> list[KeptRun]:
        """The runs that can be rolled back, and those that were, the newest first."""
        if not self._has(KEPT_RUNS):
            return []
        # A time with its zone costs more to hand over than all the rest.
        rows = self.connection.execute(
            "SELECT run_id, begun_at AT TIME ZONE 'UTC', rolled_back_at AT TIME ZONE 'UTC'"
            f" FROM {KEPT_RUNS} ORDER BY begun_at DESC"
        ).fetchall()
        return [KeptRun(*row) for row in rows]

    def days(self, run_id: str) -> list[KeptDay]:
        """Every day that a run wrote, as it was before, by table and day."""
        if not self._has(KEPT_RECORDS):
            return []
        columns = ", ".join(
            f"{c.name} AT TIME ZONE 'UTC'" if c.type == "TIMESTAMP" else c.name
            for c in LEDGER_COLUMNS
        )
        rows = self.connection.execute(
            f"SELECT had_record, has_rows, {columns} FROM {KEPT_RECORDS}"
            f" WHERE {_KEPT_FOR} = ? ORDER BY table_name, day",
            [run_id],
        ).fetchall()
        return [
            KeptDay(row[0], row[1], has_rows, PartitionRecord.from_row(row) if had else None)
            for had, has_rows, *row in rows
        ]

    @contextmanager
    def rehearsing(self, run_id: str) -> Iterator[PutBack]:
        """Put back, look at what is there then, and leave everything as it was."""
        with self.warehouse.rolled_back():
            yield partial(self._put_back, run_id)

    @contextmanager
    def rolling_back(self, run_id: str) -> Iterator[PutBack]:
        """Put back all or nothing; at the end the run counts as rolled back."""
        with self.warehouse.transaction():
            yield partial(self._put_back, run_id)
            self._forget_days([run_id])
            self.connection.execute(
                f"UPDATE {KEPT_RUNS} SET rolled_back_at = ? WHERE run_id = ?",
                [dt.datetime.now(dt.UTC), run_id],
            )

    def _put_back(self, run_id: str, table: Table, days: Sequence[KeptDay]) -> None:
        now = {d: (r.row_count, r.fingerprint) for d, r in self._recorded(table).items()}
        moved = [k for k in days if now.get(k.day, (0, "")) != (k.rows, k.fingerprint)]
        changed = [k.day for k in moved if k.rows or now.get(k.day, (0, ""))[0]]
        if changed:
            of_days = f'list_contains($days, "{table.date_column}")'
            self.connection.execute(
                f"DELETE FROM {table.relation} WHERE {of_days}", {"days": changed}
            )
            if any(k.has_rows for k in moved):
                self.connection.execute(
                    f"INSERT INTO {table.relation} BY NAME SELECT * EXCLUDE ({_KEPT_FOR})"
                    f" FROM {_kept_rows(table)} WHERE {_KEPT_FOR} = $run AND {of_days}",
                    {"run": run_id, "days": changed},
                )
            self._hold_to_records(table, [k for k in moved if k.day in set(changed)])
        self.connection.execute(
            f"DELETE FROM {LEDGER} WHERE table_name = $table AND list_contains($days, day)",
            {"table": table.relation, "days": [k.day for k in days]},
        )
        self.warehouse.write_records(k.before for k in days if k.before is not None)
        self.warehouse.forget(table)

    def _hold_to_records(self, table: Table, days: Sequence[KeptDay]) -> None:
        found = self.warehouse.fingerprints(table, table.relation, [k.day for k in days])
        strayed = [k.day for k in days if found.get(k.day, (0, "")) != (k.rows, k.fingerprint)]
        if strayed:
            raise RollbackError(
                f"{table.relation}: the kept rows of {len(strayed)} days, the first {min(strayed)},"
                " are not those that were recorded then: columns of the table have changed since,"
                " or another hand had changed the rows. Nothing was changed; compute the days"
                f" anew: nba-backfill rerun --from {table.name} --dates {min(strayed)}..."
                f"{max(strayed)}"
            )

    def _recorded(self, table: Table) -> dict[dt.date, PartitionRecord]:
        return dict(self.warehouse.histories([table.relation])[table.relation].by_day)

    def _has(self, relation: str) -> bool:
        try:
            self.connection.execute(f"FROM {relation} LIMIT 0").fetchall()
        except duckdb.CatalogException:
            return False
        return True


def _kept_rows(table: Table) -> str:
    return f"{KEPT_DATASET}.rows_of_{table.name}"
