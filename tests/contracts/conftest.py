"""The record's fixture, for the contracts of the ports that it fulfils."""

from tests.memory.opened import memory

__all__ = ["memory"]
