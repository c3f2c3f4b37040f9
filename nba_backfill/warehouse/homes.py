"""The kinds of warehouses, and what follows from each for who may work at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["duckdb", "bigquery"]


@dataclass(frozen=True, slots=True)
class Home:
    """A kind of warehouse.

    ``kind`` and ``raw_kind`` are what Dagster's UI calls it and its raw tables. ``one_writer``:
    only one process at a time may open it to write, so the steps of a run share a process and runs
    wait for each other.
    """

    kind: Kind
    raw_kind: str
    one_writer: bool

    def pool(self, table_name: str) -> str:
        """The Dagster pool of the steps that write a table; one step of a pool runs at a time.

        The whole warehouse where there is one writer, else the table: two runs over the same table
        wait for each other, and all other tables go on.
        """
        return "warehouse" if self.one_writer else f"table_{table_name}"


HOMES = {
    home.kind: home
    for home in (
        Home("duckdb", raw_kind="parquet", one_writer=True),
        Home("bigquery", raw_kind="bigquery", one_writer=False),
    )
}
EMBEDDED = HOMES["duckdb"]
"""What is taken where nothing else is said."""
