"""Proofs on the user's own data: computed again in other ways, the rows must be the same.

Everything happens in a scratch copy of the warehouse; the user's own is only read. Each proof
compares content fingerprints day by day and returns the days that differ. What was withheld of a
day stays withheld in every proof, and earlier rows that stay in its place are no part of it.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from nba_backfill.core.season import Season
from nba_backfill.core.table import Table
from nba_backfill.materialization.catalogue import Catalogue, seasons_of
from nba_backfill.materialization.computation import stage_days
from nba_backfill.materialization.step import Step
from nba_backfill.warehouse.dialect import expression_to_duckdb
from nba_backfill.warehouse.duckdb import DuckDBWarehouse
from nba_backfill.warehouse.ledger import Status

SHUFFLE_SEED = 7


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome of one proof for one table."""

    table: str
    proof: str
    days: int
    differing: tuple[dt.date, ...]

    @property
    def holds(self) -> bool:
        """Whether no day differs."""
        return not self.differing


class Verifier:
    """Proves properties of tables in a scratch warehouse that the caller throws away.

    ``days``: the days to prove, of which those with computed rows count.
    """

    def __init__(
        self, catalogue: Catalogue, scratch: DuckDBWarehouse, days: Sequence[dt.date]
    ) -> None:
        self.catalogue = catalogue
        self.scratch = scratch
        self.days = sorted(days)

    def proofs(self, table: Table) -> Iterator[Verdict]:
        """Every proof that applies to a table."""
        yield self._verdict(table, "twice = once", self.twice)
        yield self._verdict(table, "day by day, shuffled = range", self.day_by_day)
        yield self._verdict(table, "scoped read = unlimited read", self.unlimited)
        if table.before_tip:
            yield self._verdict(table, "truncated at D-1 = complete", self.truncated)

    def _verdict(
        self,
        table: Table,
        proof: str,
        prove: Callable[[Table, list[dt.date]], dict[dt.date, str]],
    ) -> Verdict:
        history = self.scratch.histories([table.relation])[table.relation]
        recorded = {
            day: record.fingerprint
            for day in self.days
            if (record := history.get(day))
            and record.status in (Status.COMPLETE, Status.UNAVAILABLE)
        }
        found = prove(table, list(recorded)) if recorded else {}
        differing = tuple(day for day, was in recorded.items() if found.get(day, "") != was)
        return Verdict(table.name, proof, len(recorded), differing)

    def twice(self, table: Table, days: list[dt.date]) -> dict[dt.date, str]:
        """Compute the days again as one range."""
        self.scratch.own(table)
        Step(table, self.catalogue, self.scratch, publish=False).run(days)
        return self._stored(table)

    def day_by_day(self, table: Table, days: list[dt.date]) -> dict[dt.date, str]:
        """Empty the days and compute them one at a time, in no order."""
        self.scratch.own(table)
        shuffled = random.Random(SHUFFLE_SEED).sample(days, len(days))
        for day in days:
            self._empty(table, day)
        for day in shuffled:
            Step(table, self.catalogue, self.scratch, publish=False).run([day])
        return self._stored(table)

    def unlimited(self, table: Table, days: list[dt.date]) -> dict[dt.date, str]:
        """Let the SQL read all of every input: the windows must not have cut anything off."""
        return self._selected(table, days, limited=False)

    def truncated(self, table: Table, days: list[dt.date]) -> dict[dt.date, str]:
        """Take away what was not known before the tip of D: the row for D must not change.

        Facts about games (box scores, events, results) end at D - 1; the schedule, lines,
        injuries and rosters of D stay, the scores in the schedule go.
        """
        found: dict[dt.date, str] = {}
        for day in days:
            found |= self._selected(table, [day], limited=True, before_tip_of=day)
        return found

    def _selected(
        self,
        table: Table,
        days: list[dt.date],
        *,
        limited: bool,
        before_tip_of: dt.date | None = None,
    ) -> dict[dt.date, str]:
        found: dict[dt.date, str] = {}
        for season in seasons_of(days):
            chosen = [day for day in days if Season.of(day) == season]
            staged = stage_days(
                table,
                self.catalogue,
                self.scratch,
                chosen,
                limited=limited,
                before_tip_of=before_tip_of,
            )
            refused = [(day, unit) for day in chosen for unit in self._withheld(table, day)]
            self.scratch.withhold(table, staged, table.unit, refused, refused)
            contents = self.scratch.fingerprints(table, staged)
            found |= {day: contents[day][1] for day in chosen if day in contents}
            self.scratch.drop_staged(staged)
        return found

    def _withheld(self, table: Table, day: dt.date) -> list[str]:
        """What a check keeps out of a day."""
        record = self.scratch.histories([table.relation])[table.relation].get(day)
        return [refusal["unit"] for refusal in record.refusals] if record else []

    def _empty(self, table: Table, day: dt.date) -> None:
        """Take away what was computed of a day, not the earlier rows of what was withheld."""
        kept = self._withheld(table, day)
        stays = f" AND NOT list_contains($kept, {expression_to_duckdb(table.unit)})" * bool(kept)
        self.scratch.connection.execute(
            f"DELETE FROM {table.relation} WHERE {table.date_column} = $day{stays}",
            {"day": day} | ({"kept": kept} if kept else {}),
        )

    def _stored(self, table: Table) -> dict[dt.date, str]:
        contents = self.scratch.fingerprints(table, table.relation)
        return {day: fingerprint for day, (_, fingerprint) in contents.items()}
