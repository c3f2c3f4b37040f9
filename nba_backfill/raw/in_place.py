"""Raw tables read in place: which of their days changed, told as cheaply as BigQuery allows.

A day's record in the ledger keeps when its partition was last modified. Partitions that were not
modified since cost one question of INFORMATION_SCHEMA for all tables of a dataset; only days of
the others are fingerprinted. A table that is not partitioned by its date is fingerprinted whole
when it was modified.

Nothing is copied, so no earlier rows can be kept (the embedded warehouse keeps them). A day that
lost most of its rows stays known by what it was (``held_back``): nothing derived from it is stale,
so no plan computes it anew, until someone accepts the loss. A run that is asked for the day by name
reads the rows that are left.
"""

from __future__ import annotations

import calendar
import datetime as dt
import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from nba_backfill.core.table import RawTable
from nba_backfill.raw.home import RawContractError
from nba_backfill.raw.lost import LostRows, content_of, held_back, let_go
from nba_backfill.raw.stored import StoredTable, described, reading
from nba_backfill.warehouse.acceptance import Acceptances
from nba_backfill.warehouse.bigquery import BigQueryWarehouse
from nba_backfill.warehouse.dialect import Statement
from nba_backfill.warehouse.ledger import DayHistory, PartitionRecord, Status

UNDATED, STREAMED = "__NULL__", "__UNPARTITIONED__"
"""Partitions of rows without a date, and of rows that a stream has not yet put into one."""

MODIFIED, KEYS = "modified", "keys"
"""In a raw day's profile: when its part of the table was last modified, and hashes of its keys."""

FEW_ROWS = 40
"""Days with no more rows keep their keys, so that rows that move to another day can be told."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a raw table as it stands: the days it covers and when it last changed."""

    first: dt.date
    last: dt.date
    modified: str

    def covers(self, day: dt.date) -> bool:
        """Whether rows of a day would be in this part."""
        return self.first <= day <= self.last


@dataclass(frozen=True)
class Look:
    """One raw table against what the ledger knows of it.

    ``parts``: all that there are; ``due`` those of them that must be looked at; ``gone`` known days
    that no part covers.
    """

    table: RawTable
    stored: StoredTable | None
    history: DayHistory
    accepted: Acceptances
    parts: Sequence[Part]
    due: Sequence[Part] = field(init=False)
    gone: Sequence[dt.date] = field(init=False)

    def __post_init__(self) -> None:
        known = {day: r for day, r in self.history.by_day.items() if r.row_count}
        object.__setattr__(self, "due", [part for part in self.parts if self._is_due(part, known)])
        uncovered = [d for d in known if not any(part.covers(d) for part in self.parts)]
        gone = [d for d in uncovered if not self._is_held(known[d]) or self._let(known[d])]
        object.__setattr__(self, "gone", gone)

    def _is_due(self, part: Part, known: Mapping[dt.date, PartitionRecord]) -> bool:
        if self.stored is not None and self.stored.is_view:
            return True
        inside = [record for day, record in known.items() if part.covers(day)]
        modified = {record.measured.get(MODIFIED) for record in inside}
        return modified != {part.modified} or any(self._let(record) for record in inside)

    def _is_held(self, record: PartitionRecord) -> bool:
        return record.status is Status.HELD_BACK and not record.refusals[0]["rows"]

    def _let(self, record: PartitionRecord) -> bool:
        """Whether someone accepted what a day lost since that was recorded."""
        return record.status is Status.HELD_BACK and any(
            self.accepted.find(self.table.relation, record.day, refusal["content"])
            for refusal in record.refusals
        )

    @property
    def days(self) -> list[dt.date] | None:
        """Days whose rows must be looked at; None: all of the table."""
        if self.stored is None or not self.stored.is_pruned:
            return None
        return [
            dt.date.fromordinal(n)
            for part in self.due
            for n in range(part.first.toordinal(), part.last.toordinal() + 1)
        ]

    def modified(self, day: dt.date) -> str:
        """When the part that covers a day was last modified."""
        return next((part.modified for part in self.parts if part.covers(day)), "")


