"""No secret in any line of the log."""

import json
import logging

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


@pytest.fixture
def configured():
    """The engine's logger as the process has it, and afterwards as it was."""
    root, engine = logging.getLogger(), logging.getLogger("dbos")
    before = engine.handlers[:], engine.propagate, engine.level, root.level
    held, root.handlers[:] = root.handlers[:], []  # else they are closed, and are pytest's own
    logs.configure()
    root.handlers[:] = held
    yield engine
    engine.handlers[:], engine.propagate = before[:2]
    engine.setLevel(before[2])
    root.setLevel(before[3])
    structlog.reset_defaults()


def test_a_step_that_is_tried_again_is_one_line(configured):
    """The engine logs each attempt with its traceback through a handler of its own, in which no log shipper finds a line."""
    handler, *_ = configured.handlers  # and those that pytest adds
    error = TimeoutError("Kubernetes did not answer in 8 s.")
    raised = (TimeoutError, error, None)

    lines = [
        handler.format(configured.makeRecord("dbos", level, "engine.py", 1, said, (), raised))
        for level, said in (
            (logging.WARNING, "Step being automatically retried (attempt 1 of 3)"),
            (logging.ERROR, "Exception encountered:"),
        )
    ]

    assert "\n" not in "".join(lines)
    retried, failed = map(json.loads, lines)
    assert retried["error"] == "Kubernetes did not answer in 8 s."
    assert "exception" not in retried
    assert "TimeoutError: Kubernetes" in failed["exception"]
    assert not configured.propagate
