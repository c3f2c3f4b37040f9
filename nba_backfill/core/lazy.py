"""Modules that take long to load and that few commands need, loaded when they are first used."""

from __future__ import annotations

import importlib
import sys
from importlib.util import find_spec
from types import ModuleType


class _Deferred(ModuleType):
    """Stands for a module until something in it is asked for."""

    def __getattr__(self, attribute: str) -> object:
        # Whoever looks through all modules (inspect, for one) asks each for its file.
        if attribute == "__file__":
            raise AttributeError(f"{self.__name__} is not loaded yet")
        if sys.modules.get(self.__name__) is self:
            del sys.modules[self.__name__]
        return getattr(importlib.import_module(self.__name__), attribute)


def load_when_used(*names: str) -> None:
    """Let ``import`` of some top-level modules cost nothing until something in them is asked for.

    For modules whose importers must stay as they are: what a model was fitted by is part of its
    name. Raises ModuleNotFoundError at once for a module that is not installed.
    """
    for name in names:
        if name in sys.modules:
            continue
        if (spec := find_spec(name)) is None:
            raise ModuleNotFoundError(f"{name} is not installed", name=name)
        sys.modules[name] = deferred = _Deferred(name)
        deferred.__spec__ = spec
