"""The objects of one exporter in the export store, beside the rows they were written from."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from nba_backfill.core.table import Table
from nba_backfill.publishing.document import moment_of, stamped
from nba_backfill.publishing.patterns import JSON, ROOT, PathPattern, pattern_of
from nba_backfill.warehouse.dialect import END, START, Statement
from nba_backfill.warehouse.files import FileInfo, FileStore, NewFile
from nba_backfill.warehouse.protocol import Warehouse

_DATE = re.compile(rb'"(?:game_date|as_of_date)": "(\d{4}-\d{2}-\d{2})"')


@dataclass(frozen=True, slots=True)
class Stored:
    """One document as its row has it."""

    day: dt.date
    path: str
    text: str


def stored_documents(
    table: Table, warehouse: Warehouse, relation: str, first: dt.date, last: dt.date
) -> dict[dt.date, list[Stored]]:
    """The documents of a relation by day, in the order of their paths; none that was refused."""
    rows = warehouse.query(
        Statement(
            f"SELECT `{table.date_column}` AS day, path, document FROM {relation}"
            f" WHERE `{table.date_column}` BETWEEN @{START} AND @{END} AND document IS NOT NULL"
            " ORDER BY day, path",
            {START: first, END: last},
        )
    )
    found: dict[dt.date, list[Stored]] = {}
    for day, path, text in rows:
        found.setdefault(day, []).append(Stored(day, path, text))
    return found


class Shelf:
    """What the store has under the patterns of an exporter, as it was when first looked at."""

    def __init__(self, files: FileStore, patterns: Sequence[PathPattern]) -> None:
        self.files = files
        self.patterns = patterns

    @cached_property
    def objects(self) -> dict[str, FileInfo]:
        """Path -> object."""
        there: dict[str, FileInfo] = {}
        for pattern in self.patterns:
            if pattern.is_one:
                info = self.files.info(pattern.prefix)
                there |= {pattern.pattern: info} if info else {}
                continue
            for info in self.files.infos(pattern.prefix):
                path = info.name.removeprefix(f"{ROOT}/")
                if pattern.expression.fullmatch(path):
                    there[path] = info
        return there

    def date_in(self, path: str) -> dt.date | None:
        """The date that a path names, if it names one."""
        return pattern_of(self.patterns, path).date_in(path)

    def is_served_right(self, path: str, info: FileInfo) -> bool:
        """Whether an object has the headers that were declared."""
        declared = (JSON, pattern_of(self.patterns, path).cache_control)
        return (info.content_type, info.cache_control) == declared

    def holds(self, stored: Stored) -> bool:
        """Whether an object is the document of its row, whenever it was generated."""
        content = self.files.read(f"{ROOT}/{stored.path}")
        return content is not None and content == self._content(stored, moment_of(content))

    def is_document(self, content: bytes, stored: Stored) -> bool:
        """Whether some content is the document of a row, whenever it was generated."""
        return content == self._content(stored, moment_of(content))

    def new(self, stored: Stored, moment: str) -> NewFile:
        """The object of a document, generated at a moment."""
        cached = pattern_of(self.patterns, stored.path).cache_control
        return NewFile(f"{ROOT}/{stored.path}", self._content(stored, moment), JSON, cached)

    def _content(self, stored: Stored, moment: str) -> bytes:
        model = pattern_of(self.patterns, stored.path).model
        return stamped(stored.text, model.generated_key, moment)


def combined(objects: Mapping[str, str]) -> str:
    """One hash of the contents of some objects, from the MD5 of each by path."""
    return md5("".join(f"{path} {content}\n" for path, content in sorted(objects.items())).encode())


def md5(content: bytes) -> str:
    """The hash by which the store knows a content."""
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


def date_of(content: bytes) -> dt.date | None:
    """The date that a published document says it is of."""
    said = _DATE.search(content)
    return dt.date.fromisoformat(said[1].decode()) if said else None


def few(paths: Iterable[str]) -> str:
    """Some paths in words: the first, and how many more there are."""
    first, *others = sorted(paths)
    return f"{first}{f' and {len(others)} more' if others else ''}"
