"""Words of failures on hostile lines: the time that a pattern takes, and words that only look like one."""

import re
import time
from itertools import chain

import pytest

from remediation.addressed import host_in, place_in
from remediation.findings.said import meaning, meanings
from remediation.findings.wordings import ORDER, WORDINGS
from remediation.findings.wordings.access import ACCESS
from remediation.findings.wordings.application import APPLICATION
from remediation.findings.wordings.limits import LIMITS
from remediation.findings.wordings.network import NETWORK
from remediation.findings.wordings.starting import STARTING
from remediation.findings.wordings.storage import STORAGE

_SHORT, _LONG = 2000, 4000  # characters; `meaning` reads no more of a line
_PIECES = ("timeout at ", "error connect to ", "failed to list ", "a.", "-a", "A_", "0", "/a", "host:80 ", "bind :80 ", "nc: ", "lookup x",
           "x", "connect to a:22 ", "server ", "config ", "Missing ", "[", '"a ', "a is forbidden ")  # fmt: skip
_NEGLIGIBLE = 0.01  # s


def test_each_kind_stands_once_and_has_its_place_in_the_order():
    """One that no place was given would be looked for in no line, and one that stands twice would lose half its words."""
    kinds = list(chain(ACCESS, APPLICATION, LIMITS, NETWORK, STARTING, STORAGE))

    assert sorted(kinds) == sorted(ORDER)
    assert len(set(kinds)) == len(kinds)


@pytest.mark.parametrize("kind", WORDINGS)
def test_a_hostile_line_costs_no_more_than_the_square_of_its_length(kind):
    """A log is a stranger's, and it is read on the loop that serves everybody: cubic growth is eightfold, a square's fourfold."""
    for wording in WORDINGS[kind]:
        unnamed = re.compile(re.sub(r"\(\?P<\w+>", "(", wording))
        for piece in _PIECES:
            if seconds(unnamed, piece, _LONG) > _NEGLIGIBLE:
                assert any(grows_as_a_square(unnamed, piece) for _ in range(5)), (wording, piece)


def grows_as_a_square(pattern, piece):
    """Whether it was so this time: a busy machine may slow the one measure and not the other, but not each time."""
    long = seconds(pattern, piece, _LONG)
    return long < 6 * seconds(pattern, piece, _SHORT) and long < 1


def seconds(pattern, piece, length):
    """The least of two tries: a busy machine is no fault of the pattern's."""
    text = (piece * (length // len(piece) + 1))[:length]
    taken = []
    for _ in range(2):
        began = time.process_time()
        pattern.search(text)
        taken.append(time.process_time() - began)
    return min(taken)


def test_a_size_is_a_full_queue_only_beside_the_word():
    """Log rotation and uploads have a greatest size, too."""
    full = meaning("ERROR dispatch: the queue has reached its max size 512")

    assert full is not None
    assert full.kind == "consumer_lag"
    assert meaning("ERROR log rotation: max size 100 MB") is None


def test_a_partner_is_named_however_far_the_words_stand_apart():
    """The bounds of a pattern leave room for what programs put between."""
    said = meaning("ERROR could not open a session for tenant 81 of the northern region: connection to ledger-db:5433 gave up")

    assert said is not None
    assert (said.kind, said.groups["host"], said.groups["port"]) == ("dependency_unreachable", "ledger-db", "5433")


def test_many_lines_mean_what_each_means_alone():
    """Words that none of them holds are looked for once, so what stands beside a line may not change what is found in it."""
    lines = ["dial tcp 10.0.0.7:5432: connect: connection refused", "Access denied for user 'bob'", "all is well", "panic: nil map",
             "Error: missing\u2028DB_URL", "Exception in main\nCaused by: java.net.UnknownHostException: stock"]  # fmt: skip

    assert meanings(lines) == [meaning(line) for line in lines]
    assert meanings([]) == []


@pytest.mark.parametrize(
    ("line", "places"),
    [
        ("call to dns:///reels.archive:9090 failed", [("reels.archive", 9090)]),
        ("DEADLINE_EXCEEDED after 4.9s. [remote_addr=reels/10.0.0.3:9090]", [("reels", 9090)]),
        ("HTTPConnectionPool(host='reels', port=8080): Read timed out.", [("reels", 8080)]),
        ("GET http://reels:8080/v1: EOF", [("reels", 8080)]),
        ("at reels.java:120", []),
    ],
)
def test_a_place_is_read_in_every_form_that_programs_print(line, places):
    """Of a name with the address that it stands for the name comes first."""
    assert set(places) <= set(place_in(line))
    assert list(place_in(line))[:1] == places[:1]


@pytest.mark.parametrize(
    ("line", "host"),
    [
        ("[503] during [GET] to [http://reels/v1/films] [Reels#list()]", "reels"), ("GET https://reels.front.svc/v1", "reels.front.svc"),
        ("GET http://reels:8080/v1", ""), ("http://me:secret@reels/v1", "reels"), ("no address here", ""),
    ],
)  # fmt: skip
def test_the_host_of_a_url_is_read_without_a_port(line, host):
    """One with a port is a place."""
    assert host_in(line) == host


@pytest.mark.parametrize("read", [lambda text: list(place_in(text)), host_in])
@pytest.mark.parametrize("piece", [*_PIECES, "http://a", "http://", "a@", "https://x.", "host='", "a/1.1.1.1:"])
def test_a_place_is_read_from_a_hostile_line_in_no_time(read, piece):
    """As of the wordings."""
    began = time.process_time()
    read((piece * _LONG)[:_LONG])

    assert time.process_time() - began < 1


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("ERROR http://reels/v1/films returned 502", "dependency_unreachable"), ("ERROR circuit breaker 'reels' is open", "dependency_unreachable"),
        ("ERROR reels.front.svc:8080: EOF", "dependency_unreachable"), ("WARN circuit breaker 'reels' is half-open", None),
        ("INFO http://reels/v1/films returned 200", None),
    ],
)  # fmt: skip
def test_a_partner_that_answers_with_an_error_is_one_that_is_not_reached(line, kind):
    """However the caller puts it."""
    said = meaning(line)

    assert (said and said.kind) == kind


@pytest.mark.parametrize(
    ("line", "kind"),
    [("rpc error: code = Unknown desc = Fail Feature Flag Enabled", "configuration_invalid"),
     ("GetOffers failed with UNAVAILABLE (feature_flag offerFailure is on)", "configuration_invalid"),
     ('error: code=Unavailable desc = "failed, for feature flag slowCart=true"', "configuration_invalid"),
     ("error: code=Unavailable desc = feature flag service down on node 3", "dependency_unreachable"),
     ("ERROR code=Unavailable desc = connection closed", "dependency_unreachable")],
)  # fmt: skip
def test_a_flag_that_is_on_is_told_however_it_is_written(line, kind):
    """Only one that is on: the service that keeps flags may be down as any other."""
    said = meaning(line)

    assert said is not None
    assert said.kind == kind


@pytest.mark.parametrize(
    ("line", "groups"),
    [("data directory was initialized by PostgreSQL version 13.4, which is not compatible with this version", {"version": "13.4"}),
     ("ModuleNotFoundError: No module named 'psycopg'", {"module": "psycopg"}), ("cannot run search as root", {})],
)  # fmt: skip
def test_what_a_line_names_is_called_what_it_is(line, groups):
    """A version is no database, a module no command, and a program no path."""
    said = meaning(line)

    assert said is not None
    assert said.groups == groups