def observe(
    warehouse: BigQueryWarehouse,
    contracts: Iterable[RawTable],
    say: Callable[[str], None] = lambda _: None,
) -> list[PartitionRecord]:
    """Hold raw tables against their contracts, let them be read, and tell what changed of them.

    Returns the records that differ from the ledger's; nothing is written. Raises RawContractError
    that names table and cure.
    """
    contracts = list(contracts)
    found = described(warehouse, contracts)
    for table in contracts:
        stored = found.get(table.relation)
        address = warehouse.tables.address(table) if stored is not None else None
        warehouse.tables.read_as(table, reading(table, address))
        if stored is not None and stored.advice:
            say(stored.advice)
    parts = _parts(warehouse, [s for s in found.values() if s.is_pruned])
    histories = warehouse.histories(table.relation for table in contracts)
    accepted = warehouse.acceptances()
    records: list[PartitionRecord] = []
    for table in contracts:
        stored = found.get(table.relation)
        whole = [_whole(stored)] if stored else []
        look = Look(
            table,
            stored,
            histories[table.relation],
            accepted,
            parts[table.relation] if stored and stored.is_pruned else whole,
        )
        records += _told(warehouse, look, say)
    return records


def show_known(warehouse: BigQueryWarehouse, contracts: Iterable[RawTable]) -> None:
    """Let raw tables be read as they were found when they were last looked at.

    A table of which no row is recorded was not there, or empty, and reads as one without rows.
    """
    contracts = list(contracts)
    histories = warehouse.histories(table.relation for table in contracts)
    for table in contracts:
        there = any(r.row_count for r in histories[table.relation].by_day.values())
        address = warehouse.tables.address(table) if there else None
        warehouse.tables.read_as(table, reading(table, address))


def _parts(warehouse: BigQueryWarehouse, tables: Sequence[StoredTable]) -> dict[str, list[Part]]:
    """Partitions of the tables that have any, by relation; one question per dataset."""
    found: dict[str, list[Part]] = {s.table.relation: [] for s in tables}
    for dataset in sorted({s.table.dataset for s in tables}):
        by_name = {s.table.name: s.table for s in tables if s.table.dataset == dataset}
        rows = warehouse.query(
            Statement(
                "SELECT table_name, partition_id, last_modified_time, total_rows"
                f" FROM `{warehouse.tables.raw_prefix}{dataset}`.INFORMATION_SCHEMA.PARTITIONS"
                " WHERE table_name IN UNNEST(@names) AND partition_id IS NOT NULL",
                {"names": sorted(by_name)},
            )
        )
        for name, partition, modified, count in rows:
            table = by_name[name]
            if partition == UNDATED and count:
                raise RawContractError(
                    f"raw table {table.relation}, column {table.date_column}: {count:,} rows have"
                    " no date, so no day could own them. Nothing was read or changed; give them"
                    " their date or delete them."
                )
            if count and partition not in (UNDATED, STREAMED):
                found[table.relation].append(Part(*_days_of(partition), _moment(modified)))
    return found


def _days_of(partition: str) -> tuple[dt.date, dt.date]:
    """First and last day of a partition by hour, day, month or year."""
    year, month, day = int(partition[:4]), partition[4:6], partition[6:8]
    if day:
        found = dt.date(year, int(month), int(day))
        return found, found
    if month:
        last = calendar.monthrange(year, int(month))[1]
        return dt.date(year, int(month), 1), dt.date(year, int(month), last)
    return dt.date(year, 1, 1), dt.date(year, 12, 31)


def _whole(stored: StoredTable) -> Part:
    """A table that is not partitioned by its days, as one part."""
    return Part(dt.date.min, dt.date.max, _moment(stored.modified))


def _moment(modified: dt.datetime) -> str:
    return modified.astimezone(dt.UTC).isoformat()


