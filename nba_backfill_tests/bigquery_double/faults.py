"""Faults to order: which call goes wrong, and how; and the count of calls by kind."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import asdict, dataclass

from nba_backfill_tests.bigquery_double.errors import ServiceError

REFUSED = {
    "rateLimitExceeded": "Exceeded rate limits: too many requests for this method",
    "quotaExceeded": "Quota exceeded: your project exceeded quota for free query bytes scanned",
    "accessDenied": "Access Denied: Project double: User does not have permission",
    "backendError": "The service is currently unavailable",
    "internalError": "An internal error occurred and the request could not be completed",
}
"""Answered before any work is done."""

FAILED_JOBS = {
    "jobAborted": (
        "invalidQuery",
        "Transaction is aborted due to concurrent update against table double:x.y",
    ),
    "jobBackendError": ("backendError", "Error encountered during execution. Retrying may help"),
    "jobInternalError": ("internalError", "An internal error occurred during execution"),
    "jobRateLimitExceeded": (
        "jobRateLimitExceeded",
        "Exceeded rate limits: too many table updates",
    ),
    "jobQuotaExceeded": ("quotaExceeded", "Quota exceeded: too many partition modifications"),
}
"""The call is answered, the job it starts fails and does nothing."""

DROPPED_BEFORE, DROPPED_AFTER, SLOW = "droppedBefore", "droppedAfter", "slow"
ERRORS = (*REFUSED, *FAILED_JOBS, DROPPED_BEFORE, DROPPED_AFTER, SLOW)
STARTS_JOB = ("jobs.insert", "jobs.query", "jobs.upload")


@dataclass(frozen=True, slots=True)
class Fault:
    """``error`` (one of ERRORS) at the ``at``-th call since the last reset, counted from 0.

    ``kind``: only calls of that kind are counted and hit; empty: all. ``times``: how many calls in
    a row it hits. ``seconds``: how long a slow answer takes.
    """

    error: str
    at: int = 0
    kind: str = ""
    times: int = 1
    seconds: float = 0.5

    def __post_init__(self) -> None:
        if self.error not in ERRORS:
            raise ValueError(f"unknown error {self.error}; there are {', '.join(ERRORS)}")

    def as_json(self) -> dict:
        """The fault as a message."""
        return asdict(self)


class Calls:
    """Counts calls and says which of them go wrong."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.reset()

    def reset(self, faults: list[Fault] | None = None) -> None:
        """Count from zero, with these faults to come."""
        with self._lock:
            self.faults = list(faults or ())
            self.counts: Counter[str] = Counter()
            self.log: list[str] = []
            self.hits: list[str] = []

    def arrived(self, kind: str) -> Fault | None:
        """Count a call; the fault it meets, if any."""
        with self._lock:
            for fault in self.faults:
                seen = self.counts[kind] if fault.kind else len(self.log)
                applies = fault.kind in ("", kind) and fault.at <= seen < fault.at + fault.times
                if applies:
                    break
            else:
                fault = None
            self.counts[kind] += 1
            self.log.append(kind)
            if fault is not None:
                self.hits.append(f"{fault.error} at {kind}")
            return fault


def refusal(fault: Fault) -> ServiceError | None:
    """The answer that a fault puts in place of the work."""
    said = REFUSED.get(fault.error)
    return ServiceError(fault.error, said) if said else None


def job_failure(fault: Fault | None, kind: str) -> ServiceError | None:
    """The error with which a fault lets a job end."""
    if fault is None or fault.error not in FAILED_JOBS or kind not in STARTS_JOB:
        return None
    return ServiceError(*FAILED_JOBS[fault.error])
