"""Scratch space in BigQuery: a dataset of its own, where the tables that change are copied first.

Everything else is read where it is. Copies cost nothing. The dataset's tables expire, and a
dataset that a killed process left behind is removed by whoever makes the next one.
"""

from __future__ import annotations

import time
from uuid import uuid4

from google.api_core import exceptions as google
from google.cloud import bigquery

from nba_backfill.core.table import Table
from nba_backfill.warehouse.bigquery_tables import MADE_BY, STAGED_HOURS, US, Tables, quoted
from nba_backfill.warehouse.dialect import AnyTable

SCRATCH = "nba_backfill_scratch_"
EXPIRES = "expires"
"""Label of a scratch dataset: the hour, since 1970, after which nobody uses it."""


class ScratchTables(Tables):
    """Tables as another sees them, until they are changed: then they are copies of one's own."""

    expires = True

    def __init__(self, stored: Tables) -> None:
        super().__init__(
            stored.jobs,
            prefix=stored.prefix,
            raw_prefix=stored.raw_prefix,
            accept_change=stored.accept_change,
        )
        self._stored = stored
        self._shown = dict(stored._shown)
        self._declared = dict(stored._declared)
        self._copied: dict[str, str] = {}
        self.dataset = f"{stored.prefix}{SCRATCH}{uuid4().hex[:12]}"

    def open(self) -> None:
        """Make the dataset, with a copy of the ledger; remove those that were left behind."""
        hour = int(time.time() // 3600)
        for found in self.jobs.call(
            lambda: list(self.client.list_datasets(filter=f"labels.{MADE_BY}:{US}", retry=None)),
            "scratch datasets",
        ):
            ours = found.dataset_id.startswith(f"{self.prefix}{SCRATCH}")
            if ours and int(found.labels.get(EXPIRES, hour)) < hour:
                self._remove(found.dataset_id)
        expires = {EXPIRES: str(hour + STAGED_HOURS)}
        self.make_dataset(self.dataset, hours=STAGED_HOURS, labels=expires)
        for source, copy in (
            (self._stored.records, self.records),
            (self._stored.acceptances, self.acceptances),
        ):
            self._copy(source, copy)
        self.make_ledger()

    def remove(self) -> None:
        """Remove the dataset with all that is in it."""
        self._remove(self.dataset)

    def _remove(self, dataset: str) -> None:
        self.jobs.call(
            lambda: self.client.delete_dataset(
                f"{self.project}.{dataset}",
                delete_contents=True,
                not_found_ok=True,
                retry=None,
            ),
            f"dataset {dataset}",
        )

    def own(self, name: str) -> str:
        """A table of the platform's own, as copied here."""
        return f"{self.dataset}.{name}"

    def named(self, table: AnyTable) -> str:
        """Where a table is: here once it was changed."""
        return self._copied.get(table.relation) or super().named(table)

    def ensure(self, table: Table) -> None:
        """See that a table is there; where its owner has none, or another, it is made here."""
        self.declare(table)
        if table.relation in self._seen:
            return
        found = self.stored(self.named(table), table.relation)
        if found is None or self.lacks(table, found):
            self.change(table)
            found = self.stored(self.named(table), table.relation) or self.make_table(table)
            self._follow(table, found)
        self._seen.add(table.relation)

    def change(self, table: Table) -> None:
        """Copy a table before its first change."""
        if table.relation in self._copied:
            return
        source = self.named(table)
        copy = f"{self.dataset}.{table.dataset}__{table.name}"
        self._copied[table.relation] = copy
        self.show(table.relation, quoted(copy))
        if not self._copy(source, copy):
            self.make_table(table)

    def _copy(self, source: str, copy: str) -> bool:
        """Copy a table; False where there is none."""

        def start(job_id: str) -> bigquery.CopyJob:
            return self.client.copy_table(
                f"{self.project}.{source}",
                f"{self.project}.{copy}",
                job_id=job_id,
                location=self.jobs.location,
                job_config=bigquery.CopyJobConfig(write_disposition="WRITE_TRUNCATE"),
                retry=None,
            )

        if self.stored(source, source) is None:
            return False
        try:
            self.jobs.run(start, f"copying {source} to {copy}", "copy")
        except google.NotFound:
            return False
        return True
