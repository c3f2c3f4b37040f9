"""Documents as typed models: what every published JSON object has in common (spec 50, 2)."""

from __future__ import annotations

import json
import re
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict

_STAMP = re.compile(rb'\{\n  "\w+": "([0-9T:.+Z-]+)"')


class Part(BaseModel):
    """A part of a document: every key is there, nothing else is, and numbers are finite.

    Strict: a text is no number and 1 is no truth value. Missing figures are None, never absent. A
    key that is a word of Python's is declared with an underscore behind it (``pass_``).
    """

    model_config = ConfigDict(
        strict=True,
        extra="forbid",
        allow_inf_nan=False,
        frozen=True,
        alias_generator=lambda name: name.rstrip("_"),
        serialize_by_alias=True,
    )


class Nothing(Part):
    """An object without keys, where the contract wants one on days that have nothing to say."""


class Document(Part):
    """A whole document, without the moment it was generated, which is added when it is written.

    ``generated_key``: the name of that moment's key (live documents call it ``updated_at``).
    """

    generated_key: ClassVar[str] = "generated_at"

    def to_text(self) -> str:
        """Canonical JSON: keys in the model's order, 2 spaces, UTF-8 kept as it is."""
        return self.model_dump_json(indent=2)

    @classmethod
    def json_schema(cls, title: str) -> dict[str, Any]:
        """The JSON Schema of what is written, the moment of generation included."""
        schema = cls.model_json_schema(mode="serialization")
        moment = {"type": "string", "format": "date-time"}
        return schema | {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "title": title,
            "properties": {cls.generated_key: moment, **schema.get("properties", {})},
            "required": [cls.generated_key, *schema.get("required", [])],
        }


def stamped(text: str, key: str, moment: str) -> bytes:
    """A document as it is written: the moment of its generation first, then its own keys."""
    head = f"{{\n  {json.dumps(key)}: {json.dumps(moment)}"
    rest = text.removeprefix("{").lstrip()
    return f"{head},\n  {rest}".encode() if rest != "}" else f"{head}\n}}".encode()


def moment_of(content: bytes) -> str:
    """When a written document says it was generated; empty if it is none of ours."""
    said = _STAMP.match(content)
    return said[1].decode() if said else ""
