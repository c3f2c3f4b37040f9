"""Jobs: queries, scripts and loads, run in threads and kept with what became of them."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from uuid import uuid4

import duckdb

from nba_backfill_tests.bigquery_double.errors import ServiceError
from nba_backfill_tests.bigquery_double.loads import Loads, put
from nba_backfill_tests.bigquery_double.sql import (
    CHANGES,
    Step,
    mentioned,
    reads,
    script,
    without_project,
)
from nba_backfill_tests.bigquery_double.store import Store, milliseconds
from nba_backfill_tests.bigquery_double.transactions import Transaction, Transactions
from nba_backfill_tests.bigquery_double.values import WIDTHS, Parameters, field_of

MEGABYTE = 2**20
LEAST_BILLED = 10 * MEGABYTE
LONGEST_QUERY = MEGABYTE
SCRIPT_PAUSE = 0.0


@dataclass
class Job:
    """One job, running or done."""

    job_id: str
    location: str
    configuration: dict
    created: str = field(default_factory=milliseconds)
    done: threading.Event = field(default_factory=threading.Event)
    error: ServiceError | None = None
    fields: list[dict] = field(default_factory=list)
    rows: list[tuple] | None = None
    processed: int = 0
    billed: int = 0
    affected: int | None = None
    kind: str = ""
    ended: str = ""

    def resource(self, project: str) -> dict:
        """The job as jobs.get answers it."""
        status: dict = {"state": "DONE" if self.done.is_set() else "RUNNING"}
        if self.error is not None and self.done.is_set():
            status |= {"errorResult": self.error.as_status(), "errors": [self.error.as_status()]}
        statistics: dict = {"creationTime": self.created, "startTime": self.created}
        if self.done.is_set():
            statistics |= {
                "endTime": self.ended,
                "totalBytesProcessed": str(self.processed),
                "query": {
                    "totalBytesProcessed": str(self.processed),
                    "totalBytesBilled": str(self.billed),
                    "statementType": self.kind,
                    "cacheHit": False,
                    "schema": {"fields": self.fields},
                },
                "load": {"outputRows": str(self.affected or 0)},
            }
        return {
            "kind": "bigquery#job",
            "etag": self.created,
            "id": f"{project}:{self.location}.{self.job_id}",
            "jobReference": {
                "projectId": project,
                "jobId": self.job_id,
                "location": self.location,
            },
            "configuration": self.configuration,
            "status": status,
            "statistics": statistics,
            "user_email": "tester@double",
        }


class Jobs(Loads):
    """All jobs of the service. ``most_partitions``: how many a job may change."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.transactions = Transactions(store.project)
        self.most_partitions = 4000
        self.pause = SCRIPT_PAUSE
        self.known: dict[str, Job] = {}
        self._pool = ThreadPoolExecutor(16, thread_name_prefix="job")
        self._lock = threading.Lock()

    def get(self, job_id: str, location: str | None) -> Job:
        """A job; notFound for another location, too."""
        found = self.known.get(job_id)
        if found is None or (location and location.lower() != found.location.lower()):
            raise ServiceError("notFound", f"Not found: Job {self.store.project}:{job_id}")
        return found

    def start(
        self,
        reference: Mapping,
        configuration: dict,
        failure: ServiceError | None,
        content: bytes | None = None,
    ) -> Job:
        """Start a job; duplicate if its id was used before."""
        job_id = reference.get("jobId") or f"job_{uuid4().hex}"
        location = reference.get("location") or "US"
        with self._lock:
            if job_id in self.known:
                raise ServiceError(
                    "duplicate", f"Already Exists: Job {self.store.project}:{job_id}"
                )
            job = self.known[job_id] = Job(job_id, location, configuration)
        if configuration.get("dryRun"):
            del self.known[job_id]
            self._run(job, failure, content)
            if job.error is not None:
                raise job.error
        else:
            self._pool.submit(self._run, job, failure, content)
        return job

    def _run(self, job: Job, failure: ServiceError | None, content: bytes | None) -> None:
        try:
            if failure is not None:
                raise failure  # noqa: TRY301
            if content is not None:
                self._load(job, content)
            elif "copy" in job.configuration:
                self._copy(job)
            else:
                self._query(job)
        except ServiceError as error:
            job.error = error
        except duckdb.Error as error:
            job.error = self._in_words(error, job)
        except Exception as error:
            job.error = ServiceError("internalError", f"the double broke: {error!r}")
        finally:
            job.ended = milliseconds()
            job.done.set()

    def _in_words(self, error: duckdb.Error, job: Job) -> ServiceError:
        """DuckDB's error in the service's words; a table that is not there is not found."""
        absent = re.search(r'Table with name "?([\w.]+)"? does not exist', str(error))
        if absent is None or not isinstance(error, duckdb.CatalogException):
            return ServiceError("invalidQuery", str(error))
        name = absent.group(1)
        return ServiceError(
            "notFound",
            f"Not found: Table {self.store.project}:{name} was not found in location"
            f" {job.location}",
        )

    # Queries

    def _query(self, job: Job) -> None:
        asked = job.configuration["query"]
        if len(asked["query"]) > LONGEST_QUERY:
            raise ServiceError(
                "invalid", "The query is too large. The maximum query length is 1024.00K characters"
            )
        sql = without_project(asked["query"], self.store.project)
        if "double_catalog.partitions" in sql:
            self.store.refresh_partitions()
        for dataset in mentioned(sql, self.store.datasets):
            where = self.store.dataset(dataset)["location"]
            if where.lower() != job.location.lower():
                raise ServiceError(
                    "notFound",
                    f"Not found: Dataset {self.store.project}:{dataset} was not found in location"
                    f" {job.location}",
                )
        parameters = Parameters(asked.get("queryParameters", ()))
        steps = script(sql)
        cursor = self.store.cursor()
        self._estimate(job, steps, parameters, cursor)
        job.kind = "SCRIPT" if len(steps) > 1 else steps[0].kind
        if job.configuration.get("dryRun"):
            if job.kind == "SELECT":
                text, values = parameters.bind(steps[0].duckdb)
                cursor.execute(f"EXPLAIN {text}", values)
            return
        limit = int(asked.get("maximumBytesBilled") or 0)
        if limit and job.billed > limit:
            raise ServiceError(
                "bytesBilledLimitExceeded",
                f"Query exceeded limit for bytes billed: {limit}. {job.billed} or higher required.",
            )
        if asked.get("destinationTable") and job.kind == "SELECT":
            self._into_table(job, steps[0], parameters, cursor)
        else:
            self._script(job, steps, parameters, cursor)

    def _estimate(
        self,
        job: Job,
        steps: tuple[Step, ...],
        parameters: Parameters,
        cursor: duckdb.DuckDBPyConnection,
    ) -> None:
        """Bytes of the columns and partitions that the statements name."""
        scanned = set()
        for step in steps:
            if step.kind in ("BEGIN", "COMMIT", "ROLLBACK", "DROP", "CREATE"):
                continue
            for read in reads(step.google):
                key = read.dataset, read.table
                table = self.store.tables.get(key)
                if table is None and key[0] != "double_catalog":
                    kind, name = (
                        ("Table", ".".join(key))
                        if key[0] in self.store.datasets
                        else ("Dataset", key[0])
                    )
                    raise ServiceError(
                        "notFound",
                        f"Not found: {kind} {self.store.project}:{name} was not found in location"
                        f" {job.location}",
                    )
                if table is None or table["type"] != "TABLE":
                    continue
                part = self.store.partition_column(key)
                limits = [text for column, text in read.conditions if column == part]
                if table.get("requirePartitionFilter") and not limits:
                    raise ServiceError(
                        "invalidQuery",
                        f"Cannot query over table '{'.'.join(key)}' without a filter over"
                        f" column(s) '{part}' that can be used for partition elimination",
                    )
                where = f" WHERE {' AND '.join(limits)}" if limits else ""
                text, values = parameters.bind(f'SELECT count(*) FROM "{key[0]}"."{key[1]}"{where}')
                [rows] = cursor.execute(text, values).fetchone()
                job.processed += rows * sum(
                    WIDTHS.get(f["type"], 8)
                    for f in table["schema"]["fields"]
                    if read.columns is None or f["name"] in read.columns
                )
                scanned.add(key)
        whole = -(-job.processed // MEGABYTE) * MEGABYTE
        job.billed = max(LEAST_BILLED * len(scanned), whole) if job.processed else 0

    def _into_table(
        self, job: Job, step: Step, parameters: Parameters, cursor: duckdb.DuckDBPyConnection
    ) -> None:
        """A SELECT whose rows become a table."""
        asked = job.configuration["query"]
        into = asked["destinationTable"]
        key = into["datasetId"], into["tableId"]
        self.store.dataset(key[0])
        text, values = parameters.bind(step.duckdb)
        name = f"result_{uuid4().hex}"
        cursor.execute(f"CREATE TEMP TABLE {name} AS {text}", values)
        described = cursor.execute(f"SELECT * FROM {name} LIMIT 0").description
        job.fields = [field_of(column, kind) for column, kind, *_ in described]
        # The rows keep their decimals, so that a value is written alike here and where it goes.
        kinds = {column: str(kind).replace('"NULL"', "BIGINT") for column, kind, *_ in described}
        put(self.store, key, f"FROM {name}", job.fields, asked, cursor, kinds=kinds)
        cursor.execute(f"DROP TABLE {name}")

    def _script(
        self,
        job: Job,
        steps: tuple[Step, ...],
        parameters: Parameters,
        cursor: duckdb.DuckDBPyConnection,
    ) -> None:
        transaction: Transaction | None = None
        try:
            for step in steps:
                if step.kind == "BEGIN":
                    transaction = self.transactions.begin(cursor)
                elif step.kind in ("COMMIT", "ROLLBACK"):
                    self._end(transaction, commit=step.kind == "COMMIT")
                    transaction = None
                else:
                    self._step(job, step, parameters, cursor, transaction)
                    time.sleep(self.pause if transaction is not None else 0)
        except duckdb.TransactionException as error:
            raise self.transactions.conflict(("double", "rows")) from error
        finally:
            self._end(transaction, commit=False)

    def _end(self, transaction: Transaction | None, *, commit: bool) -> None:
        if transaction is None:
            return
        transaction.end(commit=commit)
        for key in transaction.changes if commit else ():
            self.store.touch(key)

    def _step(
        self,
        job: Job,
        step: Step,
        parameters: Parameters,
        cursor: duckdb.DuckDBPyConnection,
        transaction: Transaction | None,
    ) -> None:
        """One statement, in the transaction that is open or in one of its own."""
        if step.kind == "DROP":
            if step.target in self.store.tables:
                self.store.delete_table(step.target)
            return
        if step.kind == "CREATE":
            self._create(step, parameters, cursor)
            return
        text, values = parameters.bind(step.duckdb)
        if step.kind == "SELECT":
            found = cursor.execute(text, values)
            job.fields = [
                field_of(name if name.isidentifier() else f"f{at}_", kind)
                for at, (name, kind, *_) in enumerate(found.description)
            ]
            job.rows = found.fetchall()
            return
        key = step.target
        if self.store.tables.get(key, {}).get("type") != "TABLE":
            raise ServiceError(
                "notFound",
                f"Not found: Table {self.store.project}:{'.'.join(key)} was not found in location"
                f" {job.location}",
            )
        if step.kind in CHANGES and self.store.is_streaming(key):
            raise ServiceError(
                "invalidQuery",
                f"UPDATE or DELETE statement over table {'.'.join(key)} would affect rows in the"
                " streaming buffer, which is not supported",
            )
        days = [v for v in values.values() if isinstance(v, list) and len(v) > self.most_partitions]
        if days and self.store.partition_column(key):
            raise ServiceError(
                "invalidQuery",
                f"Too many partitions produced by query, allowed {self.most_partitions}, query"
                f" produces at least {len(days[0])} partitions",
            )
        own = transaction or self.transactions.begin(cursor)
        try:
            if step.kind in CHANGES:
                own.claim(key, 0.0 if transaction else 60.0)
            [affected] = cursor.execute(text, values).fetchone()
            job.affected = (job.affected or 0) + affected
            own.changes.add(key)
        except BaseException:
            self._end(own, commit=False)
            raise
        if transaction is None:
            self._end(own, commit=True)
