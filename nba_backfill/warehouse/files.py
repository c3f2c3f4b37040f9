"""Where what is not a row lives, by name: model files and published documents.

One protocol with two homes: a folder (:class:`LocalFiles`) and a bucket of Google Cloud Storage
(:class:`~nba_backfill.warehouse.gcs_files.GCSFiles`). Both keep these promises:

* A reader finds a whole file or none, whenever the writing process is killed.
* Content, content type and Cache-Control come into being together.
* A name is relative, of parts joined by ``/``; no part is empty or begins with a dot.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import NamedTuple, Protocol
from uuid import uuid4

from filelock import FileLock

ANY_TYPE = "application/octet-stream"
ABANDONED_AFTER_SECONDS = 3600.0
"""A file is written in well under a second: one an hour old belongs to a killed process."""

LOCK_POLL_SECONDS = 0.005
"""Some ten files are written in that time: two writers of one folder share it fairly."""

BATCH = 256
"""Files of a stream that are in memory at once."""


class FileStoreError(RuntimeError):
    """The store cannot do what was asked; the message says what was not written, and the cure."""


class FileChangedError(FileStoreError):
    """Someone else wrote, made or deleted the file meanwhile; nothing was written."""


class FileNameError(ValueError):
    """A name that means no file of the store."""


@dataclass(frozen=True, slots=True)
class FileInfo:
    """What a store tells of a file without its content.

    ``size`` in bytes. ``generation`` names this content among all that the file ever had and is
    what :meth:`FileStore.replace` compares. ``md5`` in hexadecimal digits.
    """

    name: str
    size: int
    content_type: str
    cache_control: str
    generation: str
    md5: str


class FoundFile(NamedTuple):
    """Content of a file and what the store tells of exactly that content."""

    content: bytes
    info: FileInfo


@dataclass(frozen=True, slots=True)
class NewFile:
    """A file to be written; what a web server sends with it, and for how long caches keep it."""

    name: str
    content: bytes
    content_type: str = ANY_TYPE
    cache_control: str = ""


class FileStore(Protocol):
    """Files by name, whole or not at all. Every method raises FileStoreError if it cannot."""

    def read(self, name: str) -> bytes | None:
        """Content of a file, or None if there is none of that name."""

    def find(self, name: str) -> FoundFile | None:
        """Content of a file and what belongs to it, of one moment; None if there is none."""

    def info(self, name: str) -> FileInfo | None:
        """What is known of a file, or None if there is none of that name."""

    def infos(self, prefix: str = "") -> Iterator[FileInfo]:
        """Files whose name begins with ``prefix``, in the order of their names' characters."""

    def names(self, prefix: str = "") -> Iterator[str]:
        """Names that begin with ``prefix``, in the order of their characters."""

    def write(
        self, name: str, content: bytes, *, content_type: str = ANY_TYPE, cache_control: str = ""
    ) -> None:
        """Put a file in place of any older one, so that a reader sees the one or the other."""

    def write_many(self, files: Iterable[NewFile]) -> int:
        """Write files in any order, as fast as the store can; return how many.

        Each is whole or not written; what was written before an error stays.
        """

    def replace(
        self,
        name: str,
        content: bytes,
        *,
        if_generation: str | None,
        content_type: str = ANY_TYPE,
        cache_control: str = "",
    ) -> None:
        """Write a file only if it is the one that was read; for pointers with several writers.

        ``if_generation`` is that of the :class:`FileInfo` read before, or None for a file that
        must not exist yet. Raises FileChangedError otherwise.
        """

    def delete(self, name: str) -> None:
        """Remove a file; one that is not there is removed already."""

    def uri(self, name: str) -> str:
        """Where a person finds the file."""


def valid_name(name: str) -> str:
    """The name, if it is one; raises FileNameError for any that could mean something elsewhere."""
    parts = name.split("/")
    if any(not part or part.startswith(".") for part in parts) or {"\\", "\0"} & set(name):
        raise FileNameError(
            f"{name!r} names no file of a store; valid: relative names like"
            " results/2024-01-15.json, no part of which is empty or begins with a dot"
        )
    return name


def batches(files: Iterable[NewFile]) -> Iterator[list[NewFile]]:
    """A stream of files in pieces that fit in memory."""
    stream = iter(files)
    while batch := list(islice(stream, BATCH)):
        yield batch


