"""The warehouse of a run or a command, opened with its raw tables as they are now."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import ClassVar

import dagster as dg
from pydantic import PrivateAttr

from nba_backfill.core.process import bury_dead_runs, tag_run
from nba_backfill.warehouse.homes import Home
from nba_backfill.warehouse.protocol import Warehouse

Say = Callable[[str], None]
RAW_BROUGHT_UP = "nba/raw_brought_up"
"""Tag of a run in which a step has brought the raw tables up to what they are."""


class RawContractError(ValueError):
    """A raw file, table or column breaks its contract; nothing was loaded or recorded."""


class WarehouseResource(dg.ConfigurableResource):
    """A warehouse that is opened once per run; each home says how, and where raw tables are."""

    _opened: Warehouse = PrivateAttr()
    home: ClassVar[Home]

    def setup_for_execution(self, context: dg.InitResourceContext) -> None:
        """Open the warehouse for a run, whichever door it came through.

        The run says first who works on it, so that it can be told dead wherever it is killed, and
        ends in Dagster what was killed before it.
        """
        say = context.log.info if context.log else lambda _: None
        if context.instance and context.run:
            tag_run(context.instance, context.run, a_step=not self.home.one_writer)
            bury_dead_runs(context.instance, say)
        self.open(say, context)

    def open(self, say: Say, context: dg.InitResourceContext | None = None) -> Warehouse:
        """Open it to be changed, its raw tables brought up to what they are now, saying so.

        Once per run: where each step has a process of its own (``context``), those after the first
        take the raw tables as it found them, so that all of a run sees the same.
        """
        run = context.run if context and context.instance and not self.home.one_writer else None
        known = run is not None and _is_brought_up(context.instance, run)
        self._opened = self._open(say, raw_is_known=known)
        if run is not None and not known:
            context.instance.add_run_tags(run.run_id, {RAW_BROUGHT_UP: "yes"})
        return self._opened

    def _open(self, say: Say, *, raw_is_known: bool = False) -> Warehouse:
        raise NotImplementedError

    def read(self, say: Say, *, bring_up: bool = False, elsewhere: bool = False) -> Warehouse:
        """Open what was committed last, changing nothing.

        ``bring_up``: with the raw tables as they are now, known to this command only.
        ``elsewhere``: raw tables of another place than before are left aside and told, not refused.
        """
        raise NotImplementedError

    def unloaded(self) -> AbstractContextManager[Warehouse]:
        """The warehouse to be changed, its raw tables as they were known last."""
        raise NotImplementedError

    def take_raw_from_here(self, by: str) -> str:
        """Let raw tables come from where the environment points now; returns what that changes."""
        raise NotImplementedError

    @property
    def has_raw_tables(self) -> bool:
        """Whether there are raw tables to look at already."""
        return True

    def raw_token(self, warehouse: Warehouse) -> str:
        """Changes when raw tables do; ``warehouse`` is open for reading, brought up to them."""
        raise NotImplementedError

    def teardown_after_execution(self, context: dg.InitResourceContext) -> None:
        """Let go of the warehouse, so that the next run can open it."""
        self.close()

    def close(self) -> None:
        """Let go of the warehouse."""
        self._opened.close()

    @property
    def warehouse(self) -> Warehouse:
        """The open warehouse."""
        return self._opened


def _is_brought_up(instance: dg.DagsterInstance, run: dg.DagsterRun) -> bool:
    stored = instance.get_run_by_id(run.run_id)
    return stored is not None and RAW_BROUGHT_UP in stored.tags
