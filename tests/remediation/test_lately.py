"""An answer stands for as long as it was said to, and no longer."""

import time

import pytest

from remediation.lately import Lately


@pytest.fixture
def clock(monkeypatch):
    """Seconds that a test moves."""
    now = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    return now


def test_an_answer_stands_for_its_seconds(clock):
    """Counted from when it was heard last."""
    lately = Lately(10.0)
    assert lately.put("a", 1) == lately.get("a") == 1
    clock[0] += 6
    lately.put("a", 2)
    clock[0] += 6
    assert lately.get("a") == 2
    clock[0] += 4
    assert lately.get("a") is None


def test_what_nobody_asks_again_is_not_kept(clock):
    """Old answers go when any other is looked for."""
    lately = Lately(10.0)
    lately.put("a", object())
    clock[0] += 10
    assert lately.get("b") is None
    assert lately._heard == {}


def test_with_no_seconds_nothing_stands(clock):
    """Every question is asked."""
    lately = Lately(0.0)
    lately.put("a", 1)
    assert lately.get("a") is None


def test_what_is_taken_is_gone(clock):
    """It counts once."""
    lately = Lately(10.0)
    lately.put("a", 1)
    assert [lately.take("a"), lately.take("a")] == [1, None]
