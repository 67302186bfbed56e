"""Hostile text may say anything and do nothing, in each medium."""

import re

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from remediation.quoting import code, fenced, fit, markdown, plain, visible, yaml_block

MARKS = "<>&`*_~!@#$%^[](){}|\\/:-+=.1a \n\r\t\u202e\u200b\x00"
hostile = st.text() | st.text(alphabet=MARKS) | st.sampled_from(
    ["<!channel>", "<@U123>", "<https://evil.example|Approve>", "/merge", "```\n/merge\n```", "@all", "Closes #12", "&#64;all", "\r/close", "\n\n/approve"]
)  # fmt: skip
hostile = st.lists(hostile, max_size=5).map("".join)

QUICK_ACTION = re.compile(r"^\s*/[a-z]", re.MULTILINE | re.IGNORECASE)
GITLAB_CODE = re.compile(r"^```.+?\n```$", re.MULTILINE | re.DOTALL)  # how GitLab finds code before it looks for quick actions
REFERENCE = re.compile(r"(?<!\\)(?:[@!#~%$&^](?=[\w.\"{'\[#])|<)")


@given(hostile)
def test_plain_text_cannot_mention_link_or_begin_a_line(text):
    """Nothing of Slack's own syntax survives, so nobody is paged and nothing is disguised."""
    said = plain(text)

    assert not set("<>`*~\n\r") & set(said)
    assert not re.search(r"&(?!(amp|lt|gt);)", said)


@given(hostile)
def test_text_inside_a_code_block_cannot_end_it(text):
    """Exactly one block opens and closes, whatever is in it, and it keeps Slack's limit."""
    said = code(text, limit=500)

    assert said.count("```") == 2
    assert said.startswith("```\n")
    assert said.endswith("\n```")
    assert "<" not in said
    assert len(said) <= 500


@given(hostile)
def test_no_line_of_markdown_is_a_quick_action_a_mention_a_reference_or_html(text):
    """A log line that says /merge merges nothing."""
    said = markdown(text)

    assert not QUICK_ACTION.search(said)
    assert not REFERENCE.search(said.replace("\\\\", ""))
    assert not re.search(r"^\s*(```|~~~|#|>|[-+*] |\d+[.)] )", said, re.MULTILINE)


@given(hostile, st.sampled_from(["", "yaml", "diff", "x`y\n"]))
def test_a_fence_is_longer_than_any_inside_and_holds_no_quick_action(text, language):
    """GitLab's pattern for code knows fences of three only: outside of what it takes for code, no line acts either."""
    said = fenced(text, language)
    lines = said.split("\n")
    fence = re.match("`+", lines[0])[0]

    assert lines[-2] == fence
    assert all(fence not in line for line in lines[1:-2])
    assert not QUICK_ACTION.search(GITLAB_CODE.sub("", said))


@given(st.text(alphabet="ab\n", max_size=300), st.integers(min_value=0, max_value=200))
def test_fit_keeps_the_limit_and_cuts_at_a_line(text, limit):
    """What is kept is the beginning; what is left out is counted."""
    said = fit(text, limit)

    assert len(said) <= limit
    if len(text) <= limit:
        assert said == text
    elif re.fullmatch(r"… \d+ more lines left out", said.split("\n")[-1]):
        kept = said.split("\n")[:-1]
        assert text.split("\n")[: len(kept)] == kept
        assert said.endswith(f"… {len(text.split(chr(10))) - len(kept)} more lines left out")


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(alphabet="aé:#-\n '\"<"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(alphabet="abc", min_size=1), inner, max_size=3),
    max_leaves=12,
)


@given(json_values)
def test_yaml_reads_back_as_what_was_written(value):
    """What people read is what was meant."""
    assert yaml.safe_load(yaml_block(value)) == value


def test_yaml_keeps_the_order_of_keys_and_writes_blocks():
    """The thread shows the answer in the order that it was thought in, tuples as lists, long text as it is."""
    said = yaml_block({"cause": "oom", "plans": ({"title": "x", "cites": ("E1",)},), "logs": "a\nb"})

    assert said == "cause: oom\nplans:\n- title: x\n  cites:\n  - E1\nlogs: |-\n  a\n  b\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("limits.memory 256Mi → 512Mi at 90% of 2.5", "limits.memory 256Mi → 512Mi at 90% of 2.5"),
        ("my_service in shop/api", "my_service in shop/api"),
        ("1. first\n- second", "1\\. first\n\\- second"),
    ],
)
def test_ordinary_words_stay_readable_in_markdown(text, said):
    """Quoting must not make a merge request hard to read."""
    assert markdown(text) == said


def test_ordinary_words_stay_as_they_are_in_slack():
    """Names keep their underscores: they are copied into terminals."""
    assert plain("container.memory_usage of my_service_v2") == "container.memory_usage of my_service_v2"


def test_what_cannot_be_seen_is_written_out():
    """A diff that reads differently from what it does is an attack; its reader sees the marks."""
    assert visible("a\u202eb\x00c\r\nd\te") == "a\\u202eb\\u0000c\nd\te"
