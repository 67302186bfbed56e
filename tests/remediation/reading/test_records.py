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


@pytest.mark.parametrize("text", ["", "{", "[[[[", "The State of things\nis fine", '{"size":"x"}', "STATUS", "|STATUS|\n", "A STATE\n"])
def test_what_says_of_nothing_how_it_is_holds_no_records(text):
    """Malformed, prose, or a header with nothing below it."""
    assert list(groups(text)) == []


@pytest.mark.parametrize("piece", ["A ", "A STATE\n", "| STATE |\n", "|", " ", "NAME STATE\n\n"])
def test_a_hostile_text_is_read_in_no_time(piece):
    """Anybody may have written it."""
    began = time.process_time()
    list(groups(piece * 50_000))

    assert time.process_time() - began < 2


def test_a_title_may_be_of_two_words_and_a_row_out_of_line():
    """Cells stand below their titles, else two blanks part them."""
    (group,) = groups("ID   Node Pool  State\na1   default    ready\nb2   a-very-long-pool  down\n")

    assert [(record.name, record.states) for record in group] == [("a1", {"State": "ready"}), ("b2", {"State": "down"})]


def test_health_may_be_a_number():
    """1 and 0, where the field is one of yes or no; another number is none."""
    (group,) = groups('[{"name":"a","health":1,"state":2},{"name":"b","health":0,"stateStr":"lost","lastHeartbeatMessage":"refused"}]')

    assert [record.states for record in group] == [{"health": "true"}, {"health": "false", "stateStr": "lost"}]
    assert group[1].said == "refused"
