"""Where documents lie: patterns of paths under v1/, what may stand in them, and their headers."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from nba_backfill.publishing.document import Document

ROOT = "v1"
JSON = "application/json"
PLACES = {
    "date": r"\d{4}-\d{2}-\d{2}",
    "season": r"\d{4}-\d{2}",
    "player_lookup": r"[a-z0-9]+",
    "sport": r"[a-z]+",
}
"""What may stand in a path's pattern, as a regular expression."""


@dataclass(frozen=True)
class PathPattern:
    """One pattern of paths under v1/, the model of what lies there, and how long it is cached.

    ``max_age`` in seconds.
    """

    pattern: str
    model: type[Document]
    max_age: int

    @cached_property
    def expression(self) -> re.Pattern[str]:
        """The paths of the pattern as a regular expression; KeyError for an unknown place."""
        parts = re.split(r"\{(\w+)\}", self.pattern)
        texts = (
            f"(?P<{part}>{PLACES[part]})" if i % 2 else re.escape(part)
            for i, part in enumerate(parts)
        )
        return re.compile("".join(texts))

    @property
    def is_one(self) -> bool:
        """Whether the pattern is a single path."""
        return "{" not in self.pattern

    @property
    def prefix(self) -> str:
        """What all names of the pattern begin with in the store."""
        return f"{ROOT}/{self.pattern.partition('{')[0]}"

    @property
    def cache_control(self) -> str:
        """The header that is set with the upload."""
        return f"public, max-age={self.max_age}"

    def date_in(self, path: str) -> dt.date | None:
        """The date that a path of the pattern names, if it names one."""
        said = self.expression.fullmatch(path)
        return dt.date.fromisoformat(said["date"]) if said and "date" in said.groupdict() else None


def pattern_of(patterns: Sequence[PathPattern], path: str) -> PathPattern:
    """The pattern of a path; ValueError for a path that none of them allows."""
    for pattern in patterns:
        if pattern.expression.fullmatch(path):
            return pattern
    raise ValueError(f"{path} fits none of {', '.join(p.pattern for p in patterns)}")
