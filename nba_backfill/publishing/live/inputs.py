"""What live documents are made of beside rows: files that a fetcher keeps in the export store.

They lie under ``live-input/``, outside of what is published. A live exporter is an ordinary one
whose shape is also handed what :func:`live` had read for it; without its input it fails and says
so, and what it published last stays where it is.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, TypeVar

import pandas as pd
from pydantic import BaseModel, ConfigDict, ValidationError

from nba_backfill.core.table import Table
from nba_backfill.materialization.computation import Gathered
from nba_backfill.warehouse.files import FileStore

FOLDER = "live-input"

LiveShape = Callable[[Any, dt.date, pd.DataFrame], Mapping[str, Mapping]]
"""As an exporter's shape, with what was read of its live input before the day."""


class LiveInputError(RuntimeError):
    """A live input is not there, or not what was agreed; nothing was published."""


class Input(BaseModel):
    """A part of a live input: vendors add keys at will, so more of them are no error."""

    model_config = ConfigDict(extra="ignore", allow_inf_nan=False, frozen=True)


def utc_now() -> dt.datetime:
    """The time now, in UTC."""
    return dt.datetime.now(dt.UTC)


@dataclass(frozen=True)
class LiveMaker:
    """Computes the rows of a live exporter: reads its input, then goes on as any exporter.

    ``now`` tells the moment, in UTC.
    """

    maker: Callable[[Gathered], pd.DataFrame]
    shape: LiveShape
    read: Callable[[FileStore, dt.datetime], Any]
    now: Callable[[], dt.datetime] = utc_now

    def __call__(self, gathered: Gathered) -> pd.DataFrame:
        """One row per document; raises LiveInputError without the input."""
        given = self.read(gathered.files, self.now())
        return replace(self.maker, shape=partial(self.shape, given))(gathered)


def live(table: Table, shape: LiveShape, read: Callable[[FileStore, dt.datetime], Any]) -> Table:
    """A table of live documents from that of an exporter whose shape is to see a live input."""
    return replace(table, compute=LiveMaker(table.compute, shape, read))


Model = TypeVar("Model", bound=Input)


def read_input(files: FileStore, name: str, model: type[Model], supplier: str) -> Model:
    """A live input file as its model.

    ``supplier`` says who puts it there. Raises LiveInputError where it is missing or malformed.
    """
    path = f"{FOLDER}/{name}"
    content = files.read(path)
    if content is None:
        raise LiveInputError(
            f"there is no {files.uri(path)}: {supplier}. Nothing was published; what was before"
            " stays"
        )
    try:
        return model.model_validate_json(content)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(map(str, first["loc"])) or "the file"
        raise LiveInputError(
            f"{files.uri(path)}: {where}: {first['msg']}. Nothing was published; what was before"
            " stays"
        ) from error


def unshaped(day: dt.date, rows: pd.DataFrame) -> Mapping[str, Mapping]:
    """The shape of a live exporter before its input is read: there is none."""
    raise LiveInputError(f"the documents of {day} need a live input beside {len(rows)} rows")
