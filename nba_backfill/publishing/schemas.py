"""The JSON Schema of each kind of document, published beside the documents.

Generated from the models, so that what is validated and what is promised are one thing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Protocol

from nba_backfill.publishing.document import Document
from nba_backfill.warehouse.files import FileStore, NewFile

FOLDER = "v1/schemas"
SCHEMA_TYPE = "application/schema+json"
SCHEMA_CACHE = "public, max-age=3600"


class HasModel(Protocol):
    """A pattern of paths with the model of what lies there."""

    model: type[Document]


def schema_names(exporter: str, patterns: Sequence[HasModel]) -> dict[str, type[Document]]:
    """Name in the store -> model: the exporter's own name, and the model's where it has several."""
    models = list(dict.fromkeys(pattern.model for pattern in patterns))
    if len(models) == 1:
        return {f"{FOLDER}/{exporter}.json": models[0]}
    return {f"{FOLDER}/{exporter}.{_snake(model.__name__)}.json": model for model in models}


def schema_files(
    files: FileStore, exporter: str, patterns: Sequence[HasModel]
) -> Iterator[NewFile]:
    """The schemas that the store does not have as they are now."""
    for name, model in schema_names(exporter, patterns).items():
        schema = model.json_schema(name.rpartition("/")[2].removesuffix(".json"))
        content = f"{json.dumps(schema, indent=2)}\n".encode()
        if files.read(name) != content:
            yield NewFile(name, content, SCHEMA_TYPE, SCHEMA_CACHE)


def _snake(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()
