"""Whether the feature store may be trained on: the requirements of spec 60, section 4.

Judged over whole seasons, from the ledger and from the rows. A check of the store in Dagster and a
command ask the same function.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import dagster as dg

from nba_backfill.backfill.plan import plan
from nba_backfill.backfill.world import World
from nba_backfill.core.partitions import day_ranges
from nba_backfill.core.table import Table
from nba_backfill.materialization.asset import asset_key
from nba_backfill.materialization.catalogue import Catalogue, seasons_of
from nba_backfill.materialization.checks import examine
from nba_backfill.materialization.settle import SETTLED
from nba_backfill.predictions.forecasting.prediction_leaks import NO_LEAK
from nba_backfill.predictions.forecasting.training_set import (
    SeasonOfTheStore,
    seasons_of_the_store,
    vector_defects,
)
from nba_backfill.predictions.forecasting.vectors import STORE_FEATURES
from nba_backfill.warehouse.protocol import Warehouse

STORE, PREDICTIONS = "ml_feature_store_v2", "player_prop_predictions"
READ = ("player_boxes", "player_game_summary")
CHECK = "ml_training_ready"
LABELLED_SHARE = 0.98
"""Least share of rows of players who played that must have a label (spec 60, section 4)."""


@dataclass(frozen=True, slots=True)
class Requirement:
    """One thing that must hold before anything is trained on the store; ``cure`` if it does not."""

    name: str
    holds: bool
    found: str
    cure: str = ""

    def __str__(self) -> str:
        """The requirement in a line, with its cure where it is not met."""
        return f"{self.name}: {self.found}" + (f"; {self.cure}" if not self.holds else "")


@dataclass(frozen=True, slots=True)
class Readiness:
    """The requirements over some days, and what the store holds there by season."""

    requirements: tuple[Requirement, ...]
    seasons: tuple[SeasonOfTheStore, ...]

    @property
    def not_met(self) -> list[Requirement]:
        """What stands in the way of training; empty: ready."""
        return [one for one in self.requirements if not one.holds]


def readiness(catalogue: Catalogue, warehouse: Warehouse, days: Sequence[dt.date]) -> Readiness:
    """Judge the feature store on ``days``, of which those with games outside bootstrap count."""
    store = catalogue.table(STORE)
    for name in (*READ, STORE, PREDICTIONS):
        warehouse.ensure_table(catalogue.table(name))
    world = World.look(catalogue, warehouse, days)
    expected = [day for day in days if world.settled_status(store, day) not in SETTLED]
    seasons = seasons_of_the_store(warehouse, days[0], days[-1])
    return Readiness(
        (
            _is_complete(store, world, expected),
            _is_uncontaminated(store, world, expected),
            *_vectors_are_whole(warehouse, days),
            _sees_no_future(catalogue, warehouse, expected),
            _is_labelled(seasons),
        ),
        tuple(seasons),
    )


def _is_complete(store: Table, world: World, expected: Sequence[dt.date]) -> Requirement:
    held = world.histories[STORE]
    lacking = [day for day in expected if (r := held.get(day)) is None or not r.status.is_readable]
    return Requirement(
        "every game day is there",
        bool(expected) and not lacking,
        f"{len(expected) - len(lacking):,} of {len(expected):,} game days outside bootstrap",
        f"missing or refused: {day_ranges(lacking) or 'all'}; compute them: nba-backfill run"
        f" {STORE} --missing-only",
    )


def _is_uncontaminated(store: Table, world: World, expected: Sequence[dt.date]) -> Requirement:
    """No day that is there is refused in part, stale, or by other code than the code now."""
    made = plan(world, [STORE], expected, missing_only=True)
    due = {day for planned in made.tables if planned.table == STORE for day in planned.days}
    held = world.histories[STORE]
    due &= set(held.by_day)
    refused = {day for day in expected if (r := held.get(day)) and world.stands_refused(r)}
    older = {day for day in expected if world.by_other_code(store, day)}
    tainted = sorted(due | refused | older)
    return Requirement(
        "no day is contaminated",
        not tainted,
        f"{len(refused)} days with something refused, {len(due)} due, {len(older)} by other code",
        f"{day_ranges(tainted)}; compute them: nba-backfill run {STORE} --code-changed",
    )


def _vectors_are_whole(warehouse: Warehouse, days: Sequence[dt.date]) -> list[Requirement]:
    found = vector_defects(warehouse, days[0], days[-1])
    cure = f"compute them: nba-backfill run {STORE} --code-changed"
    return [
        Requirement(
            f"the {len(STORE_FEATURES)} features of the models' contract, in its order",
            not found.in_other_order and not found.other_versions,
            f"{found.in_other_order:,} rows in another order, {found.other_versions:,} of another"
            " version",
            cure,
        ),
        Requirement(
            "no value unknown", not found.unknown_values, f"{found.unknown_values:,} rows", cure
        ),
    ]


def _sees_no_future(
    catalogue: Catalogue, warehouse: Warehouse, expected: Sequence[dt.date]
) -> Requirement:
    """The leak test of spec 40, put to the rows as they are stored."""
    table = catalogue.table(PREDICTIONS)
    reports = examine(table, catalogue, warehouse, list(expected)) if expected else []
    leaks = [f for report in reports if report.check == NO_LEAK.name for f in report.findings]
    judged = bool(warehouse.histories([table.relation])[table.relation].by_day)
    first = f": {leaks[0].day}: {leaks[0].what}" if leaks else ""
    return Requirement(
        "features see nothing of their day",
        judged and not leaks,
        f"{len(leaks)} findings{first}" if judged else f"not judged, {PREDICTIONS} has no rows",
        f"nba-backfill run {PREDICTIONS}, then look at its checks",
    )


def _is_labelled(seasons: Sequence[SeasonOfTheStore]) -> Requirement:
    played, labelled = sum(s.played for s in seasons), sum(s.labelled for s in seasons)
    share = labelled / played if played else 0.0
    return Requirement(
        f"at least {LABELLED_SHARE:.0%} of those who played have a label",
        share >= LABELLED_SHARE,
        f"{labelled:,} of {played:,} rows ({share:.2%})",
        "compute the points: nba-backfill run player_game_summary --missing-only",
    )


def build_training_check(catalogue: Catalogue) -> dg.AssetChecksDefinition:
    """The check of the feature store in Dagster: a warning, since gaps are no wrong rows."""

    @dg.asset_check(
        asset=asset_key(catalogue.table(STORE)),
        name=CHECK,
        description="The store may be trained on: complete, whole, labelled, without leaks.",
        required_resource_keys={"warehouse"},
        pool="warehouse",
    )
    def ml_training_ready(context: dg.AssetCheckExecutionContext) -> dg.AssetCheckResult:
        warehouse: Warehouse = context.resources.warehouse.warehouse
        recorded = warehouse.histories([catalogue.table(STORE).relation])
        days = sorted(day for history in recorded.values() for day in history.by_day)
        found = readiness(catalogue, warehouse, days) if days else Readiness((), ())
        rows = [
            dg.TableRecord({"requirement": r.name, "met": str(r.holds), "found": r.found})
            for r in found.requirements
        ]
        seasons = [
            dg.TableRecord({"season": str(s.season), "rows": s.rows, "labelled": s.labelled})
            for s in found.seasons
        ]
        return dg.AssetCheckResult(
            passed=bool(days) and not found.not_met,
            severity=dg.AssetCheckSeverity.WARN,
            description="; ".join(map(str, found.not_met)) or f"{len(days)} days in order",
            metadata={
                "requirements": dg.MetadataValue.table(rows),
                "by_season": dg.MetadataValue.table(seasons),
                "seasons": len(seasons_of(days)),
            }
            if rows
            else {},
        )

    return ml_training_ready
