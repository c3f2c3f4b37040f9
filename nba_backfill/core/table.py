"""Table: the one declaration of a table, a plain value that knows no Dagster and no warehouse.

From it come the asset, its dependencies and checks, the DDL, the scoped inputs of its SQL, the
column metadata and the documentation. Declarations live with the tables; this module only says
what a declaration is and refuses those that contradict themselves.
"""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from types import ModuleType

from nba_backfill.core.composition import Steps, composed, step_names
from nba_backfill.core.publication import Publication
from nba_backfill.core.window import Window

COLUMN_TYPES = (
    "STRING",
    "INT64",
    "FLOAT64",
    "BOOL",
    "DATE",
    "TIMESTAMP",
    "ARRAY<STRING>",
    "ARRAY<FLOAT64>",
)
DECIMAL_PREFIX = "NUMERIC("


GAME = "game_id"
"""The column that names a row's game, in whichever table has it."""

UNIT_SEPARATOR = " "


class Layer(StrEnum):
    """Where a table stands in the flow; the value is its Dagster group."""

    RAW = "nba_raw"
    STAGING = "staging"
    ANALYTICS = "phase3_analytics"
    PRECOMPUTE = "phase4_precompute"
    PREDICTIONS = "phase5_predictions"
    GRADING = "phase5_grading"
    FEEDBACK = "phase5_feedback"
    PUBLISHING = "phase6_publishing"

    @property
    def has_bootstrap(self) -> bool:
        """Whether a season's first days are settled without rows: their windows are too short."""
        return self in (Layer.PRECOMPUTE, Layer.PREDICTIONS, Layer.GRADING, Layer.FEEDBACK)


class DeclarationError(ValueError):
    """A table's declaration contradicts itself; the message names the table."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its GoogleSQL type, meaning, unit and what its values must satisfy.

    ``required``: NULL is an error that rejects the day. ``max_null_rate``: budget over a range,
    as a fraction; beyond it the null check warns. ``null_rate_where``: the rows the budget is
    about, as a SQL condition. ``between``: inclusive hard range; a value outside rejects the
    day. ``one_of``: the only values allowed.
    """

    name: str
    type: str
    description: str
    unit: str | None = None
    required: bool = False
    max_null_rate: float | None = None
    null_rate_where: str | None = None
    between: tuple[float, float] | None = None
    one_of: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.type not in COLUMN_TYPES and not self.type.startswith(DECIMAL_PREFIX):
            raise DeclarationError(f"column {self.name}: unknown type {self.type}")
        if self.required and self.max_null_rate is not None:
            raise DeclarationError(f"column {self.name}: required columns have no null budget")

    @property
    def documentation(self) -> str:
        """Description with the unit behind it."""
        return f"{self.description} [{self.unit}]" if self.unit else self.description


class Per(StrEnum):
    """What a coverage expectation counts."""

    GAME = "game"
    TEAM_GAME = "team-game"
    DAY = "day"


@dataclass(frozen=True, slots=True)
class Rows:
    """How many rows the schedule lets one expect.

    ``at_least`` rows per game or team-game, ``at_most`` where more would be wrong. Only final
    games count unless ``before_tip``: a table about the past cannot cover a game to come.
    ``outside``: SQL condition of the rows that belong to no scheduled game, and say so.
    """

    per: Per
    at_least: int = 1
    at_most: int | None = None
    before_tip: bool = False
    team_column: str = "team_abbr"
    outside: str | None = None

    @classmethod
    def one_per_game(cls, *, before_tip: bool = False) -> Rows:
        """Exactly one row for every game."""
        return cls(Per.GAME, at_most=1, before_tip=before_tip)

    @classmethod
    def one_per_team_game(cls, team_column: str = "team_abbr", *, before_tip: bool = False) -> Rows:
        """Exactly one row for both teams of every game."""
        return cls(Per.TEAM_GAME, at_most=1, before_tip=before_tip, team_column=team_column)

    @classmethod
    def at_least_per_team_game(cls, n: int, *, before_tip: bool = False) -> Rows:
        """At least ``n`` rows (players) for both teams of every game."""
        return cls(Per.TEAM_GAME, at_least=n, before_tip=before_tip)

    @classmethod
    def at_least_per_game(
        cls, n: int, *, before_tip: bool = False, outside: str | None = None
    ) -> Rows:
        """At least ``n`` rows for every game."""
        return cls(Per.GAME, at_least=n, before_tip=before_tip, outside=outside)

    @classmethod
    def per_day(cls, at_least: int, at_most: int | None = None) -> Rows:
        """Between ``at_least`` and ``at_most`` rows on every day with games."""
        return cls(Per.DAY, at_least, at_most, before_tip=True)

    def __str__(self) -> str:
        """The expectation in words."""
        if self.per is Per.DAY:
            return f"{self.at_least} to {self.at_most or 'any number of'} rows per game day"
        amount = "exactly" if self.at_most == self.at_least else "at least"
        games = "scheduled" if self.before_tip else "final"
        return f"{amount} {self.at_least} per {self.per} of every {games} game"


