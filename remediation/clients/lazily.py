"""SDKs are imported when they are first needed: at start they would cost seconds and memory that most runs never ask for."""

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from threading import RLock
from types import ModuleType
from typing import Any

_ONE_AT_A_TIME = RLock()


def imported(name: str) -> ModuleType:
    """The module. Takes up to a second: call it off the loop. Two threads that import one package at once may see it half made."""
    with _ONE_AT_A_TIME:
        known = name in sys.modules
        module = import_module(name)
        if not known:
            gc.freeze()  # an SDK is a hundred thousand objects that stay: each look at them by the collector takes tens of milliseconds
        return module


def postpone(*names: str) -> None:
    """Others may import these modules without running them; the first look at one runs it. names: a package before its modules."""
    for name in names:
        if name not in sys.modules:
            package, _, own = name.rpartition(".")
            sys.modules[name] = _Postponed(name)
            if package:
                setattr(sys.modules[package], own, sys.modules[name])


@contextmanager
def absent(name: str) -> Iterator[None]:
    """Inside, a package looks as if it were not installed, to whoever would take it along if it can; one that runs already stays."""
    if name in sys.modules:
        yield
        return
    sys.modules[name] = None  # type: ignore[assignment]  # the import system: there is no such module
    try:
        yield
    finally:
        del sys.modules[name]


@contextmanager
def named_only(name: str) -> Iterator[None]:
    """Inside, a module may be imported and what is in it named, as annotations do, without running it; one that runs already stays.

    Who imported it inside can use nothing of it, ever; who imports it afterwards gets the real one.
    """
    if name in sys.modules:
        yield
        return
    sys.modules[name] = _Named(name)
    try:
        yield
    finally:
        del sys.modules[name]


class _Nothing:
    """What annotations name: nothing is one."""

    def __class_getitem__(cls, _: object) -> type["_Nothing"]:
        return cls


class _Named(ModuleType):
    """Stands in for a module of which nothing is used."""

    def __getattr__(self, attribute: str) -> Any:
        if attribute.startswith("__"):
            raise AttributeError(attribute)
        return _Nothing


class _Postponed(ModuleType):
    """Stands in for a module. Whoever imported it keeps it, and reads the real one through it."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.__path__ = []  # a package to the import system

    def __getattr__(self, attribute: str) -> Any:
        if attribute.startswith("__"):
            raise AttributeError(attribute)
        return getattr(_real(self.__name__), attribute)


def _real(name: str) -> ModuleType:
    with _ONE_AT_A_TIME:
        package = name.partition(".")[0]
        for standing in [known for known in sys.modules if known == package or known.startswith(f"{package}.")]:
            if isinstance(sys.modules[standing], _Postponed):
                del sys.modules[standing]
        return import_module(name)
