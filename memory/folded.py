"""Folded incidents that are kept in memory: those that were used last, up to so many and so much."""

import threading
from collections import OrderedDict
from dataclasses import dataclass

from remediation.entries import Incident
from remediation.ports import Kept

_MOST = 128
_MOST_CHARACTERS = 16_000_000  # of their entries together, which take about four times as much once they are read


@dataclass(frozen=True, kw_only=True)
class Folded:
    """An incident, and how many characters its entries have. key, newest: of its last entry, which is read again most often."""

    incident: Incident
    size: int
    key: str
    newest: Kept


class FoldedIncidents:
    """By the hash of the last entry. The writer's thread and every reader's may ask at once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._folded: OrderedDict[str, Folded] = OrderedDict()
        self._size = 0

    def get(self, head: str) -> Folded | None:
        """The incident whose last entry has this hash, if it is kept."""
        with self._lock:
            folded = self._folded.get(head)
            if folded is not None:
                self._folded.move_to_end(head)
            return folded

    def keep(self, head: str, folded: Folded) -> None:
        """Keep it for a while; one that is larger than all may be together is kept until the next."""
        with self._lock:
            replaced = self._folded.pop(head, None)
            self._folded[head] = folded
            self._size += folded.size - (replaced.size if replaced else 0)
            while len(self._folded) > 1 and (len(self._folded) > _MOST or self._size > _MOST_CHARACTERS):
                self._size -= self._folded.popitem(last=False)[1].size
