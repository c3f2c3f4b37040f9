"""requirements.lock and pyproject.toml ask for the same packages, whichever tool installs them."""

import re
import tomllib
from itertools import chain

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from nba_backfill_tests.conftest import PROJECT

LOCK = (PROJECT / "requirements.lock").read_text().split()
DECLARED = tomllib.loads((PROJECT / "pyproject.toml").read_text())


def pins():
    return {canonicalize_name(name): version for name, version in (p.split("==") for p in LOCK)}


def test_every_line_of_the_lock_is_a_name_and_a_version():
    assert [
        line for line in LOCK if not re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9._+!]+", line)
    ] == []
    assert len(pins()) == len(LOCK)


def test_every_requirement_is_pinned_to_a_version_that_it_allows():
    project = DECLARED["project"]
    asked = [*project["dependencies"], *chain(*project["optional-dependencies"].values())]
    wrong = [
        text
        for text in asked
        if (one := Requirement(text))
        and not one.specifier.contains(pins().get(canonicalize_name(one.name), "0"))
    ]
    assert wrong == []


def test_uv_is_held_to_the_lock():
    assert DECLARED["tool"]["uv"]["constraint-dependencies"] == LOCK
