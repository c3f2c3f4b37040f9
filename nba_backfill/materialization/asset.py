"""Table → Dagster asset: dependencies, metadata, and a step's outcome told as events.

Blocking is decided in the step, on staged rows, and holds across runs through the ledger.
Dagster's own blocking would stop the good days of a range with the bad one, so an asset's op
succeeds whenever its good days are written; the checks that follow it fail the run if anything
was refused, a game of a day or a day as a whole.
"""

import base64
import datetime as dt
import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

import dagster as dg

from nba_backfill.core.events import WITHOUT_AUTOMATIC_EVENTS, log_materializations
from nba_backfill.core.interrupts import checkpoint, stopping_at_checkpoints
from nba_backfill.core.partitions import DAYS, day_ranges, live_days
from nba_backfill.core.publication import Kind, live_only
from nba_backfill.core.table import Column, Picture, RawTable, Table
from nba_backfill.materialization.catalogue import Catalogue, seasons_of
from nba_backfill.materialization.lineage import column_lineage
from nba_backfill.materialization.settle import made_days
from nba_backfill.materialization.step import Step
from nba_backfill.warehouse.homes import EMBEDDED, Home
from nba_backfill.warehouse.ledger import LOAD, Cause, PartitionRecord, Status
from nba_backfill.warehouse.protocol import Warehouse

# Beta in Dagster 1.13. We depend on it knowingly; test_asset.py fails if its meaning changes.
warnings.filterwarnings("ignore", category=dg.BetaWarning, message=".*backfill_policy.*")

OUTCOME, REASON, FINGERPRINT = "nba/outcome", "nba/reason", "nba/fingerprint"
CARRIED, CARRIED_FOR = "nba/carried", "nba/carried_for"
WITHHELD, RETAINED, ACCEPTED = "nba/withheld", "nba/earlier_rows_kept", "nba/accepted"
RECORDED_AT = "nba/recorded_at"
WINDOW, SECONDS = "nba/window_days_found_of_wanted", "nba/seconds"
BYTES_BILLED = "nba/bytes_billed"


RANGE_TAGS = ("dagster/asset_partition_range_start", "dagster/asset_partition_range_end")
"""Tags of a run over a range; the range of keys that Dagster makes of them may be empty."""

CARRY, ON, OFF = "carry", "on", "off"
CARRY_CONFIG = dg.Field(
    dg.Enum("Carry", [dg.EnumValue(ON), dg.EnumValue(OFF)]),
    default_value=ON,
    is_required=False,
    description="off: refuse, naming what upstream lacks, instead of building it.",
)

Carry = Callable[
    [dg.AssetExecutionContext, Table, Catalogue, Warehouse, Sequence[dt.date]],
    dg.MetadataValue | None,
]
"""Supplies what days of a table need upstream; returns a table of what it built, if anything."""


class WarehouseProvider(Protocol):
    """A resource that holds an open warehouse."""

    @property
    def warehouse(self) -> Warehouse:
        """The open warehouse."""


def asset_key(table: Table | RawTable) -> dg.AssetKey:
    """Plain name for computed tables, dataset and name for raw ones."""
    return dg.AssetKey([table.dataset, table.name] if isinstance(table, RawTable) else [table.name])


def column_schema(columns: Sequence[Column]) -> dg.TableSchema:
    """Columns with types, descriptions with units, and constraints, for the UI."""
    return dg.TableSchema(
        columns=[
            dg.TableColumn(
                name=c.name,
                type=c.type,
                description=c.documentation,
                constraints=dg.TableColumnConstraints(nullable=not c.required),
            )
            for c in columns
        ]
    )


def raw_spec(table: RawTable, home: Home = EMBEDDED) -> dg.AssetSpec:
    """A raw table as an external asset: in the lineage, never executed by us."""
    return dg.AssetSpec(
        asset_key(table),
        description=table.description,
        group_name="nba_raw",
        kinds={home.raw_kind},
        metadata={
            "dagster/column_schema": column_schema(table.columns),
            "dagster/table_name": table.relation,
            "grain": ", ".join(table.grain),
            "write_discipline": table.write_discipline,
            "optional": table.optional,
        },
    )


def _deps(table: Table, catalogue: Catalogue) -> list[dg.AssetDep]:
    deps = []
    for name, window in table.reads.items():
        upstream = catalogue.by_name[name]
        if isinstance(upstream, RawTable):
            deps.append(dg.AssetDep(asset_key(upstream)))
        else:
            deps.append(
                dg.AssetDep(asset_key(upstream), partition_mapping=window.partition_mapping())
            )
    return deps


def gate_only(*_: object) -> None:
    """Carry nothing: days whose inputs are not readable fail at the gate."""


