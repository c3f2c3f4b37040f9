"""Asking BigQuery with patience: calls that are repeated, jobs that are found again.

A SELECT may be asked twice without harm. Whatever changes rows is a job under an id of ours: when
its answer is lost, the same id finds the job that did run, and only a job that has ended without
effect is followed by another, under the next id.
"""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar
from uuid import uuid4

from google.api_core import exceptions as google
from google.cloud import bigquery

from nba_backfill.warehouse.bigquery_errors import (
    ERRORS,
    UNWRITTEN,
    Answer,
    Failure,
    MissingError,
    buffered,
    elsewhere,
    in_words,
    unreachable,
)
from nba_backfill.warehouse.bigquery_values import Parameters
from nba_backfill.warehouse.protocol import WarehouseError

T = TypeVar("T")
LONGEST_QUERY = 2**20
REQUEST_SECONDS = 120.0
"""How long one HTTP request may stay unanswered that is answered at once or within ten seconds.

Not given to SELECTs: the client library makes of it how long the service may take, and a query that
takes as long would be broken off and paid for again."""

UNKNOWN = (
    "Whether it was written is not known; rows and their records are written together or not at"
    " all, so the ledger tells."
)


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait for the service: first wait, longest wait and all waits together, seconds.

    ``buffer_seconds``: how long to wait for a streaming buffer to be flushed.
    """

    first: float = 1.0
    longest: float = 32.0
    whole: float = 600.0
    buffer_seconds: float = 600.0
    poll: float = 1.0
    """Pause between two looks at a job that cannot be waited for."""


class _Waits:
    """Growing waits with some chance in them, so that many workers do not come back together."""

    def __init__(self, patience: Patience) -> None:
        self._patience = patience
        self._next = patience.first
        self._began = time.monotonic()
        self.attempts = 1

    @property
    def seconds(self) -> float:
        """Time since the first attempt."""
        return time.monotonic() - self._began

    def wait(self, whole: float) -> bool:
        """Wait for the next attempt; False, at once, where all waits together would be too long."""
        if self.seconds + self._next > whole:
            return False
        time.sleep(self._next * random.uniform(0.5, 1.0))
        self._next = min(self._next * 2, self._patience.longest)
        self.attempts += 1
        return True


class Jobs:
    """One client's jobs. ``bytes_billed`` counts what they were charged for.

    ``labels`` go with every job; ``max_bytes`` is the cap on each query, None: no cap.
    """

    def __init__(
        self,
        client: bigquery.Client,
        location: str,
        *,
        max_bytes: int | None,
        labels: Mapping[str, str],
        patience: Patience,
    ) -> None:
        self.client = client
        self.location = location
        self.max_bytes = max_bytes
        self.labels = dict(labels)
        self.patience = patience
        self.bytes_billed = 0

    def call(
        self, act: Callable[[], T], what: str, *, wrote: str = UNWRITTEN, at_first: str = ""
    ) -> T:
        """The answer of a call that may be repeated without harm.

        ``wrote`` is what to say of rows when it fails, ``at_first`` when it was refused at once.
        NotFound and Conflict are the caller's to understand. Raises a WarehouseError otherwise.
        """
        waits = _Waits(self.patience)
        while True:
            try:
                return act()
            except (google.NotFound, google.Conflict):
                raise
            except ERRORS as error:
                failure = Failure.of(error)
                if failure.answer_to_call is Answer.STOP:
                    said = at_first if at_first and waits.attempts == 1 else wrote
                    raise in_words(failure, what, wrote=said) from error
                if not waits.wait(self.patience.whole):
                    raise unreachable(
                        failure, what, waits.seconds, waits.attempts, wrote=wrote
                    ) from error

    def _missing(self, failure: Failure, what: str, wrote: str) -> WarehouseError:
        """A dataset or table is not found: it is in another location, or it is not there."""
        named = re.search(r"(?:Dataset|Table) [\w-]+[:.](\w+)", failure.message)
        if named is not None:
            dataset = named.group(1)
            try:
                found = self.call(lambda: self.client.get_dataset(dataset, retry=None), what)
            except google.NotFound:
                pass
            else:
                if found.location.lower() != self.location.lower():
                    return elsewhere(what, dataset, found.location, self.location, wrote=wrote)
        return MissingError(f"{what}: {failure.message}. {wrote}")

    def rows(
        self,
        sql: str,
        parameters: Parameters,
        what: str,
        take: Callable[[bigquery.table.RowIterator], T],
    ) -> T:
        """What ``take`` makes of the rows of a SELECT, in one call where they fit one answer.

        Raises StatementError where the service refuses the statement: MissingError where it names
        a table that is not there.
        """
        _check_length(sql, what)
        config = self._config(parameters)

        def ask() -> T:
            found = self.client.query_and_wait(
                sql,
                job_config=config,
                location=self.location,
                retry=None,
                job_retry=None,
            )
            taken = take(found)
            # jobs.query tells what was processed; what is billed differs by rounding up.
            self.bytes_billed += found.total_bytes_processed or 0
            return taken

        try:
            return self.call(ask, what)
        except google.NotFound as error:
            raise self._missing(Failure.of(error), what, UNWRITTEN) from error

    def dry_run(self, sql: str, parameters: Parameters, what: str) -> int:
        """Bytes that a SELECT would process."""
        _check_length(sql, what)
        config = self._config(parameters)
        config.dry_run = True
        config.use_query_cache = False
        config.maximum_bytes_billed = None

        def ask() -> int:
            job = self.client.query(
                sql, job_config=config, location=self.location, retry=None, job_retry=None
            )
            return job.total_bytes_processed or 0

        try:
            return self.call(ask, what)
        except google.NotFound as error:
            raise self._missing(Failure.of(error), what, UNWRITTEN) from error

    def _config(self, parameters: Parameters, **more: object) -> bigquery.QueryJobConfig:
        config = bigquery.QueryJobConfig(query_parameters=list(parameters), **more)
        config.labels = self.labels
        if self.max_bytes is not None:
            config.maximum_bytes_billed = self.max_bytes
        return config

    def script(self, sql: str, parameters: Parameters, what: str, operation: str) -> None:
        """Run a statement or script that changes rows, once; see :meth:`run`."""
        _check_length(sql, what)
        config = self._config(parameters)

        def start(job_id: str) -> bigquery.QueryJob:
            return self.client.query(
                sql,
                job_config=config,
                job_id=job_id,
                location=self.location,
                timeout=REQUEST_SECONDS,
                retry=None,
                job_retry=None,
            )

        self.run(start, what, operation)

    def into_table(
        self,
        sql: str,
        parameters: Parameters,
        what: str,
        operation: str,
        destination: Callable[[int], str],
        **more: object,
    ) -> str:
        """Run a SELECT whose rows become a table; return its name.

        ``destination`` names the table of an attempt: an earlier attempt that is still running
        somewhere must not write over what a later one wrote and we have judged.
        """
        _check_length(sql, what)

        def start(job_id: str) -> bigquery.QueryJob:
            config = self._config(
                parameters,
                destination=destination(_attempt(job_id)),
                write_disposition=bigquery.WriteDisposition.WRITE_TRUNCATE,
                **more,
            )
            return self.client.query(
                sql,
                job_config=config,
                job_id=job_id,
                location=self.location,
                timeout=REQUEST_SECONDS,
                retry=None,
                job_retry=None,
            )

        return destination(_attempt(self.run(start, what, operation).job_id))

    def run(
        self,
        start: Callable[[str], bigquery.job.base._AsyncJob],
        what: str,
        operation: str,
        *,
        wrote: str = UNWRITTEN,
    ) -> bigquery.job.base._AsyncJob:
        """Start a job under an id of ours and wait for its end; return the job that succeeded.

        Raises a WarehouseError that says what was written: nothing where the job failed, and that
        it is not known where the service stopped answering.
        """
        key, attempt = f"nba-backfill-{operation}-{uuid4().hex[:16]}", 0
        waits = _Waits(self.patience)
        while True:
            job = self._ended(start, f"{key}-{attempt}", what)
            if not job.error_result:
                self.bytes_billed += _billed(job)
                return job
            failure = Failure.of_job(job.error_result)
            match failure.answer_to_job:
                case Answer.STOP if failure.reason == "notFound":
                    raise self._missing(failure, what, wrote)
                case Answer.STOP:
                    raise in_words(failure, what, wrote=wrote)
                case Answer.BUFFER:
                    if not waits.wait(self.patience.buffer_seconds):
                        raise buffered(what, waits.seconds)
                case _:
                    if not waits.wait(self.patience.whole):
                        raise unreachable(failure, what, waits.seconds, waits.attempts, wrote=wrote)
            attempt += 1

    def _ended(
        self, start: Callable[[str], bigquery.job.base._AsyncJob], job_id: str, what: str
    ) -> bigquery.job.base._AsyncJob:
        """The job of an id, started unless it was before, when it has ended."""

        def begin() -> bigquery.job.base._AsyncJob:
            try:
                return start(job_id)
            except google.Conflict:
                # The answer to an earlier attempt was lost, and the job did start.
                try:
                    return self.client.get_job(job_id, location=self.location, retry=None)
                except google.NotFound as error:
                    # The service knows of the job before it can show it.
                    raise google.ServiceUnavailable(f"job {job_id} is not shown yet") from error

        try:
            job = self.call(begin, what, wrote=UNKNOWN, at_first=UNWRITTEN)
            while job.state != "DONE":
                if self._is_query_done(job):
                    break
                self.call(lambda: job.reload(retry=None), what, wrote=UNKNOWN)
        except google.NotFound as error:
            raise self._missing(Failure.of(error), what, UNWRITTEN) from error
        return job

    def _is_query_done(self, job: bigquery.job.base._AsyncJob) -> bool:
        """Whether a query has ended well, waiting for that; False: the job itself must be asked.

        One call that hangs until the end, where asking for the job's state would be many. It is
        what ``QueryJob.result`` does between two questions for the state. An error of it may be
        the job's or the call's own: only the job's state tells.
        """
        if not isinstance(job, bigquery.QueryJob):
            time.sleep(self.patience.poll)
            return False
        try:
            job._reload_query_results(retry=None, timeout=REQUEST_SECONDS)
        except ERRORS:
            time.sleep(self.patience.poll)
            return False
        return job._query_results.complete


def _billed(job: bigquery.job.base._AsyncJob) -> int:
    """What a job was charged for, or what it processed where only its results were asked for."""
    if not isinstance(job, bigquery.QueryJob):
        return 0
    results = job._query_results
    return job.total_bytes_billed or (results.total_bytes_processed if results else 0) or 0


def _attempt(job_id: str) -> int:
    return int(job_id.rpartition("-")[2])


def _check_length(sql: str, what: str) -> None:
    if len(sql.encode()) > LONGEST_QUERY:
        raise WarehouseError(
            f"{what}: its statement is {len(sql):,} characters long, and BigQuery takes one"
            f" million. {UNWRITTEN} Put parts of the table's SQL into tables of their own."
        )
