"""Findings of preflight and doctor: each check passes, warns or fails, and says the cure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from rich.markup import escape

from nba_backfill.backfill.fitting import FittingTable, Heading


class Health(StrEnum):
    """How a check came out."""

    OK = "ok"
    WARN = "warn"
    FAIL = "FAIL"


COLOURS = {Health.OK: "green", Health.WARN: "yellow", Health.FAIL: "red"}


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found, and what to do about it where it did not pass."""

    check: str
    health: Health
    what: str
    cure: str = ""

    @classmethod
    def ok(cls, check: str, what: str) -> Finding:
        """A check that passed."""
        return cls(check, Health.OK, what)

    @classmethod
    def warn(cls, check: str, what: str, cure: str) -> Finding:
        """A check that found something one can live with."""
        return cls(check, Health.WARN, what, cure)

    @classmethod
    def fail(cls, check: str, what: str, cure: str) -> Finding:
        """A check that found something that stops work, or makes it wrong."""
        return cls(check, Health.FAIL, what, cure)


def findings_table(title: str, findings: Iterable[Finding]) -> FittingTable:
    """Findings, one line each, as they came."""
    printed = FittingTable(
        title,
        [Heading("", left=True), Heading("check", left=True), Heading("found", words=True)],
    )
    for finding in findings:
        state = f"[{COLOURS[finding.health]}]{finding.health}[/]"
        printed.add(state, finding.check, escape(finding.what))
    return printed


def cures(findings: Iterable[Finding]) -> Iterator[str]:
    """What to do, the failures first."""
    to_do = [finding for finding in findings if finding.cure]
    for finding in sorted(to_do, key=lambda f: f.health is not Health.FAIL):
        yield f"[{COLOURS[finding.health]}]{finding.check}[/]: {escape(finding.cure)}"


def exit_code(findings: Iterable[Finding]) -> int:
    """0: all passed, 1: something failed, 2: something warns (spec 60, 3)."""
    found = {finding.health for finding in findings}
    if Health.FAIL in found:
        return 1
    return 2 if Health.WARN in found else 0
