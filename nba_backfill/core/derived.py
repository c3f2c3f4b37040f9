"""Texts that follow from other texts alone, worked out once and kept on disk.

SQLGlot needs seconds to translate our statements and to read the lineage out of them, every time a
process starts. What it says depends on nothing but the statement and the code that asks, so it is
kept in files under a hash of both. A file that is damaged, or not ours, is worked out anew and
written over; a folder that cannot be written costs time and nothing else. Everything in the folder
may be thrown away at any time.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import importlib.util
import os
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path


class Derivation:
    """One way of deriving texts, with the versions of all code that its results depend on.

    ``derive`` is called where nothing is kept yet; what it raises is passed on and not kept.
    """

    def __init__(self, name: str, derive: Callable[[str], str], *versions: str) -> None:
        self.name = name
        self._derive = derive
        self._versions = versions
        self._known: dict[str, str] = {}

    @classmethod
    def in_module(cls, module: str, function: str, package: str) -> Derivation:
        """Deriving by a function in a module that is loaded only where nothing is kept yet.

        Its results depend on the module's file and on the version of ``package``.
        """

        def derive(source: str) -> str:
            return getattr(importlib.import_module(module), function)(source)

        path = Path(importlib.util.find_spec(module).origin)
        written = hashlib.blake2b(path.read_bytes(), digest_size=8).hexdigest()
        return cls(function, derive, written, importlib.metadata.version(package))

    def __call__(self, source: str) -> str:
        """What follows from a text."""
        if (known := self._known.get(source)) is not None:
            return known
        key = _digest(self.name, *self._versions, source)
        path = None if _Folder.path is None else _Folder.path / f"{self.name}-{key}.txt"
        kept = None if path is None else _read(path, key)
        self._known[source] = found = self._derive(source) if kept is None else kept
        if path is not None and kept is None:
            _write(path, key, found)
        return found


class _Folder:
    """Where texts are kept by this process."""

    path: Path | None = None


def keep_derived_in(folder: Path | None) -> None:
    """Keep what is derived from now on in a folder, which is made when needed; None: in memory."""
    _Folder.path = folder


def _digest(*parts: str) -> str:
    digest = hashlib.blake2b(digest_size=16)
    for part in parts:
        # With its length, so that no two lists of parts read alike.
        digest.update(f"{len(part)}|{part}".encode())
    return digest.hexdigest()


def _read(path: Path, key: str) -> str | None:
    """The text kept in a file, or None if there is none or it is not what was written for a key."""
    try:
        head, _, text = path.read_bytes().decode().partition("\n")
    except (OSError, UnicodeDecodeError):
        return None
    return text if head == _digest(key, text) else None


def _write(path: Path, key: str, text: str) -> None:
    """Put a text into a file in one step, so that no reader meets half of it."""
    # Whoever cannot write here (no space, not his folder) works everything out each time.
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(f"{_digest(key, text)}\n{text}".encode())
            Path(temporary).replace(path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
