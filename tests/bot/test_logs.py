"""No secret in any line of the log."""

import json

import pytest
import structlog

from bot import logs


@pytest.mark.parametrize(
    "value",
    [
        "token=glpat-abcdefghij0123456789",
        {"headers": {"PRIVATE-TOKEN": "glpat-abcdefghij0123456789"}},
        ["curl", ("--token", "glpat-abcdefghij0123456789")],
        ValueError("glpat-abcdefghij0123456789 is wrong"),
    ],
    ids=["text", "mapping", "list", "error"],
)
def test_a_secret_is_masked_however_deep_it_stands(value):
    """In text, in what holds text, and in what is only written as text."""
    event = logs._masked(None, "info", {"event": "asked", "what": value, "_record": value})

    line = structlog.processors.JSONRenderer()(None, "info", {name: said for name, said in event.items() if name != "_record"})
    assert "glpat-" not in line
    assert json.loads(line)["event"] == "asked"
    assert event["_record"] is value


def test_numbers_stay_numbers():
    """And nothing stays nothing."""
    event = {"event": "x", "count": 3, "share": 0.5, "done": True, "by": None}

    assert logs._masked(None, "info", dict(event)) == event
