"""A table's SELECT put together from several files, each of which can be read alone.

A step is one SELECT in a file of its own. It may name the steps before it and the table's inputs,
by bare name. No file is edited when they are put together: the steps become the entries of one
WITH clause, each under the name of its file, and the table's own SELECT a subquery behind it.

    WITH pool AS (…), forecasts AS (…)
    SELECT * FROM (…)
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath


@dataclass(frozen=True, slots=True)
class UnionAll:
    """Steps that stand side by side, and behind them one more step with the rows of all.

    ``columns`` are those that each of them must yield, in whatever order and beside others.
    """

    name: str
    of: tuple[str, ...]
    columns: tuple[str, ...]

    @property
    def sql(self) -> str:
        """GoogleSQL of the rows of all."""
        columns = ", ".join(self.columns)
        return "\nUNION ALL\n".join(f"SELECT {columns} FROM {_stem(step)}" for step in self.of)


Steps = Sequence[str | UnionAll]
"""In order, the names of SQL files without suffix, relative to the folder of the declaration."""


def step_names(steps: Steps) -> list[str]:
    """The names by which later steps and the table's own SELECT know the steps."""
    return [name for name, _ in _entries(steps)]


def composed(folder: Path, steps: Steps, select: str) -> str:
    """The SELECT of a table behind its steps, whose files lie in ``folder`` or relative to it.

    Raises FileNotFoundError if a file is missing.
    """
    if not steps:
        return select
    entries = ",\n".join(f"{name} AS (\n{_read(folder, step)}\n)" for name, step in _entries(steps))
    return f"WITH {entries}\nSELECT * FROM (\n{select.rstrip()}\n)\n"


def _entries(steps: Steps) -> Iterator[tuple[str, str | UnionAll]]:
    """Each entry of the WITH clause: its name, and the file or the union it holds."""
    for step in steps:
        if isinstance(step, UnionAll):
            yield from ((_stem(part), part) for part in step.of)
            yield step.name, step
        else:
            yield _stem(step), step


def _read(folder: Path, step: str | UnionAll) -> str:
    if isinstance(step, UnionAll):
        return step.sql
    return (folder / f"{step}.sql").read_text(encoding="utf-8").rstrip()


def _stem(step: str) -> str:
    return PurePosixPath(step).name
