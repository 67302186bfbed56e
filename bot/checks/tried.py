"""What trying a system came to: fine, absent with what is lost, or wrong with how to cure it."""

from dataclasses import dataclass
from typing import Literal

from remediation.errors import RemediationError

State = Literal["fine", "absent", "wrong"]


@dataclass(frozen=True, kw_only=True)
class Tried:
    """One line. what: a sentence about it.  what_to_do: the cure, empty where nothing is wrong."""

    system: str
    state: State
    what: str
    what_to_do: str = ""


def fine(system: str, what: str) -> Tried:
    """It works, and how we know."""
    return Tried(system=system, state="fine", what=what)


def absent(system: str, lost: str) -> Tried:
    """It is not configured, and what is lost without it."""
    return Tried(system=system, state="absent", what=lost)


def wrong(system: str, what: str, what_to_do: str) -> Tried:
    """It does not work as it is."""
    return Tried(system=system, state="wrong", what=what, what_to_do=what_to_do)


def failed(system: str, failure: RemediationError) -> Tried:
    """It answered with an error, which says both."""
    return wrong(system, failure.what, failure.what_to_do)
