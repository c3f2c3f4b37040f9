"""How documents get into the export store, stay equal to their rows, and leave it (spec 50, 2).

Documents are written before their rows are committed, each as one whole object with its headers.
What is published already is left alone, whichever moment it says it was generated at, so a run
that was killed and goes on, or is repeated, writes what differs and nothing else. The ledger keeps,
in a day's profile, how many objects it has, their size and a hash of their contents.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from nba_backfill.core.partitions import today
from nba_backfill.core.publication import Kind
from nba_backfill.core.table import Table
from nba_backfill.materialization.settle import is_outdated, newest_published
from nba_backfill.publishing.inspection import DOCUMENTS, Problem, checks_of, inspect
from nba_backfill.publishing.missing import missing_documents
from nba_backfill.publishing.patterns import ROOT, PathPattern
from nba_backfill.publishing.pointing import point
from nba_backfill.publishing.schemas import schema_files
from nba_backfill.publishing.shelf import Shelf, Stored, combined, md5, stored_documents
from nba_backfill.publishing.site import keep_site
from nba_backfill.warehouse.dialect import Statement
from nba_backfill.warehouse.files import NewFile
from nba_backfill.warehouse.ledger import DayHistory
from nba_backfill.warehouse.protocol import Warehouse


@dataclass(frozen=True)
class Documents:
    """The publication of one exporter; see :class:`nba_backfill.core.publication.Publication`.

    ``expires``: objects that the newest date no longer has are deleted. ``only_today``: paths that
    are written only for the current date. ``points_at``: path -> table whose newest document a
    pointer stands for.
    """

    kind: Kind
    before_tip: bool
    patterns: tuple[PathPattern, ...]
    expires: bool = False
    only_today: frozenset[str] = frozenset()
    points_at: Mapping[str, Table] = field(default_factory=dict)

    def publish(
        self,
        table: Table,
        warehouse: Warehouse,
        staged: str,
        contents: Mapping[dt.date, str],
        before: DayHistory,
    ) -> Mapping[dt.date, Mapping[str, object]]:
        """Write the staged documents of some days; what the ledger says of each.

        A snapshot older than what is published is not written: it is a row and nothing else.
        """
        days = sorted(
            day
            for day in contents
            if not (self.kind.is_once and is_outdated(self.kind, before, day))
        )
        if not days:
            return {}
        if self.kind is not Kind.POINTER:
            # What a pointer shows has its schema already.
            warehouse.files.write_many(schema_files(warehouse.files, table.name, self.patterns))
        shelf = Shelf(warehouse.files, self.patterns)
        found = stored_documents(table, warehouse, staged, days[0], days[-1])
        moment = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
        new: list[NewFile] = []
        said: dict[dt.date, Mapping[str, object]] = {}
        published: list[str] = []
        for day in days:
            documents = [d for d in found.get(day, ()) if self.is_published(d.path, day)]
            if self.kind is Kind.POINTER:
                objects = [point(shelf, document, moment) for document in documents]
            else:
                known = _known(shelf, documents, before, contents[day])
                objects = [_object(shelf, document, moment, new, known) for document in documents]
            said[day] = {DOCUMENTS: _summary(day, documents, objects)}
            published += [document.path for document in documents]
        warehouse.files.write_many(new)
        # Last: a list must not name what is not there yet.
        keep_site(warehouse.files, published)
        return said

    def is_published(self, path: str, day: dt.date) -> bool:
        """Whether a document is written at all: some stand for the current date only."""
        return path not in self.only_today or day == today()

    def gone(self, table: Table, warehouse: Warehouse, history: DayHistory) -> frozenset[dt.date]:
        """Days of which the store has fewer documents than the ledger says were written."""
        return frozenset(missing_documents(self, warehouse.files, history))

    def withdraw(
        self, table: Table, warehouse: Warehouse, day: dt.date | None, emptied: Iterable[dt.date]
    ) -> None:
        """Delete objects of dates without a document, and those that expired by ``day``."""
        shelf = Shelf(warehouse.files, self.patterns)
        days = set(emptied)
        gone = {path for path in shelf.objects if shelf.date_in(path) in days} if days else set()
        if self.expires and day is not None:
            older = warehouse.query(
                Statement(
                    f"SELECT DISTINCT path FROM {table.relation}"
                    f" WHERE `{table.date_column}` < @day AND path NOT IN (SELECT path FROM"
                    f" {table.relation} WHERE `{table.date_column}` = @day)",
                    {"day": day},
                )
            )
            gone |= {path for (path,) in older}.intersection(shelf.objects)
        if gone:
            keep_site(warehouse.files, gone=gone)
        for path in sorted(gone):
            warehouse.files.delete(f"{ROOT}/{path}")

    def put_back(
        self,
        table: Table,
        warehouse: Warehouse,
        days: Sequence[dt.date],
        put_rows_back: Callable[[], None],
    ) -> None:
        """Write the documents of rows that are put back, and delete those that have no row then.

        Of a snapshot and of a pointer the newest that is left is written, though it is older than
        what is published. Before the commit, as in publishing: a kill leaves the documents of then
        beside the rows of now, and putting back again finds them equal.
        """
        displaced = _paths(table, warehouse, days)
        put_rows_back()
        history = warehouse.histories([table.relation])[table.relation]
        wanted = {day for day in days if (r := history.get(day)) and r.row_count}
        if self.kind.is_once:
            series = {self.kind.series_of(day) for day in days}
            newest = {newest_published(history, one) for one in series}
            wanted = {day for day in newest if day is not None}
        shelf = Shelf(warehouse.files, self.patterns)
        moment = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
        there: list[str] = []
        new: list[NewFile] = []
        for day in sorted(wanted):
            found = stored_documents(table, warehouse, table.relation, day, day)
            for document in found.get(day, ()):
                if self.is_published(document.path, day):
                    there.append(document.path)
                    _object(shelf, document, moment, new, known=False)
        warehouse.files.write_many(new)
        keep_site(warehouse.files, there)
        gone = (displaced - _paths(table, warehouse)).intersection(shelf.objects)
        if gone:
            keep_site(warehouse.files, gone=gone)
        for path in sorted(gone):
            warehouse.files.delete(f"{ROOT}/{path}")

    @property
    def checks(self) -> Mapping[str, str]:
        """Names of the checks of what is published, and what they ask."""
        return checks_of(self.kind)

    def examine(
        self,
        table: Table,
        warehouse: Warehouse,
        days: Sequence[dt.date],
        game_days: Sequence[dt.date],
    ) -> list[Problem]:
        """What is wrong with what is published for days that have rows."""
        return inspect(self, table, warehouse, days, game_days)


def _paths(table: Table, warehouse: Warehouse, days: Sequence[dt.date] | None = None) -> set[str]:
    """The paths that the rows of some days (None: all) have."""
    of_days = "" if days is None else f" WHERE `{table.date_column}` IN UNNEST(@days)"
    asked = Statement(
        f"SELECT DISTINCT path FROM {table.relation}{of_days}",
        {} if days is None else {"days": list(days)},
    )
    return {path for (path,) in warehouse.query(asked)}


def _object(
    shelf: Shelf, document: Stored, moment: str, new: list[NewFile], known: bool
) -> tuple[str, int]:
    """MD5 and size of a document's object; one that is not there as it should be is added."""
    info = shelf.objects.get(document.path)
    equal = info is not None and shelf.is_served_right(document.path, info)
    if equal and (known or shelf.holds(document)):
        return info.md5, info.size
    file = shelf.new(document, moment)
    new.append(file)
    return md5(file.content), len(file.content)


def _known(shelf: Shelf, documents: Sequence[Stored], before: DayHistory, content: str) -> bool:
    """Whether the ledger knows the day's objects to be exactly these, so that none need be read."""
    record = before.get(documents[0].day) if documents else None
    if record is None or record.fingerprint != content:
        return False
    infos = {d.path: shelf.objects.get(d.path) for d in documents}
    there = {path: info.md5 for path, info in infos.items() if info is not None}
    return record.measured.get(DOCUMENTS, {}).get("objects") == combined(there)


def _summary(
    day: dt.date, documents: Sequence[Stored], objects: Sequence[tuple[str, int]]
) -> dict[str, object]:
    """What the ledger keeps of a day's documents."""
    hashes = {d.path: content for d, (content, _) in zip(documents, objects, strict=True)}
    return {
        "as_of": day.isoformat(),
        "count": len(documents),
        "bytes": sum(size for _, size in objects),
        "objects": combined(hashes),
        **({"path": f"{ROOT}/{documents[0].path}"} if len(documents) == 1 else {}),
    }