def build_asset(
    table: Table, catalogue: Catalogue, carry: Carry = gate_only, home: Home = EMBEDDED
) -> dg.AssetsDefinition:
    """A table's daily-partitioned asset; ``carry`` supplies what it needs upstream."""

    @dg.asset(
        key=asset_key(table),
        deps=_deps(table, catalogue),
        partitions_def=DAYS,
        backfill_policy=dg.BackfillPolicy.single_run(),
        group_name=table.layer.value,
        description=table.description,
        kinds={home.kind, "sql" if table.compute is None else "python"},
        owners=list(table.owners),
        code_version=table.code_version,
        required_resource_keys={"warehouse"},
        config_schema={CARRY: CARRY_CONFIG},
        pool=home.pool(table.name),
        metadata={
            "dagster/column_schema": column_schema(table.columns),
            "dagster/column_lineage": column_lineage(table, catalogue.inputs(table), asset_key),
            "dagster/table_name": table.relation,
            "grain": ", ".join(table.grain),
            "expects": str(table.expects or "rows as they come"),
            "windows": dg.MetadataValue.md(
                "\n".join(f"- `{name}`: {window}" for name, window in table.reads.items())
            ),
            "sql": dg.MetadataValue.md(f"```sql\n{table.sql}\n```"),
        },
    )
    def materialize(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
        provider: WarehouseProvider = context.resources.warehouse
        days = _made(table, catalogue, provider.warehouse, asked_days(context))
        with stopping_at_checkpoints():
            carried = carry(context, table, catalogue, provider.warehouse, days)
            step = Step(
                table,
                catalogue,
                provider.warehouse,
                run_id=context.run.run_id,
                progress=context.log.info,
                checkpoint=checkpoint,
            )
            records = step.run(days)
            tell(context, table, records, provider.warehouse, carried=carried)
        if not _checks_follow(context, table):
            raise_if_refused(records)
        said = {CARRIED: carried} if carried is not None else {}
        return dg.MaterializeResult(metadata={**WITHOUT_AUTOMATIC_EVENTS, **said})

    return materialize


def asked_days(context: dg.AssetExecutionContext | dg.AssetCheckExecutionContext) -> list[dt.date]:
    """The days of a run, in order.

    Raises a Failure if there are none: Dagster makes of a range that ends before it begins a run
    over nothing that succeeds.
    """
    keys = context.partition_keys
    if keys:
        return [dt.date.fromisoformat(key) for key in keys]
    first, last = (context.run.tags.get(tag, "?") for tag in RANGE_TAGS)
    if first > last:
        what = f"ends before it begins; turn it round: --partition-range {last}...{first}"
    else:
        what = "holds no partition: July to September are left out"
    raise dg.Failure(
        f"nothing was computed: the range {first}...{last} {what}", allow_retries=False
    )


def _made(
    table: Table, catalogue: Catalogue, warehouse: Warehouse, days: Sequence[dt.date]
) -> list[dt.date]:
    """Of a run's days those that the table is made for; a Failure where that is only now."""
    if table.publication is not None and table.publication.kind is Kind.LIVE:
        refuse_the_past(table, days)
    return made_days(table, catalogue.calendar(warehouse, seasons_of(days)), days)


def refuse_the_past(table: Table, days: Sequence[dt.date]) -> None:
    """Raise a Failure if a live table is asked for a day whose games are not on now."""
    if past := sorted(set(days).difference(live_days())):
        raise dg.Failure(live_only([table.name], past), allow_retries=False)


def _checks_follow(context: dg.AssetExecutionContext, table: Table) -> bool:
    """Whether this run also executes the table's checks, which then report refused days."""
    step_keys = context.op_execution_context.get_step_execution_context().execution_plan
    return checks_step(table.name) in step_keys.step_keys_to_execute


def checks_step(name: str) -> str:
    """The step that runs a table's checks."""
    return f"{name}_checks"


def tell(
    context: dg.OpExecutionContext | dg.AssetExecutionContext,
    table: Table,
    records: Sequence[PartitionRecord],
    warehouse: Warehouse,
    *,
    carried_for: str | None = None,
    carried: dg.MetadataValue | None = None,
) -> None:
    """Log a materialization for each day that was written; the others stay unmaterialized.

    ``carried``, what was built upstream for all of them, is said once, on the newest day, which is
    the one that Dagster shows for the asset.
    """
    written = [record for record in records if record.status.is_readable]
    with_rows = [record.day for record in written if record.row_count]
    shown = table.shows(warehouse, with_rows) if table.shows and with_rows else {}
    log_materializations(
        context,
        [
            materialization(
                table,
                record,
                shown.get(record.day, {}),
                carried_for=carried_for,
                carried=carried if record is written[-1] else None,
            )
            for record in written
        ],
    )


def materialization(
    table: Table,
    record: PartitionRecord,
    shown: Mapping[str, object],
    *,
    carried_for: str | None = None,
    carried: dg.MetadataValue | None = None,
) -> dg.AssetMaterialization:
    """A written day as Dagster's event.

    ``carried_for`` names the table that needed it, ``carried`` what was built upstream for it.
    """
    said = _metadata(record) | ({CARRIED_FOR: carried_for} if carried_for else {})
    said |= {CARRIED: carried} if carried is not None else {}
    said |= {f"nba/{name}": _as_metadata(value) for name, value in shown.items()}
    return dg.AssetMaterialization(
        asset_key(table),
        partition=record.day.isoformat(),
        metadata=said,
        # Lets Dagster show what became stale. A code version without the input pointers that
        # Dagster itself would add makes it call every day stale at once.
        tags={
            "dagster/data_version": record.fingerprint or "empty",
            "dagster/data_version_is_user_provided": "true",
        },
    )


def recorded_at(record: PartitionRecord) -> str:
    """When a record was written: tells whether an event is about that record or an earlier one."""
    return f"{record.written_at:%Y-%m-%d %H:%M:%S.%f}" if record.written_at else ""


def _as_metadata(value: object) -> object:
    """A figure as it is, a picture as Markdown that shows it."""
    if not isinstance(value, Picture):
        return value
    encoded = base64.b64encode(value.png).decode()
    return dg.MetadataValue.md(f"![picture](data:image/png;base64,{encoded})")


def _metadata(record: PartitionRecord) -> dict:
    said = {
        "dagster/partition_row_count": record.row_count,
        OUTCOME: record.status.value,
        FINGERPRINT: record.fingerprint,
        SECONDS: round(record.seconds, 4),
        RECORDED_AT: recorded_at(record),
    }
    if record.bytes:
        said[BYTES_BILLED] = record.bytes
    if record.window_wanted:
        said[WINDOW] = f"{record.window_found} of {record.window_wanted}"
    if record.reason:
        said[REASON] = record.reason
    measured = record.measured
    if refusals := measured.get("refusals"):
        said[WITHHELD] = _as_table(refusals, "unit", "check", "what", "rows", "retained", "since")
        said[RETAINED] = record.retained_rows
    if accepted := measured.get("accepted"):
        said[ACCEPTED] = _as_table(
            accepted, "unit", "check", "what", "accepted_by", "because", "acceptance"
        )
    return said


def _as_table(rows: Sequence[Mapping], *names: str) -> dg.MetadataValue:
    """Rows as Dagster's table, with these columns in this order."""
    return dg.MetadataValue.table(
        [dg.TableRecord({name: str(row.get(name, "")) for name in names}) for row in rows],
        schema=dg.TableSchema(columns=[dg.TableColumn(name) for name in names]),
    )


def raise_if_refused(records: Sequence[PartitionRecord]) -> None:
    """Raise one Failure that says what was refused, the first cause first; else do nothing.

    Days that only follow from another table's refusal are counted, not explained again.
    """
    refused = [r for r in records if r.is_refused or _is_held_back(r.first_cause)]
    if not refused:
        return
    causes = list(dict.fromkeys(c for r in refused if (c := r.first_cause) is not None))
    tables = {r.table_name for r in refused}
    withheld = sum(r.withheld_rows for r in refused)
    said = [
        f"{sum(r.status is status for r in refused)} {status}"
        for status in (Status.REJECTED, Status.FAILED)
        if any(r.status is status for r in refused)
    ]
    said += [f"{withheld:,} rows withheld"] if withheld else []
    more = f" (and {len(causes) - 1} more, see nba-backfill status)" if len(causes) > 1 else ""
    raise dg.Failure(
        f"refused: {causes[0]}{more}. In all {len(refused)} table-days of {len(tables)} tables"
        f" ({', '.join(said) or 'rows kept'}): {day_ranges({r.day for r in refused})}. Their stored"
        " rows stay, all else is written.",
        metadata={
            "days": dg.MetadataValue.table(
                [
                    dg.TableRecord(
                        {
                            "table": r.table_name,
                            "day": str(r.day),
                            "status": r.status.value,
                            "reason": r.reason,
                        }
                    )
                    for r in refused
                ]
            )
        },
        allow_retries=False,
    )


def _is_held_back(cause: Cause | None) -> bool:
    """Whether a day was computed from raw rows that a load would have taken away."""
    return cause is not None and cause.refused and cause.check == LOAD
