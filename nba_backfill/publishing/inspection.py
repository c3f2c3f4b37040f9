"""Checks of what is published, beside those of the rows (spec 50, 7: P6-1, P6-5 to P6-7, P6-11)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from nba_backfill.core.partitions import EASTERN, today
from nba_backfill.core.publication import Kind
from nba_backfill.core.table import Table
from nba_backfill.core.window import ONE_DAY
from nba_backfill.materialization.settle import newest_published
from nba_backfill.publishing.patterns import ROOT
from nba_backfill.publishing.shelf import Shelf, combined, date_of, few, stored_documents
from nba_backfill.warehouse.dialect import END, START, Statement
from nba_backfill.warehouse.ledger import DayHistory
from nba_backfill.warehouse.protocol import Warehouse

if TYPE_CHECKING:
    from nba_backfill.publishing.store import Documents

DOCUMENTS = "documents"
"""Key of a day's profile in the ledger: what is published of it."""

PUBLISHED, SERVED, NEWEST, FRESH = "is_published", "is_served_right", "is_newest", "is_fresh"
OLDEST = dt.timedelta(hours=26)
"""How old a snapshot may be while games are played (spec 50, 7)."""

Problem = tuple[str, dt.date, str, bool]
"""Check, day, what is wrong, and whether that is an error or a warning."""


def checks_of(kind: Kind) -> dict[str, str]:
    """The checks of a kind of document, and what they ask."""
    checks = {
        PUBLISHED: (
            "Every document is in the export store, whole and as its row has it, and the store has"
            " none of a date without a row (P6-1, P6-5)."
        ),
        SERVED: "Content type and Cache-Control of every object are those declared (P6-6).",
    }
    if kind is Kind.POINTER:
        checks[NEWEST] = "Each pointer shows the newest date that is published (P6-7)."
    if kind in (Kind.SNAPSHOT, Kind.PER_PLAYER):
        checks[FRESH] = "While games are played it is at most 26 hours older than the last (P6-11)."
    return checks


def inspect(
    documents: Documents,
    table: Table,
    warehouse: Warehouse,
    days: Sequence[dt.date],
    game_days: Sequence[dt.date],
) -> list[Problem]:
    """What is wrong with what is published of a table for days that have rows.

    Of a snapshot only the newest day is published. ``game_days``: those of the days' seasons and
    of the current one.
    """
    history = warehouse.histories([table.relation])[table.relation]
    newest = newest_published(history)
    if documents.kind.is_once:
        days = [day for day in days if day == newest]
    if not days:
        return []
    shelf = Shelf(warehouse.files, documents.patterns)
    found = [*_of_objects(documents, table, warehouse, days, history, shelf)]
    if documents.kind is Kind.DATED:
        recorded = {r.day for r in history.by_day.values() if r.row_count}
        strays = {shelf.date_in(path) for path in shelf.objects} - recorded - {None}
        what = "the export store has a document of a date that has no row"
        found += [(PUBLISHED, day, what, True) for day in sorted(strays)]
    if documents.kind is Kind.POINTER:
        found += _of_pointers(documents, warehouse, days[-1])
    if FRESH in documents.checks:
        found += _of_age(days[-1], game_days)
    return found


def _of_objects(
    documents: Documents,
    table: Table,
    warehouse: Warehouse,
    days: Sequence[dt.date],
    history: DayHistory,
    shelf: Shelf,
) -> Iterator[Problem]:
    """Objects that are not there, are served otherwise, or are not what their row has."""
    doubtful = []
    for day, paths in _paths(table, warehouse, days[0], days[-1]).items():
        if day not in days:
            continue
        objects = {p: shelf.objects.get(p) for p in paths if documents.is_published(p, day)}
        there = {path: info for path, info in objects.items() if info is not None}
        if missing := objects.keys() - there.keys():
            yield PUBLISHED, day, f"{few(missing)} not in the export store", True
        if odd := [p for p, info in there.items() if not shelf.is_served_right(p, info)]:
            said = there[min(odd)]
            headers = f"{said.content_type}, {said.cache_control or 'no Cache-Control'}"
            yield SERVED, day, f"{few(odd)} served as {headers}", True
        known = _recorded(history, day).get("objects")
        if known != combined({path: info.md5 for path, info in there.items()}):
            doubtful.append(day)
    if documents.kind is Kind.POINTER:
        # A pointer of another run may rightly show a later date than this row.
        return
    for day in doubtful:
        for stored in stored_documents(table, warehouse, table.relation, day, day).get(day, ()):
            if stored.path in shelf.objects and not shelf.holds(stored):
                yield PUBLISHED, day, f"{stored.path} is not the document of its row", True


def _of_pointers(documents: Documents, warehouse: Warehouse, day: dt.date) -> Iterator[Problem]:
    """Pointers that show another date than the newest that is published."""
    relations = {path: table.relation for path, table in documents.points_at.items()}
    histories = warehouse.histories(set(relations.values()))
    for path, relation in relations.items():
        newest = newest_published(histories[relation])
        content = warehouse.files.read(f"{ROOT}/{path}")
        if content is None or newest is None or not documents.is_published(path, newest):
            continue
        if (shown := date_of(content)) != newest:
            yield NEWEST, day, f"{path} shows {shown}, published is {newest}", True


def _of_age(day: dt.date, game_days: Sequence[dt.date]) -> Iterator[Problem]:
    """Whether a snapshot lacks the games of a night that is long over, in a season that goes on."""
    current = today()
    over = [game_day for game_day in game_days if game_day < current]
    if not over or game_days[-1] < current or day >= over[-1]:
        return
    morning = dt.datetime.combine(over[-1] + ONE_DAY, dt.time(), EASTERN)
    if dt.datetime.now(EASTERN) - morning > OLDEST:
        yield FRESH, day, f"as of {day}, but there were games on {over[-1]}", False


def _recorded(history: DayHistory, day: dt.date) -> Mapping[str, object]:
    record = history.get(day)
    return record.measured.get(DOCUMENTS, {}) if record else {}


def _paths(
    table: Table, warehouse: Warehouse, first: dt.date, last: dt.date
) -> dict[dt.date, list[str]]:
    """The paths of the documents of each day, without reading the documents."""
    rows = warehouse.query(
        Statement(
            f"SELECT `{table.date_column}` AS day, path FROM {table.relation}"
            f" WHERE `{table.date_column}` BETWEEN @{START} AND @{END} AND document IS NOT NULL"
            " ORDER BY day, path",
            {START: first, END: last},
        )
    )
    found: dict[dt.date, list[str]] = {}
    for day, path in rows:
        found.setdefault(day, []).append(path)
    return found
