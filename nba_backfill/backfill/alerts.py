"""What an operator must be told: conditions as pure functions on the ledger and the calendar.

Each alert says one thing once, with the command that mends it; what merely follows from it is
counted in it. Telling is in :mod:`nba_backfill.automation.delivery`.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from nba_backfill.backfill.causes import RootCause, is_contradicted, remedy, root_causes
from nba_backfill.backfill.day_states import DayState, Gap
from nba_backfill.backfill.layers import (
    L6,
    LAYER_TABLES,
    LayerGames,
    layers_by_season,
    thin_weeks,
)
from nba_backfill.backfill.mending import dates_in_words, mending_command
from nba_backfill.backfill.world import World
from nba_backfill.core.partitions import day_ranges
from nba_backfill.materialization.settle import settled_status
from nba_backfill.warehouse.ledger import ERROR, LOAD, PartitionRecord, Status


class Condition(StrEnum):
    """What is wrong; each has an entry of that name in docs/runbook.md."""

    FAILED = "failed days"
    REFUSED = "refused days or games"
    HELD_BACK = "load held back"
    CONTRADICTED = "sources contradict each other"
    QUOTA = "quota exceeded"
    MISSING = "missing days"
    STALE = "stale days"
    THIN_WEEK = "phase 4 below 80 % of phase 3"
    LAYER_GAP = "layer gap"
    NOT_FRESH = "not fresh"
    STOPPED = "a run or backfill stopped"

    @property
    def is_error(self) -> bool:
        """Whether rows are absent or wrong; the others warn."""
        return self not in (Condition.CONTRADICTED, Condition.STALE, Condition.NOT_FRESH)


@dataclass(frozen=True, slots=True)
class Alert:
    """One thing to tell: what is wrong, and the command that mends it.

    ``subject`` is what it is about, without figures: the alert stays the same one while its days
    grow, and is told once.
    """

    condition: Condition
    subject: str
    what: str
    command: str

    @property
    def key(self) -> str:
        """The same for the same trouble."""
        said = f"{self.condition}|{self.subject}"
        return hashlib.blake2b(said.encode(), digest_size=8).hexdigest()

    def __str__(self) -> str:
        """The alert as two lines."""
        level = "ERROR" if self.condition.is_error else "warning"
        return f"{level}: {self.condition}: {self.what}\n  {self.command}"


FRESHNESS_HOURS = {
    "nbac_schedule": 24,
    "odds_api_player_points_props": 12,
    "bettingpros_player_points_props": 12,
    "bdl_player_boxscores": 36,
    "player_game_summary": 36,
    "player_prop_predictions": 24,
}
"""Hours after which a table is late while games are played (spec 60, R-8). The tables that follow
a loaded file may take until the next scheduled run; BettingPros is loaded once before the tip."""


def all_alerts(
    world: World,
    gaps: Iterable[Gap],
    layers: Sequence[LayerGames],
    now: dt.datetime,
    stopped: Iterable[tuple[str, str]] = (),
) -> list[Alert]:
    """Everything to tell now, errors first.

    ``stopped``: what stopped before its end, as id and words. ``now`` knows its zone.
    """
    found = [
        *refusals(world),
        *gap_alerts(gaps),
        *layer_alerts(layers),
        *not_fresh(world, now),
        *(_stopped(name, what) for name, what in stopped),
    ]
    return sorted(found, key=lambda alert: not alert.condition.is_error)


def refusals(world: World) -> Iterator[Alert]:
    """Failed, rejected and withheld days, held-back loads and contradictions, by first cause."""
    records = [
        record
        for history in world.histories.values()
        for record in history.by_day.values()
        if _is_to_tell(world, record)
    ]
    for root in root_causes(records):
        yield _of_cause(root)


def _is_to_tell(world: World, record: PartitionRecord) -> bool:
    if record.status is Status.HELD_BACK:
        return record.is_refused
    return world.stands_refused(record) or is_contradicted(record)


def _of_cause(root: RootCause) -> Alert:
    first = root.first
    days = day_ranges({cause.day for cause in root.causes})
    more = f" (and {len(root.causes) - 1} more: {days})" if len(root.causes) > 1 else ""
    follow = f"; {len(root.followers)} tables after it lack it" if root.followers else ""
    return Alert(
        _condition(root), f"{first.table} {first.check}", f"{first}{more}{follow}", remedy(root)
    )


def _condition(root: RootCause) -> Condition:
    first = root.first
    if first.check == LOAD:
        return Condition.HELD_BACK
    if not first.refused:
        return Condition.CONTRADICTED
    if first.check == ERROR:
        # BigQuery says "Quota exceeded", "rateLimitExceeded" and "quotaExceeded".
        words = first.what.lower()
        return Condition.QUOTA if "quota" in words or "ratelimit" in words else Condition.FAILED
    return Condition.REFUSED


def gap_alerts(gaps: Iterable[Gap]) -> Iterator[Alert]:
    """Days that nothing computed, and days overtaken by what changed since: one alert of each."""
    kinds = {DayState.MISSING: Condition.MISSING, DayState.STALE: Condition.STALE}
    by_condition: dict[Condition, list[Gap]] = {}
    for gap in gaps:
        if gap.state in kinds:
            by_condition.setdefault(kinds[gap.state], []).append(gap)
    for condition, found in by_condition.items():
        days = sorted({day for gap in found for day in gap.days})
        tables = list(dict.fromkeys(name for gap in found for name in gap.tables))
        count = sum(len(gap.tables) * len(gap.days) for gap in found)
        yield Alert(
            condition,
            condition.value,
            f"{count} table-days of {_few(tables)}, {days[0]} to {days[-1]}",
            mending_command((), (days[0], days[-1])),
        )


def layer_alerts(layers: Sequence[LayerGames]) -> Iterator[Alert]:
    """Weeks in which Phase 4 is thin, and days on which a layer lacks games of the one below."""
    for first, last in thin_weeks(layers):
        yield Alert(
            Condition.THIN_WEEK,
            f"{first}",
            f"in game dates between {first} and {last} Phase 4 has less than 80 % of Phase 3",
            mending_command(("phase4_precompute",), (first, last)),
        )
    for season in layers_by_season(layers):
        for gap in season.gaps:
            tables = LAYER_TABLES[gap.layer]
            name = " ".join(tables) if gap.layer == L6 else tables[-1]
            yield Alert(
                Condition.LAYER_GAP,
                f"{season.season} {gap.layer}/{gap.below}",
                f"{season.season}: {gap.layer} ({name}) lacks games of {gap.below} on"
                f" {len(gap.days)} days, {gap.days[0]} to {gap.days[-1]}",
                f"nba-backfill status {name} --dates {dates_in_words((gap.days[0], gap.days[-1]))}",
            )


def not_fresh(
    world: World, now: dt.datetime, limits: Mapping[str, int] = FRESHNESS_HOURS
) -> Iterator[Alert]:
    """Tables nothing was written to for as many hours as ``limits`` say, while games are played."""
    today = now.date()
    played = world.calendar.game_days(today - _ONE_DAY, today)
    if not played:
        return
    for name, hours in limits.items():
        if name not in world.histories or _owes_nothing(world, name, played):
            continue
        written = [r.written_at for r in world.histories[name].by_day.values() if r.written_at]
        last = max(written, default=None)
        if last is None or now - last > dt.timedelta(hours=hours):
            said = f"last written {last:%Y-%m-%d %H:%M} UTC" if last else "never written"
            yield Alert(
                Condition.NOT_FRESH,
                name,
                f"{name}: {said}, more than {hours} hours ago, and games are played",
                "see whether its files arrive, then: nba-backfill run --missing-only"
                f" --dates {dates_in_words((played[0], played[-1]))}",
            )


def _owes_nothing(world: World, name: str, days: Collection[dt.date]) -> bool:
    if name not in world.catalogue.order:
        return False
    table = world.catalogue.table(name)
    return all(settled_status(table, world.calendar, day) is not None for day in days)


def _stopped(name: str, what: str) -> Alert:
    return Alert(
        Condition.STOPPED,
        name,
        what,
        "what it wrote is whole; go on with: nba-backfill run --missing-only",
    )


def _few(names: Sequence[str], shown: int = 3) -> str:
    more = len(names) - shown
    return ", ".join(names[:shown]) + (f" and {more} more tables" if more > 0 else "")


_ONE_DAY = dt.date.resolution


@dataclass(frozen=True, slots=True)
class News:
    """What changed since the last digest: alerts that are new, and keys that are gone."""

    new: tuple[Alert, ...]
    standing: tuple[Alert, ...]
    mended: int

    @classmethod
    def since(cls, told: Collection[str], alerts: Iterable[Alert]) -> News:
        """Compare what stands now with the keys that were told before."""
        alerts = list(alerts)
        now = {alert.key for alert in alerts}
        return cls(
            tuple(alert for alert in alerts if alert.key not in told),
            tuple(alert for alert in alerts if alert.key in told),
            len(set(told) - now),
        )

    @property
    def keys(self) -> list[str]:
        """The keys that have been told once this is."""
        return sorted(alert.key for alert in (*self.new, *self.standing))

    @property
    def title(self) -> str:
        """The digest in one line."""
        errors = sum(alert.condition.is_error for alert in self.new)
        said = [f"{errors} errors"] * bool(errors)
        said += [f"{len(self.new) - errors} warnings"] * (len(self.new) > errors)
        said += [f"{self.mended} mended"] * bool(self.mended)
        return f"nba_backfill: {', '.join(said) or 'nothing new'}"

    @property
    def text(self) -> str:
        """The digest: what is new in full, what was told before as a count."""
        parts = [str(alert) for alert in self.new]
        if self.standing:
            parts.append(f"{len(self.standing)} told before still stand: nba-backfill alerts")
        if self.mended:
            parts.append(f"{self.mended} told before are mended")
        return "\n".join(parts)
