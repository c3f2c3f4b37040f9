"""Every statement that the BigQuery warehouse itself issues is GoogleSQL, for every table."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping

import pytest
from zetasql.wasi._pb2.zetasql.local_service import local_service_pb2 as service
from zetasql.wasi._pb2.zetasql.public import type_pb2

from nba_backfill.core.table import Column, Table
from nba_backfill.definitions import CATALOGUE
from nba_backfill.materialization.judge import Judge
from nba_backfill.warehouse import bigquery_texts as texts
from nba_backfill.warehouse.acceptance import ACCEPTANCE_COLUMNS
from nba_backfill.warehouse.bigquery import BigQueryWarehouse
from nba_backfill.warehouse.bigquery_values import parameter, parameters, rows_parameter
from nba_backfill.warehouse.ledger import LEDGER_COLUMNS
from nba_backfill_tests.bigquery_double.sql import script
from nba_backfill_tests.warehouse.googlesql import GoogleSQL, RefusedError
from nba_backfill_tests.warehouse.homes import BOXES

DAYS = [dt.date(2024, 1, 10), dt.date(2024, 1, 12)]
RECORDS, LEDGER, ACCEPTED = "nba_orchestration.records", "nba_orchestration.ledger", "nba_orchestration.acceptances"  # fmt: skip
OURS = [pytest.param(t, id=t.name, marks=pytest.mark.slow) for t in CATALOGUE]
TABLES = [pytest.param(BOXES, id=BOXES.name), *OURS]


def kind_of(sent: Mapping) -> type_pb2.TypeProto:
    """The type of a parameter as the client sends it."""
    kinds = {
        "STRING": type_pb2.TYPE_STRING,
        "INT64": type_pb2.TYPE_INT64,
        "FLOAT64": type_pb2.TYPE_DOUBLE,
        "BOOL": type_pb2.TYPE_BOOL,
        "DATE": type_pb2.TYPE_DATE,
        "TIMESTAMP": type_pb2.TYPE_TIMESTAMP,
    }
    if sent["type"] == "ARRAY":
        made = type_pb2.TypeProto(type_kind=type_pb2.TYPE_ARRAY)
        made.array_type.element_type.CopyFrom(kind_of(sent["arrayType"]))
        return made
    if sent["type"] == "STRUCT":
        made = type_pb2.TypeProto(type_kind=type_pb2.TYPE_STRUCT)
        for one in sent["structTypes"]:
            made.struct_type.field.add(field_name=one["name"], field_type=kind_of(one["type"]))
        return made
    return type_pb2.TypeProto(type_kind=kinds[sent["type"]])


def check(
    google: GoogleSQL, sql: str, tables: Mapping[str, Iterable[Column]], values: Iterable = ()
) -> None:
    """Analyse a statement or each of a script; RefusedError for what GoogleSQL does not allow."""
    for step in script(sql):
        request = service.AnalyzeRequest(sql_statement=step.google)
        request.simple_catalog.CopyFrom(google._catalog(tables))
        request.options.CopyFrom(google._options({}))
        # All kinds of statements, not queries alone.
        del request.options.language_options.supported_statement_kinds[:]
        for value in values:
            sent = value.to_api_repr()
            if f"@{sent['name']}" in step.google:
                kind = kind_of(sent["parameterType"])
                request.options.query_parameters.add(name=sent["name"]).type.CopyFrom(kind)
        google._call("Analyze", request, service.AnalyzeResponse)


def schemas(table: Table) -> dict[str, Iterable[Column]]:
    return {
        table.relation: table.columns,
        "nba_backfill_staged.staged": table.columns,
        RECORDS: texts.RECORD_COLUMNS,
        LEDGER: LEDGER_COLUMNS,
        ACCEPTED: ACCEPTANCE_COLUMNS,
    }


def of_table(table: Table) -> Iterator[tuple[str, list]]:
    """The statements about one table, with their parameters."""
    stored, staged = f"`{table.dataset}`.`{table.name}`", "nba_backfill_staged.staged"
    within = parameters({"days": DAYS, "first": DAYS[0], "last": DAYS[1]})
    records = [
        rows_parameter("records", {c.name: c.type for c in LEDGER_COLUMNS}, []),
        parameter("operation", "x"),
    ]
    units = [
        rows_parameter(name, texts.UNIT_TYPES, [(DAYS[0], "g")]) for name in ("refused", "retained")
    ]
    yield texts.fingerprints(table, staged), []
    yield texts.fingerprints(table, stored, of_days=True), within
    yield texts.unit_contents(table, stored, table.unit), within
    for retaining in (None, stored):
        text = texts.without_refused(table, staged, table.unit, retaining=retaining)
        yield text, [*units, *within]
    yield texts.retained_counts(table, stored, table.unit), [*units, *within]
    for source in (staged, None):
        yield (
            texts.replace_days(table, stored, source, RECORDS, rows=True, recording=True),
            [*within, *records],
        )
    lacking = ["TRUE", f"`{table.grain[0]}` IS NOT NULL AND SAFE_CAST(`{table.grain[0]}` AS DATE) IS NULL"]  # fmt: skip
    marked = [parameter("table_name", table.relation), parameter("operation", "x")]
    yield texts.mark_stale(table, stored, LEDGER, RECORDS, lacking), marked
    names = [c.name for c in table.columns[:-1]]
    rebuilt = texts.rebuild(
        table, stored, names, clustering=table.clustering, labels={"made_by": "us"}
    )
    yield rebuilt, []


@pytest.mark.parametrize("table", TABLES)
def test_what_is_issued_about_a_table_is_googlesql(google, table):
    for sql, values in of_table(table):
        check(google, sql, schemas(table), values)


def test_what_is_issued_about_the_ledger_is_googlesql(google):
    records = [
        rows_parameter("records", {c.name: c.type for c in LEDGER_COLUMNS}, []),
        parameter("operation", "x"),
        parameter("names", ["a"]),
        rows_parameter("events", {c.name: c.type for c in ACCEPTANCE_COLUMNS}, []),
    ]
    for sql in (
        texts.append_records(RECORDS),
        texts.newest_records(RECORDS),
        texts.histories(LEDGER),
        texts.recorded_tables(LEDGER),
        texts.acceptances(ACCEPTED),
        texts.append_acceptances(ACCEPTED),
    ):
        check(google, sql, schemas(BOXES), records)


class _Listening(BigQueryWarehouse):
    """Keeps what it would send and answers nothing; the ledger it knows is empty."""

    def __init__(self) -> None:
        self.asked: list = []
        self._histories = {}

    def ensure_table(self, table) -> None:
        pass

    def histories(self, names):
        from nba_backfill.warehouse.ledger import DayHistory

        return {name: DayHistory(name, []) for name in names}

    def query(self, statement) -> list:
        self.asked.append(statement)
        return []


@pytest.mark.parametrize("table", OURS)
def test_the_judges_questions_asked_as_one_are_googlesql(google, table):
    from nba_backfill.core.season import GameCalendar, ScheduleReach, Season

    listening = _Listening()
    season = Season(2023)
    calendar = GameCalendar.of([], ScheduleReach(frozenset(), {}, {}), [season])
    Judge(table, CATALOGUE, listening, calendar).profiles(table.relation, DAYS)
    shown = {name: found.columns for name, found in by_relation().items()}
    for statement in listening.asked:
        check(google, statement.sql, shown, parameters(statement.parameters))


def by_relation():
    return {found.relation: found for found in CATALOGUE.by_name.values()}


def test_the_reference_would_have_refused_a_statement_that_is_wrong(google):
    wrong = texts.fingerprints(BOXES, BOXES.relation).replace("`points` AS", "`pionts` AS")
    with pytest.raises(RefusedError, match="pionts"):
        check(google, wrong, schemas(BOXES))
