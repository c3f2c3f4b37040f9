"""Refusals by their first cause: what went wrong, said once, with what mends it.

A chain of tables behind one bad game is one line here. What merely follows is counted.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from rich.markup import escape

from nba_backfill.core.partitions import day_ranges
from nba_backfill.warehouse.ledger import (
    ERROR,
    LOAD,
    NEVER_COMPUTED,
    SCHEDULE,
    Cause,
    PartitionRecord,
)

OTHER_WORDS_SHOWN = 3
"""Errors of one table in words of their own that are told; a hundred would bury the first."""


@dataclass(slots=True)
class RootCause:
    """All refusals of one table by one check, the earliest first, and what follows from them."""

    causes: list[Cause] = field(default_factory=list)
    withheld: int = 0
    retained: int = 0
    followers: dict[str, set[dt.date]] = field(default_factory=dict)

    @property
    def first(self) -> Cause:
        """The earliest of them."""
        return min(self.causes, key=lambda cause: (cause.day, cause.game))


def root_causes(records: Iterable[PartitionRecord]) -> list[RootCause]:
    """The refusals behind some records, by table and check, in order of their first days."""
    found: dict[tuple[str, str], RootCause] = {}
    for record in records:
        cause = record.first_cause
        if cause is None or not (cause.refused or cause.contradiction):
            continue
        root = found.setdefault((cause.table, cause.check), RootCause())
        if cause not in root.causes:
            root.causes.append(cause)
        if cause.is_of(record):
            root.withheld += record.withheld_rows
            root.retained += record.retained_rows
        else:
            root.followers.setdefault(record.table_name, set()).add(record.day)
    return sorted(found.values(), key=lambda root: root.first.day)


def in_words(root: RootCause) -> Iterator[str]:
    """A root cause as lines for the console, the last with the command that mends it."""
    first = root.first
    yield f"[red]{'refused' if first.refused else 'contradicted'}[/] {escape(str(first))}"
    if len(root.causes) > 1:
        yield from _others(root)
    if first.check != LOAD and (root.withheld or root.retained):
        yield f"  {root.withheld:,} rows were kept out, {root.retained:,} stored rows stay"
    if root.followers:
        days = set().union(*root.followers.values())
        yield f"  and {len(root.followers)} tables after it ({day_ranges(days)})"
    yield f"  {escape(remedy(root))}"


def _others(root: RootCause) -> Iterator[str]:
    """What a root cause holds beside its first: by the same check, or in the same words.

    An error in the code has the same words on every day; one in the data of a day has its own.
    """
    if root.first.check != ERROR:
        days = day_ranges({cause.day for cause in root.causes})
        yield f"  and {len(root.causes) - 1} more by the same check: {days}"
        return
    by_words: dict[str, set[dt.date]] = {}
    for cause in root.causes:
        by_words.setdefault(cause.what, set()).add(cause.day)
    same = by_words.pop(root.first.what)
    if len(same) > 1:
        yield f"  on {len(same)} days in the same words: {day_ranges(same)}"
    for what, days in list(by_words.items())[:OTHER_WORDS_SHOWN]:
        yield f"  and {escape(what)}: {day_ranges(days)}"
    if len(by_words) > OTHER_WORDS_SHOWN:
        rest = list(by_words.values())[OTHER_WORDS_SHOWN:]
        days = day_ranges(set().union(*rest))
        yield f"  and {len(rest)} more errors, each in its own words: {days}"


def remedy(root: RootCause) -> str:
    """What an operator can do about a refusal."""
    first, days = root.first, sorted({cause.day for cause in root.causes})
    dates = f"{days[0]}...{days[-1]}" if len(days) > 1 else f"{days[0]}"
    again = f"nba-backfill run {first.table} --dates {dates}"
    accept = f'nba-backfill accept {first.table} --dates {dates} --because "..."'
    if first.check == NEVER_COMPUTED:
        return f"compute it: {again}"
    if first.check == SCHEDULE:
        return f"load the schedule of these days, then: {again}"
    if first.check == LOAD:
        return f"put the files back and run again; or, if the rows are to go: {accept}"
    if first.check == ERROR:
        return f"mend what broke, then: {again}; or let its readers go on without it: {accept}"
    if not first.refused:
        return f"settle what the raw tables say, then: {again}"
    return (
        "mend the raw rows and run again; or, if they are right: nba-backfill accept"
        f" {first.table} --dates {dates}"
        f"{f' --game {first.game}' if first.game and len(root.causes) == 1 else ''}"
        f' --check {first.check} --because "..."'
    )


def is_contradicted(record: PartitionRecord) -> bool:
    """Whether a day lacks what sources contradict each other about."""
    cause = record.first_cause
    return cause is not None and cause.contradiction
