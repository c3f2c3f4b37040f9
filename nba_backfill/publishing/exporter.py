"""An exporter is a table whose rows are documents: its one declaration.

    TABLE = exporter(
        name="streaks",
        kind=Kind.SNAPSHOT,
        paths="streaks/today.json",
        max_age=3600,
        model=Streaks,
        reads={"player_game_summary": Window.season_to_date(before=False)},
        shape=shape,
        description="Players on a run of overs or unders.",
        source=__file__,
    )

The SELECT beside it gathers, for all days wanted at once, the rows that documents are made of,
each with the date of its document; ``shape`` makes the documents of one day from that day's rows.
"""

from __future__ import annotations

import datetime as dt
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import ModuleType

import pandas as pd
from pydantic import ValidationError

from nba_backfill.core.composition import Steps
from nba_backfill.core.publication import Kind
from nba_backfill.core.table import (
    Column,
    DeclarationError,
    Layer,
    Per,
    Reconciliation,
    Rows,
    Rule,
    Table,
)
from nba_backfill.core.window import Window
from nba_backfill.materialization.computation import Gathered
from nba_backfill.publishing import document
from nba_backfill.publishing.document import Document
from nba_backfill.publishing.gathered import by_day, plain
from nba_backfill.publishing.patterns import PLACES, PathPattern, pattern_of
from nba_backfill.publishing.store import Documents

__all__ = ["DATASET", "Kind", "Shape", "Withheld", "exporter"]

DATASET = "nba_publishing"
ENTRIES = "entries"


@dataclass(frozen=True, slots=True)
class Withheld:
    """Stands for a document that must not be published now; the earlier one stays."""

    reason: str


Shape = Callable[[dt.date, pd.DataFrame], Mapping[str, Document | Mapping | Withheld]]
"""The documents of one day by path under ``v1/``, from the rows gathered for that day; pure.

A document may be given as a mapping: it is then validated here, and if it does not keep its
model's contract only it is withheld, not the day.
"""


def exporter(
    *,
    name: str,
    kind: Kind,
    paths: str | Sequence[str],
    max_age: int | Mapping[str, int],
    model: type[Document] | Mapping[str, type[Document]],
    reads: Mapping[str, Window],
    shape: Shape,
    description: str,
    source: str,
    before_tip: bool | None = None,
    expects: Rows | None = None,
    steps: Steps = (),
    rules: Sequence[Rule] = (),
    reconciliations: Sequence[Reconciliation] = (),
    code: Sequence[ModuleType] = (),
    expires: bool = False,
    only_today: Sequence[str] = (),
    points_at: Mapping[str, Table] | None = None,
    entries: Callable[[Document], int] | None = None,
    is_empty: Callable[[Document], bool] | None = None,
) -> Table:
    """The table of an exporter: grain (date, path), one row per document.

    ``max_age``: seconds of ``Cache-Control: public, max-age``, by pattern where they differ.
    ``before_tip``: whether the document is known before its date's games (default: a pre-game one).
    ``entries``: how many rows a document holds (default: its longest list, at most one level down);
    ``is_empty``: whether it says nothing (default: no entries). ``expires``: objects of paths that
    the newest date no longer has are deleted; ``only_today``: paths written only for the current
    date; ``points_at``: of a pointer, the table whose newest document each path shows. Raises
    DeclarationError for patterns that lack a model or an age, or hold a place that does not exist.
    """
    patterns = (paths,) if isinstance(paths, str) else tuple(paths)
    ages = max_age if isinstance(max_age, Mapping) else dict.fromkeys(patterns, max_age)
    models = model if isinstance(model, Mapping) else dict.fromkeys(patterns, model)
    if set(ages) != set(patterns) or set(models) != set(patterns):
        raise DeclarationError(f"{name}: every pattern of a path needs a max_age and a model")
    places = {place for pattern in patterns for place in re.findall(r"\{(\w+)\}", pattern)}
    if unknown := sorted(places - set(PLACES)):
        raise DeclarationError(f"{name}: no such place in a path: {', '.join(unknown)}")
    publication = Documents(
        kind,
        kind is Kind.PRE_GAME if before_tip is None else before_tip,
        tuple(PathPattern(p, models[p], ages[p]) for p in patterns),
        expires,
        frozenset(only_today),
        points_at or {},
    )
    date_column = kind.date_column
    maker = _Maker(date_column, publication, shape, entries or longest_list, is_empty)
    modules = [document, *(sys.modules[m.__module__] for m in models.values())]
    modules += [sys.modules[shape.__module__], *code]
    at_least = 0 if "{player_lookup}" in "".join(patterns) else 1
    return Table(
        name=name,
        dataset=DATASET,
        layer=Layer.PUBLISHING,
        date_column=date_column,
        grain=(date_column, "path"),
        reads=reads,
        columns=_columns(kind),
        description=description,
        source=source,
        steps=steps,
        expects=expects or Rows(Per.DAY, at_least=at_least, before_tip=True),
        rules=(MAY_BE_PUBLISHED, *rules),
        reconciliations=tuple(reconciliations),
        compute=maker,
        code=tuple(dict.fromkeys(modules)),
        publication=publication,
    )


