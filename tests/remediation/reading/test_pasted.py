"""Text with what a mail, a terminal or a wiki put around it."""

import pytest

from remediation.reading.pasted import plain

TABLE = "NAME    READY   STATUS\nweb-0   0/1     Pending"

YAML = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: tide"


@pytest.mark.parametrize("mark", ["> ", ">", "  ", "\t".expandtabs(8), "&gt; "])
def test_what_stands_before_each_line_is_taken_off(mark):
    """Columns stand where kubectl put them."""
    assert plain("\n".join(mark + line for line in TABLE.splitlines())) == TABLE


def test_the_frame_of_a_terminals_window_is_taken_off():
    """As k9s draws it."""
    framed = "\n".join(f"│ {line:<40} │" for line in TABLE.splitlines())

    assert plain(framed) == TABLE


def test_colours_and_links_of_a_terminal_are_taken_off():
    """They would stand between the columns of a table, and in the words that are looked for."""
    assert (
        plain("\x1b[1mNAME\x1b[0m   \x1b[31mSTATUS\x1b[m\nquill  \x1b]8;;https://x\x07Error\x1b]8;;\x07\n")
        == "NAME   STATUS\nquill  Error\n"
    )


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


@pytest.mark.parametrize("numbered", ["{:>6}\t{}", "{} {}", "{:>3} | {}", "{}: {}"])
def test_numbers_of_lines_are_taken_off(numbered):
    """As `cat -n`, pagers and editors show them."""
    assert plain("\n".join(numbered.format(at, line) for at, line in enumerate(YAML.splitlines(), 9))) == YAML


def test_what_a_diff_adds_is_a_file():
    """Each begins a document."""
    head = "diff --git a/f b/f\nnew file mode 100644\nindex 0000000..e69de29\n--- /dev/null\n+++ b/f\n@@ -0,0 +1,4 @@\n"
    added = "\n".join(f"+{line}" for line in YAML.splitlines())

    assert plain(f"{head}{added}\n{head}{added}") == f"---\n{YAML}\n---\n{YAML}"
    assert plain(added) == YAML


@pytest.mark.parametrize(
    "text",
    [
        "--- a/f\n+++ b/f\n@@ -1,3 +1,3 @@\n kind: Pod\n-a: b\n+a: c\n",
        "+ kubectl apply -f f\n+ sleep 5\n",
        "1 pod\n3 pods\n4 pods\n",
        "1\n2\n3\n",
    ],
)
def test_what_changes_or_counts_stays_as_it_is(text):
    """A change is no whole object, a trace of a shell no diff, a count no line's number."""
    assert plain(text) == text
