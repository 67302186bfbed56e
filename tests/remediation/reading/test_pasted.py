"""Text with what a mail, a terminal or a wiki put around it."""

import pytest

from remediation.reading.pasted import plain

TABLE = "NAME    READY   STATUS\nweb-0   0/1     Pending"


@pytest.mark.parametrize("mark", ["> ", ">", "  ", "\t".expandtabs(8), "&gt; "])
def test_what_stands_before_each_line_is_taken_off(mark):
    """Columns stand where kubectl put them."""
    assert plain("\n".join(mark + line for line in TABLE.splitlines())) == TABLE


def test_the_frame_of_a_terminals_window_is_taken_off():
    """As k9s draws it."""
    framed = "\n".join(f"│ {line:<40} │" for line in TABLE.splitlines())

    assert plain(framed) == TABLE


def test_blanks_that_no_program_prints_become_such():
    """A browser copies them."""
    assert plain("NAME\u00a0 READY\u200b") == "NAME  READY"


@pytest.mark.parametrize(
    "text",
    [
        "a\n> b\n> c\n",
        "Name: web\n  Labels: a=b\n",
        "> kubectl get pods\nNAME READY\nweb-0 0/1\nweb-1 0/1\n",
        "  a: 1\nb: 2\n",
        "",
        "\n",
    ],
)
def test_what_only_some_lines_have_belongs_to_the_text(text):
    """A prompt, a nested key."""
    assert plain(text) == text