@dataclass(frozen=True, slots=True)
class Rule:
    """A condition every row must satisfy, as a GoogleSQL expression over the table's columns.

    A row for which it is FALSE is an offence (NULL is not: unknown is judged by null budgets).
    ``blocking`` rules withhold the row's game; the others only warn. A ``contradiction`` does not
    block: the row is written and says that its sources contradict each other, so that the day ends
    unavailable with that reason and a person is asked to settle it.
    """

    name: str
    holds: str
    description: str
    blocking: bool = True
    contradiction: bool = False

    def __post_init__(self) -> None:
        if self.blocking and self.contradiction:
            raise DeclarationError(f"rule {self.name}: a contradiction of sources does not block")


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """A cross-table check: a GoogleSQL query that returns the rows that disagree.

    The query names tables by bare name, has ``@start_date`` and ``@end_date``, and returns a
    column ``day`` beside whatever explains the disagreement; no rows means agreement. It sees the
    days it judges of each table, and of those in ``windows`` the days that window allows.

    A ``blocking`` one withholds the games it names in ``game_id`` (in a table without games, what
    the grain's columns name), and rejects the day where it names none: return them wherever a
    single game can be blamed. A ``contradiction`` is as in a :class:`Rule`.
    """

    name: str
    description: str
    reads: tuple[str, ...]
    sql: str
    blocking: bool = True
    windows: Mapping[str, Window] = field(default_factory=dict)
    contradiction: bool = False

    def __post_init__(self) -> None:
        if self.blocking and self.contradiction:
            raise DeclarationError(f"{self.name}: a contradiction of sources does not block")


@dataclass(frozen=True, slots=True)
class Picture:
    """A PNG to be shown beside a day's figures."""

    png: bytes


