"""Texts that nest without end are told before libyaml, which would end the process, reads them."""

import pytest

from remediation.errors import Unreadable, Unusable
from remediation.gitops.document import read
from remediation.nesting import DEEPEST, too_deep
from remediation.reading.documents import documents
from remediation.written import parse

DEEP = {
    "brackets": "a: " + "[" * 200_000,
    "braces": "a: " + "{a: " * 200_000,
    "dashes": "- " * 200_000 + "x",
    "spaces": "a:\n" + "".join(f"{' ' * n}a:\n" for n in range(2 * DEEPEST + 2)),
}


@pytest.mark.parametrize("text", DEEP.values(), ids=DEEP)
def test_what_nests_too_deep_is_refused_by_whoever_reads_yaml(text):
    """As an error of the text, everywhere."""
    with pytest.raises(Unreadable, match="too deeply"):
        read(text)
    with pytest.raises(Unusable, match="nests too deep"):
        parse(text, "suture.yaml")
    assert documents(text) == ()


def test_what_is_only_long_is_no_depth():
    """Thousands of brackets that close, items that follow each other, text with signs in it."""
    for text in ("[[], {}]\n" * 5_000, "- a\n" * 5_000, "a: '" + "] } " * 5_000 + "'", "x: |\n  " + "-".join(["- "] * 900)):
        assert not too_deep(text)
