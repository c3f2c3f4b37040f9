"""Where what is not a row lives: model files, by name."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol
from uuid import uuid4


class FileStore(Protocol):
    """Files by name, whole or not at all; a name may contain ``/``."""

    def read(self, name: str) -> bytes | None:
        """Content of a file, or None if there is none of that name."""

    def write(self, name: str, content: bytes) -> None:
        """Put a file in place of any older one, so that a reader sees the one or the other."""

    def uri(self, name: str) -> str:
        """Where a person finds the file."""


class LocalFiles:
    """A :class:`FileStore` in a folder, made when the first file is written."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def read(self, name: str) -> bytes | None:
        """Content of a file, or None if there is none of that name."""
        path = self.folder / name
        return path.read_bytes() if path.is_file() else None

    def write(self, name: str, content: bytes) -> None:
        """Put a file in place of any older one.

        Written beside and renamed: a killed process leaves no half file under the name.
        """
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.with_name(f".{path.name}.{uuid4().hex}")
        beside.write_bytes(content)
        beside.replace(path)

    def uri(self, name: str) -> str:
        """Path of the file."""
        return str(self.folder / name)
