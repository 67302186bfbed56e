"""A Helm repository's index: what it offers, and whatever else a stranger may write there."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remediation.errors import Unusable
from remediation.gitops.helm_index import Offered, offers_of

INDEX = b"""\
apiVersion: v1
entries:
  api:
  - {version: 1.10, digest: "sha256:ab", urls: [api-1.10.tgz, mirror], created: 2026-01-01T00:00:00Z, maintainers: [{name: a}]}
  - version: 1.2.3
    urls: [https://x.example/api.tgz]
  - version: 9.9.9
  web: none
"""


def test_versions_stay_text_and_what_cannot_be_downloaded_is_left_out():
    """1.10 is not 1.1."""
    ten = Offered(version="1.10", url="api-1.10.tgz", digest="ab")
    other = Offered(version="1.2.3", url="https://x.example/api.tgz", digest="")
    assert offers_of(INDEX, "r") == {"api": (ten, other), "web": ()}


@pytest.mark.parametrize("index", [b"entries: [", b"[" * 200_000, b"- " * 200_000, b"\xff\xfe\xff", b"a: \x00"])
def test_what_is_no_index_is_said_to_be_none(index):
    """One that is nested without end does not break the process."""
    with pytest.raises(Unusable, match="index of r cannot be read"):
        offers_of(index, "r")


@given(st.binary(max_size=60) | st.text(alphabet="{}[]:-&*?!|> \nabentries", max_size=60).map(str.encode))
def test_any_bytes_are_an_index_or_unusable(index):
    """Nothing else is raised."""
    try:
        offers_of(index, "r")
    except Unusable:
        return
