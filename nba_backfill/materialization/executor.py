"""How the steps of a run are executed: follows from the home of the warehouse alone."""

from __future__ import annotations

import dagster as dg

from nba_backfill.warehouse.homes import Home

PRELOADED = "nba_backfill.definitions"
"""Loading the definitions takes seconds: done once, in the server that steps are forked from."""


def executor_of(home: Home, steps_at_once: int) -> dg.ExecutorDefinition:
    """One process for all steps where one connection writes, else a process per step.

    ``steps_at_once``: how many such processes a run may have. Each asks one query at a time, so
    it also limits the queries of a run.
    """
    if home.one_writer:
        return dg.in_process_executor
    return dg.multiprocess_executor.configured(
        {
            "max_concurrent": steps_at_once,
            "start_method": {"forkserver": {"preload_modules": [PRELOADED]}},
        }
    )
