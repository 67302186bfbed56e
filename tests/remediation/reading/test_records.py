"""Records of tools that nobody knows, in JSON and in tables."""

import time

import pytest

from remediation.reading.records import groups

BOXED = """\
+-------+----------+
| Depot | Status   |
+-------+----------+
| north | in sync  |
| south | diverged |
+-------+----------+
"""
ALIGNED = """\
some words before it

DEPOT   STATE     ROLE
north   SERVING   primary
south   WEDGED    replica
"""


@pytest.mark.parametrize(
    ("text", "records"),
    [
        (BOXED, [("north", {"Status": "in sync"}), ("south", {"Status": "diverged"})]),
        (ALIGNED, [("north", {"STATE": "SERVING"}), ("south", {"STATE": "WEDGED"})]),
        ('[{"depot":"north","up":3,"ready":true},{"depot":"south","ready":false}]', [("north", {"ready": "true"}), ("south", {"ready": "false"})]),
        ('{"depots":{"north":{"healthStatus":"fine"},"south":{"healthStatus":"odd"}}}', [("north", {"healthStatus": "fine"}), ("south", {"healthStatus": "odd"})]),
        ('{"name":"north","phase":"A"}\n{"name":"south","phase":"B"}', [("north", {"phase": "A"}), ("south", {"phase": "B"})]),
    ],
)  # fmt: skip
def test_records_stand_side_by_side_whatever_the_tool(text, records):
    """By their names, with what says how each is."""
    (group,) = groups(text)

    assert [(record.name, record.states) for record in group] == records


def test_an_error_that_says_nothing_is_none():
    """Null, none and an empty text are what tools write where nothing went wrong."""
    (group,) = groups('[{"id":"a","state":"x","lastError":"none"},{"id":"b","state":"x","last_error":"gone"},{"id":"c","state":"x","error":null}]')

    assert [record.error for record in group] == ["", "gone", ""]


@pytest.mark.parametrize("text", ["", "{", "[[[[", "The State of things\nis fine", '{"status":"x"}', "STATUS", "|STATUS|\n", "A STATE\n"])
def test_what_holds_no_two_records_holds_none(text):
    """One thing alone has nothing to be unlike."""
    assert list(groups(text)) == []


@pytest.mark.parametrize("piece", ["A ", "A STATE\n", "| STATE |\n", "|", " ", "NAME STATE\n\n"])
def test_a_hostile_text_is_read_in_no_time(piece):
    """Anybody may have written it."""
    began = time.process_time()
    list(groups(piece * 50_000))

    assert time.process_time() - began < 2
