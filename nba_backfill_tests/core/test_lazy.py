"""Modules that are loaded when something in them is asked for, and not before."""

from __future__ import annotations

import importlib
import inspect
import sys

import pytest

from nba_backfill.core.lazy import load_when_used


@pytest.fixture
def module(tmp_path, monkeypatch):
    """A package that is importable and not imported."""
    (tmp_path / "heavy").mkdir()
    (tmp_path / "heavy" / "__init__.py").write_text("from heavy.part import lift\nWEIGHT = 9\n")
    (tmp_path / "heavy" / "part.py").write_text("def lift():\n    return 'up'\n")
    monkeypatch.syspath_prepend(tmp_path)
    yield "heavy"
    for name in ("heavy", "heavy.part"):
        sys.modules.pop(name, None)


def is_loaded():
    return "heavy.part" in sys.modules


def test_importing_costs_nothing_and_using_loads(module):
    load_when_used(module)
    heavy = importlib.import_module(module)
    inspect.getmodule(is_loaded.__code__)  # which looks at the file of every module
    assert not is_loaded()
    assert heavy.WEIGHT == 9
    assert heavy.lift() == "up"
    assert is_loaded()
    assert importlib.import_module(module).WEIGHT == 9


def test_a_part_can_be_imported_first(module):
    load_when_used(module)
    assert importlib.import_module("heavy.part").lift() == "up"


def test_what_is_loaded_already_stays(module):
    loaded = importlib.import_module(module)
    load_when_used(module)
    assert importlib.import_module(module) is loaded


def test_a_module_that_is_not_installed_is_missed_at_once():
    with pytest.raises(ModuleNotFoundError, match="no_such_module is not installed"):
        load_when_used("no_such_module")


def test_a_name_it_does_not_have_is_no_attribute(module):
    load_when_used(module)
    assert not hasattr(importlib.import_module(module), "LENGTH")
