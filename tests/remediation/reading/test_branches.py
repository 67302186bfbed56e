"""What a description says, as a tree of its keys."""

import re

from hypothesis import given
from hypothesis import strategies as st

from remediation.reading.branches import tree

KEY = re.compile(r"(?P<key>[^\s:][^:]*?):(?: +(?P<value>\S.*?))?\s*")


@given(st.text(alphabet="aB:-/ \t\u00a0", min_size=1, max_size=12).filter(lambda text: text.strip() and text[0] != " "))
def test_a_line_has_a_key_where_a_colon_ends_it_or_blanks_follow(line):
    """`Port:  8080` and `Events:`; not `http://host`."""
    match = KEY.fullmatch(line)

    assert {key: branch.value for key, branch in tree([line]).keys.items()} == (
        {match["key"].strip(): match["value"] or ""} if match else {}
    )


def test_what_stands_twice_counts_once_and_lines_belong_to_all_above_them():
    """As a description of two containers shows its sections."""
    root = tree(["Containers:", "  api:", "    Port:  80", "    Port:  81", "Events:  <none>"])

    assert root.below("Containers").below("api").get("Port") == "80"
    assert root.below("Containers").lines == ["  api:", "    Port:  80", "    Port:  81"]
    assert root.get("Events") == ""
