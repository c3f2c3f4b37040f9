"""The page over the documents, and the list of documents that it reads.

``index.html`` lies beside ``v1/`` and is one static file; ``v1/index.json`` names what is
published, so that the page knows the game dates and asks for nothing that is not there. Both are
kept by whoever publishes or withdraws a document; a list that is lost is made anew from the store.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from pydantic import ValidationError

from nba_backfill.publishing.document import Document, moment_of, stamped
from nba_backfill.publishing.patterns import JSON, PLACES, ROOT, PathPattern
from nba_backfill.publishing.pointing import ATTEMPTS
from nba_backfill.publishing.schemas import FOLDER, schema_files
from nba_backfill.publishing.shelf import md5
from nba_backfill.warehouse.files import FileChangedError, FileStore, NewFile

PAGE = "index.html"
PAGE_TYPE = "text/html; charset=utf-8"
PAGE_CACHE = "public, max-age=300"
DEEPEST = 3
"""Parts of a path that is listed: a player's every season and date would outgrow the list."""

_DATED = re.compile(rf"([a-z-]+)/({PLACES['date']})\.json")


class SiteIndex(Document):
    """What is published: game dates by kind of dated document, and the paths of the others."""

    as_of_date: dt.date | None
    dated: dict[str, list[dt.date]]
    documents: list[str]


LIST = PathPattern("index.json", SiteIndex, 300)
LIST_NAME = f"{ROOT}/{LIST.pattern}"


class ListContestedError(RuntimeError):
    """The list of documents was changed by others each time we were about to; it is theirs."""


@cache
def page() -> bytes:
    """The page as it is served."""
    return Path(__file__).with_name("page").joinpath(PAGE).read_bytes()


def keep_site(files: FileStore, added: Iterable[str] = (), gone: Iterable[str] = ()) -> None:
    """Enter documents that are in the store, strike out those that left it, and place the page.

    Paths are those under ``v1/``. What is right already is not written. Raises ListContestedError.
    """
    files.write_many([*_page(files), *schema_files(files, "index", [LIST])])
    added, gone = {*added}, {*gone}
    for _ in range(ATTEMPTS):
        found = files.find(LIST_NAME)
        listed = _listed(found.content) if found else None
        known = _in_store(files) if listed is None else listed
        text = _index(known - gone | added).to_text()
        if found and found.content == stamped(text, *_stamp(moment_of(found.content))):
            return
        now = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
        try:
            files.replace(
                LIST_NAME,
                stamped(text, *_stamp(now)),
                if_generation=found.info.generation if found else None,
                content_type=JSON,
                cache_control=LIST.cache_control,
            )
        except FileChangedError:
            continue
        return
    raise ListContestedError(
        f"{files.uri(LIST_NAME)} was changed by others {ATTEMPTS} times while this run was about"
        " to; the documents are written, run the same again to have them listed"
    )


def _stamp(moment: str) -> tuple[str, str]:
    return SiteIndex.generated_key, moment


def _page(files: FileStore) -> Iterable[NewFile]:
    """The page, if the store does not have it as it is now."""
    info = files.info(PAGE)
    served = (md5(page()), PAGE_TYPE, PAGE_CACHE)
    if info is None or (info.md5, info.content_type, info.cache_control) != served:
        yield NewFile(PAGE, page(), PAGE_TYPE, PAGE_CACHE)


def _in_store(files: FileStore) -> set[str]:
    names = {name.removeprefix(f"{ROOT}/") for name in files.names(f"{ROOT}/")}
    schemas = FOLDER.removeprefix(ROOT).strip("/")
    return {name for name in names if not name.startswith(f"{schemas}/")} - {LIST.pattern}


def _listed(content: bytes) -> set[str] | None:
    """The paths that a list names; None if it is damaged."""
    try:
        said = json.loads(content)
        if isinstance(said, dict):
            said.pop(SiteIndex.generated_key, None)
        index = SiteIndex.model_validate_json(json.dumps(said))
    except (ValidationError, UnicodeDecodeError, json.JSONDecodeError):
        return None
    dated = {f"{kind}/{day}.json" for kind, days in index.dated.items() for day in days}
    return dated | set(index.documents)


def _index(paths: Iterable[str]) -> SiteIndex:
    dated: dict[str, list[dt.date]] = {}
    documents = []
    for path in sorted(paths):
        if said := _DATED.fullmatch(path):
            dated.setdefault(said[1], []).append(dt.date.fromisoformat(said[2]))
        elif path.count("/") < DEEPEST:
            documents.append(path)
    newest = max((days[-1] for days in dated.values()), default=None)
    return SiteIndex(as_of_date=newest, dated=dated, documents=documents)
