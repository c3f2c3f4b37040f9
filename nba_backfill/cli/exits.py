"""How a command ends: exit codes, and errors that a user can act on told without a trace."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click

COMPLETE, GAPS, REFUSED = 0, 1, 2
USAGE, BROKEN, BUSY, CONFIGURATION, INTERRUPTED = 64, 70, 75, 78, 130

EXITS = {
    COMPLETE: "complete: everything asked for is there and right",
    GAPS: "gaps: days are missing or stale, or sources contradict each other",
    REFUSED: "refused: a check withheld a game or a day, a load was held back, a proof failed",
    USAGE: "the command was written wrongly; nothing was done",
    BROKEN: "it cannot be done as things are; the message says what to mend",
    BUSY: "another process is writing the warehouse",
    CONFIGURATION: "an environment variable cannot be used",
    INTERRUPTED: "stopped by Ctrl-C; what was written is whole",
}


class Told(click.ClickException):
    """An error as its message alone, with an exit code of its own."""

    def __init__(self, message: str, code: int) -> None:
        super().__init__(message)
        self.exit_code = code


@contextmanager
def explained() -> Iterator[None]:
    """Turn errors that a user can act on into their message and exit code; others keep their trace.

    The errors are looked up when one comes: their modules take seconds to load, and help and usage
    errors need none of them.
    """
    try:
        yield
    except click.exceptions.Exit as done:
        sys.exit(done.exit_code)
    except (click.Abort, KeyboardInterrupt):
        click.echo("stopped; what was written is whole, run again to go on", err=True)
        sys.exit(INTERRUPTED)
    except Told as told:
        told.show()
        sys.exit(told.exit_code)
    except click.ClickException:
        raise
    except (ValueError, RuntimeError) as error:
        code = _code_of(error)
        if code is None:
            raise
        click.echo(f"Error: {error}", err=True)
        sys.exit(code)


def _code_of(error: Exception) -> int | None:
    from nba_backfill.backfill.accepting import NothingToAcceptError  # noqa: PLC0415
    from nba_backfill.backfill.plan import PlanError  # noqa: PLC0415
    from nba_backfill.raw.loader import RawContractError  # noqa: PLC0415
    from nba_backfill.raw.source import OtherRawFolderError  # noqa: PLC0415
    from nba_backfill.resources import ConfigurationError  # noqa: PLC0415
    from nba_backfill.warehouse.protocol import (  # noqa: PLC0415
        WarehouseBusyError,
        WarehouseError,
    )

    codes = {
        WarehouseBusyError: BUSY,
        ConfigurationError: CONFIGURATION,
        OtherRawFolderError: CONFIGURATION,
        NothingToAcceptError: BROKEN,
        PlanError: BROKEN,
        RawContractError: BROKEN,
        WarehouseError: BROKEN,
    }
    return next((code for kind, code in codes.items() if isinstance(error, kind)), None)