def _told(
    warehouse: BigQueryWarehouse, look: Look, say: Callable[[str], None]
) -> list[PartitionRecord]:
    """The records of a table's days that were looked at or are gone."""
    table, contents, keys = look.table, {}, {}
    if look.due:
        _say_cost(warehouse, look, say)
        contents = warehouse.fingerprints(table, table.relation, look.days)
        few = [day for day, (rows, _) in contents.items() if rows <= FEW_ROWS]
        keys = _keys(warehouse, table, few) if table.date_column else {}
    known = look.history.by_day
    vanished = [
        day
        for day, record in known.items()
        if record.row_count and day not in contents and any(p.covers(day) for p in look.due)
    ]
    there = {key for found in keys.values() for key in found}
    records = []
    for day in sorted({*contents, *vanished, *look.gone}):
        content = contents.get(day, (0, ""))
        record = _record(look, day, content, known.get(day), there)
        profile = record.measured | {MODIFIED: look.modified(day)}
        if record.status is Status.HELD_BACK:
            # It stays known as it was: the keys that are left are no measure of what was lost.
            profile[KEYS] = known[day].measured.get(KEYS, [])
        elif day in keys:
            profile[KEYS] = keys[day]
        told = replace(record, profile=json.dumps(profile, sort_keys=True))
        if day in known and replace(told, written_at=known[day].written_at) == known[day]:
            continue
        records.append(told)
        if record.status is Status.HELD_BACK:
            say(f"HELD BACK {table.relation} {day}: {record.first_cause.what}")
    if records:
        rows = sum(rows for rows, _ in contents.values())
        say(f"{table.relation}: {len(records)} days changed, {rows:,} rows")
    return records


def _say_cost(warehouse: BigQueryWarehouse, look: Look, say: Callable[[str], None]) -> None:
    """Say what fingerprinting a table whole costs, where its partitions do not limit it."""
    if look.stored is not None and look.stored.advice:
        price = look.stored.bytes * warehouse.price_per_tib / 2**40
        say(
            f"{look.table.relation} has changed and is fingerprinted whole: up to"
            f" {look.stored.bytes:,} bytes, ${price:,.2f}"
        )


def _keys(
    warehouse: BigQueryWarehouse, table: RawTable, days: Collection[dt.date]
) -> dict[dt.date, list[str]]:
    """Hashes of the keys of some days' rows, the date left out."""
    names = [name for name in table.grain if name != table.date_column]
    if not days or not names:
        return {}
    joined = ", ".join(f"COALESCE(CAST(`{name}` AS STRING), '')" for name in names)
    rows = warehouse.query(
        Statement(
            f"SELECT DISTINCT `{table.date_column}`,"
            f" TO_HEX(MD5(CONCAT({joined}))) FROM `{table.dataset}`.`{table.name}`"
            f" WHERE `{table.date_column}` BETWEEN @first AND @last"
            f" AND `{table.date_column}` IN UNNEST(@days)",
            {"first": min(days), "last": max(days), "days": sorted(days)},
        )
    )
    found: dict[dt.date, list[str]] = {}
    for day, key in sorted(rows):
        found.setdefault(day, []).append(key[:12])
    return found


def _record(
    look: Look,
    day: dt.date,
    content: tuple[int, str],
    old: PartitionRecord | None,
    there: Collection[str],
) -> PartitionRecord:
    """What the ledger is told of a day: as it is, or that it lost most of its rows."""
    rows, fingerprint = content
    if old is not None and 2 * rows < old.row_count and not _only_moved(old, there):
        lost = LostRows(day, old.row_count, *content_of(content))
        event = look.accepted.find(look.table.relation, day, lost.content)
        if event is not None:
            return let_go(look.table, lost, content, event)
        return held_back(
            look.table,
            lost,
            old,
            f"the table, which is read in place, lost rows: {lost}; what was computed from them"
            " stays until the rows are back or the loss is accepted, but a run asked for the day by"
            " name reads the rows that are left",
        )
    return PartitionRecord(
        table_name=look.table.relation,
        day=day,
        status=Status.COMPLETE,
        reason="" if rows else "the rows are gone",
        row_count=rows,
        fingerprint=fingerprint,
        written_at=dt.datetime.now(dt.UTC),
    )


def _only_moved(old: PartitionRecord, there: Collection[str]) -> bool:
    """Whether most of a day's rows are in other days now, as those of a postponed game."""
    keys = old.measured.get(KEYS, [])
    return bool(keys) and 2 * len(set(keys) & set(there)) >= len(keys)
