"""The record's fixture, for this room."""

from tests.memory.opened import memory

__all__ = ["memory"]
