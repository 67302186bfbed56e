"""SDKs are imported at their first call, one at a time: two threads that import the same package at once may see it half made."""

from importlib import import_module
from threading import Lock
from types import ModuleType

_ONE_AT_A_TIME = Lock()


def imported(name: str) -> ModuleType:
    """The module. Takes up to a second: call it off the loop."""
    with _ONE_AT_A_TIME:
        return import_module(name)