MAY_BE_PUBLISHED = Rule(
    "may_be_published",
    "problem IS NULL",
    "Every key there, of its type and unit, finite: what the JSON Schema says (P6-1)",
)


def _columns(kind: Kind) -> tuple[Column, ...]:
    about = "of" if kind.date_column == "game_date" else "as of"
    return (
        Column(
            kind.date_column, "DATE", f"Date the document is {about}, US-Eastern", required=True
        ),
        Column("path", "STRING", "Where it is published, under v1/", required=True),
        Column(
            "document",
            "STRING",
            "Canonical JSON without the moment it was generated; NULL if it broke its contract",
        ),
        Column(ENTRIES, "INT64", "Rows in it", required=True, between=(0, 1_000_000)),
        Column("is_empty", "BOOL", "Whether it is the empty document", required=True),
        Column("bytes", "INT64", "Its size", unit="bytes", required=True),
        Column("problem", "STRING", "Why it is not published; NULL if it keeps its contract"),
    )


@dataclass(frozen=True)
class _Maker:
    """Computes the rows of an exporter; see :mod:`nba_backfill.materialization.computation`."""

    date_column: str
    publication: Documents
    shape: Shape
    entries: Callable[[Document], int]
    is_empty: Callable[[Document], bool] | None

    def __call__(self, gathered: Gathered) -> pd.DataFrame:
        """One row per document of the days wanted."""
        rows = by_day(plain(gathered.rows), self.date_column, gathered.days)
        made = [
            self._row(day, path, given)
            for day in gathered.days
            for path, given in sorted(self.shape(day, rows[day]).items())
        ]
        return pd.DataFrame(
            made,
            columns=[
                self.date_column,
                "path",
                "document",
                ENTRIES,
                "is_empty",
                "bytes",
                "problem",
            ],
        )

    def _row(self, day: dt.date, path: str, given: Document | Mapping | Withheld) -> tuple:
        model = pattern_of(self.publication.patterns, path).model
        if isinstance(given, Withheld):
            return day, path, None, 0, True, 0, given.reason
        try:
            # Also what was built as the model: an object made without validation would pass.
            said = given.model_dump() if isinstance(given, Document) else given
            made = model.model_validate(said)
        except ValidationError as error:
            return day, path, None, 0, True, 0, problem_of(error)
        text = made.to_text()
        count = self.entries(made)
        empty = self.is_empty(made) if self.is_empty else count == 0
        return day, path, text, count, empty, len(text.encode()), None


def problem_of(error: ValidationError) -> str:
    """The first thing that is wrong with a document, where, and how many there are."""
    first, *others = error.errors(include_url=False)
    where = ".".join(map(str, first["loc"])) or "document"
    more = f" (and {len(others)} more)" if others else ""
    return f"{where}: {first['msg']}, not {first['input']!r:.60}{more}"


def longest_list(made: Document) -> int:
    """Rows of a document: the length of its longest list, directly in it or one level down."""
    return max((len(found) for found in _lists(made.model_dump(), 2)), default=0)


def _lists(value: object, depth: int) -> Iterator[list]:
    if isinstance(value, list | tuple):
        yield list(value)
    elif isinstance(value, dict) and depth:
        for part in value.values():
            yield from _lists(part, depth - 1)
