"""Folded incidents in memory: as many as they may be, and as much."""

import pytest

from memory import folded
from memory.folded import Folded, FoldedIncidents
from remediation.entries import PhaseBegan
from remediation.ports import Kept
from tests.remediation.made import NOW, an_incident


def a_folded(size):
    """An incident whose entries have so many characters."""
    newest = Kept(seq=1, at=NOW, entry=PhaseBegan(phase="settle"))
    return Folded(incident=an_incident(), size=size, key="k1", newest=newest)


def kept(*sizes):
    """Folded incidents of these sizes, under the heads 0, 1 and so on."""
    incidents = FoldedIncidents()
    for head, size in enumerate(sizes):
        incidents.keep(str(head), a_folded(size))
    return incidents


@pytest.mark.parametrize(
    ("sizes", "heads"),
    [((1, 1, 1), "012"), ((1, 1, 1, 1), "123"), ((6, 6), "1"), ((4, 4, 4), "12"), ((1, 99), "1"), ((99, 1), "1")],
)
def test_what_was_used_last_stays_within_the_bounds(monkeypatch, sizes, heads):
    """A thousand incidents with a megabyte of evidence each are read when they are needed; the newest is there always."""
    monkeypatch.setattr(folded, "_MOST", 3)
    monkeypatch.setattr(folded, "_MOST_CHARACTERS", 10)
    incidents = kept(*sizes)

    assert "".join(str(head) for head in range(len(sizes)) if incidents.get(str(head))) == heads


def test_what_is_asked_for_stays_longer(monkeypatch):
    """The incident that somebody reads again and again is read from the disk once."""
    monkeypatch.setattr(folded, "_MOST", 2)
    incidents = kept(1, 1)
    incidents.get("0")
    incidents.keep("2", a_folded(1))

    assert incidents.get("0")
    assert incidents.get("1") is None
