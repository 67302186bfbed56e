"""Documents are cut out of a text in which they follow what was printed."""

import time
from datetime import UTC, datetime

import pytest

from remediation.reading.seams import seamed
from remediation.reading.text import read

_NOW = datetime(2031, 5, 4, tzinfo=UTC)
_POD = ["apiVersion: v1", "kind: Pod", "metadata:", "  name: quill-5d8f", "", "spec: {}"]
_TABLE = ["NAME     READY   STATUS", "blot-0   1/1     Running"]
_JSON = ["{", '  "kind": "Pod",', '  "metadata": {"name": "rake-0"}', "}"]


@pytest.mark.parametrize("runs", [(_TABLE, _POD), (_POD, _TABLE), (_JSON, _TABLE), (_TABLE, _JSON, _POD, ["2031-05-04 boom"])])
def test_what_was_glued_together_is_taken_apart(runs):
    """In any order; an empty line within a manifest ends nothing."""
    assert seamed([line for run in runs for line in run]) == [*runs]


@pytest.mark.parametrize("lines", [_TABLE, _POD, ["starting", "kind of slow", "{", "no end"], ["Name: quill", "Labels:", "  kind: x"]])
def test_what_holds_no_document_beside_text_stays_whole(lines):
    """Brackets and words that only look like one, too."""
    assert seamed(lines) == [lines]


def test_each_part_is_read_in_its_own_form():
    """A table, a log below it, and a manifest."""
    text = "\n".join([*_TABLE, "", "2031-05-04T10:00:00Z ERROR no ink", *_POD])
    parts = read(text, "all.txt", _NOW)
    assert [part.kind for part in parts] == ["objects", "logs", "objects"]
    assert [thing["metadata"]["name"] for part in parts for _, thing in part.readings] == ["blot-0", "quill-5d8f"]
    assert parts[1].text == "2031-05-04T10:00:00Z ERROR no ink"


@pytest.mark.parametrize("line", ["{", "}", "kind: x", "["])
def test_a_hostile_text_is_taken_apart_in_no_time(line):
    """However many documents seem to begin in it."""
    began = time.process_time()
    seamed(["x", *[line] * 100_000])
    assert time.process_time() - began < 5