@dataclass(frozen=True)
class Table:
    """One table: grain, inputs, columns, expectations and the SELECT that fills it.

    ``known_after_tip``: columns of a table of facts known before tip that only the game fills.
    ``source`` is the declaring module's ``__file__``; the SELECT is in the file beside it with the
    suffix ``.sql``. ``steps`` names further SQL files, relative to that one's folder: each holds
    one SELECT, which later steps and the table's own SELECT read under the file's name
    (``"systems/zone_matchup_v1"`` as ``zone_matchup_v1``; see
    :mod:`nba_backfill.core.composition`). With ``compute`` (see
    :mod:`nba_backfill.materialization.computation`) the SELECT only gathers what that function
    turns into rows; ``code`` names the modules its results depend on. ``shows`` adds figures and
    pictures to the record of some days. ``refuses``: the columns that name what a blocking finding
    withholds; by default the game, in a table without games the grain without the date; empty where
    only the whole day means anything. ``publication``: what becomes of the rows outside the
    warehouse. Raises DeclarationError when the parts contradict each other.
    """

    name: str
    dataset: str
    layer: Layer
    date_column: str
    grain: tuple[str, ...]
    reads: Mapping[str, Window]
    columns: Sequence[Column]
    description: str
    source: str
    steps: Steps = ()
    expects: Rows | None = None
    known_after_tip: tuple[str, ...] = ()
    unique: tuple[tuple[str, ...], ...] = ()
    rules: tuple[Rule, ...] = ()
    reconciliations: tuple[Reconciliation, ...] = ()
    clustering: tuple[str, ...] = ()
    owners: tuple[str, ...] = field(default=("team:nba-data",))
    compute: Callable | None = None
    code: tuple[ModuleType, ...] = ()
    shows: Callable | None = None
    refuses: tuple[str, ...] | None = None
    publication: Publication | None = None

    def __post_init__(self) -> None:
        names = [column.name for column in self.columns]
        if len(set(names)) != len(names):
            twice = sorted({name for name in names if names.count(name) > 1})
            raise DeclarationError(f"{self.name}: declared twice: {', '.join(twice)}")
        mentioned = {self.date_column, *self.grain, *self.clustering}
        mentioned |= {column for key in self.unique for column in key} | {*self.known_after_tip}
        mentioned |= {*(self.refuses or ())}
        if unknown := sorted(mentioned - set(names)):
            raise DeclarationError(f"{self.name}: no such column: {', '.join(unknown)}")
        if self.date_column not in self.grain:
            raise DeclarationError(f"{self.name}: the grain lacks {self.date_column}")
        loose = [name for name in self.grain if not self.column(name).required]
        if loose:
            raise DeclarationError(f"{self.name}: grain columns not required: {', '.join(loose)}")
        readable = [*self.reads, *step_names(self.steps)]
        if twice := sorted({name for name in readable if readable.count(name) > 1}):
            raise DeclarationError(
                f"{self.name}: two inputs or steps are called {', '.join(twice)}"
            )

    def column(self, name: str) -> Column:
        """The column of that name; KeyError with the table's name if there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(f"{self.name} has no column {name}")

    @property
    def relation(self) -> str:
        """Dataset-qualified name, the same in every warehouse."""
        return f"{self.dataset}.{self.name}"

    @property
    def before_tip(self) -> bool:
        """Whether the row for day D is known before D's games: nothing they bring may change it.

        Tables that expect rows before tip, and those whose rows come as they come (injuries).
        """
        if self.publication is not None:
            return self.publication.before_tip
        return self.expects is None or self.expects.before_tip

    @property
    def keys(self) -> tuple[tuple[str, ...], ...]:
        """Column sets in which no two rows may agree: the grain first."""
        return (self.grain, *self.unique)

    @property
    def names(self) -> frozenset[str]:
        """Names of the columns."""
        return frozenset(column.name for column in self.columns)

    @property
    def unit_columns(self) -> tuple[str, ...]:
        """The columns that name what a blocking finding withholds; empty: the whole day."""
        if self.refuses is not None:
            return self.refuses
        if GAME in self.names:
            return (GAME,)
        return tuple(name for name in self.grain if name != self.date_column)

    @property
    def unit(self) -> str:
        """GoogleSQL expression of what a row is refused with; NULL where nothing names it.

        A row of a game table that belongs to no game stands for itself.
        """
        named = [_joined(self.unit_columns)] if self.unit_columns else []
        if self.unit_columns == (GAME,):
            named.append(_joined([n for n in self.grain if n not in (self.date_column, GAME)]))
        parts = [part for part in named if part]
        return f"COALESCE({', '.join(parts)})" if len(parts) > 1 else (parts or ["NULL"])[0]

    def unit_of(self, found: Mapping[str, object]) -> str | None:
        """What a finding's values blame, as :attr:`unit` names it; None for the whole day."""
        values = [found.get(name) for name in self.unit_columns]
        if not values or any(value is None for value in values):
            return None
        return UNIT_SEPARATOR.join(str(value) for value in values)

    @cached_property
    def judged_by(self) -> str:
        """Changes whenever what may refuse a row changes: what was refused is then tried again."""
        parts = [f"{c.name} {c.required} {c.between} {c.one_of}" for c in self.columns]
        parts += [f"{r.name} {r.holds}" for r in self.rules if r.blocking]
        parts += [f"{r.name} {r.sql}" for r in self.reconciliations if r.blocking]
        parts += [str(self.keys), str(self.expects), str(self.unit_columns)]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:12]

    @cached_property
    def sql(self) -> str:
        """The authored GoogleSQL SELECT behind its steps.

        Raises DeclarationError if the file beside the declaration, or that of a step, is missing.
        """
        path = Path(self.source).with_suffix(".sql")
        try:
            return composed(path.parent, self.steps, path.read_text(encoding="utf-8"))
        except FileNotFoundError as missing:
            raise DeclarationError(f"{self.name}: there is no {missing.filename}") from missing

    @cached_property
    def code_version(self) -> str:
        """Changes whenever the SELECT, computing code, a column's type or a window changes."""
        parts = [self.sql, *(f"{c.name} {c.type}" for c in self.columns)]
        parts += [inspect.getsource(module) for module in self.code]
        parts += [f"{name} {window}" for name, window in sorted(self.reads.items())]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:12]


def _joined(names: Sequence[str]) -> str:
    """GoogleSQL expression of some columns as one text; NULL if one of them is."""
    texts = [f"CAST(`{name}` AS STRING)" for name in names]
    if len(texts) < 2:
        return "".join(texts)
    separated = f", '{UNIT_SEPARATOR}', ".join(texts)
    return f"CONCAT({separated})"


@dataclass(frozen=True)
class RawTable:
    """The contract of a table we read but do not write: columns, grain, how it is written.

    ``date_column`` None: a table without dates, read whole. ``optional``: may be absent, and
    its dependants say so in their status and quality columns. ``facts``: its rows exist only for
    games that were played, so that a day with such rows has had games, whatever the schedule says.
    """

    name: str
    dataset: str
    grain: tuple[str, ...]
    columns: Sequence[Column]
    description: str
    date_column: str | None
    write_discipline: str
    optional: bool = False
    facts: bool = False

    @property
    def relation(self) -> str:
        """Dataset-qualified name, the same in every warehouse."""
        return f"{self.dataset}.{self.name}"
