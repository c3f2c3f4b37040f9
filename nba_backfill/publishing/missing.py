"""Documents that the ledger says were written and the export store does not have.

Asked of names alone, so that a plan may ask it each time: what a document holds is judged by the
checks of what is published.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from nba_backfill.core.publication import Kind
from nba_backfill.core.season import Season
from nba_backfill.materialization.settle import is_outdated
from nba_backfill.publishing.inspection import DOCUMENTS
from nba_backfill.publishing.patterns import ROOT, PathPattern
from nba_backfill.warehouse.files import FileStore
from nba_backfill.warehouse.ledger import DayHistory

if TYPE_CHECKING:
    from nba_backfill.publishing.store import Documents


def missing_documents(
    documents: Documents, files: FileStore, history: DayHistory
) -> dict[dt.date, int]:
    """Day -> how many of its documents are not in the store; days that lack none are left out.

    Live documents and those of the current day only are no part of it: they cannot be made of a
    past day again. Of a snapshot only what is published now counts. Documents without a date in
    their paths are counted, so one that is lost beside another that is left over is not seen.
    """
    if documents.kind is Kind.LIVE:
        return {}
    owed = {
        day: said
        for day, record in history.by_day.items()
        if record.row_count
        and (said := record.measured.get(DOCUMENTS))
        and not (documents.kind.is_once and is_outdated(documents.kind, history, day))
    }
    if not owed:
        return {}
    there = Counter(place for _, place in _places(documents.patterns, files))
    found = {}
    for day, said in owed.items():
        place = next(p for p in (day.isoformat(), str(Season.of(day)), "") if p in there or not p)
        if (lacking := int(said["count"]) - there[place]) > 0:
            found[day] = lacking
    return found


def _places(patterns: Sequence[PathPattern], files: FileStore) -> set[tuple[str, str]]:
    """Each object under the patterns, with the date or season its path names, or nothing."""
    found = set()
    for pattern in patterns:
        for name in files.names(pattern.prefix):
            if said := pattern.expression.fullmatch(name.removeprefix(f"{ROOT}/")):
                parts = said.groupdict()
                found.add((name, parts.get("date") or parts.get("season") or ""))
    return found