class LocalFiles:
    """A :class:`FileStore` in a folder, made when the first file is written.

    Content types and Cache-Control lie in ``.about/<name>.json``, by the hash of the content they
    belong to. That note is written first and speaks of the older content too, so that whatever a
    kill leaves under the name has its own. A generation is the hash of the content.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._lock = FileLock(folder / ".lock", poll_interval=LOCK_POLL_SECONDS)
        self._is_ready = False

    def __str__(self) -> str:
        return str(self.folder)

    def read(self, name: str) -> bytes | None:
        """Content of a file, or None if there is none of that name."""
        try:
            return self._path(name).read_bytes()
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            return None
        except OSError as error:
            raise FileStoreError(f"{self.uri(name)} cannot be read: {error}") from error

    def find(self, name: str) -> FoundFile | None:
        """Content of a file and what belongs to it, of one moment; None if there is none."""
        while (content := self.read(name)) is not None:
            md5, noted = _md5(content), self._notes(name)
            # Without a note it is one written with none, or one replaced since it was read.
            if md5 in noted or self.read(name) == content:
                said = noted.get(md5, (ANY_TYPE, ""))
                return FoundFile(content, FileInfo(name, len(content), *said, md5, md5))
        return None

    def info(self, name: str) -> FileInfo | None:
        """What is known of a file, or None if there is none of that name."""
        found = self.find(name)
        return found.info if found else None

    def infos(self, prefix: str = "") -> Iterator[FileInfo]:
        """Files whose name begins with ``prefix``, in the order of their names' characters."""
        for name in self.names(prefix):
            found = self.info(name)
            if found:  # deleted since it was listed, else
                yield found

    def names(self, prefix: str = "") -> Iterator[str]:
        """Names that begin with ``prefix``, in the order of their characters."""
        parent = prefix.rpartition("/")[0]
        top = self.folder / valid_name(parent) if parent else self.folder
        found = []
        for folder, folders, files in os.walk(top):
            folders[:] = [name for name in folders if not name.startswith(".")]
            within = Path(folder).relative_to(self.folder)
            found += [(within / file).as_posix() for file in files if not file.startswith(".")]
        yield from sorted(name for name in found if name.startswith(prefix))

    def write(
        self, name: str, content: bytes, *, content_type: str = ANY_TYPE, cache_control: str = ""
    ) -> None:
        """Put a file in place of any older one, so that a reader sees the one or the other."""
        self._put(NewFile(valid_name(name), content, content_type, cache_control))

    def write_many(self, files: Iterable[NewFile]) -> int:
        """Write files one after the other; return how many."""
        written = 0
        for file in files:
            self._put(file)
            written += 1
        return written

    def replace(
        self,
        name: str,
        content: bytes,
        *,
        if_generation: str | None,
        content_type: str = ANY_TYPE,
        cache_control: str = "",
    ) -> None:
        """Write a file only if it is the one that was read, or None and there is none."""
        new = NewFile(valid_name(name), content, content_type, cache_control)
        with self._locked(new.name):
            found = self.read(name)
            if (None if found is None else _md5(found)) != if_generation:
                raise FileChangedError(
                    f"{self.uri(name)} was written by someone else meanwhile; nothing was"
                    " written. Read it again and decide anew"
                )
            self._put(new)

    def delete(self, name: str) -> None:
        """Remove a file; one that is not there is removed already."""
        path = self._path(name)
        if not path.is_file():
            return
        with self._locked(name):
            path.unlink(missing_ok=True)
            self._note_path(name).unlink(missing_ok=True)

    def uri(self, name: str) -> str:
        """Path of the file."""
        return str(self._path(name))

    def _path(self, name: str) -> Path:
        return self.folder / valid_name(name)

    def _note_path(self, name: str) -> Path:
        return self.folder / ".about" / f"{name}.json"

    def _notes(self, name: str) -> dict[str, tuple[str, str]]:
        """Hash of content -> its content type and Cache-Control."""
        try:
            noted = json.loads(self._note_path(name).read_bytes())
        except FileNotFoundError:
            return {}
        return {md5: (said[0], said[1]) for md5, said in noted.items()}

    def _put(self, file: NewFile) -> None:
        path, md5 = self._path(file.name), _md5(file.content)
        with self._locked(file.name):
            noted = self._notes(file.name)
            said = (file.content_type, file.cache_control)
            if noted.get(md5, (ANY_TYPE, "")) != said:
                older = self.read(file.name)
                kept = {old: noted[old] for old in [_md5(older or b"")] if old in noted}
                note = json.dumps({**kept, md5: said}).encode()
                self._move_into_place(note, self._note_path(file.name))
            self._move_into_place(file.content, path)

    def _move_into_place(self, content: bytes, path: Path) -> None:
        beside = self.folder / ".writing" / uuid4().hex
        beside.write_bytes(content)
        try:
            beside.replace(path)
        except FileNotFoundError:
            path.parent.mkdir(parents=True, exist_ok=True)
            beside.replace(path)

    @contextmanager
    def _locked(self, name: str) -> Iterator[None]:
        """One writer at a time, of all processes; the system lets go for one that is killed."""
        try:
            self._make_ready()
            with self._lock:
                yield
        except OSError as error:
            raise FileStoreError(
                f"{self.uri(name)} was not written: {error}. What is there is whole; mend the"
                " folder (or the variable NBA_EXPORT_URL) and run again"
            ) from error

    def _make_ready(self) -> None:
        """Make the folder, and clear away what killed writers left, once per store."""
        if self._is_ready:
            return
        writing = self.folder / ".writing"
        writing.mkdir(parents=True, exist_ok=True)
        long_ago = time.time() - ABANDONED_AFTER_SECONDS
        for abandoned in writing.iterdir():
            if abandoned.stat().st_mtime < long_ago:
                abandoned.unlink(missing_ok=True)
        self._is_ready = True


def _md5(content: bytes) -> str:
    return hashlib.md5(content, usedforsecurity=False).hexdigest()
