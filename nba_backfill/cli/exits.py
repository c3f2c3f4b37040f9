"""How a command ends: exit codes, and errors that a user can act on told without a trace."""

from __future__ import annotations

import signal
import sys
import traceback
from dataclasses import dataclass
from types import TracebackType

import click

from nba_backfill.cli.signals import STOPPING, heard, listening

COMPLETE, GAPS, REFUSED = 0, 1, 2
USAGE, BROKEN, BUSY, CONFIGURATION, INTERRUPTED, TERMINATED = 64, 70, 75, 78, 130, 143


@dataclass(frozen=True, slots=True)
class Ending:
    """What an exit code says, and what to do about it."""

    meaning: str
    cure: str


EXITS = {
    COMPLETE: Ending("complete: everything asked for is there and right", "nothing"),
    GAPS: Ending(
        "gaps: days are missing or stale, or sources contradict each other",
        "`run` the days that are named; settle what the sources say",
    ),
    REFUSED: Ending(
        "refused: a check withheld a game or a day, a load was held back, a proof failed",
        "mend the first cause that is named, or `accept` it; then `run` again",
    ),
    USAGE: Ending(
        "the command was written wrongly; nothing was done", "write it as the message says"
    ),
    BROKEN: Ending(
        "it cannot be done as things are: a damaged file, a plan that is out of date, an error",
        "mend what the message names; what was written is whole",
    ),
    BUSY: Ending(
        "another process is writing the warehouse; nothing was changed", "wait for it, then again"
    ),
    CONFIGURATION: Ending(
        "an environment variable cannot be used; nothing was done", "set it as the message says"
    ),
    INTERRUPTED: Ending("stopped by Ctrl-C; what was written is whole", "go on as it says"),
    TERMINATED: Ending("stopped by SIGTERM; what was written is whole", "go on as it says"),
}


def exits_markdown() -> str:
    """The exit codes as the README prints them."""
    lines = ["| exit code | meaning | what to do |", "|---|---|---|"]
    lines += [f"| {code} | {end.meaning} | {end.cure} |" for code, end in EXITS.items()]
    return "\n".join(lines)


class Told(click.ClickException):
    """An error as its message alone, with an exit code of its own."""

    def __init__(self, message: str, code: int) -> None:
        super().__init__(message)
        self.exit_code = code


class StoppedError(RuntimeError):
    """A command stopped because a signal asked it to; the message says what was done so far."""


class Explained:
    """Turn errors that a user can act on into their message and exit code; others show their trace.

    A class, since it looks at whatever ended the block: Python itself would end with 1 for an error
    nobody expected, which says "gaps" here.
    """

    def __enter__(self) -> None:
        self._listening = listening()
        self._listening.__enter__()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Exit with the code of what ended the block; return if nothing did."""
        stopped_by = heard()
        self._listening.__exit__(None, None, None)
        if error is None or isinstance(error, SystemExit | GeneratorExit):
            return
        if isinstance(error, click.exceptions.Exit):
            sys.exit(error.exit_code)
        if stopped_by or isinstance(error, click.Abort | KeyboardInterrupt):
            sys.exit(_stopped(error, stopped_by or signal.SIGINT))
        if isinstance(error, click.ClickException):
            error.show()
            sys.exit(error.exit_code)
        code = _code_of(error)
        if code is None:
            traceback.print_exception(error)
            click.echo(f"Error: {_first_line(error)}; what was written is whole", err=True)
        else:
            click.echo(f"Error: {error}", err=True)
        sys.exit(BROKEN if code is None else code)


def _first_line(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}".partition("\n")[0]


def _stopped(error: BaseException, number: signal.Signals) -> int:
    """Say what stopped the command and how to go on; return the exit code."""
    said = str(error) if isinstance(error, StoppedError) else "what was written is whole"
    click.echo(f"stopped by {STOPPING[number]}: {said}", err=True)
    return TERMINATED if number is signal.SIGTERM else INTERRUPTED


def _code_of(error: BaseException) -> int | None:
    """The exit code of an error whose message is enough; None for one that needs its trace."""
    return next((code for kind, code in _codes().items() if isinstance(error, kind)), None)


def code_named(kind: str) -> int | None:
    """As for an error of that class name: Dagster hands on what ended a run as text."""
    return {known.__name__: code for known, code in _codes().items()}.get(kind)


def _codes() -> dict[type[Exception], int]:
    """Errors whose message tells the user what to do, subclasses first.

    They are looked up when one comes: their modules take seconds to load, and help and usage errors
    need none of them.
    """
    from nba_backfill.backfill.accepting import NothingToAcceptError  # noqa: PLC0415
    from nba_backfill.backfill.plan import PlanError  # noqa: PLC0415
    from nba_backfill.publishing.live.feed import LiveFeedError  # noqa: PLC0415
    from nba_backfill.publishing.pointing import PointerContestedError  # noqa: PLC0415
    from nba_backfill.raw.home import RawContractError  # noqa: PLC0415
    from nba_backfill.raw.source import OtherRawFolderError  # noqa: PLC0415
    from nba_backfill.resources import ConfigurationError  # noqa: PLC0415
    from nba_backfill.warehouse.files import FileStoreError  # noqa: PLC0415
    from nba_backfill.warehouse.protocol import (  # noqa: PLC0415
        WarehouseBusyError,
        WarehouseError,
    )

    return {
        WarehouseBusyError: BUSY,
        ConfigurationError: CONFIGURATION,
        OtherRawFolderError: CONFIGURATION,
        NothingToAcceptError: BROKEN,
        LiveFeedError: BROKEN,
        PlanError: BROKEN,
        RawContractError: BROKEN,
        WarehouseError: BROKEN,
        FileStoreError: BROKEN,
        PointerContestedError: BROKEN,
        OSError: BROKEN,
    }
