"""What BigQuery's errors mean for us: which pass by themselves, and what to say of the others."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

import requests.exceptions
from google.api_core import exceptions as google
from google.auth import exceptions as auth

from nba_backfill.warehouse.protocol import StatementError, WarehouseError

UNWRITTEN = "Nothing was written."


class QuotaError(WarehouseError):
    """The project has used up a quota; waiting minutes does not help."""


class AccessError(WarehouseError):
    """The account may not do what was asked."""


class ByteCapError(WarehouseError):
    """A query would be billed for more than the cap."""


class StreamingBufferError(WarehouseError):
    """A target has rows in its streaming buffer, which no statement may change."""


class UnreachableError(WarehouseError):
    """The service did not answer usefully for longer than we wait."""


class MissingError(WarehouseError):
    """A statement names a dataset or table that is not there, which is no fault of any day."""


class LocationError(WarehouseError):
    """A dataset is in another location than our jobs."""


class SchemaChangeError(WarehouseError):
    """A stored table differs from its declaration in a way that needs an operator's word."""


class Answer(StrEnum):
    """The right answer to an error."""

    AGAIN = "again"
    """Ask again: the service is busy, broken for a moment, or its answer was lost."""
    ANEW = "anew"
    """The job ended without having done anything; start another."""
    BUFFER = "buffer"
    """Wait for the streaming buffer to be flushed, then start another job."""
    STOP = "stop"


LOST = (
    requests.exceptions.ConnectionError,
    requests.exceptions.ChunkedEncodingError,
    requests.exceptions.Timeout,
    auth.TransportError,
    ConnectionError,
    TimeoutError,
)
"""Nobody knows whether the service did what it was asked."""

ERRORS = (google.GoogleAPIError, auth.GoogleAuthError, *LOST)
"""All that a call of the client library raises over the service's behaviour."""

BUSY_REASONS = frozenset({"rateLimitExceeded", "backendError", "internalError", "badGateway"})
JOB_REASONS = BUSY_REASONS | {"jobBackendError", "jobInternalError", "jobRateLimitExceeded"}
BUSY_CODES = frozenset({429, 500, 502, 503, 504})
CONFLICT = re.compile(
    r"aborted due to concurrent update|could not serialize access|concurrent (update|transaction)",
    re.IGNORECASE,
)
BUFFER = re.compile(r"streaming buffer", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Failure:
    """An error in the service's terms; ``is_lost``: nobody knows what the service did."""

    reason: str
    message: str
    code: int = 0
    is_lost: bool = False

    @classmethod
    def of(cls, error: Exception) -> Failure:
        """What an exception of the client library says."""
        said = getattr(error, "errors", None) or [{}]
        first = said[0] if isinstance(said[0], dict) else {}
        code = getattr(error, "code", 0)
        is_lost = isinstance(error, LOST)
        if isinstance(error, auth.GoogleAuthError) and not is_lost:
            # No credentials, or such as are refused: waiting does not mend them.
            code = 401
        return cls(
            str(first.get("reason", "")),
            str(first.get("message") or getattr(error, "message", "") or error),
            code if isinstance(code, int) else 0,
            is_lost,
        )

    @classmethod
    def of_job(cls, result: dict) -> Failure:
        """What a job that ended in an error says."""
        return cls(str(result.get("reason", "")), str(result.get("message", "")), 400)

    @property
    def answer_to_call(self) -> Answer:
        """What to do when a call fails: the job behind it may have run, may be running, or not."""
        if BUFFER.search(self.message):
            return Answer.BUFFER
        if CONFLICT.search(self.message):
            return Answer.ANEW
        is_busy = self.reason in JOB_REASONS or (not self.reason and self.code in BUSY_CODES)
        if self.is_lost or is_busy:
            return Answer.AGAIN
        return Answer.STOP

    @property
    def answer_to_job(self) -> Answer:
        """What to do when a job has ended in this error; it has changed nothing then."""
        if BUFFER.search(self.message):
            return Answer.BUFFER
        if CONFLICT.search(self.message) or self.reason in JOB_REASONS:
            return Answer.ANEW
        return Answer.STOP


def in_words(failure: Failure, what: str, *, wrote: str = UNWRITTEN) -> WarehouseError:
    """The error to raise for a failure that stops us; ``what`` names the table and what was asked.

    ``wrote`` says what is, and is not, in the warehouse.
    """
    [said, *_] = failure.message.splitlines() or [""]
    if failure.reason == "quotaExceeded":
        cure = (
            "Ask for a higher quota, or wait until it is renewed (daily ones at midnight Pacific"
            " time); then run again, which goes on where this stopped."
        )
        return QuotaError(f"{what}: {said}. {wrote} {cure}")
    if failure.reason in ("accessDenied", "forbidden") or failure.code in (401, 403):
        cure = (
            "Give the account the role it lacks (bigquery.jobUser on the project, dataViewer on the"
            " raw datasets, dataEditor on ours), or point"
            " GOOGLE_APPLICATION_CREDENTIALS at one that has it; then run again."
        )
        return AccessError(f"{what}: {said}. {wrote} {cure}")
    if failure.reason == "bytesBilledLimitExceeded" or "limit for bytes billed" in said:
        cure = (
            "Raise NBA_BIGQUERY_MAX_BYTES if the query is worth it; fewer days read less where the"
            " tables are partitioned by day, and a table that is not is read whole each time:"
            " partition it."
        )
        return ByteCapError(f"{what}: {said} {wrote} {cure}")
    if "partition elimination" in said:
        cure = (
            "The table refuses to be read whole, and this window is not bounded by days: give it"
            " require_partition_filter = FALSE, or the input a dated window."
        )
        return ByteCapError(f"{what}: {said}. {wrote} {cure}")
    kind = MissingError if failure.reason == "notFound" else StatementError
    return kind(f"{what}: {said}. {wrote}")


def elsewhere(what: str, dataset: str, there: str, here: str, *, wrote: str) -> LocationError:
    """What to say of a dataset that jobs in our location do not see."""
    return LocationError(
        f"{what}: dataset {dataset} is in {there}, and NBA_BIGQUERY_LOCATION is {here}. {wrote} Set"
        f" it to {there}; jobs cannot read across locations, so all datasets must be in one."
    )


def buffered(what: str, seconds: float) -> StreamingBufferError:
    """What to say of a streaming buffer that was not flushed while we waited."""
    return StreamingBufferError(
        f"{what}: rows of it are in its streaming buffer, which no statement may change, and were"
        f" still there after {seconds:.0f} s. Nothing was written: no row of it was doubled or"
        " removed. Stop whoever streams into the table (nobody but this platform should write"
        " it), wait until the buffer is flushed (up to 90 minutes), and run again."
    )


def unreachable(
    failure: Failure, what: str, seconds: float, attempts: int, *, wrote: str
) -> UnreachableError:
    """What to say when patience ends."""
    [said, *_] = failure.message.splitlines() or [""]
    return UnreachableError(
        f"{what}: no useful answer from BigQuery in {attempts} attempts over {seconds:.0f} s; the"
        f" last: {said}. {wrote} Run again when the service is well, which goes on where this"
        " stopped."
    )
