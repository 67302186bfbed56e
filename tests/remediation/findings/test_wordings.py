"""Words of failures on hostile lines: the time that a pattern takes, and words that only look like one."""

import re
import time

import pytest

from remediation.findings.said import meaning, meanings
from remediation.findings.wordings import WORDINGS

_SHORT, _LONG = 2000, 4000  # characters; `meaning` reads no more of a line
_PIECES = ("timeout at ", "error connect to ", "failed to list ", "a.", "-a", "A_", "0", "/a", "host:80 ", "bind :80 ", "nc: ", "lookup x",
           "x", "connect to a:22 ", "server ", "config ", "Missing ", "[", '"a ', "a is forbidden ")  # fmt: skip
_NEGLIGIBLE = 0.01  # s


@pytest.mark.parametrize("kind", WORDINGS)
def test_a_hostile_line_costs_no_more_than_the_square_of_its_length(kind):
    """A log is a stranger's, and it is read on the loop that serves everybody: cubic growth is eightfold, a square's fourfold."""
    for wording in WORDINGS[kind]:
        unnamed = re.compile(re.sub(r"\(\?P<\w+>", "(", wording))
        for piece in _PIECES:
            if (long := seconds(unnamed, piece, _LONG)) > _NEGLIGIBLE:
                assert long < 6 * seconds(unnamed, piece, _SHORT), (wording, piece)
                assert long < 1, (wording, piece)


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
