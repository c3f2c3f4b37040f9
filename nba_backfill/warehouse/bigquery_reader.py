"""BigQuery's tables as a command that only looks sees them: nothing is made and nothing changed."""

from __future__ import annotations

from nba_backfill.core.table import Table
from nba_backfill.warehouse import bigquery_texts as texts
from nba_backfill.warehouse.bigquery_tables import Tables, quoted


class ReadTables(Tables):
    """Tables as declared, whatever is stored: one that is not there is read as an empty one."""

    def ensure(self, table: Table) -> None:
        """Let a table be read as declared: NULL for what is not stored, or does not fit its type.

        Who writes would make the table, or refuse to; to look must do neither.
        """
        self.declare(table)
        if table.relation in self._seen:
            return
        found = self.stored(self.named(table), table.relation)
        if found is None:
            self.show(table.relation, f"({texts.no_rows(table.columns)})")
        elif self.lacks(table, found):
            columns = texts.as_declared(table, (f.name for f in found.schema))
            self.show(table.relation, f"(SELECT {columns} FROM {quoted(self.named(table))})")
        self._seen.add(table.relation)
