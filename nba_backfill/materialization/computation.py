"""Tables whose rows Python computes: what the function is handed, and how any table is staged.

SQL gathers, within the declared windows like any other SELECT, and a function turns what was
gathered into rows. Only what SQL is wrong for (fitting and asking a model) is written so.
"""

from __future__ import annotations

import datetime as dt
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from nba_backfill.core.table import Table
from nba_backfill.materialization.catalogue import Catalogue
from nba_backfill.warehouse.dialect import Statement, select_statement
from nba_backfill.warehouse.files import FileStore
from nba_backfill.warehouse.protocol import Warehouse, WarehouseError

CODE_ERRORS = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    EOFError,
    ImportError,
    LookupError,
    MemoryError,
    NameError,
    OSError,
    RuntimeError,
    TypeError,
    ValueError,
)
"""How code breaks over data. An interrupt is none of them: it ends the run, not a day."""


class ComputationError(WarehouseError):
    """A table's Python broke over the rows gathered for some days; nothing was written."""


@dataclass(frozen=True, slots=True)
class Gathered:
    """What a computing function gets.

    ``days`` are those wanted, of one season; ``rows`` what the table's SELECT gathered for all
    of them; ``say`` tells the operator how far long work has come.
    """

    days: tuple[dt.date, ...]
    rows: pd.DataFrame
    files: FileStore
    say: Callable[[str], None]


def stage_days(
    table: Table,
    catalogue: Catalogue,
    warehouse: Warehouse,
    days: Sequence[dt.date],
    *,
    limited: bool = True,
    before_tip_of: dt.date | None = None,
    say: Callable[[str], None] = lambda _: None,
) -> str:
    """Compute a table's rows for days of one season into a staging relation; return its name.

    Refused days of the inputs are out of sight, whoever asks. Raises StatementError when the
    engine refuses the SELECT, and ComputationError when the table's Python breaks; nothing is
    written then.
    """
    inputs = catalogue.inputs(table)
    histories = warehouse.histories(t.relation for t in inputs.values())
    refused = {name: histories[t.relation].refused for name, t in inputs.items()}

    def statement(first: dt.date, last: dt.date) -> Statement:
        return select_statement(
            table,
            inputs,
            first,
            last,
            limited=limited,
            refused=refused,
            before_tip_of=before_tip_of,
        )

    if table.compute is None:
        return warehouse.stage(table, statement(days[0], days[-1]))
    # The SELECT of a snapshot is about one date: what is newest of a range would be ambiguous.
    once = table.publication is not None and table.publication.kind.is_once
    computed = []
    for chosen in [[day] for day in days] if once else [days]:
        rows = warehouse.frame(statement(chosen[0], chosen[-1]))
        try:
            computed.append(table.compute(Gathered(tuple(chosen), rows, warehouse.files, say)))
        except CODE_ERRORS as error:
            raise ComputationError(_in_words(error)) from error
    return warehouse.stage_frame(table, pd.concat(computed) if once else computed[0])


def _in_words(error: BaseException) -> str:
    """Type, message and the line that broke: a record outlives the console a trace is shown on."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__}: {error} ({Path(last.filename).name}:{last.lineno})"
