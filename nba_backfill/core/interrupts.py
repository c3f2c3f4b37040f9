"""Ctrl-C and SIGTERM inside a run: they stop it between two statements, never inside one.

DuckDB turns an interrupt that arrives inside a statement into an error like any other, which would
fail that step and let the run go on to its next tables. So a step holds interrupts back while a
statement runs, and stops at its next checkpoint.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from dagster._core.errors import DagsterExecutionInterruptedError
from dagster._utils.interrupts import capture_interrupts, check_captured_interrupt


@contextmanager
def stopping_at_checkpoints() -> Iterator[None]:
    """Hold interrupts back until :func:`checkpoint` is called, or the block ends.

    Raises DagsterExecutionInterruptedError at the end for one that came after the last checkpoint.
    Do not yield to Dagster inside: it exchanges the signal handlers between two results of a step.
    """
    with capture_interrupts():
        yield
        # Leaving `capture_interrupts` forgets what it captured, and the run would go on.
        checkpoint()


def checkpoint() -> None:
    """Stop here if asked to; raises DagsterExecutionInterruptedError then, else does nothing."""
    if check_captured_interrupt():
        raise DagsterExecutionInterruptedError
