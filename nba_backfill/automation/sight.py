"""How triggers see the platform's own warehouse and raw tables, changing neither."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from nba_backfill.automation.triggers import Sight
from nba_backfill.resources import Settings, build_resources


@contextmanager
def look() -> Iterator[Sight]:
    """The warehouse that the environment names, with the raw tables as they are now."""
    resource = build_resources(Settings.from_environment())["warehouse"]
    reader = resource.read(lambda _: None, bring_up=resource.has_raw_tables)
    try:
        yield Sight(reader, resource.raw_token(reader))
    finally:
        reader.close()
