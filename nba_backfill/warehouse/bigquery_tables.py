"""BigQuery's tables as declared: made, described, brought up to their declaration or refused."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence

from google.api_core import exceptions as google
from google.cloud import bigquery

from nba_backfill.core.table import Column, RawTable, Table
from nba_backfill.warehouse import bigquery_texts as texts
from nba_backfill.warehouse.acceptance import ACCEPTANCE_COLUMNS, ACCEPTANCE_TABLE
from nba_backfill.warehouse.bigquery_errors import SchemaChangeError
from nba_backfill.warehouse.bigquery_jobs import Jobs
from nba_backfill.warehouse.bigquery_values import field, parameter, type_of
from nba_backfill.warehouse.dialect import AnyTable
from nba_backfill.warehouse.ledger import LEDGER_DATASET, LEDGER_TABLE

MADE_BY, US = "made_by", "nba_backfill"
"""The label on every dataset and table that the platform made, and may change."""

RECORDS_TABLE = f"{LEDGER_TABLE}_records"
STAGED_DATASET = "nba_backfill_staged"
STAGED_HOURS = 24
"""How long a staging table stays; whoever needs it longer than a run has been killed."""

MOST_CLUSTERING = 4
READABLE_AS = {"FLOAT64": {"INT64", "NUMERIC"}, "NUMERIC": {"INT64"}}
"""Declared type of a raw column -> stored types that it can be read from without loss."""


class Tables:
    """Datasets and tables of one project.

    ``prefix`` stands before the names of all datasets that are ours, ``raw_prefix`` before those of
    raw tables; both are empty but in tests of a real project. ``accept_change``: retypes, drops
    and changes of tables that others made are done and not refused.
    """

    expires = False
    """Whether tables made here may be removed by their dataset's expiry."""

    def __init__(self, jobs: Jobs, *, prefix: str, raw_prefix: str, accept_change: bool) -> None:
        self.jobs = jobs
        self.client = jobs.client
        self.project = jobs.client.project
        self.prefix = prefix
        self.raw_prefix = raw_prefix
        self.accept_change = accept_change
        self._shown: dict[str, str] = {}
        self._declared: dict[str, AnyTable] = {}
        self._seen: set[str] = set()
        self._found: dict[str, bigquery.Table | None] = {}
        self.has_ledger = False

    # Names

    def named(self, table: AnyTable) -> str:
        """Where a table is: its dataset with the prefix, and its name."""
        prefix = self.raw_prefix if isinstance(table, RawTable) else self.prefix
        return f"{prefix}{table.relation}"

    def own(self, name: str) -> str:
        """A table of the platform's own dataset."""
        return f"{self.prefix}{LEDGER_DATASET}.{name}"

    @property
    def records(self) -> str:
        """The append-only ledger."""
        return self.own(RECORDS_TABLE)

    @property
    def ledger(self) -> str:
        """The view of its newest records."""
        return self.own(LEDGER_TABLE)

    @property
    def acceptances(self) -> str:
        """The operators' decisions."""
        return self.own(ACCEPTANCE_TABLE)

    @property
    def staged(self) -> str:
        """The dataset of staging tables."""
        return f"{self.prefix}{STAGED_DATASET}"

    def address(self, table: AnyTable) -> str:
        """Where a table is, with its project."""
        return f"{self.project}.{self.named(table)}"

    def read_as(self, table: RawTable, text: str) -> None:
        """Let a raw table, whose contract was checked, be read through a relation over it."""
        self.show(table.relation, text)
        self._declared[table.relation] = table

    def show(self, relation: str, text: str) -> None:
        """Let a relation be read as something else that FROM takes."""
        self._shown[relation] = text

    def text(self, sql: str) -> str:
        """A text with relations as they are found; untouched where they are as named."""
        for relation, shown in self._shown.items():
            dataset, _, name = relation.partition(".")
            sql = re.sub(
                rf"(?<![\w`.])`?\b{dataset}`?\.`?{name}\b(?![\w.])`?", lambda _, s=shown: s, sql
            )
        return sql

    def mentioned(self, sql: str) -> list[str]:
        """The known relations that a text names."""
        bare = sql.replace("`", "")
        return [
            relation
            for relation, table in sorted(self._declared.items())
            if re.search(rf"(?<![\w])({relation}|{self.named(table)})\b", bare)
        ]

    # Making

    def stored(self, name: str, what: str) -> bigquery.Table | None:
        """A table as it is, or None."""
        try:
            return self.jobs.call(
                lambda: self.client.get_table(f"{self.project}.{name}", retry=None), what
            )
        except google.NotFound:
            return None

    def make_dataset(
        self, name: str, *, hours: int | None = None, labels: Mapping[str, str] | None = None
    ) -> None:
        """Make a dataset, labelled as ours; one that is there stays as it is.

        ``hours``: after so many its tables are gone.
        """
        made = bigquery.Dataset(f"{self.project}.{name}")
        made.location = self.jobs.location
        made.labels = {MADE_BY: US, **(labels or {})}
        if hours is not None:
            made.default_table_expiration_ms = hours * 3_600_000
        self.jobs.call(
            lambda: self.client.create_dataset(made, exists_ok=True, retry=None), f"dataset {name}"
        )

    def _make(self, name: str, made: bigquery.Table) -> bigquery.Table:
        """Make a table, and its dataset where there is none; another worker may be first."""
        what = f"table {name}"

        def create() -> bigquery.Table:
            return self.jobs.call(lambda: self.client.create_table(made, retry=None), what)

        try:
            try:
                found = create()
            except google.NotFound:
                self.make_dataset(name.partition(".")[0])
                found = create()
        except google.Conflict:
            return self.stored(name, what)
        if found.expires is not None and not self.expires:
            # The dataset has an expiry of its own for new tables; ours are kept.
            found.expires = None
            self.jobs.call(lambda: self.client.update_table(found, ["expires"], retry=None), what)
        return found

    def _blank(self, name: str, columns: Sequence[Column], description: str) -> bigquery.Table:
        made = bigquery.Table(f"{self.project}.{name}", schema=[field(c) for c in columns])
        made.description = description
        made.labels = {MADE_BY: US}
        return made

    def make_table(self, table: Table) -> bigquery.Table:
        """Make a computed table: by day, clustered, described, without expiry."""
        made = self._blank(self.named(table), table.columns, table.description)
        made.time_partitioning = bigquery.TimePartitioning(field=table.date_column)
        if table.clustering:
            made.clustering_fields = list(table.clustering[:MOST_CLUSTERING])
        return self._make(self.named(table), made)

    def make_ledger(self) -> None:
        """Make the ledger, its view and the table of acceptances where they are not yet.

        Called when a statement did not find them: asking before would be a call for each.
        The ledger is not partitioned: a season's records would touch as many partitions as days,
        which counts against a daily quota, and all of it is megabytes.
        """
        if self.has_ledger:
            return
        for name, columns, description in (
            (self.records, texts.RECORD_COLUMNS, "Every record ever written"),
            (self.acceptances, ACCEPTANCE_COLUMNS, "Operators' decisions"),
        ):
            found = self.stored(name, "the ledger")
            if found is None:
                made = self._blank(name, columns, description)
                made.clustering_fields = ["table_name", "day"]
                self._make(name, made)
            elif missing := [c for c in columns if c.name not in _names(found)]:
                self._add(found, missing, "the ledger")
        view = self.stored(self.ledger, "the ledger")
        text = texts.newest_records(f"`{self.project}.{self.records}`")
        if view is None:
            made = bigquery.Table(f"{self.project}.{self.ledger}")
            made.view_query = text
            made.labels = {MADE_BY: US}
            self._make(self.ledger, made)
        elif view.view_query != text:
            view.view_query = text
            self.jobs.call(
                lambda: self.client.update_table(view, ["view_query"], retry=None), "the ledger"
            )
        self.has_ledger = True

    def make_staged(self) -> None:
        """Make the dataset of staging tables, which expire by themselves."""
        self.make_dataset(self.staged, hours=STAGED_HOURS)

    # Following declarations

    def declare(self, table: AnyTable) -> None:
        """Know a table that will be read; it is looked at only when a statement is refused.

        Asking for every input of every step would be most of the calls. Raw tables were held
        against their contracts by whoever opened the warehouse.
        """
        name = self.named(table)
        if table.relation not in self._declared and name != table.relation:
            self._shown.setdefault(table.relation, quoted(name))
        self._declared[table.relation] = table

    def ensure(self, table: Table) -> None:
        """See that a computed table is there and as declared; see :meth:`differences`."""
        self.declare(table)
        if table.relation in self._seen:
            return
        found = self._found.pop(table.relation, None)
        found = found or self.stored(self.named(table), table.relation) or self.make_table(table)
        self._follow(table, found)
        self._seen.add(table.relation)

    def look_again(self, sql: str) -> bool:
        """Look at the computed tables that a refused statement names; whether any was not seen."""
        unseen = [
            table
            for relation in self.mentioned(sql)
            if isinstance(table := self._declared[relation], Table) and relation not in self._seen
        ]
        for table in unseen:
            self.ensure(table)
        return bool(unseen)

    def differences(self, table: Table, found: bigquery.Table) -> list[str]:
        """What of a stored table is not as declared and needs an operator's word."""
        stored = {f.name: type_of(f) for f in found.schema}
        wanted = {c.name: c.type for c in table.columns}
        said = [
            f"column {name} is {stored[name]} and is declared {kind}"
            for name, kind in wanted.items()
            if name in stored and stored[name] != kind
        ]
        said += [f"column {name} is no longer declared" for name in stored if name not in wanted]
        if (found.labels or {}).get(MADE_BY) != US:
            said += [f"column {name} is missing" for name in wanted if name not in stored]
            parts = found.time_partitioning
            if parts is None or parts.field != table.date_column:
                said.append(f"it is not partitioned by day on {table.date_column}")
        return said

    def lacks(self, table: Table, found: bigquery.Table) -> bool:
        """Whether a stored table has other columns than it is declared with."""
        stored = {f.name: type_of(f) for f in found.schema}
        return stored != {c.name: c.type for c in table.columns}

    def change(self, table: Table) -> None:
        """A table is about to be changed; here nothing needs to be done before."""

    def check(self, tables: Iterable[Table]) -> None:
        """Refuse, all at once, tables that differ; nothing is changed."""
        found = []
        for table in tables:
            if table.relation not in self._seen:
                stored = self._found[table.relation] = self.stored(
                    self.named(table), table.relation
                )
                said = self.differences(table, stored) if stored is not None else []
                found += [f"{table.relation}: {one}" for one in said]
        if found and not self.accept_change:
            raise SchemaChangeError(_refusal("; ".join(found)))

    def _follow(self, table: Table, found: bigquery.Table) -> None:
        """Bring a stored table up to its declaration, or refuse."""
        said = self.differences(table, found)
        if said and not self.accept_change:
            others = "" if (found.labels or {}).get(MADE_BY) == US else " (made by someone else)"
            raise SchemaChangeError(_refusal(f"{table.relation}{others}: {'; '.join(said)}"))
        stored = {f.name: type_of(f) for f in found.schema}
        missing = [c for c in table.columns if c.name not in stored]
        retyped = [c for c in table.columns if c.name in stored and stored[c.name] != c.type]
        dropped = set(stored) - table.names
        if not (missing or retyped or dropped):
            return
        self._mark_stale(table, missing, retyped)
        if retyped or dropped:
            self._rebuild(table, found)
        else:
            self._add(found, missing, table.relation)

    def _mark_stale(
        self, table: Table, missing: Sequence[Column], retyped: Sequence[Column]
    ) -> None:
        """Mark the days of which a row will lack a value; before it does, in case we are killed."""
        lacking = ["TRUE"] * bool(missing) + [
            f"`{c.name}` IS NOT NULL"
            if c.type.startswith("ARRAY")
            else f"`{c.name}` IS NOT NULL AND SAFE_CAST(`{c.name}` AS {c.type}) IS NULL"
            for c in retyped
        ]
        if not lacking:
            return
        self.make_ledger()
        relation = quoted(self.named(table))
        text = texts.mark_stale(table, relation, self.ledger, self.records, lacking)
        values = [
            parameter("table_name", table.relation),
            parameter("operation", f"columns-{dt.datetime.now(dt.UTC):%Y%m%dT%H%M%S%f}"),
        ]
        self.jobs.script(text, values, f"{table.relation}: marking stale days", "columns")

    def _add(self, found: bigquery.Table, missing: Sequence[Column], what: str) -> None:
        found.schema = [*found.schema, *(field(column) for column in missing)]
        self.jobs.call(lambda: self.client.update_table(found, ["schema"], retry=None), what)

    def _rebuild(self, table: Table, found: bigquery.Table) -> None:
        """Write a table anew from its own rows, in one job; then describe it again."""
        name = self.named(table)
        text = texts.rebuild(
            table,
            quoted(name),
            (f.name for f in found.schema),
            clustering=table.clustering[:MOST_CLUSTERING],
            labels={MADE_BY: US},
        )
        self.jobs.script(text, [], f"{table.relation}: changing its columns", "columns")
        changed = self.stored(name, table.relation)
        changed.schema = [field(column) for column in table.columns]
        changed.description = table.description
        changed.expires = None
        described = ["schema", "description", "expires"]
        self.jobs.call(
            lambda: self.client.update_table(changed, described, retry=None), table.relation
        )


def _refusal(what: str) -> str:
    return (
        f"stored columns are not as declared: {what}. Nothing was changed and nothing computed;"
        " run again with --accept-schema-change to let it be changed (days that lose a value are"
        " computed anew), or go back to the version that declares it so."
    )


def quoted(name: str) -> str:
    """A relation's name as SQL takes it whatever it is called."""
    return ".".join(f"`{part}`" for part in name.split("."))


def _names(table: bigquery.Table) -> set[str]:
    return {found.name for found in table.schema}
