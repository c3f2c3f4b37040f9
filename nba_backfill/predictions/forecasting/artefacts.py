"""Model files: one archive per model and content, with its facts and a picture of its inputs."""

from __future__ import annotations

import io
import json
import zipfile
import zlib
from collections.abc import Mapping, Sequence

import numpy as np

from nba_backfill.warehouse.files import FileStore

ARCHIVE_TYPE = "application/zip"
FACTS, IMPORTANCE = "facts.json", "importance.png"
EPOCH = (1980, 1, 1, 0, 0, 0)
"""Time stamp of every archive member: equal content is an equal file."""

INPUTS_SHOWN = 20


def pack(members: Mapping[str, bytes]) -> bytes:
    """Files by name as one archive."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, member in sorted(members.items()):
            archive.writestr(zipfile.ZipInfo(name, EPOCH), member)
    return content.getvalue()


def members_of(files: FileStore, name: str) -> dict[str, bytes] | None:
    """The files of a stored archive; None if it is missing, none, or a checksum is wrong."""
    content = files.read(name)
    if content is None:
        return None
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return {member: archive.read(member) for member in archive.namelist()}
    except (zipfile.BadZipFile, zlib.error):
        return None


def facts_of(members: Mapping[str, bytes]) -> dict:
    """What was written down when the model was fitted."""
    return json.loads(members[FACTS])


def importance_picture(title: str, names: Sequence[str], importance: np.ndarray) -> bytes:
    """A bar per input, the most important ones, as shares of the whole; PNG."""
    from matplotlib.figure import Figure  # noqa: PLC0415 - slow to load, and rarely drawn with

    shares = 100 * importance / max(float(importance.sum()), 1e-9)
    top = np.argsort(shares)[::-1][:INPUTS_SHOWN][::-1]
    figure = Figure(figsize=(7, 5.2), dpi=80, layout="constrained")
    axes = figure.add_subplot()
    axes.barh([names[n] for n in top], shares[top], color="#3b6ea8")
    axes.set_xlabel("share of importance, percent")
    axes.set_title(title, fontsize=10)
    axes.tick_params(labelsize=8)
    axes.spines[["top", "right"]].set_visible(False)
    drawn = io.BytesIO()
    figure.savefig(drawn, format="png")
    return drawn.getvalue()
