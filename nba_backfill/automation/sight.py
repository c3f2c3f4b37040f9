"""How triggers see the platform's own warehouse and raw folder, changing neither."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nba_backfill.automation.triggers import Sight
from nba_backfill.resources import Settings, build_resources


@contextmanager
def look() -> Iterator[Sight]:
    """The warehouse that the environment names, with the raw files as they are now in memory."""
    resource = build_resources(Settings.from_environment())["warehouse"]
    folder: Path = resource.raw_folder
    reader = resource.read(lambda _: None, bring_up=folder.is_dir())
    try:
        yield Sight(reader, files_token(folder))
    finally:
        reader.close()


def files_token(folder: Path) -> str:
    """Changes when a raw file is added, removed or written; no file is opened to tell."""
    digest = hashlib.blake2b(digest_size=10)
    for file in sorted(folder.glob("*/*/*.parquet")):
        stat = file.stat()
        digest.update(f"{file.relative_to(folder)}{stat.st_size}{stat.st_mtime_ns}".encode())
    return digest.hexdigest()
