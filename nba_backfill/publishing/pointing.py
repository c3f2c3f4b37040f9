"""Moving a pointer (latest, today): a copy of the newest document, never put back to an older."""

from __future__ import annotations

from nba_backfill.publishing.patterns import ROOT
from nba_backfill.publishing.shelf import Shelf, Stored, date_of, md5
from nba_backfill.warehouse.files import FileChangedError

ATTEMPTS = 5
"""Times that a pointer is looked at again because another run has moved it meanwhile."""


class PointerContestedError(RuntimeError):
    """A pointer was moved by others each time we were about to; it is as they left it."""


def point(shelf: Shelf, document: Stored, moment: str) -> tuple[str, int]:
    """Move a pointer to a document unless it shows that one or one of a later date already.

    Written only over exactly what was looked at, so of two runs that meet the later date stays.
    Returns MD5 and size of what is there then. Raises PointerContestedError.
    """
    new = shelf.new(document, moment)
    for _ in range(ATTEMPTS):
        found = shelf.files.find(f"{ROOT}/{document.path}")
        if found is not None:
            shown = date_of(found.content)
            is_later = shown is not None and shown > document.day
            is_same = shelf.is_document(found.content, document)
            if is_later or (is_same and shelf.is_served_right(document.path, found.info)):
                return found.info.md5, found.info.size
        try:
            shelf.files.replace(
                new.name,
                new.content,
                if_generation=found.info.generation if found else None,
                content_type=new.content_type,
                cache_control=new.cache_control,
            )
        except FileChangedError:
            continue
        return md5(new.content), len(new.content)
    raise PointerContestedError(
        f"{shelf.files.uri(new.name)} was moved by others {ATTEMPTS} times while this run was about"
        " to; run latest_pointers again"
    )
