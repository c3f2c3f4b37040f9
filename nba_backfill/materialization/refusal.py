"""What becomes of a day's rows: findings turned into a ruling.

The unit of refusal is the game. A blocking finding that names one withholds that game's rows and
nothing else; the day is rejected as a whole only where no single game can be blamed, or where one
check withholds most of them: then the code or the load is wrong, not the games. What an operator
accepted, exactly so, is written as it is.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from nba_backfill.core.season import GameCalendar
from nba_backfill.core.table import GAME, Table
from nba_backfill.materialization.judge import DayProfile, Finding
from nba_backfill.materialization.questions import duplicate_statements
from nba_backfill.warehouse.acceptance import AcceptanceEvent, Acceptances
from nba_backfill.warehouse.ledger import PartitionRecord
from nba_backfill.warehouse.protocol import Unit, Warehouse

FEWEST_FOR_A_MAJORITY = 2
"""Units one check must withhold before their share says anything: of one game, one is all."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A blocking finding with what it was found in: the rows it refuses and their content.

    ``content`` hashes those rows and the finding, so that it stands for exactly this refusal.
    """

    finding: Finding
    rows: int
    content: str

    def as_json(self) -> dict:
        """What the ledger keeps of a refusal."""
        return {
            "unit": self.finding.unit or "",
            "check": self.finding.check,
            "count": self.finding.count,
            "what": self.finding.what,
            "rows": self.rows,
            "content": self.content,
        }


@dataclass(frozen=True, slots=True)
class Ruling:
    """What becomes of one day: refusals that reject it or withhold units, and what was accepted."""

    day: dt.date
    rejecting: tuple[Refusal, ...] = ()
    withholding: tuple[Refusal, ...] = ()
    accepted: tuple[tuple[Refusal, AcceptanceEvent], ...] = ()
    majority: str = ""
    """Why refusals that name games reject the whole day; empty where they do not."""

    @property
    def withheld(self) -> Mapping[str, int]:
        """Unit -> its rows, of what is withheld."""
        return {r.finding.unit or "": r.rows for r in self.withholding}


def _refusal(finding: Finding, content: tuple[int, str]) -> Refusal:
    rows, fingerprint = content
    said = f"{fingerprint}|{finding.unit}|{finding.check}|{finding.what}"
    return Refusal(finding, rows, hashlib.blake2b(said.encode(), digest_size=12).hexdigest())


class Court:
    """Rules on the days of one table, as its judge found them."""

    def __init__(
        self, table: Table, warehouse: Warehouse, calendar: GameCalendar, accepted: Acceptances
    ) -> None:
        self.table = table
        self.warehouse = warehouse
        self.calendar = calendar
        self.accepted = accepted

    def rule(self, relation: str, profiles: Mapping[dt.date, DayProfile]) -> dict[dt.date, Ruling]:
        """A ruling for each day; only days with blocking findings are looked at again."""
        rulings = {day: Ruling(day) for day in profiles}
        contents = self._contents(relation, profiles)
        for day, profile in profiles.items():
            if profile.blocking:
                refusals = [
                    _refusal(found, contents.get((day, found.unit), (0, "")))
                    for found in profile.blocking
                ]
                rulings[day] = self._rule_on(day, refusals, self._units_of(day, contents))
        return rulings

    def _contents(
        self, relation: str, profiles: Mapping[dt.date, DayProfile]
    ) -> dict[tuple[dt.date, str | None], tuple[int, str]]:
        """Rows and content hash of every unit, and under None of the whole, of suspect days."""
        suspect = [day for day, profile in profiles.items() if profile.blocking]
        if not suspect:
            return {}
        by_unit = self.warehouse.unit_contents(self.table, relation, self.table.unit, suspect)
        whole = self.warehouse.unit_contents(self.table, relation, "''", suspect)
        return {**by_unit, **{(day, None): content for (day, _), content in whole.items()}}

    def _units_of(self, day: dt.date, contents: Iterable[tuple[dt.date, str | None]]) -> int:
        """How many units a day has, of which some are refused."""
        if self.table.unit_columns == (GAME,):
            return len(self.calendar.games(day))
        return sum(1 for found, unit in contents if found == day and unit is not None)

    def _rule_on(self, day: dt.date, refusals: Sequence[Refusal], units: int) -> Ruling:
        accepted = {
            refusal.content: event
            for refusal in refusals
            if (event := self.accepted.find(self.table.relation, day, refusal.content))
        }
        standing = [r for r in refusals if r.content not in accepted]
        whole_day = tuple(r for r in standing if r.finding.unit is None)
        majority = "" if whole_day else self._majority(standing, units)
        rejected = bool(whole_day or majority)
        return Ruling(
            day,
            rejecting=(*whole_day, *(r for r in standing if r not in whole_day))
            if rejected
            else (),
            withholding=() if rejected else tuple(standing),
            accepted=tuple((r, accepted[r.content]) for r in refusals if r.content in accepted),
            majority=majority,
        )

    def _majority(self, refusals: Iterable[Refusal], units: int) -> str:
        """Why one check refuses too many units for them to be to blame, or nothing."""
        by_check: dict[str, set[str]] = {}
        for refusal in refusals:
            by_check.setdefault(refusal.finding.check, set()).add(refusal.finding.unit or "")
        for check, named in by_check.items():
            if len(named) >= FEWEST_FOR_A_MAJORITY and 2 * len(named) > units:
                kind = "games" if self.table.unit_columns == (GAME,) else "rows"
                return f"{check} refuses {len(named)} of the day's {units} {kind}"
        return ""


def withhold(
    table: Table,
    warehouse: Warehouse,
    staged: str,
    rulings: Iterable[Ruling],
    before: Mapping[dt.date, PartitionRecord],
) -> dict[Unit, int]:
    """Take what is withheld out of the staged rows; earlier rows that passed come back.

    Returns how many rows came back by day and unit. Rows that were accepted although they failed
    do not come back, and neither do rows that repeat a key of what is written now.
    """
    refused = [(ruling.day, unit) for ruling in rulings for unit in ruling.withheld if unit]
    passed = [(day, unit) for day, unit in refused if unit not in _accepted_units(before.get(day))]
    returned = warehouse.withhold(table, staged, table.unit, refused, passed)
    colliding = _days_with_repeats(table, warehouse, staged, {day for day, _ in returned})
    if colliding:
        again = [unit for unit in returned if unit[0] in colliding]
        warehouse.withhold(table, staged, table.unit, again, [])
    return {unit: rows for unit, rows in returned.items() if unit[0] not in colliding}


def _accepted_units(record: PartitionRecord | None) -> set[str]:
    """Units whose stored rows failed a check and were written because someone accepted them."""
    return {said["unit"] for said in record.measured.get("accepted", [])} if record else set()


def _days_with_repeats(
    table: Table, warehouse: Warehouse, relation: str, days: Collection[dt.date]
) -> set[dt.date]:
    """Days of a relation on which rows repeat a key."""
    if not days:
        return set()
    asked = duplicate_statements(table, relation, min(days), max(days)).values()
    return {day for statement in asked for day, _ in warehouse.query(statement)} & set(days)


def since(old: PartitionRecord | None, unit: str) -> str:
    """The day on which the rows that stay were written; empty if nothing was."""
    if old is None:
        return ""
    for refusal in old.refusals:
        if refusal["unit"] == unit and refusal.get("since"):
            return refusal["since"]
    return old.measured.get("since") or (f"{old.written_at:%Y-%m-%d}" if old.written_at else "")


def withheld_in_words(refusal: Mapping) -> str:
    """A refusal as the reason of its day says it, and what stays stored."""
    stay = (
        f"its {refusal['retained']} rows of {refusal['since']} stay"
        if refusal["retained"]
        else "none of it is stored"
    )
    return (
        f"withheld {refusal['unit']} ({refusal['rows']} rows; {stay}):"
        f" {refusal['check']}: {refusal['what']}"
    )


def own_findings(ruling: Ruling, profile: DayProfile) -> list[Finding]:
    """Findings about the rows that were written; what was withheld is told by its refusal."""
    return [f for f in profile.findings if f.unit is None or f.unit not in ruling.withheld]
