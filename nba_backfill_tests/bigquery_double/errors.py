"""Errors as the service words them."""

from __future__ import annotations

CODES = {
    "accessDenied": 403,
    "backendError": 503,
    "bytesBilledLimitExceeded": 400,
    "conditionNotMet": 412,
    "duplicate": 409,
    "internalError": 500,
    "invalid": 400,
    "invalidQuery": 400,
    "jobBackendError": 400,
    "jobInternalError": 400,
    "jobRateLimitExceeded": 400,
    "notFound": 404,
    "notImplemented": 501,
    "quotaExceeded": 403,
    "rateLimitExceeded": 403,
    "resourceInUse": 400,
}
"""HTTP status of each reason."""


class ServiceError(Exception):
    """What the service answers instead of a result."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message

    @property
    def code(self) -> int:
        """HTTP status."""
        return CODES[self.reason]

    def as_status(self) -> dict:
        """The error as a job's status has it."""
        return {"reason": self.reason, "message": self.message, "location": ""}

    def as_body(self) -> dict:
        """The error as an HTTP answer has it."""
        one = {"domain": "global", "reason": self.reason, "message": self.message}
        return {"error": {"code": self.code, "message": self.message, "errors": [one]}}
